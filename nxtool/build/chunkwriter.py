"""Whole chunks into a dataset: encoded by several threads, or copied as another file has them.

Threads only encode. Everything of HDF5, and the reading of sources, is done by the caller's
thread, which writes the chunks in their order. A few chunks are in memory at a time. An error or
an interruption leaves no thread behind.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import product
from math import ceil, prod
from types import TracebackType
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, TypeAlias

from nxtool.build.data import Array, FieldData, Sourced
from nxtool.sources.model import ChunkSource
from nxtool.storage.codecs import StoredChunk, stored_filters

if TYPE_CHECKING:
    import h5py

Offset: TypeAlias = "tuple[int, ...]"

WAITING_BYTES: Final = 24 * 1024 * 1024
"""What chunks may take while they wait, where there are more of them than threads."""
ROOM_BYTES: Final = 8 * 1024 * 1024
"""How much room on the disk is asked for at once."""
SMALLEST: Final = 4096
"""Chunks below this many bytes cost more to hand to a thread than HDF5 needs for them."""


class Piece(NamedTuple):
    """The values of one chunk (smaller at the edges of a dataset) and where they begin."""

    offset: Offset
    values: Array


class Encoder(Protocol):
    """What makes stored chunks of values, in any thread."""

    @property
    def chunk_bytes(self) -> int:
        """The size of a chunk before it is encoded."""

    def encode(self, values: Array) -> StoredChunk | None:
        """The chunk that holds `values`; None where HDF5 must make it."""


_Waiting: TypeAlias = "tuple[Piece, Future[StoredChunk | None]]"


def threads_here() -> int:
    """The processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class ChunkWriter:
    """Writes encoded chunks; use it in a `with` block.

    `room` is called with the bytes about to be stored, `done` with the bytes of values that were.
    """

    def __init__(self, room: Callable[[int], None], threads: int | None = None) -> None:
        self._room = room
        self._free = 0
        self._threads = threads or threads_here()
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="nxtool-encode")

    def __enter__(self) -> ChunkWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def write(
        self,
        dataset: h5py.Dataset,
        codec: Encoder,
        pieces: Iterable[Piece],
        done: Callable[[int], None],
    ) -> None:
        """Encode `pieces` and store them in their order."""
        waiting: deque[_Waiting] = deque()
        one_chunk = _Layout.of(dataset).is_one_chunk
        limit = self._limit(codec.chunk_bytes)
        try:
            for piece in pieces:
                waiting.append((piece, self._pool.submit(codec.encode, piece.values)))
                while len(waiting) >= limit or (waiting and waiting[0][1].done()):
                    done(self._store_first(dataset, waiting, one_chunk))
            while waiting:
                done(self._store_first(dataset, waiting, one_chunk))
        finally:
            for _, future in waiting:
                future.cancel()

    def _limit(self, chunk_bytes: int) -> int:
        """How many chunks may be in memory: twice the threads, fewer of large ones."""
        fitting = WAITING_BYTES // max(1, chunk_bytes)
        return max(self._threads + 1, min(2 * self._threads, fitting))

    def _store_first(self, dataset: h5py.Dataset, waiting: deque[_Waiting], one_chunk: bool) -> int:
        """Store the chunk that waits longest; the bytes of its values."""
        piece, future = waiting.popleft()
        chunk = future.result()
        if chunk is None or (chunk.mask and one_chunk):
            self._store_ordinarily(dataset, piece)
        else:
            self._store(dataset, piece.offset, chunk)
        return piece.values.nbytes

    def _store(self, dataset: h5py.Dataset, offset: Offset, chunk: StoredChunk) -> None:
        self._ensure_room(len(chunk.data))
        dataset.id.write_direct_chunk(offset, chunk.data, chunk.mask)

    def _ensure_room(self, size: int) -> None:
        """Ask for room, for many chunks at once."""
        if size > self._free:
            self._free = max(size, ROOM_BYTES)
            self._room(self._free)
        self._free -= size

    def _store_ordinarily(self, dataset: h5py.Dataset, piece: Piece) -> None:
        """A chunk that could not be encoded here: HDF5 does it, or says why not."""
        self._ensure_room(piece.values.nbytes)
        dataset[_selection(piece)] = piece.values

    def store(self, dataset: h5py.Dataset, offset: Offset, chunk: StoredChunk) -> bool:
        """Store one chunk as it is; False where HDF5 could not read it back."""
        if chunk.mask and _Layout.of(dataset).is_one_chunk:
            return False
        self._store(dataset, offset, chunk)
        return True

    def copy(
        self,
        dataset: h5py.Dataset,
        source: ChunkSource,
        data: FieldData,
        done: Callable[[int], None],
    ) -> None:
        """Store the chunks of `source` as they are; `data` gives the values of those that are
        not there, or cannot be had.
        """
        layout = _Layout.of(dataset)
        for offset in _offsets(layout.shape, layout.chunks):
            raw = source.raw_chunk(offset)
            if raw is None or (raw.mask and layout.is_one_chunk):
                self._store_ordinarily(dataset, layout.piece(offset, data))
            else:
                self._store(dataset, offset, StoredChunk(*raw))
            done(layout.bytes_at(offset))


class _Layout(NamedTuple):
    """Shape, chunk shape and size of elements: asking h5py for them at every chunk is slow."""

    shape: tuple[int, ...]
    chunks: tuple[int, ...]
    itemsize: int

    @classmethod
    def of(cls, dataset: h5py.Dataset) -> _Layout:
        return cls(dataset.shape, dataset.chunks, dataset.dtype.itemsize)

    @property
    def is_one_chunk(self) -> bool:
        """HDF5 2.0 forgets the filter mask it is given with the only chunk of a dataset, and cannot
        read what it wrote; such a chunk is left to HDF5.
        """
        return all(size >= length for size, length in zip(self.chunks, self.shape, strict=True))

    def bytes_at(self, offset: Offset) -> int:
        """The bytes of values in the chunk at `offset`, without what lies beyond the edge."""
        extents = zip(offset, self.chunks, self.shape, strict=True)
        return self.itemsize * prod(min(size, length - at) for at, size, length in extents)

    def piece(self, offset: Offset, data: FieldData) -> Piece:
        """The values of the chunk at `offset`."""
        rows = data.read(offset[0], offset[0] + self.chunks[0])
        rest = zip(offset[1:], self.chunks[1:], strict=True)
        part = (slice(None), *(slice(at, at + size) for at, size in rest))
        return Piece(offset, rows[part])


def chunks_to_copy(dataset: h5py.Dataset, data: FieldData) -> ChunkSource | None:
    """Where chunks for `dataset` lie as it would store them: same values, type, chunk shape,
    filters, and the same options after each filter completed them.
    """
    if dataset.chunks is None or not isinstance(data, Sourced) or not data.is_verbatim:
        return None
    source, info = data.array, data.info
    wanted = tuple((one.number, one.options) for one in stored_filters(dataset))
    same = info.chunks == dataset.chunks and info.dtype == dataset.dtype and info.filters == wanted
    return source if same and isinstance(source, ChunkSource) else None


def pieces_of(blocks: Iterable[tuple[int, Array]], chunks: tuple[int, ...]) -> Iterator[Piece]:
    """The chunks of blocks of whole rows of chunks, in their order."""
    for start, values in blocks:
        yield from pieces_at((start, *(0 for _ in chunks[1:])), values, chunks)


def pieces_at(origin: Offset, values: Array, chunks: tuple[int, ...]) -> Iterator[Piece]:
    """The chunks of a block that begins at `origin`, in their order."""
    for offset in _offsets(values.shape, chunks):
        part = tuple(slice(at, at + size) for at, size in zip(offset, chunks, strict=True))
        place = tuple(begin + at for begin, at in zip(origin, offset, strict=True))
        yield Piece(place, values[part])


def _offsets(shape: tuple[int, ...], chunks: tuple[int, ...]) -> Iterator[Offset]:
    """Where the chunks of an array of this shape begin, last axis fastest."""
    counts = (range(ceil(length / size)) for length, size in zip(shape, chunks, strict=True))
    for index in product(*counts):
        yield tuple(i * size for i, size in zip(index, chunks, strict=True))


def _selection(piece: Piece) -> tuple[slice, ...]:
    return tuple(
        slice(at, at + length) for at, length in zip(piece.offset, piece.values.shape, strict=True)
    )
