"""The tree behind a YAML file: plain values, each with its place in the file.

Scalars follow the core schema of YAML 1.2.2, chapter 10.3: `on`, `NO`, `10:30`, `1_000` and
dates are text, `1e-3` is a number, `010` is ten.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nxtool.findings import Mark

Plain: TypeAlias = str | int | float | bool | None
Style: TypeAlias = Literal["plain", "quoted", "block"]

_WORDS: Final = {"": None, "~": None} | {
    form: value
    for word, value in (("null", None), ("true", True), ("false", False))
    for form in (word, word.capitalize(), word.upper())
}
_DECIMAL: Final = re.compile(r"[-+]?[0-9]{1,400}")
_BASED: Final = re.compile(r"0o[0-7]{1,400}|0x[0-9a-fA-F]{1,400}")
_FLOAT: Final = re.compile(
    r"[-+]?(\.[0-9]{1,400}|[0-9]{1,400}(\.[0-9]{0,400})?)([eE][-+]?[0-9]{1,9})?"
)
_INFINITY: Final = re.compile(r"([-+]?)\.(inf|Inf|INF)")
_NAN: Final = re.compile(r"\.(nan|NaN|NAN)")


def resolve(text: str) -> Plain:
    """The value of an unquoted scalar by the YAML 1.2 core schema.

    >>> resolve("1e-3"), resolve("010"), resolve("0x1F"), resolve("NO"), resolve("10:30")
    (0.001, 10, 31, 'NO', '10:30')
    """
    if text in _WORDS:
        return _WORDS[text]
    if _DECIMAL.fullmatch(text):
        return int(text)
    if _BASED.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    if match := _INFINITY.fullmatch(text):
        return float(match[1] + "inf")
    return math.nan if _NAN.fullmatch(text) else text


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value. `text` is as written, without quotes; `value` is what it means.

    `lead` is how many characters stand between `mark` and the text, None where the text is not
    literally in the file (escapes, folded lines, blocks). `is_invalid` is true for a null in place
    of a text its author knows to be wrong (`!invalid 8.2 kev`).
    """

    value: Plain
    text: str
    mark: Mark
    style: Style = "plain"
    lead: int | None = None
    is_invalid: bool = False

    def mark_at(self, offset: int) -> Mark:
        """The place of character `offset` of the text; of the scalar where that is not known."""
        if self.lead is None:
            return self.mark
        return replace(self.mark, column=self.mark.column + self.lead + offset)

    def part(self, start: int, stop: int | None = None) -> Scalar:
        """A piece of the text as a text of its own, with its own place."""
        text = self.text[start:stop]
        lead = None if self.lead is None else 0
        return Scalar(text, text, self.mark_at(start), "quoted", lead)

    @property
    def is_null(self) -> bool:
        """True for `null`, `~` and nothing at all."""
        return self.value is None

    def to_python(self) -> Plain:
        """The bare value."""
        return self.value


@dataclass(frozen=True, slots=True)
class ListNode:
    """A sequence."""

    items: tuple[Node, ...]
    mark: Mark

    def __iter__(self) -> Iterator[Node]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def to_python(self) -> list[Any]:
        """The bare values."""
        return [item.to_python() for item in self.items]


@dataclass(frozen=True, slots=True)
class MapNode:
    """A mapping in file order; keys are text and differ from each other."""

    items: tuple[tuple[Scalar, Node], ...]
    mark: Mark
    _places: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        places = {key.text: place for place, (key, _) in enumerate(self.items)}
        object.__setattr__(self, "_places", places)

    def __contains__(self, key: object) -> bool:
        return key in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self.items)

    def get(self, key: str) -> Node | None:
        """The node under `key`, None if there is no such key."""
        place = self._places.get(key)
        return None if place is None else self.items[place][1]

    def key_mark(self, key: str) -> Mark:
        """Where `key` stands; where the mapping begins if it has no such key."""
        place = self._places.get(key)
        return self.mark if place is None else self.items[place][0].mark

    def without(self, *keys: str) -> MapNode:
        """The mapping without these keys."""
        return MapNode(tuple(item for item in self.items if item[0].text not in keys), self.mark)

    def to_python(self) -> dict[str, Any]:
        """The bare keys and values."""
        return {key.text: node.to_python() for key, node in self.items}


Node: TypeAlias = Scalar | ListNode | MapNode


def kind_of(node: Node) -> str:
    """What an author calls this node: `a list`, `a mapping`, `text`, `a number`, `nothing`."""
    if isinstance(node, MapNode):
        return "a mapping"
    if isinstance(node, ListNode):
        return "a list"
    if node.value is None:
        return "nothing"
    if isinstance(node.value, str):
        return "text"
    return "true or false" if isinstance(node.value, bool) else "a number"
