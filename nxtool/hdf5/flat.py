"""The bytes of a dataset, one after the other as its values lie in C order, nothing converted.

Memory is bounded by a block and the chunks it touches, whatever shape a file claims. Datasets
whose values lie in other files are refused, and so are types whose elements are only pointers.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any, Final, TypeAlias

import numpy as np
from h5py import h5d, h5f, h5p, h5s, h5t

from nxtool.errors import FilterError
from nxtool.hdf5.view import FAULTS, LARGEST_CHUNK
from nxtool.nodeview import Unreadable
from nxtool.storage.filters import available, missing_message

Block: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]"

BLOCK_BYTES: Final = 4 * 1024 * 1024
CACHE_BYTES: Final = 32 * 1024 * 1024
"""Chunks that hold parts of several blocks are decoded once while they fit in here."""
_PLAIN: Final = frozenset({h5t.INTEGER, h5t.FLOAT, h5t.ENUM})


class FlatBytes:
    """The values of one dataset as bytes.

    Raises:
        Unreadable: the dataset is missing, empty though it claims values, of a type without plain
            values, or its values lie in another file.
        FilterError: its values are behind a filter that is not here.
    """

    def __init__(self, file: h5f.FileID, path: str) -> None:
        self.path = path
        try:
            self._id = h5d.open(file, path.encode("utf-8", "surrogateescape"), _cached())
            self._type = self._id.get_type()
            self._shape = tuple(self._id.get_space().get_simple_extent_dims() or ())
            self._check()
        except FAULTS as error:
            raise Unreadable(f"{path}: {_one_line(error)}") from error
        self._itemsize: int = self._type.get_size()
        self.size = prod(self._shape) * self._itemsize

    def _check(self) -> None:
        if not _is_plain(self._type):
            raise Unreadable(f"{self.path}: holds no plain numbers")
        plist = self._id.get_create_plist()
        layout = plist.get_layout()
        if layout == h5d.VIRTUAL or plist.get_external_count():
            raise Unreadable(f"{self.path}: its values lie in other files")
        if layout == h5d.CHUNKED:
            _check_filters(self.path, plist)
            if prod(plist.get_chunk()) * self._type.get_size() > LARGEST_CHUNK:
                raise Unreadable(f"{self.path}: its chunks are too large")
        if prod(self._shape) and not self._id.get_storage_size():
            raise Unreadable(f"{self.path}: claims values, but holds none")

    def blocks(self, start: int, count: int) -> Iterator[Block]:
        """The bytes from `start` on, `count` of them, block by block.

        Raises:
            Unreadable: they do not exist, begin or end inside an element, or are damaged.
        """
        if start < 0 or count < 0 or start + count > self.size:
            raise Unreadable(f"{self.path}: has no bytes {start} to {start + count}")
        if start % self._itemsize or count % self._itemsize:
            raise Unreadable(f"{self.path}: bytes {start} to {start + count} cut an element")
        most = max(1, BLOCK_BYTES // self._itemsize)
        for corner, extent in slabs(
            self._shape, start // self._itemsize, count // self._itemsize, most
        ):
            yield self._read(corner, extent)

    def _read(self, corner: tuple[int, ...], extent: tuple[int, ...]) -> Block:
        values = np.empty(prod(extent) * self._itemsize, dtype=np.uint8)
        memory, space = h5s.ALL, h5s.ALL
        if extent:
            memory, space = h5s.create_simple(extent), self._id.get_space()
            space.select_hyperslab(corner, extent)
        try:
            self._id.read(memory, space, values, self._type)
        except FAULTS as error:
            raise Unreadable(f"{self.path}: {_one_line(error)}") from error
        return values


def slabs(
    shape: tuple[int, ...], start: int, count: int, most: int
) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Corner and extent of blocks that are, in order, the elements `start` to `start + count`.

    Each has at most `most` elements.

    >>> list(slabs((3, 4), 2, 8, 100))
    [((0, 2), (1, 2)), ((1, 0), (1, 4)), ((2, 0), (1, 2))]
    """
    inner = [prod(shape[axis + 1 :]) for axis in range(len(shape))]
    if not shape and count:
        yield (), ()
        return
    while count:
        corner = tuple(start // size % length for size, length in zip(inner, shape, strict=True))
        limit = min(count, most)
        axis = next(i for i, size in enumerate(inner) if not start % size and size <= limit)
        rows = min(limit // inner[axis], shape[axis] - corner[axis])
        yield corner, (1,) * axis + (rows,) + shape[axis + 1 :]
        start += rows * inner[axis]
        count -= rows * inner[axis]


def _cached() -> Any:
    access = h5p.create(h5p.DATASET_ACCESS)
    access.set_chunk_cache(521, CACHE_BYTES, 1.0)
    return access


def _is_plain(kind: h5t.TypeID) -> bool:
    """True for numbers, enums of them and complex numbers: values that are all there is."""
    if kind.get_class() == h5t.COMPOUND:
        members = range(min(kind.get_nmembers(), 256))
        return all(kind.get_member_class(index) == h5t.FLOAT for index in members)
    return kind.get_class() in _PLAIN


def _check_filters(path: str, plist: Any) -> None:
    for index in range(plist.get_nfilters()):
        number, _flags, _values, name = plist.get_filter(index)
        if not available(number):
            raise FilterError(missing_message(path, number, name.decode("utf-8", "replace")))


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
