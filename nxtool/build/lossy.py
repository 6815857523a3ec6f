"""Values rounded on their way into a file: each block is checked, and the loss is recorded."""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

import numpy as np

from nxtool import __version__
from nxtool.build.data import Array, FieldData
from nxtool.errors import SourceError
from nxtool.storage.quantize import COUNTED, Quantizer


class Quantized:
    """The rounded values of another `FieldData`.

    `record` tells of all that was read since the first row was: whoever writes reads the rows in
    their order, each once.
    """

    def __init__(self, data: FieldData, quantizer: Quantizer, path: str) -> None:
        self.data = data
        self.quantizer = quantizer
        self._path = path
        self._begin()

    def _begin(self) -> None:
        self._hash = hashlib.sha256()
        self._largest = self._largest_relative = self._squares = 0.0
        self._count = 0

    @property
    def shape(self) -> tuple[int, ...]:
        return self.data.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.data.dtype

    @property
    def rows(self) -> int:
        return self.data.rows

    def read(self, start: int, stop: int) -> Array:
        """Rounded rows. Raises `SourceError` where one moved farther than the bound."""
        values = self.data.read(start, stop)
        if start == 0:
            self._begin()
        first = start * math.prod(self.shape[1:])
        rounded = self.quantizer.quantized(values, first)
        self._check(values, rounded)
        return rounded

    def _check(self, before: Array, after: Array) -> None:
        self._hash.update(np.ascontiguousarray(before).tobytes())
        self._count += before.size
        finite = np.isfinite(before)
        if (np.isfinite(after) != finite).any():
            raise SourceError(f"{self._path}: rounding makes a value infinite", hint="keep more")
        old, new = before[finite], after[finite]
        error = _distance(old, new)
        if (error > self.quantizer.bound(old)).any():
            stray = old[error > self.quantizer.bound(old)][0]
            raise SourceError(
                f"{self._path}: {stray} cannot be kept within {self.quantizer.bound_text}",
                hint="leave this field lossless",
            )
        size = np.abs(old.astype(np.float64))
        relative = np.divide(error, size, out=np.zeros_like(error), where=size > 0)
        self._largest = max(self._largest, float(error.max(initial=0)))
        self._largest_relative = max(self._largest_relative, float(relative.max(initial=0)))
        self._squares += float(np.square(error).sum())

    def record(self) -> dict[str, Any]:
        """The attributes that tell of the loss: netCDF's, and our own with what was measured."""
        told = {
            "method": self.quantizer.method,
            COUNTED[self.quantizer.method]: self.quantizer.keep,
            "bound": self.quantizer.bound_text,
            "max_abs_error": self._largest,
            "max_rel_error": self._largest_relative,
            "rmse": math.sqrt(self._squares / max(1, self._count)),
            "sha256_before": self._hash.hexdigest(),
            "nxtool": __version__,
        }
        netcdf = {name: np.int32(value) for name, value in self.quantizer.attributes.items()}
        return {**netcdf, "nxtool_lossy": json.dumps(told)}


def _distance(old: Array, new: Array) -> Array:
    """How far each value moved; exact for whole numbers, which float64 cannot hold all."""
    if old.dtype.kind == "f":
        moved: Array = np.abs(new.astype(np.float64) - old.astype(np.float64))
        return moved
    larger, smaller = np.maximum(old, new), np.minimum(old, new)
    whole: Array = (larger - smaller).astype(np.float64)
    return whole
