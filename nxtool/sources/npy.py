"""NumPy files: the array of a `.npy`, the members of a `.npz`. Never pickles."""

from __future__ import annotations

import tokenize
import zipfile
import zlib
from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.errors import SourceError
from nxtool.sources.lookup import check_options, unknown
from nxtool.sources.memory import MemoryArray
from nxtool.sources.model import ArrayInfo, Extent, OpenFile, SourceArray

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_DAMAGE: Final = (
    *(OSError, ValueError, TypeError, EOFError, KeyError, SyntaxError, OverflowError),
    *(RuntimeError, NotImplementedError, MemoryError, RecursionError),
    *(zipfile.BadZipFile, zlib.error, tokenize.TokenError),
)
"""What numpy and zipfile raise on damaged files."""

_LARGEST: Final = 2 << 30
"""The largest member of an archive, in bytes unpacked."""


def opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open `.npy` files; there are no options."""
    check_options("npy", options, ())
    return NpyFile


def archive_opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open `.npz` files; there are no options."""
    check_options("npz", options, ())
    return NpzFile


class NpyFile:
    """A `Reader` of one `.npy` file, which is mapped, not loaded."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._values = np.lib.format.open_memmap(path, mode="r")
        except _DAMAGE as error:
            raise SourceError(f"{path}: is no sound .npy file: {error}") from error

    def close(self) -> None:
        """Do nothing: the map goes with the last array that uses it."""

    def keys(self) -> Iterator[str]:
        """Nothing: there is only the array itself."""
        yield from ()

    def array(self, selector: str = "") -> SourceArray:
        """The array."""
        if selector:
            raise SourceError(f"{self._path}: there is no {selector!r}", hint="name none")
        return MappedArray(self._path, self._values, self._values.offset)


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


class NpzFile:
    """A `Reader` of one `.npz` archive; a member is unpacked when it is asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._archive = zipfile.ZipFile(path)
        except _DAMAGE as error:
            raise SourceError(f"{path}: is no sound .npz file: {error}") from error

    def close(self) -> None:
        """Close the archive."""
        self._archive.close()

    def keys(self) -> Iterator[str]:
        """The names of the arrays."""
        yield from (name.removesuffix(".npy") for name in self._archive.namelist())

    def array(self, selector: str = "") -> SourceArray:
        """The array with this name; an only one needs none."""
        names = tuple(self.keys())
        name = names[0] if not selector and len(names) == 1 else selector
        if name not in names:
            raise unknown(self._path, "array", name, names)
        member = self._archive.infolist()[names.index(name)]
        if member.file_size > _LARGEST:
            raise SourceError(f"{self._path}: {name} is too large to be unpacked at once")
        try:
            with self._archive.open(member) as stream:
                values = np.lib.format.read_array(stream, allow_pickle=False)
        except _DAMAGE as error:
            raise SourceError(f"{self._path}: {name} cannot be read: {error}") from error
        return MemoryArray(values)
