"""Arrays of pixels made smaller on their way into a file: masked, joined, and recorded."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, cast

import numpy as np

from nxtool import __version__
from nxtool.build.data import Array, FieldData
from nxtool.build.data import cast as cast_exactly
from nxtool.build.wrapped import Wrapped
from nxtool.errors import SourceError
from nxtool.storage.lossrecord import RECORD

Joining: TypeAlias = Literal["sum", "mean", "any", "root of squares", "root of squares of the mean"]
"""How the values of several pixels become one."""


@dataclass(frozen=True, slots=True)
class Masking:
    """Pixels to be replaced: `mask` gives the rows of the mask when they are needed."""

    value: float
    mask: Callable[[], FieldData]


class Reduced(Wrapped):
    """Pixels of another `FieldData`, whose last `axes` axes they are: those of a mask replaced,
    then `size` along each of these axes joined to one."""

    def __init__(
        self,
        data: FieldData,
        path: str,
        joining: Joining,
        *,
        size: int = 1,
        axes: int = 2,
        masking: Masking | None = None,
    ) -> None:
        self.joining: Joining = joining
        self.size = size
        self.axes = axes
        self.masking = masking
        self._mask: Array | None = None
        super().__init__(data, path)

    @property
    def shape(self) -> tuple[int, ...]:
        lead = self.data.shape[: -self.axes]
        return (*lead, *(length // self.size for length in self.data.shape[-self.axes :]))

    @property
    def rows(self) -> int:
        return max(1, self.data.rows // self._step)

    @property
    def _step(self) -> int:
        """How many rows of the data become one row."""
        return self.size if len(self.data.shape) == self.axes else 1

    def read(self, start: int, stop: int) -> Array:
        """Rows of joined pixels. Raises `SourceError` where a sum does not fit the type."""
        first, last = start * self._step, stop * self._step
        values = self.hashed_rows(first, last)
        if self.masking is not None:
            values = self._masked(values, self.masking, first)
        return values if self.size == 1 else self._joined(values)

    def _masked(self, values: Array, masking: Masking, first: int) -> Array:
        mask = self._whole_mask(masking)
        if len(self.data.shape) == self.axes:
            mask = mask[first : first + len(values)]
        changed: Array = values.copy()
        changed[..., mask] = masking.value
        return changed

    def _whole_mask(self, masking: Masking) -> Array:
        if self._mask is None:
            data = masking.mask()
            self._mask = np.asarray(data.read(0, data.shape[0]) != 0)
        return self._mask

    def _joined(self, values: Array) -> Array:
        parts: list[int] = [*values.shape[: -self.axes]]
        for length in values.shape[-self.axes :]:
            parts += [length // self.size, self.size]
        squares = values.reshape(parts)
        inner = tuple(range(len(parts) - 2 * self.axes + 1, len(parts), 2))
        found = _JOIN[self.joining](squares, inner)
        try:
            return cast_exactly(found, self.dtype)
        except SourceError as error:
            raise SourceError(
                f"{self.path}: a sum of pixels does not fit: {error.message}",
                hint="write a larger dtype, or masked: 0 if pixels of the mask are to blame",
            ) from error

    @property
    def text(self) -> str:
        """What is done, in a few words: `binned 2×2`."""
        binned = f"binned {self.size}×{self.size}" if self.size > 1 else ""
        masked = f"masked by {self.masking.value:g}" if self.masking is not None else ""
        return " and ".join(filter(None, (masked, binned)))

    def told(self) -> Mapping[str, Any]:
        """What was done, for records."""
        masked = {"masked": self.masking.value} if self.masking is not None else {}
        joined = {"bin": self.size, "joined_by": self.joining} if self.size > 1 else {}
        return {
            "method": "reduce",
            **joined,
            **masked,
            "done": self.text,
            "shape_before": list(self.data.shape),
            "sha256_before": self.sha256,
            "nxtool": __version__,
        }

    def record(self) -> dict[str, Any]:
        """The attribute that tells of the loss."""
        return {RECORD: json.dumps(self.told())}


def earlier(data: FieldData) -> dict[str, Any]:
    """What was done to values before something else is done, for its record."""
    return {"reduced_before": data.told()} if isinstance(data, Reduced) else {}


@dataclass(frozen=True, slots=True, eq=False)
class Scaled:
    """Another `FieldData` times a factor; whole numbers stay whole, and must fit."""

    data: FieldData
    factor: float
    last: int = 0
    """If not 0, only so many of the last values of the only axis are scaled."""

    @property
    def shape(self) -> tuple[int, ...]:
        return self.data.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.data.dtype

    @property
    def rows(self) -> int:
        return max(1, self.shape[0]) if self.shape else 1

    def read(self, start: int, stop: int) -> Array:
        """Scaled rows. Raises `SourceError` where one is no whole number, or does not fit."""
        values = self.data.read(0, self.rows)
        factors = np.full(values.shape, self.factor)
        if self.last:
            factors[: -self.last] = 1
        whole = values.dtype.kind in "iu" and self.factor >= 1
        scaled = values * (factors.astype(values.dtype) if whole else factors)
        found = cast_exactly(np.asarray(scaled), self.dtype)
        return found[start:stop] if self.shape else found


def _sum(values: Array, axes: tuple[int, ...]) -> Array:
    if values.dtype.kind not in "iu":
        return cast("Array", values.sum(axis=axes, dtype=np.float64))
    if values.dtype.itemsize == 8 and values.size:
        count = int(np.prod([values.shape[axis] for axis in axes]))
        limits = np.iinfo(values.dtype)
        if int(values.max()) > limits.max // count or int(values.min()) < limits.min // count:
            raise SourceError("a sum of 64-bit numbers", hint="leave them as they are")
    wide = np.uint64 if values.dtype.kind == "u" else np.int64
    return cast("Array", values.sum(axis=axes, dtype=wide))


def _root_of_squares(values: Array, axes: tuple[int, ...]) -> Array:
    return cast("Array", np.sqrt(np.square(values.astype(np.float64)).sum(axis=axes)))


_JOIN: Final[Mapping[Joining, Callable[[Array, tuple[int, ...]], Array]]] = {
    "sum": _sum,
    "mean": lambda values, axes: values.mean(axis=axes, dtype=np.float64),
    "any": lambda values, axes: np.bitwise_or.reduce(values, axis=axes),
    "root of squares": _root_of_squares,
    "root of squares of the mean": lambda values, axes: (
        _root_of_squares(values, axes) / np.prod([values.shape[axis] for axis in axes])
    ),
}
