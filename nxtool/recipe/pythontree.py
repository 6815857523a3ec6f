"""A recipe as Python values: dicts, lists and arrays to the nodes a YAML file gives.

Text stays text and numbers stay numbers, whatever they look like. An array becomes data of a
source in memory: where a value is due it is `{from: "memory:PATH"}`, and under `sources` it is a
source of its own. Where the language wants a list (attributes, vectors, variables) a small array
is one. The place of each value is its path in the tree: `entry/sample/name`.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from nxtool.errors import RecipeError, SourceError
from nxtool.findings import Mark
from nxtool.recipe.checks import mistake
from nxtool.sources.arraylike import array_of, is_array
from nxtool.sources.memory import MEMORY
from nxtool.sources.model import SourceArray
from nxtool.yamltree.nodes import ListNode, MapNode, Node, Scalar
from nxtool.yamltree.yamlfile import MAX_DEPTH, MAX_NODES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nxtool.findings import Finding

Arrays: TypeAlias = "dict[str, dict[str, SourceArray]]"
"""By the name of the source, then by selector."""

MAX_LISTED: Final = 10_000
"""A larger array is no attribute, vector or variable."""
_LISTED: Final = frozenset({"attrs", "$attrs", "$plot", "$repeat", "chunks"})
"""Names below which arrays are lists."""
_REFERRING: Final = ("from", "by")
"""Names that take the data of a source by its name alone."""


@dataclass(slots=True)
class PythonTree:
    """The nodes of a tree, and the arrays they refer to."""

    node: MapNode
    arrays: Arrays


def read_tree(tree: Mapping[str, Any], problems: list[Finding]) -> PythonTree:
    """The nodes of a whole recipe; what cannot stand in one is reported and left out.

    Raises:
        RecipeError: it is nested too deeply, or holds more values than a recipe may.
    """
    reader = _Reader(_free_name(tree.get("sources")), problems)
    top = [(key, reader.section(key, value)) for key, value in reader.names(tree, "")]
    node = MapNode(tuple(top), _mark("the recipe"))
    if reader.name in reader.arrays:
        node = _with_source(node, reader.name)
    return PythonTree(node, reader.arrays)


def read_values(
    values: Mapping[str, Any], problems: list[Finding]
) -> tuple[dict[str, Node], Arrays]:
    """The nodes of single values, by the place where they shall stand."""
    reader = _Reader(MEMORY, problems)
    found = {str(place): reader.node(value, str(place), "") for place, value in values.items()}
    return found, reader.arrays


def _free_name(sources: object) -> str:
    """The source of arrays that stand where they are used."""
    name, number = MEMORY, 1
    while isinstance(sources, Mapping) and name in sources:
        number += 1
        name = f"{MEMORY}_{number}"
    return name


def _with_source(top: MapNode, name: str) -> MapNode:
    """The recipe with the source of its arrays, which the author did not write."""
    source = (_text(name, _mark(name)), _in_memory(name))
    listed = top.get("sources")
    known = listed.items if isinstance(listed, MapNode) else ()
    sources = MapNode((*known, source), _mark("sources"))
    others = [item for item in top.items if item[0].text != "sources"]
    return MapNode((*others, (_text("sources", _mark("sources")), sources)), top.mark)


def _in_memory(place: str) -> MapNode:
    mark = _mark(place)
    return MapNode(((_text("format", mark), _text(MEMORY, mark)),), mark)


def _mark(place: str) -> Mark:
    return Mark(place)


def _text(text: str, mark: Mark) -> Scalar:
    return Scalar(text, text, mark, "quoted")


@dataclass(slots=True)
class _Reader:
    """Reads values and gathers arrays; `name` is the source of those found on the way."""

    name: str
    problems: list[Finding]
    arrays: Arrays = field(default_factory=dict)
    count: int = 0
    depth: int = 0

    def names(self, tree: Mapping[Any, Any], place: str) -> list[tuple[Scalar, Any]]:
        """The names of a mapping as they must be, with their values."""
        found = []
        for key, value in tree.items():
            if isinstance(key, str) and key and not _unstorable(key):
                found.append((_text(str(key), _mark(_join(place, key))), value))
            else:
                self._wrong(place or "the recipe", f"{key!r} is no name", "a name is text")
        return found

    def section(self, key: Scalar, value: Any) -> Node:
        """What stands under a name at the top of a recipe."""
        if key.text == "sources" and isinstance(value, Mapping):
            items = [(name, self._source(name, one)) for name, one in self.names(value, key.text)]
            return MapNode(tuple(items), key.mark)
        is_entry = key.text == "entry" or "(" in key.text
        return self.node(value, key.text, key.text, listed=not is_entry)

    def _source(self, name: Scalar, value: Any) -> Node:
        """A source: an array, a table of arrays by column, or as in a file."""
        place = _join("sources", name.text)
        if is_array(value):
            return self._table(name.text, {"": value}, place)
        if isinstance(value, Mapping) and any(is_array(column) for column in value.values()):
            columns = {key.text: column for key, column in self.names(value, place)}
            return self._table(name.text, columns, place)
        return self.node(value, place, name.text, listed=True)

    def _table(self, name: str, columns: Mapping[str, Any], place: str) -> Node:
        for selector, column in columns.items():
            where = _join(place, selector) if selector else place
            self._keep(name, selector, column if is_array(column) else np.asarray(column), where)
        return _in_memory(place)

    def _keep(self, source: str, selector: str, value: Any, place: str) -> bool:
        """Keep an array for a source; False, with a problem, where it cannot be stored."""
        try:
            self.arrays.setdefault(source, {})[selector] = array_of(value)
        except SourceError as error:
            self._wrong(place, error.message, error.hint)
            return False
        return True

    def node(self, value: Any, place: str, key: str, *, listed: bool = False) -> Node:
        """The node of a value that stands under `key`; arrays are lists where they are `listed`."""
        self._spend(place)
        if isinstance(value, Mapping):
            return self._mapping(value, place, listed=listed or key in _LISTED)
        if isinstance(value, list | tuple):
            return self._list(value, place)
        if isinstance(value, np.ndarray) and value.ndim == 0:
            value = value[()]
        if not is_array(value):
            return self._scalar(value, place)
        if key in _REFERRING:
            return self._reference(value, place)
        if listed or key in _LISTED:
            return self._listed(value, place)
        mark = _mark(place)
        return MapNode(((_text("from", mark), self._reference(value, place)),), mark)

    def _mapping(self, value: Mapping[str, Any], place: str, *, listed: bool) -> MapNode:
        self._deeper(place)
        items: list[tuple[Scalar, Node]] = []
        for key, one in self.names(value, place):
            node = self.node(one, _join(place, key.text), key.text, listed=listed)
            turned = key.text == "by" and is_array(one)
            items.append((_text("from", key.mark) if turned else key, node))
        self.depth -= 1
        return MapNode(tuple(items), _mark(place or "the recipe"))

    def _list(self, value: Sequence[Any], place: str) -> ListNode:
        self._deeper(place)
        items = [
            self.node(one, f"{place}[{index}]", "", listed=True) for index, one in enumerate(value)
        ]
        self.depth -= 1
        return ListNode(tuple(items), _mark(place))

    def _reference(self, value: Any, place: str) -> Scalar:
        kept = self._keep(self.name, place, value, place)
        reference = f"{self.name}:{place}"
        return _text(reference, _mark(place)) if kept else Scalar(None, "", _mark(place))

    def _listed(self, value: Any, place: str) -> Node:
        """A small array as lists of its values."""
        shape = tuple(getattr(value, "shape", ()))
        if math.prod(shape) > MAX_LISTED:
            hint = "an array can be the value of a field"
            self._wrong(place, f"an array of {math.prod(shape)} values cannot stand here", hint)
            return Scalar(None, "", _mark(place))
        return self.node(np.asarray(value).tolist(), place, "", listed=True)

    def _scalar(self, value: Any, place: str) -> Scalar:
        mark = _mark(place)
        plain = _plain(value)
        if isinstance(plain, bool):
            return Scalar(plain, str(plain).lower(), mark)
        if isinstance(plain, int):
            return Scalar(plain, str(plain), mark)
        if isinstance(plain, float):
            return Scalar(plain, _number(plain), mark)
        if isinstance(plain, str):
            if not _unstorable(plain):
                return _text(plain, mark)
            self._wrong(place, f"{plain!r} cannot be stored as text", "give UTF-8 without zeros")
        elif plain is not None:
            kind = type(value).__name__
            self._wrong(place, f"a {kind} cannot stand in a recipe", "give text, numbers or arrays")
        return Scalar(None, "", mark)

    def _wrong(self, place: str, message: str, hint: str) -> None:
        self.problems.append(mistake("R02", _mark(place), message, hint))

    def _spend(self, place: str) -> None:
        self.count += 1
        if self.count > MAX_NODES:
            hint = "give many values as an array"
            raise RecipeError(f"more than {MAX_NODES} values", hint=hint, mark=_mark(place))

    def _deeper(self, place: str) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise RecipeError(f"nested deeper than {MAX_DEPTH} levels", mark=_mark(place))


def _plain(value: Any) -> object:
    """A value of numpy, a date, a path or bytes as plain Python; dates as ISO 8601 text."""
    if isinstance(value, np.datetime64):
        return str(value)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, complex):
        return str(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return os.fspath(value) if isinstance(value, os.PathLike) else value


def _number(value: float) -> str:
    """As YAML writes it."""
    if math.isfinite(value):
        return repr(value)
    return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"


def _unstorable(text: str) -> bool:
    return "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text)


def _join(place: str, name: str) -> str:
    return f"{place}/{name}" if place else name
