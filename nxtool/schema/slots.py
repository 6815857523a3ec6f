"""The groups a group may hold: merging those of all layers, and finding the one an instance is.

A slot of the application definition and one of the base class may be the same (`NXdetector`
unnamed in both), or one may be a special case of the other (`detector` named by the
application, `NXdetector` unnamed in the base class).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nxtool.nxdl.elements import GroupElement
from nxtool.schema import namefit
from nxtool.schema.concepts import ChoiceConcept, GroupConcept, Layer

if TYPE_CHECKING:
    from nxtool.schema.compile import Schema


@dataclass(slots=True, eq=False)
class _Draft:
    """A slot while the layers are gone through."""

    layers: list[Layer[GroupElement]]
    depth: int
    """Which layer of the parent named it first."""
    specialises: list[_Draft] = field(default_factory=list)

    @property
    def element(self) -> GroupElement:
        return self.layers[0].element


def merge_groups(parent: GroupConcept) -> tuple[GroupConcept, ...]:
    """The slots for groups in `parent`, those of the most specific definition first."""
    drafts: list[_Draft] = []
    for depth, layer in enumerate(parent.layers):
        for element in layer.element.groups:
            part = Layer(element, layer.definition, f"{layer.path}/{element.label}")
            _add(drafts, part, depth, parent.schema)
    return _finish(drafts, parent.schema)


def _add(drafts: list[_Draft], part: Layer[GroupElement], depth: int, schema: Schema) -> None:
    twin = next((draft for draft in drafts if _is_same(draft, part.element, depth)), None)
    if twin is not None:
        twin.layers.append(part)
    else:
        twin = _Draft([part], depth)
        drafts.append(twin)
    for draft in drafts:
        if draft is twin or draft.depth >= depth:
            continue
        if _specialises(draft, part.element, schema):
            draft.layers.append(part)
            if twin not in draft.specialises:
                draft.specialises.append(twin)
        elif twin.depth == depth and _specialises(twin, draft.element, schema):
            _take_over(twin, draft)


def _take_over(named: _Draft, wider: _Draft) -> None:
    """A more specific definition speaks of a group that this one names: NXdirecttof says what the
    unnamed NXinstrument holds, NXtofraw, which it extends, calls it `instrument`."""
    named.layers.extend(layer for layer in wider.layers if layer not in named.layers)
    named.specialises.append(wider)


def _is_same(draft: _Draft, element: GroupElement, depth: int) -> bool:
    return (
        draft.depth < depth
        and draft.element.label == element.label
        and draft.element.type == element.type
    )


def _specialises(draft: _Draft, element: GroupElement, schema: Schema) -> bool:
    if element.name_type == "specified":
        return False
    fit = namefit.score(element.label, element.name_type, draft.element.label)
    return fit > namefit.NO_FIT and schema.is_a(draft.element.type, element.type)


def _finish(drafts: list[_Draft], schema: Schema) -> tuple[GroupConcept, ...]:
    """Concepts of the drafts, each made after those it specialises."""
    done: dict[int, GroupConcept] = {}

    def finish(draft: _Draft) -> GroupConcept:
        if id(draft) not in done:
            wider = tuple(finish(other) for other in draft.specialises)
            done[id(draft)] = schema.slot(tuple(draft.layers), wider)
        return done[id(draft)]

    return tuple(finish(draft) for draft in drafts)


def find_group(
    parent: GroupConcept, name: str, nx_class: str
) -> tuple[GroupConcept, ...] | ChoiceConcept:
    """The slots of `parent` that a group called `name` of class `nx_class` may take equally well.

    An exact name wins over a partial one, that over any name; the application definition over
    the base class within each; among equals the nearest class. A slot whose class the group is
    not (and does not extend) is no candidate, but see `named_slot`.
    """
    if name in parent.choices:
        return parent.choices[name]
    candidates = [
        (rank, slot) for slot in parent.groups if (rank := _rank(slot, name, nx_class)) is not None
    ]
    best = max((rank for rank, _ in candidates), default=None)
    return tuple(slot for rank, slot in candidates if rank == best)


def _rank(slot: GroupConcept, name: str, nx_class: str) -> tuple[int, bool, int] | None:
    fit = namefit.score(slot.name, slot.name_type, name)
    if fit == namefit.NO_FIT:
        return None
    distance = slot.schema.distance(nx_class, slot.nx_class)
    if distance is None:
        return None
    if fit == namefit.EXACT and slot.is_variadic:
        fit = namefit.ANY  # a group called DETECTOR is just one more free name
    return fit, slot.level == "application", -distance


def named_slot(parent: GroupConcept, name: str) -> GroupConcept | None:
    """The slot that prescribes exactly this name, whatever its class."""
    return next(_named(parent.groups, name), None)


def _named(slots: Iterable[GroupConcept], name: str) -> Iterator[GroupConcept]:
    return (slot for slot in slots if not slot.is_variadic and slot.name == name)
