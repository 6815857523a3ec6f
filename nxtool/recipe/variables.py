"""Variables: `${x}`, `${x:04d}` and `$${`, which is a literal `${`.

A value that is `${x}` and nothing else, quoted or not, becomes what `x` is: a number, a list.
Anything else becomes text; numbers stand in it as they were written. Values are filled in once,
never again: text that arrives through a variable is not looked at. Under `vars` a value may use
the single values above it and `${env.NAME}`, which works nowhere else.

`$repeat` is filled in here too, since its names are variables (`nxtool.recipe.repeat`).
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nxtool.errors import RecipeError
from nxtool.findings import Finding, Mark
from nxtool.recipe.checks import did_you_mean, mistake
from nxtool.recipe.repeat import Tables, repeat_rows
from nxtool.yamltree.nodes import ListNode, MapNode, Node, Scalar

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

MAX_NODES: Final = 200_000
MAX_TEXT: Final = 100_000
MAX_HINTS: Final = 100
"""Near names are slow to find, and nobody reads more of them."""

_REFERENCE: Final = re.compile(r"\$\$\{|\$\{(?P<inner>[^{}]*)\}|\$\{")
_INNER: Final = re.compile(r"\s*(?P<name>[A-Za-z_][\w.]*)\s*(:(?P<format>.*))?", re.ASCII)
_FORMAT: Final = re.compile(r"[<>^]?\+?0?[0-9]{0,3}(\.[0-9]{1,2})?[dxXobeEfFgGs]?")
_NAME: Final = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def resolve_variables(
    node: MapNode, problems: list[Finding], environment: Mapping[str, str]
) -> dict[str, Node]:
    """The values under `vars`, filled in from top to bottom."""
    values: dict[str, Node] = {}
    single: dict[str, Node] = {}
    for key, value in node.items:
        if not _NAME.fullmatch(key.text):
            hint = "use letters, digits and _"
            problems.append(mistake("R02", key.mark, f"{key.text!r} cannot name a variable", hint))
            continue
        filled = _Expander(single, problems, environment, elsewhere=node).node(value)
        values[key.text] = filled
        if isinstance(filled, Scalar):
            single[key.text] = filled
    return values


def expand(
    node: Node,
    values: Mapping[str, Node],
    problems: list[Finding],
    tables: Tables | None = None,
) -> Node:
    """`node` with variables filled in and `$repeat` written out; wrong ones are reported.

    `tables` reads those that `$repeat: {rows: ...}` names; without, there are none.

    Raises:
        RecipeError: the result is larger than any recipe should be.
    """
    return _Expander(values, problems, tables=tables).node(node)


def escape(text: str) -> str:
    """Text that expands to `text`."""
    return text.replace("${", "$${")


class _WrongReferenceError(Exception):
    """A reference that cannot be filled in."""

    def __init__(self, problem: Finding) -> None:
        super().__init__(problem.message)
        self.problem = problem


class _Expander:
    """Fills in variables; `budget` bounds what lists used many times can grow to.

    `elsewhere` holds names that exist but cannot be used here.
    """

    def __init__(
        self,
        values: Mapping[str, Node],
        problems: list[Finding],
        environment: Mapping[str, str] | None = None,
        budget: list[int] | None = None,
        elsewhere: Container[str] = (),
        tables: Tables | None = None,
    ) -> None:
        self._values = values
        self._problems = problems
        self._environment = environment
        self._elsewhere = elsewhere
        self._budget = [MAX_NODES] if budget is None else budget
        self._tables = Tables(dict, Path()) if tables is None else tables

    def node(self, node: Node) -> Node:
        self._spend(1, node.mark)
        if isinstance(node, MapNode):
            return self._mapping(node)
        if isinstance(node, ListNode):
            return ListNode(tuple(self.node(item) for item in node.items), node.mark)
        if "${" not in node.text:
            return node
        try:
            return self._scalar(node)
        except _WrongReferenceError as wrong:
            self._problems.append(wrong.problem)
            return node

    def _spend(self, count: int, mark: Mark) -> None:
        self._budget[0] -= count
        if self._budget[0] < 0:
            raise RecipeError(
                f"variables fill in to more than {MAX_NODES} values",
                hint="put bulk data into a file of its own and name it under sources",
                mark=mark,
            )

    def _mapping(self, node: MapNode) -> MapNode:
        items: list[tuple[Scalar, Node]] = []
        for key, value in node.items:
            if isinstance(value, MapNode) and "$repeat" in value:
                items.extend(self._repeated(key, value))
            else:
                items.append((self._key(key), self.node(value)))
        return MapNode(tuple(self._unequal(items)), node.mark)

    def _unequal(self, items: list[tuple[Scalar, Node]]) -> list[tuple[Scalar, Node]]:
        """The items whose names differ; others are reported."""
        seen: dict[str, tuple[Scalar, Node]] = {}
        for key, value in items:
            if key.text in seen:
                hint = "use the variables in the name"
                problem = mistake("R02", key.mark, f"{key.text!r} comes out twice", hint)
                self._problems.append(problem)
            else:
                seen[key.text] = (key, value)
        return list(seen.values())

    def _repeated(self, key: Scalar, value: MapNode) -> list[tuple[Scalar, Node]]:
        ranges = value.get("$repeat")
        inner = value.without("$repeat")
        items = []
        for row in self._rows(ranges) if ranges is not None else ():
            one = self._with(row)
            items.append((one._key(key), one.node(inner)))
        return items

    def _rows(self, ranges: Node) -> list[dict[str, Node]]:
        return repeat_rows(self.node(ranges), self._problems, self._tables)

    def _with(self, row: Mapping[str, Node]) -> _Expander:
        """The same where further variables are known."""
        values = {**self._values, **row}
        return _Expander(values, self._problems, budget=self._budget, tables=self._tables)

    def _key(self, key: Scalar) -> Scalar:
        if "${" not in key.text:
            return key
        try:
            text = self._text(key)
        except _WrongReferenceError as wrong:
            self._problems.append(wrong.problem)
            return key
        return Scalar(text, text, key.mark, key.style)

    def _scalar(self, node: Scalar) -> Node:
        match = _REFERENCE.fullmatch(node.text)
        if match and match["inner"] is not None:
            name, form = _split(match, node)
            if not form:
                value = self._value(name, node, match.start())
                self._spend(_size(value), node.mark)
                return replace(value, mark=node.mark)
        text = self._text(node)
        return Scalar(text, text, node.mark, "quoted")

    def _text(self, node: Scalar) -> str:
        text = _REFERENCE.sub(lambda match: self._word(match, node), node.text)
        if len(text) > MAX_TEXT:
            message = f"text of more than {MAX_TEXT} characters"
            raise _WrongReferenceError(mistake("R03", node.mark, message, "use fewer variables"))
        return text

    def _word(self, match: re.Match[str], node: Scalar) -> str:
        if match[0] == "$${":
            return "${"
        name, form = _split(match, node)
        value = self._value(name, node, match.start())
        if not isinstance(value, Scalar) or value.is_null:
            kind = "has no value" if isinstance(value, Scalar) else "is not a single value"
            hint = "only text and numbers stand within text"
            raise _WrongReferenceError(
                mistake("R03", node.mark_at(match.start()), f"{name!r} {kind}", hint)
            )
        return _formatted(value, form, node.mark_at(match.start())) if form else value.text

    def _value(self, name: str, node: Scalar, offset: int) -> Node:
        if name.startswith("env."):
            return self._from_environment(name[4:], node.mark_at(offset))
        if name in self._values:
            return self._values[name]
        if name in self._elsewhere:
            hint = "only single values that stand above it can be used"
            message = f"variable {name!r} is not known here"
            raise _WrongReferenceError(mistake("R03", node.mark_at(offset), message, hint))
        hint = _near(name, self._values) if len(self._problems) < MAX_HINTS else ""
        raise _WrongReferenceError(
            mistake("R03", node.mark_at(offset), f"unknown variable {name!r}", hint)
        )

    def _from_environment(self, name: str, mark: Mark) -> Scalar:
        if self._environment is None:
            hint = f'write vars: {{{name.lower()}: "${{env.{name}}}"}} and use that'
            message = "the environment is read only under vars"
            raise _WrongReferenceError(mistake("R03", mark, message, hint))
        if name not in self._environment:
            message = f"environment variable {name!r} is not set"
            raise _WrongReferenceError(mistake("R03", mark, message, f"export {name}=..."))
        value = self._environment[name]
        return Scalar(value, value, mark, "quoted")


def _near(name: str, values: Mapping[str, Node]) -> str:
    """How to go on where no variable has that name."""
    if not values:
        return f"set it under vars: {{{name}: ...}}"
    few = ", ".join(islice(values, 8)) + (", ..." if len(values) > 8 else "")
    return did_you_mean(name, values) or f"known: {few}"


def _split(match: re.Match[str], node: Scalar) -> tuple[str, str]:
    """The name and the format of a reference."""
    mark = node.mark_at(match.start())
    if match["inner"] is None:
        hint = "close it with }; a literal ${ is written $${"
        raise _WrongReferenceError(mistake("R03", mark, "a variable is not closed", hint))
    inner = _INNER.fullmatch(match["inner"])
    if inner is None:
        hint = "write ${name} or ${name:04d}; a literal ${ is written $${"
        raise _WrongReferenceError(
            mistake("R03", mark, f"{match[0]!r} does not name a variable", hint)
        )
    form = inner["format"] or ""
    if not _FORMAT.fullmatch(form):
        hint = "like 04d, .3f, >8 or 2x"
        raise _WrongReferenceError(mistake("R03", mark, f"format {form!r} is not understood", hint))
    return inner["name"], form


def _formatted(value: Scalar, form: str, mark: Mark) -> str:
    plain = value.text if isinstance(value.value, str | bool) else value.value
    try:
        return format(plain, form)
    except (ValueError, OverflowError):
        hint = "use a format for text, or give the variable a number"
        message = f"{value.text!r} does not fit format {form!r}"
        raise _WrongReferenceError(mistake("R03", mark, message, hint)) from None


def _size(node: Node) -> int:
    if isinstance(node, MapNode):
        return 1 + sum(_size(value) for _, value in node.items)
    return 1 + sum(map(_size, node.items)) if isinstance(node, ListNode) else 1
