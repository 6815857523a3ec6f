"""A file changed all at once or not at all, whenever its writer is killed.

HDF5 changes a file at many places in any order: names added half would leave it unreadable. So what
it writes is kept in memory, page by page. Then the pages go to a file beside, which gets its name
when it is whole, and from there into the file. Who finds such a file finishes the work.
"""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import h5py

from nxtool.errors import FileUnreadable

PAGE: Final = 4096
_HEAD: Final = struct.Struct("<8sQQQII")
_MAGIC: Final = b"nxtoolch"
_WHOLE_PAGES: Final[Mapping[str, Any]] = {
    "libver": "latest", "locking": False, "fs_strategy": "page", "fs_page_size": PAGE,
}  # fmt: skip
"""How new files are made. A killed writer leaves off between two pages of the system's memory: what
lies in one page, as all small structures of HDF5 then do, is written whole or not at all."""


class Overlay(io.RawIOBase):
    """A file as it would be with changes that are in memory alone; what h5py needs of a file."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = path.open("rb")
        self._old = self._size = os.fstat(self._file.fileno()).st_size
        self._place = 0
        self.pages: dict[int, bytearray] = {}

    @property
    def size(self) -> int:
        """How long the file would be, in bytes."""
        return self._size

    @property
    def old_size(self) -> int:
        """How long the file is, in bytes."""
        return self._old

    def first_pages(self) -> tuple[int, int]:
        """Checksums of the first page, as it is and as it would be: they tell files apart."""
        old = self._stored(0)
        return zlib.crc32(old), zlib.crc32(bytes(self.pages.get(0, old)))

    def _page(self, number: int) -> bytearray:
        """A page, to be changed."""
        if number not in self.pages:
            self.pages[number] = bytearray(self._stored(number))
        return self.pages[number]

    def _stored(self, number: int) -> bytes:
        self._file.seek(number * PAGE)
        return self._file.read(PAGE).ljust(PAGE, b"\0")

    def seekable(self) -> bool:
        """It is."""
        return True

    def readable(self) -> bool:
        """It is."""
        return True

    def writable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        self._place = start + offset
        return self._place

    def tell(self) -> int:
        """The place."""
        return self._place

    def readinto(self, buffer: Any) -> int:
        """Read bytes from the place on."""
        view = memoryview(buffer).cast("B")
        count = max(0, min(len(view), self._size - self._place))
        done = 0
        while done < count:
            number, within = divmod(self._place + done, PAGE)
            length = min(PAGE - within, count - done)
            page = self.pages.get(number)
            data = page if page is not None else self._stored(number)
            view[done : done + length] = data[within : within + length]
            done += length
        self._place += count
        return count

    def write(self, data: Any) -> int:
        """Write bytes from the place on."""
        view = memoryview(data).cast("B")
        done = 0
        while done < len(view):
            number, within = divmod(self._place + done, PAGE)
            length = min(PAGE - within, len(view) - done)
            self._page(number)[within : within + length] = view[done : done + length]
            done += length
        self._place += done
        if done:
            self._size = max(self._size, self._place)
        return done

    def truncate(self, size: int | None = None) -> int:
        """Set the length."""
        self._size = self._place if size is None else size
        return self._size

    def close(self) -> None:
        """Let go of the file; the pages stay."""
        self._file.close()
        super().close()


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.change")


@contextmanager
def changed(path: Path) -> Iterator[h5py.File]:
    """The file, to be changed; it is as before until the end, and then as changed at once. A new
    one appears in the end.

    Raises:
        OSError, RuntimeError: it cannot be read or written.
    """
    if not path.exists():
        with _new(path) as file:
            yield file
        return
    overlay = Overlay(path)
    try:
        with h5py.File(overlay, "r+", libver="latest") as file:
            yield file
        _store(path, overlay)
    finally:
        overlay.close()
    finish_change(path)


@contextmanager
def _new(path: Path) -> Iterator[h5py.File]:
    part = path.with_name(f".{path.name}.new")
    try:
        with h5py.File(part, "w", **_WHOLE_PAGES) as file:
            yield file
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)


def _store(path: Path, overlay: Overlay) -> None:
    """Put the pages beside the file, so that they outlast a loss of power."""
    part = path.with_name(f".{path.name}.change.part")
    numbers = sorted(overlay.pages)
    try:
        with part.open("wb") as stream:
            sizes = overlay.old_size, overlay.size
            stream.write(_HEAD.pack(_MAGIC, *sizes, len(numbers), *overlay.first_pages()))
            for number in numbers:
                page = bytes(overlay.pages[number])
                stream.write(struct.pack("<QI", number, zlib.crc32(page)) + page)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(_beside(path))
    finally:
        part.unlink(missing_ok=True)


def finish_change(path: Path) -> bool:
    """Do what a writer had decided and perhaps not finished; True where there was such a change.

    Raises:
        FileUnreadable: what it left is damaged.
        OSError: the file cannot be written.
    """
    beside = _beside(path)
    if not beside.exists():
        return False
    with beside.open("rb") as stream, path.open("r+b") as target:
        head = stream.read(_HEAD.size).ljust(_HEAD.size, b"\0")
        magic, old, size, count, *first = _HEAD.unpack(head)
        if magic != _MAGIC or beside.stat().st_size != _HEAD.size + count * (12 + PAGE):
            raise _damaged(beside)
        begins = zlib.crc32(target.read(PAGE).ljust(PAGE, b"\0"))
        if begins not in first or not min(old, size) <= path.stat().st_size <= max(old, size):
            count, size = 0, path.stat().st_size  # of a file that was replaced since
        for _ in range(count):
            number, checksum = struct.unpack("<QI", stream.read(12))
            page = stream.read(PAGE)
            if zlib.crc32(page) != checksum:
                raise _damaged(beside)
            target.seek(number * PAGE)
            target.write(page[: max(0, size - number * PAGE)])
        target.truncate(size)
        target.flush()
        os.fsync(target.fileno())
    beside.unlink()
    return True


def _damaged(beside: Path) -> FileUnreadable:
    message = f"{beside}: a change of the file that was not finished is damaged"
    return FileUnreadable(message, hint="remove it: the file is as before the change")
