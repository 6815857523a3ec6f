"""Chunks encoded and decoded outside HDF5's lock, bit for bit as HDF5 would store them.

Done for shuffle, deflate (gzip), the thread-safe plug-ins, and for no filter at all, in any order
a dataset names them. Before a pipeline is used for the first time, HDF5 itself judges it: a chunk
of ours must read back through HDF5, a chunk of HDF5's must decode here, and what a plug-in gives
must be the same bytes. Where that fails there is no codec, and HDF5 does the work as ever.

Only `blosc2-bytedelta` stores what HDF5 would not: see `nxtool.storage.bytedelta`. Where that fails
its chunks are those of the Blosc2 filter the dataset names.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

import h5py
import numpy as np

from nxtool.storage.bytedelta import BLOSC2, byte_delta
from nxtool.storage.bytefilters import Deflate, Shuffle
from nxtool.storage.pluginlib import Bytes, plugin_filter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nxtool.storage.spec import FilterSpec

Array: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[Any]]"

DEFLATE: Final = 1
SHUFFLE: Final = 2
BITSHUFFLE: Final = 32008
OPTIONAL: Final = 0x1
"""The flag of a filter that may decline; the chunk is then stored without it."""

_NUMBERS: Final = "biufc"
_TESTED_FRAME: Final = (48, 40)
_FAULTS: Final = (OSError, RuntimeError, ValueError)
"""What h5py raises where HDF5 refuses."""


@dataclass(frozen=True, slots=True)
class StoredFilter:
    """A filter of a dataset: number, flags, and the option values in the file."""

    number: int
    flags: int
    options: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class StoredChunk:
    """A chunk as it lies in the file; bit `i` of `mask` says that filter `i` was left out."""

    data: Any
    mask: int


class _Step(Protocol):
    def encode(self, data: Bytes) -> Bytes | None: ...
    def decode(self, data: Bytes) -> Bytes | None: ...


class ChunkCodec:
    """The filters of one dataset, in their order."""

    def __init__(
        self,
        steps: Sequence[tuple[_Step, bool]],
        chunks: tuple[int, ...],
        dtype: np.dtype[Any],
    ) -> None:
        self._steps = steps
        self.chunks = chunks
        self.dtype = dtype

    @property
    def chunk_bytes(self) -> int:
        """The size of a chunk before it is encoded."""
        return prod(self.chunks) * self.dtype.itemsize

    @property
    def does_work(self) -> bool:
        """False where chunks are stored as they are."""
        return bool(self._steps)

    def encode(self, values: Array) -> StoredChunk | None:
        """The chunk that holds `values`, padded with zeros if they are smaller than a chunk.

        None where a filter declined that must not.
        """
        data: Bytes = self._whole(values).reshape(-1).view(np.uint8)
        mask = 0
        for index, (step, optional) in enumerate(self._steps):
            encoded = step.encode(data)
            if encoded is not None:
                data = encoded
            elif optional:
                mask |= 1 << index
            else:
                return None
        return StoredChunk(data, mask)

    def unfiltered(self, values: Array) -> StoredChunk:
        """The chunk that holds `values` with every filter left out."""
        data: Bytes = self._whole(values).reshape(-1).view(np.uint8)
        return StoredChunk(data, (1 << len(self._steps)) - 1)

    def decode(self, chunk: StoredChunk) -> Array | None:
        """All values of a chunk; None where its bytes are damaged."""
        data = np.frombuffer(chunk.data, dtype=np.uint8)
        for index, (step, _) in reversed(tuple(enumerate(self._steps))):
            if chunk.mask >> index & 1:
                continue
            decoded = step.decode(data)
            if decoded is None:
                return None
            data = decoded
        if data.nbytes != self.chunk_bytes:
            return None
        return data.view(self.dtype).reshape(self.chunks)

    def _whole(self, values: Array) -> Array:
        if values.shape == self.chunks and values.dtype == self.dtype:
            return np.ascontiguousarray(values)
        padded = np.zeros(self.chunks, dtype=self.dtype)
        padded[tuple(slice(length) for length in values.shape)] = values
        return padded


def chunk_codec(dataset: h5py.Dataset, wanted: FilterSpec | None = None) -> ChunkCodec | None:
    """The codec for the chunks of `dataset`; None where HDF5 must do the work: other filters,
    values that are not plain numbers, or a pipeline that did not stand the test.

    `wanted` is the filter the dataset was created for, which may ask for more than its properties
    can tell.
    """
    dtype = dataset.dtype
    if dataset.chunks is None or not _is_plain(dataset.id, dtype):
        return None
    filters = stored_filters(dataset)
    delta = wanted is not None and wanted.has_delta
    for with_delta in (True, False) if delta else (False,):
        if _stands_test(filters, dtype.str, len(dataset.chunks), with_delta):
            return _assembled(filters, dataset.chunks, dtype, with_delta)
    return None


def decoder_of(
    filters: Sequence[tuple[int, tuple[int, ...]]], chunks: tuple[int, ...], dtype: np.dtype[Any]
) -> ChunkCodec | None:
    """What decodes chunks of another file, by filters (number, options as stored), chunk shape and
    type; None where HDF5 must do it. The type must lie in the file as numpy has it in memory.
    """
    found = tuple(StoredFilter(number, OPTIONAL, options) for number, options in filters)
    if not _is_number(dtype) or not _stands_test(found, dtype.str, len(chunks)):
        return None
    return _assembled(found, chunks, dtype)


def stored_filters(dataset: h5py.Dataset) -> tuple[StoredFilter, ...]:
    """The filters of `dataset`, in the order of writing."""
    plist = dataset.id.get_create_plist()
    found = (plist.get_filter(index) for index in range(plist.get_nfilters()))
    return tuple(StoredFilter(number, flags, tuple(cd)) for number, flags, cd, _ in found)


def user_options(filter_id: int, stored: tuple[int, ...]) -> tuple[int, ...]:
    """What to ask for to have `stored` in the file, for the filters this module knows.

    A filter completes its options when a dataset is created. Bitshuffle puts three values in
    front, again and again if it is given its own; Blosc fills the first four, Blosc2 also those
    from the eighth on; szip and scale-offset add the layout of a chunk, and shuffle, Fletcher32,
    N-bit and LZF have none to be given.
    """
    if filter_id in (SHUFFLE, 3, 5, 32000):
        return ()
    if filter_id == BITSHUFFLE:
        return stored[3:]
    if filter_id in (32001, 32026):
        return (0, 0, 0, 0, *stored[4:7])
    return stored[:2] if filter_id in (4, 6) else stored


def _is_plain(dataset: h5py.h5d.DatasetID, dtype: np.dtype[Any]) -> bool:
    """True where values lie in the file as numpy has them in memory."""
    return _is_number(dtype) and bool(dataset.get_type() == h5py.h5t.py_create(dtype, logical=True))


def _is_number(dtype: np.dtype[Any]) -> bool:
    return dtype.kind in _NUMBERS and dtype.itemsize <= (16 if dtype.kind == "c" else 8)


def _assembled(
    filters: Sequence[StoredFilter],
    chunks: tuple[int, ...],
    dtype: np.dtype[Any],
    delta: bool = False,
) -> ChunkCodec | None:
    steps: list[tuple[_Step, bool]] = []
    size = prod(chunks) * dtype.itemsize
    for one in filters:
        step = _step(one, size, delta)
        if step is None:
            return None
        steps.append((step, bool(one.flags & OPTIONAL)))
    return ChunkCodec(steps, chunks, dtype)


def _step(one: StoredFilter, size: int, delta: bool) -> _Step | None:
    if one.number == SHUFFLE and len(one.options) == 1:
        return Shuffle(one.options[0])
    if one.number == DEFLATE and len(one.options) == 1:
        return Deflate(one.options[0], size)
    ordinary = plugin_filter(one.number, one.options)
    if delta and one.number == BLOSC2 and ordinary is not None:
        return byte_delta(one.options, ordinary.decode)
    return ordinary


@lru_cache
def _stands_test(
    filters: tuple[StoredFilter, ...], dtype: str, rank: int, delta: bool = False
) -> bool:
    """Whether HDF5 and we agree on a chunk of this type and number of axes."""
    shape = (1,) * (rank - 2) + _TESTED_FRAME if rank > 1 else (prod(_TESTED_FRAME),)
    values = (np.arange(prod(shape)) % 97 % 31).reshape(shape).astype(dtype)
    try:
        with h5py.File("nxtool-test", "w", driver="core", backing_store=False) as file:
            dataset = _created(file, filters, values)
            return _agree(dataset, values, delta)
    except _FAULTS:
        return False


def _created(file: h5py.File, filters: Sequence[StoredFilter], values: Array) -> h5py.Dataset:
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_chunk(values.shape)
    for one in filters:
        plist.set_filter(one.number, one.flags, user_options(one.number, one.options))
    kind = h5py.h5t.py_create(values.dtype, logical=True)
    space = h5py.h5s.create_simple(values.shape)
    return h5py.Dataset(h5py.h5d.create(file.id, b"chunk", kind, space, plist))


def _agree(dataset: h5py.Dataset, values: Array, delta: bool) -> bool:
    origin = (0,) * values.ndim
    filters = stored_filters(dataset)
    codec = _assembled(filters, values.shape, values.dtype, delta)
    ours = codec.encode(values) if codec is not None else None
    if codec is None or ours is None:
        return False
    dataset[...] = values
    dataset.file.flush()
    mask, theirs = dataset.id.read_direct_chunk(origin)
    back = codec.decode(StoredChunk(theirs, mask))
    differs = delta or any(one.number == DEFLATE for one in filters)
    same = differs or ours.data.tobytes() == theirs
    dataset.id.write_direct_chunk(origin, ours.data, ours.mask)
    read = dataset[...]
    exact = back is not None and back.tobytes() == values.tobytes() == read.tobytes()
    return exact and same and mask == ours.mask
