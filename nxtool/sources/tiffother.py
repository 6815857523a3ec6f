"""TIFF files that are compressed, tiled or in colour, through the package tifffile."""

from __future__ import annotations

import struct
import zlib
from importlib import import_module
from math import prod
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np

from nxtool.errors import MissingExtra, SourceError
from nxtool.sources.lookup import unknown
from nxtool.sources.mapped import check_length
from nxtool.sources.memory import MemoryArray, per_frame
from nxtool.sources.model import ArrayInfo, SourceArray

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_LARGEST: Final = 2 << 30
"""The largest frame that is unpacked, in bytes."""

_DAMAGE: Final = (
    *(OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, RuntimeError),
    *(struct.error, zlib.error, OverflowError, ZeroDivisionError, MemoryError, AssertionError),
)
"""What tifffile and its codecs raise on damaged files."""

_T = TypeVar("_T")


class OtherTiff:
    """A `Reader` of one TIFF file of any kind tifffile knows; `kind` says which, for messages.

    Raises:
        MissingExtra: tifffile is not installed.
        SourceError: the file is damaged, or its pages differ in shape.
    """

    def __init__(self, path: Path, kind: str) -> None:
        self._path = path
        try:
            tifffile = import_module("tifffile")
        except ImportError as error:
            raise MissingExtra(f"reading the {kind} {path.name}", "images") from error
        self._file: Any = self._try(lambda: tifffile.TiffFile(path))
        self._series = self._try(self._only_series)

    def _only_series(self) -> Any:
        series = self._file.series
        if len(series) != 1:
            raise SourceError(f"{self._path}: its pages are of {len(series)} different shapes")
        return series[0]

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def keys(self) -> Iterator[str]:
        """The header keys of the first page."""
        yield from self._try(lambda: [f"#{tag.name}" for tag in self._file.pages[0].tags])

    def array(self, selector: str = "") -> SourceArray:
        """The image, or with `#` a header value, one a page."""
        if not selector:
            return self._try(lambda: _OtherArray(self._path, self._series, self._try))
        values = self._try(lambda: [_tag(page, selector) for page in self._file.pages])
        if None in values:
            raise unknown(self._path, "header key", selector, self.keys())
        return MemoryArray(per_frame(values))

    def _try(self, step: Callable[[], _T]) -> _T:
        try:
            return step()
        except _DAMAGE as error:
            raise SourceError(f"{self._path}: tifffile cannot read it: {error}") from error


def _tag(page: Any, selector: str) -> int | float | str | None:
    name = selector.removeprefix("#")
    tag = page.tags.get(int(name) if name.isdecimal() else name)
    value = None if tag is None else tag.value
    if value is None or isinstance(value, int | float | str):
        return value
    return " ".join(str(part) for part in value) if isinstance(value, tuple) else str(value)


class _OtherArray:
    """The frames of a series, unpacked one at a time; what is not packed is mapped."""

    def __init__(self, path: Path, series: Any, attempt: Callable[..., Any]) -> None:
        self._path = path
        self._series = series
        self._attempt = attempt
        self._frame_shape = tuple(series.keyframe.shape)
        dtype = np.dtype(series.dtype)
        self._mapped: np.ndarray[Any, Any] | None = None
        if series.dataoffset is not None:
            dtype = dtype.newbyteorder(series.parent.byteorder)
            self._mapped = np.memmap(path, dtype, "r", series.dataoffset, tuple(series.shape))
        self.info = ArrayInfo(shape=tuple(series.shape), dtype=dtype)
        self._by_frame = self.info.shape[1:] == self._frame_shape and len(series.pages) > 1
        size = prod(self._frame_shape if self._by_frame else self.info.shape) * dtype.itemsize
        if self._mapped is None and size > _LARGEST:
            raise SourceError(f"{path}: {size} bytes are too much to be unpacked at once")

    def read(self, start: int, stop: int) -> np.ndarray[Any, Any]:
        """Frames `start` to `stop`; of a single frame its rows."""
        if self._mapped is not None:
            check_length(self._path, self._series.dataoffset + self._mapped.nbytes)
            return np.array(self._mapped[start:stop])
        rows = range(self.info.shape[0])[start:stop]
        return np.asarray(self._attempt(lambda: self._read(rows)))

    def _read(self, rows: range) -> np.ndarray[Any, Any]:
        if not self._by_frame:
            whole = self._checked(self._series.asarray(), self.info.shape)
            return whole[rows.start : max(rows.start, rows.stop)]
        result = np.empty((len(rows), *self._frame_shape), dtype=self.info.dtype)
        for index, row in enumerate(rows):
            result[index] = self._checked(self._series.pages[row].asarray(), self._frame_shape)
        return result

    def _checked(
        self, values: np.ndarray[Any, Any], shape: tuple[int, ...]
    ) -> np.ndarray[Any, Any]:
        """The values, if they are as the header says: of some damaged files tifffile gives what is
        left, and only logs that it is less."""
        if values.shape != shape or values.dtype != self.info.dtype:
            message = f"{self._path}: unpacks to {values.dtype} {values.shape}, not to {shape}"
            raise SourceError(message, hint="the file is damaged")
        return values
