"""The groups, links, types and empty datasets of a file, made again in another."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from h5py import h5d, h5f, h5g, h5l, h5o, h5p

from nxtool.errors import FileUnreadable
from nxtool.hdf5.stored import has_references
from nxtool.repack.choice import Treatment
from nxtool.repack.namedtypes import NamedTypes, without_attributes
from nxtool.repack.objects import (
    FoundLink,
    ObjectID,
    Way,
    address_of,
    joined,
    links_of,
    open_object,
    reading,
    shown,
)
from nxtool.repack.survey import Held, Survey
from nxtool.repack.times import times_of
from nxtool.storage.pipeline import KNOWN, ask_again, set_filter

WHOLE: Final = 64 * 1024 * 1024
"""Up to this many stored bytes an unchanged dataset is copied by HDF5 in one go."""


class TreeMaker:
    """Makes the objects of `source` in the empty file `target`, with the same links.

    Values and attributes come later, except those of datasets in `finished`. `ways` are the
    paths of all objects by their address in the source.
    """

    def __init__(
        self,
        source: h5f.FileID,
        target: h5f.FileID,
        file: Path,
        found: Survey,
        treatments: Mapping[int, Treatment],
    ) -> None:
        self._source = source
        self._target = target
        self._file = file
        self._found = found
        self._treatments = treatments
        self.types = NamedTypes(target)
        self.ways: dict[int, Way] = {address_of(h5g.open(source, b"/")): b"/"}
        self.finished: set[int] = set()

    def make(self, room: Any, done: Any) -> None:
        """Make everything; `room` is asked for, and `done` told, bytes that are copied now."""
        self._room, self._done = room, done
        groups: deque[Way] = deque([b"/"])
        while groups:
            way = groups.popleft()
            source, target = h5g.open(self._source, way), h5g.open(self._target, way)
            for link in links_of(source):
                made = self._link(source, target, link, joined(way, link.name))
                if isinstance(made, h5g.GroupID):
                    groups.append(joined(way, link.name))

    def _link(
        self, source: h5g.GroupID, target: h5g.GroupID, link: FoundLink, way: Way
    ) -> ObjectID | None:
        """Make one link, and the object behind it if it is new, which is given back."""
        properties = h5p.create(h5p.LINK_CREATE)
        properties.set_char_encoding(link.charset)
        if link.kind == h5l.TYPE_SOFT:
            target.links.create_soft(link.name, source.links.get_val(link.name), properties)
        elif link.kind == h5l.TYPE_EXTERNAL:
            target.links.create_external(
                link.name, *source.links.get_val(link.name), properties
            )  # fmt: skip
        elif link.kind == h5l.TYPE_HARD:
            return self._object(open_object(source, link.name), target, link.name, way, properties)
        else:
            raise FileUnreadable(
                f"{self._file}: {shown(way)} is a link of a kind of its own ({link.kind})",
                hint="only hard, soft and external links can be copied",
            )
        return None

    def _object(
        self, item: ObjectID, target: h5g.GroupID, name: bytes, way: Way, properties: Any
    ) -> ObjectID | None:
        address = address_of(item)
        if address in self.ways:
            root = h5g.open(self._target, b"/")
            target.links.create_hard(name, root, self.ways[address], properties)
            return None
        self.ways[address] = way
        if isinstance(item, h5g.GroupID):
            h5g.create(target, name, properties, like_group(item, h5p.create(h5p.GROUP_CREATE)))
        elif isinstance(item, h5d.DatasetID):
            self._dataset(item, target, name, address, properties)
        else:
            h5o.link(self.types.target_of(item), target, name, properties)
        return item

    def _dataset(
        self, item: h5d.DatasetID, target: h5g.GroupID, name: bytes, address: int, properties: Any
    ) -> None:
        held, treatment = self._found.datasets[address], self._treatments[address]
        if treatment.chunks is None and _goes_whole(held, item):
            self._room(held.stored)
            with reading(self._file, shown(held.way)):
                h5o.copy(item, b".", target, name, without_attributes(), properties)
            self.finished.add(address)
            self._done(shown(held.way), held.size)
            return
        plist = item.get_create_plist()
        plist.set_obj_track_times(times_of(item) is not None)
        if treatment.chunks is not None:
            plist.set_chunk(treatment.chunks)
        if treatment.filter is not None:
            set_filter(plist, treatment.filter, held.dtype)
        else:
            ask_again(plist)
        kind = self.types.target_of(item.get_type())
        h5d.create(target, name, kind, item.get_space(), plist, properties)


def like_group(group: h5g.GroupID, properties: Any) -> Any:
    """`properties` for a group or a file, set as those of `group`.

    The list that HDF5 gives of a group cannot be used itself: it holds the place of its links.
    """
    given = group.get_create_plist()
    properties.set_link_creation_order(given.get_link_creation_order())
    properties.set_attr_creation_order(given.get_attr_creation_order())
    properties.set_attr_phase_change(*given.get_attr_phase_change())
    properties.set_obj_track_times(times_of(group) is not None)
    return properties


def _goes_whole(held: Held, item: h5d.DatasetID) -> bool:
    """Whether HDF5 copies a dataset that is not changed.

    It must where a filter cannot be asked for again. It cannot where values are references, in
    other files, or of a named type, nor where the fill value is a text or an array: H5Ocopy leaves
    that behind in the old file, and the copy cannot be read. It should not where that takes long,
    as it then cannot be interrupted.
    """
    if held.layout in ("virtual", "external") or has_references(item.get_type()):
        return False
    if not held.is_readable or any(one.number not in KNOWN for one in held.filters):
        return True
    if not held.is_fixed and _has_fill_value(item):
        return False
    return not held.is_committed and (held.stored <= WHOLE or not held.is_fixed)


def _has_fill_value(item: h5d.DatasetID) -> bool:
    """Whether the author has set a fill value."""
    defined = item.get_create_plist().fill_value_defined()
    return bool(defined == h5d.FILL_VALUE_USER_DEFINED)
