"""JCAMP-DX files through the package jcamp (extra `spectra`).

The data are the spectrum, `x` its axis, with the units the file states; `#title`, `#npoints` … are
header keys. Of a file with several spectra each goes by its number: `1`, `1:x`, `1:#title`. A
spectrum with fewer points than the file states is refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.sources.memory import MemoryArray
from nxtool.sources.spectra import Arrays, header_arrays, spectrum_opener
from nxtool.sources.textlines import TextLines

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nxtool.sources.model import OpenFile

_POINTS: Final = 20_000_000
"""How many points a file may have."""

_STATED: Final = re.compile(r"##\s*NPOINTS\s*=\s*([^\s$]+)", re.IGNORECASE)
_REPEATED: Final = re.compile(r"[S-Zs]([0-9]{2,})")


def opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open JCAMP-DX files; there are no options."""
    return spectrum_opener("jcamp", options, "jcamp", _arrays)


def _arrays(path: Path, library: Any) -> Arrays:
    _check_points(path)
    with path.open("rb") as stream:
        found = library.read(stream)
    blocks = found.get("children", [])
    for number, block in enumerate(blocks, start=1):
        for name, array in _block_arrays(block):
            yield (f"{number}:{name}" if name else str(number)), array
    if not blocks:
        yield from _block_arrays(found)


def _block_arrays(block: Mapping[str, Any]) -> Arrays:
    x, y = np.array(block["x"]), np.array(block["y"])
    due = block.get("npoints", len(y))
    if not len(y) or not len(x) == len(y) == due:
        raise ValueError(f"the spectrum has {len(y)} of {due} points")
    if "end" not in block:
        raise ValueError(f"the spectrum has {len(y)} of {due} points, and no end")
    units = {key: block.get(key) for key in ("xunits", "yunits")}
    texts = {key: unit if isinstance(unit, str) else None for key, unit in units.items()}
    yield "", MemoryArray(y, texts["yunits"])
    yield "x", MemoryArray(x, texts["xunits"])
    yield from header_arrays({key: one for key, one in block.items() if key not in ("x", "y")})


def _check_points(path: Path) -> None:
    """Count the points that the header states and that repeats in packed data would make."""
    count = 0.0
    for line in TextLines(path):
        stated = _STATED.match(line)
        if stated:
            count += float(stated[1])
        elif not line.startswith("##"):
            count += sum(float(number) for number in _REPEATED.findall(line))
        if not count <= _POINTS:
            raise ValueError(f"it claims more than {_POINTS} points")
