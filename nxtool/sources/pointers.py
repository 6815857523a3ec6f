"""Values in a tree of mappings and lists, by JSON pointer (RFC 6901): JSON, YAML, RO-Crate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nxtool.errors import SourceError
from nxtool.sources.lookup import unknown
from nxtool.sources.memory import MemoryArray, text_array

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nxtool.sources.model import SourceArray


class TreeFile:
    """A `Reader` of one file that is a tree; `where` names it in messages."""

    def __init__(self, where: object, root: Any) -> None:
        self._where = where
        self._root = root

    def close(self) -> None:
        """Do nothing: the file is read at once."""

    def keys(self) -> Iterator[str]:
        """The pointers to the values that can be read, whole lists as one."""
        yield from pointers(self._root)

    def array(self, selector: str = "") -> SourceArray:
        """The value behind a pointer; lists of lists of numbers become arrays of their rank."""
        return MemoryArray(values_at(self._where, self._root, selector))


def pointers(root: Any) -> Iterator[str]:
    """The pointers to the values of a tree that can be arrays, in its order."""
    stack: list[tuple[str, Any]] = [("", root)]
    while stack:
        pointer, node = stack.pop()
        if as_array(node) is not None:
            yield pointer
            continue
        stack += [(f"{pointer}/{_escaped(key)}", node[key]) for key in reversed(_names(node))]


def values_at(where: object, root: Any, pointer: str) -> np.ndarray[Any, Any]:
    """The value behind a pointer as an array.

    Raises:
        SourceError: there is no such thing, or it is no number, text or list of such.
    """
    values = as_array(node_at(where, root, pointer))
    if values is None:
        raise SourceError(
            f"{where}: {pointer or '/'} is no number, text or list of one kind of them"
        )
    return values


def node_at(where: object, root: Any, pointer: str) -> Any:
    """What stands behind a pointer.

    Raises:
        SourceError: there is no such thing; the message names near matches.
    """
    if pointer and not pointer.startswith("/"):
        raise SourceError(f"{where}: {pointer!r} is no pointer", hint="write /a/b/0")
    node = root
    place = ""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        names = {str(name): name for name in _names(node)}
        if key not in names:
            raise unknown(f"{where}: {place or '/'}", "key", key, names)
        node = node[names[key]]
        place = f"{place}/{part}"
    return node


def as_array(node: object) -> np.ndarray[Any, Any] | None:
    """A value as an array; None if it holds objects, nulls, or is ragged or mixed."""
    if isinstance(node, dict) or node is None:
        return None
    if isinstance(node, list) and node and all(isinstance(item, str) for item in node):
        return text_array(node)
    kinds = _kinds(node)
    if isinstance(node, list) and kinds & {str, type(None), dict}:
        return None
    if len(kinds & {bool, int, float}) > 1 and bool in kinds:
        return None
    try:
        values = np.array(node)
    except ValueError:
        return None
    if values.dtype.kind == "f" and kinds == {int}:
        return None  # numbers of 64 bits with and without sign have no type in common
    return values if values.dtype.kind in "biufU" else None


def _names(node: object) -> list[Any]:
    """The keys of an object, the indexes of a list."""
    if isinstance(node, dict):
        return list(node)
    return list(range(len(node))) if isinstance(node, list) else []


def _escaped(key: object) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")


def _kinds(node: object) -> set[type]:
    """The types of everything in a list of lists."""
    if not isinstance(node, list):
        return {type(node)}
    return set().union(*(_kinds(item) for item in node))
