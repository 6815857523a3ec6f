"""Lossy filters with a bound on the absolute error: zfp (accuracy), SZ3 and SPERR (absolute).

The filters promise a bound, but not in every case: zfp goes by powers of two, SPERR forgets how a
float is rounded, and not-a-number makes one hang and another write nonsense. So each chunk is
decoded again before it is stored. One that is not within the bound is stored as it was, without
the filter, which its filter mask says.

Types and shapes that a filter spoils, crashes on or leaves alone without a word are refused before
anything is written: see the matrix in `tests/unit/test_filter_matrix.py`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

import h5py
import numpy as np

from nxtool.errors import FilterError
from nxtool.storage.codecs import ChunkCodec, StoredChunk, stored_filters
from nxtool.storage.measure import Measure, distance
from nxtool.storage.pluginlib import BOUNDED, plugin_filter

if TYPE_CHECKING:
    from collections.abc import Sequence

Array: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[Any]]"
Coder: TypeAlias = Literal["zfp", "sz3", "sperr"]


class _Facts(NamedTuple):
    """Number; name and argument in hdf5plugin; the least and the most axes longer than one in a
    chunk; what part of the bound the filter is told; the types it takes."""

    number: int
    plugin: str
    argument: str
    least: int
    most: int
    share: float = 1.0
    accepts: tuple[str, ...] = ("f4", "f8")


_INTEGERS: Final = ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8")
_FACTS: Final[Mapping[Coder, _Facts]] = {
    "zfp": _Facts(32013, "Zfp", "accuracy", 1, 4),
    "sz3": _Facts(32024, "SZ3", "absolute", 1, 4, accepts=("f4", "f8", *_INTEGERS)),
    "sperr": _Facts(32028, "Sperr", "absolute", 2, 3, 1 - 1e-6),
}
CODERS: Final[tuple[Coder, ...]] = tuple(_FACTS)
"""Their names in a recipe."""
_WIDEST: Final = 2.0**40
"""A value of more bounds is not encoded: SPERR crashes at 2^65, and there is little to gain."""
_TRIED: Final = 32
"""How long an axis is in a trial, at most."""
_FAULTS: Final = (OSError, RuntimeError, ValueError)


@dataclass(frozen=True, slots=True)
class Bounded:
    """A lossy filter, and how far a value may move at most."""

    method: Coder
    bound: float

    @property
    def text(self) -> str:
        """The bound as a person writes it: `0.001`."""
        return f"{self.bound:g}"

    @property
    def filter_id(self) -> int:
        """The number of the filter in a file."""
        return _FACTS[self.method].number

    @property
    def version(self) -> str:
        """The version of hdf5plugin, which brings the filter."""
        import hdf5plugin

        return str(hdf5plugin.version)

    @property
    def parameters(self) -> dict[str, float]:
        """What was asked for, by the name it has in records."""
        return {"bound_abs": self.bound}

    def check(self, dtype: np.dtype[Any]) -> None:
        """Make sure that the filter takes such values, and that the bound is one.

        Raises:
            FilterError: it would spoil them, or the bound is no positive number.
        """
        if not (math.isfinite(self.bound) and self.bound > 0):
            raise FilterError(f"{self.method} needs a bound above 0", hint="like bound: 0.001")
        if f"{dtype.kind}{dtype.itemsize}" not in _FACTS[self.method].accepts:
            wanted = "float32 and float64"
            wanted += " and integers" if self.method == "sz3" else ""
            raise FilterError(
                f"{self.method} is for {wanted}, not {dtype}",
                hint="leave this field lossless, or use sigbits for integers",
            )
        if not dtype.isnative:
            raise FilterError(
                f"{self.method} does not know the byte order of {dtype.str}",
                hint=f"write dtype: {dtype.newbyteorder('=').name}",
            )

    def check_chunks(self, chunks: tuple[int, ...]) -> None:
        """Make sure that the filter takes chunks of this shape.

        Raises:
            FilterError: too many or too few axes are longer than one.
        """
        facts = _FACTS[self.method]
        axes = sum(length > 1 for length in chunks)
        if not facts.least <= axes <= facts.most:
            raise FilterError(
                f"{self.method} needs chunks with {facts.least} to {facts.most} axes longer "
                f"than 1, not {list(chunks)}",
                hint="give another shape under chunks, or take another method",
            )

    def create_options(self) -> dict[str, Any]:
        """Keyword arguments for h5py's `create_dataset`."""
        import hdf5plugin

        facts = _FACTS[self.method]
        told = {facts.argument: self.bound * facts.share}
        return dict(getattr(hdf5plugin, facts.plugin)(**told))


class BoundedCodec:
    """Chunks of the dataset `place` encoded by a lossy filter and checked, with a measure of what
    was lost."""

    def __init__(
        self, inner: ChunkCodec, bounded: Bounded, place: str, *, may_be_raw: bool
    ) -> None:
        self._inner = inner
        self._place = place
        self._bounded = bounded
        self._may_be_raw = may_be_raw
        self.measure = Measure()

    @property
    def chunks(self) -> tuple[int, ...]:
        """The shape of a chunk."""
        return self._inner.chunks

    @property
    def chunk_bytes(self) -> int:
        """The size of a chunk before it is encoded."""
        return self._inner.chunk_bytes

    def encode(self, values: Array) -> StoredChunk:
        """The chunk of finite `values`: within the bound, or else as they are.

        Raises:
            FilterError: it cannot be kept within the bound, nor stored as it is because it is the
                only chunk (HDF5 2.0 forgets the filter mask of such a chunk).
        """
        chunk, back = self.tried(values)
        if chunk is not None and back is not None:
            error = distance(values, back)
            if (error <= self._bounded.bound).all():
                self.measure.add(values, error, values.size)
                return chunk
        if not self._may_be_raw:
            raise FilterError(
                f"{self._place}: {self._bounded.method} cannot keep all values within "
                f"{self._bounded.text}",
                hint="take a larger bound or smaller chunks, or leave this field lossless",
            )
        self.measure.add_raw(values.size)
        return self._inner.unfiltered(values)

    def decode(self, chunk: StoredChunk) -> Array | None:
        """All values of a chunk; None where its bytes are damaged."""
        return self._inner.decode(chunk)

    def tried(self, values: Array) -> tuple[StoredChunk | None, Array | None]:
        """The encoded chunk, and what it decodes to where there are `values`; None for what the
        filter declines, or is not asked as the values are too large beside the bound."""
        if float(np.abs(values.astype(np.float64)).max(initial=0)) > _WIDEST * self._bounded.bound:
            return None, None
        chunk = self._inner.encode(values)
        if chunk is None or chunk.mask:
            return None, None
        whole = self._inner.decode(chunk)
        part = tuple(slice(length) for length in values.shape)
        return chunk, whole[part] if whole is not None else None


def bounded_codec(dataset: h5py.Dataset, bounded: Bounded) -> BoundedCodec:
    """The codec for the chunks of `dataset`, which was created with the options of `bounded`.

    Raises:
        FilterError: the filter cannot be run here, or HDF5 reads other values than it decodes to.
    """
    codec = _codec(dataset, bounded)
    shape = tuple(min(length, _TRIED) for length in dataset.chunks)
    if codec is None or not _stands_test(bounded, dataset.dtype.str, shape):
        raise FilterError(
            f"{dataset.name}: {bounded.method} cannot be checked here, so it is not used",
            hint="install hdf5plugin, or use bitround",
        )
    return codec


def _codec(dataset: h5py.Dataset, bounded: Bounded) -> BoundedCodec | None:
    filters = stored_filters(dataset)
    if len(filters) != 1:
        return None
    step = plugin_filter(filters[0].number, filters[0].options, BOUNDED)
    if step is None:
        return None
    inner = ChunkCodec([(step, True)], dataset.chunks, dataset.dtype)
    whole = zip(dataset.chunks, dataset.shape, strict=True)
    is_only = all(size >= length for size, length in whole)
    return BoundedCodec(inner, bounded, str(dataset.name), may_be_raw=not is_only)


@lru_cache
def _stands_test(bounded: Bounded, dtype: str, shape: Sequence[int]) -> bool:
    """Whether HDF5 reads from a chunk of this type what it decodes to here."""
    values = (np.arange(prod(shape)) % 97 % 31).reshape(shape).astype(dtype)
    try:
        with h5py.File("nxtool-test", "w", driver="core", backing_store=False) as file:
            dataset = file.create_dataset(
                "x", shape, dtype, chunks=tuple(shape), **bounded.create_options()
            )
            codec = _codec(dataset, bounded)
            chunk, back = codec.tried(values) if codec is not None else (None, None)
            if chunk is None or back is None:
                return True  # declined, so nothing is stored by it
            dataset.id.write_direct_chunk((0,) * len(shape), chunk.data, chunk.mask)
            read = dataset[...]
            return bool(read.tobytes() == back.tobytes())
    except _FAULTS:
        return False
