"""Readers that other packages bring, by the entry point group `nxtool.readers`.

Their code is not ours: whatever it raises becomes a `SourceError` that names it, and what it
returns is held against what it promised. The protocol is told in docs/readers.md.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import lru_cache, partial
from importlib import metadata
from math import prod
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from nxtool.errors import NxtoolError, SourceError
from nxtool.sources.model import ArrayInfo

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence
    from pathlib import Path

    from nxtool.sources.model import OpenFile, Reader, SourceArray

GROUP: Final = "nxtool.readers"


class ReaderPlugin(Protocol):
    """What an entry point of the group leads to: an object or module, or a class of such."""

    name: str
    suffixes: Sequence[str]

    def sniff(self, head: bytes, path: Path) -> int:
        """How sure one is to read the file at `path`, which begins with `head`: 0 to 100."""

    def open(self, path: Path, options: Mapping[str, Any]) -> Reader:
        """Open one file; raises `SourceError` where it is damaged."""


def plugin_names() -> list[str]:
    """The names of all readers of others; none of them is loaded."""
    return sorted({entry.name for entry in _entries(tuple(sys.path))})


@lru_cache(maxsize=1)
def _entries(_path: tuple[str, ...]) -> tuple[metadata.EntryPoint, ...]:
    """The entry points of our group. To find them, every package on the path is looked into: 5 ms,
    which each source would cost again."""
    return tuple(metadata.entry_points(group=GROUP))


def all_plugins(ours: Container[str]) -> list[Plugin]:
    """All readers of others, by name; `ours` are names they cannot have.

    Raises:
        SourceError: one cannot be loaded, has a name of ours, or that of another.
    """
    return [load_plugin(name, ours) for name in plugin_names()]


def load_plugin(name: str, ours: Container[str]) -> Plugin:
    """The reader called `name`.

    Raises:
        SourceError: it cannot be loaded, or the name is taken.
    """
    entries = [entry for entry in _entries(tuple(sys.path)) if entry.name == name]
    origins = " and ".join(_origin(entry) for entry in entries)
    if len(entries) > 1:
        raise SourceError(f"{origins} have the same name", hint="remove one of the packages")
    if name in ours:
        raise SourceError(f"{origins} has the name of a format of nxtool", hint=_REMOVE)
    with _blaming(origins, "cannot be loaded"):
        loaded = entries[0].load()
        return Plugin(name, origins, loaded() if isinstance(loaded, type) else loaded)


_REMOVE: Final = "mend or remove the package, or set `format`"


def _origin(entry: metadata.EntryPoint) -> str:
    package = f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.value
    return f"reader {entry.name!r} of package {package}"


@contextmanager
def _blaming(origin: str, what: str, where: object = None) -> Iterator[None]:
    """Turn whatever code of others raises into an error that names it."""
    try:
        yield
    except NxtoolError:
        raise
    except Exception as error:
        prefix = f"{where}: " if where is not None else ""
        reason = ": ".join(filter(None, [type(error).__name__, " ".join(str(error).split())]))
        raise SourceError(f"{prefix}{origin} {what}: {reason}", hint=_REMOVE) from error


class Plugin:
    """A loaded reader of others; `origin` names it and its package.

    Raises:
        SourceError: it is not as the protocol asks.
    """

    def __init__(self, name: str, origin: str, reader: ReaderPlugin) -> None:
        self.name = name
        self._origin = origin
        self._reader = reader
        if reader.name != name:
            raise SourceError(f"{origin} calls itself {reader.name!r}", hint=_REMOVE)
        self.suffixes = tuple(reader.suffixes)
        if not all(one.startswith(".") and one == one.lower() for one in self.suffixes):
            hint = "they are lower case and begin with a dot"
            raise SourceError(f"{origin} has suffixes {self.suffixes}", hint=hint)

    def sniff(self, head: bytes, path: Path) -> int:
        """How sure the reader is of a file, 0 to 100."""
        with _blaming(self._origin, "fails", path):
            score = self._reader.sniff(head, path)
            if not 0 <= score <= 100:
                raise SourceError(f"{path}: {self._origin} is {score} sure", hint="0 to 100 is due")
            return int(score)

    def opener(self, options: Mapping[str, Any]) -> OpenFile:
        """How to open files of the format."""
        return partial(self._open, options=dict(options))

    def _open(self, path: Path, options: Mapping[str, Any]) -> Reader:
        with _blaming(self._origin, "fails", path):
            return _GuardedReader(self._origin, path, self._reader.open(path, options))


class _GuardedReader:
    """A `Reader` of others."""

    def __init__(self, origin: str, path: Path, reader: Reader) -> None:
        self._origin = origin
        self._path = path
        self._reader = reader

    def close(self) -> None:
        """Close the file."""
        with _blaming(self._origin, "fails", self._path):
            self._reader.close()

    def keys(self) -> Iterator[str]:
        """The selectors the file offers."""
        with _blaming(self._origin, "fails", self._path):
            names = [str(name) for name in self._reader.keys()]  # noqa: SIM118  no dict
        yield from names

    def array(self, selector: str = "") -> SourceArray:
        """The array behind a selector."""
        with _blaming(self._origin, "fails", self._path):
            array = self._reader.array(selector)
            return _GuardedArray(self._origin, self._path, array)


class _GuardedArray:
    """A `SourceArray` of others.

    Raises:
        SourceError: its description contradicts itself.
    """

    def __init__(self, origin: str, path: Path, array: SourceArray) -> None:
        self._origin = origin
        self._path = path
        self._array = array
        self.info = array.info
        if not isinstance(self.info, ArrayInfo):
            raise self._wrong(f"describes an array by {type(self.info).__name__}")
        promised = prod(self.info.shape) * self.info.dtype.itemsize
        given = sum(extent.size for extent in self.info.extents)
        if self.info.extents and given != promised:
            raise self._wrong(f"names {given} bytes for an array of {promised}")

    def read(self, start: int, stop: int) -> np.ndarray[Any, Any]:
        """Rows `start` to `stop`, as promised in type and shape."""
        with _blaming(self._origin, "fails", self._path):
            values = np.asanyarray(self._array.read(start, stop))
        shape = self.info.shape
        due = (len(range(shape[0])[start:stop]), *shape[1:]) if shape else ()
        if (values.shape, values.dtype) != (due, self.info.dtype):
            raise self._wrong(
                f"gives {values.shape} {values.dtype} where {due} {self.info.dtype} is due"
            )
        return values

    def _wrong(self, what: str) -> SourceError:
        return SourceError(f"{self._path}: {self._origin} {what}", hint=_REMOVE)
