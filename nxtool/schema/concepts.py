"""Effective concepts: what definitions say of one group, field, attribute or link, all merged.

A concept is made of layers, most specific first: the element of the application definition, of
the application it extends, of the base class that holds it, then the body of the group's own
base class and of the classes that one extends, down to NXobject. Each facet (type, units,
enumeration, dimensions …) comes from the first layer that states it (manual, "Inheritance");
occurrence alone comes from the first layer as a whole, because its default depends on the kind of
definition (manual, "Defining optionality").

Children are merged when they are first asked for: base classes refer to each other without end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Generic, Literal, TypeVar

from nxtool.nxdl.elements import (
    AttributeElement,
    Category,
    ChoiceElement,
    Definition,
    Dimensions,
    Element,
    Enumeration,
    FieldElement,
    GroupElement,
    LinkElement,
    NameType,
    Occurrence,
)
from nxtool.schema import namefit
from nxtool.schema.facets import type_and_enumeration

if TYPE_CHECKING:
    from nxtool.schema.compile import Schema

Requirement = Literal["required", "recommended", "optional"]
MOST_MATCHES: Final = 10_000
"""How many names a group keeps the concepts of: files may have any number of them."""
E_ = TypeVar("E_", bound=Element)
V_ = TypeVar("V_", bound="AttributeElement | FieldElement")


@dataclass(frozen=True, slots=True, eq=False)
class Layer(Generic[E_]):
    """One element, the definition it stands in, and its path there (`NXsas/ENTRY/SAMPLE`)."""

    element: E_
    definition: Definition
    path: str

    @property
    def anchor(self) -> str:
        """The place people look it up: `NXsas/ENTRY/SAMPLE/name (NXsas.nxdl.xml:212)`."""
        return f"{self.path} ({self.definition.path.name}:{self.element.line})"


@dataclass(frozen=True, slots=True)
class Bounds:
    """How often a concept must and may occur; `most` is -1 for unbounded."""

    requirement: Requirement
    least: int
    most: int


def bounds(occurrence: Occurrence, category: Category, *, unbounded: bool) -> Bounds:
    """The occurrence an element states, completed by the defaults of its kind of definition.

    The first that is stated decides: minOccurs, optional, recommended; else an element is
    required in an application definition and optional in a base class.
    """
    least = _least(occurrence, category)
    most = occurrence.max_occurs
    if most is None:
        most = -1 if unbounded else max(1, least)
    if least > 0:
        return Bounds("required", least, most)
    return Bounds("recommended" if occurrence.recommended else "optional", 0, most)


def _least(occurrence: Occurrence, category: Category) -> int:
    if occurrence.min_occurs is not None:
        return occurrence.min_occurs
    if occurrence.optional is not None:
        return 0 if occurrence.optional else 1
    if occurrence.recommended is not None:
        return 0 if occurrence.recommended else 1
    return 1 if category == "application" else 0


class _Concept(Generic[E_]):
    """What all concepts share; the first layer names it."""

    name_type: NameType = "specified"

    def __init__(self, layers: tuple[Layer[E_], ...]) -> None:
        self.layers = layers
        self.top = layers[0]

    @cached_property
    def name(self) -> str:
        return self.top.element.label

    @property
    def is_variadic(self) -> bool:
        """True where the author chooses the name."""
        return self.name_type != "specified"

    @property
    def level(self) -> Category:
        """Whether an application definition or only base classes speak of it."""
        return self.top.definition.category

    @property
    def anchor(self) -> str:
        return self.top.anchor

    @cached_property
    def doc(self) -> str:
        """The first text that is not empty (reStructuredText)."""
        return next((layer.element.doc for layer in self.layers if layer.element.doc), "")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.top.path}>"


class _Valued(_Concept[V_]):
    """A concept that holds values: an attribute or a field."""

    def __init__(self, layers: tuple[Layer[V_], ...]) -> None:
        super().__init__(layers)
        self.name_type = self.top.element.name_type

    @cached_property
    def bounds(self) -> Bounds:
        return bounds(self.top.element.occurrence, self.level, unbounded=self.is_variadic)

    @property
    def type(self) -> str:
        """An NX type; NX_CHAR where no layer states one."""
        return self._facets[0]

    @property
    def enumeration(self) -> Enumeration | None:
        return self._facets[1]

    @cached_property
    def _facets(self) -> tuple[str, Enumeration | None]:
        return type_and_enumeration([layer.element for layer in self.layers])


class AttributeConcept(_Valued[AttributeElement]):
    """An attribute of a group or a field."""

    @property
    def is_typed(self) -> bool:
        """False where no layer states a type and NX_CHAR is only the default."""
        return any(layer.element.type for layer in self.layers)

    @cached_property
    def dimensions(self) -> Dimensions | None:
        return next((e.element.dimensions for e in self.layers if e.element.dimensions), None)

    @cached_property
    def deprecated(self) -> str | None:
        return self.top.element.deprecated


class FieldConcept(_Valued[FieldElement]):
    """A field (an HDF5 dataset)."""

    def __init__(self, layers: tuple[Layer[FieldElement], ...], own: int) -> None:
        """The first `own` layers name the same field; the others are less specific concepts
        (`DATA` of NXdata for a field `data`) that only complete missing facets."""
        super().__init__(layers)
        self.own = own

    @cached_property
    def units_layer(self) -> Layer[FieldElement] | None:
        return next((layer for layer in self.layers if layer.element.units), None)

    @property
    def units(self) -> str | None:
        """A unit category such as NX_LENGTH, or an example unit; None where units are not asked."""
        return self.units_layer.element.units if self.units_layer else None

    @cached_property
    def dimensions_layer(self) -> Layer[FieldElement] | None:
        """The layer that states the dimensions, for their level and symbols."""
        return next((layer for layer in self.layers if layer.element.dimensions), None)

    @property
    def dimensions(self) -> Dimensions | None:
        return self.dimensions_layer.element.dimensions if self.dimensions_layer else None

    @cached_property
    def deprecated(self) -> str | None:
        """Why not to use it any more; None where an application requires it all the same."""
        if self.level == "application" and self.bounds.requirement == "required":
            return self.top.element.deprecated
        own = self.layers[: self.own]
        return next((e.element.deprecated for e in own if e.element.deprecated), None)

    @cached_property
    def attributes(self) -> dict[str, AttributeConcept]:
        return merge_attributes(self.layers)

    def match_attribute(self, name: str) -> AttributeConcept | None:
        """The concept of the attribute called `name`, None if the definitions know none."""
        return best_fit(self.attributes.values(), name)


class LinkConcept(_Concept[LinkElement]):
    """A name that must be a link (`<link>` in NXDL)."""

    @property
    def bounds(self) -> Bounds:
        required = self.level == "application"
        return Bounds("required" if required else "optional", int(required), 1)

    @property
    def target(self) -> str:
        """A class path such as `/NXentry/NXinstrument/detector:NXdetector/data`."""
        return self.top.element.target


class ChoiceConcept(_Concept[ChoiceElement]):
    """One name under which one of several groups may stand."""

    def __init__(self, layer: Layer[ChoiceElement], schema: Schema) -> None:
        super().__init__((layer,))
        self._schema = schema

    @cached_property
    def groups(self) -> tuple[GroupConcept, ...]:
        layer = self.top
        return tuple(
            self._schema.slot((Layer(group, layer.definition, layer.path),), ())
            for group in layer.element.groups
        )


class GroupConcept(_Concept[GroupElement]):
    """A group: its class, its place, and everything it may and must hold."""

    def __init__(
        self,
        layers: tuple[Layer[GroupElement], ...],
        own: int,
        specialises: tuple[GroupConcept, ...],
        nx_class: str,
        schema: Schema,
        *,
        inherits: bool,
    ) -> None:
        """The first `own` layers say how the group stands in its parent, the others are bodies
        of classes. Where it `inherits`, the bodies of `nx_class` follow; they are read when they
        are asked for. An instance also counts for every concept in `specialises`."""
        self.top = layers[0]
        self.name_type = self.top.element.name_type
        self.own = own
        self._stated = layers
        self._inherits = inherits
        self.specialises = specialises
        self.nx_class = nx_class
        self.schema = schema
        self._group_matches: dict[tuple[str, str], tuple[GroupConcept, ...] | ChoiceConcept] = {}
        self._field_matches: dict[tuple[str, str], FieldConcept | None] = {}

    @cached_property
    def layers(self) -> tuple[Layer[GroupElement], ...]:  # type: ignore[override]
        """All layers, most specific first."""
        return (
            (*self._stated, *self.schema.bodies(self.nx_class)) if self._inherits else self._stated
        )

    @cached_property
    def bounds(self) -> Bounds:
        return bounds(self.top.element.occurrence, self.level, unbounded=True)

    @cached_property
    def deprecated(self) -> str | None:
        """Why not to use it any more; None where an application requires it all the same."""
        if self.level == "application" and self.bounds.requirement == "required":
            return self.top.element.deprecated
        own = self.layers[: self.own]
        return next((e.element.deprecated for e in own if e.element.deprecated), None)

    @cached_property
    def doc(self) -> str:
        """The text of this place, or else of the class."""
        return next((layer.element.doc for layer in self.layers if layer.element.doc), "")

    def ignores_extra(self, kind: Literal["groups", "fields", "attributes"]) -> bool:
        """True where a layer declares that undocumented items of this kind are welcome."""
        return any(getattr(layer.definition, f"ignore_extra_{kind}") for layer in self.layers)

    @cached_property
    def attributes(self) -> dict[str, AttributeConcept]:
        return merge_attributes(self.layers)

    @cached_property
    def fields(self) -> dict[str, FieldConcept]:
        return merge_fields(self.layers)

    @cached_property
    def links(self) -> dict[str, LinkConcept]:
        """What must be a link, unless a more specific definition makes it a field (NXxrd)."""
        found: dict[str, LinkConcept] = {}
        fields: set[str] = set()
        for layer in self.layers:
            fields.update(field.name for field in layer.element.fields)
            for element in layer.element.links:
                if element.name not in fields:
                    path = f"{layer.path}/{element.name}"
                    part = Layer(element, layer.definition, path)
                    found.setdefault(element.name, LinkConcept((part,)))
        return found

    @cached_property
    def choices(self) -> dict[str, ChoiceConcept]:
        found: dict[str, ChoiceConcept] = {}
        for layer in self.layers:
            for element in layer.element.choices:
                path = f"{layer.path}/{element.name}"
                found.setdefault(
                    element.name, ChoiceConcept(Layer(element, layer.definition, path), self.schema)
                )
        return found

    @cached_property
    def groups(self) -> tuple[GroupConcept, ...]:
        from nxtool.schema.slots import merge_groups

        return merge_groups(self)

    def match_attribute(self, name: str) -> AttributeConcept | None:
        """The concept of the attribute called `name`, None if the definitions know none."""
        return best_fit(self.attributes.values(), name)

    def match_field(self, name: str, role: str = "") -> FieldConcept | None:
        """The concept of the field called `name`.

        In NXdata several concepts take any name; there `role` (`DATA`, `AXISNAME`) decides.
        """
        key = name, role
        if key not in self._field_matches:
            if len(self._field_matches) >= MOST_MATCHES:
                self._field_matches.clear()
            self._field_matches[key] = self._find_field(name, role)
        return self._field_matches[key]

    def _find_field(self, name: str, role: str) -> FieldConcept | None:
        best = best_fit(self.fields.values(), name)
        if best is None or best.name_type == "partial" or role not in self.fields:
            return best
        if (
            best.name_type == "specified"
        ):  # `y` of NXdata is an axis only where nothing else is said
            return best if best.level == "application" else self.fields[role]
        own_axes = role == "AXISNAME" and best.level == "application" and best.name != "DATA"
        return best if own_axes else self.fields[role]

    def match_group(self, name: str, nx_class: str) -> tuple[GroupConcept, ...] | ChoiceConcept:
        """What the group called `name` of class `nx_class` can be; see `slots.find_group`."""
        key = name, nx_class
        if key not in self._group_matches:
            from nxtool.schema.slots import find_group

            if len(self._group_matches) >= MOST_MATCHES:
                self._group_matches.clear()
            self._group_matches[key] = find_group(self, name, nx_class)
        return self._group_matches[key]


C_ = TypeVar("C_", AttributeConcept, FieldConcept)


def best_fit(concepts: Iterable[C_], name: str) -> C_ | None:
    """The concept that fits `name` best: exact, then partial, then any; on a tie the one of the
    application definition, then a required one, then the first."""
    best: C_ | None = None
    best_rank = (namefit.NO_FIT, False, False)
    for concept in concepts:
        fit = namefit.score(concept.name, concept.name_type, name)
        required = concept.bounds.requirement == "required"
        rank = (fit, concept.level == "application", required)
        if fit > namefit.NO_FIT and rank > best_rank:
            best, best_rank = concept, rank
    return best


def merge_attributes(
    layers: tuple[Layer[GroupElement], ...] | tuple[Layer[FieldElement], ...],
) -> dict[str, AttributeConcept]:
    """The attributes of all layers by name, each with the layers that speak of it."""
    found: dict[str, list[Layer[AttributeElement]]] = {}
    for layer in layers:
        for element in layer.element.attributes:
            path = f"{layer.path}@{element.name}"
            found.setdefault(element.name, []).append(Layer(element, layer.definition, path))
    return {name: AttributeConcept(tuple(parts)) for name, parts in found.items()}


def merge_fields(layers: tuple[Layer[GroupElement], ...]) -> dict[str, FieldConcept]:
    """The fields of all layers by name.

    A field whose name also fits a less specific concept of a later layer takes from it the facets
    that nobody else states: `data` of an application's NXdata is a number because `DATA` is.
    """
    found: dict[str, list[Layer[FieldElement]]] = {}
    for layer in layers:
        for element in layer.element.fields:
            path = f"{layer.path}/{element.name}"
            found.setdefault(element.name, []).append(Layer(element, layer.definition, path))
    variadic = [parts[0] for parts in found.values() if parts[0].element.name_type != "specified"]
    return {
        name: FieldConcept((*parts, *_less_specific(parts[0], variadic)), own=len(parts))
        for name, parts in found.items()
    }


def _less_specific(
    top: Layer[FieldElement], variadic: list[Layer[FieldElement]]
) -> Iterator[Layer[FieldElement]]:
    """The variadic field of another definition that fits the name of `top` best, if any."""
    fits = [
        (namefit.score(other.element.name, other.element.name_type, top.element.name), -rank, other)
        for rank, other in enumerate(variadic)
        if other.definition is not top.definition
    ]
    best = max(fits, key=lambda fit: fit[:2], default=None)
    if best is not None and best[0] > namefit.NO_FIT:
        yield best[2]
