"""Frames of one shape that lie uncompressed at known places of a file."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from nxtool.errors import SourceError
from nxtool.sources.model import ArrayInfo, Extent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class FrameArray:
    """A `SourceArray` of frames of `shape` and `dtype` that begin at `offsets`.

    One frame is the array itself, more get an axis in front. The file is opened for every read.
    """

    def __init__(
        self, path: Path, shape: tuple[int, ...], dtype: np.dtype[Any], offsets: Sequence[int]
    ) -> None:
        self._path = path
        self._offsets = offsets
        self._size = prod(shape) * dtype.itemsize
        self.info = ArrayInfo(
            shape=shape if len(offsets) == 1 else (len(offsets), *shape),
            dtype=dtype,
            extents=tuple(Extent(path.absolute(), offset, self._size) for offset in offsets),
        )

    def read(self, start: int, stop: int) -> np.ndarray[Any, Any]:
        """Frames `start` to `stop`; of a single frame its rows."""
        rows = range(self.info.shape[0])[start:stop]
        result = np.empty((len(rows), *self.info.shape[1:]), dtype=self.info.dtype)
        if not len(rows):
            return result
        if len(self._offsets) == 1:
            row = self._size // self.info.shape[0]
            places = [self._offsets[0] + rows.start * row]
        else:
            places = [self._offsets[number] for number in rows]
        self._fill(places, result)
        return result

    def _fill(self, places: Sequence[int], result: np.ndarray[Any, Any]) -> None:
        """Fill `result` with as many equal parts as there are places."""
        target = result.reshape(-1).view(np.uint8).data
        size = result.nbytes // len(places)
        try:
            with self._path.open("rb") as stream:
                for index, place in enumerate(places):
                    stream.seek(place)
                    if stream.readinto(target[index * size : (index + 1) * size]) != size:
                        raise SourceError(f"{self._path}: is truncated while it is read")
        except OSError as error:
            raise SourceError(f"{self._path}: cannot be read: {error.strerror}") from error
