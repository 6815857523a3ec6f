"""The first bytes of an HDF5 file, and how they are mended after its writer was killed.

A writer that is killed leaves two things in the superblock that keep others out: a flag that says
the file is open, and an end of the file from before its last growth, or behind it where the rest of
its last page holds nothing yet. Both are mended in place, nothing else is touched. (HDF5 File
Format Specification 3.0, II.A: superblock versions 2 and 3.)
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nxtool.errors import FileUnreadable, output_error

SIGNATURE: Final = b"\x89HDF\r\n\x1a\n"
_SIZE: Final = 48
_FLAGS: Final = 11
_END: Final = 28
_SUM: Final = 44
_WORD: Final = 0xFFFFFFFF
_PAGE: Final = 4096


@dataclass(frozen=True, slots=True)
class Superblock:
    """What a superblock of version 2 or 3 says: whether a writer has the file open, and where it
    ends, beside how long it is in truth (both in bytes)."""

    is_open: bool
    end: int
    size: int

    @property
    def is_sound(self) -> bool:
        """True where nothing needs mending."""
        return not self.is_open and self.end >= self.size


def read_superblock(path: Path) -> Superblock | None:
    """The superblock of a file; None where it is of an older version, which has no flag.

    Raises:
        FileUnreadable: it is no HDF5 file, or its superblock is damaged.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(_SIZE)
            size = os.fstat(stream.fileno()).st_size
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise FileUnreadable(f"{path}: {reason}", hint="check the path") from error
    return _parsed(path, head, size)


def _parsed(path: Path, head: bytes, size: int) -> Superblock | None:
    if head[:8] != SIGNATURE or len(head) < _SIZE:
        raise FileUnreadable(f"{path}: not an HDF5 file", hint="nothing of it can be recovered")
    if head[8] not in (2, 3):
        return None
    if head[9] != 8 or lookup3(head[:_SUM]) != struct.unpack_from("<I", head, _SUM)[0]:
        message = f"{path}: its superblock is damaged"
        raise FileUnreadable(message, hint="take a copy of the file from before")
    return Superblock(bool(head[_FLAGS]), struct.unpack_from("<Q", head, _END)[0], size)


def mend_superblock(path: Path) -> bool:
    """Say in the file that no writer has it open, and where it ends; True where that was needed.

    Nobody may have the file open for writing.

    Raises:
        FileUnreadable: see `read_superblock`.
        OutputError: the file cannot be written.
    """
    found = read_superblock(path)
    if found is None or found.is_sound:
        return False
    try:
        with path.open("r+b") as stream:
            head = bytearray(stream.read(_SIZE))
            if found.is_open and 0 < found.end - found.size < _PAGE:
                stream.truncate(found.end)
            head[_FLAGS] = 0
            struct.pack_into("<Q", head, _END, max(found.end, found.size))
            struct.pack_into("<I", head, _SUM, lookup3(bytes(head[:_SUM])))
            stream.seek(0)
            stream.write(head)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise output_error(path, error) from error
    return True


def lookup3(data: bytes) -> int:
    """The checksum of HDF5's metadata: Bob Jenkins' lookup3, `hashlittle` with the seed 0."""
    a = b = c = (0xDEADBEEF + len(data)) & _WORD
    place = 0
    while len(data) - place > 12:
        x, y, z = struct.unpack_from("<III", data, place)
        a, b, c = _mix((a + x) & _WORD, (b + y) & _WORD, (c + z) & _WORD)
        place += 12
    if place == len(data):
        return c
    x, y, z = struct.unpack("<III", data[place:].ljust(12, b"\0"))
    return _final((a + x) & _WORD, (b + y) & _WORD, (c + z) & _WORD)


def _turned(value: int, bits: int) -> int:
    return (value << bits | value >> (32 - bits)) & _WORD


def _mix(a: int, b: int, c: int) -> tuple[int, int, int]:
    for bits in (4, 6, 8, 16, 19, 4):
        a = ((a - c) & _WORD) ^ _turned(c, bits)
        c = (c + b) & _WORD
        a, b, c = b, c, a
    return a, b, c


def _final(a: int, b: int, c: int) -> int:
    for bits in (14, 11, 25, 16, 4, 14, 24):
        c = ((c ^ b) - _turned(b, bits)) & _WORD
        a, b, c = b, c, a
    return b
