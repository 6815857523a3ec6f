"""One writer a file: a lock beside it, which goes with the process that holds it."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from nxtool.errors import OutputError, output_error


class WriterLock:
    """The right to write to `path`, until `release`.

    Raises:
        OutputError: another process has it, or the folder cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._name = path.with_name(f".{path.name}.lock")
        self._file = -1
        while self._file < 0:
            self._file = _locked(path, self._name)

    def release(self) -> None:
        """Give the right back; nothing if that is done already."""
        if self._file >= 0:
            self._name.unlink(missing_ok=True)
            os.close(self._file)
            self._file = -1


def _locked(path: Path, name: Path) -> int:
    """An open file with the lock on it; -1 where its name was removed meanwhile by its holder."""
    try:
        file = os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise output_error(path, error) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(file)
        message = f"{path}: another process is writing it"
        raise OutputError(message, hint="stop that one, or choose another file") from error
    try:
        if os.fstat(file).st_ino == name.stat().st_ino:
            return file
    except FileNotFoundError:
        pass
    os.close(file)
    return -1
