"""Files written below a folder, and nowhere else: under a temporary name first, then renamed.

A symbolic link on the way is refused, since it may lead out of the folder; one at the end is
replaced, not followed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from nxtool.errors import OutputError, output_error

_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
_ELSEWHERE: Final = "choose another folder with -o"


class Folder:
    """A folder to write to, made when the first file is.

    Raises:
        OutputError: something else has its name, or it may not be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if path.exists() and not path.is_dir():
            raise OutputError(f"{path}: is not a folder", hint=_ELSEWHERE)
        if path.exists() and not os.access(path, os.W_OK | os.X_OK):
            raise OutputError(f"{path}: no permission to write", hint=_ELSEWHERE)

    def check(self, names: Sequence[str], size: int, *, force: bool) -> None:
        """See that files of these names, with `size` bytes together, can be written.

        Raises:
            OutputError: one exists and may not be replaced, a symbolic link is on the way, or
                there is too little room.
        """
        there = [name for name in names if os.path.lexists(self.path / name)]
        if there and not force:
            more = f" and {len(there) - 1} more" if len(there) > 1 else ""
            message = f"{self.path / there[0]}: exists already{more}"
            raise OutputError(message, hint="--force replaces what is there")
        for name in names:
            self._check_way(name)
        free = _free(self.path)
        if size > free:
            message = f"{self.path}: {size} bytes are to be written, {free} are free"
            raise OutputError(message, hint=_ELSEWHERE)

    def _check_way(self, name: str) -> None:
        way = self.path
        for part in Path(name).parts[:-1]:
            way /= part
            if way.is_symlink():
                hint = "it may lead elsewhere; remove it, or choose another folder with -o"
                raise OutputError(f"{way}: is a symbolic link", hint=hint)

    @contextmanager
    def new_file(self, name: str, modified_ns: int | None) -> Iterator[BinaryIO]:
        """A stream to a new file that gets its name at the end of the block; after an error there
        is none. `name` was checked; `modified_ns` becomes its time of change.

        Raises:
            OutputError: the folder cannot be written, or the disk is full.
        """
        target = self.path / name
        part = target.with_name(f".nxtool.{os.getpid()}.part")
        try:
            with _told(target):
                target.parent.mkdir(parents=True, exist_ok=True)
                part.unlink(missing_ok=True)
                with os.fdopen(os.open(part, _NEW, 0o666), "wb") as stream:
                    yield stream
                if modified_ns is not None:
                    os.utime(part, ns=(modified_ns, modified_ns))
                part.replace(target)
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise output_error(path, error) from error


def _free(path: Path) -> int:
    """The free bytes where `path` is or will be."""
    while not path.exists():
        path = path.parent
    return shutil.disk_usage(path).free
