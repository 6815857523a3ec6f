"""Where the pixels of an EDF file lie, for those who want the bytes instead of the values.

fabio reads the file; its frames know where they begin. Only frames whose bytes are the values are
told: not compressed, not in another file, in the byte order of this machine.
Source: the ESRF data format, as fabio 2024 to 2026 reads it.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from nxtool.sources.model import Extent

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

_ORDER: Final = {"little": "lowbytefirst", "big": "highbytefirst"}
_ELSEWHERE: Final = ("edf_binaryfilename", "edf_binaryfileposition")


def edf_extents(path: Path, image: Any, frame: np.ndarray[Any, Any]) -> tuple[Extent, ...]:
    """The bytes of all frames, each like `frame`; empty where they are not the values."""
    if type(image).__name__ != "EdfImage" or not _is_plain_file(path):
        return ()
    found = []
    for number in range(image.nframes):
        one = image.get_frame(number)
        start = getattr(one, "start", None)
        if not isinstance(start, int) or not _is_plain(one.header, frame.dtype.itemsize):
            return ()
        found.append(Extent(path.absolute(), start, frame.nbytes))
    return tuple(found)


def _is_plain_file(path: Path) -> bool:
    """False where fabio unpacks the file first."""
    with path.open("rb") as stream:
        return stream.read(64).lstrip().startswith(b"{")


def _is_plain(header: Any, itemsize: int) -> bool:
    words = {str(key).lower(): str(value).lower() for key, value in header.items()}
    compressed = any("compression" in key and value != "none" for key, value in words.items())
    if compressed or any(word in words for word in _ELSEWHERE):
        return False
    return itemsize == 1 or words.get("byteorder") == _ORDER[sys.byteorder]
