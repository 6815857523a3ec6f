"""SIF files of Andor cameras through the package sif-parser (extra `spectra`).

The data are the frames, float32 and mapped where they lie; one frame is a 2-D array. `x` is the
wavelength of the columns, where the file has its calibration; `#ExposureTime` … are header keys.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np

from nxtool.sources.mapped import MappedArray
from nxtool.sources.memory import MemoryArray
from nxtool.sources.spectra import Arrays, header_arrays, spectrum_opener

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nxtool.sources.model import OpenFile


def opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open SIF files; there are no options."""
    return spectrum_opener("sif", options, "sif_parser", _arrays)


class _Strict(io.BufferedReader):
    """A file whose end is an error to meet: sif-parser would wait for more for ever."""

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        if not found and size:
            raise EOFError("the file ends within its header")
        return found

    def readline(self, size: int | None = -1, /) -> bytes:
        found = super().readline(-1 if size is None else size)
        if not found:
            raise EOFError("the file ends within its header")
        return found


def _arrays(path: Path, library: Any) -> Arrays:
    with _Strict(io.FileIO(path)) as stream:
        values, header = library.np_open(stream, lazy="memmap")
    frames = values[0] if len(values) == 1 else values
    yield "", MappedArray(path, frames, int(header["offset"]))
    polynomial = header.get("Calibration_data")
    if isinstance(polynomial, list) and any(polynomial[1:]):
        pixels = np.arange(1, values.shape[-1] + 1)
        yield "x", MemoryArray(np.polynomial.polynomial.polyval(pixels, polynomial))
    yield from header_arrays(header)
