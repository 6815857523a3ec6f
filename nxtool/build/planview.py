"""A plan as node views, so that the rules for files judge it before anything is written."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np

from nxtool import nxpath
from nxtool.build.data import Literal, element_type
from nxtool.build.plan import Planned, PlannedField, PlannedGroup, PlannedLink
from nxtool.nodeview import Attribute, Broken, Child, ElementType, Link, Storage

SMALL: Final = 1024 * 1024
"""Values of sources up to this size are looked at before writing; all are after it."""


class _PlanNode:
    """What planned groups and fields share."""

    _node: PlannedGroup | PlannedField
    path: str

    @property
    def name(self) -> str:
        return nxpath.base(self.path)

    @property
    def identity(self) -> Hashable:
        return id(self._node)


class PlanGroup(_PlanNode):
    """A planned group as a `GroupView`."""

    _node: PlannedGroup

    kind: Final = "group"

    def __init__(self, root: PlannedGroup, node: PlannedGroup, path: str) -> None:
        self._root = root
        self._node = node
        self.path = path

    @cached_property
    def attributes(self) -> Mapping[str, Attribute]:
        attributes = _attributes(self._node.attributes)
        attributes["NX_class"] = _attribute("NX_class", self._node.nx_class)
        return attributes

    @cached_property
    def links(self) -> Mapping[str, Link]:
        return {name: _link(name, node) for name, node in self._node.children.items()}

    def child(self, name: str) -> Child:
        node = self._node.children.get(name)
        if isinstance(node, PlannedLink):
            if node.file:
                return self._outside(node, nxpath.join(self.path, name))
            target = self._root.follow(node)
            if target is None:
                return Broken(f"{node.target!r} is not in the recipe", dangling=True)
            node = target
        if node is None or isinstance(node, PlannedLink):
            return Broken("does not exist", dangling=True)
        return view(self._root, node, nxpath.join(self.path, name))

    def rest(self) -> None:
        """A plan has no handles."""

    def forget(self) -> None:
        """Nothing is kept that the plan does not keep."""

    def _outside(self, node: PlannedLink, path: str) -> Child:
        """What an external link leads to: judged as far as its source is known."""
        if node.data is None:
            return Broken("is outside the plan", quiet=True)
        return PlanField(PlannedField(path, node.data, node.attributes), path)


class PlanField(_PlanNode):
    """A planned field as a `FieldView`."""

    _node: PlannedField

    kind: Final = "field"

    def __init__(self, node: PlannedField, path: str) -> None:
        self._node = node
        self.path = path

    @cached_property
    def attributes(self) -> Mapping[str, Attribute]:
        return _attributes(self._node.attributes)

    @cached_property
    def type(self) -> ElementType:
        return element_type(self._node.data.dtype)

    @property
    def shape(self) -> tuple[int, ...] | None:
        return self._node.data.shape

    @property
    def storage(self) -> Storage:
        return Storage("planned")

    def read(self) -> Any:
        """The whole value, as a file would give it. May raise `SourceError`."""
        data = self._node.data
        return _plain(data.read(0, data.shape[0] if data.shape else 1))

    def blocks(self, max_bytes: int) -> Sequence[tuple[slice, ...]]:
        """The whole value if it is at hand or small, else nothing: the written file is judged."""
        data = self._node.data
        size = data.dtype.itemsize * int(np.prod(data.shape, dtype=np.float64))
        if not isinstance(data, Literal) and size > SMALL:
            return []
        return [tuple(slice(0, length) for length in data.shape)]

    def read_block(self, block: tuple[slice, ...]) -> Any:
        """One selection; may raise `SourceError`."""
        data = self._node.data
        if not block:
            return _plain(data.read(0, 1))
        rest = (slice(None, None, block[0].step), *block[1:])
        return _plain(data.read(block[0].start, block[0].stop)[rest])


def view(root: PlannedGroup, node: Planned, path: str) -> PlanGroup | PlanField:
    """The view of a group or field of the plan whose root is `root`."""
    if isinstance(node, PlannedField):
        return PlanField(node, path)
    assert isinstance(node, PlannedGroup)  # noqa: S101 - callers follow links first
    return PlanGroup(root, node, path)


def root_view(root: PlannedGroup) -> PlanGroup:
    """The view of a whole plan."""
    return PlanGroup(root, root, "/")


def _link(name: str, node: Planned) -> Link:
    if isinstance(node, PlannedLink) and node.file:
        return Link(name, "external", node.target, node.file)
    return Link(name, "hard")


def _attributes(values: Mapping[str, Any]) -> dict[str, Attribute]:
    return {name: _attribute(name, value) for name, value in values.items()}


def _attribute(name: str, value: Any) -> Attribute:
    array = np.asarray(value, dtype=object) if _is_text(value) else np.asarray(value)
    return Attribute(name, element_type(array.dtype), array.shape, _plain(array))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or (
        isinstance(value, list) and all(isinstance(item, str) for item in value)
    )


def _plain(values: np.ndarray[Any, Any]) -> Any:
    """What a file view gives for these values: `str`, list of `str`, or numpy."""
    if element_type(values.dtype).kind == "string":
        texts = [str(item) for item in values.reshape(-1).tolist()]
        return texts[0] if values.shape == () else texts
    return values[()] if values.shape == () else values
