"""The concise form of queries: `0, 10 DISTINCT Dataset.name [complete = True] <-> Investigation`.

Each entity after an arrow is joined by a relation it has with one before it, the nearest first. An
object is found once, however often it is joined.
"""

from __future__ import annotations

from tests.icat.stub import jpql
from tests.icat.stub.expressions import Expression, Path, Reader, Scope
from tests.icat.stub.fault import Fault
from tests.icat.stub.jpql import AGGREGATES, Column, Join, Query
from tests.icat.stub.model import Entity, Field, Model
from tests.icat.stub.tokens import Tokens


def read(model: Model, text: str) -> Query:
    """The query of the concise form. Raises `Fault`."""
    tokens = Tokens(text)
    reader = Reader(model, tokens)
    limit = jpql.limit(tokens) if tokens.first.kind == "literal" else None
    query = _beginning(reader)
    query.limit = limit
    conditions: list[Expression] = []
    while tokens.first.kind != "end":
        _clause(reader, query, conditions)
    query.where = _all_true(conditions) if conditions else None
    return query


def _beginning(reader: Reader) -> Query:
    tokens = reader.tokens
    aggregate = next((word for word in AGGREGATES if tokens.skip(word)), "")
    distinct = tokens.skip("DISTINCT")
    bracket = tokens.skip("(")
    name, *attribute = tokens.name().split(".")
    if bracket:
        tokens.expect(")")
    entity = _entity(reader.model, name)
    _declare(reader, entity)
    fields = tuple(_field(entity, part) for part in attribute)
    column = Column(Path(entity.name, fields), aggregate, distinct)
    # attributes are listed as often as they occur, objects once
    return Query(entity, entity.name, [column], distinct=distinct or not fields)


def _clause(reader: Reader, query: Query, conditions: list[Expression]) -> None:
    tokens = reader.tokens
    if tokens.skip("<->"):
        query.joins.append(_arrow(reader, query))
    elif tokens.skip("["):
        conditions.append(reader.condition())
        tokens.expect("]")
    elif tokens.skip("ORDER", "BY"):
        query.order = jpql.order(reader)
    elif tokens.skip("INCLUDE"):
        query.include = _include(reader, query.entity)
    else:
        raise tokens.unexpected("<-> or a condition")


def _arrow(reader: Reader, query: Query) -> Join:
    entity = _entity(reader.model, reader.tokens.name())
    for known in reversed(reader.variables.values()):
        relation = _relation(known, entity.name)
        if relation:
            _declare(reader, entity)
            return Join(Path(known.name, (relation,)), entity.name)
    raise Fault("BAD_PARAMETER", f"{entity.name} is related to nothing before it")


def _declare(reader: Reader, entity: Entity) -> None:
    reader.variables[entity.name] = entity
    reader.default = entity.name


def _include(reader: Reader, entity: Entity) -> list[tuple[str, ...]]:
    tokens = reader.tokens
    if tokens.first.value == 1:
        tokens.take()
        return jpql.all_ones(entity)
    ways: dict[str, tuple[str, ...]] = {entity.name: ()}
    while True:
        name = _entity(reader.model, tokens.name()).name
        ways[name] = _way(reader.model, ways, name)
        if not tokens.skip(","):
            return [way for way in ways.values() if way]


def _way(model: Model, ways: dict[str, tuple[str, ...]], target: str) -> tuple[str, ...]:
    for known, way in ways.items():
        relation = _relation(model.entities[known], target)
        if relation:
            return (*way, relation.name)
    raise Fault("BAD_PARAMETER", f"{target} cannot be included")


def _relation(entity: Entity, target: str) -> Field | None:
    related = [f for f in entity.fields.values() if f.relation != "ATTRIBUTE" and f.type == target]
    return related[0] if related else None


def _entity(model: Model, name: str) -> Entity:
    if name not in model.entities:
        raise Fault("BAD_PARAMETER", f"there is no entity {name}")
    return model.entities[name]


def _field(entity: Entity, name: str) -> Field:
    if name not in entity.fields:
        raise Fault("BAD_PARAMETER", f"{entity.name} has no {name}")
    return entity.fields[name]


def _all_true(conditions: list[Expression]) -> Expression:
    def every(scope: Scope) -> bool:
        return all(condition(scope) for condition in conditions)

    return every
