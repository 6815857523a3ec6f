"""TIFF files: grey images, one or more pages, read at their offset in the file.

Uncompressed pages of 8 to 64 bits in strips, little or big endian, classic and BigTIFF, are read
here; what is compressed, tiled or in colour goes to tifffile (extra `images`). All pages count,
never only the first: one page is a 2-D array, more are 3-D. Tags are header keys: `#DateTime`,
`#Model`, `#65001`, one value a page. Source: TIFF 6.0 (Adobe, 1992) and its BigTIFF extension.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from nxtool.errors import SourceError
from nxtool.sources.lookup import check_options, unknown
from nxtool.sources.memory import MemoryArray, per_frame
from nxtool.sources.model import ArrayInfo, Extent, OpenFile, Reader, SourceArray
from nxtool.sources.tiffheader import TAG_NAMES, TiffLayout, Untold, matches, read_layout, read_tag
from nxtool.sources.tiffother import OtherTiff

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


def opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open TIFF files; a file laid out like the one before is not parsed again."""
    check_options("tiff", options, ())
    return partial(_open, known=[])


def _open(path: Path, known: list[TiffLayout]) -> Reader:
    """Open one file; `known` holds the layout of the last one."""
    if known and matches(path, known[0]):
        return TiffFile(path, known[0])
    try:
        layout = read_layout(path)
    except Untold as reason:
        return OtherTiff(path, str(reason))
    known[:] = [layout]
    return TiffFile(path, layout)


class TiffFile:
    """A `Reader` of one TIFF file whose layout is known; it holds nothing open."""

    def __init__(self, path: Path, layout: TiffLayout) -> None:
        self._path = path
        self._layout = layout

    def close(self) -> None:
        """Do nothing: the file is opened for every read."""

    def keys(self) -> Iterator[str]:
        """The header keys of the first page."""
        yield from (f"#{TAG_NAMES.get(code, code)}" for code in self._layout.tags[0])

    def array(self, selector: str = "") -> SourceArray:
        """The image, or with `#` a header value, one a page."""
        if not selector:
            return _TiffArray(self._path, self._layout)
        code = self._layout.tag_code(selector)
        if code is None:
            raise unknown(self._path, "header key", selector, self.keys())
        values = [read_tag(self._path, self._layout, page, code) for page in range(self._pages)]
        return MemoryArray(per_frame(values))

    @property
    def _pages(self) -> int:
        return len(self._layout.pages)


class _TiffArray:
    """The pixels of a file."""

    def __init__(self, path: Path, layout: TiffLayout) -> None:
        self._path = path
        self._layout = layout
        pages = len(layout.pages)
        self.info = ArrayInfo(
            shape=layout.shape if pages == 1 else (pages, *layout.shape),
            dtype=layout.dtype,
            extents=tuple(
                Extent(path.absolute(), offset, size)
                for page in layout.pages
                for offset, size in page
            ),
        )

    def read(self, start: int, stop: int) -> np.ndarray[Any, Any]:
        """Pages `start` to `stop`; of a single page its rows."""
        pages = self._layout.pages
        if len(pages) == 1:
            return self._read_rows(range(self.info.shape[0])[start:stop])
        chosen = pages[start:stop]
        result = np.empty((len(chosen), *self._layout.shape), dtype=self.info.dtype)
        for strips, image in zip(chosen, result, strict=True):
            self._fill(strips, image)
        return result

    def _read_rows(self, rows: range) -> np.ndarray[Any, Any]:
        result = np.empty((len(rows), self._layout.shape[1]), dtype=self.info.dtype)
        row_bytes = self._layout.shape[1] * self.info.dtype.itemsize
        first, last = rows.start * row_bytes, max(rows.start, rows.stop) * row_bytes
        self._fill(_cut(self._layout.pages[0], first, last), result)
        return result

    def _fill(self, strips: tuple[tuple[int, int], ...], image: np.ndarray[Any, Any]) -> None:
        target = image.reshape(-1).view(np.uint8).data
        done = 0
        try:
            with self._path.open("rb", buffering=0) as stream:
                for offset, size in strips:
                    stream.seek(offset)
                    if stream.readinto(target[done : done + size]) != size:
                        raise SourceError(f"{self._path}: is truncated while it is read")
                    done += size
        except OSError as error:
            raise SourceError(f"{self._path}: cannot be read: {error.strerror}") from error


def _cut(strips: tuple[tuple[int, int], ...], first: int, last: int) -> tuple[tuple[int, int], ...]:
    """The parts of the strips that hold the bytes `first` to `last` of the image."""
    parts = []
    before = 0
    for offset, size in strips:
        begin, end = max(first - before, 0), min(last - before, size)
        if begin < end:
            parts.append((offset + begin, end - begin))
        before += size
    return tuple(parts)
