"""The values of a planned field: at hand, in a source, computed, or left where they are.

All offer the same: a shape, a dtype, and rows read one block at a time, so the memory a build
needs does not grow with the data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

import numpy as np

from nxtool.errors import SourceError
from nxtool.findings import Mark
from nxtool.recipe.expression import Expression
from nxtool.sources.model import ArrayInfo, Extent, Hdf5Location, SourceArray

if TYPE_CHECKING:
    from nxtool.nodeview import ElementType

Array: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[Any]]"
TEXT: Final = np.dtype(object)
"""The dtype of strings: an object array of `str`."""


class FieldData(Protocol):
    """The values of one field. Strings have dtype object and come as `str`."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def dtype(self) -> np.dtype[Any]: ...
    @property
    def rows(self) -> int:
        """How many rows of axis 0 are cheap to read at once."""

    def read(self, start: int, stop: int) -> Array:
        """Rows `start` to `stop` of axis 0; the 0-d array of a scalar. Raises `SourceError`."""


@dataclass(frozen=True, slots=True, eq=False)
class Literal:
    """Values at hand: written in the recipe, made by the builder, or dates of a source."""

    values: Array

    @property
    def shape(self) -> tuple[int, ...]:
        return self.values.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.values.dtype

    @property
    def rows(self) -> int:
        return max(1, self.shape[0]) if self.shape else 1

    def read(self, start: int, stop: int) -> Array:
        return self.values[start:stop] if self.shape else self.values


def cast(values: Array, dtype: np.dtype[Any], mark: Mark | None = None) -> Array:
    """`values` as `dtype`, refused where a value would become another one.

    Precision of floats may go, as `dtype: float32` asks; a value may not wrap, overflow or lose
    its fraction, or its imaginary part.

    Raises:
        SourceError: a value does not fit; at `mark`, where a recipe asks for the type.
    """
    if values.dtype == dtype or values.dtype.hasobject or dtype.hasobject:
        return values.astype(dtype, copy=False)
    if values.dtype.kind == "c" and dtype.kind != "c":
        _require(values.imag == 0, values, dtype, mark)
        values = values.real
    with np.errstate(all="ignore"):
        result = values.astype(dtype)
        if dtype.kind in "iub" or values.dtype.kind in "iub":
            good = (result == values) & ((result < 0) == (values < 0))
        else:
            good = np.isfinite(result) | ~np.isfinite(values)
    _require(good, values, dtype, mark)
    return result


def _require(good: Array, values: Array, dtype: np.dtype[Any], mark: Mark | None) -> None:
    """Raises `SourceError` for the first of `values` that is not `good`."""
    if not good.all():
        stray = values[~good].flat[0] if values.shape else values[()]
        raise SourceError(f"{stray} does not fit {dtype}", hint="choose another dtype", mark=mark)


def text(value: str) -> Literal:
    """One string."""
    return Literal(np.array(value, dtype=object))


def texts(values: list[str]) -> Literal:
    """A list of strings."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return Literal(array)


@dataclass(frozen=True, slots=True, eq=False)
class Sourced:
    """An array of a source, changed on the way as the recipe asks.

    Values become `expression(x)` if there is one, then `factor * x + shift`, then `dtype`. With
    none of these they go through untouched. `squeeze` drops the axes of a single string,
    `mark` is where the recipe asks for the dtype.
    """

    array: SourceArray
    dtype: np.dtype[Any]
    expression: Expression | None = None
    names: Mapping[str, float] | None = None
    factor: float = 1.0
    shift: float = 0.0
    squeeze: bool = False
    mark: Mark | None = None

    @property
    def info(self) -> ArrayInfo:
        return self.array.info

    @property
    def shape(self) -> tuple[int, ...]:
        return () if self.squeeze else self.info.shape

    @property
    def rows(self) -> int:
        return self.info.rows

    @property
    def is_verbatim(self) -> bool:
        """True where the bytes of the source may be taken as they are."""
        plain = self.factor == 1.0 and self.shift == 0.0 and self.expression is None
        return plain and not self.squeeze and self.dtype == self.info.dtype

    def read(self, start: int, stop: int) -> Array:
        if self.squeeze:
            return np.array(self.array.read(0, 1).reshape(-1)[0], dtype=self.dtype)
        values = self.array.read(start, stop)
        if self.expression is not None:
            values = self.expression.evaluate({**(self.names or {}), "x": values})
        if self.factor != 1.0 or self.shift != 0.0:
            values = values * self.factor + self.shift
        return cast(values, self.dtype, self.mark)


@dataclass(frozen=True, slots=True, eq=False)
class Referred:
    """Values that stay in the files of a source: a virtual dataset or external storage.

    `locations` are the pieces in HDF5 files, `extents` those of raw bytes; one of them is empty.
    """

    array: SourceArray

    @property
    def info(self) -> ArrayInfo:
        return self.array.info

    @property
    def shape(self) -> tuple[int, ...]:
        return self.info.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.info.dtype

    @property
    def rows(self) -> int:
        return self.info.rows

    @property
    def locations(self) -> tuple[Hdf5Location, ...]:
        return self.info.locations

    @property
    def extents(self) -> tuple[Extent, ...]:
        return self.info.extents

    def read(self, start: int, stop: int) -> Array:
        return self.array.read(start, stop)


def element_type(dtype: np.dtype[Any]) -> ElementType:
    """The type that values of `dtype` will have in the file, in the words of node views."""
    from nxtool.nodeview import ElementType

    if dtype.hasobject or dtype.kind in "SU":
        return ElementType("string", 0, "string")
    order = ">" if dtype.byteorder == ">" else ""
    if dtype.kind == "b":
        return ElementType("boolean", 1, "bool", members=("FALSE", "TRUE"))
    if dtype.kind in "iu":
        return ElementType("integer", dtype.itemsize, f"{order}{dtype.name}", dtype.kind == "i")
    if dtype.kind == "f":
        return ElementType("float", dtype.itemsize, f"{order}{dtype.name}")
    if dtype.kind == "c":
        return ElementType("complex", dtype.itemsize, f"{order}{dtype.name}", members=("r", "i"))
    return ElementType("other", dtype.itemsize, dtype.name)
