"""A file as a tree of plain values, for people and programs to look at.

Links are followed once: soft links name their target and are not entered, a group that is reached
again (a hard link to a parent, say) only refers to the first place. Values are read where they
are small.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from nxtool import nxpath
from nxtool.defaultplot import DefaultPlot, NoPlot, default_plot, nx_class
from nxtool.nodeview import (
    Attribute,
    Broken,
    FieldView,
    GroupView,
    Link,
    Storage,
    Unreadable,
    is_group,
    one_string,
)

MAX_DEPTH: Final = 100
MAX_VALUES: Final = 6
"""Arrays of more values are not read."""
MAX_BYTES: Final = 64 * 1024
MAX_TEXT: Final = 200

Role = Literal["", "default plot", "signal", "axis"]


@dataclass(slots=True)
class Item:
    """One name in the file.

    `kind` is what stands behind it: `seen` for a group that is shown at the path `refers_to`,
    `broken` with the reason in `value`. `units`, `shape`, `type` and `storage` are of fields.
    `hidden` counts the names that were not entered because of the depth.
    """

    name: str
    path: str
    kind: Literal["group", "field", "seen", "broken"]
    link: Link | None = None
    nx_class: str = ""
    type: str = ""
    shape: tuple[int, ...] | None = None
    units: str = ""
    value: str = ""
    refers_to: str = ""
    role: Role = ""
    storage: Storage | None = None
    itemsize: int = 0
    hidden: int = 0
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Item] = field(default_factory=list)

    @property
    def ratio(self) -> float | None:
        """How many times smaller a filtered field is stored; None where nothing is gained."""
        storage = self.storage
        if storage is None or not storage.filters or not storage.stored_bytes or not self.itemsize:
            return None
        return math.prod(self.shape or ()) * self.itemsize / storage.stored_bytes


def file_tree(root: GroupView, depth: int | None = None) -> tuple[Item, DefaultPlot | NoPlot]:
    """The tree below `root`, `depth` levels of it (None: all), and the default plot."""
    plot = default_plot(root)
    return _Walk(plot_roles(plot), min(depth or MAX_DEPTH, MAX_DEPTH)).group(root, None, 0), plot


def child_item(parent: GroupView, name: str) -> Item:
    """One name of a group; of a group the items in it are only counted."""
    return _Walk({}, 0).child(parent, name, 0)


def top_item(root: GroupView) -> Item:
    """A root, the names in it only counted."""
    return _Walk({}, 0).group(root, None, 0)


def plot_roles(plot: DefaultPlot | NoPlot) -> dict[str, Role]:
    """What the objects at some paths are for the default plot."""
    if isinstance(plot, NoPlot):
        return {}
    axes: dict[str, Role] = {axis: "axis" for axis in plot.axes if axis}
    return {**axes, plot.signal: "signal", plot.data: "default plot"}


@dataclass(slots=True)
class _Walk:
    roles: dict[str, Role]
    depth: int
    seen: dict[Hashable, str] = field(default_factory=dict)

    def group(self, view: GroupView, link: Link | None, level: int) -> Item:
        item = Item(view.name, view.path, "group", link, nx_class(view))
        item.role = self.roles.get(view.path, "")
        item.attributes = attribute_texts(view.attributes, "NX_class")
        if link is not None and link.kind == "soft":
            item.refers_to = nxpath.resolve(nxpath.parent(view.path), link.target)
            return item
        first = self.seen.setdefault(view.identity, view.path)
        if first != view.path:
            item.kind, item.refers_to = "seen", first
        elif level >= self.depth:
            item.hidden = len(view.links)
        else:
            item.children = [self.child(view, name, level) for name in view.links]
        return item

    def child(self, parent: GroupView, name: str, level: int) -> Item:
        link, node = parent.links[name], parent.child(name)
        if isinstance(node, Broken):
            path = nxpath.join(parent.path, name)
            return Item(name, path, "broken", link, value=node.reason)
        if is_group(node):
            return self.group(node, link, level + 1)
        return self.field(node, link)

    def field(self, view: FieldView, link: Link) -> Item:
        return Item(
            view.name,
            view.path,
            "field",
            link,
            type=view.type.text,
            shape=view.shape,
            units=_attribute(view.attributes["units"]) if "units" in view.attributes else "",
            value=_value(view),
            role=self.roles.get(view.path, ""),
            storage=view.storage,
            itemsize=view.type.size,
            attributes=attribute_texts(view.attributes, "units"),
        )


def attribute_texts(attributes: Mapping[str, Attribute], without: str = "") -> dict[str, str]:
    """The values of attributes as text, by name."""
    return {name: _attribute(a) for name, a in attributes.items() if name != without}


def _attribute(attribute: Attribute) -> str:
    if attribute.problem:
        return f"({attribute.problem})"
    return f"({attribute.type.text})" if attribute.value is None else _shown(attribute.value)


def _value(view: FieldView) -> str:
    """The value of a small field as text; empty where it is large or of no printable kind."""
    if view.shape is None or not 0 < math.prod(view.shape) <= MAX_VALUES:
        return ""
    if view.type.size * math.prod(view.shape) > MAX_BYTES or _chunk_bytes(view) > MAX_BYTES:
        return ""
    try:
        return _shown(view.read())
    except Unreadable as error:
        return f"({error})"


def _chunk_bytes(view: FieldView) -> int:
    """What HDF5 has to decompress to read any value."""
    return math.prod(view.storage.chunks or ()) * view.type.size


def _shown(value: object) -> str:
    """A value as people write it: text as it is, also where it is an array of one; numbers with
    seven digits."""
    if value is None:
        return ""
    text = one_string(value)
    if text is not None:
        return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}…"
    items = value if isinstance(value, list) else np.ravel(np.asarray(value)).tolist()
    words = [_number(item) for item in items[: MAX_VALUES + 1]]
    if len(words) > MAX_VALUES:
        words[MAX_VALUES:] = ["…"]
    scalar = not isinstance(value, list) and np.ndim(np.asarray(value)) == 0
    return words[0] if scalar else f"[{', '.join(words)}]"


def _number(item: object) -> str:
    if isinstance(item, (float, complex)):
        return f"{item:.7g}"
    return _shown(item) if isinstance(item, str) else str(item)
