"""depends_on chains and NXtransformations (X01 to X06)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

import numpy as np

from nxtool import nxpath, units
from nxtool.findings import Finding
from nxtool.nodeview import (
    Attribute,
    Broken,
    FieldView,
    GroupView,
    Unreadable,
    is_field,
    is_group,
    one_string,
)
from nxtool.validate.rules.classes import STREAM_CLASSES
from nxtool.validate.visit import FieldVisit, GroupVisit, Walk, class_of, finding

_MODULE_FIELDS: Final = frozenset({
    "module_offset", "fast_pixel_direction", "slow_pixel_direction",
})  # fmt: skip
_MARKS: Final = ("vector", "transformation_type")
_MAX_CHAIN: Final = 1000
_MAX_LOOKED_AT: Final = 100
"""Children of the entry, and of each NXdata, that may explain the shape of an axis."""


def axis(visit: FieldVisit) -> Iterator[Finding]:
    """The attributes of one transformation."""
    if not _is_axis(visit):
        return
    view = visit.view
    yield from _kind(visit)
    yield from _vector(visit)
    offset = view.attributes.get("offset")
    if offset is not None:
        yield from _offset(visit, offset)
    if view.shape is not None and len(view.shape) > 1 and not _is_grid(visit, view.shape):
        yield finding("X07", visit.path, f"has shape {view.shape}", found=view.shape)
    text = _attribute_text(view, "depends_on")
    if text is None:
        if visit.parent.nx_class == "NXtransformations":
            yield finding("X05", visit.path, "has no depends_on")
    else:
        place = nxpath.attribute(visit.path, "depends_on")
        yield from _chain(visit.walk, place, nxpath.parent(visit.path), text, visit.path)


def _is_axis(visit: FieldVisit) -> bool:
    """A number with the marks of a transformation, or where only transformations stand."""
    view = visit.view
    if view.type.kind not in ("integer", "float"):
        return False
    if any(mark in view.attributes for mark in _MARKS):
        return True
    if visit.parent.nx_class == "NXtransformations":
        return visit.concept is not None and visit.concept.name == "AXISNAME"
    return view.name in _MODULE_FIELDS and visit.parent.nx_class == "NXdetector_module"


def _is_grid(visit: FieldVisit, shape: tuple[int, ...]) -> bool:
    """True where an NXdata of the entry holds data on the grid: the axis was scanned on it."""
    entry = visit.walk.lookup("/".join(visit.path.split("/")[:2]))
    if not is_group(entry):
        return False
    groups = (entry.child(name) for name in islice(entry.links, _MAX_LOOKED_AT))
    fields = (
        group.child(name)
        for group in groups
        if is_group(group) and class_of(group) == "NXdata"
        for name in islice(group.links, _MAX_LOOKED_AT)
    )
    return any(is_field(field) and (field.shape or ())[: len(shape)] == shape for field in fields)


def _kind(visit: FieldVisit) -> Iterator[Finding]:
    attribute = visit.view.attributes.get("transformation_type")
    text = one_string(attribute.value) if attribute is not None else None
    known = visit.concept.attributes.get("transformation_type") if visit.concept else None
    if known is not None and known.enumeration is not None:
        return  # told by E01
    if attribute is not None and text not in ("translation", "rotation"):
        place = nxpath.attribute(visit.path, "transformation_type")
        yield finding(
            "X04",
            place,
            f"{text!r} is neither translation nor rotation",
            expected="translation | rotation",
            found=text,
        )


def _vector(visit: FieldVisit) -> Iterator[Finding]:
    attribute = visit.view.attributes.get("vector")
    place = nxpath.attribute(visit.path, "vector")
    if attribute is None:
        yield finding("X04", place, "the vector is missing", expected="three numbers")
        return
    numbers = _three(attribute)
    if numbers is None:
        yield finding("X04", place, "is not three numbers", found=attribute.value)
        return
    length = float(np.linalg.norm(numbers))
    if length == 0:
        yield finding("X04", place, "has length 0", found=numbers.tolist())
    elif abs(length - 1) > 1e-3 and "transformation_type" in visit.view.attributes:
        message = f"has length {length:.4g}, not 1"
        yield finding("X04", place, message, severity="warning", found=numbers.tolist())


def _three(attribute: Attribute) -> Any:
    if attribute.type.kind not in ("integer", "float") or attribute.value is None:
        return None
    numbers = np.ravel(attribute.value)
    return numbers if numbers.size == 3 and np.isfinite(numbers).all() else None


def _offset(visit: FieldVisit, attribute: Attribute) -> Iterator[Finding]:
    place = nxpath.attribute(visit.path, "offset")
    numbers = _three(attribute)
    if numbers is None:
        yield finding("X04", place, "is not three numbers", found=attribute.value)
        return
    unit = _attribute_text(visit.view, "offset_units")
    if unit is None:
        if np.any(numbers):
            message = "is not zero, and there are no offset_units"
            yield finding("X04", place, message, severity="warning")
    elif units.fit(unit, "NX_LENGTH").verdict not in ("fits", "loose", "ambiguous"):
        place = nxpath.attribute(visit.path, "offset_units")
        yield finding("X04", place, f"{unit!r} is not a length", found=unit)


def depends_on(visit: GroupVisit) -> Iterator[Finding]:
    """The field depends_on of a component, and the chain it starts."""
    view = visit.fields.get("depends_on")
    if view is None or view.type.kind != "string":
        return
    try:
        text = one_string(view.read())
    except Unreadable:
        return
    path = nxpath.join(visit.path, "depends_on")
    if text is not None:
        yield from _chain(visit.walk, path, visit.path, text.strip(), "")


def _chain(walk: Walk, place: str, group: str, text: str, start: str) -> Iterator[Finding]:
    """Follow depends_on from one place to its end; the first fault ends the walk.

    Only the first step is told here: each further one is told where it stands, but for a circle.
    """
    seen = [start] if start else []
    first = True
    while text != "." and len(seen) < _MAX_CHAIN:
        node, path = _target(walk, group, text)
        if isinstance(node, Broken) or not _is_transformation(node):
            if first:
                yield from _bad_target(walk, place, group, text, node)
            break
        if path in seen:
            if first or path == start or not start:
                circle = " → ".join([*seen[seen.index(path) :], path])
                yield finding("X03", place, f"comes back to itself: {circle}", found=text)
            return
        if first and _is_direction(node):
            message = f"{text!r} is a mere direction: it has no transformation_type"
            yield finding("X04", place, message, severity="warning", found=text)
        seen.append(path)
        following = _attribute_text(node, "depends_on")
        if following is None:
            if first and _closes_badly(node):
                message = f"{text!r} has no depends_on; a chain ends with '.'"
                yield finding("X03", place, message, severity="warning")
            break
        text = "." if path in walk.ended else following
        group, first = nxpath.parent(path), False
    walk.ended.update(seen)


def _target(walk: Walk, group: str, text: str) -> tuple[FieldView | GroupView | Broken, str]:
    path = nxpath.resolve(group, text)
    return walk.lookup(path), path


def _is_transformation(node: FieldView | GroupView) -> bool:
    if is_group(node):
        name = class_of(node)
        return name == "NXcoordinate_system" or (name in STREAM_CLASSES and _marked(node))
    return _marked(node) or node.name in _MODULE_FIELDS


def _marked(node: FieldView | GroupView) -> bool:
    return any(mark in node.attributes for mark in _MARKS)


def _is_direction(node: FieldView | GroupView) -> bool:
    """Neither a kind nor a unit that tells it (U05 speaks of a unit without a kind)."""
    return is_field(node) and {"transformation_type", "units"}.isdisjoint(node.attributes)


def _closes_badly(node: FieldView | GroupView) -> bool:
    return is_field(node) or class_of(node) != "NXcoordinate_system"


def _bad_target(
    walk: Walk, place: str, group: str, text: str, node: FieldView | GroupView | Broken
) -> Iterator[Finding]:
    if not isinstance(node, Broken):
        message = f"{text!r} is no transformation: it has no vector"
        yield finding("X02", place, message, found=text)
        return
    entry = "/".join(group.split("/")[:2]) or "/"
    for start in (entry, "/"):
        other, path = _target(walk, start, text)
        if not isinstance(other, Broken) and _is_transformation(other):
            message = f"{text!r} is only found from {start}, not from here"
            hint = f"write {path}"
            yield finding("X01", place, message, severity="warning", found=text, hint=hint)
            return
    yield finding("X01", place, f"{text!r} leads nowhere: {node.reason}", found=text)


def _attribute_text(node: FieldView | GroupView, name: str) -> str | None:
    attribute = node.attributes.get(name)
    return one_string(attribute.value) if attribute is not None else None
