"""Values that point to objects, made to point to the same objects of another file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import h5py
import numpy as np
from h5py import h5f, h5r

from nxtool.hdf5.view import FAULTS
from nxtool.repack.objects import Way, address_of

Array: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[Any]]"


class Pointers:
    """Turns references of one file into references of another.

    `ways` are the paths of all objects by their address in the source; they are the same in the
    target. `lost` counts references to objects that no link leads to: they become null.
    """

    def __init__(self, source: h5f.FileID, target: h5f.FileID, ways: Mapping[int, Way]) -> None:
        self._source = source
        self._target = target
        self._ways = ways
        self.lost = 0

    def turned(self, values: Array, dtype: np.dtype[Any]) -> Array:
        """`values`, of a numpy type that says where there are references, for the target."""
        if h5py.check_ref_dtype(dtype) is not None:
            return self._each(values, self._reference)
        inner = h5py.check_vlen_dtype(dtype)
        if isinstance(inner, np.dtype):
            return self._each(values, lambda one: self.turned(one, inner))
        if dtype.subdtype is not None:
            return self.turned(values, dtype.subdtype[0])
        if dtype.fields is not None:
            result: Array = values.copy()
            for name, (part, *_) in dtype.fields.items():
                result[name] = self.turned(values[name], part)
            return result
        return values

    def _each(self, values: Array, turn: Any) -> Array:
        result = np.empty_like(values)
        flat = result.reshape(-1)
        for index, one in enumerate(values.reshape(-1)):
            flat[index] = turn(one)
        return result

    def _reference(self, one: h5r.Reference) -> h5r.Reference:
        """The reference for the target; null if it was null, or nothing is there."""
        is_region = isinstance(one, h5r.RegionReference)
        null = h5r.RegionReference() if is_region else h5r.Reference()
        if not one:
            return null
        way = self.way(one)
        if way is None:
            self.lost += 1
            return null
        if is_region:
            space = h5r.get_region(one, self._source)
            return h5r.create(self._target, way, h5r.DATASET_REGION, space)
        return h5r.create(self._target, way, h5r.OBJECT)

    def way(self, one: h5r.Reference) -> Way | None:
        """The path of the object a reference of the source points to; None where it has none."""
        try:
            item = h5r.dereference(one, self._source)
            return self._ways.get(address_of(item)) if item is not None else None
        except FAULTS:
            return None
