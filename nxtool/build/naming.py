"""What a name in a recipe means: a field or a group, and which concept of the definition.

A bare name must be one of the definition: a field, a named group, or the class of an unnamed
group in lower case (`detector` for NXdetector). Anything else must say what it is:
`panel_2(NXdetector)`, `phi(NX_FLOAT)`. A field beats a class of the same name: `data` in
NXdetector is the field.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nxtool import nxpath
from nxtool.build.desk import Desk
from nxtool.findings import Mark
from nxtool.recipe.checks import did_you_mean, near_names
from nxtool.recipe.forms import FIELD_KEYS, OwnName, parse_own_name
from nxtool.schema.concepts import FieldConcept, GroupConcept
from nxtool.schema.slots import named_slot
from nxtool.values import NX_TYPES
from nxtool.yamltree.nodes import MapNode, Node, Scalar

FREE_CLASS: Final = "NXcollection"


@dataclass(frozen=True, slots=True)
class FieldSlot:
    """A field to be; `type` is its NX type, empty where it follows from the value."""

    name: str
    type: str
    concept: FieldConcept | None
    mark: Mark


@dataclass(frozen=True, slots=True)
class GroupSlot:
    """A group to be."""

    name: str
    nx_class: str
    concept: GroupConcept | None
    mark: Mark


Slot = FieldSlot | GroupSlot


def bind(desk: Desk, key: Scalar, node: Node, parent: GroupConcept, path: str) -> Slot | None:
    """What `key` means in the group at `path`, of concept `parent`; None, with a problem, if
    nothing."""
    before = desk.error_count
    own = parse_own_name(key, desk.problems)
    if own is not None and desk.error_count > before:
        desk.failed.add(nxpath.join(path, own.name))
        return None
    if own is not None:
        return _own_field(desk, own, parent) if own.is_field else _own_group(desk, own, parent)
    if "(" in key.text:
        return None  # told by parse_own_name
    slot = slot_of(key, node, parent)
    if slot is None:
        _unknown(desk, key, parent, path)
    return slot


def meaning_of(key: Scalar, node: Node, parent: GroupConcept) -> Slot | None:
    """What a name, with its class or without, means in a group of `parent`; None if nothing."""
    own = parse_own_name(key, [])
    if own is None:
        return None if "(" in key.text else slot_of(key, node, parent)
    if own.is_field:
        known = own.type in NX_TYPES
        return _field_slot(own, parent) if known else None
    return _group_slot(own, parent) if parent.schema.knows(own.type) else None


def slot_of(key: Scalar, node: Node, parent: GroupConcept) -> Slot | None:
    """What a bare name means in a group of concept `parent`; None if nothing."""
    return _by_definition(key, node, parent) or _free(key, node, parent)


def looks_like_field(node: Node) -> bool:
    """True for values and for the long form of a field."""
    return not isinstance(node, MapNode) or (len(node) > 0 and set(node) <= set(FIELD_KEYS))


def _is_field_with_a_slip(node: Node) -> bool:
    """True for a long form with more right keys than wrong ones."""
    known = sum(key in FIELD_KEYS for key in node) if isinstance(node, MapNode) else 0
    return isinstance(node, MapNode) and 2 * known > len(node)


def _by_definition(key: Scalar, node: Node, parent: GroupConcept) -> Slot | None:
    name, mark = key.text, key.mark
    exact = parent.fields.get(name)
    group = named_slot(parent, name)
    if exact is not None and not exact.is_variadic and (group is None or looks_like_field(node)):
        return FieldSlot(name, exact.type, exact, mark)
    if group is not None:
        return GroupSlot(name, group.nx_class, group, mark)
    if name in parent.links and looks_like_field(node):
        return FieldSlot(name, "", parent.match_field(name), mark)
    unnamed = _class_slot(name, parent)
    fits_field = looks_like_field(node) and parent.match_field(name) is not None
    if unnamed is not None and not fits_field:
        return GroupSlot(name, unnamed.nx_class, unnamed, mark)
    return _by_fit(key, node, parent)


def _class_slot(name: str, parent: GroupConcept) -> GroupConcept | None:
    """The slot whose class, or own label, is `name` in upper case."""
    variadic = [slot for slot in parent.groups if slot.name_type == "any"]
    for slot in variadic:
        if slot.nx_class.removeprefix("NX").lower() == name:
            return slot
    return next((slot for slot in variadic if slot.name.lower() == name), None)


def _by_fit(key: Scalar, node: Node, parent: GroupConcept) -> Slot | None:
    """Names with a part of the author's own: `energy_errors`, `temperature_log`, axes of NXdata."""
    field = parent.match_field(key.text)
    if field is not None and (looks_like_field(node) or _is_field_with_a_slip(node)):
        return FieldSlot(key.text, field.type, field, key.mark)
    for slot in parent.groups:
        if slot.name_type == "partial" and not looks_like_field(node):
            found = parent.match_group(key.text, slot.nx_class)
            if isinstance(found, tuple) and slot in found:
                return GroupSlot(key.text, slot.nx_class, slot, key.mark)
    return None


def _free(key: Scalar, node: Node, parent: GroupConcept) -> Slot | None:
    """Anything goes in an NXcollection."""
    if parent.nx_class != FREE_CLASS:
        return None
    if looks_like_field(node):
        return FieldSlot(key.text, "", None, key.mark)
    return GroupSlot(key.text, FREE_CLASS, parent.schema.base_class(FREE_CLASS), key.mark)


def _own_field(desk: Desk, own: OwnName, parent: GroupConcept) -> FieldSlot | None:
    if own.type not in NX_TYPES:
        hint = did_you_mean(own.type, NX_TYPES) or "like NX_FLOAT, NX_CHAR"
        desk.problem("R01", own.type_mark, f"{own.type} is not an NX type", hint)
        return None
    return _field_slot(own, parent)


def _field_slot(own: OwnName, parent: GroupConcept) -> FieldSlot:
    return FieldSlot(own.name, own.type, parent.match_field(own.name), own.mark)


def _own_group(desk: Desk, own: OwnName, parent: GroupConcept) -> GroupSlot | None:
    if not desk.schema.knows(own.type):
        near = ", ".join(desk.schema.catalogue.near(own.type))
        hint = f"did you mean {near}?" if near else "`nxtool definitions list` shows the classes"
        desk.problem("R01", own.type_mark, f"there is no class {own.type}", hint)
        return None
    return _group_slot(own, parent)


def _group_slot(own: OwnName, parent: GroupConcept) -> GroupSlot:
    schema = parent.schema
    found = parent.match_group(own.name, own.type)
    slots = found if isinstance(found, tuple) else found.groups
    fitting = [slot for slot in slots if schema.is_a(own.type, slot.nx_class)]
    concept = fitting[0] if fitting else schema.base_class(own.type)
    return GroupSlot(own.name, own.type, concept, own.mark)


def names_in(parent: GroupConcept) -> list[str]:
    """The bare names that mean something in a group of concept `parent`."""
    return [
        *(name for name, field in parent.fields.items() if not field.is_variadic),
        *(slot.name for slot in parent.groups if not slot.is_variadic),
        *(slot.nx_class.removeprefix("NX").lower() for slot in parent.groups if slot.is_variadic),
    ]


def _unknown(desk: Desk, key: Scalar, parent: GroupConcept, path: str) -> None:
    if key.text in parent.choices:
        classes = [slot.nx_class for slot in parent.choices[key.text].groups]
        hint = f"write {key.text}({classes[0]}) or {key.text}({classes[-1]})"
        desk.problem("R01", key.mark, f"{key.text!r} can be one of several classes", hint)
        return
    near = near_names(key.text, names_in(parent))
    desk.failed |= {nxpath.join(path, name) for name in near}
    hint = (
        f"did you mean {', '.join(near)}?"
        if near
        else (f"for something of your own write {key.text}(NXcollection) or {key.text}(NX_FLOAT)")
    )
    desk.problem("R01", key.mark, f"unknown name {key.text!r} in {parent.nx_class}", hint)
