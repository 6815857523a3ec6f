"""Is everything there that must be, as often as it must be? (O01, O05, N10)

One file group is an instance of one concept. It also counts for the wider concepts that one
specialises: `detector` of an application for the unnamed NXdetector of the application it extends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from nxtool import nxpath
from nxtool.findings import Finding
from nxtool.nodeview import is_group
from nxtool.schema.concepts import (
    AttributeConcept,
    Bounds,
    ChoiceConcept,
    FieldConcept,
    GroupConcept,
    LinkConcept,
)
from nxtool.validate.rules.classes import STREAM_CLASSES
from nxtool.validate.visit import ChildVisit, GroupVisit, by_level, finding


def required_children(visit: GroupVisit) -> Iterator[Finding]:
    """Missing, too few or too many groups, fields and links of one group."""
    if visit.concept is None:
        return
    yield from _groups(visit, visit.concept)
    yield from _fields(visit, visit.concept)
    for link in visit.concept.links.values():
        if link.name not in visit.children:
            yield from _missing(visit, link, f"link {link.name} to {link.target}")


def _groups(visit: GroupVisit, concept: GroupConcept) -> Iterator[Finding]:
    counts = _instances(visit)
    for slot in concept.groups:
        if slot.nx_class == "NXentry":
            continue  # told once, by O07
        number = counts[slot]
        if number < slot.bounds.least or (not number and slot.bounds.requirement != "optional"):
            if number:
                yield _number(visit, slot, number)
            elif not _wrong_class(visit, slot):
                yield from _missing(visit, slot, _describe(slot), _hidden(slot))
        elif 0 <= slot.bounds.most < number:
            yield _number(visit, slot, number)


def _instances(visit: GroupVisit) -> Counter[GroupConcept]:
    counts: Counter[GroupConcept] = Counter()
    for child in visit.group_children.values():
        if isinstance(child.group, GroupConcept):
            counts.update(_with_wider(child.group))
    return counts


def _with_wider(slot: GroupConcept) -> set[GroupConcept]:
    """The slot and all it specialises, directly or not."""
    found = {slot}
    for wider in slot.specialises:
        found |= _with_wider(wider)
    return found


def _wrong_class(visit: GroupVisit, slot: GroupConcept) -> bool:
    """A group of the right name is there; its class or kind is told by another rule."""
    return not slot.is_variadic and slot.name in visit.children


def _describe(slot: GroupConcept) -> str:
    name = slot.nx_class if slot.is_variadic else f"{slot.name} ({slot.nx_class})"
    return f"group {name}"


def _hidden(slot: GroupConcept) -> str:
    """How much more is missing inside a missing group."""
    if slot.bounds.requirement != "required":
        return ""
    number = _count_required(slot)
    return f", and the {number} required in it" if number else ""


def _count_required(slot: GroupConcept, depth: int = 0) -> int:
    if depth > 8:
        return 0
    inner = [group for group in slot.groups if group.bounds.requirement == "required"]
    fields = sum(field.bounds.requirement == "required" for field in slot.fields.values())
    links = sum(link.bounds.requirement == "required" for link in slot.links.values())
    return fields + links + sum(1 + _count_required(group, depth + 1) for group in inner)


def _fields(visit: GroupVisit, concept: GroupConcept) -> Iterator[Finding]:
    for field in concept.fields.values():
        if field.bounds.requirement == "optional" and field.bounds.most < 0:
            continue
        names = _field_instances(visit, field)
        if len(names) < field.bounds.least or (
            not names and field.bounds.requirement != "optional"
        ):
            yield from _missing_field(visit, field, names)
        elif not names and (twin := _group_of_the_name(visit, field)) is not None:
            yield from _group_for_field(twin, field)
        elif 0 <= field.bounds.most < len(names):
            yield _prohibited(visit, field, names)


def _field_instances(visit: GroupVisit, field: FieldConcept) -> list[str]:
    """Names of the fields, or of the streaming groups in their place, that are this concept."""
    if not field.is_variadic:
        child = visit.children.get(field.name)
        return [field.name] if child is not None and _stands_for(child.node, child.nx_class) else []
    return [
        name
        for name, child in visit.children.items()
        if child.field is not None and child.field.name == field.name
    ]


def _stands_for(node: object, nx_class: str) -> bool:
    """A dangling link stands for what it should lead to: L01 tells about it."""
    return not is_group(node) or nx_class in STREAM_CLASSES


def _missing_field(visit: GroupVisit, field: FieldConcept, names: list[str]) -> Iterator[Finding]:
    if names:
        message = f"{len(names)} of at least {field.bounds.least} fields {field.name}"
        yield finding("O05", visit.path, message, anchor=field.anchor)
        return
    twin = _group_of_the_name(visit, field)
    if twin is not None:
        yield from _group_for_field(twin, field)
        return
    yield from _missing(visit, field, f"field {field.name} ({_asked(field)})")


def _group_of_the_name(visit: GroupVisit, field: FieldConcept) -> ChildVisit | None:
    child = None if field.is_variadic else visit.children.get(field.name)
    return child if child is not None and is_group(child.node) else None


def _group_for_field(twin: ChildVisit, field: FieldConcept) -> Iterator[Finding]:
    """Fine where the definitions also know a group of this name, unless the field must be there."""
    required = field.bounds.requirement == "required"
    if twin.group is not None and not _takes_any_name(twin.group) and not required:
        return
    yield finding(
        "N10",
        twin.path,
        "is a group, the definition wants a field",
        severity="error" if required else by_level(field.level),
        expected=f"a field {field.type}",
        found="a group",
        anchor=field.anchor,
    )


def _takes_any_name(slot: GroupConcept | ChoiceConcept) -> bool:
    return isinstance(slot, GroupConcept) and slot.name_type == "any"


def _asked(field: FieldConcept) -> str:
    return f"{field.type}, {field.units}" if field.units else field.type


def _missing(
    visit: GroupVisit,
    concept: GroupConcept | FieldConcept | LinkConcept,
    what: str,
    more: str = "",
) -> Iterator[Finding]:
    requirement = concept.bounds.requirement
    if requirement == "optional":
        return
    yield finding(
        "O01",
        _place(visit.path, concept),
        f"{requirement} {what} is missing{more}",
        severity="error" if requirement == "required" else "warning",
        expected=what,
        anchor=concept.anchor,
    )


def _place(path: str, concept: GroupConcept | FieldConcept | LinkConcept) -> str:
    """Where the missing item would stand: an unnamed group under its class in lower case, as a
    recipe would call it; the parent where only an author can tell."""
    if not concept.is_variadic:
        return nxpath.join(path, concept.name)
    if isinstance(concept, GroupConcept):
        return nxpath.join(path, concept.nx_class.removeprefix("NX").lower())
    return path


def _number(visit: GroupVisit, slot: GroupConcept, number: int) -> Finding:
    return finding(
        "O05",
        visit.path,
        f"{number} × {_describe(slot)}, allowed {_range(slot.bounds)}",
        expected=_range(slot.bounds),
        found=number,
        anchor=slot.anchor,
    )


def _prohibited(visit: GroupVisit, field: FieldConcept, names: list[str]) -> Finding:
    path = nxpath.join(visit.path, names[0])
    if field.bounds.most == 0:
        return finding("O05", path, "must not be here", anchor=field.anchor, found=names[0])
    message = f"{len(names)} fields {field.name}, allowed {_range(field.bounds)}"
    return finding("O05", path, message, anchor=field.anchor, found=len(names))


def _range(bounds: Bounds) -> str:
    most = "or more" if bounds.most < 0 else f"to {bounds.most}"
    return str(bounds.least) if bounds.least == bounds.most else f"{bounds.least} {most}"


def top_groups(visit: GroupVisit) -> Iterator[Finding]:
    """What an application wants beside its entry: looked for beside and inside it."""
    if not visit.scope.application or visit.parent is None:
        return
    for slot in visit.schema.top_groups(visit.scope.application):
        places = (visit.parent, visit)
        there = any(_holds(place, slot) for place in places)
        if not there and slot.bounds.requirement != "optional":
            yield from _missing(visit.parent, slot, _describe(slot), _hidden(slot))


def _holds(place: GroupVisit, slot: GroupConcept) -> bool:
    return any(
        place.schema.is_a(child.nx_class, slot.nx_class)
        for child in place.group_children.values()
        if child.nx_class
    )


def missing_attribute(path: str, concept: AttributeConcept) -> Iterator[Finding]:
    """A required or recommended attribute that is not there."""
    requirement = concept.bounds.requirement
    if requirement != "optional" and not concept.is_variadic:
        yield finding(
            "O01",
            nxpath.attribute(path, concept.name),
            f"{requirement} attribute {concept.name} ({concept.type}) is missing",
            severity="error" if requirement == "required" else "warning",
            expected=concept.type,
            anchor=concept.anchor,
        )
