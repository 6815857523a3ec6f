"""`$repeat`: which variables each of the repeated groups gets.

`{i: 0..7, z: [...]}` makes one group for each `i`; lists and ranges run together. `{rows: log}`
makes one for each row of a table, a source with 1-D columns of one length, such as CSV: every
column whose name can name a variable is one. Numbers are those of the file, text stays text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from nxtool.errors import SourceError
from nxtool.findings import Finding
from nxtool.recipe.checks import did_you_mean, mistake, wrong_form
from nxtool.sources.opener import open_source
from nxtool.yamltree.nodes import ListNode, MapNode, Node, Scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from nxtool.findings import Mark
    from nxtool.sources.model import Source, SourceArray, SourceSpec

MAX_REPEATS: Final = 10_000
ROWS: Final = "rows"

_RANGE: Final = re.compile(r"(-?[0-9]{1,9})\.\.(-?[0-9]{1,9})")
_NAME: Final = re.compile(r"[A-Za-z_]\w*", re.ASCII)

Columns = dict[str, tuple[Node, ...]]


class Tables:
    """The tables among the sources of a recipe, each read once.

    `sources` is called when a table is asked for. Paths are relative to `folder`.
    """

    def __init__(self, sources: Callable[[], Mapping[str, SourceSpec]], folder: Path) -> None:
        self._sources = sources
        self._folder = folder
        self._found: dict[str, Columns | Finding] = {}

    @property
    def used(self) -> tuple[str, ...]:
        """The names of the sources that were read."""
        return tuple(name for name, found in self._found.items() if isinstance(found, dict))

    def columns(self, name: Scalar) -> Columns | Finding:
        """The columns of the table `name`, or what is wrong with it at its place."""
        if name.text not in self._found:
            self._found[name.text] = self._read(name)
        return self._found[name.text]

    def _read(self, name: Scalar) -> Columns | Finding:
        known = self._sources()
        if name.text not in known:
            hint = did_you_mean(name.text, known) or f"sources: {', '.join(known) or 'none'}"
            return mistake("R01", name.mark, f"there is no source {name.text!r}", hint)
        try:
            with open_source(known[name.text], self._folder) as source:
                return _table(source, name)
        except SourceError as error:
            mark = error.mark or name.mark
            return Finding("R05", "error", "", error.message, hint=error.hint, mark=mark)


def _table(source: Source, name: Scalar) -> Columns | Finding:
    """The columns that can be variables; they must be equally long."""
    names = filter(_NAME.fullmatch, source.keys())
    arrays = {name: source.array(name) for name in names}
    lengths = {array.info.shape for array in arrays.values()}
    if len(lengths) != 1 or len(next(iter(lengths))) != 1:
        hint = "take a table whose columns have names of letters, digits and _"
        return mistake("R02", name.mark, f"source {name.text!r} has no columns to repeat", hint)
    (length,) = next(iter(lengths))
    if not 0 < length <= MAX_REPEATS:
        hint = f"1 to {MAX_REPEATS} rows can be repeated"
        return mistake("R02", name.mark, f"table {name.text!r} has {length} rows", hint)
    return {key: tuple(_cells(array, length, name.mark)) for key, array in arrays.items()}


def _cells(array: SourceArray, length: int, mark: Mark) -> Iterator[Scalar]:
    for value in array.read(0, length).tolist():
        if isinstance(value, int | float):
            yield Scalar(value, str(value), mark)
        else:
            yield Scalar(str(value), str(value), mark, "quoted")


def repeat_rows(node: Node, problems: list[Finding], tables: Tables) -> list[dict[str, Node]]:
    """One set of variables for each group that a `$repeat` asks for; none if it is wrong."""
    if not isinstance(node, MapNode) or not node:
        due = "a mapping of names to lists or ranges"
        problems.append(wrong_form(node, "$repeat", due, "{i: 0..7, z: [...]}"))
        return []
    columns: Columns = {}
    for key, value in node.items:
        found = _columns(key, value, tables)
        if isinstance(found, Finding):
            problems.append(found)
            return []
        twice = next((name for name in found if name in columns), None)
        if twice is not None:
            hint = "leave out one of them"
            problems.append(mistake("R02", key.mark, f"{twice!r} comes from two places", hint))
            return []
        columns |= found
    return _zipped(node, columns, problems)


def _zipped(node: MapNode, columns: Columns, problems: list[Finding]) -> list[dict[str, Node]]:
    counts = {name: len(column) for name, column in columns.items()}
    if len(set(counts.values())) > 1:
        lengths = ", ".join(f"{name} has {count}" for name, count in counts.items())
        message = f"lists of $repeat differ in length: {lengths}"
        problems.append(mistake("R02", node.mark, message, "give each the same number of values"))
        return []
    rows = zip(*columns.values(), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _columns(key: Scalar, value: Node, tables: Tables) -> Columns | Finding:
    """The values of one name of `$repeat`, of several where it is a table, or what is wrong."""
    if key.text == ROWS:
        if isinstance(value, Scalar) and isinstance(value.value, str):
            return tables.columns(value)
        return wrong_form(value, ROWS, "the name of a source", "{rows: log}")
    column = _column(key, value)
    return column if isinstance(column, Finding) else {key.text: column}


def _column(key: Scalar, value: Node) -> tuple[Node, ...] | Finding:
    """The values a list or a range gives, or what is wrong with them."""
    if isinstance(value, ListNode):
        return value.items
    match = _RANGE.fullmatch(value.text) if isinstance(value, Scalar) else None
    if match is None:
        return wrong_form(value, key.text, "a list or a range", "a range is written 0..7")
    first, last = int(match[1]), int(match[2])
    if not first <= last < first + MAX_REPEATS:
        hint = f"1 to {MAX_REPEATS} values, last one included"
        return mistake("R02", value.mark, f"range {match[0]} is empty or too long", hint)
    return tuple(Scalar(number, str(number), value.mark) for number in range(first, last + 1))
