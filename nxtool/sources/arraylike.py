"""Arrays a script hands over, as arrays of a source: numpy, h5py, dask, pandas and their like.

Nothing is imported for them: an array is what says its shape and type and can be sliced, or turns
itself into a numpy array. What lies in chunks is read block by block.
"""

from __future__ import annotations

from math import prod
from typing import Any, Final

import numpy as np

from nxtool.errors import SourceError
from nxtool.sources.memory import MemoryArray
from nxtool.sources.model import ArrayInfo, SourceArray

BAND_BYTES: Final = 64 * 1024 * 1024
"""Up to this size a row of chunks is kept until the next is read, so that none is made twice."""
_WIDEST: Final = {"f": 8, "c": 16}
"""The bytes of the largest numbers of a kind that every HDF5 reader knows."""

Values = np.ndarray[Any, Any]


def is_array(value: object) -> bool:
    """True for what is no plain value but can become an array."""
    if isinstance(value, np.generic | str | bytes):
        return False
    return isinstance(value, np.ndarray) or hasattr(value, "__array__") or _is_lazy(value)


def array_of(value: Any) -> SourceArray:
    """`value` as an array of a source; its attribute `units`, if it has one, is the unit.

    Raises:
        SourceError: it holds what a NeXus file cannot, or gaps.
    """
    if isinstance(value, np.ma.MaskedArray):
        raise SourceError("a masked array has gaps", hint="fill them: array.filled(value)")
    if _is_lazy(value):
        return LazyArray(value)
    plain = value.to_numpy() if hasattr(value, "to_numpy") else np.asarray(value)
    return MemoryArray(_storable(plain), units=_units(value))


def _is_lazy(value: Any) -> bool:
    """True for arrays that are better read in parts: what stays in a file, or is computed."""
    sliced = isinstance(getattr(value, "dtype", None), np.dtype) and hasattr(value, "__getitem__")
    if not sliced or isinstance(value, np.ndarray | np.generic):
        return False
    at_hand = hasattr(value, "to_numpy") and getattr(value, "chunks", None) is None
    return isinstance(getattr(value, "shape", None), tuple) and not at_hand


class LazyArray:
    """A `SourceArray` over something that is sliced to be read."""

    def __init__(self, array: Any) -> None:
        self._array = array
        shape, dtype = tuple(map(int, array.shape)), _stored_type(array.dtype)
        row = max(1, prod(shape[1:]) * dtype.itemsize)
        self._step = _chunk_rows(array, shape)
        self._keeps = self._step > 1 and self._step * row <= BAND_BYTES
        self._band: tuple[range, Values] | None = None
        self.info = ArrayInfo(shape=shape, dtype=dtype, units=_units(array), rows=self._step)

    def read(self, start: int, stop: int) -> Values:
        """Rows `start` to `stop`; the 0-d array of a scalar.

        Raises:
            SourceError: the array gives something else than it said.
        """
        if not self.info.shape:
            return self._checked(self._array[()], ())
        rows = range(self.info.shape[0])[start:stop]
        if not self._keeps or len(rows) >= self._step:
            return self._rows(rows)
        parts = []
        while rows:
            first, values = self._band_with(rows.start)
            end = min(rows.stop, first + len(values))
            parts.append(values[rows.start - first : end - first])
            rows = range(end, rows.stop)
        return np.concatenate(parts) if len(parts) != 1 else parts[0]

    def _band_with(self, row: int) -> tuple[int, Values]:
        """The rows of chunks that hold `row`, and where they begin."""
        first = row - row % self._step
        if self._band is None or row not in self._band[0]:
            band = range(self.info.shape[0])[first : first + self._step]
            self._band = band, self._rows(band)
        return self._band[0].start, self._band[1]

    def _rows(self, rows: range) -> Values:
        shape = (len(rows), *self.info.shape[1:])
        return self._checked(self._array[rows.start : rows.stop], shape)

    def _checked(self, part: Any, shape: tuple[int, ...]) -> Values:
        values = _storable(np.asarray(part))
        if values.shape != shape or values.dtype != self.info.dtype:
            found = f"{values.dtype} {list(values.shape)}"
            message = f"the array gave {found}, not {self.info.dtype} {list(shape)}"
            raise SourceError(message, hint="does it change while it is read?")
        return values


def _chunk_rows(array: Any, shape: tuple[int, ...]) -> int:
    """How many rows come at once: those of a chunk of h5py, zarr or dask."""
    chunks = getattr(array, "chunks", None)
    if not chunks or not shape:
        return 1
    first = chunks[0]
    return max(1, int(first if isinstance(first, int | np.integer) else max(first, default=1)))


def _units(value: Any) -> str | None:
    attributes = getattr(value, "attrs", None)
    units = attributes.get("units") if attributes is not None else None
    return units if isinstance(units, str) else None


def _stored_type(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The type that values get in memory: text is held as objects."""
    if dtype.kind in "SUMO":
        return np.dtype(object)
    if dtype.kind not in "biufc" or dtype.itemsize > _WIDEST.get(dtype.kind, 8):
        hint = "numbers of up to 8 bytes, booleans, text and dates can"
        raise SourceError(f"an array of {dtype} cannot be stored", hint=hint)
    return dtype


def _storable(values: Values) -> Values:
    if _stored_type(values.dtype) == values.dtype and values.dtype.kind != "O":
        return values
    if values.dtype.kind == "M":
        values = np.datetime_as_string(values)
    texts = np.empty(values.shape, dtype=object)
    texts.reshape(-1)[:] = [_text(item) for item in values.reshape(-1).tolist()]
    return texts


def _text(item: object) -> str:
    """A text, also from its bytes in UTF-8."""
    if isinstance(item, bytes):
        try:
            item = item.decode()
        except UnicodeDecodeError:
            raise SourceError("bytes that are not UTF-8 cannot be stored as text") from None
    if not isinstance(item, str):
        hint = "give numbers or text"
        raise SourceError(f"an array of objects holds a {type(item).__name__}", hint=hint)
    if "\0" in item or any("\ud800" <= letter <= "\udfff" for letter in item):
        raise SourceError(f"{item!r} cannot be stored as text", hint="give UTF-8 without zeros")
    return item
