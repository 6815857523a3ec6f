"""What is found in the groups of a file: links in their order, and objects by their address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeAlias

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
