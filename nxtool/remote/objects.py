"""The objects of a domain, asked for many at a time.

One answer of a server takes milliseconds, however little it holds, so objects are asked for before
they are wanted: whoever wants one gets, with it, the next ones that links of groups led to. A group
comes with its links and attributes, a dataset with its type, shape and attributes. Single values
are asked for likewise, those of texts with texts and those of numbers with numbers: who looks at
one title will look at the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from multiprocessing.pool import ThreadPool
from typing import Any, Final, TypeAlias, TypeVar

from nxtool.remote.hsds import AT_ONCE, Missing, Server

AHEAD: Final = 512
"""How many objects are asked for together."""
MOST_KEPT: Final = 20_000
MOST_VALUES: Final = 4 * AHEAD
"""How many values wait to be wanted."""
_COLLECTIONS: Final = {"g": "groups", "d": "datasets"}
Told: TypeAlias = "Mapping[str, Any] | None"
"""What a server says of an object; None where there is no such object."""
_T = TypeVar("_T")


class Objects:
    """What a server says of the objects of a domain, kept for a while."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._kept: dict[str, Told] = {}
        self._ahead: dict[str, None] = {}
        self._values: dict[str, Any] = {}
        self._asked: set[str] = set()
        self._pool: ThreadPool | None = None

    def close(self) -> None:
        """End what is still on its way."""
        if self._pool is not None:
            self._pool.terminate()

    def told(self, name: str) -> Told:
        """The object of this id, with the ids of its links noted to be asked for."""
        if name not in self._kept:
            self._fetch(name)
        return self._kept[name]

    def _fetch(self, wanted: str) -> None:
        self._ahead.pop(wanted, None)
        names = [wanted, *islice(self._ahead, AHEAD - 1)]
        for name, told in zip(names, self._answers(self._ask, names), strict=True):
            self._ahead.pop(name, None)
            self._kept[name] = told
            if told is not None:
                self._note(told)
        while len(self._kept) > MOST_KEPT:
            self._kept.pop(next(name for name in self._kept if name != wanted))

    def value(self, name: str) -> Any:
        """The value of a dataset that is a single one, as `Server.values` gives it; None where
        there is none."""
        if name not in self._values:
            names = [name, *islice(self._alike(name), AHEAD - 1)]
            self._asked.update(names)
            while len(self._values) > MOST_VALUES:
                del self._values[next(iter(self._values))]
            self._values |= zip(names, self._answers(self._ask_value, names), strict=True)
        return self._values.pop(name)

    def _alike(self, wanted: str) -> Iterator[str]:
        """The datasets known that are a single value of its kind too, and were never asked for."""
        kind = _single(self._kept.get(wanted))
        for name, told in self._kept.items() if kind else ():
            if name not in self._asked and name != wanted and _single(told) == kind:
                yield name

    def _answers(self, ask: Callable[[str], _T], names: list[str]) -> list[_T]:
        if len(names) == 1:
            return [ask(names[0])]
        if self._pool is None:
            self._pool = ThreadPool(AT_ONCE)
        return self._pool.map(ask, names, chunksize=1)

    def _ask_value(self, name: str) -> Any:
        try:
            return self._server.values(f"/datasets/{name}/value")
        except Missing:
            return None

    def _ask(self, name: str) -> Told:
        collection = _COLLECTIONS.get(name[:1])
        if collection is None:
            return None
        more = {"include_links": 1} if collection == "groups" else {}
        try:
            return self._server.facts(f"/{collection}/{name}", include_attrs=1, **more)
        except Missing:
            return None

    def _note(self, told: Mapping[str, Any]) -> None:
        for link in links_of(told).values():
            name = link.get("id")
            if isinstance(name, str) and name[:1] in _COLLECTIONS and name not in self._kept:
                self._ahead[name] = None


def _single(told: Told) -> str:
    """The class of the type of a dataset that is a single value; else nothing."""
    shape, kind = (told or {}).get("shape"), (told or {}).get("type")
    if isinstance(shape, Mapping) and isinstance(kind, Mapping):
        return str(kind.get("class")) if shape.get("class") == "H5S_SCALAR" else ""
    return ""


def links_of(told: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The links of a group by name, in the order in which HDF5 lists them."""
    return dict(sorted(_entries(told.get("links")), key=lambda entry: entry[0].encode()))


def attributes_of(told: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The attributes of an object by name, likewise."""
    return dict(sorted(_entries(told.get("attributes")), key=lambda entry: entry[0].encode()))


def _entries(told: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Named objects, whether they come as a list or by name."""
    if isinstance(told, Mapping):
        yield from ((name, one) for name, one in told.items() if isinstance(one, Mapping))
    for one in told if isinstance(told, list) else ():
        if isinstance(one, Mapping):
            yield str(one.get("title", one.get("name"))), one
