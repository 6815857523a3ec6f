"""Zarr stores of versions 2 and 3, folders, through the package zarr (extra `zarr`).

A selector is the path of an array, from the group that stands behind the folder on:
`run.zarr:/entry`; `/entry/data@units` is an attribute. Only what is asked for is read, by chunks.
A chunk that is not stored has the fill value, as the format says. zarr refuses pickled values.
"""

from __future__ import annotations

from functools import partial
from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.errors import SourceError
from nxtool.sources.extras import load, reading
from nxtool.sources.lookup import check_options, unknown
from nxtool.sources.memory import MemoryArray
from nxtool.sources.model import ArrayInfo
from nxtool.sources.pointers import as_array

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from nxtool.sources.model import OpenFile, SourceArray

_CHUNK: Final = 2 << 30
"""The largest chunk that is unpacked, in bytes."""


def opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open stores; the option `dataset` is what selectors start from."""
    check_options("zarr", options, ("dataset",))
    return partial(ZarrStore, inside=str(options.get("dataset", "")).strip("/"))


class ZarrStore:
    """A `Reader` of one store.

    Raises:
        MissingExtra: zarr is not installed.
        SourceError: it is no store, or a damaged one.
    """

    def __init__(self, path: Path, inside: str = "") -> None:
        zarr = load("zarr", f"reading the store {path.name}", "zarr")
        self._path = path
        self._inside = inside
        self._reading = partial(reading, path, "zarr")
        self._array_type = zarr.Array
        with self._reading():
            if not path.is_dir():
                raise SourceError(f"{path}: is no folder", hint="a Zarr store is a folder")
            self._root = zarr.open(path, mode="r", use_consolidated=False)

    def close(self) -> None:
        """Do nothing: files are opened for every read."""

    def keys(self) -> Iterator[str]:
        """The paths of all arrays, by name; of a store named with a group or array inside
        (`run.zarr:/entry`) those that are there."""
        if self._inside and self._node(self._inside) is None:
            raise unknown(self._path, "group or array", f"/{self._inside}", self._all())
        start = f"/{self._inside}/" if self._inside else "/"
        yield from (name for name in self._all() if f"{name}/".startswith(start))

    def _all(self) -> list[str]:
        with self._reading():
            if isinstance(self._root, self._array_type):
                return ["/"]
            members = self._root.members(max_depth=None)
            names = [name for name, node in members if isinstance(node, self._array_type)]
        return [f"/{name}" for name in sorted(names)]

    def array(self, selector: str = "") -> SourceArray:
        """The array behind a path, or an attribute; the only array needs no selector."""
        name = self._full_name(selector)
        path, mark, attribute = name.rpartition("@")
        if mark and self._node(name) is None:
            return self._attribute(path, attribute)
        node = self._node(name)
        if node is None:
            raise unknown(self._path, "array", f"/{name}", self._all())
        if not isinstance(node, self._array_type):
            raise SourceError(f"{self._path}: /{name} is a group", hint="name an array in it")
        return _ZarrArray(self._path, f"/{name}", node, self._reading)

    def _full_name(self, selector: str) -> str:
        if selector.startswith("/"):
            return selector.strip("/")
        if selector:
            return f"{self._inside}/{selector}".strip("/")
        names = [name.strip("/") for name in self._all()]
        return names[0] if not self._inside and len(names) == 1 else self._inside

    def _node(self, name: str) -> Any:
        """The group or array of this path; None if there is none."""
        with self._reading():
            if not name:
                return self._root
            if isinstance(self._root, self._array_type):
                return None
            return self._root.get(name)

    def _attribute(self, path: str, attribute: str) -> SourceArray:
        node = self._node(path.strip("/"))
        if node is None:
            raise unknown(self._path, "group or array", f"/{path.strip('/')}", self._all())
        with self._reading():
            attributes = dict(node.attrs)
        if attribute not in attributes:
            raise unknown(f"{self._path}: /{path}", "attribute", attribute, attributes)
        values = as_array(attributes[attribute])
        if values is None:
            raise SourceError(f"{self._path}: /{path}@{attribute} is neither number nor text")
        return MemoryArray(values)


class _ZarrArray:
    """An array, read by chunks.

    Raises:
        SourceError: its values are of a type not read here, or its chunks too large.
    """

    def __init__(self, path: Path, name: str, node: Any, attempt: partial[Any]) -> None:
        self._where = f"{path}: {name}"
        self._node = node
        self._reading = attempt
        with attempt():
            self.info = self._describe()

    def _describe(self) -> ArrayInfo:
        node = self._node
        dtype = np.dtype(object) if node.dtype.kind in "TU" else node.dtype
        if dtype.kind not in "iufcb" and node.dtype.kind not in "TU":
            raise SourceError(f"{self._where} holds {node.dtype}, not numbers or text")
        size = prod(node.chunks) * node.dtype.itemsize
        if size > _CHUNK:
            raise SourceError(f"{self._where} has chunks of {size} bytes, too many to unpack")
        attributes = dict(node.attrs)
        units = attributes.get("units")
        return ArrayInfo(
            shape=tuple(node.shape),
            dtype=dtype,
            units=units if isinstance(units, str) else None,
            rows=max(1, node.chunks[0]) if node.chunks else 1,
            attributes=attributes,
        )

    def read(self, start: int, stop: int) -> np.ndarray[Any, Any]:
        """Rows `start` to `stop`; the 0-d array of a scalar."""
        shape = self.info.shape
        where: Any = slice(*slice(start, stop).indices(shape[0])) if shape else ()
        with self._reading():
            values = np.asarray(self._node[where])
            return values.astype(self.info.dtype, copy=False)
