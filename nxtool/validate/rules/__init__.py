"""The rules, one file a family, and the order in which they are asked.

A rule is a function from a visit to findings. The tables below are all the wiring there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from nxtool.findings import Finding
from nxtool.validate.rules import (
    attributes,
    classes,
    dates,
    deprecated,
    dimensions,
    enumerations,
    events,
    file,
    links,
    names,
    nxdata,
    presence,
    streams,
    strides,
    transformations,
    types,
    undocumented,
    units,
)
from nxtool.validate.visit import FieldVisit, GroupVisit

GroupRule = Callable[[GroupVisit], Iterator[Finding]]
FieldRule = Callable[[FieldVisit], Iterator[Finding]]

FILE_RULES: Final[tuple[GroupRule, ...]] = (
    file.has_entry,
    file.root_attributes,
)
GROUP_RULES: Final[tuple[GroupRule, ...]] = (
    names.group_names,
    classes.child_classes,
    presence.required_children,
    streams.of_group,
    undocumented.children,
    attributes.of_group,
    deprecated.of_group,
    links.of_group,
    nxdata.default_chain,
    nxdata.plottable,
    transformations.depends_on,
    dimensions.symbols_of_group,
)
PACKS: Final[Mapping[str, tuple[GroupRule, ...]]] = {"events": (events.of_group,)}
"""Rules about groups that are asked only where the options name their pack."""
FORM_RULES: Final[tuple[FieldRule, ...]] = (
    types.form,
    units.of_field,
    dimensions.of_field,
    strides.of_field,
    attributes.of_field,
    names.field_attribute_names,
    deprecated.of_field,
    links.of_field,
    transformations.axis,
    nxdata.interpretation,
)
"""Rules that look at what a field declares, never at its values."""
VALUE_RULES: Final[tuple[FieldRule, ...]] = (
    types.content,
    enumerations.of_field,
    dates.of_field,
)
ENTRY_RULES: Final[tuple[GroupRule, ...]] = (
    file.definition,
    dimensions.symbols_of_entry,
    presence.top_groups,
)


def check_file(visit: GroupVisit) -> Iterator[Finding]:
    """Rules about the file as a whole; `visit` is its root."""
    for rule in FILE_RULES:
        yield from rule(visit)


def check_group(visit: GroupVisit) -> Iterator[Finding]:
    """Rules about one group; nothing is wrong inside an NXcollection."""
    if visit.is_free:
        return
    for rule in GROUP_RULES:
        yield from rule(visit)
    for pack in visit.walk.options.packs:
        for rule in PACKS[pack]:
            yield from rule(visit)


def check_form(visit: FieldVisit) -> Iterator[Finding]:
    """Rules about what one field declares."""
    for rule in FORM_RULES:
        yield from rule(visit)


def check_values(visit: FieldVisit) -> Iterator[Finding]:
    """Rules about the values of one field."""
    for rule in VALUE_RULES:
        yield from rule(visit)


def check_entry(visit: GroupVisit) -> Iterator[Finding]:
    """Rules about an entry, asked when all below it has been seen."""
    for rule in ENTRY_RULES:
        yield from rule(visit)


__all__ = [
    "PACKS",
    "check_entry",
    "check_file",
    "check_form",
    "check_group",
    "check_values",
    "nxdata",
    "types",
]
