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

    Once `stopped` says True the rest is not read, and what comes back is empty.

    Raises:
        SourceError: the file cannot be read.
    """
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
