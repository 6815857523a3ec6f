"""NXdata and the chain to the default plot (P01 to P12)."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import Final

import numpy as np

from nxtool import nxpath
from nxtool.findings import Finding
from nxtool.nodeview import Attribute, FieldView, GroupView, is_group, one_string
from nxtool.validate.visit import FieldVisit, GroupVisit, class_of, finding, strings

_COMPANIONS: Final = ("_errors", "_weights", "_mask")
_LEGACY: Final = ("signal", "axes", "axis", "primary")
_INTERPRETATIONS: Final = {
    "scalar": 0, "spectrum": 1, "image": 2, "rgb-image": 3, "rgba-image": 3, "hsl-image": 3,
    "hsla-image": 3, "cmyk-image": 3, "vertex": 1,
}  # fmt: skip
"""The least rank each interpretation needs."""
_SLICE: Final = re.compile(r"\.|-?\d*(:-?\d*){0,2}")


def role(visit: GroupVisit, name: str) -> str:
    """In NXdata: DATA for what @signal and @auxiliary_signals name, AXISNAME for axes; else ''."""
    if visit.nx_class != "NXdata":
        return ""
    signals = [*(visit.names("signal") or ()), *(visit.names("auxiliary_signals") or ())]
    if name in signals:
        return "DATA"
    if name in (visit.names("axes") or ()) or f"{name}_indices" in visit.view.attributes:
        return "AXISNAME"
    return ""


def plottable(visit: GroupVisit) -> Iterator[Finding]:
    """One NXdata group."""
    if visit.nx_class != "NXdata":
        return
    attribute = visit.attribute("interpretation")
    if attribute is not None:
        yield from _interpretation(visit.path, attribute, None)
    yield from _legacy(visit)
    names = visit.names("signal")
    if not names:
        yield from _no_signal(visit)
        return
    place = nxpath.attribute(visit.path, "signal")
    if len(names) != 1:
        yield finding("P01", place, f"names {len(names)} fields, not one", found=names)
        return
    signal = visit.fields.get(names[0])
    if signal is None:
        if not _is_broken_link(visit, names[0]):
            yield finding("P02", place, f"there is no field {names[0]!r}", found=names[0])
        return
    if signal.shape is not None:
        yield from _around(visit, signal, signal.shape)


def _is_broken_link(visit: GroupVisit, name: str) -> bool:
    """The name is there but leads nowhere: L01 tells about it."""
    return name in visit.children and not is_group(visit.children[name].node)


def _around(visit: GroupVisit, signal: FieldView, shape: tuple[int, ...]) -> Iterator[Finding]:
    """Axes and companions of a signal of known shape."""
    axes = yield from _axes_attribute(visit, shape)
    indices = yield from _indices(visit, axes, shape)
    for name, dims in indices.items():
        yield from _axis_lengths(visit, name, dims, shape)
    yield from _auxiliary(visit, shape)
    yield from _companions(visit)
    yield from _default_slice(visit, shape)


def _no_signal(visit: GroupVisit) -> Iterator[Finding]:
    attribute = visit.attribute("signal")
    if attribute is not None:
        place = nxpath.attribute(visit.path, "signal")
        yield finding("P01", place, "does not name a field", found=attribute.type.text)
    elif _legacy_signals(visit):
        yield finding(
            "P01",
            visit.path,
            "the signal is marked in the older way",
            severity="warning",
            hint=f"add the group attribute signal={_legacy_signals(visit)[0]!r}",
        )
    elif visit.children:
        yield finding("P01", visit.path, "no attribute signal", expected="signal")
    else:
        yield finding("P01", visit.path, "is empty", severity="warning")


def _legacy_signals(visit: GroupVisit) -> list[str]:
    return [name for name, view in visit.fields.items() if "signal" in view.attributes]


def _legacy(visit: GroupVisit) -> Iterator[Finding]:
    for name, view in visit.fields.items():
        path = nxpath.join(visit.path, name)
        marks = [mark for mark in _LEGACY if mark in view.attributes]
        if marks:
            listed = ", ".join(marks)
            yield finding("P11", path, f"marks signal and axes in the older way ({listed})")
        if "signal" in marks and "axis" in marks:
            yield finding("P11", path, "is both signal and axis", severity="error")
    for name in ("errors", "scaling_factor", "offset"):
        if name in visit.fields:
            path = nxpath.join(visit.path, name)
            yield finding("P11", path, f"{name!r} is older than FIELDNAME_{name}")


def _axes_attribute(
    visit: GroupVisit, shape: tuple[int, ...]
) -> Generator[Finding, None, list[str]]:
    """Findings about @axes; returns the names in it."""
    attribute = visit.attribute("axes")
    if attribute is None:
        return []
    place = nxpath.attribute(visit.path, "axes")
    names = strings(attribute.value)
    if names is None:
        yield finding("P03", place, "does not name fields", found=attribute.type.text)
        return []
    if len(names) == 1 and re.search(r"[:,\[]", names[0]):
        parts = [part.strip() for part in re.split(r"[:,]", names[0].strip("[]"))]
        hint = f"write the array {parts}"
        yield finding("P03", place, f"{names[0]!r} is one string", severity="warning", hint=hint)
        names = parts
    if len(names) != max(len(shape), 1) and not _is_scan_point(names, shape):
        message = f"names {len(names)} axes for a signal of rank {len(shape)}"
        yield finding("P03", place, message, expected=len(shape), found=len(names))
    for name in names:
        if name != "." and name not in visit.fields and not _is_broken_link(visit, name):
            yield finding("P04", place, f"there is no field {name!r}", found=name)
    return names


def _is_scan_point(names: list[str], shape: tuple[int, ...]) -> bool:
    """Axes of a scalar signal may be left out altogether."""
    return not shape and not names


def _indices(
    visit: GroupVisit, axes: list[str], shape: tuple[int, ...]
) -> Generator[Finding, None, dict[str, tuple[int, ...]]]:
    """Findings about @AXISNAME_indices; returns the dimensions each axis spans."""
    spans: dict[str, tuple[int, ...]] = {}
    for position, name in enumerate(axes):
        if name in visit.fields and name not in spans:
            spans[name] = tuple(i for i, other in enumerate(axes) if other == name)
            if len(visit.fields[name].shape or ()) != len(spans[name]):
                spans[name] = (position,)
    for attribute in visit.view.attributes.values():
        name = attribute.name.removesuffix("_indices")
        if name != attribute.name and name:
            dims = yield from _one_indices(visit, attribute, name, axes, shape)
            spans.pop(name, None)
            if dims is not None:
                spans[name] = dims
    return spans


def _one_indices(
    visit: GroupVisit, attribute: Attribute, name: str, axes: list[str], shape: tuple[int, ...]
) -> Generator[Finding, None, tuple[int, ...] | None]:
    place = nxpath.attribute(visit.path, attribute.name)
    field = visit.fields.get(name)
    if field is None:
        if name not in visit.children:
            yield finding("P05", place, f"there is no field {name!r}", severity="warning")
        return None
    if attribute.type.kind != "integer":
        yield finding("P05", place, f"is {attribute.type.text}, not integers")
        return None
    if attribute.value is None:
        return None  # there is none, or it cannot be read: told by T15 and T18
    dims = tuple(int(number) for number in np.ravel(attribute.value))
    if any(not 0 <= number < len(shape) for number in dims):
        message = f"{list(dims)} names no dimension of a signal of rank {len(shape)}"
        yield finding("P05", place, message, expected=f"0 to {len(shape) - 1}", found=list(dims))
        return None
    rank = len(field.shape or ())
    if len(dims) != rank and not (rank == 0 and len(dims) == 1):
        message = f"has {len(dims)} values for an axis of rank {rank}"
        yield finding("P05", place, message, expected=rank, found=len(dims))
        return None
    wanted = [i for i, other in enumerate(axes) if other == name]
    if not set(wanted) <= set(dims):
        message = f"is {list(dims)}, but {name!r} stands at {wanted} of axes"
        hint = f"write {wanted}, or put the names of axes in order"
        yield finding("P05", place, message, severity="warning", found=list(dims), hint=hint)
    return dims


def _axis_lengths(
    visit: GroupVisit, name: str, dims: tuple[int, ...], shape: tuple[int, ...]
) -> Iterator[Finding]:
    """Each axis is as long as the signal there, or one longer for bin edges."""
    axis = visit.fields[name].shape
    if axis is None:
        return
    if len(axis) != len(dims):
        if axis == () and all(shape[dim] == 1 for dim in dims):
            return
        message = f"axis {name!r} has shape {axis} for dimension {list(dims)} of the signal"
        yield finding("P06", nxpath.join(visit.path, name), message, found=axis)
        return
    for length, dim in zip(axis, dims, strict=True):
        if dim < len(shape) and length not in (shape[dim], shape[dim] + 1):
            yield finding(
                "P06",
                nxpath.join(visit.path, name),
                f"has {length} values for {shape[dim]} of the signal in dimension {dim}",
                expected=f"{shape[dim]} or {shape[dim] + 1}",
                found=length,
            )


def _auxiliary(visit: GroupVisit, shape: tuple[int, ...]) -> Iterator[Finding]:
    place = nxpath.attribute(visit.path, "auxiliary_signals")
    attribute = visit.attribute("auxiliary_signals")
    if attribute is not None and strings(attribute.value) is None:
        yield finding("P07", place, "does not name fields", found=attribute.type.text)
    for name in visit.names("auxiliary_signals") or ():
        field = visit.fields.get(name)
        if field is None:
            if not _is_broken_link(visit, name):
                yield finding("P07", place, f"there is no field {name!r}", found=name)
        elif field.shape != shape:
            message = f"has shape {field.shape}, the signal {shape}"
            yield finding("P07", nxpath.join(visit.path, name), message, found=field.shape)


def _companions(visit: GroupVisit) -> Iterator[Finding]:
    yield from _corrections(visit)
    for name, field in visit.fields.items():
        for suffix in _COMPANIONS:
            base = visit.fields.get(name.removesuffix(suffix)) if name.endswith(suffix) else None
            if base is not None and base.shape != field.shape:
                path = nxpath.join(visit.path, name)
                message = f"has shape {field.shape}, {base.name!r} has {base.shape}"
                yield finding("P08", path, message, expected=base.shape, found=field.shape)


def _corrections(visit: GroupVisit) -> Iterator[Finding]:
    """x_scaling_factor and x_offset are applied to x: one value, or values that broadcast."""
    for name, field in visit.fields.items():
        for suffix in ("_scaling_factor", "_offset"):
            base = visit.fields.get(name.removesuffix(suffix)) if name.endswith(suffix) else None
            if base is not None and not _broadcasts(field.shape or (), base.shape or ()):
                path = nxpath.join(visit.path, name)
                message = f"has shape {field.shape}, which does not fit {base.shape}"
                yield finding("P08", path, message, severity="warning", found=field.shape)


def _broadcasts(shape: tuple[int, ...], target: tuple[int, ...]) -> bool:
    if len(shape) > len(target):
        return shape == (1,)
    pairs = zip(reversed(shape), reversed(target), strict=False)
    return all(length in (1, wanted) for length, wanted in pairs)


def _default_slice(visit: GroupVisit, shape: tuple[int, ...]) -> Iterator[Finding]:
    attribute = visit.attribute("default_slice")
    if attribute is None or attribute.value is None:
        return
    place = nxpath.attribute(visit.path, "default_slice")
    parts = strings(attribute.value)
    if parts is None:
        parts = [str(item) for item in np.ravel(attribute.value)]
    if len(parts) != len(shape):
        message = f"has {len(parts)} entries for a signal of rank {len(shape)}"
        yield finding("P09", place, message, expected=len(shape), found=len(parts))
    elif not all(_SLICE.fullmatch(part) for part in parts):
        yield finding("P09", place, f"{parts} are not indices or '.'", found=parts)


def interpretation(visit: FieldVisit) -> Iterator[Finding]:
    """@interpretation of any field."""
    attribute = visit.view.attributes.get("interpretation")
    if attribute is not None:
        yield from _interpretation(visit.path, attribute, visit)


def _interpretation(path: str, attribute: Attribute, field: FieldVisit | None) -> Iterator[Finding]:
    place = nxpath.attribute(path, "interpretation")
    word = attribute.text or ""
    if word not in _INTERPRETATIONS:
        near = "scalar" if word == "scaler" else ""
        hint = f"did you mean {near!r}?" if near else f"one of {', '.join(_INTERPRETATIONS)}"
        yield finding("P12", place, f"{word!r} is no interpretation", found=word, hint=hint)
    elif field is not None and field.view.shape is not None:
        rank = len(field.view.shape)
        if rank < _INTERPRETATIONS[word]:
            yield finding("P12", place, f"{word!r} does not suit rank {rank}", found=word)


def default_chain(visit: GroupVisit) -> Iterator[Finding]:
    """@default of one group names a group below it that leads on to an NXdata."""
    attribute = visit.attribute("default")
    if attribute is None:
        yield from _undecided(visit)
        return
    place = nxpath.attribute(visit.path, "default")
    name = one_string(attribute.value)
    if not name:
        yield finding("P10", place, "does not name a group", found=attribute.type.text)
        return
    child = visit.children.get(name)
    if child is None:
        yield from _no_child(visit, place, name)
    elif not is_group(child.node):
        yield finding("P10", place, f"{name!r} is not a group that can be opened", found=name)
    elif not _leads_on(child.node, child.nx_class):
        message = f"{name!r} neither is an NXdata nor leads to one"
        yield finding("P10", place, message, severity="warning", found=name)


def _no_child(visit: GroupVisit, place: str, name: str) -> Iterator[Finding]:
    node = visit.walk.lookup(nxpath.resolve(visit.path, name)) if "/" in name else None
    if is_group(node):
        message = f"{name!r} is a path, not the name of a group"
        yield finding("P10", place, message, severity="warning", found=name)
    else:
        yield finding("P10", place, f"there is no group {name!r}", found=name)


def _leads_on(group: GroupView, nx_class: str) -> bool:
    """True for an NXdata, a group with a default of its own, or one that holds an NXdata."""
    if nx_class == "NXdata" or "default" in group.attributes:
        return True
    for name in group.links:
        child = group.child(name)
        if is_group(child) and class_of(child) == "NXdata":
            return True
    return False


def _undecided(visit: GroupVisit) -> Iterator[Finding]:
    """Several groups to plot, and no word which."""
    wanted = {"NXroot": "NXentry", "NXentry": "NXdata"}.get(visit.nx_class)
    number = sum(child.nx_class == wanted for child in visit.group_children.values())
    if wanted and number > 1:
        yield finding("P10", visit.path, f"{number} × {wanted}, and no default", severity="info")
