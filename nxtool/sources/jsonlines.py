"""JSON Lines: one JSON value a line, as Bluesky and other programs keep what they tell.

A selector is a JSON pointer into every line: `/data/x` is an array over the lines. The option
`where`, a mapping of pointers to values, takes the lines that have these values only:
`{/name: event}`. Empty lines do not count.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from nxtool.errors import SourceError
from nxtool.sources.jsonfile import parsed_json
from nxtool.sources.lookup import check_options
from nxtool.sources.memory import MemoryArray
from nxtool.sources.pointers import as_array, node_at, pointers
from nxtool.sources.textlines import TextLines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from nxtool.sources.model import OpenFile, SourceArray

_LOOKED_AT: Final = 100
"""How many lines are looked at for the pointers there are."""


def opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open JSON Lines: option `where`, the values of the lines that count."""
    check_options("jsonl", options, ("where",))
    where = options.get("where", {})
    if not isinstance(where, dict) or not all(str(key).startswith("/") for key in where):
        raise SourceError(f"option where is {where!r}", hint="write {/name: event}")
    return partial(JsonLines, where=where)


class JsonLines:
    """A `Reader` of one file of JSON Lines, which is read anew for each column.

    Raises:
        SourceError: no line counts; with its place, a line that is no JSON.
    """

    def __init__(self, path: Path, where: Mapping[str, Any]) -> None:
        self._text = TextLines(path)
        self._where = where
        self._columns: dict[str, SourceArray] = {}
        first = [value for value, _ in zip(self._values(), range(_LOOKED_AT), strict=False)]
        if not first:
            raise SourceError(f"{path}: no line counts" if where else f"{path}: holds no line")
        self._pointers = tuple(dict.fromkeys(p for value in first for p in pointers(value)))

    def close(self) -> None:
        """Forget the columns read so far."""
        self._columns.clear()

    def keys(self) -> Iterator[str]:
        """The pointers into the first lines."""
        yield from self._pointers

    def array(self, selector: str = "") -> SourceArray:
        """The value behind the pointer in each line.

        Raises:
            SourceError: a line lacks it, or the values are not of one kind.
        """
        if selector not in self._columns:
            nodes = [self._node(value, selector) for value in self._values()]
            column = as_array(nodes)
            if column is None:
                raise SourceError(
                    f"{self._text.path}: {selector or '/'} is not a number, a text"
                    " or a list of one length in every line"
                )
            self._columns[selector] = MemoryArray(column)
        return self._columns[selector]

    def _node(self, value: Any, pointer: str) -> Any:
        return node_at(f"{self._text.path}:{self._text.number}", value, pointer)

    def _values(self) -> Iterator[Any]:
        """The values of the lines that count."""
        for line in self._text:
            if line.strip():
                value = parsed_json(line, str(self._text.path), self._text.number - 1)
                if all(_has(value, pointer, due) for pointer, due in self._where.items()):
                    yield value


def _has(value: Any, pointer: str, due: Any) -> bool:
    try:
        return bool(node_at("", value, pointer) == due)
    except SourceError:
        return False
