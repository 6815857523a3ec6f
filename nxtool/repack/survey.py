"""What a file holds, as far as it matters for storing its datasets anew; nothing is written."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from h5py import h5d, h5f, h5g, h5l, h5o

from nxtool.errors import FilterError
from nxtool.hdf5.stored import is_fixed
from nxtool.hdf5.visiting import DEEPEST, too_deep
from nxtool.repack.objects import Way, address_of, joined, links_of, open_object, reading, shown
from nxtool.storage.codecs import StoredFilter
from nxtool.storage.filterfacts import loss, options_text
from nxtool.storage.filters import available, missing_message
from nxtool.storage.pipeline import filters_of

Layout = Literal["chunked", "contiguous", "compact", "virtual", "external"]

_LAYOUTS: Final[dict[int, Layout]] = {
    h5d.CHUNKED: "chunked", h5d.CONTIGUOUS: "contiguous", h5d.COMPACT: "compact",
    h5d.VIRTUAL: "virtual",
}  # fmt: skip


@dataclass(slots=True)
class Held:
    """A dataset of the file, at the first path that leads to it.

    `shape` is None for a null dataspace. `dtype` is void where numpy has no such type. `is_fixed`
    says that values are not references and do not vary in length. `ways` are all its paths.
    `outside` are the files its values are in, as it names them.
    """

    way: Way
    shape: tuple[int, ...] | None
    dtype: np.dtype[Any]
    layout: Layout
    chunks: tuple[int, ...]
    filters: tuple[StoredFilter, ...]
    stored: int
    is_fixed: bool
    is_committed: bool
    ways: list[Way] = field(default_factory=list)
    outside: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """The bytes of its values, not compressed."""
        return prod(self.shape) * self.dtype.itemsize if self.shape is not None else 0

    @property
    def is_readable(self) -> bool:
        """Whether all its filters work here."""
        return all(available(one.number) for one in self.filters)

    @property
    def is_lossy(self) -> bool:
        """Whether a filter changes values, or may."""
        return any(loss(one.number, one.options) != "none" for one in self.filters)


@dataclass(slots=True)
class Survey:
    """The datasets of a file by address, how many objects there are, and the names of files that
    links lead to.
    """

    datasets: dict[int, Held] = field(default_factory=dict)
    objects: int = 1
    linked: dict[str, Way] = field(default_factory=dict)


def survey(fid: h5f.FileID, file: Path) -> Survey:
    """All that links lead to inside the file.

    Raises:
        FileUnreadable: a group or a dataset is damaged, or groups are nested without end.
    """
    found = Survey()
    groups: deque[Way] = deque([b"/"])
    with reading(file, "/"):
        seen = {address_of(h5g.open(fid, b"/"))}
    while groups:
        way = groups.popleft()
        if way.count(b"/") > DEEPEST:
            raise too_deep(file)
        with reading(file, shown(way)):
            group = h5g.open(fid, way)
            links = links_of(group)
        for link in links:
            below = joined(way, link.name)
            if link.kind == h5l.TYPE_EXTERNAL:
                name, _ = group.links.get_val(link.name)
                found.linked.setdefault(shown(name), below)
            if link.kind != h5l.TYPE_HARD:
                continue
            with reading(file, shown(below)):
                item = open_object(group, link.name)
                address = address_of(item)
                if address in found.datasets:
                    found.datasets[address].ways.append(below)
                elif address not in seen:
                    seen.add(address)
                    found.objects += 1
                    if isinstance(item, h5d.DatasetID):
                        found.datasets[address] = _held(item, below)
                    elif isinstance(item, h5g.GroupID):
                        groups.append(below)
    return found


def _held(dataset: h5d.DatasetID, way: Way) -> Held:
    plist = dataset.get_create_plist()
    kind = dataset.get_type()
    layout = _LAYOUTS[plist.get_layout()]
    outside: list[str] = []
    if layout == "virtual":
        names = (plist.get_virtual_filename(i) for i in range(plist.get_virtual_count()))
        outside = [name if isinstance(name, str) else shown(name) for name in names]
    elif plist.get_external_count():
        layout = "external"
        outside = [shown(plist.get_external(i)[0]) for i in range(plist.get_external_count())]
    return Held(
        way=way,
        shape=dataset.shape,
        dtype=_dtype(kind),
        layout=layout,
        chunks=tuple(plist.get_chunk()) if layout == "chunked" else (),
        filters=tuple(filters_of(plist)),
        stored=dataset.get_storage_size() if layout != "virtual" else 0,
        is_fixed=is_fixed(kind),
        is_committed=bool(kind.committed()),
        ways=[way],
        outside=tuple(dict.fromkeys(outside)),
    )


def _dtype(kind: Any) -> np.dtype[Any]:
    """The numpy type of values as they lie in the file, or else as many bytes."""
    opaque = np.dtype(f"V{kind.get_size()}")
    try:
        dtype: np.dtype[Any] = np.dtype(kind.dtype)
    except (TypeError, ValueError, NotImplementedError):
        return opaque
    return opaque if dtype.hasobject or dtype.itemsize != opaque.itemsize else dtype


def check_filters(found: Survey, fid: h5f.FileID, file: Path) -> None:
    """Make sure that every dataset can be read.

    Raises:
        FilterError: a filter is missing; the text names it, and what brings it.
    """
    for held in found.datasets.values():
        for index, one in enumerate(held.filters):
            if available(one.number):
                continue
            plist = h5o.open(fid, held.way).get_create_plist()
            name = plist.get_filter(index)[3].decode("utf-8", "replace")
            text = options_text(one.number, one.options)
            message = missing_message(f"{file}: {shown(held.way)}", one.number, name, text)
            raise FilterError(message, hint="--keep-unreadable copies such chunks as they are")
