"""Values changed on their way into a file: each block is checked, and the loss is recorded."""

from __future__ import annotations

import hashlib
import json
import math
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from nxtool import __version__
from nxtool.build.data import Array, FieldData
from nxtool.errors import SourceError
from nxtool.storage.bounded import Bounded, BoundedCodec, bounded_codec
from nxtool.storage.measure import Measure, distance
from nxtool.storage.quantize import Quantizer

if TYPE_CHECKING:
    import h5py

RECORD = "nxtool_lossy"
"""The attribute that tells of a loss."""


class _Wrapped:
    """Another `FieldData`, whose values are hashed as they are read.

    Whoever writes reads the rows in their order, each once, so that `sha256` is that of all values
    since the first row was read.
    """

    def __init__(self, data: FieldData, path: str) -> None:
        self.data = data
        self._path = path
        self._begin()

    def _begin(self) -> None:
        self._hash = hashlib.sha256()

    @property
    def shape(self) -> tuple[int, ...]:
        return self.data.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.data.dtype

    @property
    def rows(self) -> int:
        return self.data.rows

    def _rows(self, start: int, stop: int) -> Array:
        values = self.data.read(start, stop)
        if start == 0:
            self._begin()
        self._hash.update(np.ascontiguousarray(values).tobytes())
        return values


class Quantized(_Wrapped):
    """The rounded values of another `FieldData`; `record` tells of all that was read."""

    def __init__(self, data: FieldData, quantizer: Quantizer, path: str) -> None:
        self.quantizer = quantizer
        super().__init__(data, path)

    def _begin(self) -> None:
        super()._begin()
        self._measure = Measure()

    def read(self, start: int, stop: int) -> Array:
        """Rounded rows. Raises `SourceError` where one moved farther than the bound."""
        values = self._rows(start, stop)
        first = start * math.prod(self.shape[1:])
        rounded = self.quantizer.quantized(values, first)
        self._check(values, rounded)
        return rounded

    def _check(self, before: Array, after: Array) -> None:
        finite = np.isfinite(before)
        if (np.isfinite(after) != finite).any():
            raise SourceError(f"{self._path}: rounding makes a value infinite", hint="keep more")
        old, new = before[finite], after[finite]
        error = distance(old, new)
        if (error > self.quantizer.bound(old)).any():
            stray = old[error > self.quantizer.bound(old)][0]
            raise SourceError(
                f"{self._path}: {stray} cannot be kept within {self.quantizer.bound_text}",
                hint="leave this field lossless",
            )
        self._measure.add(old, error, before.size)

    def record(self) -> dict[str, Any]:
        """The attributes that tell of the loss: netCDF's, and our own with what was measured."""
        told = {
            "method": self.quantizer.method,
            **self.quantizer.parameters,
            "bound": self.quantizer.bound_text,
            **self._measure.told(),
            "sha256_before": self._hash.hexdigest(),
            "nxtool": __version__,
        }
        netcdf = {name: np.int32(value) for name, value in self.quantizer.attributes.items()}
        return {**netcdf, RECORD: json.dumps(told)}


class Coded(_Wrapped):
    """The finite values of another `FieldData`, on their way to a lossy filter with a bound.

    The writer asks for the `codec` and encodes every chunk with it; `record` tells of all of them.
    """

    def __init__(self, data: FieldData, bounded: Bounded, path: str) -> None:
        self.bounded = bounded
        self._codec: BoundedCodec | None = None
        self._chunks = 0
        super().__init__(data, path)

    def read(self, start: int, stop: int) -> Array:
        """Rows as they are. Raises `SourceError` where one is not finite."""
        values = self._rows(start, stop)
        if not np.isfinite(values).all():
            raise SourceError(
                f"{self._path}: holds not-a-number or infinity, which {self.bounded.method} "
                "would spoil",
                hint="use bitround, or leave this field lossless",
            )
        return values

    def codec(self, dataset: h5py.Dataset) -> BoundedCodec:
        """What encodes and checks the chunks of `dataset`. Raises `FilterError`."""
        self._codec = bounded_codec(dataset, self.bounded)
        counts = zip(dataset.shape, dataset.chunks, strict=True)
        self._chunks = math.prod(-(-length // size) for length, size in counts)
        return self._codec

    def record(self) -> dict[str, Any]:
        """The attribute that tells of the loss, with what was measured."""
        assert self._codec is not None  # noqa: S101 - the writer asked for it
        told = {
            "method": self.bounded.method,
            **self.bounded.parameters,
            "bound": self.bounded.text,
            **self._codec.measure.told(),
            "chunks": self._chunks,
            "chunks_stored_raw": self._codec.measure.raw,
            "sha256_before": self._hash.hexdigest(),
            "nxtool": __version__,
            "hdf5plugin": self.bounded.version,
        }
        return {RECORD: json.dumps(told)}


Lossy: TypeAlias = Quantized | Coded
"""Values with a `record` of what was lost."""
