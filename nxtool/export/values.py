"""Values of a NeXus file as a catalogue takes them: one text, or one number with its spread."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

from nxtool.export.classpath import Match
from nxtool.nodeview import FieldView, GroupView, Unreadable, is_field, is_group

MAX_BYTES: Final = 64 * 2**20
"""Larger arrays are not read for a summary of them."""
MAX_TEXTS: Final = 100
TOO_LARGE: Final = "numbers are too large to be summarised"
_BLOCK: Final = 4 * 2**20
_DOUBLE: Final = 8
_STATISTICS: Final = ("average_value", "minimum_value", "maximum_value")


class NotTaken(Exception):
    """A value that cannot be taken; `code` is that of the note about it."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Number:
    """A number; of an array the mean, with the least, the largest and the standard deviation.

    `count` is how many values it stands for.
    """

    value: float
    units: str
    low: float | None = None
    high: float | None = None
    deviation: float | None = None
    count: int = 1

    @property
    def finite(self) -> bool:
        """Whether no part of it is infinite or NaN."""
        parts = (self.value, self.low, self.high, self.deviation)
        return all(part is None or math.isfinite(part) for part in parts)

    def scaled(self, factor: float, offset: float, units: str) -> Number:
        """The same in other units."""

        def moved(value: float | None) -> float | None:
            return None if value is None else value * factor + offset

        ends = sorted(end for end in (moved(self.low), moved(self.high)) if end is not None)
        low, high = (ends[0], ends[-1]) if ends else (None, None)
        spread = None if self.deviation is None else self.deviation * abs(factor)
        return Number(self.value * factor + offset, units, low, high, spread, self.count)


def text_of(match: Match) -> str:
    """The value at `match` as text; several texts are joined with `; `.

    Raises:
        NotTaken: it is a group, an array of numbers, too many texts, or unreadable.
    """
    value = _read_small(match)
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "; ".join(str(item) for item in value)
    if getattr(value, "size", 1) == 1:
        item = _item(value)
        return format_number(item) if isinstance(item, float) else str(item)
    raise NotTaken("X07", "is an array of numbers, and text is due")


def _item(value: Any) -> Any:
    """The one item of `value`."""
    return _shortest(value.item(), value.dtype) if hasattr(value, "item") else value


def _shortest(item: Any, kind: Any) -> Any:
    """Of a float shorter than a double the shortest number that is stored so: 12.4 and not
    12.399999618530273, for nobody measured those digits."""
    return float(str(kind.type(item))) if kind.kind == "f" and kind.itemsize < _DOUBLE else item


def number_of(match: Match) -> Number:
    """The number at `match`: a field, an attribute, or a group NXlog, of which the values count.

    Raises:
        NotTaken: it is text, empty, too large, or unreadable.
    """
    if match.attribute is not None:
        return Number(_as_float(match.attribute.value), _units(match.node))
    return _of_log(match.node) if is_group(match.node) else _of_field(match.node)


def one_line(text: str) -> str:
    """`text` without line breaks, control characters and bytes that are no UTF-8."""
    return " ".join(printed(text).split())


def printed(text: str) -> str:
    """`text` as `one_line` has it, but with every space: in paths they count.

    >>> one_line("run  1"), printed("run  1")
    ('run 1', 'run  1')
    """
    known = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(c if c.isprintable() else " " for c in known)


def format_number(value: float) -> str:
    """A number as text, without `.0`.

    >>> format_number(3.0), format_number(0.125)
    ('3', '0.125')
    """
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _read_small(match: Match) -> Any:
    if match.attribute is not None:
        if match.attribute.value is None:
            raise NotTaken("X08", match.attribute.problem or "has no value that can be used")
        return match.attribute.value
    if not is_field(match.node):
        raise NotTaken("X07", "is a group, and a value is due")
    field = match.node
    if field.shape is not None and math.prod(field.shape) > MAX_TEXTS:
        raise NotTaken("X07", f"is an array of shape {_shape(field)}, and one value is due")
    value = _read(field)
    if value is None or (isinstance(value, list) and not value):
        raise NotTaken("X08", "has no value")
    return value


def _read(field: FieldView) -> Any:
    try:
        return field.read()
    except Unreadable as error:
        raise NotTaken("X08", f"cannot be read: {error}") from error


def _of_log(group: GroupView) -> Number:
    """A NXlog by the statistics stored in it, or by its values."""
    mean, low, high = (_member(group, name) for name in _STATISTICS)
    if mean is not None:
        low, high = (end if end and end.units in ("", mean.units) else None for end in (low, high))
        ends = (low.value if low else None, high.value if high else None)
        return Number(mean.value, mean.units, *ends, count=2)
    value = _member(group, "value")
    if value is None:
        raise NotTaken("X07", "is a group without `value`")
    return value


def _member(group: GroupView, name: str) -> Number | None:
    node = group.child(name) if name in group.links else None
    return _of_field(node) if is_field(node) else None


def _of_field(field: FieldView) -> Number:
    if field.type.kind not in ("integer", "float", "boolean"):
        raise NotTaken("X07", f"is {field.type.kind}, and a number is due")
    if field.shape is None or math.prod(field.shape) == 0:
        raise NotTaken("X08", "is empty")
    size = math.prod(field.shape) * max(field.type.size, 1)
    if size > MAX_BYTES:
        raise NotTaken("X15", f"array of shape {_shape(field)} is too large to be summarised")
    units = _units(field)
    if math.prod(field.shape) == 1:
        return Number(_as_float(_read(field)), units)
    return _summary(field, units)


def _summary(field: FieldView, units: str) -> Number:
    spread = Spread()
    values: Any = None
    try:
        for block in field.blocks(_BLOCK):
            values = field.read_block(block)
            spread.add_array(values)
    except Unreadable as error:
        raise NotTaken("X08", f"cannot be read: {error}") from error
    if not spread.count:
        raise NotTaken("X08", "holds no finite number")
    if not spread.finite:
        raise NotTaken("X08", TOO_LARGE)
    if spread.low == spread.high:
        return Number(_shortest(spread.low, values.dtype), units)
    return spread.number(units)


@dataclass(slots=True)
class Spread:
    """Mean, deviation and ends of numbers that come part by part (Chan, Golub, LeVeque 1979)."""

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0
    low: float = math.inf
    high: float = -math.inf

    def add_array(self, values: Any) -> None:
        """Count the finite numbers of an array."""
        import numpy

        with numpy.errstate(over="ignore", invalid="ignore"):
            numbers = numpy.asarray(values, dtype=float)
            numbers = numbers[numpy.isfinite(numbers)]
            if numbers.size:
                part = Spread(numbers.size, float(numbers.mean()), 0.0)
                part.squares = float(((numbers - part.mean) ** 2).sum())
                part.low, part.high = float(numbers.min()), float(numbers.max())
                self.add(part)

    def add(self, other: Spread) -> None:
        """Count the numbers of `other` too."""
        count = self.count + other.count
        apart = other.mean - self.mean
        self.squares += other.squares + apart * apart * self.count * other.count / count
        self.mean += apart * other.count / count
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)
        self.count = count

    @property
    def finite(self) -> bool:
        """Whether mean and deviation are numbers: sums of very large ones may not be."""
        return math.isfinite(self.mean) and math.isfinite(self.squares)

    def number(self, units: str) -> Number:
        """The numbers as one; there must be some, and the spread finite."""
        if self.low == self.high:
            return Number(self.low, units)
        deviation = math.sqrt(self.squares / self.count)
        return Number(self.mean, units, self.low, self.high, deviation, self.count)


def _as_float(value: Any) -> float:
    if isinstance(value, str | list) or getattr(value, "size", 1) != 1:
        raise NotTaken("X07", "is no number")
    try:
        number = float(_item(value))
    except (TypeError, ValueError, OverflowError) as error:
        raise NotTaken("X07", "is no number") from error
    if not math.isfinite(number):
        raise NotTaken("X08", "is not finite")
    return number


def _units(node: FieldView | GroupView) -> str:
    attribute = node.attributes.get("units")
    return one_line(attribute.text or "") if attribute else ""


def _shape(field: FieldView) -> str:
    return " × ".join(str(length) for length in field.shape or ())
