"""openPMD's text formats as node views: nested mappings, as JSON and TOML files hold them.

A mapping is a field where it says its `datatype` and holds `data` or, without values, its
`extent`; else it is a group. Its attributes stand under `attributes`. Nothing here raises on what
a file holds: what makes no sense becomes `Broken`, an attribute with a `problem`, or `Unreadable`.
Where a file is not text, `data` is a function that reads the values.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property
from math import prod
from typing import Any, Final

import numpy as np

from nxtool import nxpath
from nxtool.hdf5.view import split_blocks
from nxtool.nodeview import Attribute, Broken, Child, ElementType, Link, Storage, Unreadable
from nxtool.openpmd import plaintypes

_RESERVED: Final = frozenset({"attributes", "platform_byte_widths", "__openPMD_internal"})
_OF_FIELDS: Final = frozenset({"datatype", "data", "extent"})
"""Names that describe a field, unless they are groups: patches have one called `extent`."""
Content = Mapping[str, Any]


def is_field_content(content: Content) -> bool:
    """Whether a mapping describes a field."""
    typed = isinstance(content.get("datatype"), str)
    return typed and ("data" in content or isinstance(content.get("extent"), list))


class _Plain:
    def __init__(self, content: Content, path: str) -> None:
        self._content = content
        self.path = path

    @property
    def name(self) -> str:
        return nxpath.base(self.path)

    @property
    def identity(self) -> Hashable:
        return id(self._content)

    @cached_property
    def attributes(self) -> Mapping[str, Attribute]:
        stored = self._content.get("attributes")
        if not isinstance(stored, Mapping):
            return {}
        return {name: plaintypes.attribute(name, value) for name, value in stored.items()}


class PlainGroup(_Plain):
    """A group of a text file."""

    kind: Final = "group"

    @cached_property
    def links(self) -> Mapping[str, Link]:
        return {
            name: Link(name, "hard")
            for name, content in self._content.items()
            if name not in _RESERVED and (isinstance(content, Mapping) or name not in _OF_FIELDS)
        }

    def child(self, name: str) -> Child:
        content = self._content.get(name)
        path = nxpath.join(self.path, name)
        if not isinstance(content, Mapping):
            return Broken("is neither a group nor a dataset")
        return PlainField(content, path) if is_field_content(content) else PlainGroup(content, path)

    def rest(self) -> None:
        """Nothing is held that could be given back."""

    def forget(self) -> None:
        """Likewise."""


class PlainField(_Plain):
    """A dataset of a text file."""

    kind: Final = "field"
    storage: Final = Storage("contiguous")

    @cached_property
    def type(self) -> ElementType:
        return plaintypes.element_type(self._content["datatype"])

    @cached_property
    def shape(self) -> tuple[int, ...] | None:
        """The lengths as the first elements say them; uneven ones show when they are read."""
        extent = self._content.get("extent")
        if isinstance(extent, list) and all(isinstance(n, int) and n >= 0 for n in extent):
            return tuple(extent)
        lengths, inner = [], self._content.get("data")
        while isinstance(inner, list):
            lengths.append(len(inner))
            inner = inner[0] if inner else None
        if self.type.kind == "complex" and lengths:
            lengths.pop()  # the pair of real and imaginary part
        return tuple(lengths)

    def read(self) -> Any:
        """The whole value; raises `Unreadable`."""
        values = self._values
        return values[()] if self.shape == () else values

    def blocks(self, max_bytes: int) -> Sequence[tuple[slice, ...]]:
        """Selections that cover the field."""
        return split_blocks(self.shape or (), self.type.size or 8, max_bytes)

    def read_block(self, block: tuple[slice, ...]) -> Any:
        """One selection; raises `Unreadable`."""
        return self._values[block]

    def _numbers(self, stored: object) -> Any:
        return plaintypes.numbers(stored, self.type)

    @cached_property
    def _values(self) -> Any:
        shape = self.shape or ()
        if "data" not in self._content:
            raise Unreadable(f"holds no values, only the lengths {shape}")
        stored = self._content["data"]
        try:
            values = np.asarray(stored()) if callable(stored) else self._numbers(stored)
        except (ValueError, TypeError, OverflowError, RuntimeError) as error:
            raise Unreadable(f"is no array of {self.type.text}") from error
        if values.shape != shape:
            raise Unreadable(f"has {values.size} values, not {prod(shape)}")
        return values
