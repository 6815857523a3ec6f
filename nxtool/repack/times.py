"""Times of objects, which HDF5 sets to the present whenever an object is made or changed.

It has no call to set them, so they are put back into the headers of a finished file.

Source: HDF5 File Format Specification 3.0, IV.A.1 "Object Header Prefix", IV.A.2.s "Object
Modification Time"; the checksum is Bob Jenkins' lookup3, which is in the public domain.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from h5py import h5o

from nxtool.repack.objects import ObjectID

SIGNATURE: Final = b"OHDR"
_TIMES_STORED: Final = 0x20
_PHASES_STORED: Final = 0x10
_TIMES_AT: Final = 6
_MODIFICATION_TIME: Final = 0x12
_WORD: Final = 0xFFFFFFFF
_MIX: Final = (4, 6, 8, 16, 19, 4)
_FINAL: Final = (14, 11, 25, 16, 4, 14, 24)


class Times(NamedTuple):
    """Seconds since 1970, in the order of the file."""

    access: int
    modification: int
    change: int
    birth: int


def times_of(item: ObjectID) -> Times | None:
    """The times of an object; None where they are not tracked."""
    info = h5o.get_info(item)
    change = info.ctime
    if not change:
        return None
    # old headers know the time of change alone
    return Times(info.atime or change, info.mtime or change, change, info.btime or change)


def put_back(path: Path, base: int, times: Mapping[int, Times]) -> None:
    """Write times, by the address of the object, into the file at `path`, which must be closed;
    `base` is the size of its user block.
    """
    if not times:
        return
    with path.open("r+b") as file:
        for address, one in times.items():
            file.seek(base + address)
            if file.read(4) == SIGNATURE:
                _stamp(file, base + address, one)
            else:
                _stamp_old(file, base + address, one)


def _stamp(file: BinaryIO, place: int, times: Times) -> None:
    """Set the times in a header of version 2, and its checksum."""
    file.seek(place)
    head = file.read(64)
    flags = head[5]
    if not flags & _TIMES_STORED:
        return
    at = _TIMES_AT + 16 + (4 if flags & _PHASES_STORED else 0)
    width = 1 << (flags & 3)
    length = at + width + int.from_bytes(head[at : at + width], "little")
    file.seek(place)
    header = bytearray(file.read(length))
    struct.pack_into("<4I", header, _TIMES_AT, *times)
    file.seek(place)
    file.write(header + struct.pack("<I", lookup3(bytes(header))))


def _stamp_old(file: BinaryIO, place: int, times: Times) -> None:
    """Set the time in a header of version 1, if it stands in its first part."""
    file.seek(place)
    head = file.read(16)
    size = int.from_bytes(head[8:12], "little")
    messages = file.read(size)
    at = 0
    while at + 8 <= size:
        kind, length = struct.unpack_from("<HH", messages, at)
        if kind == _MODIFICATION_TIME:
            file.seek(place + 16 + at + 12)
            file.write(struct.pack("<I", times.change))
            return
        at += 8 + int(length)


def lookup3(data: bytes) -> int:
    """The checksum of HDF5's metadata.

    >>> hex(lookup3(b"")), hex(lookup3(b"Four score and seven years ago"))
    ('0xdeadbeef', '0x17770551')
    """
    a = b = c = (0xDEADBEEF + len(data)) & _WORD
    if not data:
        return c
    whole = (len(data) - 1) // 12 * 12
    padded = data + bytes(-len(data) % 12)
    for x, y, z in struct.iter_unpack("<3I", padded[:whole]):
        a, b, c = _mixed((a + x) & _WORD, (b + y) & _WORD, (c + z) & _WORD)
    x, y, z = struct.unpack("<3I", padded[whole:])
    return _finished((a + x) & _WORD, (b + y) & _WORD, (c + z) & _WORD)


def _turned(value: int, bits: int) -> int:
    return (value << bits | value >> (32 - bits)) & _WORD


def _mixed(a: int, b: int, c: int) -> tuple[int, int, int]:
    for bits in _MIX:
        a = (a - c & _WORD) ^ _turned(c, bits)
        c = c + b & _WORD
        a, b, c = b, c, a
    return a, b, c


def _finished(a: int, b: int, c: int) -> int:
    for bits in _FINAL:
        c = (c ^ b) - _turned(b, bits) & _WORD
        a, b, c = b, c, a
    return b
