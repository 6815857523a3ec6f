"""An HDF5 file as node views, on h5py's low-level interface.

One listing of a group gives all its links; attributes are opened by index and only where there
are any; handles are closed as soon as a view is dropped. Nothing here raises on a damaged or
hostile file once it is open: what cannot be read becomes `Broken`, an attribute with a `problem`,
or `Unreadable` from a read.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from h5py import h5, h5a, h5d, h5g, h5l, h5o, h5s, h5t, h5z

from nxtool import nxpath
from nxtool.hdf5 import types
from nxtool.hdf5.otherfiles import SOURCES, Folders, external_file, folders_of, name_in
from nxtool.nodeview import (
    Attribute,
    Broken,
    Child,
    ElementType,
    Link,
    Storage,
    Unreadable,
)

if TYPE_CHECKING:
    from nxtool.hdf5.fast import Scanner

FAULTS: Final = (OSError, RuntimeError, ValueError, KeyError, TypeError, MemoryError, OverflowError)
"""What h5py raises on damaged structures, by the class of the HDF5 error."""
MAX_ATTRIBUTE_BYTES: Final = 64 * 1024 * 1024
MANY_ATTRIBUTES: Final = 32
"""HDF5 counts more attributes anew whenever one is asked for by its number."""
LARGEST_ELEMENT: Final = 64 * 1024 * 1024
"""A longer string is none, whatever a file claims."""
LARGEST_CHUNK: Final = 1 << 30
"""HDF5 decodes a chunk as a whole, whatever part of it is asked for."""
VARIABLE_BYTES: Final = 16
"""What an element of variable length takes in the file, apart from its text."""
_LINK_KINDS: Final = {h5l.TYPE_HARD: "hard", h5l.TYPE_SOFT: "soft", h5l.TYPE_EXTERNAL: "external"}


Anchor: TypeAlias = "tuple[h5g.GroupID, bytes]"
"""An open group, and the path of an object below it."""


class _Node:
    """What groups and fields of a file share."""

    def __init__(
        self,
        oid: h5g.GroupID | h5d.DatasetID | None,
        path: str,
        folders: Folders | None,
        anchor: Anchor | None = None,
        scanner: Scanner | None = None,
    ) -> None:
        """`anchor` says how to open the object again; None for the root of a file. A `scanner`
        looks at children in a quicker way. Without `folders` no other file is opened."""
        if oid is not None:
            self.__dict__["_id"] = oid
        self._scanner = scanner
        self.path = path
        self._folders = folders
        """Where the file lies that this object is in, to look for others; None where that is
        elsewhere."""
        self._anchor = anchor

    @cached_property
    def _id(self) -> Any:
        assert self._anchor is not None  # noqa: S101 - a root never gives up its handle
        anchor, way = self._anchor
        return h5o.open(anchor, way)

    @property
    def name(self) -> str:
        return nxpath.base(self.path)

    @cached_property
    def identity(self) -> Hashable:
        """File number and address of the object header."""
        try:
            return _identity(self._id)
        except FAULTS:
            return id(self)

    @cached_property
    def attributes(self) -> Mapping[str, Attribute]:
        try:
            count = h5a.get_num_attrs(self._id)
            which = range(count) if count <= MANY_ATTRIBUTES else attribute_names(self._id)
        except FAULTS:
            return {}
        found = (_attribute(self._id, one) for one in which)
        return {attribute.name: attribute for attribute in found}


class Hdf5Group(_Node):
    """A group of an HDF5 file.

    Children are opened by their path from an `anchor`, the root of their file, so that a group
    need not stay open for them to be opened again.
    """

    kind: Final = "group"

    @cached_property
    def links(self) -> Mapping[str, Link]:
        try:
            if not self._id.get_num_objs():
                return {}
            return self._list_links()
        except FAULTS:
            return {}

    def rest(self) -> None:
        """Close the handle; it is opened again when needed."""
        if self._anchor is not None:
            self.__dict__.pop("_id", None)

    def forget(self) -> None:
        """Give back everything that can be had again."""
        self.rest()
        for kept in ("links", "attributes", "identity"):
            self.__dict__.pop(kept, None)

    def _list_links(self) -> dict[str, Link]:
        kinds: dict[bytes, str] = {}

        def add(raw: bytes, info: h5l.LinkInfo) -> None:
            kinds[raw] = _LINK_KINDS.get(info.type, "other")

        self._id.links.iterate(add, info=True)
        links = (self._link(raw, kind) for raw, kind in kinds.items())
        return {link.name: link for link in links}

    def _link(self, raw: bytes, kind: str) -> Link:
        name = _text(raw)
        if kind == "hard":
            return Link(name, "hard")
        try:
            if kind == "soft":
                return Link(name, "soft", _text(self._id.links.get_val(raw)))
            if kind == "external":
                file, target = self._id.links.get_val(raw)
                return Link(name, "external", _text(target), _text(file))
        except FAULTS:
            pass  # a damaged one leads nowhere, and hides none of the others
        return Link(name, "other")

    def child(self, name: str) -> Child:
        link = self.links.get(name)
        folders = self._folders
        if link is not None and link.kind == "external":
            if folders is None:
                reason = f"{link.file!r} is another file, which is not opened from a remote one"
                return Broken(reason, True, missing_file=link.file)
            file = external_file(link.file, folders)
            if file is None:
                return Broken(f"file {link.file!r} is missing", True, missing_file=link.file)
            folders = folders_of(file)
        anchor, way = self._way(name.encode("utf-8", "surrogateescape"))
        if self._scanner is not None and link is not None and link.kind == "hard":
            found = self._looked(self._scanner, name, (anchor, way))
            if found is not None:
                return found
        try:
            oid = h5o.open(anchor, way)
        except FAULTS as error:
            dangling = link is None or link.kind != "hard"
            return Broken(_broken_reason(link) if dangling else str(error), dangling)
        # HDF5 follows only so many soft links in one path: behind one begins a way of its own
        direct = link is not None and link.kind == "hard"
        place = nxpath.join(self.path, name)
        return _wrap(oid, place, folders, (anchor, way) if direct else None, self._scanner)

    def _looked(self, scanner: Scanner, name: str, anchor: Anchor) -> Child | None:
        """The child as the scanner sees it, its handle closed; None where only h5py can tell."""
        look = scanner.look(*anchor)
        if look is None:
            return None
        kind = Hdf5Group if look.is_group else Hdf5Field
        node = kind(None, nxpath.join(self.path, name), self._folders, anchor, scanner)
        known = node.__dict__
        known["identity"] = look.identity
        if look.type is not None:
            known["type"], known["shape"] = look.type, look.shape
        if look.attributes is not None:
            known["attributes"] = look.attributes
        if look.text is not None:
            known["_text"] = look.text
        return node

    def _way(self, raw: bytes) -> Anchor:
        """Where from and by which path a child is opened."""
        if self._anchor is None:
            return self._id, raw
        anchor, way = self._anchor
        return anchor, way + b"/" + raw


class Hdf5Field(_Node):
    """A dataset of an HDF5 file."""

    kind: Final = "field"

    @cached_property
    def type(self) -> ElementType:
        try:
            return types.element_type(self._id.get_type())
        except FAULTS:
            return ElementType("other", 0, "unknown type")

    @cached_property
    def shape(self) -> tuple[int, ...] | None:
        space = self._id.get_space()
        if space.get_simple_extent_type() == h5s.NULL:
            return None
        return tuple(space.get_simple_extent_dims())

    @cached_property
    def storage(self) -> Storage:
        try:
            return _storage(self._id, self._folders)
        except FAULTS:
            return Storage("contiguous")

    def read(self) -> Any:
        """The whole value; raises `Unreadable`."""
        return self.read_block(tuple(slice(0, size) for size in self.shape or ()))

    def read_block(self, block: tuple[slice, ...]) -> Any:
        """One selection, each chunk of it decoded once; raises `Unreadable`."""
        if self.shape is None or not types.is_readable(self.type):
            return None
        if "_text" in self.__dict__:
            return self.__dict__["_text"]
        self._check_files()
        self._check_sizes()
        self._check_filters()
        count = tuple(len(range(p.start, p.stop, p.step or 1)) for p in block)
        try:
            values, memory_type = types.memory_plan(self._id.get_type(), self.type, count)
            if values.size:
                self._read_into(values, memory_type, block, count)
        except FAULTS as error:
            raise Unreadable(_one_line(error)) from error
        return types.decode(values, self.type)

    def _read_into(
        self,
        values: np.ndarray[Any, Any],
        memory_type: h5t.TypeID | None,
        block: tuple[slice, ...],
        count: tuple[int, ...],
    ) -> None:
        if not block:
            self._id.read(h5s.ALL, h5s.ALL, values, memory_type)
            return
        space = self._id.get_space()
        steps = tuple(part.step or 1 for part in block)
        space.select_hyperslab(tuple(part.start for part in block), count, steps)
        self._id.read(h5s.create_simple(count), space, values, memory_type)

    def _check_files(self) -> None:
        if self._folders is None and self.storage.files:
            where = self.storage.files[0]
            raise Unreadable(f"its values lie in {where!r}, which is not opened from a remote file")

    def _check_sizes(self) -> None:
        if self.type.size > LARGEST_ELEMENT:
            raise Unreadable(f"its values of {self.type.size} bytes each are too large")
        if math.prod(self.storage.chunks or ()) * self.type.size > LARGEST_CHUNK:
            raise Unreadable("its chunks are too large")

    def _check_filters(self) -> None:
        if not self.shape:
            return  # only arrays can be chunked
        for number, name, available in self.storage.filters:
            if not available:
                raise Unreadable(f"filter {number} ({name}) is not available here")

    def blocks(self, max_bytes: int) -> Sequence[tuple[slice, ...]]:
        return split_blocks(self.shape or (), self.type.size or VARIABLE_BYTES, max_bytes)


def split_blocks(
    shape: tuple[int, ...], itemsize: int, max_bytes: int
) -> Sequence[tuple[slice, ...]]:
    """Selections that cover an array of `shape` in order, each at most about `max_bytes`.

    >>> split_blocks((3, 2), 1, 4)
    [(slice(0, 2, None), slice(0, 2, None)), (slice(2, 3, None), slice(0, 2, None))]
    """
    if not shape:
        return [()]
    if 0 in shape:
        return []
    inner = int(np.prod(shape[1:], dtype=np.float64)) * itemsize
    if inner > max_bytes:
        rest = split_blocks(shape[1:], itemsize, max_bytes)
        return [(slice(i, i + 1), *block) for i in range(shape[0]) for block in rest]
    step = max(1, max_bytes // max(1, inner))
    whole = tuple(slice(0, size) for size in shape[1:])
    return [(slice(i, min(i + step, shape[0])), *whole) for i in range(0, shape[0], step)]


def _wrap(
    oid: object,
    path: str,
    folders: Folders | None,
    anchor: Anchor | None,
    scanner: Scanner | None,
) -> Child:
    if isinstance(oid, h5g.GroupID):
        group = Hdf5Group(oid, path, folders, anchor, scanner)
        try:
            # one that could not be known again would be entered as often as links lead to it
            group.__dict__["identity"] = _identity(oid)
        except FAULTS as error:
            return Broken(_one_line(error))
        return group
    if isinstance(oid, h5d.DatasetID):
        try:
            oid.get_space().get_simple_extent_type()
        except FAULTS as error:
            return Broken(_one_line(error))
        return Hdf5Field(oid, path, folders, anchor, scanner)
    return Broken("is a named datatype", quiet=True)


def _identity(oid: h5g.GroupID | h5d.DatasetID) -> Hashable:
    info = h5o.get_info(oid)
    return info.fileno, info.addr


def _broken_reason(link: Link | None) -> str:
    if link is None:
        return "does not exist"
    if link.kind == "external":
        return f"{link.file!r} has no {link.target!r}"
    if link.kind == "other":
        return "is a damaged link, or one of a kind that only its maker can follow"
    return f"{link.target!r} does not exist"


def attribute_names(oid: h5g.GroupID | h5d.DatasetID, order: int = h5.INDEX_NAME) -> list[bytes]:
    """The names of all attributes of an object; what HDF5 raises comes through."""
    found: list[bytes] = []
    h5a.iterate(oid, found.append, index_type=order)
    return found


def _attribute(oid: h5g.GroupID | h5d.DatasetID, which: int | bytes) -> Attribute:
    name = f"#{which}" if isinstance(which, int) else _text(which)
    try:
        attribute = h5a.open(oid, index=which) if isinstance(which, int) else h5a.open(oid, which)
        name = _text(attribute.name)
        tid = attribute.get_type()
        element = types.element_type(tid)
        shape = attribute.shape
        if shape is None or not types.is_readable(element):
            return Attribute(name, element, shape, None)
        if math.prod(shape) * (element.size or VARIABLE_BYTES) > MAX_ATTRIBUTE_BYTES:
            return Attribute(name, element, shape, None, "is too large to read")
        values, memory_type = types.memory_plan(tid, element, shape)
        if values.size:
            attribute.read(values, memory_type)
        value = types.decode(values, element)
    except FAULTS as error:
        return Attribute(name, ElementType("other", 0, "unknown type"), (), None, _one_line(error))
    return Attribute(name, element, shape, value)


def _storage(did: h5d.DatasetID, folders: Folders | None) -> Storage:
    plist = did.get_create_plist()
    layout = plist.get_layout()
    if layout == h5d.VIRTUAL:
        load_filters()  # the sources may need them
        files, inside = _sources(plist)
        missing = _missing_sources(files, folders)
        return Storage("virtual", missing_files=missing, files=files, inside=inside)
    stored = did.get_storage_size()
    if layout == h5d.COMPACT:
        return Storage("compact", stored_bytes=stored)
    if layout == h5d.CHUNKED:
        return Storage(
            "chunked", tuple(plist.get_chunk()), _filters(plist), stored_bytes=stored
        )  # fmt: skip
    if plist.get_external_count():
        files = _externals(plist)
        missing = tuple(name for name in files if folders and not Path(name).is_file())
        return Storage("external", missing_files=missing, files=files, stored_bytes=stored)
    return Storage("contiguous", stored_bytes=stored)


def _filters(plist: Any) -> tuple[tuple[int, str, bool], ...]:
    found = (plist.get_filter(i) for i in range(plist.get_nfilters()))
    return tuple(
        (number, _text(name) or str(number), _is_available(number))
        for number, _flags, _values, name in found
    )


def _is_available(filter_id: int) -> bool:
    """Whether data behind a filter can be read, if need be with the help of hdf5plugin."""
    if not h5z.filter_avail(filter_id):
        load_filters()
    return bool(h5z.filter_avail(filter_id))


def load_filters() -> None:
    """Register the filters of hdf5plugin; most files need none, and it costs start-up time."""
    import hdf5plugin  # noqa: F401


def _sources(plist: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a virtual dataset is made of: the other files, and paths in its own."""
    files: dict[str, None] = {}
    inside: dict[str, None] = {}
    for i in range(plist.get_virtual_count()):
        name = plist.get_virtual_filename(i)
        if name == ".":
            inside[_text(plist.get_virtual_dsetname(i))] = None
        else:
            files[name] = None
    return tuple(files), tuple(inside)


def _missing_sources(files: Sequence[str], folders: Folders | None) -> tuple[str, ...]:
    if folders is None:
        return ()
    names = {file: name_in(file) for file in files}
    return tuple(
        file
        for file, name in names.items()
        if name is not None and external_file(name, folders, SOURCES) is None
    )


def _externals(plist: Any) -> tuple[str, ...]:
    """External raw files; they are looked for from the working directory (HDF5 issue 1759)."""
    return tuple(_text(plist.get_external(i)[0]) for i in range(plist.get_external_count()))


def _text(raw: bytes | str) -> str:
    return raw if isinstance(raw, str) else raw.decode("utf-8", "surrogateescape")


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
