"""Faults in what one NXDL file states itself (S01, S03, S05 to S13, D01 to D04, N01, U02)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from nxtool import units, values
from nxtool.findings import Finding, Mark, Severity
from nxtool.lint.codes import fault
from nxtool.nxdl.elements import (
    AttributeElement,
    ChoiceElement,
    Definition,
    Dimensions,
    Element,
    Enumeration,
    FieldElement,
    GroupElement,
    LinkElement,
)
from nxtool.schema.namefit import is_valid_name
from nxtool.values import NX_TYPES, parse_enum_item

MAX_NAME: Final = 63
TEXT_TYPES: Final = frozenset({"NX_CHAR", "NX_DATE_TIME", "ISO8601"})
_SYMBOL: Final = re.compile(r"[A-Za-z_]\w*")
_EXPRESSION: Final = re.compile(r"[\w\s+*()-]+")
_SEGMENT: Final = re.compile(r"(?:[\w.]+:)?[\w.]+|[\w.]+")
Marker = Callable[[int], Mark]
"""From a line of the file to a mark."""


class Stated:
    """Judges one definition element by element; `knows` says which classes there are."""

    def __init__(self, definition: Definition, mark: Marker, knows: Callable[[str], bool]) -> None:
        self.definition = definition
        self.mark = mark
        self.knows = knows

    def faults(self) -> Iterator[Finding]:
        """Everything, in the order of the file."""
        name = self.definition.name
        yield from self._inside(self.definition.body, name)

    def _fault(
        self,
        code: str,
        path: str,
        message: str,
        line: int,
        *,
        severity: Severity | None = None,
        found: str = "",
        hint: str = "",
    ) -> Finding:
        mark = self.mark(line)
        return fault(code, path, message, mark, severity=severity, found=found, hint=hint)

    def _inside(self, group: GroupElement, path: str) -> Iterator[Finding]:
        yield from self._siblings(group, path)
        for attribute in group.attributes:
            yield from self._value(attribute, f"{path}@{attribute.name}")
        for field in group.fields:
            yield from self._field(field, f"{path}/{field.name}")
        for link in group.links:
            yield from self._link(link, f"{path}/{link.name}")
        for choice in group.choices:
            yield from self._choice(choice, f"{path}/{choice.name}")
        for child in group.groups:
            yield from self._group(child, f"{path}/{child.label}")

    def _group(self, group: GroupElement, path: str) -> Iterator[Finding]:
        yield from self._names(group, path)
        yield from self._occurrence(group, path)
        if not self.knows(group.type):
            yield self._fault("G02", path, f"{group.type} is not a known class", group.line)
        yield from self._inside(group, path)

    def _choice(self, choice: ChoiceElement, path: str) -> Iterator[Finding]:
        if len(choice.groups) < 2:
            message = f"leaves {len(choice.groups)} group to choose from"
            yield self._fault("S08", path, message, choice.line)
        for group in choice.groups:
            yield from self._group(group, f"{path}:{group.type}")

    def _link(self, link: LinkElement, path: str) -> Iterator[Finding]:
        segments = link.target.strip("/").split("/")
        if not all(_SEGMENT.fullmatch(segment) for segment in segments):
            yield self._fault("S09", path, f"target {link.target!r} is no path", link.line)
            return
        for segment in segments:
            nx_class = segment.rpartition(":")[2]
            if nx_class.startswith("NX") and not self.knows(nx_class):
                message = f"target leads through {nx_class}, not a known class"
                yield self._fault("S09", path, message, link.line)

    def _field(self, field: FieldElement, path: str) -> Iterator[Finding]:
        yield from self._value(field, path)
        if field.units is not None:
            yield from self._units(field, field.units, path)
        for attribute in field.attributes:
            yield from self._value(attribute, f"{path}@{attribute.name}")

    def _value(self, element: FieldElement | AttributeElement, path: str) -> Iterator[Finding]:
        """What fields and attributes share."""
        yield from self._names(element, path)
        yield from self._occurrence(element, path)
        if element.type is not None and element.type not in NX_TYPES:
            near = values.nearest(element.type, NX_TYPES)
            hint = f"did you mean {near}?" if near else ""
            message = f"{element.type!r} is no type"
            yield self._fault("S06", path, message, element.line, hint=hint)
        if element.enumeration is not None:
            yield from self._enumeration(element.enumeration, path)
        if element.dimensions is not None:
            yield from self._dimensions(element.dimensions, path)

    def _names(self, element: Element, path: str) -> Iterator[Finding]:
        name = element.label
        if not is_valid_name(name):
            yield self._fault("N01", path, f"{name!r} is no allowed name", element.line)
        elif len(name) > MAX_NAME:
            yield self._fault("N02", path, f"{len(name)} letters, not {MAX_NAME}", element.line)
        name_type = getattr(element, "name_type", "specified")
        if name_type == "partial" and not re.search("[A-Z]", name):
            message = "nameType partial, but nothing in the name is in upper case"
            yield self._fault("S03", path, message, element.line)

    def _occurrence(
        self, element: GroupElement | FieldElement | AttributeElement, path: str
    ) -> Iterator[Finding]:
        stated = element.occurrence
        least, most = stated.min_occurs, stated.max_occurs
        if least is not None and most is not None and 0 <= most < least:
            message = f"minOccurs {least} is above maxOccurs {most}"
            yield self._fault("S05", path, message, element.line)
        if least and (stated.optional or stated.recommended):
            word = "optional" if stated.optional else "recommended"
            message = f"minOccurs {least}, and yet {word}"
            yield self._fault("S05", path, message, element.line, severity="warning")

    def _units(self, field: FieldElement, text: str, path: str) -> Iterator[Finding]:
        if text in units.CATEGORIES:
            return
        if text.startswith("NX_"):
            near = values.nearest(text, units.CATEGORIES)
            hint = f"did you mean {near}?" if near else ""
            message = f"{text!r} is no category of units"
            yield self._fault("U02", path, message, field.line, hint=hint)
            return
        try:
            units.parse(text)
        except units.UnitError as error:
            message = f"{text!r} is neither a category nor a unit: {error.message}"
            yield self._fault("U02", path, message, field.line, severity="warning")

    def _enumeration(self, enumeration: Enumeration, path: str) -> Iterator[Finding]:
        for item in enumeration.items:
            if item.startswith("[") and isinstance(parse_enum_item(item), str):
                message = f"item {item!r} looks like a list, but is none"
                yield self._fault("S13", path, message, enumeration.line)
            elif not item.strip():
                yield self._fault("S13", path, "an item is blank", enumeration.line)
        for item in dict.fromkeys(i for i in enumeration.items if enumeration.items.count(i) > 1):
            yield self._fault("S13", path, f"item {item!r} stands twice", enumeration.line)

    def _dimensions(self, dimensions: Dimensions, path: str) -> Iterator[Finding]:
        yield from self._indices(dimensions, path)
        rank, stated = dimensions.rank, dimensions.dims
        if rank is not None and rank.isdecimal() and stated and int(rank) != len(stated):
            optional = sum(not dim.required for dim in stated)
            if not len(stated) - optional <= int(rank) <= len(stated):
                message = f"rank {rank}, but {len(stated)} dimensions"
                yield self._fault("D01", path, message, dimensions.line)
        if rank is not None and not rank.isdecimal():
            yield from self._symbols(rank, path, dimensions.line, "rank")
        for dim in stated:
            if dim.value and not dim.value.isdecimal():
                yield from self._symbols(dim.value, path, dim.line, f"dimension {dim.index}")

    def _indices(self, dimensions: Dimensions, path: str) -> Iterator[Finding]:
        indices = [dim.index for dim in dimensions.dims]
        if indices != list(range(1, len(indices) + 1)):
            told = ", ".join(map(str, indices))
            message = f"dimensions are counted {told}, not from 1 without gaps"
            yield self._fault("D03", path, message, dimensions.line)
        required = [dim.required for dim in dimensions.dims]
        if required != sorted(required, reverse=True):
            message = "an optional dimension stands before a required one"
            yield self._fault("D04", path, message, dimensions.line)

    def _symbols(self, text: str, path: str, line: int, place: str) -> Iterator[Finding]:
        """Identifiers in a length or a rank that the file does not declare."""
        if not _EXPRESSION.fullmatch(text) or _is_prose(text):
            message = f"{place} is {text!r}, neither a number nor symbols"
            yield self._fault("S10", path, message, line, severity="info")
            return
        for symbol in dict.fromkeys(_SYMBOL.findall(text)):
            if symbol not in self.definition.symbols:
                message = f"symbol {symbol!r} ({place}) is not declared"
                yield self._fault("S10", path, message, line, found=symbol)

    def _siblings(self, group: GroupElement, path: str) -> Iterator[Finding]:
        """Two concepts of one group that no file can tell apart."""
        seen: dict[tuple[str, str], int] = {}
        below: list[Element] = [*group.fields, *group.links, *group.choices, *group.groups]
        for element in below:
            nx_class = element.type if isinstance(element, GroupElement) else ""
            variadic = getattr(element, "name_type", "specified") != "specified"
            key = element.label, nx_class if variadic or not nx_class else "group"
            if key in seen:
                place = f"{path}/{element.label}"
                message = f"stands already in line {seen[key]}"
                yield self._fault("S03", place, message, element.line)
            seen.setdefault(key, element.line)


def _is_prose(text: str) -> bool:
    """Words side by side without an operator: `dataRank + 1` is none, `same as data` is."""
    return bool(re.search(r"[A-Za-z_]\w*\s+[A-Za-z_]", text))
