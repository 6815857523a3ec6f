"""Classes of groups (G01 to G04, G07, N04, N10, N12, S08)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from nxtool import nxpath
from nxtool.findings import Finding, Severity
from nxtool.nodeview import is_field, is_group
from nxtool.schema import namefit
from nxtool.schema.concepts import ChoiceConcept, GroupConcept
from nxtool.schema.slots import named_slot
from nxtool.validate.visit import ChildVisit, GroupVisit, by_level, control_text, finding

STREAM_CLASSES: Final = ("NXlog", "NXevent_data")
"""A field may be replaced by a group of these classes of the same name (manual, Streaming)."""
ANYWHERE: Final = frozenset({"NXcollection", "NXdata", "NXlog", "NXnote", "NXparameters"})
_TELLING: Final = 1 + len("_log")
"""The score from which on a partial name is no chance."""
_CLASS_NAME: Final = re.compile(r"NX[A-Za-z0-9_]+")


def child_classes(visit: GroupVisit) -> Iterator[Finding]:
    """The class of every child group, and whether it belongs here."""
    for child in visit.children.values():
        if is_group(child.node):
            yield from _attribute_form(child)
            yield from _child_class(visit, child)
        elif is_field(child.node):
            yield from _field_for_group(visit, child)


def _attribute_form(child: ChildVisit) -> Iterator[Finding]:
    assert is_group(child.node)  # noqa: S101 - the caller looked
    attribute = child.node.attributes.get("NX_class")
    if attribute is None:
        return
    path = nxpath.attribute(child.path, "NX_class")
    if not isinstance(attribute.value, str):
        yield finding("G07", path, "NX_class is not a scalar string", found=attribute.value)
    elif attribute.value != attribute.value.strip():
        yield finding("G07", path, "NX_class has blanks around it", found=repr(attribute.value))


def _child_class(visit: GroupVisit, child: ChildVisit) -> Iterator[Finding]:
    if isinstance(child.group, ChoiceConcept):
        yield from _choice(child, child.group)
        return
    wanted = _wanted(visit, child)
    if wanted is not None and _is_misspelt(visit, child.nx_class):
        yield from _foreign_class(visit, child)
    elif wanted is not None:
        yield from _other_class(child, *wanted)
    elif child.group is None and not child.nx_class:
        yield from _no_class(visit, child)
    elif child.group is None:
        yield from _foreign_class(visit, child)


def _is_misspelt(visit: GroupVisit, nx_class: str) -> bool:
    return nx_class.startswith("NX") and not visit.schema.knows(nx_class)


def _wanted(visit: GroupVisit, child: ChildVisit) -> tuple[GroupConcept, Severity] | None:
    """The slot that the name was made for, though the class is another."""
    slot = child.group
    if visit.concept is None or (isinstance(slot, GroupConcept) and slot.name_type != "any"):
        return None
    named = named_slot(visit.concept, child.name)
    if named is not None and not visit.schema.is_a(child.nx_class, named.nx_class):
        return (named, "error") if _prescribes(named, visit) else None
    fits = _partial_slots(visit, child)
    if slot is None and fits:
        return fits[0], by_level(fits[0].level)
    telling = next((fit for fit in fits if _is_suffix(fit)), None)
    return (telling, "warning") if telling is not None else None


def _prescribes(slot: GroupConcept, visit: GroupVisit) -> bool:
    """A name prescribes its class, unless a field of that name is known too (NXsample)."""
    return visit.concept is None or slot.name not in visit.concept.fields


def _is_suffix(slot: GroupConcept) -> bool:
    """`GROUPNAME_log`: unlike `beam_TYPE` no ordinary name ends so by chance."""
    return re.fullmatch(r"[A-Z]+_[a-z_]+", slot.name) is not None


def _partial_slots(visit: GroupVisit, child: ChildVisit) -> list[GroupConcept]:
    """Slots such as `GROUPNAME_log` that the name fits, though not the class; the best first."""
    if visit.concept is None:
        return []
    fits = [
        (fit, slot)
        for slot in visit.concept.groups
        if slot.name_type == "partial"
        and not visit.schema.is_a(child.nx_class, slot.nx_class)
        and (fit := namefit.score(slot.name, "partial", child.name)) >= _TELLING
    ]
    return [slot for _, slot in sorted(fits, key=lambda pair: -pair[0])]


def _other_class(child: ChildVisit, wanted: GroupConcept, severity: Severity) -> Iterator[Finding]:
    yield finding(
        "N12",
        child.path,
        f"is {child.nx_class or 'a group without NX_class'}, not {wanted.nx_class}",
        severity=severity,
        expected=wanted.nx_class,
        found=child.nx_class,
        anchor=wanted.anchor,
    )


def _choice(child: ChildVisit, choice: ChoiceConcept) -> Iterator[Finding]:
    allowed = [slot.nx_class for slot in choice.groups]
    if child.nx_class not in allowed:
        yield finding(
            "S08",
            child.path,
            f"is {child.nx_class or 'a group without NX_class'}, not one of {', '.join(allowed)}",
            expected=" or ".join(allowed),
            found=child.nx_class,
            anchor=choice.anchor,
        )


def _no_class(visit: GroupVisit, child: ChildVisit) -> Iterator[Finding]:
    at_root = visit.parent is None
    yield finding(
        "G01",
        child.path,
        "the group has no NX_class, so it was not checked",
        severity="info" if at_root else "warning",
    )


def _foreign_class(visit: GroupVisit, child: ChildVisit) -> Iterator[Finding]:
    path = nxpath.attribute(child.path, "NX_class")
    name, schema = child.nx_class, visit.schema
    if not schema.knows(name):
        yield from _unknown_class(path, name, schema.catalogue.near(name))
    elif schema.catalogue[name].category == "application":
        yield finding("G03", path, f"{name} is an application definition, not a base class")
    elif visit.concept is not None and child.name in visit.concept.fields:
        return  # told by N10
    elif visit.concept is not None and not _may_stand(visit, name):
        yield finding("G04", child.path, f"{name} is not foreseen in {visit.nx_class}")


def _may_stand(visit: GroupVisit, name: str) -> bool:
    """Classes for anywhere, and what an application wants beside its entry (NXxpcs)."""
    assert visit.concept is not None  # noqa: S101 - the caller looked
    if name in ANYWHERE or name in STREAM_CLASSES or visit.concept.ignores_extra("groups"):
        return True
    return visit.parent is None and any(
        slot.nx_class == name
        for child in visit.group_children.values()
        if child.nx_class == "NXentry" and is_group(child.node)
        for slot in _beside(visit, control_text(child.node, "definition"))
    )


def _beside(visit: GroupVisit, application: str) -> tuple[GroupConcept, ...]:
    schema = visit.schema
    known = schema.knows(application) and schema.catalogue[application].category == "application"
    return schema.top_groups(application) if known else ()


def _unknown_class(path: str, name: str, near: list[str]) -> Iterator[Finding]:
    hint = f"did you mean {', '.join(near)}?" if near else ""
    if name.startswith("NX"):
        yield finding("G02", path, f"there is no class {name}", found=name, hint=hint)
    else:
        yield finding(
            "G02", path, f"{name} is not a NeXus class", severity="warning", found=name, hint=hint
        )
    if not _CLASS_NAME.fullmatch(name) and name.startswith("NX"):
        yield finding("N04", path, f"{name!r} is not a well-formed class name")


def _field_for_group(visit: GroupVisit, child: ChildVisit) -> Iterator[Finding]:
    """A field where the definitions want a group of this name."""
    if visit.concept is None or (child.field is not None and not child.field.is_variadic):
        return
    slot = named_slot(visit.concept, child.name)
    if slot is not None:
        yield finding(
            "N10",
            child.path,
            f"is a field, the definition wants a group {slot.nx_class}",
            severity=by_level(slot.level),
            expected=f"a group {slot.nx_class}",
            found="a field",
            anchor=slot.anchor,
        )
