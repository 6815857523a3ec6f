"""A domain of HSDS as node views.

What is wrong in a domain is told as of a file: a value that makes no sense has a `problem`, an
object that is not there is `Broken`. But a server that goes away raises `FileUnreadable`, at any
time: what could not be asked is not judged. Links to other domains are not followed.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from nxtool import nxpath
from nxtool.errors import FileUnreadable
from nxtool.hdf5.types import decode, is_readable
from nxtool.hdf5.view import VARIABLE_BYTES, split_blocks
from nxtool.nodeview import Attribute, Broken, Child, ElementType, Link, Storage, Unreadable
from nxtool.remote import domaintypes
from nxtool.remote.hsds import Missing, Server
from nxtool.remote.objects import Objects, attributes_of, links_of

_LINKS: Final = {"H5L_TYPE_HARD": "hard", "H5L_TYPE_SOFT": "soft", "H5L_TYPE_EXTERNAL": "external"}
_MOST_STEPS: Final = 16
"""How many soft links lead to each other at most; as many as HDF5 follows."""
_NONSENSE: Final = (ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError)
"""What comes of values that do not fit what is said of them."""


class Domain:
    """An open domain; use it in a `with` block. `root` is its root group."""

    def __init__(self, address: str) -> None:
        """Ask for the domain at `address`.

        Raises:
            MissingExtra: h5pyd is not installed.
            FileUnreadable: no server is set, or it does not give the domain.
        """
        self._server = Server(address)
        try:
            top = self._server.facts("/").get("root")
        except Missing as error:
            raise self._server.missing() from error
        if not isinstance(top, str):
            hint = "hsls shows what is in it"
            raise FileUnreadable(f"{self._server.where}: is a folder", hint=hint)
        self._objects = Objects(self._server)
        self.root = DomainGroup(self, top, "/")

    def __enter__(self) -> Domain:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._objects.close()
        self._server.close()

    def told(self, name: str) -> Mapping[str, Any]:
        """What is said of an object; nothing where it is not there."""
        return self._objects.told(name) or {}

    def node(self, name: str, path: str) -> Child:
        """The view of an object, reached by `path`."""
        if name.startswith("t-"):
            return Broken("is a named datatype", quiet=True)
        if not self.told(name):
            return Broken("the server has no such object")
        return DomainGroup(self, name, path) if name[0] == "g" else DomainField(self, name, path)

    def values(self, name: str, block: tuple[slice, ...]) -> bytes | Any:
        """A selection of the values of a dataset, as the server gives it; raises `Unreadable`."""
        if not block:
            return self._objects.value(name)
        parts = (f"{one.start}:{one.stop}:{one.step or 1}" for one in block)
        try:
            return self._server.values(f"/datasets/{name}/value", select=f"[{','.join(parts)}]")
        except Missing as error:
            raise Unreadable("the server has no values of it") from error


class _Node:
    def __init__(self, domain: Domain, name: str, path: str) -> None:
        self._domain = domain
        self._name = name
        self.path = path

    @property
    def name(self) -> str:
        return nxpath.base(self.path)

    @property
    def identity(self) -> Hashable:
        return self._name

    @cached_property
    def attributes(self) -> Mapping[str, Attribute]:
        stored = attributes_of(self._domain.told(self._name))
        return {name: _attribute(name, told) for name, told in stored.items()}


class DomainGroup(_Node):
    """A group of a domain."""

    kind: Final = "group"

    @cached_property
    def links(self) -> Mapping[str, Link]:
        return {name: _link(name, told) for name, told in self._links.items()}

    @property
    def _links(self) -> Mapping[str, Mapping[str, Any]]:
        return links_of(self._domain.told(self._name))

    def child(self, name: str) -> Child:
        return self._behind(name, nxpath.join(self.path, name), iter(range(_MOST_STEPS)))

    def _behind(self, name: str, path: str, steps: Iterator[int]) -> Child:
        """What the link `name` leads to, as seen at `path`; each soft link takes a step."""
        link, told = self.links.get(name), self._links.get(name)
        if link is None or told is None:
            return Broken("does not exist", dangling=True)
        if link.kind == "hard":
            return self._domain.node(str(told.get("id", "")), path)
        if link.kind == "soft" and next(steps, None) is not None:
            return self._at(link.target, path, steps)
        if link.kind == "external":
            reason = f"{link.file!r} is another domain, which is not opened"
            return Broken(reason, dangling=True, missing_file=link.file)
        return Broken("too many soft links" if link.kind == "soft" else "is of unknown kind", True)

    def _at(self, target: str, path: str, steps: Iterator[int]) -> Child:
        """What lies at the end of a soft link."""
        node: Child = self._domain.root if target.startswith("/") else self
        for part in filter(None, target.split("/")):
            if part == ".":
                continue
            if not isinstance(node, DomainGroup) or part not in node.links:
                return Broken(f"{target!r} does not exist", dangling=True)
            node = node._behind(part, path, steps)
        if isinstance(node, _Node):
            return self._domain.node(node._name, path)
        return Broken(f"{target!r} does not exist", dangling=True)

    def rest(self) -> None:
        """Nothing is held open."""

    def forget(self) -> None:
        """Give back what was made of the answers."""
        for kept in ("links", "attributes"):
            self.__dict__.pop(kept, None)


class DomainField(_Node):
    """A dataset of a domain."""

    kind: Final = "field"

    @cached_property
    def _told(self) -> Mapping[str, Any]:
        return self._domain.told(self._name)

    @cached_property
    def type(self) -> ElementType:
        return domaintypes.element_type(self._told.get("type"))

    @cached_property
    def shape(self) -> tuple[int, ...] | None:
        try:
            return domaintypes.shape_of(self._told.get("shape"))
        except (TypeError, ValueError):
            return None

    @cached_property
    def storage(self) -> Storage:
        return _storage(self._told)

    def read(self) -> Any:
        """The whole value; raises `Unreadable`."""
        return self.read_block(tuple(slice(0, size) for size in self.shape or ()))

    def blocks(self, max_bytes: int) -> Sequence[tuple[slice, ...]]:
        return split_blocks(self.shape or (), self.type.size or VARIABLE_BYTES, max_bytes)

    def read_block(self, block: tuple[slice, ...]) -> Any:
        """One selection; raises `Unreadable`."""
        if self.shape is None or not is_readable(self.type):
            return None
        count = tuple(len(range(one.start, one.stop, one.step or 1)) for one in block)
        stored = self._told.get("type")
        try:
            if 0 in count:
                return domaintypes.from_json([], stored, self.type, count)
            found = self._domain.values(self._name, block)
            if not isinstance(found, bytes):
                return domaintypes.from_json(found, stored, self.type, count)
            return decode(domaintypes.from_bytes(found, stored, self.type, count), self.type)
        except _NONSENSE as error:
            raise Unreadable(f"the server gives no such values: {error}") from error


def _link(name: str, told: Mapping[str, Any]) -> Link:
    kind = _LINKS.get(str(told.get("class")))
    target = str(told.get("h5path", ""))
    if kind == "hard":
        return Link(name, "hard")
    if kind == "soft":
        return Link(name, "soft", target)
    if kind == "external":
        return Link(name, "external", target, str(told.get("h5domain", told.get("file", ""))))
    return Link(name, "other")


def _attribute(name: str, told: Mapping[str, Any]) -> Attribute:
    stored = told.get("type")
    element = domaintypes.element_type(stored)
    try:
        shape = domaintypes.shape_of(told.get("shape"))
        if shape is None or not is_readable(element):
            return Attribute(name, element, shape, None)
        value = domaintypes.from_json(told.get("value"), stored, element, shape)
    except _NONSENSE as error:
        return Attribute(name, element, (), None, f"the server gives no such value: {error}")
    return Attribute(name, element, shape, value)


def _storage(told: Mapping[str, Any]) -> Storage:
    """How the server was asked to store a dataset; it decodes, so its filters are available."""
    made = told.get("creationProperties")
    layout = made.get("layout") if isinstance(made, Mapping) else None
    if not isinstance(layout, Mapping):
        return Storage("contiguous")
    chunks = layout.get("dims")
    if layout.get("class") == "H5D_COMPACT":
        return Storage("compact")
    if not isinstance(chunks, list) or not all(isinstance(size, int) for size in chunks):
        return Storage("contiguous")
    return Storage("chunked", tuple(chunks), tuple(_filters(made)))


def _filters(made: object) -> list[tuple[int, str, bool]]:
    stored = made.get("filters") if isinstance(made, Mapping) else None
    known = [one for one in stored if isinstance(one, Mapping)] if isinstance(stored, list) else []
    return [
        (one["id"], str(one.get("name", one["id"])), True)
        for one in known
        if isinstance(one.get("id"), int)
    ]
