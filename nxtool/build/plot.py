"""The default plot: NXdata groups with signal and axes, and the `@default` chain to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nxtool import nxpath
from nxtool.build.data import text
from nxtool.build.desk import Desk
from nxtool.build.plan import Planned, PlannedField, PlannedGroup, PlannedLink
from nxtool.recipe.checks import did_you_mean
from nxtool.recipe.forms import PlotForm
from nxtool.yamltree.nodes import Scalar


def plan_plot(desk: Desk, owner: PlannedGroup, form: PlotForm) -> None:
    """Add the NXdata that `$plot` asks for to `owner`, or complete the one of that name."""
    signal = _find(desk, owner, form.signal)
    if signal is None:
        return
    group = _data_group(desk, owner, form)
    if group is None:
        return
    desk.plan.marks[nxpath.attribute(group.path, "signal")] = form.signal.mark
    if form.axes:
        desk.plan.marks[nxpath.attribute(group.path, "axes")] = form.axes_mark
    name = _link(group, signal)
    axes = [_axis(desk, owner, group, axis) for axis in form.axes]
    group.attributes["signal"] = name
    if form.axes:
        group.attributes["axes"] = axes
        group.attributes |= _indices(axes)
    auxiliary = [_find(desk, owner, path) for path in form.auxiliary]
    if names := [_link(group, node) for node in auxiliary if node is not None]:
        group.attributes["auxiliary_signals"] = names
    if form.errors is not None:
        errors = _find(desk, owner, form.errors)
        if errors is not None:
            _link(group, errors, f"{name}_errors")
    if form.title is not None:
        path = nxpath.join(group.path, "title")
        group.children["title"] = PlannedField(path, text(form.title))
    owner.attributes["default"] = form.name


def _data_group(desk: Desk, owner: PlannedGroup, form: PlotForm) -> PlannedGroup | None:
    there = owner.children.get(form.name)
    if there is None:
        path = nxpath.join(owner.path, form.name)
        found = owner.concept.match_group(form.name, "NXdata") if owner.concept else ()
        concept = found[0] if isinstance(found, tuple) and found else None
        concept = concept or desk.schema.base_class("NXdata")
        there = PlannedGroup(path, "NXdata", concept=concept)
        owner.children[form.name] = there
        desk.plan.marks.setdefault(path, form.mark)
    if isinstance(there, PlannedGroup) and there.nx_class == "NXdata":
        return there
    message = f"$plot cannot be called {form.name!r}: that is something else"
    desk.problem("R02", form.mark, message, "give it another name: name: plot")
    return None


def _find(desk: Desk, owner: PlannedGroup, wanted: Scalar) -> PlannedField | PlannedLink | None:
    """The field a path of `$plot` means, relative to the group it stands in."""
    path = nxpath.resolve(owner.path, wanted.text)
    node = desk.plan.root.find(path)
    if isinstance(node, PlannedLink) and not node.file:
        node = desk.plan.root.follow(node)
    if isinstance(node, PlannedField | PlannedLink):
        return node
    if isinstance(node, PlannedGroup):
        desk.problem(
            "R04", wanted.mark, f"{wanted.text!r} is a group, no field", _in_it(node, owner)
        )
        return None
    known = [item.path.removeprefix(f"{owner.path}/") for item in desk.plan.fields]
    hint = did_you_mean(wanted.text, known) or "name a field of this entry, like sample/phi"
    if path not in desk.plan.marks:
        desk.problem("R01", wanted.mark, f"there is no field {wanted.text!r}", hint)
    return None


def _in_it(group: PlannedGroup, owner: PlannedGroup) -> str:
    """Which field of a group that was named in place of a field may be meant: that of most axes."""
    fields = [node for node in group.walk() if isinstance(node, PlannedField)]
    if not fields:
        return "name a field of this entry, like sample/phi"
    largest = max(fields, key=lambda field: len(field.data.shape))
    return f"name a field in it, like {largest.path.removeprefix(f'{owner.path}/')}"


def _axis(desk: Desk, owner: PlannedGroup, group: PlannedGroup, axis: Scalar) -> str:
    if axis.text == ".":
        return "."
    node = _find(desk, owner, axis)
    return _link(group, node) if node is not None else "."


def _link(group: PlannedGroup, node: PlannedField | PlannedLink, name: str = "") -> str:
    """Make sure `group` has a link to the field; returns its name there."""
    for there, child in group.children.items():
        if child is node or (isinstance(child, PlannedLink) and child.target == node.path):
            return there
    name = name or node.name
    if name in group.children:
        name = f"{nxpath.base(nxpath.parent(node.path))}_{name}"
    path = nxpath.join(group.path, name)
    if isinstance(node, PlannedLink):
        group.children[name] = PlannedLink(
            path, node.target, node.file, node.data, node.attributes
        )  # fmt: skip
    else:
        group.children[name] = PlannedLink(path, node.path)
    return name


def _indices(axes: list[str]) -> dict[str, int]:
    return {f"{name}_indices": place for place, name in enumerate(axes) if name != "."}


def infer_plots(desk: Desk, entry: PlannedGroup) -> None:
    """Signal and axes for NXdata groups of the entry that say neither.

    The field of highest rank is the signal, of several the one called `data`, or else the one that
    a detector measured. A one-dimensional field as long as a dimension is its axis, floats before
    integers; of dimensions of equal length the first. Only what is certain is written: nothing
    where two fit as signal.
    """
    for node in entry.walk():
        if not isinstance(node, PlannedGroup) or node.nx_class != "NXdata":
            continue
        if "signal" not in node.attributes:
            _infer(desk, node)


class _Shown(NamedTuple):
    """A numeric field behind a name of a group."""

    name: str
    shape: tuple[int, ...]
    kind: str
    is_measured: bool

    @property
    def rank(self) -> tuple[int, bool, bool]:
        """How much speaks for the signal."""
        return len(self.shape), self.name == "data", self.is_measured


def _infer(desk: Desk, group: PlannedGroup) -> None:
    found = sorted(_shown(desk, group), key=lambda one: one.rank)
    if not found or (len(found) > 1 and found[-1].rank == found[-2].rank):
        return
    *others, signal = found
    lines = [one for one in others if len(one.shape) == 1]
    lines.sort(key=lambda one: one.kind != "f")
    axes = ["."] * len(signal.shape)
    for place, length in enumerate(signal.shape):
        fitting = [one.name for one in lines if one.shape == (length,)]
        if fitting and signal.shape.index(length) == place:
            axes[place] = fitting[0]
    group.attributes["signal"] = signal.name
    if signal.shape:
        group.attributes["axes"] = axes
        group.attributes |= _indices(axes)


def _shown(desk: Desk, group: PlannedGroup) -> Iterator[_Shown]:
    root = desk.plan.root
    for name, child in group.children.items():
        node: Planned | None = root.follow(child)
        data = node.data if isinstance(node, PlannedField | PlannedLink) else None
        if node is not None and data is not None and not data.dtype.hasobject:
            around = root.find(nxpath.parent(node.path))
            measured = isinstance(around, PlannedGroup) and around.nx_class == "NXdetector"
            yield _Shown(name, data.shape, data.dtype.kind, measured)


def default_chain(root: PlannedGroup) -> None:
    """@default from the root to an NXdata, where the author did not say."""
    entries = [node for node in root.children.values() if isinstance(node, PlannedGroup)]
    for entry in entries:
        if "default" not in entry.attributes:
            data = [node for node in entry.children.values() if _is_plot(node)]
            if data:
                entry.attributes["default"] = data[0].name
    plotted = [entry for entry in entries if "default" in entry.attributes]
    if plotted and "default" not in root.attributes:
        root.attributes["default"] = plotted[0].name


def _is_plot(node: Planned) -> bool:
    return (
        isinstance(node, PlannedGroup) and node.nx_class == "NXdata" and "signal" in node.attributes
    )


def frame_count(desk: Desk, later_plots: list[tuple[PlannedGroup, PlotForm]]) -> int | None:
    """How many frames were taken: the length of the plotted signal, else of the detector's data."""
    for owner, form in later_plots:
        path = nxpath.resolve(owner.path, form.signal.text)
        node = desk.plan.root.follow(desk.plan.root.find(path))
        data = node.data if isinstance(node, PlannedField | PlannedLink) else None
        if data is not None and len(data.shape) > 0:
            return data.shape[0]
    for item in desk.plan.root.walk():
        if isinstance(item, PlannedGroup) and item.sparse is not None:
            return item.sparse.shape[0]
        if isinstance(item, PlannedField) and item.name == "data" and len(item.data.shape) >= 3:
            return item.data.shape[0]
    return None
