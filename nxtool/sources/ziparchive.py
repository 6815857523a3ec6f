"""The members of a zip archive, read into memory up to a limit; nothing is unpacked to disk."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING, Final

from nxtool.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MAX_MEMBERS: Final = 10_000

_DAMAGE: Final = (
    *(OSError, ValueError, EOFError, KeyError, RuntimeError, NotImplementedError, struct.error),
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, OverflowError, MemoryError, IndexError),
)
"""What zipfile and its decoders raise on damaged files."""


class ZipArchive:
    """An open zip archive.

    Raises:
        SourceError: it is none, damaged, has too many members, two of one name, or one whose
            name leads out of the archive.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except _DAMAGE as error:
            raise SourceError(f"{path}: is no sound zip archive: {error}") from error
        try:
            self.members = self._named()
        except SourceError:
            self._zip.close()
            raise

    def _named(self) -> Mapping[str, zipfile.ZipInfo]:
        files = [info for info in self._zip.infolist() if not info.filename.endswith("/")]
        if len(files) > MAX_MEMBERS:
            raise SourceError(f"{self._path}: has {len(files)} members, more than {MAX_MEMBERS}")
        named: dict[str, zipfile.ZipInfo] = {}
        for info in files:
            if info.filename.startswith("/") or ".." in info.filename.split("/"):
                raise SourceError(f"{self._path}: member {info.filename!r} leads out of it")
            if info.filename in named:
                raise SourceError(f"{self._path}: has two members {info.filename!r}")
            named[info.filename] = info
        return named

    def read(self, name: str, limit: int) -> bytes:
        """The content of a member.

        Raises:
            SourceError: it is damaged, encrypted, or has more than `limit` bytes.
        """
        try:
            with self._zip.open(self.members[name]) as stream:
                content = stream.read(limit + 1)
        except _DAMAGE as error:
            raise SourceError(f"{self._path}: {name} cannot be read: {error}") from error
        if len(content) > limit:
            raise SourceError(f"{self._path}: {name} has more than {limit >> 20} MiB")
        return content

    def close(self) -> None:
        """Close the file."""
        self._zip.close()
