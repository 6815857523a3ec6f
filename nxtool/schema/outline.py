"""What an application definition asks an author to write: names of a recipe, in a tree.

Each item carries the key to write in a recipe. The rules for keys are those by which
`nxtool.build.naming` reads them: a name of the definition stands as it is, an unnamed group is
its class in lower case, and where that would mean something else a name with its class is made
up: `my_data(NXdata)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from nxtool.nxdl.elements import Enumeration
from nxtool.schema.compile import Schema
from nxtool.schema.concepts import (
    AttributeConcept,
    Bounds,
    FieldConcept,
    GroupConcept,
    Requirement,
)

Level = Literal["required", "recommended", "all"]
LEVELS: Final[Mapping[Level, tuple[Requirement, ...]]] = {
    "required": ("required",),
    "recommended": ("required", "recommended"),
    "all": ("required", "recommended", "optional"),
}
STEPS: Final = "transformations"
PLACED: Final = "depends_on"
"""The field that a list of steps fills in."""
MAX_DEPTH: Final = 12
BASE_DEPTH: Final = 4
"""Groups below this depth show nothing that only their base class speaks of."""

_UPPER_RUN: Final = re.compile(r"[A-Z]+(?:_[A-Z]+)*")
_SILENT_ATTRIBUTES: Final = ("units", "target")
"""Units come with their value, and targets with links."""
_AXIS: Final = ("transformation_type", "vector")
"""What places an object needs of every field (NXtransformations), whatever else is asked."""


@dataclass(frozen=True, slots=True)
class FieldItem:
    """A field, with those of its attributes that are asked for; `value` is what is known already,
    as YAML on one line."""

    key: str
    concept: FieldConcept
    attributes: tuple[AttributeConcept, ...]
    value: str = ""

    @property
    def requirement(self) -> Requirement:
        """Whether it must, should or may be there."""
        return self.concept.bounds.requirement


@dataclass(frozen=True, slots=True)
class GroupItem:
    """A group; `filled` names the fields, links and groups that nxtool writes by itself.

    `is_expanded` is False where the group has more inside than is shown.
    """

    key: str
    concept: GroupConcept
    requirement: Requirement
    attributes: tuple[AttributeConcept, ...] = ()
    fields: tuple[FieldItem, ...] = ()
    groups: tuple[GroupItem, ...] = ()
    filled: tuple[str, ...] = ()
    is_expanded: bool = True

    @property
    def is_empty(self) -> bool:
        """True where nothing is asked for inside."""
        return not (self.attributes or self.fields or self.groups)

    @property
    def is_list_of_steps(self) -> bool:
        """Transformations that are written as a list, because the definition names none."""
        return self.key == STEPS and self.concept.nx_class == "NXtransformations" and self.is_empty


Item = FieldItem | GroupItem


def outline(
    schema: Schema, name: str, level: Level = "required", *, base_classes: bool = False
) -> GroupItem:
    """The entry of an application definition, as far as `level` asks.

    Items that only base classes speak of are left out unless they must be there, or
    `base_classes` is set; then groups of base classes are named but not opened.

    Raises:
        DefinitionError: unknown, not an application definition, or it describes no entry.
    """
    entry = schema.entry(name)
    return Outliner(name, LEVELS[level], base_classes).group(entry_key(entry), entry, 0)


def entry_key(entry: GroupConcept) -> str:
    """The key of the entry in a recipe."""
    return "entry" if entry.is_variadic or entry.name == "entry" else f"{entry.name}(NXentry)"


@dataclass(frozen=True, slots=True)
class Outliner:
    """What each group of an application definition asks for."""

    definition: str
    requirements: tuple[Requirement, ...]
    base_classes: bool

    def group(self, key: str, concept: GroupConcept, depth: int) -> GroupItem:
        """The group with all that is in it."""
        if depth >= MAX_DEPTH or (depth and self._is_foreign(concept)):
            return GroupItem(key, concept, concept.bounds.requirement, is_expanded=False)
        item = self._shallow(key, concept, depth)
        groups = tuple(self.group(one.key, one.concept, depth + 1) for one in item.groups)
        return _with_steps(replace(item, groups=groups))

    def opened(self, key: str, concept: GroupConcept, depth: int) -> GroupItem:
        """The group with its own items; groups in it are named, but not opened."""
        item = self._shallow(key, concept, depth)
        groups = tuple(
            self.group(one.key, one.concept, depth + 1) if one.key == STEPS else one
            for one in item.groups
        )
        return _with_steps(replace(item, groups=groups))

    def _shallow(self, key: str, concept: GroupConcept, depth: int) -> GroupItem:
        keys = _Keys(concept)
        fields = tuple(self._fields(concept, keys, depth))
        shown = [field.key for field in fields]
        return GroupItem(
            key,
            concept,
            concept.bounds.requirement,
            attributes=self._attributes(concept.attributes.values()),
            fields=fields,
            groups=tuple(
                GroupItem(keys.of_group(slot), slot, slot.bounds.requirement, is_expanded=False)
                for slot in concept.groups
                if self._wants(slot, depth) and not is_made_of_links(slot)
            ),
            filled=tuple(name for name in _filled(concept, depth) if name not in shown),
        )

    def _is_foreign(self, concept: GroupConcept) -> bool:
        return concept.level == "base" and concept.bounds.requirement != "required"

    def _fields(self, concept: GroupConcept, keys: _Keys, depth: int) -> Iterator[FieldItem]:
        for field in concept.fields.values():
            if field.name == "definition" and depth == 0:
                yield from self._definition(field)
            elif self._wants(field, depth) and not _writes_itself(field):
                attributes = self._attributes(field.attributes.values(), _axis(concept))
                yield FieldItem(keys.of_field(field), field, attributes)

    def _definition(self, field: FieldConcept) -> Iterator[FieldItem]:
        """The field `definition`, if it must have attributes beside its version."""
        asked = self._attributes(field.attributes.values())
        attributes = tuple(one for one in asked if one.name != "version")
        if any(one.bounds.requirement == "required" for one in attributes):
            yield FieldItem(field.name, field, attributes, value=self.definition)

    def _attributes(
        self, found: Iterable[AttributeConcept], always: tuple[str, ...] = ()
    ) -> tuple[AttributeConcept, ...]:
        attributes = {one.name: one for one in found if not one.is_variadic}
        silent = {*_SILENT_ATTRIBUTES, *(("offset",) if "vector" in attributes else ())}
        return tuple(
            one
            for name, one in attributes.items()
            if name not in silent
            and (name in always or self._wants(one, 0))
            and not _writes_itself(one)
        )

    def _wants(self, concept: GroupConcept | FieldConcept | AttributeConcept, depth: int) -> bool:
        limits: Bounds = concept.bounds
        if limits.requirement == "required":
            return True
        if limits.most == 0 or concept.deprecated or limits.requirement not in self.requirements:
            return False
        return concept.level == "application" or (self.base_classes and depth < BASE_DEPTH)


class _Keys:
    """The keys of one group's items, each different."""

    def __init__(self, parent: GroupConcept) -> None:
        self.parent = parent
        self.taken: set[str] = set()

    def of_group(self, slot: GroupConcept) -> str:
        short = self._short(slot)
        if short and short not in self.taken:
            self.taken.add(short)
            return short
        free = slot.name if not slot.is_variadic else f"my_{_lowered(slot.name)}"
        if slot.name_type == "partial":
            free = _lowered(slot.name)
        return f"{self._unused(free)}({slot.nx_class})"

    def of_field(self, field: FieldConcept) -> str:
        if not field.is_variadic:
            self.taken.add(field.name)
            return field.name
        free = self._unused(_lowered(field.name))
        return free if self.parent.match_field(free) is field else f"{free}({field.type})"

    def _unused(self, name: str) -> str:
        while name in self.taken:
            name = f"my_{name}"
        self.taken.add(name)
        return name

    def _short(self, slot: GroupConcept) -> str:
        """A key without a class that means this slot; empty if there is none."""
        if not slot.is_variadic:
            return slot.name if slot.name not in self.parent.fields else ""
        if slot.name_type == "partial":
            return ""
        label = slot.nx_class.removeprefix("NX").lower()
        return next((key for key in (label, slot.name.lower()) if self._means(key, slot)), "")

    def _means(self, key: str, slot: GroupConcept) -> bool:
        parent = self.parent
        field = parent.fields.get(key)
        if key in parent.links or (field is not None and not field.is_variadic):
            return False
        if any(not other.is_variadic and other.name == key for other in parent.groups):
            return False
        free = [other for other in parent.groups if other.name_type == "any"]
        of_class = [o for o in free if o.nx_class.removeprefix("NX").lower() == key]
        of_label = [other for other in free if other.name.lower() == key]
        return next(iter([*of_class, *of_label])) is slot


def _lowered(name: str) -> str:
    """A name that fits a partial or free one: `detector_TYPE` → `detector_type`, `rangeID` →
    `range1`."""
    return _UPPER_RUN.sub(lambda run: "1" if run[0] == "ID" else run[0].lower(), name)


def _with_steps(item: GroupItem) -> GroupItem:
    """The group with a list of steps in place of the `depends_on` that it fills in."""
    placed = next((field for field in item.fields if field.key == PLACED), None)
    steps = next((group for group in item.groups if group.key == STEPS), None)
    if placed is None or (steps is not None and not steps.is_list_of_steps):
        return item
    slot = steps.concept if steps else _transformations(item.concept)
    if slot is None:
        return item
    others = tuple(group for group in item.groups if group is not steps)
    return replace(
        item,
        fields=tuple(field for field in item.fields if field is not placed),
        groups=(*others, GroupItem(STEPS, slot, placed.requirement, filled=(PLACED,))),
    )


def _transformations(parent: GroupConcept) -> GroupConcept | None:
    slots = (slot for slot in parent.groups if slot.nx_class == "NXtransformations")
    return next((slot for slot in slots if slot.name.lower() == STEPS), None)


def is_made_of_links(slot: GroupConcept) -> bool:
    """A required group whose required content is links alone: nxtool writes it."""
    if slot.bounds.requirement != "required" or not slot.links or slot.level != "application":
        return False
    inner = [item.bounds for item in slot.fields.values()]
    inner += [item.bounds for item in slot.groups]
    return all(item.requirement != "required" for item in inner)


def _writes_itself(concept: FieldConcept | AttributeConcept) -> bool:
    """A required value with a single choice."""
    only = _has_one_value(concept.enumeration)
    return only and concept.bounds.requirement == "required" and not concept.is_variadic


def _has_one_value(enumeration: Enumeration | None) -> bool:
    return enumeration is not None and not enumeration.open and len(enumeration.items) == 1


def _axis(group: GroupConcept) -> tuple[str, ...]:
    return _AXIS if group.nx_class == "NXtransformations" else ()


def _filled(concept: GroupConcept, depth: int) -> Iterator[str]:
    """Names of what nxtool writes into a group by itself."""
    for field in concept.fields.values():
        if _writes_itself(field) or (field.name == "definition" and depth == 0):
            yield field.name
    for link in concept.links.values():
        if link.bounds.requirement == "required" and link.name not in concept.fields:
            yield link.name
    for slot in concept.groups:
        if is_made_of_links(slot):
            yield slot.name if not slot.is_variadic else slot.nx_class.removeprefix("NX").lower()
