"""Definitions and their concepts for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from nxtool.nxdl import doctext
from nxtool.nxdl.catalogue import Catalogue
from nxtool.nxdl.elements import Definition, Enumeration
from nxtool.report.terminal import Line, Style, Styled, joined, line, styled
from nxtool.schema.compile import Schema
from nxtool.schema.concepts import (
    AttributeConcept,
    ChoiceConcept,
    FieldConcept,
    GroupConcept,
    LinkConcept,
    Requirement,
)
from nxtool.schema.lookup import Concept, attributes, members, tops

GLYPHS: Final[dict[Requirement, str]] = {"required": "●", "recommended": "○", "optional": "·"}
_NEED_STYLES: Final[dict[Requirement, Style]] = {
    "required": "good",
    "recommended": "info",
    "optional": "faint",
}
_SHOWN_VALUES: Final = 4
_MAX_DEPTH: Final = 40


@dataclass(frozen=True, slots=True)
class Selection:
    """Which concepts belong to a list or a tree.

    They are those that `definition` speaks of itself or inherits from applications; `base_classes`
    adds those of the base classes it uses; `level` is the mildest requirement.
    """

    definition: Definition
    level: Literal["required", "recommended", "all"] = "all"
    base_classes: bool = False

    def takes(self, concept: Concept, parent: Concept) -> bool:
        """True if the concept, an attribute or member of `parent`, is selected."""
        need = requirement(concept)
        if self.level == "required" and need != "required":
            return False
        if self.level == "recommended" and need == "optional":
            return False
        if self.base_classes:
            return True
        if self.definition.category == "application":
            return concept.level == "application"
        return concept.top.path.startswith((f"{parent.top.path}/", f"{parent.top.path}@"))


def requirement(concept: Concept) -> Requirement:
    """How necessary the concept is; a choice is required where all its groups are."""
    if isinstance(concept, ChoiceConcept):
        needs = {group.bounds.requirement for group in concept.groups}
        return "required" if needs == {"required"} else "optional"
    return concept.bounds.requirement


def selected(concept: Concept, selection: Selection) -> list[Concept]:
    """The attributes and children of a concept that are selected."""
    found = (*attributes(concept).values(), *members(concept))
    return [child for child in found if selection.takes(child, concept)]


def list_lines(definitions: Sequence[Definition], catalogue: Catalogue) -> Iterator[Line]:
    """One line a definition: name, kind, first sentence, and the origin if it is not official."""
    width = max((len(definition.name) for definition in definitions), default=0)
    for definition in definitions:
        kind = "application  " if definition.category == "application" else "base class   "
        origin = catalogue.origin(definition.name)
        foreign = "" if origin.startswith("official") else f"  [{origin}]"
        yield line(
            styled(f"{definition.name:<{width}}  ", "title"),
            styled(kind, "faint"),
            doctext.first_sentence(definition.doc),
            styled("  deprecated" if definition.deprecated else "", "warning"),
            styled(foreign, "faint"),
        )


def definition_lines(schema: Schema, definition: Definition, width: int) -> Iterator[Line]:
    """A definition as a page: what it is for, what it extends, what it asks for."""
    catalogue = schema.catalogue
    yield line("", styled(definition.name, "title"), styled(f"  {_kind(definition)}", "faint"))
    if definition.deprecated:
        yield line("", styled(f"deprecated: {doctext.inline(definition.deprecated)}", "warning"))
    yield line()
    yield from _doc_lines(definition.doc, width)
    chain = " → ".join(step.name for step in schema.chain(definition.name)[1:])
    extended_by = [other.name for other in catalogue if other.extends == definition.name]
    facts = {
        "extends": chain,
        "extended by": ", ".join(extended_by),
        "asks for": _asked(schema, definition),
        "origin": catalogue.origin(definition.name),
        "file": str(definition.path),
    }
    yield from _facts(facts)
    if definition.symbols:
        yield line()
        yield line(styled("symbols", "title"))
        for name, doc in definition.symbols.items():
            yield line(f"  {name}  ", styled(" ".join(doctext.plain(doc, None).split()), "faint"))


def concept_lines(concept: Concept, width: int) -> Iterator[Line]:
    """A concept as a page."""
    kind = type(concept).__name__.removesuffix("Concept").lower()
    need = requirement(concept)
    yield line("", styled(concept.top.path, "title"), styled(f"  {need} {kind}", "faint"))
    if not isinstance(concept, (LinkConcept, ChoiceConcept)) and concept.deprecated:
        yield line("", styled(f"deprecated: {doctext.inline(concept.deprecated)}", "warning"))
    yield line()
    yield from _doc_lines(concept.doc, width)
    yield from _facts(_concept_facts(concept))


def concept_text(concept: Concept) -> Styled:
    """A concept in one line of a tree."""
    need = requirement(concept)
    at = "@" if isinstance(concept, AttributeConcept) else ""
    style: Style = "title" if isinstance(concept, GroupConcept) else "plain"
    parts = [
        styled(f"{GLYPHS[need]} ", _NEED_STYLES[need]),
        styled(f"{at}{concept.name}", style),
        styled(f"  {_short_facts(concept)}", "info"),
        styled(f"  {doctext.first_sentence(concept.doc)}", "faint"),
    ]
    return joined(parts)


def _kind(definition: Definition) -> str:
    return "application definition" if definition.category == "application" else "base class"


def _doc_lines(doc: str, width: int) -> Iterator[Line]:
    text = doctext.plain(doc, width)
    if text:
        yield from (line("", part) for part in text.split("\n"))
        yield line()


def _facts(facts: dict[str, str]) -> Iterator[Line]:
    for name, value in facts.items():
        if value:
            yield line(styled(f"{name:<12}  ", "faint"), value)


def _concept_facts(concept: Concept) -> dict[str, str]:
    facts = {"defined by": concept.anchor}
    if isinstance(concept, (FieldConcept, AttributeConcept)):
        facts["type"] = concept.type
        facts["values"] = ", ".join(concept.enumeration.items) if concept.enumeration else ""
        dimensions = concept.dimensions
        if dimensions is not None:
            sizes = " × ".join(dim.value or "any" for dim in dimensions.dims)
            facts["shape"] = sizes or f"rank {dimensions.rank}"
    if isinstance(concept, FieldConcept):
        facts["units"] = concept.units or ""
    if isinstance(concept, GroupConcept):
        facts["class"] = concept.nx_class
    if isinstance(concept, LinkConcept):
        facts["leads to"] = concept.target
    if concept.name_type != "specified":
        facts["name"] = "any" if concept.name_type == "any" else f"fits {concept.name}"
    facts["holds"] = ", ".join(dict.fromkeys(member.name for member in members(concept)))
    facts["attributes"] = ", ".join(attributes(concept))
    facts["layers"] = " → ".join(dict.fromkeys(layer.definition.name for layer in concept.layers))
    return facts


def _short_facts(concept: Concept) -> str:
    if isinstance(concept, GroupConcept):
        return concept.nx_class
    if isinstance(concept, LinkConcept):
        return f"→ {concept.target}"
    if isinstance(concept, ChoiceConcept):
        return "one of " + ", ".join(group.nx_class for group in concept.groups)
    units = f" {concept.units}" if isinstance(concept, FieldConcept) and concept.units else ""
    return f"{concept.type}{units}{_values(concept.enumeration)}"


def _values(enumeration: Enumeration | None) -> str:
    if enumeration is None:
        return ""
    items = [*enumeration.items[:_SHOWN_VALUES]]
    if len(enumeration.items) > _SHOWN_VALUES or enumeration.open:
        items.append("…")
    return f" = {' | '.join(items)}"


def _asked(schema: Schema, definition: Definition) -> str:
    """How many fields, attributes and groups are required where all required groups are there."""
    counts: Counter[str] = Counter()
    selection = Selection(definition, "required")
    pending: list[tuple[Concept, int]] = [(top, 0) for top in tops(schema, definition)]
    while pending:
        concept, depth = pending.pop()
        for child in selected(concept, selection) if depth < _MAX_DEPTH else ():
            counts[type(child).__name__.removesuffix("Concept").lower()] += 1
            pending.append((child, depth + 1))
    parts = [f"{number} {kind}{'s' if number > 1 else ''}" for kind, number in counts.items()]
    return f"{', '.join(parts)} (required)" if parts else ""
