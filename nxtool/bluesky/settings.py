"""Values in the documents of a run by name: metadata at any depth, settings of objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from nxtool.bluesky.runs import Configured

DEEPEST: Final = 16
"""Values further down are not named one by one."""


def values_in(document: Mapping[str, Any], depth: int = 0) -> Iterator[str]:
    """The names of all values, `sample/name` for one of a group; null and empty lists are none."""
    for key, value in document.items():
        if isinstance(value, dict) and depth < DEEPEST:
            yield from (f"{key}/{name}" for name in values_in(value, depth + 1))
        elif value is not None and not (isinstance(value, dict | list) and not value):
            yield str(key)


def value_at(node: Any, name: str) -> Any:
    """The value behind a name, None if there is none; a key may hold `/` itself."""
    for _ in range(DEEPEST + 2):
        if not isinstance(node, Mapping):
            return None
        if name in node:
            return node[name]
        key = next((key for key in wants(name) if isinstance(node.get(key), Mapping)), None)
        if key is None:
            return None
        node, name = node[key], name[len(key) + 1 :]
    return None


def wants(name: str) -> Iterator[str]:
    """What a name begins with, the longest first: `a/b` and `a` of `a/b/c`.

    >>> list(wants("a/b/c"))
    ['a/b', 'a']
    """
    while "/" in name:
        name = name.rpartition("/")[0]
        yield name


def settings(found: Configured) -> list[str]:
    """The names of all settings of an object."""
    return list(dict.fromkeys(str(key) for data, _ in found.rows for key in data))


def named(owner: str, name: str, known: Iterable[str]) -> str:
    """The setting that is meant by a name, which may lack that of its object; empty if none is.

    >>> named("det", "count_time", ["det_count_time"])
    'det_count_time'
    """
    for candidate in (name, f"{owner}_{name}", f"{owner}-{name}", f"{owner}.{name}"):
        if candidate in known:
            return candidate
    return ""
