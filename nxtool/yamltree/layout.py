"""Where everything in a YAML text stands, as offsets of characters: what editing it needs.

`nxtool.yamltree.yamlfile` gives values with the place where each begins; here each also has an
end. Comments and blank lines belong to nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from nxtool.yamltree.yamlfile import events_of, parse

if TYPE_CHECKING:
    from collections.abc import Sequence

Kind: TypeAlias = Literal["map", "list", "scalar", "alias"]
_BREAK: Final = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What ends a line (YAML 1.1, 4.1)."""


@dataclass(slots=True)
class Item:
    """A name of a mapping with its value; `start` and `stop` are those of the name, and both those
    of the dash's value in a list, where `key` is empty."""

    key: str
    start: int
    stop: int
    value: Layout


@dataclass(slots=True)
class Layout:
    """A value: characters `start` to `stop` of the text, comments behind it left out.

    `is_flow` is true within `{}` or `[]`; `column` is where the names of a block mapping or the
    dashes of a block list stand. `is_marked` is true where an anchor or a tag precedes it.
    """

    kind: Kind
    start: int
    stop: int
    column: int = 0
    is_flow: bool = False
    is_marked: bool = False
    items: list[Item] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """True where nothing is written: null without a word."""
        return self.kind == "scalar" and self.start == self.stop

    def get(self, key: str) -> Item | None:
        """The item of a mapping under `key`, or of a list at that index; None if there is none."""
        if self.kind == "list":
            inside = key.isdecimal() and int(key) < len(self.items)
            return self.items[int(key)] if inside else None
        return next((item for item in self.items if item.key == key), None)

    def find(self, path: Sequence[str]) -> Layout | None:
        """The value behind these names; None if there is none."""
        found: Layout | None = self
        for key in path:
            item = found.get(key) if found is not None else None
            found = item.value if item is not None else None
        return found


def layout_of(text: str, file: str = "") -> Layout:
    """The layout of the one document in `text`.

    Raises:
        RecipeError: it is not the YAML that recipes use; see `nxtool.yamltree.yamlfile.parse`.
    """
    parse(text, file)
    return _Reader(text).root()


def names_at(text: str, line: int, column: int) -> tuple[str, ...]:
    """The names that lead to what stands at a place, as far as there are names; line and column
    count from 1, as those of a mark. Empty where the place is outside of all values.

    Raises:
        RecipeError: as `layout_of`.
    """
    offset = _offset(text, line) + column - 1
    names: list[str] = []
    found: Layout | None = layout_of(text)
    while found is not None:
        place = found
        index, found = _item_at(found, offset), None
        if index is not None:
            item = place.items[index]
            names.append(item.key if place.kind == "map" else str(index))
            found = item.value
    return tuple(names)


def _offset(text: str, line: int) -> int:
    """Where a line begins; the end of the text where there are fewer."""
    starts = [0, *(match.end() for match in _BREAK.finditer(text))]
    return starts[line - 1] if 0 < line <= len(starts) else len(text)


def _item_at(place: Layout, offset: int) -> int | None:
    """Which item of a value, its name included, is at a character; None if none is."""
    at = (i for i, item in enumerate(place.items) if item.start <= offset <= _end(item))
    return next(at, None)


def _end(item: Item) -> int:
    """The last character of an item, the colon behind a name at least."""
    return max(item.stop if item.key else item.start, item.value.stop - 1)


class _Reader:
    """Makes layouts of events; how deep it gets is bounded by `parse`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._events = events_of(text)
        self._event: Any = None

    def root(self) -> Layout:
        while _kind(self._next()) != "DocumentStartEvent":
            pass
        self._next()
        return self._value()

    def _next(self) -> Any:
        """Go on to the next event; that event."""
        self._event = next(self._events)
        return self._event

    def _value(self) -> Layout:
        """The value that begins here; afterwards the event behind it is the next."""
        event, kind = self._event, _kind(self._event)
        is_marked = any(getattr(event, name, None) is not None for name in ("anchor", "tag"))
        found = Layout(
            _KINDS[kind], event.start_mark.index, event.end_mark.index, event.start_mark.column,
            bool(getattr(event, "flow_style", False)), is_marked and kind != "AliasEvent",
        )  # fmt: skip
        self._next()
        if found.kind == "scalar":
            found.stop = max(found.start, len(self._text[: found.stop].rstrip()))
        elif found.kind != "alias":
            self._fill(found)
        return found

    def _fill(self, found: Layout) -> None:
        while _kind(self._event) not in ("MappingEndEvent", "SequenceEndEvent"):
            found.items.append(self._item(is_pair=found.kind == "map"))
        if found.is_flow:
            found.stop = self._event.end_mark.index
        elif found.items:
            found.stop = found.items[-1].value.stop
        self._next()

    def _item(self, *, is_pair: bool) -> Item:
        if not is_pair:
            value = self._value()
            return Item("", value.start, value.stop, value)
        key = self._event
        self._next()
        name = getattr(key, "value", "")
        return Item(name, key.start_mark.index, key.end_mark.index, self._value())


_KINDS: Final[dict[str, Kind]] = {
    "ScalarEvent": "scalar",
    "AliasEvent": "alias",
    "MappingStartEvent": "map",
    "SequenceStartEvent": "list",
}


def _kind(event: object) -> str:
    return type(event).__name__
