"""What a NeXus entry holds that openPMD can hold: signals with axes, images, logs and events."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from nxtool import nxpath
from nxtool.bridge.additions import Note
from nxtool.defaultplot import DefaultPlot, default_plot, nx_class
from nxtool.nodeview import FieldView, GroupView, is_field, is_group

_DEEPEST: Final = 12
_CLOSED: Final = frozenset({"NXcollection"})
_NUMBERS: Final = frozenset({"integer", "float", "complex"})
_IMAGE: Final = 2
"""The least rank of what an NXdetector holds as images."""


@dataclass(frozen=True, slots=True)
class Signal:
    """A field that becomes a mesh; `axes` has a field for each dimension, None where none fits.
    `scaling` and `offset` are those of NXdata, None where there are none."""

    name: str
    group: GroupView
    view: FieldView
    axes: tuple[FieldView | None, ...]
    scaling: FieldView | None = None
    offset: FieldView | None = None


@dataclass(frozen=True, slots=True)
class Events:
    """An NXevent_data group."""

    name: str
    group: GroupView


Found = Signal | Events | Note


def found_in(entry: GroupView) -> Iterator[Found]:
    """All there is in an entry, each field once: those of NXdata first, which know their axes."""
    groups = list(_groups(entry, "", _DEEPEST, set()))
    seen: set[Hashable] = set()
    for reader in (_of_data, _of_detector, _of_log):
        for prefix, group in groups:
            for found in reader(group):
                if isinstance(found, Note):
                    yield found
                elif found.view.identity not in seen:
                    seen.add(found.view.identity)
                    yield replace(found, name=prefix + found.name)
    for prefix, group in groups:
        if nx_class(group) == "NXevent_data":
            yield Events(prefix + group.name, group)


def _groups(
    group: GroupView, prefix: str, depth: int, seen: set[Hashable]
) -> Iterator[tuple[str, GroupView]]:
    """Groups below, each once, rather by its own name than by that of a soft link, and with the
    names of the subentries it is in; collections are left alone."""
    if group.identity in seen or not depth:
        return
    seen.add(group.identity)
    yield prefix, group
    inner = f"{prefix}{group.name}_" if nx_class(group) == "NXsubentry" else prefix
    for name in sorted(group.links, key=lambda name: group.links[name].kind != "hard"):
        child = group.child(name)
        if is_group(child) and nx_class(child) not in _CLOSED:
            yield from _groups(child, inner, depth - 1, seen)


def _of_data(group: GroupView) -> Iterator[Signal | Note]:
    if nx_class(group) != "NXdata":
        return
    plot = default_plot(group)
    if not isinstance(plot, DefaultPlot):
        yield Note(group.path, plot.reason)
        return
    signal = nxpath.base(plot.signal)
    axes = [nxpath.base(axis) if axis else None for axis in plot.axes]
    for name in (signal, *_auxiliary(group)):
        view = group.child(name) if name in group.links else None
        if is_field(view):
            called = name if name == group.name else f"{group.name}_{name}"
            yield from _signal(called, group, view, axes)


def _auxiliary(group: GroupView) -> Sequence[str]:
    found = group.attributes.get("auxiliary_signals")
    value = found.value if found is not None else None
    return [value] if isinstance(value, str) else value if isinstance(value, list) else ()


def _signal(
    name: str, group: GroupView, view: FieldView, axes: Sequence[str | None]
) -> Iterator[Signal | Note]:
    problem = _problem(view)
    if problem:
        yield Note(view.path, problem)
        return
    shape = view.shape or ()
    fields = [_axis(group, axes[place] if place < len(axes) else None, length)
              for place, length in enumerate(shape)]  # fmt: skip
    yield Signal(name, group, view, tuple(fields), *corrections(group, view.name))


def corrections(group: GroupView, name: str) -> tuple[FieldView | None, FieldView | None]:
    """The scaling factor and the offset that NXdata has for its field `name`, an axis or a signal:
    what is meant is (NAME + NAME_offset) * NAME_scaling_factor."""
    return _beside(group, f"{name}_scaling_factor"), _beside(group, f"{name}_offset")


def _problem(view: FieldView) -> str:
    if view.type.kind not in _NUMBERS:
        return f"holds {view.type.text}, which no mesh can hold"
    if not view.shape:
        return "is a single value, which is no mesh"
    return ""


def _beside(group: GroupView, name: str) -> FieldView | None:
    found = group.child(name) if name in group.links else None
    return found if is_field(found) and found.shape in ((), (1,)) else None


def _axis(group: GroupView, name: str | None, length: int) -> FieldView | None:
    """The axis of that name, if it has a value for each place, or an edge more."""
    found = group.child(name) if name and name in group.links else None
    if is_field(found) and found.shape in ((length,), (length + 1,)):
        return found if found.type.kind in ("integer", "float") else None
    return None


def _of_detector(group: GroupView) -> Iterator[Signal | Note]:
    """Images without an NXdata."""
    if nx_class(group) != "NXdetector" or "data" not in group.links:
        return
    view = group.child("data")
    if is_field(view) and len(view.shape or ()) >= _IMAGE:
        yield from _signal(f"{group.name}_data", group, view, ())


def _of_log(group: GroupView) -> Iterator[Signal | Note]:
    if nx_class(group) != "NXlog" or "value" not in group.links:
        return
    view = group.child("value")
    if is_field(view) and len(view.shape or ()) == 1 and view.type.kind in _NUMBERS:
        yield from _signal(group.name, group, view, ("time",))
