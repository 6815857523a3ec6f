"""Values changed on their way into a file: each block is checked, and the loss is recorded."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from nxtool import __version__
from nxtool.build.data import Array, FieldData
from nxtool.build.reduced import Reduced, earlier
from nxtool.build.wrapped import Wrapped
from nxtool.errors import SourceError
from nxtool.storage.bounded import Bounded, BoundedCodec, bounded_codec
from nxtool.storage.lossrecord import RECORD
from nxtool.storage.measure import Measure, distance
from nxtool.storage.quantize import Quantizer

if TYPE_CHECKING:
    import h5py


class Quantized(Wrapped):
    """The rounded values of another `FieldData`; `record` tells of all that was read."""

    def __init__(self, data: FieldData, quantizer: Quantizer, path: str) -> None:
        self.quantizer = quantizer
        super().__init__(data, path)

    def begin(self) -> None:
        super().begin()
        self._measure = Measure()

    def read(self, start: int, stop: int) -> Array:
        """Rounded rows. Raises `SourceError` where one moved farther than the bound."""
        values = self.hashed_rows(start, stop)
        first = start * math.prod(self.shape[1:])
        rounded = self.quantizer.quantized(values, first)
        self._check(values, rounded)
        return rounded

    def _check(self, before: Array, after: Array) -> None:
        finite = np.isfinite(before)
        if (np.isfinite(after) != finite).any():
            raise SourceError(f"{self.path}: rounding makes a value infinite", hint="keep more")
        old, new = before[finite], after[finite]
        error = distance(old, new)
        if (error > self.quantizer.bound(old)).any():
            stray = old[error > self.quantizer.bound(old)][0]
            raise SourceError(
                f"{self.path}: {stray} cannot be kept within {self.quantizer.bound_text}",
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
            "sha256_before": self.sha256,
            "nxtool": __version__,
            **earlier(self.data),
        }
        netcdf = {name: np.int32(value) for name, value in self.quantizer.attributes.items()}
        return {**netcdf, RECORD: json.dumps(told)}


class Coded(Wrapped):
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
        values = self.hashed_rows(start, stop)
        if not np.isfinite(values).all():
            raise SourceError(
                f"{self.path}: holds not-a-number or infinity, which {self.bounded.method} "
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
            "sha256_before": self.sha256,
            "nxtool": __version__,
            **earlier(self.data),
            "hdf5plugin": self.bounded.version,
        }
        return {RECORD: json.dumps(told)}


Lossy: TypeAlias = Quantized | Coded | Reduced
"""Values with a `record` of what was lost."""
