"""Arrays cut into chunks: where each begins, how far it reaches, and the values in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from math import ceil, prod
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from nxtool.build.data import Array, FieldData

if TYPE_CHECKING:
    import h5py

Offset: TypeAlias = "tuple[int, ...]"


class Piece(NamedTuple):
    """The values of one chunk (smaller at the edges of a dataset) and where they begin."""

    offset: Offset
    values: Array


class Layout(NamedTuple):
    """Shape, chunk shape and size of elements: asking h5py for them at every chunk is slow."""

    shape: tuple[int, ...]
    chunks: tuple[int, ...]
    itemsize: int

    @classmethod
    def of(cls, dataset: h5py.Dataset) -> Layout:
        return cls(dataset.shape, dataset.chunks, dataset.dtype.itemsize)

    @property
    def is_one_chunk(self) -> bool:
        """HDF5 2.0 forgets the filter mask it is given with the only chunk of a dataset, and cannot
        read what it wrote; such a chunk is left to HDF5.
        """
        return all(size >= length for size, length in zip(self.chunks, self.shape, strict=True))

    def extent(self, offset: Offset) -> tuple[int, ...]:
        """The shape of the values in the chunk at `offset`, without what lies beyond the edge."""
        parts = zip(offset, self.chunks, self.shape, strict=True)
        return tuple(min(size, length - at) for at, size, length in parts)

    def bytes_at(self, offset: Offset) -> int:
        """The bytes of these values."""
        return self.itemsize * prod(self.extent(offset))

    def piece(self, offset: Offset, data: FieldData) -> Piece:
        """The values of the chunk at `offset`."""
        rows = data.read(offset[0], offset[0] + self.chunks[0])
        rest = zip(offset[1:], self.chunks[1:], strict=True)
        part = (slice(None), *(slice(at, at + size) for at, size in rest))
        return Piece(offset, rows[part])


def pieces_of(blocks: Iterable[tuple[int, Array]], chunks: tuple[int, ...]) -> Iterator[Piece]:
    """The chunks of blocks of whole rows of chunks, in their order."""
    for start, values in blocks:
        yield from pieces_at((start, *(0 for _ in chunks[1:])), values, chunks)


def pieces_at(origin: Offset, values: Array, chunks: tuple[int, ...]) -> Iterator[Piece]:
    """The chunks of a block that begins at `origin`, in their order."""
    for offset in offsets_of(values.shape, chunks):
        part = tuple(slice(at, at + size) for at, size in zip(offset, chunks, strict=True))
        place = tuple(begin + at for begin, at in zip(origin, offset, strict=True))
        yield Piece(place, values[part])


def offsets_of(shape: tuple[int, ...], chunks: tuple[int, ...]) -> Iterator[Offset]:
    """Where the chunks of an array of this shape begin, last axis fastest."""
    counts = (range(ceil(length / size)) for length, size in zip(shape, chunks, strict=True))
    for index in product(*counts):
        yield tuple(i * size for i, size in zip(index, chunks, strict=True))
