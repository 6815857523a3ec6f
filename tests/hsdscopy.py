"""Copies an HDF5 file to a domain of HSDS, as a program: FILE ADDRESS.

h5pyd's `hsload` would do, but it gives small datasets chunks of its own. What h5pyd cannot write is
left out: named datatypes, references, null dataspaces.
"""

from __future__ import annotations

import sys
from typing import Any

import h5py
import h5pyd


def copy(file: str, address: str) -> None:
    """Make the domain at `address` what `file` is."""
    with h5py.File(file) as source, h5pyd.File(address, "w") as target:
        _group(source, target, {})


def _group(source: Any, target: Any, made: dict[Any, Any]) -> None:
    _attributes(source, target)
    made[source.id] = target
    for name in source:
        link = source.get(name, getlink=True)
        if isinstance(link, h5py.SoftLink):
            target[name] = h5pyd.SoftLink(link.path)
        elif isinstance(link, h5py.ExternalLink):
            target[name] = h5pyd.ExternalLink(f"/{link.filename}", link.path)
        elif source[name].id in made:
            target[name] = made[source[name].id]
        elif isinstance(source[name], h5py.Group):
            _group(source[name], target.create_group(name), made)
        elif isinstance(source[name], h5py.Dataset):
            made[source[name].id] = _dataset(source[name], target, name)


def _dataset(source: h5py.Dataset, target: Any, name: str) -> Any:
    form = {"chunks": source.chunks, "compression": source.compression} if source.chunks else {}
    made = target.create_dataset(name, shape=source.shape, dtype=source.dtype, **form)
    if source.size:
        made[...] = source[()]
    _attributes(source, made)
    return made


def _attributes(source: Any, target: Any) -> None:
    for name, value in source.attrs.items():
        stored = source.attrs.get_id(name)
        if stored.shape is not None and h5py.check_ref_dtype(stored.dtype) is None:
            target.attrs.create(name, value, shape=stored.shape, dtype=stored.dtype)


if __name__ == "__main__":
    copy(*sys.argv[1:])
