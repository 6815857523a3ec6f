"""Which concept of its group a child is an instance of, by name, class, type and attributes."""

from __future__ import annotations

from nxtool import values
from nxtool.nodeview import FieldView, GroupView, is_field, is_group
from nxtool.schema.concepts import ChoiceConcept, FieldConcept, GroupConcept
from nxtool.validate.rules import nxdata
from nxtool.validate.visit import ChildVisit, GroupVisit


def assign(visit: GroupVisit, child: ChildVisit) -> None:
    """Give `child` its concept, if the concept of the group it is in knows one."""
    if visit.concept is None:
        return
    if is_field(child.node):
        role = nxdata.role(visit, child.name)
        found = visit.concept.match_field(child.name, role)
        is_signal = role == "DATA"
        child.field = found if is_signal else _that_can_hold(found, visit.concept, child.node)
    elif is_group(child.node) and child.nx_class:
        slots = visit.concept.match_group(child.name, child.nx_class)
        child.group = slots if isinstance(slots, ChoiceConcept) else _likeliest(slots, child.node)


def _that_can_hold(
    found: FieldConcept | None, group: GroupConcept, view: FieldView
) -> FieldConcept | None:
    """Of concepts of one definition that take any name the first whose type the field has.

    NXstress knows two kinds of axes, labels and numbers.
    """
    if found is None or found.name_type != "any" or _has_type(view, found):
        return found
    alike = (
        other
        for other in group.fields.values()
        if other.name_type == "any" and other.top.definition is found.top.definition
    )
    return next((other for other in alike if _has_type(view, other)), found)


def _has_type(view: FieldView, concept: FieldConcept) -> bool:
    return values.matches_type(concept.type, view.type, view.shape).verdict != "no"


def _likeliest(slots: tuple[GroupConcept, ...], view: GroupView) -> GroupConcept | None:
    """Of slots that fit name and class equally, the one whose fixed attributes the group has.

    NXcanSAS knows two kinds of NXdata with any name, told apart by `canSAS_class`.
    """
    if len(slots) < 2:
        return slots[0] if slots else None
    return max(slots, key=lambda slot: _agreement(slot, view))


def _agreement(slot: GroupConcept, view: GroupView) -> int:
    score = 0
    for concept in slot.attributes.values():
        there = view.attributes.get(concept.name)
        if concept.enumeration is not None and not concept.enumeration.open and there is not None:
            score += 1 if there.text in concept.enumeration.items else -1
    return score
