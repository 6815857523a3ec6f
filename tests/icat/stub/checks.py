"""What the catalogue refuses in the values of an object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tests.icat.stub import facts
from tests.icat.stub.fault import Fault
from tests.icat.stub.model import META, Entity, Field, Model
from tests.icat.stub.values import Value

if TYPE_CHECKING:
    from tests.icat.stub.store import Store


def complete(entity: Entity, sent: Mapping[str, Value]) -> dict[str, Value]:
    """All attributes and references of an object, with defaults or None for what was not sent."""
    fields = [*entity.of("ATTRIBUTE"), *entity.of("ONE")]
    values = {field.name: sent.get(field.name) for field in fields if field.name not in META}
    missing = [name for name, value in values.items() if value is None]
    return values | {name: _default(entity, entity.fields[name]) for name in missing}


def _default(entity: Entity, field: Field) -> Value:
    if field.type == "boolean":
        return False
    return facts.DEFAULTS.get(f"{entity.name}.{field.name}")


def check_values(model: Model, entity: Entity, values: Mapping[str, Value]) -> None:
    """Refuse what is missing, too long, or not in its enumeration. Raises `Fault`."""
    for name, value in values.items():
        field = entity.fields[name]
        if value is None and field.required:
            raise Fault("VALIDATION", f"{entity.name}.{name} has no value, which it needs")
        if isinstance(value, str):
            _check_text(model, f"{entity.name}.{name}", field, value)


def check_parameter(store: Store, entity: Entity, values: Mapping[str, Value]) -> None:
    """Refuse a parameter outside the limits that its type enforces. Raises `Fault`."""
    if not entity.name.endswith("Parameter"):
        return
    kind = store.find("ParameterType", values["type"])
    if not kind.values["enforced"]:
        return
    if kind.values["valueType"] == "NUMERIC":
        _check_range(kind.values, values["numericValue"])
    if kind.values["valueType"] == "STRING":
        relation = kind.entity.fields["permissibleStringValues"]
        allowed = [record.values["value"] for record in store.children(kind, relation)]
        if allowed and values["stringValue"] not in allowed:
            raise Fault("VALIDATION", f"{values['stringValue']!r} is not one of {allowed}")


def _check_text(model: Model, place: str, field: Field, value: str) -> None:
    if field.length is not None and len(value) > field.length:
        raise Fault("VALIDATION", f"{place} has {len(value)} characters, {field.length} fit")
    allowed = model.enumerations.get(field.type)
    if allowed is not None and value not in allowed:
        raise Fault("VALIDATION", f"{place} is {value!r}, which is not one of {allowed}")


def _check_range(kind: Mapping[str, Value], value: Value) -> None:
    low, high = kind["minimumNumericValue"], kind["maximumNumericValue"]
    number = float(str(value)) if value is not None else None
    too_low = isinstance(low, float) and (number is None or number < low)
    too_high = isinstance(high, float) and (number is None or number > high)
    if too_low or too_high:
        raise Fault("VALIDATION", f"{value} of {kind['name']} is not from {low} to {high}")
