"""Groups, small fields and attributes made through HDF5's own calls, as h5py would make them.

Where a file has thousands of fields of a few bytes, most of the time goes into what h5py prepares
anew for each: types, spaces and property lists. Here they are made once. The file is the same,
byte for byte.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import h5py
import numpy as np
from h5py import h5a, h5d, h5g, h5p, h5s, h5t

if TYPE_CHECKING:
    from collections.abc import Mapping

Array: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[Any]]"
Item: TypeAlias = "h5g.GroupID | h5d.DatasetID"

PLAIN: Final = "biufcS"
"""Kinds of numpy types that one HDF5 type stands for."""


def make_group(parent: h5g.GroupID, name: str) -> h5g.GroupID:
    """A new group `name` in `parent`."""
    return h5g.create(parent, name.encode(), _link(name.isascii()), _group_properties())


def make_field(parent: h5g.GroupID, name: str, values: Array) -> h5d.DatasetID:
    """A new contiguous field with `values`, of a type in `PLAIN`."""
    stored, memory = _types(values.dtype.str)
    return _made(parent, name, stored, memory, values)


def make_text(parent: h5g.GroupID, name: str, values: Array, *, fixed: bool) -> h5d.DatasetID:
    """A new field with text (objects of `str`); `fixed` makes all as long as the longest."""
    if not fixed:
        return _made(parent, name, *_text_types(), values.astype(h5py.string_dtype()))
    encoded = np.array([str(item).encode() for item in values.flat]).reshape(values.shape)
    if not encoded.size:
        encoded = encoded.astype("S1")
    kind = _fixed_text_type(encoded.dtype.itemsize)
    return _made(parent, name, kind, kind, encoded)


def set_attributes(item: Item, values: Mapping[str, Any]) -> None:
    """Give a new object attributes: text, a list of texts, numbers or arrays of them."""
    for name, value in values.items():
        if isinstance(value, (str, list)):
            text = _text(value) if isinstance(value, str) else _texts(value)
            _set_attribute(item, name, *_text_types(), text)
            continue
        array = np.asarray(value, order="C")
        if array.dtype.kind in PLAIN and not isinstance(value, bytes):
            _set_attribute(item, name, *_types(array.dtype.str), array)
        else:
            _wrapped(item).attrs[name] = value


def _made(
    parent: h5g.GroupID, name: str, stored: h5t.TypeID, memory: h5t.TypeID, values: Array
) -> h5d.DatasetID:
    space, properties = _space(values.shape), _field_properties()
    made = h5d.create(parent, name.encode(), stored, space, properties)
    if values.size:
        made.write(h5s.ALL, h5s.ALL, np.asarray(values, order="C"), memory)
    return made


def _set_attribute(
    item: Item, name: str, stored: h5t.TypeID, memory: h5t.TypeID, values: Array
) -> None:
    made = h5a.create(item, name.encode(), stored, _space(values.shape))
    made.write(values, mtype=memory)


@lru_cache(maxsize=256)
def _text(value: str) -> Array:
    """A scalar as HDF5 wants it; units come again and again."""
    return np.array(value, dtype=h5py.string_dtype())


def _texts(values: list[str]) -> Array:
    return np.array(values, dtype=h5py.string_dtype())


def _wrapped(item: Item) -> h5py.Group | h5py.Dataset:
    return h5py.Dataset(item) if isinstance(item, h5d.DatasetID) else h5py.Group(item)


@lru_cache(maxsize=64)
def _space(shape: tuple[int, ...]) -> h5s.SpaceID:
    return h5s.create_simple(shape)


@lru_cache(maxsize=64)
def _types(dtype: str) -> tuple[h5t.TypeID, h5t.TypeID]:
    """The type in the file and that in memory, which differ for booleans."""
    kind = np.dtype(dtype)
    return h5t.py_create(kind, logical=True), h5t.py_create(kind)


@lru_cache
def _text_types() -> tuple[h5t.TypeID, h5t.TypeID]:
    """UTF-8 of variable length, in the file and in memory."""
    kind = h5py.string_dtype()
    return h5t.py_create(kind, logical=True), h5t.py_create(kind)


@lru_cache(maxsize=64)
def _fixed_text_type(length: int) -> h5t.TypeID:
    return h5t.py_create(h5py.string_dtype(length=length), logical=True)


@lru_cache
def _link(ascii_name: bool) -> h5p.PropLCID:
    """Properties of a link to a group."""
    found = h5p.create(h5p.LINK_CREATE)
    found.set_create_intermediate_group(True)
    found.set_char_encoding(h5t.CSET_ASCII if ascii_name else h5t.CSET_UTF8)
    return found


@lru_cache
def _group_properties() -> h5p.PropGCID:
    found = h5p.create(h5p.GROUP_CREATE)
    found.set_obj_track_times(False)
    return found


@lru_cache
def _field_properties() -> h5p.PropDCID:
    found = h5p.create(h5p.DATASET_CREATE)
    found.set_obj_track_times(False)
    found.set_attr_creation_order(0)
    return found
