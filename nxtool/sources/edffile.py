"""EDF files of the ESRF: one frame or several, read at their offset in the file.

One frame is the array its header states, more get an axis in front. Header keys are `#count_time`,
one value a frame, numbers where all are. Compressed files go to fabio (extra `images`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nxtool.sources.edfheader import Packed, read_header, read_layout
from nxtool.sources.frames import FrameArray
from nxtool.sources.images import ImageFile
from nxtool.sources.lookup import check_options, unknown
from nxtool.sources.memory import MemoryArray, parsed, per_frame

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from nxtool.sources.edfheader import EdfLayout
    from nxtool.sources.model import OpenFile, Reader, SourceArray


def opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open EDF files; there are no options."""
    check_options("edf", options, ())
    return _open


def _open(path: Path) -> Reader:
    try:
        return EdfFile(path, read_layout(path))
    except Packed as reason:
        return ImageFile(path, str(reason))


class EdfFile:
    """A `Reader` of one EDF file whose layout is known; it holds nothing open."""

    def __init__(self, path: Path, layout: EdfLayout) -> None:
        self._path = path
        self._layout = layout

    def close(self) -> None:
        """Do nothing: the file is opened for every read."""

    def keys(self) -> Iterator[str]:
        """The header keys of the first frame."""
        yield from (f"#{key}" for key in read_header(self._path, self._layout.headers[0]))

    def array(self, selector: str = "") -> SourceArray:
        """The frames, or with `#` a header value, one a frame."""
        layout = self._layout
        if not selector:
            return FrameArray(self._path, layout.shape, layout.dtype, layout.pixels)
        key = selector.removeprefix("#")
        headers = [read_header(self._path, place) for place in layout.headers]
        if any(key not in header for header in headers):
            raise unknown(self._path, "header key", selector, self.keys())
        return MemoryArray(per_frame(parsed([header[key] for header in headers])))
