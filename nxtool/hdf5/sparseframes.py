"""Sparse frames of a file, made whole again: what was not kept is zero."""

from __future__ import annotations

from math import prod
from os import PathLike
from pathlib import Path
from typing import Any, Final, TypeAlias

import h5py
import numpy as np

from nxtool.errors import FileUnreadable
from nxtool.hdf5.opening import open_to_read
from nxtool.hdf5.view import FAULTS, load_filters

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"

MOST_BYTES: Final = 1 << 32
"""Frames larger than this together are asked for in parts."""


def dense_frames(
    path: str | PathLike[str], group: str, start: int = 0, stop: int | None = None
) -> np.ndarray[Any, np.dtype[Any]]:
    """Frames `start` to `stop` (None: all) of the group of sparse frames at `group` in a file.

    Raises:
        FileUnreadable: there is no such group, it does not fit together, or the frames would need
            more than 4 GiB.
    """
    load_filters()
    with h5py.File(open_to_read(Path(path))) as file:
        try:
            return _dense(file[group], start, stop)
        except (*FAULTS, TypeError, AttributeError) as error:
            message = f"{path}: {group} is no group of sparse frames that can be read"
            raise FileUnreadable(message, hint=str(error)[:200]) from error


def _dense(group: h5py.Group, start: int, stop: int | None) -> Array:
    count, height, width = (int(group.attrs[name]) for name in ("nframes", "shape0", "shape1"))
    first, last, _ = slice(start, stop).indices(count)
    shape = (max(0, last - first), height, width)
    dtype = group["intensity"].dtype
    _check(shape, dtype)
    dense = np.zeros(shape, dtype)
    if not dense.size:
        return dense
    nnz = group["nnz"][first:last]
    if len(nnz) != len(dense) or nnz.max() > height * width:
        raise ValueError("the frames have other numbers of pixels")
    begin = int(group["indptr"][first])
    end = begin + int(nnz.sum(dtype=np.uint64))
    row, col, intensity = (group[name][begin:end] for name in ("row", "col", "intensity"))
    if len(row) and (row.max() >= height or col.max() >= width):
        raise ValueError("a pixel lies outside its frame")
    dense[np.repeat(np.arange(len(dense)), nnz), row, col] = intensity
    return dense


def _check(shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    if min(shape) < 0 or dtype.kind not in "iu":
        raise ValueError("its sizes or its type are none of frames")
    if prod(shape) * dtype.itemsize > MOST_BYTES:
        raise ValueError("the frames are too large: ask for fewer of them at a time")
