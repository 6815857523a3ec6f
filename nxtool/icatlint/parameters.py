"""Parameters in an ICAT file: one value, of the kind and within the bounds of its type.

What a type asks for is known where the type is in the file, as an object above the parameter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from nxtool.findings import Finding
from nxtool.icatlint.codes import fault, quoted
from nxtool.icatlint.objects import Identity, Item
from nxtool.icatlint.text import read_number

VALUES: Final = {
    "numericValue": "NUMERIC", "stringValue": "STRING", "dateTimeValue": "DATE_AND_TIME",
}  # fmt: skip
"""The elements a value may be in, and the kind of value each is for."""
_NUMBERS: Final = ("error", "rangeBottom", "rangeTop")


@dataclass(frozen=True, slots=True)
class ParameterType:
    """What a parameter type in the file says of its parameters.

    `words` are the texts allowed, empty for any; they and the bounds hold if `enforced`.
    """

    name: str
    kind: str
    applicable: frozenset[str]
    enforced: bool
    bounds: tuple[float | None, float | None]
    words: set[str]


@dataclass(slots=True)
class ParameterTypes:
    """The parameter types met so far, by number of the object, and by name and units."""

    by_serial: dict[object, ParameterType] = field(default_factory=dict)
    by_name: dict[tuple[str, str], ParameterType | None] = field(default_factory=dict)
    """None where two facilities have one of the same name."""

    def remember(self, item: Item) -> None:
        """Keep what an object says of a parameter type, if it does."""
        if item.kind.name == "parameterType":
            known = _type_of(item)
            self.by_serial[item.serial] = known
            names = item.text("name"), item.text("units")
            self.by_name[names] = None if names in self.by_name else known
        elif item.kind.name == "permissibleStringValue":
            owner = self.of(item.leads.get("type", ()))
            if owner is not None:
                owner.words.add(item.text("value"))

    def of(self, identity: Identity) -> ParameterType | None:
        """The type that a reference leads to; None where it is not in the file."""
        if identity[:1] == ("@",):
            return self.by_serial.get(identity[1])
        given = [part for part in identity[1:] if isinstance(part, tuple)]
        if [name for name, _ in given] != ["name", "units"]:
            return None
        return self.by_name.get((given[0][1], given[1][1]))


def judge_parameter(item: Item, types: ParameterTypes) -> Iterator[Finding]:
    """Faults in the value of a parameter; nothing for other objects."""
    if "numericValue" not in item.kind.members:
        return
    given = [name for name in VALUES if item.text(name)]
    if not given:
        yield fault("C20", item.element.mark, item.path, "has no value")
    elif len(given) > 1:
        message = f"has {len(given)} values: {', '.join(given)}"
        yield fault("C21", item.values[given[1]].mark, item.path, message)
    extra = [name for name in _NUMBERS if item.text(name)]
    if extra and given and "numericValue" not in given:
        message = f"has {extra[0]}, but no numericValue"
        yield fault("C22", item.values[extra[0]].mark, item.path, message, severity="warning")
    known = types.of(item.leads.get("type", ()))
    if known is not None:
        yield from _judge_by_type(item, given, known)


def _judge_by_type(item: Item, given: list[str], known: ParameterType) -> Iterator[Finding]:
    about = item.kind.name.removesuffix("Parameter")
    if about not in known.applicable:
        message = f"type {quoted(known.name)} is not applicable to a {about}"
        hint = f"applicableTo{about[0].upper()}{about[1:]} must be true"
        yield fault("C23", item.element.mark, item.path, message, hint=hint)
    for name in given:
        path = f"{item.path}/{name}"
        if known.kind in VALUES.values() and VALUES[name] != known.kind:
            wanted = next(value for value, kind in VALUES.items() if kind == known.kind)
            message = f"{name}, but type {quoted(known.name)} is {known.kind}"
            yield fault("C22", item.values[name].mark, path, message, hint=f"write <{wanted}>")
        elif known.enforced and not _allows(known, name, item.text(name)):
            message = f"{quoted(item.text(name))} is not permitted by type {quoted(known.name)}"
            yield fault("C23", item.values[name].mark, path, message, hint=_permitted(known))


def _allows(known: ParameterType, name: str, text: str) -> bool:
    low, high = known.bounds
    if name == "stringValue":
        return not known.words or text in known.words
    number = read_number(text) if name == "numericValue" else None
    if number is None:
        return True
    return (low is None or number >= low) and (high is None or number <= high)


def _permitted(known: ParameterType) -> str:
    if known.kind == "STRING":
        return f"one of {', '.join(sorted(known.words)[:10])}"
    low, high = ("" if bound is None else f"{bound:g}" for bound in known.bounds)
    return f"it must be in {low or '-inf'}..{high or 'inf'}"


def _type_of(item: Item) -> ParameterType:
    words = {
        nested.text("value")
        for nested in item.nested
        if nested.kind.name == "permissibleStringValue"
    }
    applicable = {
        f"{name[len('applicableTo')].lower()}{name[len('applicableTo') + 1 :]}"
        for name in item.values
        if name.startswith("applicableTo") and _true(item, name)
    }
    low, high = (read_number(item.text(f"{end}NumericValue")) for end in ("minimum", "maximum"))
    return ParameterType(
        item.text("name"), item.text("valueType"), frozenset(applicable), _true(item, "enforced"),
        (low, high), words,
    )  # fmt: skip


def _true(item: Item, name: str) -> bool:
    return item.text(name) in ("true", "1")
