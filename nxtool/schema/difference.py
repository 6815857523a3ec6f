"""What changed between two sets of definitions, concept by concept.

Compared is what each definition states itself, with the defaults of its kind: what it inherits
changes where it is stated. A concept is known by its path (`NXmx/ENTRY/INSTRUMENT@name`); two
with the same path, which NXDL allows for choices, also by their class.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from nxtool.nxdl.catalogue import Catalogue
from nxtool.nxdl.elements import (
    AttributeElement,
    Category,
    ChoiceElement,
    Definition,
    Dimensions,
    Enumeration,
    FieldElement,
    GroupElement,
    LinkElement,
)
from nxtool.schema.concepts import bounds

Facets = Mapping[str, str]
"""What a concept states, facet by facet, as text; absent where it states nothing."""
CHANGES: Final = ("added", "removed", "changed")


@dataclass(frozen=True, slots=True)
class FacetChange:
    """One facet of a concept; empty where it is not stated."""

    facet: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ConceptChange:
    """One concept; `facets` only where it is in both."""

    path: str
    change: Literal["added", "removed", "changed"]
    facets: tuple[FacetChange, ...] = ()


@dataclass(frozen=True, slots=True)
class DefinitionChange:
    """One definition; `concepts` only where it is in both."""

    name: str
    change: Literal["added", "removed", "changed"]
    concepts: tuple[ConceptChange, ...] = ()


def differences(
    old: Catalogue, new: Catalogue, names: Collection[str] | None = None
) -> list[DefinitionChange]:
    """What changed from `old` to `new`, in alphabetical order; of `names` only, if given.

    Raises:
        DefinitionError: a definition cannot be read.
    """
    found = []
    for name in sorted({*old.files, *new.files}):
        if names is not None and name not in names:
            continue
        if name not in new:
            found.append(DefinitionChange(name, "removed"))
        elif name not in old:
            found.append(DefinitionChange(name, "added"))
        elif changes := tuple(_concepts(old[name], new[name])):
            found.append(DefinitionChange(name, "changed", changes))
    return found


def _concepts(old: Definition, new: Definition) -> Iterator[ConceptChange]:
    before, after = dict(_facets_of(old)), dict(_facets_of(new))
    for path in sorted({*before, *after}):
        if path not in after:
            yield ConceptChange(path, "removed")
        elif path not in before:
            yield ConceptChange(path, "added")
        elif changed := tuple(_changed(before[path], after[path])):
            yield ConceptChange(path, "changed", changed)


def _changed(old: Facets, new: Facets) -> Iterator[FacetChange]:
    for facet in dict.fromkeys((*old, *new)):
        if old.get(facet, "") != new.get(facet, ""):
            yield FacetChange(facet, old.get(facet, ""), new.get(facet, ""))


def _facets_of(definition: Definition) -> Iterator[tuple[str, Facets]]:
    """Every concept a definition states, by path, itself included."""
    facets = {
        "category": definition.category,
        "extends": definition.extends or "",
        "deprecated": definition.deprecated or "",
    }
    yield definition.name, _stated(facets)
    yield from _unique(_below(definition.body, definition.name, definition.category))


def _unique(concepts: Iterator[tuple[str, Facets]]) -> Iterator[tuple[str, Facets]]:
    """Tells concepts of the same path apart: by class, then by number."""
    seen: set[str] = set()
    for path, facets in concepts:
        key, number = path, 1
        if key in seen:
            key = f"{path}:{facets.get('class', '')}"
        while key in seen:
            number += 1
            key = f"{path}:{number}"
        seen.add(key)
        yield key, facets


def _below(group: GroupElement, path: str, category: Category) -> Iterator[tuple[str, Facets]]:
    for attribute in group.attributes:
        yield f"{path}@{attribute.name}", _attribute(attribute, category)
    for field in group.fields:
        yield f"{path}/{field.name}", _field(field, category)
        for attribute in field.attributes:
            yield f"{path}/{field.name}@{attribute.name}", _attribute(attribute, category)
    for link in group.links:
        yield f"{path}/{link.name}", _link(link)
    for choice in group.choices:
        yield f"{path}/{choice.name}", _choice(choice)
    for child in group.groups:
        yield f"{path}/{child.label}", _group(child, category)
        yield from _below(child, f"{path}/{child.label}", category)


def _group(group: GroupElement, category: Category) -> Facets:
    facets = {
        "kind": "group",
        "class": group.type,
        "name": group.name_type,
        "occurrence": _occurrence(group, category, unbounded=True),
        "deprecated": group.deprecated or "",
    }
    return _stated(facets)


def _field(field: FieldElement, category: Category) -> Facets:
    variadic = field.name_type != "specified"
    facets = {
        "kind": "field",
        "type": field.type or "",
        "name": field.name_type,
        "units": field.units or "",
        "occurrence": _occurrence(field, category, unbounded=variadic),
        "enumeration": _enumeration(field.enumeration),
        "dimensions": _dimensions(field.dimensions),
        "deprecated": field.deprecated or "",
    }
    return _stated(facets)


def _attribute(attribute: AttributeElement, category: Category) -> Facets:
    variadic = attribute.name_type != "specified"
    facets = {
        "kind": "attribute",
        "type": attribute.type or "",
        "name": attribute.name_type,
        "occurrence": _occurrence(attribute, category, unbounded=variadic),
        "enumeration": _enumeration(attribute.enumeration),
        "dimensions": _dimensions(attribute.dimensions),
        "deprecated": attribute.deprecated or "",
    }
    return _stated(facets)


def _link(link: LinkElement) -> Facets:
    return {"kind": "link", "target": link.target}


def _choice(choice: ChoiceElement) -> Facets:
    return {"kind": "choice", "groups": ", ".join(group.type for group in choice.groups)}


def _stated(facets: Mapping[str, str]) -> Facets:
    return {name: " ".join(text.split()) for name, text in facets.items() if text}


def _occurrence(
    element: GroupElement | FieldElement | AttributeElement, category: Category, *, unbounded: bool
) -> str:
    """`required`, `optional, 0 to 4 times` and so on."""
    found = bounds(element.occurrence, category, unbounded=unbounded)
    usual_most = -1 if unbounded else 1
    if found.most == usual_most and found.least <= 1:
        return found.requirement
    most = "any number" if found.most == -1 else str(found.most)
    return f"{found.requirement}, {found.least} to {most}"


def _enumeration(enumeration: Enumeration | None) -> str:
    if enumeration is None:
        return ""
    return " | ".join([*enumeration.items, *(["..."] if enumeration.open else [])])


def _dimensions(dimensions: Dimensions | None) -> str:
    if dimensions is None:
        return ""
    sizes = ", ".join(
        f"{dim.value or 'any'}{'' if dim.required else '?'}" for dim in dimensions.dims
    )
    rank = f"rank {dimensions.rank} " if dimensions.rank else ""
    return f"{rank}({sizes})"
