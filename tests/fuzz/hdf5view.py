"""HDF5 files: walked, judged, shown, and asked for their filters.

Checksums of the newer form of HDF5 are mended after a change, where they are easy to find, so that
libhdf5 goes on. It may crash or hang all the same: `nxtool validate` judges files in processes of
their own for that reason.
"""

from __future__ import annotations

import io
import resource
import struct
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np

from nxtool.config import lasting_schema
from nxtool.hdf5 import opening
from nxtool.hdf5.filteruse import filters_in
from nxtool.hdf5.opening import Hdf5File
from nxtool.report.filetree import as_dictionary
from nxtool.show import file_tree
from nxtool.stream.superblock import SIGNATURE, lookup3
from nxtool.validate.api import validate
from tests.fuzz.target import Take

LONGEST = 32768
MOST_BYTES = 900 << 20
"""More memory is refused to libhdf5, which takes what a string claims, up to 4 GiB."""
WORDS = (
    SIGNATURE, b"OHDR", b"OCHK", b"TREE", b"SNOD", b"HEAP", b"GCOL", b"FRHP", b"FHDB", b"FHIB",
    b"BTHD", b"BTLF", b"BTIN", b"\xff" * 8, b"NX_class", b"NXentry", b"NXdata", b"signal", b"axes",
    b"depends_on", b"default", b"units", b"definition", b"NXtomo", b"openPMD", b"target",
)  # fmt: skip
_FIXED = {b"BTHD": 34, b"FRHP": 142}
"""Structures with a checksum at a place that is always the same, with offsets of eight bytes."""
_WRITERS = 11
"""Where a superblock says who has the file open."""


def seeds() -> Iterator[bytes]:
    """Small files with one thing each, and one with all, in the oldest form and the newest."""
    makers = (_nexus, _links, _types, _storage, _many)
    for libver in ("earliest", "latest"):
        for maker in makers:
            memory = io.BytesIO()
            with h5py.File(memory, "w", libver=libver) as file:
                maker(file)
            yield memory.getvalue()[:LONGEST]


def prepared(folder: Path) -> Take:
    """Does all that reads of files: with the quick way of large files for every second one."""
    schema, path, small = lasting_schema([]), folder / "file.nxs", opening.SMALL
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_BYTES, most))

    def take(data: bytes) -> None:
        if not _heaps_end(data):
            return
        path.write_bytes(data)
        opening.SMALL = small if len(data) % 2 else 0
        validate(path, schema)
        with Hdf5File(path) as file:
            as_dictionary(file_tree(file.root)[0])
        filters_in(path)

    return take


def _heaps_end(data: bytes) -> bool:
    """False where an object of a global heap is longer than its heap, or the free space in it is
    of no length.

    libhdf5 2.0.0 looks for the next one for ever then (`H5HG__cache_heap_deserialize`), which
    `nxtool validate` survives, but costs all the time there is here.
    """
    at = data.find(b"GCOL")
    while at >= 0:
        end = at + int.from_bytes(data[at + 8 : at + 16], "little")
        place = at + 16
        while place + 16 <= min(end, len(data)):
            number = int.from_bytes(data[place : place + 2], "little")
            size = int.from_bytes(data[place + 8 : place + 16], "little")
            if size > end - place or not (number or size):
                return False
            place += 16 + (size + 7) // 8 * 8 if number else size
        at = data.find(b"GCOL", at + 4)
    return True


def mended(data: bytes) -> bytes:
    """The file with right checksums of its superblock, object headers, and heads of trees; none
    has a writer, for whom libhdf5 would wait longer and longer."""
    file = bytearray(data)
    if file[:8] == SIGNATURE and len(file) >= 48 and file[8] in (2, 3):
        file[_WRITERS] = 0
        _seal(file, 0, 44)
    at = file.find(b"OHDR")
    while at >= 0:
        _seal(file, at, _header_size(file, at))
        at = file.find(b"OHDR", at + 4)
    for letters, size in _FIXED.items():
        at = file.find(letters)
        while at >= 0:
            _seal(file, at, size)
            at = file.find(letters, at + 4)
    return bytes(file)


def _header_size(file: bytearray, at: int) -> int:
    """How long the first part of an object header is, without its checksum."""
    flags = file[at + 5] if at + 5 < len(file) else 0
    start = 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
    width = 1 << (flags & 3)
    size = int.from_bytes(file[at + start : at + start + width], "little")
    return start + width + size


def _seal(file: bytearray, at: int, size: int) -> None:
    if at + size + 4 <= len(file):
        struct.pack_into("<I", file, at + size, lookup3(bytes(file[at : at + size])))


def _nexus(file: h5py.File) -> None:
    entry = file.create_group("entry")
    entry.attrs.update({"NX_class": "NXentry", "default": "data"})
    entry["definition"] = "NXarpes"
    entry["start_time"] = "2026-01-05T10:00:00Z"
    data = entry.create_group("data")
    data.attrs.update({"NX_class": "NXdata", "signal": "data", "axes": ["x", "."]})
    data["data"] = np.ones((2, 3))
    data["x"] = np.arange(2.0)
    data["x"].attrs.update({"units": "mm", "depends_on": "/entry/data/x"})


def _links(file: h5py.File) -> None:
    group = file.create_group("a")
    group["up"] = file["/"]
    group["soft"] = h5py.SoftLink("/a/soft")
    group["gone"] = h5py.SoftLink("/nothing")
    group["out"] = h5py.ExternalLink("file.nxs", "/a")
    group["away"] = h5py.ExternalLink("/no/such.h5", "/x")
    file["same"] = group


def _types(file: h5py.File) -> None:
    file["compound"] = np.array([(1, 2.5)], [("a", "i4"), ("b", "f8")])
    file["text"] = ["é", "b"]
    file["fixed"] = np.array([b"ab", b"c"])
    file["enum"] = np.array([0, 1], h5py.enum_dtype({"no": 0, "yes": 1}, "i1"))
    file["ref"] = np.array([file["text"].ref], h5py.ref_dtype)
    file["region"] = np.array([file["text"].regionref[:]], h5py.regionref_dtype)
    ragged = file.create_dataset("ragged", 2, h5py.vlen_dtype("i4"))
    ragged[0] = [1, 2, 3]
    file["null"] = h5py.Empty("f4")
    file["opaque"] = np.void(b"abc")
    file["array"] = np.zeros(2, ("f4", (2, 2)))
    file["complex"] = np.array([1 + 2j])
    file["named"] = np.dtype("f8")


def _storage(file: h5py.File) -> None:
    image = np.arange(40, dtype="u2").reshape(4, 10)
    file.create_dataset("gzip", data=image, chunks=(2, 5), compression="gzip", shuffle=True)
    file.create_dataset("grows", data=image, chunks=(2, 5), maxshape=(None, None), fletcher32=True)
    file.create_dataset("szip", data=image, chunks=(2, 5), scaleoffset=0)
    file.create_dataset("external", (4,), "u1", external=[("other.bin", 0, 4)])
    layout = h5py.VirtualLayout((2, 4, 10), "u2")
    layout[0] = h5py.VirtualSource("file.nxs", "gzip", (4, 10))
    layout[1] = h5py.VirtualSource(".", "gzip", (4, 10))
    file.create_virtual_dataset("virtual", layout, fillvalue=7)


def _many(file: h5py.File) -> None:
    for number in range(12):
        file.attrs[f"attribute_{number}"] = number
        file.create_group(f"group_{number}", track_order=bool(number % 2))
    file.create_dataset("v", data=1).attrs["long"] = "x" * 300
