"""Where a definition contradicts what it inherits (S04: type, units, closed enumeration; S05:
its own name; U07).

A definition may narrow what its base class says (NX_FLOAT for NX_NUMBER); any other statement
wins over the base class in a file, which is worth knowing to those who write definitions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from nxtool import units
from nxtool.findings import Finding
from nxtool.lint.codes import fault
from nxtool.lint.stated import TEXT_TYPES, Marker
from nxtool.nxdl.elements import AttributeElement, Definition, FieldElement
from nxtool.schema.compile import Schema
from nxtool.schema.concepts import (
    AttributeConcept,
    ChoiceConcept,
    FieldConcept,
    GroupConcept,
    Layer,
)
from nxtool.schema.lookup import attributes, members, tops

_NARROWER: Final = {
    "NX_NUMBER": frozenset({"NX_INT", "NX_UINT", "NX_POSINT", "NX_FLOAT"}),
    "NX_INT": frozenset({"NX_UINT", "NX_POSINT"}),
    "NX_UINT": frozenset({"NX_POSINT"}),
    "NX_CHAR": frozenset({"NX_DATE_TIME", "ISO8601"}),
    "NX_DATE_TIME": frozenset({"ISO8601"}),
    "ISO8601": frozenset({"NX_DATE_TIME"}),
    "NX_CHAR_OR_NUMBER": frozenset({
        "NX_CHAR", "NX_DATE_TIME", "ISO8601", "NX_NUMBER", "NX_INT", "NX_UINT", "NX_POSINT",
        "NX_FLOAT", "NX_BOOLEAN",
    }),
    "NX_COMPLEX": frozenset({"NX_CCOMPLEX", "NX_PCOMPLEX"}),
}  # fmt: skip


def conflicts(schema: Schema, definition: Definition, mark: Marker) -> Iterator[Finding]:
    """Every contradiction between what `definition` states and what it inherits.

    Raises:
        DefinitionError: a definition it needs is unknown.
    """
    if definition.category == "application":
        yield from _nameless(schema.application(definition.name), definition, mark)
    for concept in _groups(schema, definition):
        yield from _members(concept, definition, mark)


def _nameless(entry: GroupConcept, definition: Definition, mark: Marker) -> Iterator[Finding]:
    """No file can name a definition that left to the one it extends what `definition` may be."""
    field = entry.fields.get("definition")
    listed = field.enumeration if field is not None else None
    if field is None or listed is None or listed.open or definition.name in listed.items:
        return
    names = " or ".join(listed.items)
    yield fault(
        "S05",
        definition.name,
        f"{field.anchor} must be {names}, so no file can name {definition.name}",
        mark(definition.body.line),
        hint=f"give the entry a field definition with the enumeration item {definition.name}",
    )


def _groups(schema: Schema, definition: Definition) -> Iterator[GroupConcept | ChoiceConcept]:
    """What the definition speaks of itself, each element once: classes contain each other."""
    seen: set[int] = set()
    pending: list[GroupConcept | ChoiceConcept] = [*tops(schema, definition)]
    while pending:
        concept = pending.pop()
        if concept.top.definition is definition and id(concept.top.element) not in seen:
            seen.add(id(concept.top.element))
            yield concept
            inner = members(concept)
            pending += [m for m in inner if isinstance(m, (GroupConcept, ChoiceConcept))]


def _members(
    concept: GroupConcept | ChoiceConcept, definition: Definition, mark: Marker
) -> Iterator[Finding]:
    values: list[FieldConcept | AttributeConcept] = list(attributes(concept).values())
    for member in members(concept):
        if isinstance(member, FieldConcept):
            values += [member, *member.attributes.values()]
    for value in values:
        if value.top.definition is definition:
            yield from _value(value, definition, mark)


def _value(
    concept: FieldConcept | AttributeConcept, definition: Definition, mark: Marker
) -> Iterator[Finding]:
    if isinstance(concept, FieldConcept):
        yield from _units_on_text(concept, mark)
    own = concept.own if isinstance(concept, FieldConcept) else len(concept.layers)
    top = concept.layers[0]
    inherited = [layer for layer in concept.layers[1:own] if layer.definition is not definition]
    for message, layer in _contradictions(top.element, inherited):
        yield fault(
            "S04",
            top.path,
            f"{message} in {layer.definition.name}",
            mark(top.element.line),
            expected=layer.anchor,
        )


def _units_on_text(concept: FieldConcept, mark: Marker) -> Iterator[Finding]:
    """Text has no unit; the type may be inherited, or be the default NX_CHAR."""
    stated = concept.top.element
    if stated.units and concept.type in TEXT_TYPES:
        message = f"is text ({concept.type}), and has units {stated.units}"
        yield fault("U07", concept.top.path, message, mark(stated.line))


def _contradictions(
    stated: FieldElement | AttributeElement,
    inherited: list[Layer[FieldElement] | Layer[AttributeElement]],
) -> Iterator[tuple[str, Layer[FieldElement] | Layer[AttributeElement]]]:
    """Facet by facet against the first layer that states it."""
    typed = next((layer for layer in inherited if layer.element.type), None)
    if stated.type and typed is not None and not _narrows(stated.type, typed.element.type or ""):
        yield f"type {stated.type} contradicts {typed.element.type}", typed
    if isinstance(stated, FieldElement) and stated.units:
        for layer in inherited:
            other = layer.element.units if isinstance(layer.element, FieldElement) else None
            if other:
                if not _units_agree(stated.units, other):
                    yield f"units {stated.units} contradict {other}", layer
                break
    listed = next((layer for layer in inherited if layer.element.enumeration), None)
    if stated.enumeration is not None and listed is not None and listed.element.enumeration:
        wider = listed.element.enumeration
        foreign = [item for item in stated.enumeration.items if item not in wider.items]
        if foreign and not wider.open and stated.name != "definition":
            told = ", ".join(map(repr, foreign))
            yield f"items {told} are not in the closed list", listed


def _narrows(new: str, old: str) -> bool:
    return new == old or new in _NARROWER.get(old, ())


def _units_agree(new: str, old: str) -> bool:
    if new == old or "NX_ANY" in (new, old):
        return True
    first, second = units.CATEGORIES.get(new), units.CATEGORIES.get(old)
    if first is None or second is None:
        literal, category = (new, old) if first is None else (old, new)
        return units.fit(literal, category).verdict in ("fits", "loose")
    if first.dimensions or second.dimensions:
        return bool(set(first.dimensions) & set(second.dimensions))
    return bool(set(first.families) & set(second.families))
