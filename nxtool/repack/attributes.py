"""Attributes copied from one object to another, whatever their type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from h5py import h5, h5a, h5t

from nxtool.hdf5.stored import elements_of, has_references, is_fixed
from nxtool.hdf5.view import FAULTS, MANY_ATTRIBUTES, attribute_names
from nxtool.repack.namedtypes import NamedTypes
from nxtool.repack.objects import ObjectID
from nxtool.repack.references import Pointers


def copy_attributes(
    source: ObjectID, target: ObjectID, types: NamedTypes, pointers: Pointers
) -> None:
    """Give `target` the attributes of `source`, in the same order."""
    for attribute in _attributes(source):
        kind = attribute.get_type()
        made = h5a.create(target, attribute.name, types.target_of(kind), attribute.get_space())
        if elements_of(attribute):
            copy_values(attribute, made, kind, pointers)


def _attributes(item: ObjectID) -> Iterator[h5a.AttrID]:
    """The attributes as they were created where that is tracked, else by name."""
    count = h5a.get_num_attrs(item)
    order = _order(item) if count > 1 else h5.INDEX_NAME
    if count > MANY_ATTRIBUTES:
        return (h5a.open(item, name) for name in attribute_names(item, order))
    return (h5a.open(item, index=index, index_type=order) for index in range(count))


def _order(item: ObjectID) -> int:
    """What attributes can be counted by."""
    try:
        h5a.open(item, index=0, index_type=h5.INDEX_CRT_ORDER)
    except FAULTS:  # the order is not tracked
        return int(h5.INDEX_NAME)
    return int(h5.INDEX_CRT_ORDER)


def copy_values(
    source: h5a.AttrID, target: h5a.AttrID, kind: h5t.TypeID, pointers: Pointers
) -> None:
    """Copy the value of an attribute with elements."""
    if is_fixed(kind):
        values: np.ndarray[Any, Any] = np.empty(source.shape, dtype=f"V{kind.get_size()}")
        source.read(values, mtype=kind)
        target.write(values, mtype=kind)
        return
    dtype = kind.dtype
    memory = h5t.py_create(dtype)
    values = np.empty(source.shape, dtype=dtype)
    source.read(values, mtype=memory)
    if has_references(kind):
        values = pointers.turned(values, dtype)
    target.write(values, mtype=memory)
