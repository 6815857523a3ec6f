"""What is found in the groups of a file: links in their order, and objects by their address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from h5py import h5, h5d, h5g, h5l, h5o, h5p, h5t

from nxtool.errors import FileUnreadable
from nxtool.hdf5.view import FAULTS

ObjectID: TypeAlias = "h5g.GroupID | h5d.DatasetID | h5t.TypeID"
Way: TypeAlias = bytes
"""The path of an object from the root, as the bytes that are in the file."""


class FoundLink(NamedTuple):
    """A link: its name, its kind (`h5l.TYPE_HARD` …), and the character set of the name."""

    name: bytes
    kind: int
    charset: int


def links_of(group: h5g.GroupID) -> list[FoundLink]:
    """The links of a group, as they were created where that is tracked, else by name."""
    found: list[FoundLink] = []

    def add(name: bytes, info: h5l.LinkInfo) -> None:
        found.append(FoundLink(name, info.type, info.cset))

    order = group.get_create_plist().get_link_creation_order()
    tracked = order & h5p.CRT_ORDER_TRACKED
    group.links.iterate(add, idx_type=h5.INDEX_CRT_ORDER if tracked else h5.INDEX_NAME, info=True)
    return found


def open_object(group: h5g.GroupID, name: bytes) -> ObjectID:
    """The object behind a hard link."""
    return h5o.open(group, name)


def address_of(item: ObjectID) -> int:
    """Where the object begins in its file."""
    address: int = h5o.get_info(item).addr
    return address


def joined(way: Way, name: bytes) -> Way:
    """The path of `name` below `way`.

    >>> joined(b"/", b"entry"), joined(b"/entry", b"data")
    (b'/entry', b'/entry/data')
    """
    return way.rstrip(b"/") + b"/" + name


def shown(way: bytes) -> str:
    """A path as text; bytes that are not UTF-8 become surrogates (PEP 383)."""
    return way.decode("utf-8", "surrogateescape")


@contextmanager
def reading(file: Path, place: str) -> Iterator[None]:
    """Faults of HDF5 while `place` is read, in our words.

    Raises:
        FileUnreadable: what is read is damaged, or of a kind that h5py does not know.
    """
    try:
        yield
    except FAULTS as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise FileUnreadable(
            f"{file}: {place} cannot be read: {reason}", hint="only whole files are repacked"
        ) from error


def is_fixed(kind: h5t.TypeID) -> bool:
    """False where values hold references, or lie elsewhere because their length varies."""
    found = kind.get_class()
    if found == h5t.COMPOUND:
        return all(is_fixed(kind.get_member_type(i)) for i in range(kind.get_nmembers()))
    if found == h5t.ARRAY:
        return is_fixed(kind.get_super())
    if found == h5t.STRING:
        return not kind.is_variable_str()
    return found not in (h5t.VLEN, h5t.REFERENCE)


def has_references(kind: h5t.TypeID) -> bool:
    """True where values point to objects of their file."""
    found: bool = kind.detect_class(h5t.REFERENCE)
    return found


def elements_of(item: Any) -> int:
    """How many elements a dataset or an attribute has; 0 for a null dataspace."""
    count: int = item.get_space().get_simple_extent_npoints()
    return count
