"""HDF5 files on disks that may fill up.

HDF5 writes much of a file only when objects and the file are closed. If the disk is full then, it
can neither report nor close: the process crashes when it ends. So the space is reserved before it
is needed, and after any error a file is closed without touching the disk again.
"""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import h5py

LIBVER: Final = ("v108", "v110")
"""Files that every HDF5 since 1.8 reads; with a higher low bound HDF5 1.10 cannot."""
OBJECT_BYTES: Final = 2048
"""What a group or a small field takes, attributes included; generous."""
CACHE_BYTES: Final = 16 * 1024 * 1024
"""What HDF5 may hold back in its caches of chunks and metadata."""
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def open_for_writing(path: Path, mode: str) -> Iterator[h5py.File]:
    """An HDF5 file (`x` or `r+`), flushed at the end of the block.

    After an error inside the block the file is closed without touching the disk again, since
    HDF5 cannot close a file whose last blocks cannot be written.
    """
    with flushed(h5py.File(path, mode, libver=LIBVER), path) as file:
        yield file


@contextmanager
def flushed(file: h5py.File, path: Path) -> Iterator[h5py.File]:
    """As `open_for_writing`, for a file just opened for writing at `path`."""
    size = 0
    try:
        yield file
        file.flush()
        size = file.id.get_filesize()
    except BaseException:
        _turn_to_memory(file)
        raise
    finally:
        file.close()
    os.truncate(path, size)  # gives back what was reserved beyond the end


def _turn_to_memory(file: h5py.File) -> None:
    """Let all further writing of `file` go to memory, to be forgotten."""
    with _spare_file() as spare:
        os.dup2(spare.fileno(), file.id.get_vfd_handle())


def _spare_file() -> IO[bytes]:
    """A file in memory where the system knows such (Linux), else a temporary one."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("nxtool"), "w+b")
    return tempfile.TemporaryFile()


class Reserve:
    """Room on the disk for what HDF5 will write later.

    Every method raises `OSError` with the cause the system gives (disk full, quota) where there
    is no room.
    """

    def __init__(self, file: h5py.File) -> None:
        self._file = file
        self._late = 0
        """Bytes that were handed to HDF5 and may still be in its caches."""
        self._end = 0

    def objects(self, count: int) -> None:
        """Make room for `count` groups and fields."""
        self._late += count * OBJECT_BYTES
        self._ensure()

    def values(self, count: int) -> None:
        """Make room for `count` bytes of values, before they are handed to HDF5."""
        self._late = min(self._late + count, CACHE_BYTES + count)
        self._ensure()

    def _ensure(self) -> None:
        start: int = self._file.id.get_filesize()
        end = start + self._late
        if end <= self._end or not hasattr(os, "posix_fallocate"):
            return
        try:
            os.posix_fallocate(self._file.id.get_vfd_handle(), start, self._late)
        except OSError as error:
            if error.errno in _FULL:
                raise
            return  # a file system that cannot reserve: hope for the best
        self._end = end
