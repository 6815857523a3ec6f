"""Particles of one kind (STANDARD.md, "Particle based records")."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import Final

import numpy as np

from nxtool.findings import Finding
from nxtool.nodeview import FieldView, Unreadable, is_field, is_group
from nxtool.openpmd import stated
from nxtool.openpmd.model import PATCHES, Record, Species
from nxtool.openpmd.rules import reach, records
from nxtool.openpmd.rules.asking import Asking
from nxtool.openpmd.rules.iterations import Seen

LENGTH: Final = (1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
_ID_BYTES: Final = 8


def species(asking: Asking, species: Species, seen: Seen) -> Iterator[Finding]:
    """One species: its records, their lengths, where the particles are."""
    yield from reach.name(asking, species.path)
    yield from reach.broken(asking, species.view, species.records)
    yield from reach.comment(asking, species.view)
    for record in species.records.values():
        yield from records.record(asking, record)
    yield from _places(asking, species)
    yield from _lengths(asking, species)
    yield from _numbers(asking, species)
    if species.records and PATCHES not in species.view.links:
        yield asking.tell("PA006", species.path, f"has no {PATCHES}")
    if asking.is_draft:
        for name in stated.text(species.view, "meshList").split(";"):
            if name.strip():
                seen.lists.append((seen.prefix + species.path, "meshList", name.strip()))


def _places(asking: Asking, species: Species) -> Iterator[Finding]:
    """Where the particles are: a position, and what is to be added to it."""
    position, offset = (species.records.get(name) for name in ("position", "positionOffset"))
    if position is None:
        yield asking.tell("PA001", species.path, "has no record 'position'", "position")
    if offset is None:
        is_beam = asking.declares("BeamPhysics")
        yield asking.tell(
            "PA001", species.path, "has no record 'positionOffset'", "offset",
            severity="info" if is_beam else "error",
        )  # fmt: skip
    if position is not None and offset is not None:
        here, there = set(position.components), set(offset.components)
        if here != there:
            told = ", ".join(sorted(here ^ there)) or "another number of components"
            message = f"differs from position in {told}"
            yield asking.tell("PA002", offset.path, message)
    for record in filter(None, (position, offset)):
        yield from _place(asking, record)


def _place(asking: Asking, record: Record) -> Iterator[Finding]:
    for component in record.components.values():
        element = component.type
        if element is not None and element.kind not in ("integer", "float"):
            message = f"holds {element.text}, no numbers of a length"
            yield asking.tell("PA004", component.path, message, "type")
    if record.unit_dimension and record.unit_dimension != LENGTH:
        message = "is not that of a length"
        yield asking.of_attribute(
            "PA004", record.view, "unitDimension", message, "dimension", severity="warning"
        )


def _lengths(asking: Asking, species: Species) -> Iterator[Finding]:
    """All records have one value for each particle; what most of them have counts."""
    shapes = {
        component.path: component.shape
        for record in species.records.values()
        for component in record.components.values()
        if component.shape is not None
    }
    counts = Counter(shape[0] for shape in shapes.values() if len(shape) == 1)
    usual = counts.most_common(1)[0][0] if counts else 0
    for path, shape in shapes.items():
        if len(shape) != 1:
            message = f"has {len(shape)} dimensions, not one"
            yield asking.tell("PA003", path, message, "rank")
        elif shape[0] != usual:
            message = f"has {shape[0]} values for {usual} particles"
            yield asking.tell("PA003", path, message, expected=usual, found=shape[0])


def _numbers(asking: Asking, species: Species) -> Iterator[Finding]:
    """The numbers of the particles."""
    record = species.records.get("id")
    if record is None:
        return
    for component in record.components.values():
        element = component.type
        if element is None:
            continue
        whole = element.kind == "integer"
        if not whole or (element.size and (element.size != _ID_BYTES or element.signed)):
            mild = asking.is_draft or (whole and not element.size)
            yield asking.tell(
                "PA005", component.path, f"is {element.text}, not uint64", "type",
                severity="warning" if mild and whole else "error",
            )  # fmt: skip
        elif asking.values and is_field(component.view):
            yield from _unique(asking, component.view)


def _unique(asking: Asking, view: FieldView) -> Iterator[Finding]:
    if math.prod(view.shape or ()) * _ID_BYTES > asking.max_read:
        return
    try:
        values = np.ravel(np.asarray(view.read()))
    except Unreadable as error:
        message = f"cannot be read: {error}"
        yield asking.tell("RC002", view.path, message, "unreadable", severity="warning")
        return
    twice = values.size - np.unique(values).size
    if twice:
        message = f"repeats {twice} number{'s' if twice > 1 else ''}"
        yield asking.tell("PA005", view.path, message, "twice", severity="warning")


def strangers(asking: Asking, group: object) -> Iterator[Finding]:
    """What stands among the species and is no group."""
    if not is_group(group):
        return
    for name in group.links:
        node = group.child(name)
        if is_field(node):
            yield asking.tell("RC001", node.path, "is a dataset among the species", "species")
