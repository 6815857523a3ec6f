"""Data that lie elsewhere, behind an address, as a source: HDF5 files, and domains of HSDS.

They are looked at as views, which open no other file: links out of them, and virtual datasets
whose values lie in other files, cannot be read. Chunks are decoded on the way.
"""

from __future__ import annotations

from contextlib import ExitStack
from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.errors import FileUnreadable, SourceError
from nxtool.nodeview import (
    Attribute,
    Broken,
    Child,
    FieldView,
    GroupView,
    Unreadable,
    is_field,
    is_group,
    node_at,
)
from nxtool.remote.address import public
from nxtool.remote.opening import open_root
from nxtool.sources.lookup import check_options, unknown
from nxtool.sources.memory import MemoryArray
from nxtool.sources.model import ArrayInfo, SourceArray, SourceSpec
from nxtool.sources.slicing import SlicedArray, split_slices

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_BLOCK: Final = 1 << 20
_NAMES: Final = 10_000
"""How many datasets are looked for to name them."""


class ElsewhereSource:
    """A `Source` over what lies at an address; `inside` is what selectors start from.

    Raises:
        SourceError: it cannot be opened.
        MissingExtra: a library is not installed.
    """

    format: Final = "hdf5"
    files: Sequence[Path] = ()
    notes: Sequence[str] = ()

    def __init__(self, address: str, spec: SourceSpec, inside: str = "") -> None:
        if spec.format not in ("", "hdf5"):
            hint = "download it first"
            raise SourceError(f"{public(address)}: only HDF5 is read from there", hint=hint)
        check_options("hdf5", spec.options, ("dataset",))
        self._where = public(address)
        self._inside = inside or str(spec.options.get("dataset", ""))
        self._expect = spec.expect
        self._open = ExitStack()
        try:
            self._root = self._open.enter_context(open_root(address))
        except FileUnreadable as error:
            raise SourceError(error.message, hint=error.hint) from error

    def keys(self) -> Iterator[str]:
        """The paths of all datasets below what selectors start from; links are not followed."""
        top = self._node(self._inside)
        if is_group(top):
            yield from (field.path for field in _fields(top))
        elif is_field(top):
            yield top.path
        else:
            raise unknown(self._where, "dataset or group", self._inside, self._near())

    def array(self, selector: str = "") -> SourceArray:
        """The dataset or attribute behind a selector; raises `SourceError`."""
        name, cuts = split_slices(selector)
        array = self._array(self._full_name(name))
        rows = array.info.shape[:1]
        if self._expect is not None and rows and rows[0] != self._expect:
            message = f"{self._where}: {rows[0]} rows, expected {self._expect}"
            raise SourceError(message, about="expect")
        return SlicedArray(array, cuts, f"{self._where}: {selector}") if cuts else array

    def _array(self, name: str) -> SourceArray:
        node = self._node(name)
        if is_field(node):
            return _FieldArray(f"{self._where}: {name}", node)
        if is_group(node):
            raise SourceError(f"{self._where}: {name} is a group", hint=_listed(_fields(node)))
        if "@" in name:
            return self._attribute(*name.rsplit("@", 1))
        if not node.dangling:
            raise SourceError(f"{self._where}: {name} cannot be opened: {node.reason}")
        raise unknown(self._where, "dataset", name, self._near())

    def _attribute(self, name: str, attribute: str) -> SourceArray:
        node = self._node(name or "/")
        if isinstance(node, Broken):
            raise unknown(self._where, "dataset or group", name, self._near())
        found = node.attributes.get(attribute)
        if found is None:
            raise unknown(f"{self._where}: {name}", "attribute", attribute, node.attributes)
        if found.value is None:
            raise SourceError(f"{self._where}: {name}@{attribute} is neither a number nor text")
        return MemoryArray(_values(found))

    def _full_name(self, selector: str) -> str:
        if selector.startswith("@"):
            return f"{self._inside or '/'}{selector}"
        if selector.startswith("/"):
            return selector
        if selector:
            return f"{self._inside.rstrip('/')}/{selector}"
        return self._inside or self._only()

    def _only(self) -> str:
        names = self._near()
        if len(names) != 1:
            message = f"{self._where}: holds {len(names)} datasets, so one must be named"
            raise SourceError(message, hint=_listed(_fields(self._root)))
        return names[0]

    def _node(self, path: str) -> Child:
        return node_at(self._root, path)

    def _near(self) -> list[str]:
        found = _fields(self._root)
        return [field.path for field, _ in zip(found, range(_NAMES), strict=False)]

    def close(self) -> None:
        """Close the connection. Raises `FileUnreadable` where it did not hold to the end."""
        self._open.close()

    def __enter__(self) -> ElsewhereSource:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


class _FieldArray:
    """A dataset, read row by row."""

    def __init__(self, where: str, field: FieldView) -> None:
        self._where = where
        self._field = field
        if field.shape is None:
            raise SourceError(f"{where} is empty (a null dataspace)")
        self._text = field.type.kind == "string"
        sample = self._read(tuple(slice(0, 0) for _ in field.shape))
        if sample is None:
            hint = "only numbers and text can be read from there"
            raise SourceError(f"{where} is {field.type.text}", hint=hint)
        chunks = field.storage.chunks
        dtype = np.dtype(object) if self._text else np.asarray(sample).dtype
        row = dtype.itemsize * prod(field.shape[1:])
        attributes: dict[str, Any] = {
            name: _values(one)[()] for name, one in field.attributes.items() if _is_plain(one)
        }
        units = attributes.get("units")
        self.info = ArrayInfo(
            shape=field.shape,
            dtype=dtype,
            units=units if isinstance(units, str) else None,
            rows=chunks[0] if chunks else max(1, _BLOCK // max(1, row)),
            chunks=chunks,
            attributes=attributes,
        )

    def read(self, start: int, stop: int) -> np.ndarray[Any, Any]:
        """Rows `start` to `stop`; the 0-d array of a scalar."""
        lengths = self.info.shape
        rows = (slice(*slice(start, stop).indices(lengths[0])),) if lengths else ()
        count = tuple(len(range(one.start, one.stop)) for one in rows) + lengths[1:]
        values = self._read((*rows, *(slice(0, size) for size in lengths[1:])))
        found = np.empty(count, dtype=self.info.dtype)
        found[...] = np.asarray(values, dtype=self.info.dtype).reshape(count)
        return found

    def _read(self, block: tuple[slice, ...]) -> Any:
        try:
            return self._field.read_block(block)
        except Unreadable as error:
            raise SourceError(f"{self._where} cannot be read: {error}") from error


def _fields(top: GroupView) -> Iterator[FieldView]:
    """All datasets below a group, each once, in the order of names; links are not followed."""
    seen = {top.identity}
    pending = [iter(_children(top))]
    while pending:
        node = next(pending[-1], None)
        if node is None:
            pending.pop()
        elif not isinstance(node, Broken) and node.identity not in seen:
            seen.add(node.identity)
            if is_group(node):
                pending.append(iter(_children(node)))
            else:
                yield node


def _children(group: GroupView) -> Iterator[Child]:
    return (group.child(name) for name, link in group.links.items() if link.kind == "hard")


def _is_plain(attribute: Attribute) -> bool:
    return attribute.value is not None and attribute.shape is not None


def _values(attribute: Attribute) -> np.ndarray[Any, Any]:
    if attribute.type.kind != "string":
        return np.asarray(attribute.value)
    values = np.empty(attribute.shape or (), dtype=object)
    values[...] = np.asarray(attribute.value, dtype=object).reshape(values.shape)
    return values


def _listed(fields: Iterator[FieldView]) -> str:
    """A hint with the first names."""
    first = [field.path for field, _ in zip(fields, range(11), strict=False)]
    more = " ..." if len(first) > 10 else ""
    return f"there is {', '.join(first[:10])}{more}" if first else "there is nothing in it"
