"""The values of a dataset, moved block by block to one that stores them otherwise.

Stored chunks are taken as they are where filters and chunk shape stayed the same. Otherwise
values are read as they lie in the file, without conversion; chunks that nobody has written are
not written now.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from math import ceil, prod
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

import h5py
import numpy as np
from h5py import h5d, h5s, h5t

from nxtool.build.chunkwriter import SMALLEST, ChunkWriter, Recoding
from nxtool.build.pieces import Piece, pieces_at
from nxtool.hdf5.stored import has_references, is_fixed
from nxtool.repack.objects import reading, shown
from nxtool.repack.references import Pointers
from nxtool.repack.survey import Held
from nxtool.storage.codecs import ChunkCodec, StoredChunk, chunk_codec, stored_filters
from nxtool.storage.spec import FilterSpec

Array: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[Any]]"
Done: TypeAlias = "Callable[[int], None]"
"""Told the bytes of values that were just moved."""

BLOCK: Final = 128 * 1024 * 1024
"""The most that is read at once so that no chunk is decoded twice."""
USUAL: Final = 4 * 1024 * 1024
"""What is read at once where nothing calls for more."""


class Box(NamedTuple):
    """A part of an array: where it begins, and how long it is along each axis."""

    offset: tuple[int, ...]
    extent: tuple[int, ...]


class Mover:
    """Moves the values of datasets of the file `file`; `room` is asked for before."""

    def __init__(
        self, file: Path, writer: ChunkWriter, room: Callable[[int], None], pointers: Pointers
    ) -> None:
        self._file = file
        self._writer = writer
        self._room = room
        self._pointers = pointers

    def move(
        self,
        source: h5d.DatasetID,
        target: h5d.DatasetID,
        held: Held,
        wanted: FilterSpec | None,
        done: Done,
    ) -> bool:
        """Move all values, to the filter `wanted` (None: its own); True where they were stored
        anew, False where as they were."""
        if not held.stored or not held.size or held.layout in ("virtual", "external"):
            return False
        if not held.is_fixed:
            self._move_objects(source, target, held, done)
            return False
        if _same_storage(source, target) and self._copy_chunks(source, target, held, done):
            return False
        self._store_anew(source, target, held, wanted, done)
        chunked = bool(chunks_of(target))
        return chunked and not _same_storage(source, target)

    def _copy_chunks(
        self, source: h5d.DatasetID, target: h5d.DatasetID, held: Held, done: Done
    ) -> bool:
        """Copy stored chunks; False where HDF5 could not read them back (see `ChunkWriter`)."""
        dataset = h5py.Dataset(target)
        for offset in list_written(source):
            with reading(self._file, shown(held.way)):
                mask, data = source.read_direct_chunk(offset)
            if not self._writer.store(dataset, offset, StoredChunk(data, mask)):
                return False
            done(_bytes_at(offset, held))
        return True

    def _store_anew(
        self,
        source: h5d.DatasetID,
        target: h5d.DatasetID,
        held: Held,
        wanted: FilterSpec | None,
        done: Done,
    ) -> None:
        dataset = h5py.Dataset(target)
        codec = chunk_codec(dataset, wanted)
        boxes = list_boxes(source, held, chunks_of(target))
        if codec is not None and codec.chunk_bytes >= SMALLEST:
            recoding = self._recoding(source, held, codec)
            if recoding is not None:
                self._writer.recode(dataset, codec, recoding, sorted(list_written(source)), done)
                return
            pieces = self._pieces(source, held, boxes, codec.chunks)
            self._writer.write(dataset, codec, pieces, done)
            return
        for box in boxes:
            values = self._read(source, held, box)
            self._room(values.nbytes)
            _write(target, box, values, source.get_type())
            done(values.nbytes)

    def _recoding(self, source: h5d.DatasetID, held: Held, codec: ChunkCodec) -> Recoding | None:
        """Chunks at the same places that threads can decode; None where there are none."""
        decoder = chunk_codec(h5py.Dataset(source)) if chunks_of(source) == codec.chunks else None
        if decoder is None:
            return None

        def raw(offset: tuple[int, ...]) -> StoredChunk:
            with reading(self._file, shown(held.way)):
                mask, data = source.read_direct_chunk(offset)
            return StoredChunk(data, mask)

        def piece(offset: tuple[int, ...]) -> Piece:
            box = _clipped(offset, codec.chunks, held.shape or ())
            return Piece(offset, self._read(source, held, box).view(held.dtype))

        return Recoding(decoder, raw, piece)

    def _pieces(
        self, source: h5d.DatasetID, held: Held, boxes: Iterator[Box], chunks: tuple[int, ...]
    ) -> Iterator[Piece]:
        for box in boxes:
            values = self._read(source, held, box).view(held.dtype)
            yield from pieces_at(box.offset, values, chunks)

    def _read(self, source: h5d.DatasetID, held: Held, box: Box) -> Array:
        with reading(self._file, shown(held.way)):
            return read_raw(source, box)

    def _move_objects(
        self, source: h5d.DatasetID, target: h5d.DatasetID, held: Held, done: Done
    ) -> None:
        """Values that are references, or hold some, or vary in length."""
        kind = source.get_type()
        turn = has_references(kind)
        for box in list_boxes(source, held, chunks_of(target)):
            with reading(self._file, shown(held.way)):
                values = read_objects(source, box)
                if turn:
                    values = self._pointers.turned(values, kind.dtype)
            self._room(prod(box.extent) * held.dtype.itemsize)
            _write(target, box, values, h5t.py_create(kind.dtype))
            done(prod(box.extent) * held.dtype.itemsize)


def read_raw(source: h5d.DatasetID, box: Box) -> Array:
    """Values as they lie in the file, without conversion."""
    kind = source.get_type()
    values = np.empty(box.extent, dtype=f"V{kind.get_size()}")
    source.read(*_spaces(source, box), values, kind)
    return values


def read_objects(source: h5d.DatasetID, box: Box) -> Array:
    """Values as Python objects: bytes, arrays, references."""
    dtype = source.get_type().dtype
    values = np.empty(box.extent, dtype=dtype)
    source.read(*_spaces(source, box), values, h5t.py_create(dtype))
    return values


def read_values(source: h5d.DatasetID, box: Box) -> Array:
    """Values as they are best compared."""
    return read_raw(source, box) if is_fixed(source.get_type()) else read_objects(source, box)


def _write(target: h5d.DatasetID, box: Box, values: Array, kind: h5t.TypeID) -> None:
    target.write(*_spaces(target, box), values, kind)


def _spaces(dataset: h5d.DatasetID, box: Box) -> tuple[Any, Any]:
    """The dataspaces for memory and file."""
    if not box.extent:
        return h5s.ALL, h5s.ALL
    space = dataset.get_space()
    space.select_hyperslab(box.offset, box.extent)
    return h5s.create_simple(box.extent), space


def _same_storage(source: h5d.DatasetID, target: h5d.DatasetID) -> bool:
    """Whether chunks of one can be taken for the other."""
    if chunks_of(source) != chunks_of(target) or not chunks_of(source):
        return False
    mine, its = (
        [(one.number, one.options) for one in stored_filters(h5py.Dataset(dataset))]
        for dataset in (source, target)
    )
    return mine == its


def chunks_of(dataset: h5d.DatasetID) -> tuple[int, ...]:
    """The shape of its chunks; empty where it has none."""
    plist = dataset.get_create_plist()
    return tuple(plist.get_chunk()) if plist.get_layout() == h5d.CHUNKED else ()


def list_boxes(source: h5d.DatasetID, held: Held, chunks: tuple[int, ...]) -> Iterator[Box]:
    """The parts to move one by one, in order; whole chunks of the target."""
    shape = held.shape or ()
    if not shape:
        yield Box((), ())
        return
    if held.chunks and source.get_num_chunks() < prod(
        ceil(length / size) for length, size in zip(shape, held.chunks, strict=True)
    ):
        unit = chunks or held.chunks
        for offset in _touched(list_written(source), held.chunks, unit, shape):
            yield _clipped(offset, unit, shape)
        return
    extent = block_shape(shape, chunks, held.chunks or shape, held.dtype.itemsize)
    ranges = (range(0, length, step) for length, step in zip(shape, extent, strict=True))
    for offset in product(*ranges):
        yield _clipped(offset, extent, shape)


def _clipped(offset: tuple[int, ...], extent: tuple[int, ...], shape: tuple[int, ...]) -> Box:
    parts = zip(offset, extent, shape, strict=True)
    return Box(offset, tuple(min(size, length - at) for at, size, length in parts))


def block_shape(
    shape: tuple[int, ...], unit: tuple[int, ...], other: tuple[int, ...], itemsize: int
) -> tuple[int, ...]:
    """The extent of what is read at once: whole chunks of shape `unit` (any, if empty), chunks of
    shape `other` as far as `BLOCK` allows, and several of them up to `USUAL`.

    >>> block_shape((64, 512, 512), (1, 512, 512), (8, 64, 64), 2)
    (8, 512, 512)
    """
    steps = unit or (1,) * len(shape)
    extent = list(steps)
    cover = [min(size, length) for size, length in zip(other, shape, strict=True)]
    if prod(cover) * itemsize <= BLOCK:
        _grow(extent, steps, cover, shape, BLOCK // itemsize)
    _grow(extent, steps, shape, shape, USUAL // itemsize)
    return tuple(extent)


def _grow(
    extent: list[int],
    unit: Sequence[int],
    wanted: Sequence[int],
    shape: Sequence[int],
    most: int,
) -> None:
    """Lengthen `extent` towards `wanted` in steps of `unit`, last axis first, to `most` elements
    inside `shape`.
    """
    for axis in reversed(range(len(extent))):
        inside = [min(pair) for pair in zip(extent, shape, strict=True)]
        fitting = most // max(1, prod(inside) // inside[axis])
        steps = ceil(wanted[axis] / unit[axis])
        if min(steps * unit[axis], shape[axis]) > fitting:
            steps = fitting // unit[axis]
        extent[axis] = max(extent[axis], steps * unit[axis])


def list_written(dataset: h5d.DatasetID) -> list[tuple[int, ...]]:
    """Where the stored chunks begin."""
    flat = array("Q")

    def add(chunk: Any) -> None:
        flat.extend(chunk.chunk_offset)

    dataset.chunk_iter(add)
    rank = dataset.rank
    return [tuple(flat[index : index + rank]) for index in range(0, len(flat), rank)]


def _touched(
    offsets: Sequence[tuple[int, ...]],
    chunks: tuple[int, ...],
    unit: tuple[int, ...],
    shape: tuple[int, ...],
) -> list[tuple[int, ...]]:
    """Where parts of shape `unit` begin that hold something of the chunks at `offsets`."""
    found: set[tuple[int, ...]] = set()
    for offset in offsets:
        ranges = [
            range(at // step * step, min(at + size, length), step)
            for at, size, step, length in zip(offset, chunks, unit, shape, strict=True)
        ]
        found.update(product(*ranges))
    return sorted(found)


def _bytes_at(offset: tuple[int, ...], held: Held) -> int:
    """The bytes of values in a chunk, without what lies beyond the edge."""
    parts = zip(offset, held.chunks, held.shape or (), strict=True)
    return held.dtype.itemsize * prod(min(size, length - at) for at, size, length in parts)
