"""JSON files: numbers, text and lists of them, by JSON pointer (RFC 6901)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.errors import SourceError
from nxtool.findings import Mark
from nxtool.sources.lookup import check_options, unknown
from nxtool.sources.memory import MemoryArray, text_array

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from nxtool.sources.model import OpenFile, SourceArray

LIMIT: Final = 64 * 2**20
"""The largest JSON file that is read, in bytes."""


def opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open JSON files; there are no options."""
    check_options("json", options, ())
    return JsonFile


class JsonFile:
    """A `Reader` of one JSON file.

    Raises:
        SourceError: it is too large, no JSON (with the place), or nested too deeply.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            if path.stat().st_size > LIMIT:
                raise SourceError(f"{path}: is larger than {LIMIT >> 20} MiB")
            self._root: Any = json.loads(path.read_bytes())
        except OSError as error:
            raise SourceError(f"{path}: cannot be read: {error.strerror}") from error
        except json.JSONDecodeError as error:
            mark = Mark(str(path), error.lineno, error.colno)
            raise SourceError(f"is no JSON: {error.msg}", mark=mark) from error
        except (RecursionError, ValueError) as error:
            raise SourceError(f"{path}: is no JSON: {error}") from error

    def close(self) -> None:
        """Do nothing: the file is read at once."""

    def keys(self) -> Iterator[str]:
        """The pointers to the values that can be read, whole lists as one."""
        stack: list[tuple[str, Any]] = [("", self._root)]
        while stack:
            pointer, node = stack.pop()
            if _array(node) is not None:
                yield pointer
                continue
            stack += [(f"{pointer}/{_escaped(key)}", node[key]) for key in reversed(_names(node))]

    def array(self, selector: str = "") -> SourceArray:
        """The value behind a pointer; lists of lists of numbers become arrays of their rank."""
        node = self._root
        place = ""
        for part in selector.split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            names = {str(name): name for name in _names(node)}
            if key not in names:
                raise unknown(f"{self._path}: {place or '/'}", "key", key, names)
            node = node[names[key]]
            place = f"{place}/{part}"
        if selector and not selector.startswith("/"):
            raise SourceError(f"{self._path}: {selector!r} is no pointer", hint="write /a/b/0")
        values = _array(node)
        if values is None:
            raise SourceError(
                f"{self._path}: {place or '/'} is no number, text or list of one kind of them"
            )
        return MemoryArray(values)


def _names(node: object) -> list[Any]:
    """The keys of an object, the indexes of a list."""
    if isinstance(node, dict):
        return list(node)
    return list(range(len(node))) if isinstance(node, list) else []


def _escaped(key: object) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")


def _array(node: object) -> np.ndarray[Any, Any] | None:
    """A JSON value as an array; None if it holds objects, nulls, or is ragged or mixed."""
    if isinstance(node, dict) or node is None:
        return None
    if isinstance(node, list) and node and all(isinstance(item, str) for item in node):
        return text_array(node)
    if isinstance(node, list) and _kinds(node) & {str, type(None), dict}:
        return None
    if len(_kinds(node) & {bool, int, float}) > 1 and bool in _kinds(node):
        return None
    try:
        values = np.array(node)
    except ValueError:
        return None
    return values if values.dtype.kind in "biufU" else None


def _kinds(node: object) -> set[type]:
    """The types of everything in a list of lists."""
    if not isinstance(node, list):
        return {type(node)}
    return set().union(*(_kinds(item) for item in node))
