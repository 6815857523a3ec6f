"""Objects of a file that exists, changed in their place: other values, the same names.

A dataset keeps its type where the new values fit it, and its shape or one it can grow to, and is
written over. Otherwise a new one takes all its names, with its attributes as they are stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import h5py
import numpy as np

from nxtool import nxpath
from nxtool.build.data import Array, cast
from nxtool.errors import OutputError, SourceError
from nxtool.hdf5.referred import is_referred
from nxtool.hdf5.stored import copy_as_stored

TEXT: Final = h5py.string_dtype()
_REFERRED: Final = frozenset({"DIMENSION_LIST", "REFERENCE_LIST"})
"""Attributes of dimension scales, which are references to objects."""


def set_attribute(node: Any, name: str, value: Any) -> None:
    """Give an object an attribute; one of the same name is replaced. Text is UTF-8."""
    if isinstance(value, str):
        node.attrs.create(name, value, dtype=TEXT)
    elif isinstance(value, list | tuple):
        node.attrs.create(name, np.array(value, dtype=object), dtype=TEXT)
    else:
        node.attrs[name] = value


def write_values(file: h5py.File, path: str, values: Array) -> None:
    """Put `values` into the field at `path`; text comes as objects.

    Raises:
        OutputError: other objects refer to the field, and it would have to be a new one.
    """
    old = file[path]
    if values.size == 1 and old.size == 1:
        values = values.reshape(old.shape)
    fitting = _as_stored(old.dtype, values)
    if fitting is not None and _takes(old, values.shape):
        old[...] = fitting
    elif values.dtype.hasobject:
        renew(file, path, *_new_text(old.dtype, values))
    else:
        renew(file, path, values if fitting is None else fitting)


def renew(file: h5py.File, path: str, values: Any, dtype: Any = None) -> None:
    """Make a new dataset of `values` in the place of the one at `path`: under all names that hard
    links give it, with its attributes.

    Raises:
        OutputError: other objects refer to the old one.
    """
    old = file[path]
    if not _REFERRED.isdisjoint(old.attrs):
        hint = "give a value of the same type and shape"
        raise OutputError(f"{path}: is tied to others as a dimension scale", hint=hint)
    if is_referred(file, old):
        hint = "give a value of the same type and shape"
        raise OutputError(f"{path}: references lead to it, and would lead nowhere", hint=hint)
    places = list(_hard_links(file, path))
    order = _orders_attributes(old)
    new = file.create_dataset(None, data=values, dtype=dtype, track_order=order)
    copy_attributes(old, new)
    for place in places:
        del file[place]
        file[place] = new


def copy_attributes(old: Any, new: Any) -> None:
    """Give `new` the attributes of `old`, as they are stored."""
    for key in old.attrs:
        name = key if isinstance(key, bytes) else key.encode("utf-8", "surrogateescape")
        copy_as_stored(old.id, new.id, name)


def _takes(old: h5py.Dataset, shape: tuple[int, ...]) -> bool:
    """Whether a field has this shape, or could be made to have it: then it is so now."""
    if old.shape == shape:
        return True
    most = old.maxshape or ()
    if old.chunks is None or len(most) != len(shape) or not _REFERRED.isdisjoint(old.attrs):
        return False
    if any(limit is not None and size > limit for size, limit in zip(shape, most, strict=True)):
        return False
    old.resize(shape)
    return True


def _orders_attributes(old: h5py.Dataset) -> bool:
    order = old.id.get_create_plist().get_attr_creation_order()
    return bool(order & h5py.h5p.CRT_ORDER_TRACKED)


def _as_stored(dtype: np.dtype[Any], values: Array) -> Array | None:
    """The values in the type of the file; None where they do not fit."""
    if values.dtype.hasobject:
        return _as_text(dtype, values)
    if dtype.kind not in "iufcb" or h5py.check_enum_dtype(dtype):
        return None
    try:
        return cast(values, dtype)
    except SourceError:
        return None


def _as_text(dtype: np.dtype[Any], values: Array) -> Array | None:
    stored = h5py.check_string_dtype(dtype)
    if stored is None:
        return None
    texts = [str(item) for item in values.reshape(-1)]
    if stored.encoding == "ascii" and not all(text.isascii() for text in texts):
        return None
    if stored.length is None:
        return values
    raw = [text.encode() for text in texts]
    if any(len(item) > stored.length for item in raw):
        return None
    return np.array(raw, dtype=dtype).reshape(values.shape)


def _new_text(dtype: np.dtype[Any], values: Array) -> tuple[Array, Any]:
    """Texts and their type in a new dataset: of one length, if those of the old one were."""
    stored = h5py.check_string_dtype(dtype)
    if stored is None or stored.length is None:
        return values, TEXT
    raw = np.array([str(item).encode() for item in values.reshape(-1)]).reshape(values.shape)
    dtype = h5py.string_dtype(length=max(1, raw.dtype.itemsize))
    return raw.astype(dtype), dtype


def _hard_links(file: h5py.File, path: str) -> Iterator[str]:
    """Every name the dataset at `path` has in the file."""
    count = h5py.h5o.get_info(file[path].id).rc
    parent = file[nxpath.parent(path)]
    if count == 1 and isinstance(parent.get(nxpath.base(path), getlink=True), h5py.HardLink):
        yield path
        return
    wanted = h5py.h5o.get_info(file[path].id).addr
    pending, seen = [file["/"]], set()
    while pending:
        group = pending.pop()
        for name in group:
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                continue
            info = h5py.h5o.get_info(group.id, name.encode("utf-8", "surrogateescape"))
            if info.addr == wanted:
                yield nxpath.join(group.name, name)
            elif info.type == h5py.h5o.TYPE_GROUP and info.addr not in seen:
                seen.add(info.addr)
                pending.append(group[name])
