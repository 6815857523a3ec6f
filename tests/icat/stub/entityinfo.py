"""What clients are told of an entity: they build their classes from it."""

from __future__ import annotations

from typing import Any

from tests.icat.stub.fault import Fault
from tests.icat.stub.model import ABSTRACT, Entity, Field, Model
from tests.icat.stub.soap import Structure


def describe(model: Model, name: str) -> Structure:
    """The fields and the unique key of an entity. Raises `Fault`."""
    entity = model.abstract_parameter() if name == ABSTRACT else model.entities.get(name)
    if entity is None:
        raise Fault("BAD_PARAMETER", f"there is no entity {name}")
    return Structure(
        {
            "classComment": f"{entity.name}, as the dump schema of {model.version} has it",
            "constraints": _constraints(entity),
            "fields": [_field(field) for field in entity.fields.values()],
        }
    )


def _constraints(entity: Entity) -> list[Structure]:
    return [Structure({"fieldNames": list(entity.unique)})] if entity.unique else []


def _field(field: Field) -> Structure:
    told: dict[str, Any] = {
        "name": field.name,
        "notNullable": field.required,
        "relType": field.relation,
        "type": field.type,
    }
    if field.length is not None:
        told["stringLength"] = field.length
    return Structure(told)
