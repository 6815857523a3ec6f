"""Patches of particles (STANDARD.md, "Sub-group for each particle species")."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from nxtool.findings import Finding
from nxtool.nodeview import GroupView, Unreadable, is_group
from nxtool.openpmd.model import Component, Record, Species, nodes_in
from nxtool.openpmd.rules import reach, records
from nxtool.openpmd.rules.asking import Asking

_COUNTS: Final = ("numParticles", "numParticlesOffset")
_PLACES: Final = ("offset", "extent")
_ALLOWANCE: Final = 1e-6
"""Parts of an extent that a particle may lie outside, for numbers are rounded."""
_BYTES: Final = 8
Array = Any


def patches(asking: Asking, species: Species) -> Iterator[Finding]:
    """The patches of a species, where it has any."""
    group = species.patches
    if group is None:
        return
    found = {name: Record(name, node) for name, node in nodes_in(group)}
    yield from reach.broken(asking, group, found)
    for name in (*_COUNTS, *_PLACES):
        if name not in found:
            yield asking.tell("PP001", group.path, f"has no record {name!r}", "missing")
        elif is_group(view := found[name].view):
            yield from reach.broken(asking, view, found[name].components)
    yield from _counts(asking, found)
    yield from _places(asking, species, found)
    yield from _lengths(asking, group, found)
    if asking.values:
        yield from _contents(asking, species, found)


def _counts(asking: Asking, found: Mapping[str, Record]) -> Iterator[Finding]:
    for name in _COUNTS:
        for component in found[name].components.values() if name in found else ():
            element = component.type
            if element is None or element.kind != "integer":
                told = element.text if element is not None else "nothing"
                yield asking.tell("PP002", component.path, f"is {told}, not uint64", "type")
            elif element.size and (element.size != _BYTES or element.signed):
                yield asking.tell(
                    "PP002", component.path, f"is {element.text}, not uint64", "width"
                )


def _places(asking: Asking, species: Species, found: Mapping[str, Record]) -> Iterator[Finding]:
    """Corner and size of a patch, in the components and the unit of the position."""
    position = species.records.get("position")
    for name in _PLACES:
        record = found.get(name)
        if record is None:
            continue
        if position is not None and set(record.components) != set(position.components):
            told = ", ".join(sorted(position.components)) or "one"
            yield asking.tell(
                "PP001", record.path, f"has not the components of position: {told}", "components"
            )
        for component in record.components.values():
            yield from records.unit(asking, component, "PP005")
            element = component.type
            if element is None or element.kind not in ("integer", "float"):
                told = element.text if element is not None else "nothing"
                yield asking.tell("PP002", component.path, f"is {told}, no number", "type")
        yield from _dimension(asking, record, position)


def _dimension(asking: Asking, record: Record, position: Record | None) -> Iterator[Finding]:
    due = position.unit_dimension if position is not None else ()
    if "unitDimension" not in record.view.attributes:
        yield asking.of_attribute("PP005", record.view, "unitDimension", "is missing", "missing")
    elif due and record.unit_dimension != due:
        yield asking.of_attribute(
            "PP005", record.view, "unitDimension", "is not that of position", "dimension"
        )


def _lengths(asking: Asking, group: GroupView, found: Mapping[str, Record]) -> Iterator[Finding]:
    """All records of the patches have one value for each patch."""
    components = [
        component
        for name in (*_COUNTS, *_PLACES)
        if name in found
        for component in found[name].components.values()
    ]
    shapes = [component.shape for component in components if component.shape is not None]
    count = shapes[0][0] if shapes and shapes[0] else None
    for component in components:
        shape = component.shape
        if shape is not None and len(shape) != 1:
            message = f"has {len(shape)} dimensions, not one"
            yield asking.tell("PP002", component.path, message, "rank")
        elif shape is not None and count is not None and shape[0] != count:
            message = f"has {shape[0]} values for {count} patches"
            yield asking.tell("PP002", component.path, message, "length")


def _contents(asking: Asking, species: Species, found: Mapping[str, Record]) -> Iterator[Finding]:
    """The patches cover all particles, and each particle lies in its patch."""
    numbers = [_values(asking, found.get(name)) for name in _COUNTS]
    counts, offsets = numbers
    total = species.length
    if counts is None or offsets is None or total is None or counts.shape != offsets.shape:
        return
    if not counts.size or any(values.dtype.kind not in "iu" for values in (counts, offsets)):
        return
    path = found["numParticles"].path
    if float(np.sum(counts, dtype=np.float64)) != total:
        message = f"sum up to {np.sum(counts, dtype=np.float64):g}, not to {total} particles"
        yield asking.tell("PP003", path, message, "sum")
        return
    order = np.argsort(offsets, kind="stable")
    begins = offsets[order].astype(np.float64)
    ends = np.cumsum(counts[order].astype(np.float64))
    if not np.array_equal(begins, np.concatenate(([0.0], ends[:-1]))):
        message = "overlap, or leave gaps between them"
        yield asking.tell("PP003", found["numParticlesOffset"].path, message, "gaps")
        return
    if total * _BYTES <= asking.max_read and not np.any(counts < 0):
        patch_of = np.repeat(order, counts[order].astype(np.int64))
        yield from _inside(asking, species, found, patch_of)


def _inside(
    asking: Asking, species: Species, found: Mapping[str, Record], patch_of: Array
) -> Iterator[Finding]:
    """Along each axis, particles lie between the corner of their patch and its end; `patch_of`
    says of each particle in which patch it is."""
    position = species.records.get("position")
    patches = int(patch_of.max()) + 1 if patch_of.size else 0
    for axis in position.components if position is not None and patches else ():
        place = _in_si(asking, position, axis)
        shift = _in_si(asking, species.records.get("positionOffset"), axis)
        corner = _in_si(asking, found.get("offset"), axis)
        size = _in_si(asking, found.get("extent"), axis)
        if place is None or shift is None or corner is None or size is None:
            continue
        if place.shape != patch_of.shape or min(corner.size, size.size) < patches:
            continue
        if shift.shape != place.shape:
            continue
        outside = _outside(place, shift, corner[patch_of], size[patch_of])
        if outside:
            told = "1 particle lies" if outside == 1 else f"{outside} particles lie"
            message = f"{told} outside the patch along {axis or 'the axis'}"
            yield asking.tell("PP004", found["offset"].path, message)


def _outside(place: Array, shift: Array, corner: Array, room: Array) -> int:
    """How many particles lie outside their patch; what is no number is told by other rules."""
    with np.errstate(over="ignore", invalid="ignore"):
        where = place + shift - corner
        slack = _ALLOWANCE * np.abs(room)
        return int(np.sum((where < -slack) | (where > room + slack)))


def _in_si(asking: Asking, record: Record | None, axis: str) -> Array | None:
    component = record.components.get(axis) if record is not None else None
    values = _component_values(asking, component)
    unit = component.unit_si if component is not None else None
    if values is None or unit is None:
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        return values.astype(np.float64) * unit


def _values(asking: Asking, record: Record | None) -> Array | None:
    components = list(record.components.values()) if record is not None else []
    return _component_values(asking, components[0]) if len(components) == 1 else None


def _component_values(asking: Asking, component: Component | None) -> Array | None:
    """The values in one dimension; None where they cannot be had, or are too many."""
    if component is None or component.shape is None or len(component.shape) != 1:
        return None
    if math.prod(component.shape) * _BYTES > asking.max_read:
        return None
    try:
        values = np.asarray(component.read())
    except Unreadable:
        return None
    return values if values.dtype.kind in "iuf" and values.shape == component.shape else None
