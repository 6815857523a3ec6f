"""The entities of one version of ICAT, read from the official schema of its dump files.

An element of a simple type is an attribute, one that may be repeated a one-to-many relation, any
other a many-to-one relation. What the schema does not say stands in `facts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

from lxml import etree

from tests.icat.official import dump_schema
from tests.icat.stub import facts

XSD: Final = "{http://www.w3.org/2001/XMLSchema}"
META: Final = ("createId", "createTime", "modId", "modTime")
ABSTRACT: Final = "Parameter"

Relation = Literal["ATTRIBUTE", "ONE", "MANY"]

_SIMPLE_TYPES: Final[Mapping[str, str]] = {
    "xsd:boolean": "boolean",
    "xsd:dateTime": "Date",
    "xsd:double": "Double",
    "xsd:int": "Integer",
    "xsd:integer": "Long",
    "xsd:long": "Long",
    "xsd:string": "String",
}


@dataclass(frozen=True, slots=True)
class Field:
    """An attribute or a relation; `type` is a type of attributes or the name of an entity."""

    name: str
    relation: Relation
    type: str
    required: bool = False
    length: int | None = None
    inverse: str = ""  # of a one-to-many relation: the field of the children that leads back


@dataclass(frozen=True, slots=True)
class Entity:
    """A kind of object, with its fields in the order of the schema, `id` first."""

    name: str
    fields: Mapping[str, Field]
    unique: tuple[str, ...]

    @property
    def wire_name(self) -> str:
        """What the type is called in messages."""
        return wire_name(self.name)

    def of(self, relation: Relation) -> list[Field]:
        """The fields that are attributes, or relations to one or to many."""
        return [field for field in self.fields.values() if field.relation == relation]


@dataclass(frozen=True, slots=True)
class Model:
    """All entities that ICAT of `version` has, and the values of its enumerations."""

    version: str
    entities: Mapping[str, Entity]
    enumerations: Mapping[str, tuple[str, ...]]

    def by_wire_name(self, name: str) -> Entity | None:
        """The entity that messages call so, or None."""
        return self.entities.get(name[:1].upper() + name[1:])

    def abstract_parameter(self) -> Entity:
        """What all parameters share. Clients ask for it by name, though it has no objects."""
        fields = self.entities["DatasetParameter"].fields
        shared = {name: field for name, field in fields.items() if name != "dataset"}
        return Entity(ABSTRACT, shared, ())


def wire_name(entity: str) -> str:
    """What the type of an entity is called in messages."""
    return entity[:1].lower() + entity[1:]


@cache
def load(version: str) -> Model:
    """The model of ICAT `version`, such as `6.2`. Raises `official.NotThere`."""
    return read(version, dump_schema(version))


def read(version: str, path: Path) -> Model:
    """The model that the schema at `path` describes."""
    root = etree.parse(path).getroot()
    enumerations = {
        _entity_name(simple.get("name")): tuple(
            value.get("value") for value in simple.iter(f"{XSD}enumeration")
        )
        for simple in root.iterfind(f"{XSD}simpleType")
    }
    types = {element.get("name"): element for element in root.iterfind(f"{XSD}complexType")}
    listed = types["data"].iter(f"{XSD}element")
    names = sorted(name for name in (e.get("name") for e in listed) if not name.endswith("Ref"))
    fields = {
        _entity_name(name): [
            _field(_entity_name(name), element, enumerations)
            for element in types[name].iter(f"{XSD}element")
        ]
        for name in names
    }
    return Model(version, {name: _entity(name, fields) for name in fields}, enumerations)


def _entity_name(wire: str) -> str:
    return wire[:1].upper() + wire[1:]


def _entity(name: str, fields: Mapping[str, list[Field]]) -> Entity:
    own = [_with_inverse(name, field, fields) for field in fields[name]]
    meta = [
        Field(key, "ATTRIBUTE", "Date" if key.endswith("Time") else "String", required=True)
        for key in META
    ]
    every = [Field("id", "ATTRIBUTE", "Long"), *meta, *own]
    return Entity(name, {field.name: field for field in every}, facts.UNIQUE.get(name, ()))


def _field(entity: str, element: etree._Element, enumerations: Mapping[str, object]) -> Field:
    key = f"{entity}.{element.get('name')}"
    name = facts.RENAMED.get(key, element.get("name"))
    kind = facts.REFERRED.get(key) or element.get("type").removesuffix("Ref")
    if element.get("maxOccurs") == "unbounded":
        return Field(name, "MANY", _entity_name(kind))
    if kind not in _SIMPLE_TYPES and _entity_name(kind) not in enumerations:
        return Field(name, "ONE", _entity_name(kind), key not in facts.NULLABLE_RELATIONS)
    kind = _SIMPLE_TYPES.get(kind) or _entity_name(kind)
    length = facts.LENGTHS.get(key, facts.DEFAULT_LENGTH) if kind == "String" else None
    return Field(name, "ATTRIBUTE", kind, _is_required(key, kind, element), length)


def _is_required(key: str, kind: str, element: etree._Element) -> bool:
    if key in facts.NULLABLE_ATTRIBUTES:
        return False
    # a boolean is a primitive value in the catalogue: it has one, false if none was sent
    return element.get("minOccurs") != "0" or kind == "boolean" or key in facts.REQUIRED_ATTRIBUTES


def _with_inverse(entity: str, field: Field, fields: Mapping[str, list[Field]]) -> Field:
    if field.relation != "MANY":
        return field
    back = [f.name for f in fields[field.type] if f.relation == "ONE" and f.type == entity]
    inverse = facts.INVERSES.get(f"{entity}.{field.name}") or back[0]
    return Field(field.name, "MANY", field.type, inverse=inverse)
