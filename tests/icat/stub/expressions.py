"""Conditions of a query, read into functions from a row to a value.

A row gives each variable of the query an object, or None after an outer join. As in SQL, a
comparison with nothing is neither true nor false: None.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.icat.stub import values
from tests.icat.stub.fault import Fault
from tests.icat.stub.model import Entity, Field, Model
from tests.icat.stub.store import Record, Store
from tests.icat.stub.tokens import Tokens

Row = Mapping[str, Record | None]


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression is evaluated with."""

    store: Store
    user: str
    row: Row


Expression = Callable[[Scope], Any]

_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_FUNCTIONS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "ABS": abs,
    "LENGTH": len,
    "LOWER": str.lower,
    "TRIM": str.strip,
    "UPPER": str.upper,
}
_CONSTANTS: Final[Mapping[str, Callable[[], Any]]] = {
    "CURRENT_TIMESTAMP": values.now,
    "FALSE": lambda: False,
    "NULL": lambda: None,
    "TRUE": lambda: True,
}


@dataclass(frozen=True, slots=True)
class Path:
    """Fields to follow from the object of a variable; without any, the object itself."""

    variable: str
    fields: tuple[Field, ...]

    def __call__(self, scope: Scope) -> Any:
        """The value at the end; None where the way is interrupted, a list for many."""
        found: Any = scope.row[self.variable]
        for field in self.fields:
            if found is None:
                return None
            found = follow(scope.store, found, field)
        return found


def follow(store: Store, record: Record, field: Field) -> Any:
    """The value of an attribute, the object of a relation to one, or the list of one to many."""
    if field.relation == "ONE":
        return store.parent(record, field)
    if field.relation == "MANY":
        return store.children(record, field)
    return record.values[field.name]


class Reader:
    """Reads paths and conditions of a query whose variables are of these entities.

    Names that do not begin with a variable belong to `default`, if that is given.
    """

    def __init__(self, model: Model, tokens: Tokens, default: str = "") -> None:
        self.model, self.tokens, self.default = model, tokens, default
        self.variables: dict[str, Entity] = {}

    def path(self) -> Path:
        """The path that is next. Raises `Fault` where the model has no such field."""
        variable, *names = self.tokens.name().split(".")
        if variable not in self.variables and self.default:
            variable, names = self.default, [variable, *names]
        entity = self.variables.get(variable)
        if entity is None:
            raise Fault("BAD_PARAMETER", f"the query has no variable {variable}")
        fields: list[Field] = []
        for name in names:
            fields.append(_field(entity, fields, name))
            entity = self.model.entities.get(fields[-1].type)
        return Path(variable, tuple(fields))

    def condition(self) -> Expression:
        """Alternatives, joined by OR."""
        return self._joined("OR", self._all_of, _either)

    def operand(self) -> Expression:
        """A literal, a constant, a function of an operand, `:user`, or a path."""
        word = self.tokens.first
        if word.kind == "literal":
            value = self.tokens.take().value
            return lambda scope: value
        if word.kind == "parameter":
            return self._parameter()
        constant = _CONSTANTS.get(word.text.upper())
        if constant:
            self.tokens.take()
            return lambda scope: constant()
        function = _FUNCTIONS.get(word.text.upper())
        if function:
            self.tokens.take()
            return self._call(function)
        return self.path()

    def _parameter(self) -> Expression:
        word = self.tokens.take().text
        if word != ":user":
            raise Fault("BAD_PARAMETER", f"the query has no value for {word}")
        return lambda scope: scope.user

    def _call(self, function: Callable[[Any], Any]) -> Expression:
        self.tokens.expect("(")
        argument = self.operand()
        self.tokens.expect(")")

        def called(scope: Scope) -> Any:
            value = argument(scope)
            return None if value is None else function(value)

        return called

    def _joined(
        self, word: str, part: Callable[[], Expression], join: Callable[..., Expression]
    ) -> Expression:
        parts = [part()]
        while self.tokens.skip(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else join(parts)

    def _all_of(self) -> Expression:
        return self._joined("AND", self._single, _both)

    def _single(self) -> Expression:
        if self.tokens.skip("NOT"):
            return _negated(self._single())
        if self.tokens.skip("("):
            inner = self.condition()
            self.tokens.expect(")")
            return inner
        return self._predicate()

    def _predicate(self) -> Expression:
        left = self.operand()
        for sign, compare in _COMPARISONS.items():
            if self.tokens.skip(sign):
                return _comparison(compare, left, self.operand())
        if self.tokens.skip("IS"):
            return self._is(left)
        negated = self.tokens.skip("NOT")
        test = self._membership(left)
        return _negated(test) if negated else test

    def _is(self, left: Expression) -> Expression:
        negated = self.tokens.skip("NOT")
        if self.tokens.skip("EMPTY"):
            return lambda scope: (not left(scope)) is not negated
        self.tokens.expect("NULL")
        return lambda scope: (left(scope) is None) is not negated

    def _membership(self, left: Expression) -> Expression:
        if self.tokens.skip("LIKE"):
            return _comparison(_is_like, left, self.operand())
        if self.tokens.skip("BETWEEN"):
            low = self.operand()
            self.tokens.expect("AND")
            high = self.operand()
            return _both(
                [_comparison(operator.ge, left, low), _comparison(operator.le, left, high)]
            )
        if self.tokens.skip("IN"):
            return _either([_comparison(operator.eq, left, item) for item in self._list()])
        if self.tokens.skip("MEMBER"):
            self.tokens.skip("OF")
            many = self.path()
            return lambda scope: left(scope) in (many(scope) or [])
        raise self.tokens.unexpected("a comparison")

    def _list(self) -> list[Expression]:
        self.tokens.expect("(")
        items = [self.operand()]
        while self.tokens.skip(","):
            items.append(self.operand())
        self.tokens.expect(")")
        return items


def _field(entity: Entity | None, before: list[Field], name: str) -> Field:
    if entity is None:
        raise Fault("BAD_PARAMETER", f"{before[-1].name} is no relation")
    if name not in entity.fields:
        raise Fault("BAD_PARAMETER", f"{entity.name} has no {name}")
    return entity.fields[name]


def _comparison(
    compare: Callable[[Any, Any], bool], left: Expression, right: Expression
) -> Expression:
    def compared(scope: Scope) -> bool | None:
        first, second = left(scope), right(scope)
        if first is None or second is None:
            return None
        try:
            return compare(*values.alike(first, second))
        except TypeError:
            raise Fault("BAD_PARAMETER", f"{first} and {second} cannot be compared") from None

    return compared


def _is_like(text: str, pattern: str) -> bool:
    parts = ({"%": ".*", "_": "."}.get(letter) or re.escape(letter) for letter in str(pattern))
    return re.fullmatch("".join(parts), str(text), re.DOTALL) is not None


def _negated(test: Expression) -> Expression:
    def opposite(scope: Scope) -> bool | None:
        value = test(scope)
        return None if value is None else not value

    return opposite


def _both(tests: list[Expression]) -> Expression:
    def every(scope: Scope) -> bool | None:
        found = [test(scope) for test in tests]
        return False if False in found else None if None in found else True

    return every


def _either(tests: list[Expression]) -> Expression:
    def some(scope: Scope) -> bool | None:
        found = [test(scope) for test in tests]
        return True if True in found else None if None in found else False

    return some
