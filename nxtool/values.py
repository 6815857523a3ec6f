"""Whether stored values are what an NXDL type or enumeration asks for.

Sources: nxdlTypes.xsd (primitive types), the NeXus manual, "Rules for Storing Data Items in
NeXus Files" (dates and times), and nxdl.xsd (enumerations). Nothing here reads a file: callers
pass an `ElementType` or the values; numpy is loaded only where arrays are looked at.
"""

from __future__ import annotations

import ast
import calendar
import difflib
import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from nxtool.nodeview import ElementType

Shape = tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class DateVerdict:
    """What `parse_date` finds. `style` is `space` where a space stands for the `T`."""

    ok: bool
    has_zone: bool
    style: Literal["iso", "space", "other"]
    reason: str = ""


_DATE: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?P<mark>[T ])(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(?P<zone>.*)",
    re.ASCII | re.DOTALL,
)
_ZONE: Final = re.compile(r"Z|[+-](\d\d)(?::?(\d\d))?", re.ASCII)


@lru_cache(maxsize=1024)
def parse_date(text: str) -> DateVerdict:
    """Judge a date and time: `YYYY-MM-DDThh:mm[:ss[.fraction]][Z|±hh:mm|±hhmm|±hh]`.

    The calendar is checked. A date without a time is not ok: ISO 8601 knows it, but the manual
    asks for a date *and* time. A space for the `T` is ok, with style `space`.

    >>> parse_date("2026-02-30T10:00").reason
    'day 30 of 2026-02 does not exist'
    """
    match = _DATE.fullmatch(text)
    if match is None:
        if _is_date_only(text):
            return DateVerdict(ok=False, has_zone=False, style="other", reason="has no time of day")
        return DateVerdict(
            ok=False, has_zone=False, style="other", reason="is not like 2026-01-31T12:00:00+01:00"
        )
    style: Literal["iso", "space"] = "iso" if match["mark"] == "T" else "space"
    reason = _calendar_problem(match) or _zone_problem(match["zone"])
    return DateVerdict(not reason, bool(match["zone"]), style, reason)


def is_zone_offset(text: str) -> bool:
    """True for `+01:00`, `-0530`, `+01` and `Z`: what NXmx `time_zone` holds.

    >>> is_zone_offset("+01:00"), is_zone_offset("CET")
    (True, False)
    """
    return bool(text) and not _zone_problem(text)


def _is_date_only(text: str) -> bool:
    return re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) is not None


def _calendar_problem(match: re.Match[str]) -> str:
    year, month, day, hour, minute, second = (
        int(match.group(index) or 0) for index in (1, 2, 3, 5, 6, 7)
    )
    if not 1 <= month <= 12:
        return f"month {month} does not exist"
    if not year or not 1 <= day <= calendar.monthrange(year, month)[1]:
        return f"day {day} of {year:04}-{month:02} does not exist"
    leap = (hour, minute, second) == (23, 59, 60)
    if hour > 23 or minute > 59 or (second > 59 and not leap):
        return f"time {hour:02}:{minute:02}:{second:02} does not exist"
    return ""


def _zone_problem(zone: str) -> str:
    match = _ZONE.fullmatch(zone)
    if zone and match is None:
        return f"{zone[:20]!r} is not a time zone like Z or +01:00"
    if match and (int(match[1] or 0) > 23 or int(match[2] or 0) > 59):
        return f"time zone {zone} is out of range"
    return ""


@dataclass(frozen=True, slots=True)
class TypeFit:
    """How a stored type stands to an NXDL type.

    `values` means that `check_values` decides; its `reason`, if any, is worth a warning even
    where the values are fine. `lenient` is acceptable with that warning.
    """

    verdict: Literal["yes", "values", "lenient", "no"]
    reason: str = ""


_YES: Final = TypeFit("yes")


@lru_cache(maxsize=4096)
def matches_type(nx_type: str, element: ElementType, shape: Shape) -> TypeFit:
    """Whether elements of this type can hold an NXDL type; empty `nx_type` is NX_CHAR.

    `shape` matters for complex numbers and quaternions kept as plain arrays. A type NXDL does
    not define is not judged here.
    """
    judge = _JUDGES.get(nx_type or "NX_CHAR")
    if judge is None:
        return _YES
    return judge(element, shape) or TypeFit("no", f"is {element.text}, not {nx_type or 'NX_CHAR'}")


def _kind(*kinds: str) -> Callable[[ElementType, Shape], TypeFit | None]:
    """A judge that accepts the element types of these kinds."""

    def judge(element: ElementType, shape: Shape) -> TypeFit | None:
        return _YES if element.kind in kinds else None

    return judge


def _uint(element: ElementType, shape: Shape) -> TypeFit | None:
    if element.kind != "integer":
        return None
    if element.signed:
        return TypeFit("values", f"is {element.text}, which can be negative, not NX_UINT")
    return _YES


def _posint(element: ElementType, shape: Shape) -> TypeFit | None:
    return TypeFit("values") if element.kind == "integer" else None


def _boolean(element: ElementType, shape: Shape) -> TypeFit | None:
    words = sorted(word.upper() for word in element.members)
    if element.kind == "boolean" or (element.kind == "enum" and words == ["FALSE", "TRUE"]):
        return _YES
    if element.kind == "integer":
        return TypeFit("values")
    if element.kind == "string":
        return TypeFit("values", "is text, not NX_BOOLEAN")
    if element.kind == "bitfield":
        return TypeFit("lenient", "is a bit field, not NX_BOOLEAN")
    return None


def _binary(element: ElementType, shape: Shape) -> TypeFit | None:
    if element.kind == "integer" and element.size == 1 and not element.signed:
        return _YES
    if element.kind == "opaque" or (element.kind == "integer" and element.size == 1):
        return TypeFit("lenient", f"is {element.text}; NX_BINARY is kept as uint8")
    return None


def _complex(element: ElementType, shape: Shape) -> TypeFit | None:
    if element.kind == "complex" or (element.kind == "compound" and len(element.members) == 2):
        return _YES
    if element.kind == "float" and shape and shape[-1] == 2:
        return TypeFit("lenient", f"is {element.text} in pairs, not a complex type")
    return None


def _quaternion(element: ElementType, shape: Shape) -> TypeFit | None:
    if element.kind == "compound" and len(element.members) == 4:
        return _YES
    return _YES if element.kind == "float" and shape and shape[-1] == 4 else None


_JUDGES: Final[Mapping[str, Callable[[ElementType, Shape], TypeFit | None]]] = {
    "NX_CHAR": _kind("string"),
    "NX_DATE_TIME": _kind("string"),
    "ISO8601": _kind("string"),
    "NX_INT": _kind("integer"),
    "NX_UINT": _uint,
    "NX_POSINT": _posint,
    "NX_FLOAT": _kind("float"),
    "NX_NUMBER": _kind("integer", "float"),
    "NX_CHAR_OR_NUMBER": _kind("string", "integer", "float"),
    "NX_BOOLEAN": _boolean,
    "NX_BINARY": _binary,
    "NX_COMPLEX": _complex,
    "NX_CCOMPLEX": _complex,
    "NX_PCOMPLEX": _complex,
    "NX_QUATERNION": _quaternion,
}

NX_TYPES: Final = tuple(_JUDGES)
"""Every primitive type of NXDL (nxdlTypes.xsd)."""


def check_values(nx_type: str, values: Any) -> str:
    """What is wrong with the values of an NX_POSINT, NX_UINT or NX_BOOLEAN; empty if nothing.

    >>> check_values("NX_POSINT", 0), check_values("NX_BOOLEAN", ["true", "yes"])
    ('0 is not above 0', "'yes' is neither 0 nor 1 (1 of 2 values)")
    """
    if nx_type not in _DEMANDS:
        return ""
    import numpy as np

    array = np.asarray(values)
    if array.dtype.kind in "OSU":
        if nx_type != "NX_BOOLEAN":
            return ""
        flat = [str(text) for text in array.astype(str).ravel().tolist()]
        bad = [text for text in flat if text.lower() not in _TRUTH_WORDS]
        return _demand(bad, len(flat), nx_type)
    if nx_type == "NX_BOOLEAN":
        wrong = (array != 0) & (array != 1)
    else:
        wrong = array <= 0 if nx_type == "NX_POSINT" else array < 0
    return _demand(array[wrong].ravel(), array.size, nx_type)


_DEMANDS: Final[Mapping[str, str]] = {
    "NX_POSINT": "not above 0",
    "NX_UINT": "below 0",
    "NX_BOOLEAN": "neither 0 nor 1",
}
_TRUTH_WORDS: Final = frozenset({"true", "false", "0", "1"})


def _demand(bad: Any, count: int, nx_type: str) -> str:
    """The problem text for the offending values `bad` among `count`."""
    if not len(bad):
        return ""
    first = repr(bad[0]) if isinstance(bad[0], str) else str(bad[0])
    many = f" ({len(bad)} of {count} values)" if count > 1 else ""
    return f"{first} is {_DEMANDS[nx_type]}{many}"


_LIST: Final = re.compile(r"\[[^\[\](){}\\]{0,1000}\]")


@lru_cache(maxsize=1024)
def parse_enum_item(text: str) -> object:
    """The value of an NXDL enumeration item: a tuple for a flat Python-like list, else the text.

    >>> parse_enum_item("[0, 0, 1]"), parse_enum_item("['.', 'x']"), parse_enum_item("1.0")
    ((0, 0, 1), ('.', 'x'), '1.0')
    """
    if not _LIST.fullmatch(text):
        return text
    try:
        items = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
    return tuple(items)


def enum_matches(items: Iterable[str], value: Any) -> bool:
    """Whether `value` is among the `items` of an NXDL enumeration, given as they are written.

    An array matches when it equals a list-like item, or when it has elements and every one of
    them is an item. Texts compare exactly, numbers as numbers, `image/*` fits every image type.
    """
    wanted = [parse_enum_item(item) for item in items]
    found = value.tolist() if hasattr(value, "tolist") else value
    if not isinstance(found, list | tuple):
        return _is_item(found, wanted)
    found = list(_flat(found))
    if any(isinstance(item, tuple) and _same_list(item, found) for item in wanted):
        return True
    return bool(found) and all(_is_item(element, wanted) for element in set(found))


def _flat(values: Iterable[object]) -> Iterator[object]:
    for value in values:
        if isinstance(value, list | tuple):
            yield from _flat(value)
        else:
            yield value


def _is_item(value: object, wanted: Iterable[object]) -> bool:
    return any(
        _same_list(item, [value]) if isinstance(item, tuple) else _same(item, value)
        for item in wanted
    )


def _same_list(item: tuple[object, ...], found: list[object]) -> bool:
    return len(item) == len(found) and all(map(_same, item, found))


def _same(item: object, value: object) -> bool:
    """One item against one value; float32 values equal the decimal number they were made of."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, bool):
        return str(item).lower() in (str(value).lower(), str(int(value)))
    if isinstance(value, int):
        return _number(item) == value
    if isinstance(value, float):
        return math.isclose(_number(item), value, rel_tol=1e-6, abs_tol=1e-12)
    if isinstance(item, str) and item.endswith("/*"):
        return isinstance(value, str) and value.startswith(item[:-1]) and value != item[:-1]
    return item == value


def _number(item: object) -> float:
    try:
        return float(str(item))
    except ValueError:
        return math.nan


def nearest(word: str, words: Iterable[str]) -> str:
    """The one of `words` that `word` was probably meant to be; empty if none is close.

    >>> nearest("x-ray ", ["neutron", "x-ray"]), nearest("Neutron", ["neutron"])
    ('x-ray', 'neutron')
    """
    return _nearest(word.strip()[:100], tuple(words))


@lru_cache(maxsize=4096)
def _nearest(wanted: str, known: tuple[str, ...]) -> str:
    """Kept, as files have the same names again and again, and looking for near ones is slow."""
    for candidate in known:
        if candidate.lower() == wanted.lower():
            return candidate
    close = difflib.get_close_matches(wanted, known, 1, 0.6)
    return close[0] if close else ""
