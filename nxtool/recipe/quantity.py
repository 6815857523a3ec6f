"""Numbers with a unit, as authors write them: `200 mm`, `[1, 2] mm`, `linspace(8, 9, 101) keV`.

Only numbers and unit text are told apart here; whether the unit exists and fits is decided by
`nxtool.units`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from nxtool.yamltree.nodes import ListNode, MapNode, Node, Scalar, resolve

if TYPE_CHECKING:
    import numpy as np

MAX_POINTS: Final = 10_000_000
MAX_DEPTH: Final = 32

_PIECE: Final = re.compile(
    r"\s*([\[\],]|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan)"
)
_UNIT: Final = re.compile(r"(?:\s*[^\W\d_]|\s*[%°'\"Å(]|\s+1\s*/).*|", re.DOTALL)
_LINSPACE: Final = re.compile(r"\s*linspace\(([^()]*)\)")


@dataclass(frozen=True, slots=True)
class Linspace:
    """`count` evenly spaced numbers from `start` to `stop`, both included; float64."""

    start: float
    stop: float
    count: int

    def array(self) -> np.ndarray[Any, Any]:
        """The numbers, shape `(count,)`."""
        import numpy as np

        return np.linspace(self.start, self.stop, self.count)


Values: TypeAlias = "int | float | Linspace | tuple[Values, ...]"


@dataclass(frozen=True, slots=True)
class Quantity:
    """Numbers and the unit written behind them, empty where none is."""

    values: Values
    unit: str


def parse_quantity(text: str) -> Quantity | None:
    """What `text` says, None where it is not a number, a list of numbers or a linspace.

    >>> parse_quantity("1.2e12 Hz")
    Quantity(values=1200000000000.0, unit='Hz')
    """
    match = _LINSPACE.match(text)
    values, end = (_linspace(match[1]), match.end()) if match else _numbers(text)
    if values is None or not _UNIT.fullmatch(text[end:].rstrip()):
        return None
    return Quantity(values, text[end:].strip())


def quantity_of(node: Node) -> Quantity | None:
    """The quantity a node is: a number, a quantity text, or nested lists of bare numbers."""
    if isinstance(node, MapNode):
        return None
    if isinstance(node, ListNode):
        values = _bare_numbers(node)
        return None if values is None else Quantity(values, "")
    if isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return Quantity(node.value, "")
    return parse_quantity(node.text) if isinstance(node.value, str) else None


def _bare_numbers(node: ListNode) -> tuple[Values, ...] | None:
    values: list[Values] = []
    for item in node.items:
        one = (
            None if isinstance(item, Scalar) and isinstance(item.value, str) else quantity_of(item)
        )
        if one is None:
            return None
        values.append(one.values)
    return tuple(values)


def _linspace(inner: str) -> Linspace | None:
    numbers = [resolve(part.strip()) for part in inner.split(",")]
    if len(numbers) != 3:
        return None
    start, stop, count = numbers
    if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= MAX_POINTS:
        return None
    if isinstance(start, str | bool | None) or isinstance(stop, str | bool | None):
        return None
    return Linspace(float(start), float(stop), count)


def _numbers(text: str) -> tuple[Values | None, int]:
    """The number or list that `text` begins with, and where it ends."""
    opened: list[list[Values]] = []
    due, end = "value", 0
    while match := _PIECE.match(text, end):
        piece, end = match[1], match.end()
        if piece == "," and due == "comma":
            due = "value"
        elif piece == "[" and due != "comma" and len(opened) < MAX_DEPTH:
            opened.append([])
            due = "value or end"
        elif (piece == "]" and due != "value") or (piece not in "[]," and due != "comma"):
            value = tuple(opened.pop()) if piece == "]" else _number(piece)
            if not opened:
                return value, end
            opened[-1].append(value)
            due = "comma"
        else:
            break
    return None, end


def _number(piece: str) -> int | float:
    value = resolve(piece)
    return value if isinstance(value, int | float) else float(piece)
