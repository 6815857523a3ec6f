"""What a program plots first when it opens a file: the chain of `@default` down to an NXdata.

Source: NeXus manual, "Find the plottable data", version 3 (`@default`, `@signal`, `@axes`) with
versions 2 and 1 (marks on the fields; the first NXentry, the first NXdata) where those are absent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from nxtool import nxpath
from nxtool.nodeview import (
    Broken,
    Child,
    FieldView,
    GroupView,
    NodeView,
    is_field,
    is_group,
    one_string,
)

MAX_STEPS: Final = 20
_NEXT_CLASS: Final = {"": "NXentry", "NXroot": "NXentry"}


@dataclass(frozen=True, slots=True)
class DefaultPlot:
    """Paths of the NXdata, its signal, and one axis a dimension, None where there is none."""

    data: str
    signal: str
    axes: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class NoPlot:
    """Why nothing can be plotted: a clause about the object at `path`."""

    path: str
    reason: str


def default_plot(root: GroupView) -> DefaultPlot | NoPlot:
    """The default plot of a file, or of any group taken as the start."""
    group = root
    for _ in range(MAX_STEPS):
        if nx_class(group) == "NXdata":
            return _of_data(group)
        found = _next(group)
        if isinstance(found, NoPlot):
            return found
        group = found
    return NoPlot(root.path, f"the chain of default has more than {MAX_STEPS} steps")


def nx_class(group: GroupView) -> str:
    """The NX_class of a group; empty where it has none."""
    return (_text(group, "NX_class") or "").strip()


def _next(group: GroupView) -> GroupView | NoPlot:
    name = _text(group, "default")
    if name is None:
        return _first(group)
    node = follow(group, name)
    if is_group(node):
        return node
    place = nxpath.attribute(group.path, "default")
    what = "which is a field" if is_field(node) else "which leads nowhere"
    return NoPlot(place, f"names {name!r}, {what}")


def _first(group: GroupView) -> GroupView | NoPlot:
    """The first group of the next class: NXentry in the root, NXdata in any other group."""
    wanted = _NEXT_CLASS.get(nx_class(group), "NXdata")
    found = next((child for child in _groups(group) if nx_class(child) == wanted), None)
    return found or NoPlot(group.path, f"names no default and holds no {wanted}")


def follow(group: GroupView, name: str) -> Child:
    """The node at `name` (a name or a relative path) below `group`."""
    node: Child = group
    for part in name.strip("/").split("/"):
        if not is_group(node) or part not in node.links:
            return Broken(f"there is no {part!r}", dangling=True)
        node = node.child(part)
    return node


def _of_data(data: GroupView) -> DefaultPlot | NoPlot:
    name = _text(data, "signal") or _marked_signal(data)
    if name is None:
        return NoPlot(data.path, f"names no signal{_lost(data)}")
    signal = follow(data, name)
    if not is_field(signal):
        place = nxpath.attribute(data.path, "signal")
        return NoPlot(place, f"names {name!r}, which {_what(signal)}")
    names = _axes(data, signal, name)
    axes = tuple(nxpath.join(data.path, axis) if axis in data.links else None for axis in names)
    return DefaultPlot(data.path, nxpath.join(data.path, name), axes)


def _what(node: Child) -> str:
    """What is at a name that is no field, as a clause."""
    missing = _missing_file(node)
    return f"leads nowhere: file {missing!r} is missing" if missing else "is no field"


def _lost(data: GroupView) -> str:
    """The first link into a file that is missing, as the signal may be marked there."""
    lost = (name for name in data.links if _missing_file(data.child(name)))
    return next((f", and {name!r} {_what(data.child(name))}" for name in lost), "")


def _missing_file(node: Child) -> str:
    return "" if is_group(node) or is_field(node) else node.missing_file


def _marked_signal(data: GroupView) -> str | None:
    """The field with the attribute signal=1."""
    marked = (name for name, field in _fields(data) if _number(field, "signal") == 1)
    return next(marked, None)


def _axes(data: GroupView, signal: FieldView, name: str) -> list[str]:
    """Those of the group or the signal; `I_axes` and the like are the way of NXcanSAS."""
    for attributes, key in (
        (data.attributes, "axes"), (signal.attributes, "axes"), (data.attributes, f"{name}_axes"),
    ):  # fmt: skip
        attribute = attributes.get(key)
        value = attribute.value if attribute else None
        if isinstance(value, str):
            return re.split(r"[:,]", value.strip("[]").replace(" ", ""))
        if isinstance(value, list):
            return [str(item) for item in value]
    marked = [(_number(field, "axis"), name) for name, field in _fields(data)]
    return [name for number, name in sorted((n, name) for n, name in marked if n)]


def _groups(group: GroupView) -> Iterator[GroupView]:
    for name in group.links:
        child = group.child(name)
        if is_group(child):
            yield child


def _fields(group: GroupView) -> Iterator[tuple[str, FieldView]]:
    for name in group.links:
        child = group.child(name)
        if is_field(child):
            yield name, child


def _text(node: NodeView, name: str) -> str | None:
    attribute = node.attributes.get(name)
    return one_string(attribute.value) if attribute is not None else None


def _number(node: NodeView, name: str) -> int:
    """An attribute as a whole number, also where it is written as text; 0 where it is neither."""
    attribute = node.attributes.get(name)
    if attribute is None or attribute.value is None:
        return 0
    text = str(one_string(attribute.value) or attribute.value).strip("[] ")
    return int(text) if text.isdecimal() else 0
