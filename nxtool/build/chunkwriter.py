"""Whole chunks into a dataset: encoded by several threads, decoded there before where another file
has them behind other filters, or copied as they are.

Threads only decode and encode. Everything of HDF5, and the reading of sources, is done by the
caller's thread, which writes the chunks in their order. A few chunks are in memory at a time. An
error or an interruption leaves no thread behind.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from nxtool.build.data import Array, FieldData, Sourced
from nxtool.build.pieces import Layout, Offset, Piece, offsets_of
from nxtool.sources.model import ChunkSource
from nxtool.storage.codecs import ChunkCodec, StoredChunk, decoder_of, stored_filters

if TYPE_CHECKING:
    import h5py

WAITING_BYTES: Final = 24 * 1024 * 1024
"""What chunks may take while they wait, where there are more of them than threads."""
ROOM_BYTES: Final = 8 * 1024 * 1024
"""How much room on the disk is asked for at once."""
SMALLEST: Final = 4096
"""Chunks below this many bytes cost more to hand to a thread than HDF5 needs for them."""


class _Job(NamedTuple):
    """A chunk on its way; `piece` gives its values should HDF5 have to store them."""

    offset: Offset
    future: Future[StoredChunk | None]
    size: int
    piece: Callable[[], Piece]


class Recoding(NamedTuple):
    """Chunks of another file on their way to the same places of a dataset.

    `raw` gives a chunk as stored, or None; `piece` its values, by way of HDF5.
    """

    decoder: ChunkCodec
    raw: Callable[[Offset], StoredChunk | None]
    piece: Callable[[Offset], Piece]


class Encoder(Protocol):
    """What makes stored chunks of values, in any thread."""

    @property
    def chunk_bytes(self) -> int:
        """The size of a chunk before it is encoded."""

    def encode(self, values: Array) -> StoredChunk | None:
        """The chunk that holds `values`; None where HDF5 must make it."""


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

    def __exit__(self, *_error: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def write(
        self,
        dataset: h5py.Dataset,
        codec: Encoder,
        pieces: Iterable[Piece],
        done: Callable[[int], None],
    ) -> None:
        """Encode `pieces` and store them in their order."""
        jobs = (self._encoding(codec, piece) for piece in pieces)
        self._store_all(dataset, jobs, codec.chunk_bytes, done)

    def recode(
        self,
        dataset: h5py.Dataset,
        codec: ChunkCodec,
        recoding: Recoding,
        offsets: Iterable[Offset],
        done: Callable[[int], None],
    ) -> None:
        """Decode the chunks at `offsets` of another file, encode them and store them in order."""
        layout = Layout.of(dataset)
        jobs = (self._recoding(codec, recoding, layout, offset) for offset in offsets)
        self._store_all(dataset, jobs, 2 * codec.chunk_bytes, done)

    def _encoding(self, codec: Encoder, piece: Piece) -> _Job:
        future = self._pool.submit(codec.encode, piece.values)
        return _Job(piece.offset, future, piece.values.nbytes, lambda: piece)

    def _recoding(
        self, codec: ChunkCodec, recoding: Recoding, layout: Layout, offset: Offset
    ) -> _Job:
        raw = recoding.raw(offset)
        if raw is None:
            return self._encoding(codec, recoding.piece(offset))
        extent = layout.extent(offset)
        future = self._pool.submit(_recoded, raw, recoding.decoder, codec, extent)
        return _Job(offset, future, layout.bytes_at(offset), lambda: recoding.piece(offset))

    def _store_all(
        self,
        dataset: h5py.Dataset,
        jobs: Iterable[_Job],
        chunk_bytes: int,
        done: Callable[[int], None],
    ) -> None:
        """Store the chunks as they come, a few waiting at a time."""
        waiting: deque[_Job] = deque()
        one_chunk = Layout.of(dataset).is_one_chunk
        limit = self._limit(chunk_bytes)
        try:
            for job in jobs:
                waiting.append(job)
                while len(waiting) >= limit or (waiting and waiting[0].future.done()):
                    done(self._store_first(dataset, waiting, one_chunk))
            while waiting:
                done(self._store_first(dataset, waiting, one_chunk))
        finally:
            for job in waiting:
                job.future.cancel()

    def _limit(self, chunk_bytes: int) -> int:
        """How many chunks may be in memory: twice the threads, fewer of large ones."""
        fitting = WAITING_BYTES // max(1, chunk_bytes)
        return max(self._threads + 1, min(2 * self._threads, fitting))

    def _store_first(self, dataset: h5py.Dataset, waiting: deque[_Job], one_chunk: bool) -> int:
        """Store the chunk that waits longest; the bytes of its values."""
        job = waiting.popleft()
        chunk = job.future.result()
        if chunk is None or (chunk.mask and one_chunk):
            self._store_ordinarily(dataset, job.piece())
        else:
            self._store(dataset, job.offset, chunk)
        return job.size

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
        if chunk.mask and Layout.of(dataset).is_one_chunk:
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
        layout = Layout.of(dataset)
        for offset in offsets_of(layout.shape, layout.chunks):
            raw = source.raw_chunk(offset)
            if raw is None or (raw.mask and layout.is_one_chunk):
                self._store_ordinarily(dataset, layout.piece(offset, data))
            else:
                self._store(dataset, offset, StoredChunk(*raw))
            done(layout.bytes_at(offset))


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


def chunks_to_recode(dataset: h5py.Dataset, data: FieldData) -> Recoding | None:
    """Chunks with the same values at the same places, behind filters that threads can undo; None
    where there are none, or HDF5 must read them.
    """
    if dataset.chunks is None or not isinstance(data, Sourced) or not data.is_verbatim:
        return None
    source, info = data.array, data.info
    if info.chunks != dataset.chunks or info.dtype != dataset.dtype or not info.filters:
        return None
    decoder = decoder_of(info.filters, dataset.chunks, info.dtype)
    if decoder is None or not isinstance(source, ChunkSource):
        return None
    chunks, layout = source, Layout.of(dataset)

    def raw(offset: Offset) -> StoredChunk | None:
        found = chunks.raw_chunk(offset)
        return StoredChunk(*found) if found is not None else None

    return Recoding(decoder, raw, lambda offset: layout.piece(offset, data))


def _recoded(
    raw: StoredChunk, decoder: ChunkCodec, codec: ChunkCodec, extent: tuple[int, ...]
) -> StoredChunk | None:
    """The chunk behind other filters; None where it is damaged, or a filter declines."""
    values = decoder.decode(raw)
    if values is None:
        return None
    return codec.encode(values[tuple(slice(length) for length in extent)])


def _selection(piece: Piece) -> tuple[slice, ...]:
    return tuple(
        slice(at, at + length) for at, length in zip(piece.offset, piece.values.shape, strict=True)
    )
