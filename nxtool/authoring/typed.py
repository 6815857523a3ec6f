"""What an author types into the editor of a value, as YAML of a recipe.

Nothing typed is ever lost: what is no value of the concept is written behind `!invalid`, which
makes it count as not given, and `problem` says what is wrong with it.
"""

from __future__ import annotations

import math
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from nxtool import units
from nxtool.build.fields import DATE_TYPES, WANTED
from nxtool.build.literals import literal
from nxtool.errors import RecipeError
from nxtool.recipe.checks import did_you_mean
from nxtool.recipe.dates import DateError, to_iso
from nxtool.recipe.quantity import Linspace, Quantity, quantity_of
from nxtool.schema.concepts import FieldConcept
from nxtool.values import enum_matches
from nxtool.yamltree.emit import quoted
from nxtool.yamltree.nodes import ListNode, MapNode, Node, Scalar
from nxtool.yamltree.yamlfile import INVALID, parse

if TYPE_CHECKING:
    from nxtool.schema.concepts import AttributeConcept

    Valued = FieldConcept | AttributeConcept

YES: Final = {"true": "true", "yes": "true", "on": "true", "1": "true"} | {
    "false": "false", "no": "false", "off": "false", "0": "false",
}  # fmt: skip
"""What may be typed for a boolean, in lower case."""
_CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f]")
SHOWN: Final = 4
"""Units a value is also shown in."""


@dataclass(frozen=True, slots=True)
class Typed:
    """YAML of one line; `problem` is why the text is no value, empty where it is one; `note` is
    what is good to know: the time zone that was added, the value in other units.
    """

    yaml: str
    problem: str = ""
    note: str = ""

    @property
    def is_valid(self) -> bool:
        """True where the value will be used."""
        return not self.problem


def typed(concept: Valued | None, text: str, zone: str = "") -> Typed:
    """What `text` means as a value of `concept` (None: anything). `zone` completes dates; where it
    is empty, that of this machine does.

    Text that begins with `{` is YAML already, like `{from: "scan.h5:/data"}`; what `on_a_line` puts
    in quotes is taken out of them.
    """
    text = _unescaped(text.strip())
    if text.startswith("{"):
        return _yaml(text)
    kind = concept.type if concept is not None else ""
    if kind in DATE_TYPES:
        return _date(text, zone)
    if kind == "NX_BOOLEAN" and text.lower() in YES:
        return Typed(YES[text.lower()])
    if kind in ("NX_CHAR", "") or kind not in WANTED:
        return _text(concept, text)
    return _number(concept, kind, text)


def on_a_line(text: str) -> str:
    r"""`text` as it is typed: where it has line ends or other control characters, which a terminal
    would obey, in quotes with escapes.

    >>> on_a_line("two\nlines")
    '"two\\nlines"'
    """
    return quoted(text) if _CONTROLS.search(text) else text


def _unescaped(text: str) -> str:
    """What `on_a_line` was given; any other text as it is."""
    if "\\" not in text or not (text[0] == text[-1] == '"'):
        return text
    node = _node(text)
    return node.text if isinstance(node, Scalar) and _CONTROLS.search(node.text) else text


def _invalid(text: str, problem: str) -> Typed:
    return Typed(f"{INVALID} {_in_quotes(text)}", problem)


def _in_quotes(text: str) -> str:
    """Text in quotes, so that it keeps its form whatever it looks like."""
    found = quoted(text)
    return found if found.startswith('"') else f'"{found}"'


def _yaml(text: str) -> Typed:
    try:
        node = parse(text, "")
    except RecipeError as error:
        return _invalid(text, error.message)
    return Typed(text) if isinstance(node, MapNode) else _invalid(text, "no mapping")


def _node(text: str) -> Node | None:
    """The text as YAML of one line; None where it is none."""
    try:
        return parse(text, "") if text else None
    except RecipeError:
        return None


def _date(text: str, zone: str) -> Typed:
    with suppress(DateError):
        return Typed(f'"{to_iso(text)}"')
    try:
        if zone:
            return Typed(f'"{to_iso(text, zone)}"', note=f"the offset of {zone} was added")
        done = to_iso(to_iso(text, "UTC").removesuffix("+00:00") + _local_offset(text))
    except DateError as error:
        return _invalid(text, f"{error.message}: {error.hint}" if error.hint else error.message)
    return Typed(f'"{done}"', note=f"{done[19:]} was added, as this machine has it")


def _local_offset(text: str) -> str:
    """The offset of this machine from UTC at a time, as `+0100`; that of now where it is none."""
    moment = datetime.now()  # noqa: DTZ005 - it gets the zone of the machine
    with suppress(ValueError):
        moment = datetime.fromisoformat(text)
    return moment.astimezone().strftime("%z")


def _text(concept: Valued | None, text: str) -> Typed:
    node = _node(text) if text.startswith("[") else None
    items = [text]
    if isinstance(node, ListNode):
        items = [one.text for one in node.items if isinstance(one, Scalar)]
    problem, note = _enumerated(concept, items)
    if problem:
        return _invalid(text, problem)
    return Typed(text if isinstance(node, ListNode) else quoted(text), note=note)


def _enumerated(concept: Valued | None, items: list[str]) -> tuple[str, str]:
    """What is wrong with values that are not in the list of the definition, and what to know."""
    enumeration = concept.enumeration if concept is not None else None
    if enumeration is None:
        return "", ""
    other = [item for item in items if item not in enumeration.items]
    if not other or enum_matches(enumeration.items, items):
        return "", ""
    if enumeration.open:
        return "", "a value of your own; the definition only suggests some"
    hint = did_you_mean(other[0], enumeration.items) or f"one of {', '.join(enumeration.items[:6])}"
    return f"{other[0]!r} is not in the list: {hint}", ""


def _number(concept: Valued | None, kind: str, text: str) -> Typed:
    node = _node(text) or Scalar(text, text, _NOWHERE, "quoted")
    value = literal(node, kind)
    if value is None or value.is_ragged:
        return _invalid(text, f"{text!r} is not {WANTED[kind]}")
    problem, note = _enumerated(concept, [text] if not isinstance(node, ListNode) else [])
    if problem:
        return _invalid(text, problem)
    quantity = quantity_of(node)
    category = concept.units if isinstance(concept, FieldConcept) else None
    if quantity is None or category is None or _is_item(concept, text):
        return Typed(_plain(text), note=note)
    problem, told = _unit(quantity, category)
    return _invalid(text, problem) if problem else Typed(_plain(text), note=told or note)


def _is_item(concept: Valued | None, text: str) -> bool:
    """Whether the text is in the list of the definition as it is; then it needs no unit."""
    enumeration = concept.enumeration if concept is not None else None
    return enumeration is not None and text in enumeration.items


def _plain(text: str) -> str:
    """A number, a list or a quantity as it is; in quotes where YAML would read something else."""
    node = _node(text)
    whole = isinstance(node, ListNode) or (isinstance(node, Scalar) and node.text == text)
    return text if whole else _in_quotes(text)


def _unit(quantity: Quantity, category: str) -> tuple[str, str]:
    """What is wrong with the unit for a category, and the value in other units."""
    if not quantity.unit:
        if units.fit("", category).verdict == "fits":
            return "", ""
        shown = ", ".join(units.common(category)[:SHOWN])
        return f"a unit is missing ({category}: {shown})", ""
    verdict = units.fit(quantity.unit, category)
    if verdict.verdict in ("wrong", "unknown"):
        hint = f"; {verdict.suggestion}?" if verdict.suggestion else ""
        return f"{verdict.reason}{hint}", ""
    if verdict.reason:
        return "", verdict.reason
    return "", conversion(quantity, category)


def conversion(quantity: Quantity, category: str) -> str:
    """The value in other units people use: `8.333 keV = 8333 eV`; empty for more than one value.

    >>> conversion(Quantity(8.333, "keV"), "NX_ENERGY")
    '8.333 keV = 8333 eV = 8.333e+06 meV = 0.008333 MeV'
    """
    if isinstance(quantity.values, tuple | Linspace):
        return f"{quantity.unit} fits {category}"
    same = []
    for other in units.common(category):
        with suppress(units.UnitError):
            factor, shift = units.convert_factor(quantity.unit, other)
            value = quantity.values * factor + shift
            if math.isfinite(value) and (factor, shift) != (1.0, 0.0):
                same.append(f"{value:.6g} {other}")
    if not same:
        return f"{quantity.unit} fits {category}"
    return " = ".join([f"{quantity.values:g} {quantity.unit}", *same[: SHOWN - 1]])


_NOWHERE: Final = parse("x", "").mark
