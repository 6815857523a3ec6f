"""Opening an HDF5 file to look at: read-only, without a lock, also while it is being written."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from h5py import h5f, h5g, h5p

from nxtool.errors import FileUnreadable
from nxtool.hdf5.otherfiles import folders_of
from nxtool.hdf5.view import FAULTS, Hdf5Group

if TYPE_CHECKING:
    from nxtool.hdf5.fast import Scanner
    from nxtool.hdf5.flat import FlatBytes

SMALL: Final = 2 * 1024 * 1024
"""Up to this size of a file, in bytes, it is not worth while to prepare a quicker way."""
CACHE_BYTES: Final = 2 * 1024 * 1024
SIGNATURE: Final = b"\x89HDF\r\n\x1a\n"
_OTHER_FORMATS: Final = (
    (b"\x0e\x03\x13\x01", "an HDF4 file", "convert it with h4toh5 or nxconvert"),
    (b"<?xml", "an XML file", "NeXus XML files must be converted with nxconvert -h5"),
)
_RAW: Final = (".csv", ".tsv", ".txt", ".dat", ".tif", ".tiff", ".edf", ".cbf", ".spec", ".npy")
"""Raw data that are often taken for what can be looked at; a name of HDF5 tells of damage."""
_SIZES: Final = re.compile(r"eof = (\d+), sblock->base_addr = \d+, stored_eof = (\d+)")


class Hdf5File:
    """An open HDF5 file; use it in a `with` block. `root` is its root group."""

    def __init__(self, path: Path) -> None:
        """Open `path` for reading.

        Raises:
            FileUnreadable: missing, no permission, no HDF5, truncated; the text says which.
        """
        self.path = path
        self._fid = open_to_read(path)
        try:
            bound_cache(self._fid)
            root = h5g.open(self._fid, b"/")
            quick = _scanner_for(root, path)
        except FAULTS as error:
            self._fid.close()
            raise unreadable(path, str(error)) from error
        self.root = Hdf5Group(root, "/", folders_of(path), scanner=quick)

    def flat(self, path: str) -> FlatBytes:
        """The values of the dataset at `path` as bytes; raises as `FlatBytes`."""
        from nxtool.hdf5.flat import FlatBytes

        return FlatBytes(self._fid, path)

    def __enter__(self) -> Hdf5File:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._fid.close()


def _scanner_for(root: h5g.GroupID, path: Path) -> Scanner | None:
    if path.stat().st_size <= SMALL:
        return None
    from nxtool.hdf5.fast import scanner_for

    return scanner_for(root)


def bound_cache(fid: h5f.FileID) -> None:
    """Keep the metadata cache at `CACHE_BYTES`.

    HDF5 lets it grow to 32 MiB as stored, which are some 300 MiB in memory. Who looks at every
    object once has little use for that.
    """
    config = fid.get_mdc_config()
    config.set_initial_size = True
    config.initial_size = config.min_size = config.max_size = CACHE_BYTES
    fid.set_mdc_config(config)


def is_hdf5(path: Path) -> bool:
    """Whether the file at `path` has the signature of HDF5, damaged or not."""
    try:
        return bool(h5f.is_hdf5(os.fsencode(path)))
    except FAULTS:
        return False


def open_to_read(path: Path) -> h5f.FileID:
    """The file at `path`, without a lock if possible, also while a writer holds it open (SWMR).

    Raises:
        FileUnreadable: missing, no permission, no HDF5, truncated; the text says which.
    """
    _check_readable(path)
    name, unlocked = os.fsencode(path), h5p.create(h5p.FILE_ACCESS)
    unlocked.set_file_locking(False, True)
    ways = (
        (h5f.ACC_RDONLY, unlocked),
        (h5f.ACC_RDONLY | h5f.ACC_SWMR_READ, unlocked),
        # a file that this process has open already must be opened in the same way
        (h5f.ACC_RDONLY, h5p.create(h5p.FILE_ACCESS)),
    )
    reason = ""
    for flags, access in ways:
        if flags & h5f.ACC_SWMR_READ and "already open for" not in reason:
            continue  # a damaged file would be read again and again, as if a writer came to mend it
        try:
            return h5f.open(name, flags, fapl=access)
        except FAULTS as error:
            reason = reason or str(error)
    raise unreadable(path, reason)


def _check_readable(path: Path) -> None:
    if path.is_dir():
        raise FileUnreadable(f"{path}: is a folder", hint="name a file")
    if path.exists() and not path.is_file():
        raise FileUnreadable(f"{path}: is not a regular file", hint="name a file")
    try:
        with path.open("rb") as stream:
            head = stream.read(512)
    except OSError as error:
        raise FileUnreadable(f"{path}: {error.strerror}", hint="check the path") from error
    if not head:
        raise FileUnreadable(f"{path}: is empty", hint="was the writer stopped?")
    check_head(path, head)


def check_head(name: Path | str, head: bytes) -> None:
    """Raises `FileUnreadable` where a file begins as those of another format do."""
    for magic, what, hint in _OTHER_FORMATS:
        if head.startswith(magic):
            raise FileUnreadable(f"{name}: is {what}, not HDF5", hint=hint)


def unreadable(path: Path | str, reason: str) -> FileUnreadable:
    """The error that a file cannot be opened, from what HDF5 says."""
    if "truncated" in reason:
        sizes = _SIZES.search(reason)
        missing = f": has {sizes[1]} of {sizes[2]} bytes" if sizes else ""
        hint = "the writer was stopped or the copy is not complete"
        return FileUnreadable(f"{path}: is truncated{missing}", hint=hint)
    if "file signature not found" in reason:
        return FileUnreadable(f"{path}: is not an HDF5 file", hint=_other_way(str(path)))
    return FileUnreadable(f"{path}: cannot be opened: {_inner(reason)}", hint="is it damaged?")


def _other_way(name: str) -> str:
    """What to do with a file that its name says to be no HDF5."""
    if name.lower().endswith((".yaml", ".yml")):
        return "`nxtool check` judges recipes"
    if name.lower().endswith(_RAW):
        return "`nxtool sources` lists what raw data offer, `nxtool new` begins a recipe with them"
    return "check the format"


def _inner(reason: str) -> str:
    """The cause HDF5 gives in brackets, in one line."""
    text = " ".join(reason.split())
    return text[text.find("(") + 1 : text.rfind(")")] if "(" in text else text
