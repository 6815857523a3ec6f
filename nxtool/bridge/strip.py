"""The way back: what a record names is taken out, and everything else is as it was before."""

from __future__ import annotations

from typing import Final

import h5py

from nxtool.bridge.entries import DEFINITION
from nxtool.bridge.record import Record
from nxtool.errors import FileUnreadable

_BASE: Final = "/data"


def strip(file: h5py.File, record: Record) -> None:
    """Take out of `file` what the record says was added.

    Raises:
        FileUnreadable: the record names what no bridge would have added.
    """
    take_attributes(file, record)
    take_groups(file, record)


def take_attributes(file: h5py.File, record: Record) -> None:
    """Take away the attributes that were given to what was there."""
    for name, paths in record.attributes.items():
        for path in paths:
            if path in file:
                file[path].attrs.pop(name, None)


def take_groups(file: h5py.File, record: Record) -> None:
    """Delete the groups that were added; raises as `strip`."""
    for path in record.groups:
        if path not in file:
            continue
        if not _is_ours(file, path, record):
            message = f"{file.filename}: {path} is named in the record of nxtool, and is not its"
            raise FileUnreadable(message, hint="was the file changed since?")
        del file[path]


def _is_ours(file: h5py.File, path: str, record: Record) -> bool:
    """Whether a group looks like one that a bridge makes; a record may lie."""
    if record.direction == "from-nexus":
        return path == _BASE or (path in file and not len(file[path]))
    found = file[path].get("definition")
    return isinstance(found, h5py.Dataset) and found[()] == DEFINITION.encode()
