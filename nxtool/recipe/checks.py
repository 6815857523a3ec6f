"""Mistakes in a recipe as findings, and the small checks that find them.

Checks append to a list of problems and go on, so that one run reports every mistake:

    R01  unknown name        a key or word the language does not have
    R02  wrong form          a list where text is due, two values where one may stand
    R03  unknown variable    `${x}` without an `x` above, or one that cannot stand there
    R04  value cannot be read
"""

from __future__ import annotations

import difflib
import re
from itertools import islice
from typing import TYPE_CHECKING, Final, Literal

from nxtool.errors import RecipeError
from nxtool.findings import Finding, Mark
from nxtool.yamltree.nodes import MapNode, Node, Scalar, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Code = Literal["R01", "R02", "R03", "R04"]
MAX_NAMES: Final = 1000
"""How many names are looked at for a near one."""
_PROPOSAL: Final = re.compile(r"did you mean ([^?]+)\?")


class CollectedError(RecipeError):
    """The mistakes of a recipe: the message is the first, `problems` holds all, in file order."""

    def __init__(self, problems: Sequence[Finding]) -> None:
        self.problems = tuple(sorted(problems, key=_place))
        first, more = self.problems[0], len(self.problems) - 1
        others = f"{more} more {'mistake' if more == 1 else 'mistakes'}" if more else ""
        hint = "; ".join(filter(None, (first.hint, others)))
        super().__init__(first.message, hint=hint, mark=first.mark)


def _place(problem: Finding) -> tuple[bool, str, int, int]:
    mark = problem.mark or Mark("", 0, 0)
    return mark.file.startswith("--"), mark.file, mark.line, mark.column


def mistake(code: Code, mark: Mark, message: str, hint: str = "") -> Finding:
    """An error in the recipe at `mark`."""
    return Finding(code, "error", "", message, hint=hint, mark=mark)


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """The names close to `name` as a question, or nothing.

    >>> did_you_mean("beam_centre_x", ["beam_center_x", "data"])
    'did you mean beam_center_x?'
    """
    near = near_names(name, names)
    return f"did you mean {', '.join(near)}?" if near else ""


def names_meant(hint: str) -> list[str]:
    """The reverse of `did_you_mean`: the names it proposes, none where the hint is another.

    >>> names_meant("did you mean beam_center_x, beam_center_y?")
    ['beam_center_x', 'beam_center_y']
    """
    match = _PROPOSAL.match(hint)
    return match[1].split(", ") if match else []


def near_names(name: str, names: Iterable[str]) -> list[str]:
    """Up to three names spelled like `name`, nearest first."""
    known = dict.fromkeys(islice(names, MAX_NAMES))
    return difflib.get_close_matches(name, known, n=3, cutoff=0.6)


def check_keys(
    node: MapNode, known: Iterable[str], problems: list[Finding], *, otherwise: str = ""
) -> None:
    """Report each key that is not `known`, with near names or else the hint `otherwise`."""
    known = tuple(known)
    for key, _ in node.items:
        if key.text not in known:
            hint = did_you_mean(key.text, known) or otherwise or f"known: {', '.join(known)}"
            problems.append(mistake("R01", key.mark, f"unknown name {key.text!r}", hint))


def wrong_form(node: Node, what: str, due: str, hint: str = "") -> Finding:
    """`what` should be `due` but is something else."""
    found = kind_of(node)
    if isinstance(node, Scalar) and not node.is_null:
        found = repr(node.text)
    return mistake("R02", node.mark, f"{what} must be {due}, not {found}", hint)


def given(parent: MapNode, key: str) -> Node | None:
    """The node under `key`; None where it is absent or null."""
    node = parent.get(key)
    return None if isinstance(node, Scalar) and node.is_null else node


def map_at(parent: MapNode, key: str, problems: list[Finding]) -> MapNode | None:
    """The mapping under `key`; None where it is absent, null or reported as no mapping."""
    node = given(parent, key)
    if node is None or isinstance(node, MapNode):
        return node
    problems.append(wrong_form(node, key, "a mapping", f"like {key}: {{name: value}}"))
    return None


def scalar_at(parent: MapNode, key: str, problems: list[Finding]) -> Scalar | None:
    """The text or number under `key`; None where it is absent, null or reported as no text."""
    node = given(parent, key)
    if node is None or (isinstance(node, Scalar) and not isinstance(node.value, bool)):
        return node
    hint = "put it into quotes" if isinstance(node, Scalar) else "write one text"
    problems.append(wrong_form(node, key, "text", hint))
    return None


def text_at(parent: MapNode, key: str, problems: list[Finding]) -> str | None:
    """The text under `key`, numbers as written; None as for `scalar_at`."""
    scalar = scalar_at(parent, key, problems)
    return None if scalar is None else scalar.text


def choice_at(
    parent: MapNode, key: str, choices: Sequence[str], problems: list[Finding]
) -> str | None:
    """One of `choices` under `key`; None where it is absent, null or reported."""
    scalar = scalar_at(parent, key, problems)
    if scalar is None or scalar.text in choices:
        return None if scalar is None else scalar.text
    hint = did_you_mean(scalar.text, choices) or f"one of {', '.join(choices)}"
    problems.append(mistake("R04", scalar.mark, f"{key} cannot be {scalar.text!r}", hint))
    return None


def whole_of(node: Node | None) -> int | None:
    """The whole number from 0 that `node` is, else None."""
    value = node.value if isinstance(node, Scalar) else None
    return value if type(value) is int and value >= 0 else None


def whole_at(parent: MapNode, key: str, problems: list[Finding]) -> int | None:
    """The whole number from 0 under `key`; None where it is absent, null or reported."""
    node = given(parent, key)
    number = whole_of(node)
    if number is None and node is not None:
        problems.append(wrong_form(node, key, "a whole number", f"like {key}: 12"))
    return number
