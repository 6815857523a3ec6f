"""From a path such as `NXmx/ENTRY/INSTRUMENT/DETECTOR/distance@units` to its concept."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TypeAlias

from nxtool.errors import DefinitionError
from nxtool.nxdl.elements import Definition
from nxtool.schema.compile import Schema
from nxtool.schema.concepts import (
    AttributeConcept,
    ChoiceConcept,
    FieldConcept,
    GroupConcept,
    LinkConcept,
)

Concept: TypeAlias = "GroupConcept | FieldConcept | AttributeConcept | LinkConcept | ChoiceConcept"


def tops(schema: Schema, definition: Definition) -> tuple[GroupConcept, ...]:
    """The concepts a definition starts with: the entry and what stands beside it for an
    application, the class itself for a base class.

    Raises:
        DefinitionError: the definition extends one that is unknown.
    """
    if definition.category == "base":
        return (schema.base_class(definition.name),)
    return schema.application(definition.name), *schema.top_groups(definition.name)


def find_concept(schema: Schema, path: str) -> Concept:
    """The concept at `path`: the name of a definition, then names of concepts.

    Case matters only where names differ by nothing else.

    Raises:
        DefinitionError: there is no such definition or concept; near names are given.
    """
    groups, _, attribute = path.strip("/").partition("@")
    name, *steps = groups.split("/")
    definition = schema.catalogue[name]
    starts = tops(schema, definition)
    if definition.category == "base":
        concept: Concept = starts[0]
    elif steps:
        concept = _pick({start.name: start for start in starts}, steps.pop(0), name)
    else:
        raise DefinitionError(f"{path}: name a concept of {name}", hint=f"{name}/{starts[0].name}")
    for step in steps:
        concept = _pick(_by_name(concept), step, concept.top.path)
    if attribute:
        concept = _pick(attributes(concept), attribute, concept.top.path)
    return concept


def members(concept: Concept) -> tuple[Concept, ...]:
    """The fields, links, choices and groups in a concept."""
    if isinstance(concept, GroupConcept):
        parts = (concept.fields, concept.links, concept.choices)
        return (*(member for part in parts for member in part.values()), *concept.groups)
    return concept.groups if isinstance(concept, ChoiceConcept) else ()


def attributes(concept: Concept) -> Mapping[str, AttributeConcept]:
    """The attributes of a group or a field, by name."""
    return concept.attributes if isinstance(concept, (GroupConcept, FieldConcept)) else {}


def _by_name(concept: Concept) -> Mapping[str, Concept]:
    """The members by name; groups of a choice, which share its name, by class."""
    if isinstance(concept, ChoiceConcept):
        return {group.nx_class: group for group in concept.groups}
    return {member.name: member for member in reversed(members(concept))}


def _pick(known: Mapping[str, Concept], name: str, where: str) -> Concept:
    if name in known:
        return known[name]
    folded = {other.lower(): other for other in known}
    if name.lower() in folded:
        return known[folded[name.lower()]]
    near = difflib.get_close_matches(name.lower(), folded, n=3, cutoff=0.6)
    names = ", ".join(folded[match] for match in near)
    hint = f"did you mean {names}?" if near else f"`nxtool definitions tree {where.split('/')[0]}`"
    raise DefinitionError(f"{where} has no {name!r}", hint=hint)
