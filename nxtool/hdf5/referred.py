"""Whether references of a file lead to one of its datasets.

They hold the address of the dataset. Where another takes its place they lead nowhere, or, once
the room is used again, to something else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import h5py
import numpy as np
from h5py import h5a, h5d, h5o, h5r, h5s, h5t

from nxtool.hdf5.stored import elements_of, has_references
from nxtool.hdf5.view import FAULTS, attribute_names


def is_referred(file: h5py.File, dataset: h5py.Dataset) -> bool:
    """Whether an attribute or a value leads to `dataset`, an object or a region."""
    wanted = h5o.get_info(dataset.id).addr
    names: list[bytes] = [b"."]
    h5o.visit(file.id, names.append)
    for name in names:
        item = h5o.open(file.id, name)
        for holder in _holders(item):
            if any(_leads_to(one, file, wanted) for one in _references(*_read(holder))):
                return True
    return False


def _holders(item: Any) -> Iterator[Any]:
    """The attributes of an object, and the object itself, that hold references."""
    if isinstance(item, h5d.DatasetID) and has_references(item.get_type()):
        yield item
    if h5a.get_num_attrs(item):
        for name in attribute_names(item):
            attribute = h5a.open(item, name)
            if has_references(attribute.get_type()):
                yield attribute


def _read(holder: Any) -> tuple[Any, np.dtype[Any]]:
    """All values, and their type; none where h5py has no such type."""
    nothing = np.empty(0, np.void), np.dtype(np.void)
    if not elements_of(holder):
        return nothing
    try:
        dtype = holder.get_type().dtype
        values = np.empty(holder.shape, dtype)
        memory = h5t.py_create(dtype)
        if isinstance(holder, h5d.DatasetID):
            holder.read(h5s.ALL, h5s.ALL, values, memory)
        else:
            holder.read(values, mtype=memory)
    except (*FAULTS, NotImplementedError):
        return nothing
    return values, dtype


def _references(values: Any, dtype: np.dtype[Any]) -> Iterator[h5r.Reference]:
    inner = h5py.check_vlen_dtype(dtype)
    if h5py.check_ref_dtype(dtype) is not None:
        yield from values.reshape(-1)
    elif isinstance(inner, np.dtype):
        for one in values.reshape(-1):
            yield from _references(np.asarray(one), inner)
    elif dtype.subdtype is not None:
        yield from _references(values, dtype.subdtype[0])
    elif dtype.fields is not None:
        for name, (part, *_) in dtype.fields.items():
            yield from _references(values[name], part)


def _leads_to(one: h5r.Reference, file: h5py.File, address: int) -> bool:
    try:
        item = h5r.dereference(one, file.id) if one else None
        return item is not None and h5o.get_info(item).addr == address
    except FAULTS:
        return False
