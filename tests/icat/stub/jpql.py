"""Queries as clients send them: `SELECT … FROM … JOIN … WHERE … ORDER BY … INCLUDE … LIMIT`.

The older form, `0, 10 User [name='x'] <-> Grouping`, is read by `legacy` into the same `Query`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from tests.icat.stub.expressions import Expression, Path, Reader
from tests.icat.stub.fault import Fault
from tests.icat.stub.model import Entity, Field, Model
from tests.icat.stub.tokens import Tokens

AGGREGATES: Final = ("COUNT", "MIN", "MAX", "AVG", "SUM")


@dataclass(frozen=True, slots=True)
class Join:
    """A variable for the objects at the end of a path; outer if rows without one stay."""

    path: Path
    variable: str
    outer: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """What is selected: a path, or a figure of all rows made from it."""

    path: Path
    aggregate: str = ""
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """What rows are sorted by."""

    key: Expression
    descending: bool = False


@dataclass(slots=True)
class Query:
    """A query, read; `include` are the relations to send along, below each other."""

    entity: Entity
    variable: str
    columns: list[Column] = field(default_factory=list)
    distinct: bool = False
    joins: list[Join] = field(default_factory=list)
    where: Expression | None = None
    order: list[Order] = field(default_factory=list)
    include: list[tuple[str, ...]] = field(default_factory=list)
    limit: tuple[int, int] | None = None


def read(model: Model, text: str) -> Query:
    """The query of a `SELECT`. Raises `Fault`."""
    tokens = Tokens(text)
    tokens.expect("SELECT")
    # the variables are told after the columns, so these are read last
    start = tokens.mark()
    while not tokens.sees("FROM"):
        if tokens.take().kind == "end":
            raise tokens.unexpected("FROM")
    tokens.expect("FROM")
    reader = Reader(model, tokens)
    query = _from(reader)
    while joined := _join(reader):
        query.joins.append(joined)
    rest = tokens.mark()
    tokens.back(start)
    _columns(reader, query)
    tokens.back(rest)
    _clauses(reader, query)
    if tokens.first.kind != "end":
        raise tokens.unexpected("the end")
    return query


def order(reader: Reader) -> list[Order]:
    """What stands after ORDER BY."""
    found = []
    while True:
        key = reader.operand()
        descending = reader.tokens.skip("DESC")
        if not descending:
            reader.tokens.skip("ASC")
        found.append(Order(key, descending))
        if not reader.tokens.skip(","):
            return found


def all_ones(entity: Entity) -> list[tuple[str, ...]]:
    """What `INCLUDE 1` means: every many-to-one relation."""
    return [(relation.name,) for relation in entity.of("ONE")]


def _from(reader: Reader) -> Query:
    name = reader.tokens.name()
    entity = reader.model.entities.get(name)
    if entity is None:
        raise Fault("BAD_PARAMETER", f"there is no entity {name}")
    reader.tokens.skip("AS")
    variable = reader.tokens.name()
    reader.variables[variable] = entity
    return Query(entity, variable)


def _join(reader: Reader) -> Join | None:
    tokens = reader.tokens
    outer = tokens.skip("LEFT", "OUTER", "JOIN") or tokens.skip("LEFT", "JOIN")
    if not (outer or tokens.skip("INNER", "JOIN") or tokens.skip("JOIN")):
        return None
    path = reader.path()
    tokens.skip("AS")
    variable = tokens.name()
    reader.variables[variable] = _target(reader.model, path.fields[-1])
    return Join(path, variable, outer)


def _target(model: Model, relation: Field) -> Entity:
    entity = model.entities.get(relation.type)
    if entity is None:
        raise Fault("BAD_PARAMETER", f"{relation.name} is no relation")
    return entity


def _columns(reader: Reader, query: Query) -> None:
    query.distinct = reader.tokens.skip("DISTINCT")
    query.columns.append(_column(reader))
    while reader.tokens.skip(","):
        query.columns.append(_column(reader))
    # DISTINCT(o.name) is the same as DISTINCT o.name
    first = query.columns[0]
    query.distinct = query.distinct or (first.distinct and not first.aggregate)


def _column(reader: Reader) -> Column:
    tokens = reader.tokens
    aggregate = next((name for name in AGGREGATES if tokens.skip(name, "(")), "")
    distinct = tokens.skip("DISTINCT")
    nested = tokens.skip("(")
    column = Column(reader.path(), aggregate, distinct)
    for _ in range(bool(aggregate) + nested):
        tokens.expect(")")
    return column


def _clauses(reader: Reader, query: Query) -> None:
    tokens = reader.tokens
    if tokens.skip("WHERE"):
        query.where = reader.condition()
    if tokens.skip("ORDER", "BY"):
        query.order = order(reader)
    if tokens.skip("INCLUDE"):
        query.include = _include(reader, query)
    if tokens.skip("LIMIT"):
        query.limit = limit(tokens)


def limit(tokens: Tokens) -> tuple[int, int]:
    """How many objects are skipped, and how many sent."""
    skipped = tokens.number()
    tokens.expect(",")
    return skipped, tokens.number()


def _include(reader: Reader, query: Query) -> list[tuple[str, ...]]:
    if reader.tokens.first.value == 1:
        reader.tokens.take()
        return all_ones(query.entity)
    selected = query.columns[0].path.variable
    ways: dict[str, tuple[str, ...]] = {selected: ()}
    found = []
    while True:
        path = reader.path()
        if path.variable not in ways or not path.fields:
            raise Fault("BAD_PARAMETER", f"{path.variable} cannot be included from")
        way = (*ways[path.variable], *(step.name for step in path.fields))
        found.append(way)
        if reader.tokens.skip("AS"):
            name = reader.tokens.name()
            ways[name] = way
            reader.variables[name] = _target(reader.model, path.fields[-1])
        if not reader.tokens.skip(","):
            return found
