"""What differs between two HDF5 files: groups, links, attributes as stored, values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
from h5py import h5a


def differences(first: Path, second: Path) -> list[str]:
    """The paths of objects that are not the same in both files; attributes by path@name."""
    with h5py.File(first) as one, h5py.File(second) as other:
        mine, its = content(one), content(other)
    return sorted(path for path in mine.keys() | its.keys() if mine.get(path) != its.get(path))


def content(file: h5py.File) -> dict[str, Any]:
    """Everything that is stored, by path."""
    found: dict[str, Any] = {}
    _group(file, "", found)
    return found


def _group(group: h5py.Group, path: str, found: dict[str, Any]) -> None:
    found[path or "/"] = "group"
    _attributes(group, path, found)
    for name in group:
        link = group.get(name, getlink=True)
        place = f"{path}/{name}"
        if not isinstance(link, h5py.HardLink):
            found[place] = (type(link).__name__, link.path, getattr(link, "filename", ""))
        elif isinstance(group[name], h5py.Group):
            _group(group[name], place, found)
        else:
            _dataset(group[name], place, found)


def _dataset(dataset: h5py.Dataset, path: str, found: dict[str, Any]) -> None:
    stored = dataset.id.get_type().encode()
    layout = (dataset.shape, dataset.chunks, dataset.compression, dataset.is_virtual)
    small = dataset.size is not None and dataset.size < 10**7
    values = dataset[()] if small else None
    raw = repr(values) if dataset.dtype.hasobject or values is None else values.tobytes()
    found[path] = (stored, layout, raw)
    _attributes(dataset, path, found)


def _attributes(node: Any, path: str, found: dict[str, Any]) -> None:
    for index in range(h5a.get_num_attrs(node.id)):
        one = h5a.open(node.id, index=index)
        name = one.name.decode()
        count = one.get_space().get_simple_extent_npoints()
        value = repr(node.attrs[name]) if count else None
        found[f"{path or '/'}@{name}"] = (one.get_type().encode(), one.shape, value)
