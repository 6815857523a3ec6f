"""NumPy files: the array of a `.npy`, the members of a `.npz`. Never pickles."""

from __future__ import annotations

import tokenize
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.errors import SourceError
from nxtool.sources.lookup import check_options, unknown
from nxtool.sources.mapped import MappedFile
from nxtool.sources.memory import MemoryArray
from nxtool.sources.model import OpenFile, SourceArray

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
    return _open


def archive_opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open `.npz` files; there are no options."""
    check_options("npz", options, ())
    return NpzFile


def _open(path: Path) -> MappedFile:
    try:
        values = np.lib.format.open_memmap(path, mode="r")
    except _DAMAGE as error:
        raise SourceError(f"{path}: is no sound .npy file: {error}") from error
    return MappedFile(path, values, values.offset)


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
