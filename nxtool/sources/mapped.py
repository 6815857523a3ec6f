"""Arrays that lie in a file as they are, which are mapped, not loaded."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from nxtool.errors import SourceError
from nxtool.sources.model import ArrayInfo, Extent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nxtool.sources.model import SourceArray


@dataclass(frozen=True, slots=True, eq=False)
class MappedFile:
    """A `Reader` of a file that is one array, whose first value is at byte `offset`."""

    path: Path
    values: np.ndarray[Any, Any]
    offset: int

    def close(self) -> None:
        """Do nothing: the map goes with the last array that uses it."""

    def keys(self) -> Iterator[str]:
        """Nothing: there is only the array itself."""
        yield from ()

    def array(self, selector: str = "") -> SourceArray:
        """The array."""
        if selector:
            raise SourceError(f"{self.path}: there is no {selector!r}", hint="name none")
        return MappedArray(self.path, self.values, self.offset)


class MappedArray:
    """An array mapped from a file, whose first value is at byte `offset`; what is read is copied to
    memory.

    A map of a file that another program has cut ends the process (SIGBUS). So what lies in the file
    as in memory is read, not mapped, and for the rest the size of the file is asked before.
    """

    def __init__(self, path: Path, values: np.ndarray[Any, Any], offset: int) -> None:
        self._path = path
        self._values = values
        self._offset = offset
        plain = values.flags.c_contiguous and values.dtype.kind in "iufcb"
        self._plain = plain
        extent = Extent(path.absolute(), offset, values.nbytes)
        self.info = ArrayInfo(
            shape=values.shape,
            dtype=np.dtype(object) if values.dtype.kind == "U" else values.dtype,
            rows=max(1, (1 << 20) // max(1, prod(values.shape[1:]) * values.dtype.itemsize)),
            extents=(extent,) if plain and values.nbytes else (),
        )

    def read(self, start: int, stop: int) -> np.ndarray[Any, Any]:
        """Rows `start` to `stop`; the 0-d array of a scalar."""
        part = self._values[start:stop] if self.info.shape else self._values
        if self._plain:
            return self._from_file(part, start)
        check_length(self._path, self._offset + self._values.nbytes)
        return np.array(part, dtype=self.info.dtype, order="C", subok=False)

    def _from_file(self, part: np.ndarray[Any, Any], start: int) -> np.ndarray[Any, Any]:
        """The values of `part`, which begins at row `start`."""
        result = np.empty(part.shape, dtype=self.info.dtype)
        first = range(self.info.shape[0])[start:].start if self.info.shape else 0
        row = self._values.nbytes // max(1, self.info.shape[0]) if self.info.shape else 0
        try:
            with self._path.open("rb") as stream:
                stream.seek(self._offset + first * row)
                found = stream.readinto(result.reshape(-1).view(np.uint8).data)
        except OSError as error:
            raise SourceError(f"{self._path}: cannot be read: {error.strerror}") from error
        if found != result.nbytes:
            raise _shorter(self._path)
        return result


def check_length(path: Path, length: int) -> None:
    """Raises `SourceError` where a mapped file is gone, or has less than `length` bytes by now."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from error
    if size < length:
        raise _shorter(path)


def _shorter(path: Path) -> SourceError:
    hint = "does another program still write it?"
    return SourceError(f"{path}: is shorter than when it was opened", hint=hint)
