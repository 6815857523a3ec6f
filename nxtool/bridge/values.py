"""Values that a file takes from another: shown through a virtual dataset, or copied.

A dataset goes over as it is stored. Only what is put together from several files, and single
frames, are read and written block by block.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import h5py
import numpy as np

from nxtool.bridge.additions import Brought, Spread, Window
from nxtool.hdf5.otherfiles import SOURCES, Folders, as_pattern, external_file, folders_of, name_in
from nxtool.hdf5.view import load_filters, split_blocks

_BLOCK_BYTES: Final = 16 * 1024 * 1024
_COMPRESSION: Final[dict[str, Any]] = {
    "compression": "gzip", "compression_opts": 4, "shuffle": True
}  # fmt: skip


def from_source(
    file: h5py.File, addition: Window | Brought | Spread, source: h5py.File
) -> h5py.Dataset:
    """Make the dataset that `addition` describes; its attributes are left to the caller."""
    there = source[addition.target]
    if isinstance(addition, Spread):
        return _spread(file, addition, there[()], source[addition.starts][()])
    if isinstance(addition, Window):
        return _window(file, addition, there)
    if addition.frame is None and not there.is_virtual and not there.external:
        return _copied(file, addition.path, there)
    return _read(file, addition, there)


def _spread(file: h5py.File, addition: Spread, values: Any, starts: Any) -> h5py.Dataset:
    """Values repeated block by block, for there may be very many places."""
    made = file.create_dataset(
        addition.path, (addition.count,), values.dtype, chunks=True, **_COMPRESSION
    )
    for (block,) in split_blocks((addition.count,), values.dtype.itemsize, _BLOCK_BYTES):
        places = np.arange(block.start, block.stop)
        made[block] = values[np.searchsorted(starts, places, side="right") - 1]
    return made


def has_values(source: h5py.File, target: str) -> bool:
    """Whether at least one of the datasets that a virtual one is made of is there; others have
    values of their own."""
    there = source[target]
    if not there.is_virtual:
        return True
    folders = folders_of(Path(there.file.filename))
    return any(_is_there(there.file, folders, one) for one in there.virtual_sources())


def _is_there(file: h5py.File, folders: Folders, part: Any) -> bool:
    if part.file_name == ".":
        return file.get(part.dset_name) is not None  # None too for a link to a file that is missing
    name = name_in(part.file_name)
    return name is None or external_file(name, folders, SOURCES) is not None


def _window(file: h5py.File, addition: Window, there: h5py.Dataset) -> h5py.Dataset:
    if 0 in there.shape:
        return file.create_dataset(addition.path, shape=there.shape, dtype=there.dtype)
    layout = h5py.VirtualLayout(there.shape, there.dtype)
    source = as_pattern(addition.file), as_pattern(addition.target)
    layout[...] = h5py.VirtualSource(*source, there.shape, there.dtype)
    return file.create_virtual_dataset(addition.path, layout)


def _copied(file: h5py.File, path: str, there: h5py.Dataset) -> h5py.Dataset:
    """The dataset as it is stored, without its attributes, which say what it is in NeXus."""
    load_filters()
    there.file.copy(there, file, name=path, without_attrs=True)
    return file[path]


def _read(file: h5py.File, addition: Brought, there: h5py.Dataset) -> h5py.Dataset:
    load_filters()
    shape = there.shape if addition.frame is None else there.shape[1:]
    is_filtered = bool(shape) and 0 not in shape
    made = file.create_dataset(
        addition.path, shape=shape, dtype=there.dtype, **(_COMPRESSION if is_filtered else {})
    )
    for block in split_blocks(shape, there.dtype.itemsize, _BLOCK_BYTES):
        made[block] = there[block if addition.frame is None else (addition.frame, *block)]
    return made
