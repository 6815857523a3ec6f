"""Deprecated items (Z01)."""

from __future__ import annotations

from collections.abc import Iterator

from nxtool import nxpath
from nxtool.findings import Finding
from nxtool.schema.concepts import FieldConcept, GroupConcept
from nxtool.validate.rules.attributes import LEGACY_MARKS
from nxtool.validate.visit import FieldVisit, GroupVisit, finding


def of_group(visit: GroupVisit) -> Iterator[Finding]:
    """Groups by their place or class, and attributes of the group."""
    for child in visit.group_children.values():
        if isinstance(child.group, GroupConcept):
            yield from _told(child.path, child.group.deprecated)
            if _is_demanded(child.group):
                continue
            if child.group.deprecated:
                continue
        if visit.schema.knows(child.nx_class):
            text = visit.schema.catalogue[child.nx_class].deprecated
            yield from _told(child.path, text, f"{child.nx_class} is deprecated")
    if visit.concept is not None:
        yield from _attributes(visit.path, list(visit.view.attributes), visit.concept)


def _is_demanded(slot: GroupConcept) -> bool:
    """True where an application requires the group: NXsastof asks for an NXgeometry."""
    return slot.level == "application" and slot.bounds.requirement == "required"


def of_field(visit: FieldVisit) -> Iterator[Finding]:
    """A field and its attributes."""
    name = visit.view.name
    if name.endswith("_error") and name.removesuffix("_error") in visit.parent.fields:
        known = visit.concept is not None and not visit.concept.is_variadic
        if not known:
            yield from _told(visit.path, f"write {name}s")
    if visit.concept is None:
        return
    if not visit.concept.is_variadic:
        yield from _told(visit.path, visit.concept.deprecated)
    yield from _attributes(visit.path, list(visit.view.attributes), visit.concept)


def _attributes(
    path: str, names: list[str], concept: GroupConcept | FieldConcept
) -> Iterator[Finding]:
    for name in names:
        known = concept.attributes.get(name)
        if known is not None and name not in LEGACY_MARKS:
            yield from _told(nxpath.attribute(path, name), known.deprecated)


def _told(path: str, text: str | None, message: str = "is deprecated") -> Iterator[Finding]:
    if text:
        from nxtool.nxdl import doctext  # only here: most files need it not

        yield finding("Z01", path, f"{message}: {doctext.inline(' '.join(text.split()))}")
