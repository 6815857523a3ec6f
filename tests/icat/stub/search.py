"""Queries run against a store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tests.icat.stub import jpql, legacy
from tests.icat.stub.expressions import Expression, Row, Scope
from tests.icat.stub.jpql import Column, Join, Query
from tests.icat.stub.model import Model
from tests.icat.stub.store import Record, Store

Allowed = Callable[[Record], bool]


def parse(model: Model, text: str) -> Query:
    """The query, in either form. Raises `Fault`."""
    if text.lstrip()[:6].upper() == "SELECT":
        return jpql.read(model, text)
    return legacy.read(model, text)


def run(store: Store, query: Query, user: str, allowed: Allowed) -> list[Any]:
    """Objects, values, or tuples of these, in the order and number asked for.

    Rows are left out whose object of the first column is not `allowed`.
    """
    rows = _filtered(rows_of(store, query, user), query, allowed)
    for order in reversed(query.order):
        rows.sort(key=_key(order.key), reverse=order.descending)
    if any(column.aggregate for column in query.columns):
        results = [_result([_figure(column, rows) for column in query.columns])]
    else:
        results = [_result([column.path(scope) for column in query.columns]) for scope in rows]
        results = list(dict.fromkeys(results)) if query.distinct else results
    if query.limit:
        skipped, count = query.limit
        results = results[skipped : skipped + count]
    return results


def rows_of(store: Store, query: Query, user: str) -> Iterator[Scope]:
    """What the conditions of a query let pass."""
    rows: Iterable[Row] = ({query.variable: found} for found in store.all(query.entity.name))
    for join in query.joins:
        rows = _joined(store, user, rows, join)
    for row in rows:
        scope = Scope(store, user, row)
        if query.where is None or query.where(scope):
            yield scope


def _joined(store: Store, user: str, rows: Iterable[Row], join: Join) -> Iterator[Row]:
    for row in rows:
        found = join.path(Scope(store, user, row))
        every = found if isinstance(found, list) else [found]
        if not every and join.outer:
            every = [None]
        for record in every:
            if record is not None or join.outer:
                yield {**row, join.variable: record}


def _filtered(rows: Iterable[Scope], query: Query, allowed: Allowed) -> list[Scope]:
    variable = query.columns[0].path.variable
    found = []
    for scope in rows:
        record = scope.row[variable]
        if record is not None and allowed(record):
            found.append(scope)
    return found


def _key(expression: Expression) -> Callable[[Scope], tuple[bool, Any]]:
    def key(scope: Scope) -> tuple[bool, Any]:
        value = expression(scope)
        value = value.id if isinstance(value, Record) else value
        return (value is not None, 0 if value is None else value)

    return key


def _result(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else tuple(values)


def _figure(column: Column, rows: list[Scope]) -> Any:
    found = [value for value in map(column.path, rows) if value is not None]
    if column.distinct:
        found = list(dict.fromkeys(found))
    if column.aggregate == "COUNT":
        return len(found)
    if not found:
        return None
    if column.aggregate == "AVG":
        return float(sum(found) / len(found))
    return {"MIN": min, "MAX": max, "SUM": sum}[column.aggregate](found)
