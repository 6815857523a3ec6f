"""Additions made in an HDF5 file, in their order; what was made is handed back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import h5py
import numpy as np

from nxtool.bridge.additions import (
    Addition,
    Brought,
    Field,
    Filled,
    Group,
    Link,
    Mark,
    Ramp,
    Spread,
    Window,
)
from nxtool.bridge.values import from_source
from nxtool.build.fixedtext import Value, set_value
from nxtool.build.inplace import TEXT


def make(
    file: h5py.File, additions: Iterable[Addition], source: h5py.File | None = None
) -> list[Addition]:
    """Make all additions; the list of those that were made. `source` is the file that windows and
    what is brought come from.

    A `Mark` is not made where the object has such an attribute already: two paths may lead to one
    object. Fields with the same numbers become one dataset with several names.
    """
    shared: dict[tuple[object, ...], h5py.Dataset] = {}
    made: list[Addition] = []
    for addition in additions:
        if isinstance(addition, Mark):
            if addition.name in file[addition.path].attrs:
                continue
            set_value(file[addition.path], addition.name, addition.value)
        elif isinstance(addition, Window | Brought | Spread):
            if source is not None:
                _attributes(from_source(file, addition, source), addition.attributes)
        else:
            _make(file, addition, shared)
        made.append(addition)
    return made


def _make(
    file: h5py.File,
    addition: Group | Field | Filled | Link,
    shared: dict[tuple[object, ...], h5py.Dataset],
) -> None:
    if isinstance(addition, Group):
        _attributes(file.create_group(addition.path), addition.attributes)
    elif isinstance(addition, Link):
        _link(file, addition)
    elif isinstance(addition, Filled):
        _filled(file, addition)
    elif isinstance(addition.values, Ramp):
        key = (addition.values, *sorted(addition.attributes.items()))
        if key not in shared:
            shared[key] = _field(file, addition.path, addition.values.values(), addition.attributes)
        else:
            file[addition.path] = shared[key]
    else:
        _field(file, addition.path, addition.values, addition.attributes)


def _field(
    file: h5py.File, path: str, values: Value, attributes: Mapping[str, Value]
) -> h5py.Dataset:
    if isinstance(values, str | tuple):
        data = values if isinstance(values, str) else np.array(values, dtype=object)
        dataset = file.create_dataset(path, data=data, dtype=TEXT)
    else:
        dataset = file.create_dataset(path, data=values)
    _attributes(dataset, attributes)
    return dataset


def _filled(file: h5py.File, addition: Filled) -> None:
    """A dataset whose chunks are never written, so that every reader sees the fill value."""
    chunks = True if addition.shape and 0 not in addition.shape else None
    dataset = file.create_dataset(
        addition.path,
        shape=addition.shape,
        dtype=addition.value.dtype,
        chunks=chunks,
        fillvalue=addition.value,
    )
    _attributes(dataset, addition.attributes)


def _link(file: h5py.File, addition: Link) -> None:
    if addition.file:
        file[addition.path] = h5py.ExternalLink(addition.file, addition.target)
    elif addition.hard:
        file[addition.path] = file[addition.target]
    else:
        file[addition.path] = h5py.SoftLink(addition.target)


def _attributes(node: Any, attributes: Mapping[str, Value]) -> None:
    for name, value in attributes.items():
        set_value(node, name, value)
