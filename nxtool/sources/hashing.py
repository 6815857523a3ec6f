"""The checksum by which a raw file is known again."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from nxtool.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_BLOCK: Final = 1 << 20


def sha256(path: Path, stopped: Callable[[], bool] = bool) -> str:
    """The SHA-256 of a file as 64 hexadecimal digits, read in blocks of 1 MiB.

    Once `stopped` says True the rest is not read, and what comes back is empty.

    Raises:
        SourceError: the file cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
                if stopped():
                    return ""
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from error
    return digest.hexdigest()
