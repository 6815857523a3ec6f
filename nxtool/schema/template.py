"""A recipe to fill in: what a definition asks for, with a few words about each name.

What must be given is null, what may be given is commented out, and what nxtool writes by itself
is only named. The text is a valid recipe from the start.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from nxtool.schema import wording
from nxtool.schema.compile import Schema
from nxtool.schema.concepts import AttributeConcept
from nxtool.schema.outline import BASE_DEPTH, FieldItem, GroupItem, Item, Level, outline

WIDTH: Final = 100
MAX_COLUMN: Final = 52
"""Comments begin no further right than here."""

PLOT: Final = "NXdata"
_STEPS: Final = (
    "- {name: height, translate: [0, 1, 0], by: 10 mm}   # the first is nearest the object",
    "- {name: omega, rotate: [0, 1, 0], by: 0 deg, increment: 0.1 deg}",
)
_PLOT: Final = (
    "Write $plot: {signal: instrument/detector/data, axes: [sample/phi, .]} beside it to fill it "
    "with links"
)
_INTRO: Final = (
    'Fill in what is null. Remove the "# " in front of a name to use what is not required.',
    "A value is a text, a number with its unit (200 mm), a list, or data of a source named below: "
    '{from: "frames:/data"}.',
    "A second group of one class gets a name of its own: detector: becomes my_name(NXdetector):.",
)
_CLOSED: Final = (
    "Groups that only base classes offer, and what base classes add more than "
    f"{BASE_DEPTH} groups deep, are not spelled out: `nxtool definitions tree NXclass` lists it."
)
_HINTS: Final = (
    ("# include: beamline.nx.yaml", "values you always use; delete their lines here"),
    ("# defaults: {timezone: Europe/Berlin}", "and compression: bitshuffle-lz4"),
    ("# vars: {run: scan_1}", "then ${run} stands for scan_1"),
    ('# sources: {frames: "${run}_*.tif"}', "then {from: frames} is their data"),
)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a line stands: its column, and the column of the "# " that comments it out."""

    column: int
    off: int | None = None

    def text(self, words: str) -> str:
        if self.off is None:
            return " " * self.column + words
        return " " * self.off + "# " + " " * (self.column - self.off) + words

    def blank(self) -> str:
        """What stands in front of a comment on a line of its own."""
        return "" if self.off is None else " " * self.off + "#"

    def inside(self) -> _Place:
        return _Place(self.column + 2, self.off)

    def commented(self) -> _Place:
        return self if self.off is not None else _Place(self.column, self.column)


@dataclass(frozen=True, slots=True)
class Start:
    """What a recipe begins with besides its definition, as lines of YAML: the name of the file it
    writes, its sources, and what stands first in the entry."""

    output: str
    sources: tuple[str, ...] = ()
    first: tuple[str, ...] = ()


def template(
    schema: Schema, name: str, level: Level = "required", *, base_classes: bool = False
) -> str:
    """A commented recipe for the application definition `name`; see `outline` for the levels.

    Raises:
        DefinitionError: unknown, not an application definition, or it describes no entry.
    """
    entry = outline(schema, name, level, base_classes=base_classes)
    start = Start(f"output: {name.removeprefix('NX')}.nxs")
    intro = (*_INTRO, _CLOSED) if base_classes else _INTRO
    return _written(schema, name, entry, start, intro)


def begun(schema: Schema, name: str, entry: GroupItem, start: Start) -> str:
    """A commented recipe for the outline `entry` of the definition `name`, begun with `start`;
    fields of the outline that have a value are filled in with it."""
    return _written(schema, name, entry, start, _INTRO)


def _written(
    schema: Schema, name: str, entry: GroupItem, start: Start, intro: Iterable[str]
) -> str:
    lines = [
        *_header(schema, name, entry, intro),
        start.output,
        *_hints(start),
        "",
        f"{entry.key}:",
        *(f"  {line}" for line in start.first),
        *_content(entry, _Place(2)),
    ]
    return "\n".join(lines) + "\n"


def _header(schema: Schema, name: str, entry: GroupItem, intro: Iterable[str]) -> Iterator[str]:
    definition = schema.catalogue[name]
    yield from _wrapped(f"{name}: {wording.sentence(definition.doc)}")
    yield "#"
    for words in intro:
        yield from _wrapped(words)
    yield from _lengths(definition.symbols, entry)
    yield "nxtool: 1"
    yield f"definition: {name}"


def _hints(start: Start) -> Iterator[str]:
    """The sources, and words about what else may stand at the top."""
    hints = _HINTS[:-1] if start.sources else _HINTS
    width = max(len(head) for head, _ in hints)
    for head, note in hints:
        yield f"{head.ljust(width)}  # {note}"
    yield from start.sources


def _wrapped(words: str, indent: str = "") -> list[str]:
    return textwrap.wrap(
        words, WIDTH, initial_indent="# ", subsequent_indent=f"# {indent}", break_on_hyphens=False
    )


def _lengths(symbols: dict[str, str], entry: GroupItem) -> Iterator[str]:
    """The symbols for lengths of arrays that the template mentions."""
    used = {value for item in _walk(entry) for value in _dims(item)}
    named = [symbol for symbol in symbols if symbol in used]
    if named:
        yield "#"
        yield "# Lengths of arrays:"
        for symbol in named:
            yield from _wrapped(f"  {symbol}: {wording.sentence(symbols[symbol])}", "    ")


def _walk(group: GroupItem) -> Iterator[Item]:
    yield from group.fields
    for inner in group.groups:
        yield inner
        yield from _walk(inner)


def _dims(item: Item) -> list[str]:
    dimensions = item.concept.dimensions if isinstance(item, FieldItem) else None
    return [dim.value or "" for dim in dimensions.dims] if dimensions else []


def _content(group: GroupItem, place: _Place) -> Iterator[str]:
    """The lines inside a group: what is required first, then the rest."""
    if group.filled:
        yield from _note(f"nxtool fills in {', '.join(group.filled)}", place)
    if group.attributes:
        yield from _attributes("$attrs:", group.attributes, place)
    items: list[Item] = [*group.fields, *group.groups]
    required = [item for item in items if item.requirement == "required"]
    yield from _items(required, place)
    for requirement in ("recommended", "optional"):
        rest = [item for item in items if item.requirement == requirement]
        if rest:
            yield place.text(f"# -- {requirement} --")
            yield from _items(rest, place.commented())


def _note(words: str, place: _Place) -> Iterator[str]:
    wrapped = textwrap.wrap(words, WIDTH - place.column - 4, break_on_hyphens=False)
    return (place.text(f"# {line}") for line in wrapped)


def _items(items: Sequence[Item], place: _Place) -> Iterator[str]:
    column = _column(place.text(_head(item)) for item in items)
    for item in items:
        yield from _line(_head(item), _about(item), place, column)
        if isinstance(item, FieldItem):
            if item.attributes:
                yield place.inside().text(f"value: {item.value or 'null'}")
                yield from _attributes("attrs:", item.attributes, place.inside())
        elif item.is_list_of_steps:
            yield from (place.inside().commented().text(step) for step in _STEPS)
        else:
            yield from _content(item, place.inside())


def _column(heads: Iterable[str]) -> int:
    """Where comments begin beside these heads."""
    fitting = [len(head) for head in heads if len(head) + 2 <= MAX_COLUMN]
    return max(fitting, default=MAX_COLUMN - 2) + 2


def _head(item: Item) -> str:
    if isinstance(item, FieldItem):
        return f"{item.key}:" if item.attributes else f"{item.key}: {item.value or 'null'}"
    if item.is_list_of_steps or not item.is_empty:
        return f"{item.key}:"
    return f"{item.key}: {'null' if item.concept.nx_class == PLOT else '{}'}"


def _about(item: Item) -> str:
    words = wording.sentence(item.concept.doc)
    if isinstance(item, FieldItem):
        known = wording.facts(item.concept)
        return f"{known}. {words}" if words else known
    nx_class = item.concept.nx_class
    if nx_class == PLOT and item.is_empty:
        words += f". {_PLOT}"
    if item.is_list_of_steps:
        words = "where it is, step by step; nxtool fills in depends_on"
    return f"{nx_class}: {words}" if words else nx_class


def _line(head: str, comment: str, place: _Place, column: int) -> Iterator[str]:
    """A head with its comment, which goes on below where it is long."""
    text = place.text(head)
    room = textwrap.wrap(comment, WIDTH - column - 2, break_on_hyphens=False)
    if len(text) + 2 > column:
        yield text
        rest = room
    else:
        yield f"{text.ljust(column)}# {room[0]}" if room else text
        rest = room[1:]
    for line in rest:
        yield f"{place.blank().ljust(column)}# {line}"


def _attributes(word: str, attributes: Sequence[AttributeConcept], place: _Place) -> Iterator[str]:
    required = [one for one in attributes if one.bounds.requirement == "required"]
    outer = place if required else place.commented()
    yield outer.text(word)
    inner = outer.inside()
    column = _column(place.inside().text(f"{one.name}: null") for one in attributes)
    rest = [one for one in attributes if one not in required]
    for one in [*required, *rest]:
        where = inner if one in required or not required else inner.commented()
        words = wording.sentence(one.doc)
        known = wording.facts(one)
        yield from _line(
            f"{one.name}: null", f"{known}. {words}" if words else known, where, column
        )
