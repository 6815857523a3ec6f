"""A file held while it is edited, and copied whole.

HDF5 cannot undo what it began to write, so an edit is made on a copy that takes the place of the
file when it is complete: whatever happens, there is the old file or the new one. Where the file
system can (btrfs, XFS), the copy shares its blocks with the original and costs nothing.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from nxtool.errors import FileUnreadable, OutputError

FICLONE: Final = 0x40049409
"""ioctl of Linux: share the blocks of another file (ioctl_ficlone(2))."""


@contextmanager
def held(path: Path, *, exclusively: bool) -> Iterator[None]:
    """Nobody who respects the locks of HDF5 writes to the file during the block; `exclusively`,
    nobody has it open.

    Raises:
        FileUnreadable: it cannot be opened.
        OutputError: another program has it open.
    """
    try:
        stream = path.open("rb")
    except OSError as error:
        raise FileUnreadable(f"{path}: {error.strerror}", hint="check the path") from error
    with stream:
        try:
            fcntl.flock(stream, (fcntl.LOCK_EX if exclusively else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            doing = "is open in another program" if exclusively else "is being written"
            hint = "close it there; -o OUT writes elsewhere" if exclusively else "wait for its end"
            raise OutputError(f"{path}: {doing} (HDF5 lock)", hint=hint) from None
        except OSError:
            pass  # a file system without locks, on which HDF5 sets none either
        if _is_other(path, stream.fileno()):
            raise OutputError(f"{path}: was replaced meanwhile", hint="try again")
        yield


def _is_other(path: Path, descriptor: int) -> bool:
    """True where the name stands for another file now: someone else has just edited it."""
    return not path.exists() or not os.path.samestat(path.stat(), os.fstat(descriptor))


def check_replaceable(path: Path) -> None:
    """Refuse a file that is protected, or has several names, of which only one could be changed.

    Raises:
        OutputError: it must not be replaced; the text says why.
    """
    stat = path.stat()
    if not stat.st_mode & 0o222 or not os.access(path, os.W_OK):
        raise OutputError(f"{path}: is read-only", hint="chmod u+w, or write elsewhere with -o OUT")
    if stat.st_nlink > 1:
        message = f"{path}: has {stat.st_nlink} names (hard links), and only this one would change"
        raise OutputError(message, hint="write elsewhere with -o OUT")


def copy_whole(source: Path, target: Path) -> None:
    """Copy the bytes, sharing blocks where that is possible. Raises `OSError`."""
    with source.open("rb") as old, target.open("xb") as new:
        try:
            fcntl.ioctl(new, FICLONE, old.fileno())
        except OSError:
            shutil.copyfileobj(old, new, 1024 * 1024)


def take_after(part: Path, original: Path) -> None:
    """Give `part` owner, permissions and extended attributes of `original`, but its own time.
    Raises `OSError`."""
    changed = part.stat()
    old = original.stat()
    if (old.st_uid, old.st_gid) != (changed.st_uid, changed.st_gid):
        with suppress(PermissionError):
            os.chown(part, old.st_uid, old.st_gid)
    shutil.copystat(original, part)
    os.utime(part, ns=(changed.st_atime_ns, changed.st_mtime_ns))


def put_in_place(part: Path, target: Path) -> None:
    """Rename `part`, once it is on the disk, and bring the new name there too. Raises `OSError`."""
    _sync(part)
    part.replace(target)
    _sync(target.resolve().parent)


def _sync(path: Path) -> None:
    """Bring a file, or the names in a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
