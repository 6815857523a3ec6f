"""The checksum by which a raw file is known again."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from nxtool.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_BLOCK: Final = 1 << 18


def sha256(path: Path, stopped: Callable[[], bool] = bool) -> str:
    """The SHA-256 of a file as 64 hexadecimal digits, read block by block.

    That of a folder is the one of a list with a line `<SHA-256>  <path>` for each file in it, in
    the order of the paths. Once `stopped` says True the rest is not read, and what comes back is
    empty.

    Raises:
        SourceError: a file cannot be read.
    """
    if not path.is_dir():
        return _of_file(path, stopped)
    digest = hashlib.sha256()
    for name, file in sorted((file.relative_to(path).as_posix(), file) for file in _below(path)):
        part = _of_file(file, stopped)
        if not part:
            return ""
        digest.update(f"{part}  {name}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def size_of(path: Path) -> int:
    """The bytes of a file, or of all files in a folder."""
    files = _below(path) if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files)


def _below(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


def _of_file(path: Path, stopped: Callable[[], bool]) -> str:
    digest = hashlib.sha256()
    block = memoryview(bytearray(_BLOCK))
    try:
        with path.open("rb", buffering=0) as stream:
            while count := stream.readinto(block):
                digest.update(block[:count])
                if stopped():
                    return ""
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from error
    return digest.hexdigest()
