"""One column of a stream: values by row, of a type that what was declared and what came agree on.

The type is that of `dtype_numpy`; without it numbers are float64, because integers are declared
where floats come, booleans are booleans and text is text. A column that meets a value it cannot
hold becomes float64, and text where that would change a value. Lists of different lengths are
filled up with NaN. Values of text columns that were no text are written as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from nxtool.bluesky.blocks import Blocks, Room, Values

FLOAT: Final = np.dtype("float64")
TEXT: Final = np.dtype(object)
EXACT: Final = 2.0**53
"""Up to here a float64 holds every whole number."""
_PADDED: Final = 1 << 30
"""A table of lists that would be larger when they are filled up is text instead, in bytes."""
_DECLARED: Final = {"boolean": np.dtype(bool), "string": TEXT}


def declared_dtype(key: Mapping[str, Any]) -> np.dtype[Any]:
    """The type of the values of a data key."""
    name = key.get("dtype_numpy")
    if isinstance(name, str):
        try:
            dtype = np.dtype(name)
        except (TypeError, ValueError, SyntaxError):
            dtype = TEXT
        if dtype.kind in "biufc" and dtype.itemsize <= 16:
            return dtype
        return TEXT
    return _DECLARED.get(str(key.get("dtype")), FLOAT)


class Column:
    """The values of one key by row.

    `note` says what was done to values that did not fit, empty if all did.
    """

    def __init__(self, room: Room, dtype: np.dtype[Any]) -> None:
        self._room = room
        self._blocks: Blocks | None = None
        self._wanted = dtype
        self._end = 0
        self._known: dict[str, str] = {}
        self.note = ""

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the values so far."""
        return self._wanted if self._blocks is None else self._blocks.dtype

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one value."""
        return () if self._blocks is None else self._blocks.shape

    @property
    def count(self) -> int:
        """How many rows there are up to the last that was written."""
        return self._end

    @property
    def step(self) -> int:
        """How many rows are cheap to read at once."""
        return 1 if self._blocks is None else self._blocks.step

    def read(self, start: int, stop: int) -> Values:
        """The rows from `start` to `stop`; rows nobody wrote hold NaN, 0, False or no text."""
        blocks = self._blocks or Blocks(self._room, self._wanted)
        return blocks.read(start, stop)

    def put(self, rows: Values, values: Sequence[Any]) -> None:
        """Write values to rows."""
        if not len(rows):
            return
        array = _array(values)
        if self._blocks is None:
            self._begin(values, array)
        if not self._fits(array):
            array = self._adapt(values, array)
        assert self._blocks is not None  # noqa: S101 - begun above
        if array is None or self.dtype.hasobject:
            array = self._texts(values)
        self._blocks.put(rows, array.astype(self.dtype, copy=False))
        self._end = max(self._end, int(rows.max()) + 1)

    def _begin(self, values: Sequence[Any], array: Values | None) -> None:
        dtype = self._wanted
        shape = () if array is None or dtype.hasobject else array.shape[1:]
        if array is not None and array.dtype.kind == "U" and dtype == FLOAT:
            self._tell("holds text, though numbers are declared")
            dtype, shape = TEXT, ()
        self._blocks = Blocks(self._room, dtype, shape)

    def _fits(self, array: Values | None) -> bool:
        """True where these values can be written as they are."""
        if self.dtype.hasobject:
            return True
        if array is None or array.shape[1:] != self.shape:
            return False
        return can_be(array, self.dtype)

    def _adapt(self, values: Sequence[Any], array: Values | None) -> Values | None:
        """Change the column so that these values fit; the values as an array, None for text."""
        array = _array([_number(value) for value in values]) if array is None else array
        if array is None or array.shape[1:] != self.shape:
            array = self._lengthened(values)
        if array is not None and can_be(array, self.dtype):
            return array
        if array is not None and can_be(array, FLOAT) and self._become(FLOAT):
            if self._wanted != FLOAT:
                self._tell(f"is no {self._wanted} throughout, and float64 here")
            return array
        self._become_text()
        return None

    def _lengthened(self, values: Sequence[Any]) -> Values | None:
        """Lists of numbers of different lengths, filled up with NaN; None where they are none."""
        rows = [_array([row]) for row in values]
        lists = [row[0] for row in rows if row is not None and row.ndim == 2]
        if len(lists) < len(rows) or len(self.shape) > 1:
            return None
        longest = max([*self.shape, *(len(row) for row in lists)])
        if longest * 8 * max(self._end, len(lists)) > _PADDED:
            return None
        if not all(can_be(row, FLOAT) for row in lists) or not self._become(FLOAT, (longest,)):
            return None
        self._tell("has lists of different lengths, filled up with NaN")
        result = np.full((len(lists), longest), np.nan)
        for row, one in zip(result, lists, strict=True):
            row[: len(one)] = one
        return result

    def _become(self, dtype: np.dtype[Any], shape: tuple[int, ...] | None = None) -> bool:
        """Write the rows so far anew; False where that would change a value."""
        assert self._blocks is not None  # noqa: S101 - called when it is there
        shape = self.shape if shape is None else shape
        if (dtype, shape) == (self.dtype, self.shape):
            return True
        if self._end and shape != self.shape and not self.shape:
            return False
        old, new = self._blocks, Blocks(self._room, dtype, shape)
        for start in range(0, self._end, old.step):
            rows = np.arange(start, min(start + old.step, self._end))
            values = old.read(start, int(rows[-1]) + 1)
            if not can_be(values, dtype):
                return False
            part = np.full((len(rows), *shape), new.fill, dtype=dtype)
            where = (slice(None), *(slice(0, length) for length in old.shape))
            part[where] = values
            new.put(rows, part)
        self._blocks = new
        return True

    def _become_text(self) -> None:
        assert self._blocks is not None  # noqa: S101 - called when it is there
        self._tell("has values of several kinds, and is text here")
        old, new = self._blocks, Blocks(self._room, TEXT)
        for start in range(0, self._end, old.step):
            rows = np.arange(start, min(start + old.step, self._end))
            new.put(rows, self._texts(list(old.read(start, int(rows[-1]) + 1))))
        self._blocks = new

    def _texts(self, values: Sequence[Any]) -> Values:
        result = np.empty(len(values), dtype=object)
        result[:] = [self._text(value) for value in values]
        return result

    def _text(self, value: Any) -> str:
        text = value if isinstance(value, str) else json_text(value)
        if len(self._known) > 1000:
            self._known.clear()
        return self._known.setdefault(text, storable(text))

    def _tell(self, note: str) -> None:
        if note not in self.note:
            self.note = f"{self.note}; it {note}" if self.note else note


def can_be(values: Values, dtype: np.dtype[Any]) -> bool:
    """True where no value changes when the array becomes `dtype`; floats may lose digits where
    a smaller float was declared, but not become infinite."""
    kind, wanted = values.dtype.kind, dtype.kind
    if kind == wanted == "f" and dtype.itemsize < values.dtype.itemsize:
        with np.errstate(all="ignore"):
            return bool((np.isinf(values.astype(dtype)) == np.isinf(values)).all())
    if (
        values.dtype == dtype
        or (kind in "bf" and wanted == "f")
        or (kind == "b" and wanted in "iu")
    ):
        return True
    if kind not in "iufcb" or wanted not in "iufcb" or (kind == "c" and wanted != "c"):
        return False
    if wanted == "f" and kind in "iu":
        return bool((np.abs(values.astype(FLOAT)) <= EXACT).all())
    with np.errstate(all="ignore"):
        result = values.astype(dtype)
        same = (
            (result == values) & ((result < 0) == (values < 0))
            if wanted != "c"
            else result == values
        )
    return bool(np.asarray(same).all())


def _array(values: Sequence[Any]) -> Values | None:
    """The values as an array of numbers, booleans or text; None where they are not of one kind."""
    try:
        array = np.array(values)
    except (ValueError, OverflowError):
        return None
    if array.dtype.kind == "f" and isinstance(values, list) and not _are_exact(values, array):
        return None
    if array.dtype.kind in "U":
        return array if all(isinstance(value, str) for value in values) else None
    if array.dtype.kind in "iuf" and array.ndim == 1 and isinstance(values, list):
        kinds = set(map(type, values))
        return None if bool in kinds and len(kinds) > 1 else array
    return array if array.dtype.kind in "biufc" else None


def _are_exact(values: list[Any], array: Values) -> bool:
    """False where numpy made a float of a whole number with too many digits, which it does where
    there are others beside it, or NaN, or one that is larger than any integer type."""
    return not (np.abs(array) > EXACT).any() or all(map(_is_exact, values))


def _is_exact(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_exact, value))
    return not isinstance(value, int | np.integer) or abs(int(value)) <= EXACT


def _number(value: Any) -> Any:
    """NaN for null, which is how some programs write it; other values as they are."""
    if value is None:
        return np.nan
    if isinstance(value, list):
        return [_number(one) for one in value]
    return value


def json_text(value: Any) -> str:
    """A value as JSON; numpy's as Python's."""
    return json.dumps(value, default=plain, ensure_ascii=False)


def plain(value: Any) -> Any:
    """What JSON has no word for: arrays as lists, bytes and complex numbers as text."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def storable(text: str) -> str:
    """A text that HDF5 can hold: without zeros and halves of characters."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
