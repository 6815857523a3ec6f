"""Whether a file reads back as the one it was made from, value by value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from pathlib import Path
from typing import Any, TypeAlias

import h5py
import numpy as np
from h5py import h5d, h5f, h5o, h5r

from nxtool.errors import OutputError
from nxtool.hdf5.stored import is_fixed
from nxtool.repack.objects import Way, address_of, reading, shown
from nxtool.repack.references import Pointers
from nxtool.repack.survey import Held, Survey
from nxtool.repack.values import Box, chunks_of, list_boxes, list_written, read_values

Array: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[Any]]"
Progress: TypeAlias = "Callable[[str, int], None]"


def compare_values(
    source: h5f.FileID,
    target: h5f.FileID,
    found: Survey,
    ways: Mapping[int, Way],
    file: Path,
    progress: Progress,
) -> None:
    """Compare all datasets: values bit for bit, references by the object they lead to.

    Values behind filters that are missing here are compared as stored chunks; virtual datasets,
    and values in other files, are not compared.

    Raises:
        OutputError: something differs, or cannot be read in the target.
        FileUnreadable: something cannot be read in the source.
    """
    there = {address_of(h5o.open(target, way)): way for way in ways.values()}
    alike = _Alike(Pointers(source, target, ways), Pointers(target, target, there))
    for held in found.datasets.values():
        if held.layout in ("virtual", "external"):
            continue
        name = shown(held.way)
        mine, its = h5o.open(source, held.way), h5o.open(target, held.way)
        with reading(file, name):
            same = mine.shape == its.shape and mine.get_type() == its.get_type()
        if not same or not _same_values(mine, its, held, alike, file, progress):
            raise OutputError(
                f"{name} does not read back as it is in {file}",
                hint="nothing was kept; please report it with that file",
            )


def _same_values(
    mine: h5d.DatasetID,
    its: h5d.DatasetID,
    held: Held,
    alike: _Alike,
    file: Path,
    progress: Progress,
) -> bool:
    if not held.size:
        return True
    if not held.is_readable:
        return _same_chunks(mine, its)
    for box in list_boxes(mine, held, chunks_of(its)):
        with reading(file, shown(held.way)):
            values = read_values(mine, box)
        if not _equal(values, _reread(its, box), mine, alike):
            return False
        progress(shown(held.way), prod(box.extent) * held.dtype.itemsize)
    return True


def _reread(target: h5d.DatasetID, box: Box) -> Array | None:
    """Values of the target; None where they cannot be read."""
    try:
        return read_values(target, box)
    except (OSError, RuntimeError, ValueError):
        return None


def _equal(mine: Array, its: Array | None, dataset: h5d.DatasetID, alike: _Alike) -> bool:
    if its is None:
        return False
    if is_fixed(dataset.get_type()):
        return mine.tobytes() == its.tobytes()
    return alike.values(mine, its, dataset.get_type().dtype)


def _same_chunks(mine: h5d.DatasetID, its: h5d.DatasetID) -> bool:
    """Whether the stored bytes are the same."""
    offsets = list_written(mine)  # at once: HDF5 counts from the first chunk to find one by number
    if len(offsets) != its.get_num_chunks():
        return False
    return all(mine.read_direct_chunk(at) == its.read_direct_chunk(at) for at in offsets)


class _Alike:
    """Compares Python objects read from two files."""

    def __init__(self, mine: Pointers, its: Pointers) -> None:
        self._mine = mine
        self._its = its

    def values(self, mine: Array, its: Array, dtype: np.dtype[Any]) -> bool:
        if mine.shape != its.shape:
            return False
        if dtype.subdtype is not None:
            return self.values(mine, its, dtype.subdtype[0])
        if dtype.fields is not None:
            parts = dtype.fields.items()
            return all(self.values(mine[name], its[name], part) for name, (part, *_) in parts)
        if not dtype.hasobject:
            return mine.tobytes() == its.tobytes()
        inner = h5py.check_vlen_dtype(dtype)
        pairs = zip(mine.reshape(-1), its.reshape(-1), strict=True)
        if h5py.check_ref_dtype(dtype) is not None:
            return all(self._reference(one, other) for one, other in pairs)
        if not isinstance(inner, np.dtype):
            return all(one == other for one, other in pairs)
        return all(self.values(one, other, inner) for one, other in pairs)

    def _reference(self, one: h5r.Reference, other: h5r.Reference) -> bool:
        """References that lead nowhere are null in the copy."""
        return self._mine.way(one) == self._its.way(other)
