"""OPUS files of Bruker spectrometers through the package brukeropus (extra `spectra`).

A spectrum goes by its short name in OPUS: `a` (absorbance), `sm` (sample), `igsm` … with its axis
under `a:x` and what is told of it under `a:#dxu`. Parameters of the measurement are `#snm` ….
Series of spectra are not read.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.sources.memory import MemoryArray
from nxtool.sources.spectra import Arrays, header_arrays, spectrum_opener

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nxtool.sources.model import OpenFile

MAGIC: Final = b"\n\n\xfe\xfe"
_HISTORY: Final = 1 << 19
"""The type of a block of parameters that does not say so otherwise."""


def opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open OPUS files; there are no options."""
    return spectrum_opener("opus", options, "brukeropus", _arrays)


def _arrays(path: Path, library: Any) -> Arrays:
    _check_blocks(path.read_bytes())
    file = library.read_opus(str(path))
    if file.parse_error_blocks or file.unmatched_data_blocks or not file.data_keys:
        raise ValueError("its spectra are damaged, or there is none")
    for key in file.data_keys:
        spectrum = getattr(file, key)
        yield key, MemoryArray(np.asarray(spectrum.y))
        yield f"{key}:x", MemoryArray(np.asarray(spectrum.x))
        for name, array in header_arrays(dict(spectrum.params.items())):
            yield f"{key}:{name}", array
    yield from header_arrays(dict(file.params.items()))


def _check_blocks(content: bytes) -> None:
    """See that all blocks lie in the file, and that their parameters come to an end.

    Raises:
        ValueError: they do not; brukeropus would take half a block, or read for ever.
    """
    if content[:4] != MAGIC:
        raise ValueError("it is no OPUS file")
    start, most = struct.unpack_from("<ii", content, 12)
    table = content[start : start + 12 * max(0, most)]
    for kind, words, offset in struct.iter_unpack("<Iii", table[: len(table) // 12 * 12]):
        if offset <= 0:
            return
        if words < 0 or offset + 4 * words > len(content):
            raise ValueError(f"a block should end at byte {offset + 4 * words}")
        if kind >> 4 & 63 or kind == _HISTORY:
            _check_parameters(content[offset : offset + 4 * words])


def _check_parameters(block: bytes) -> None:
    place = 0
    while place + 8 <= len(block) and block[place : place + 3] != b"END":
        (size,) = struct.unpack_from("<h", block, place + 6)
        if size < 0:
            raise ValueError("a parameter has a negative size")
        place += 8 + 2 * size
