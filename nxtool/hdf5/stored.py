"""Values and attributes as they are stored, whatever their type."""

from __future__ import annotations

from typing import Any

import numpy as np
from h5py import h5a, h5t


def is_fixed(kind: h5t.TypeID) -> bool:
    """False where values hold references, or lie elsewhere because their length varies."""
    found = kind.get_class()
    if found == h5t.COMPOUND:
        return all(is_fixed(kind.get_member_type(i)) for i in range(kind.get_nmembers()))
    if found == h5t.ARRAY:
        return is_fixed(kind.get_super())
    if found == h5t.STRING:
        return not kind.is_variable_str()
    return found not in (h5t.VLEN, h5t.REFERENCE)


def has_references(kind: h5t.TypeID) -> bool:
    """True where values point to objects of their file."""
    found: bool = kind.detect_class(h5t.REFERENCE)
    return found


def elements_of(item: Any) -> int:
    """How many elements a dataset or an attribute has; 0 for a null dataspace."""
    count: int = item.get_space().get_simple_extent_npoints()
    return count


def copy_as_stored(source: Any, target: Any, name: bytes) -> None:
    """Give `target` an attribute of `source`, in the type it is stored in. References hold only
    within one file."""
    stored = h5a.open(source, name)
    kind = stored.get_type()
    made = h5a.create(target, name, kind, stored.get_space())
    if not elements_of(stored):
        return
    if is_fixed(kind) or has_references(kind):
        values: np.ndarray[Any, Any] = np.empty(stored.shape, dtype=f"V{kind.get_size()}")
        memory = kind
    else:
        memory = h5t.py_create(kind.dtype)
        values = np.empty(stored.shape, dtype=kind.dtype)
    stored.read(values, mtype=memory)
    made.write(values, mtype=memory)
