"""What an author sees of a recipe: the concepts of its definition with what the recipe says.

A tree of rows. A group that must be there, or is there, shows what is asked for inside; one that
may be there is a row alone until it is opened, and counts for nothing until it is added. Names of
the recipe that the definition does not know are rows too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from nxtool import nxpath
from nxtool.build.naming import FieldSlot, GroupSlot, meaning_of
from nxtool.errors import DefinitionError
from nxtool.findings import Mark
from nxtool.recipe.forms import FIELD_KEYS, GROUP_WORDS
from nxtool.schema.concepts import AttributeConcept, FieldConcept, GroupConcept
from nxtool.schema.outline import LEVELS, FieldItem, GroupItem, Level, Outliner, entry_key
from nxtool.yamltree.emit import inline
from nxtool.yamltree.nodes import ListNode, MapNode, Node, Scalar

if TYPE_CHECKING:
    from nxtool.authoring.document import Names
    from nxtool.schema.compile import Schema
    from nxtool.schema.concepts import Requirement

Kind: TypeAlias = Literal["group", "field", "attribute"]
Origin: TypeAlias = Literal["", "value", "source", "link", "nxtool"]
"""Where a value comes from; `nxtool` writes it by itself; empty where there is none."""

ORIGINS: Final[Mapping[str, Origin]] = {
    "from": "source", "virtual": "source", "link": "link", "$link": "link", "$plot": "value",
}  # fmt: skip
MAX_SHOWN: Final = 200
"""Longer values are cut."""


@dataclass(eq=False)
class Row:
    """One concept, or one name of the recipe.

    `names` lead to it in the recipe (for an attribute: to its value), `path` in the file. `label`
    is what people call it, `value` short text. `is_invalid` is true for a value behind `!invalid`,
    `is_known` false for a name that the definition does not know. `below` are the rows inside, the
    attributes of a field for one; None where a group was not opened. `folded` is how many optional
    concepts of a group are not shown. `is_due` is false for what stands in something that may be
    absent, and is: it is asked for by no one.
    """

    names: Names
    path: str
    label: str
    kind: Kind
    concept: GroupConcept | FieldConcept | AttributeConcept | None
    requirement: Requirement = "optional"
    origin: Origin = ""
    value: str = ""
    is_invalid: bool = False
    is_known: bool = True
    nx_class: str = ""
    below: list[Row] | None = None
    folded: int = 0
    depth: int = 0
    is_due: bool = True

    @property
    def is_given(self) -> bool:
        """True where the recipe says something, or nxtool will."""
        return bool(self.origin)

    @property
    def is_gap(self) -> bool:
        """True where the author has something to do: what is required is empty, or not valid."""
        done, due = self.own_tally
        return self.is_invalid or done < due

    @cached_property
    def own_tally(self) -> tuple[int, int]:
        """As `tally`, without what is in rows below."""
        due = int(self.requirement == "required" and self.is_due)
        if self.kind == "group" and any(row.tally[1] for row in self.below or ()):
            due = 0
        return int(due and self.is_given and not self.is_invalid), due

    @cached_property
    def tally(self) -> tuple[int, int]:
        """How many of the required values there are, and how many are due; of a group or field
        that may be absent, and is, none."""
        if not self.is_given and self.requirement != "required":
            return 0, 0
        parts = [self.own_tally, *(row.tally for row in self.below or ())]
        return sum(done for done, _ in parts), sum(due for _, due in parts)

    def walk(self) -> Iterator[Row]:
        """The row, and all there are below it."""
        waiting = [self]
        while waiting:
            row = waiting.pop()
            yield row
            if row.below:
                waiting.extend(reversed(row.below))


@dataclass(frozen=True, slots=True)
class Unfolded:
    """What is shown beyond what is required or recommended, by names: groups that are open, and
    those whose optional concepts (of base classes, too) are shown. `level` holds for all others.
    """

    level: Level = "recommended"
    opened: frozenset[Names] = frozenset()
    optional: frozenset[Names] = frozenset()
    inherited: frozenset[Names] = frozenset()


NOTHING: Final = Unfolded()


def rows_of(schema: Schema, tree: MapNode, unfolded: Unfolded = NOTHING) -> list[Row]:
    """The entries of a recipe as rows; for each the definition it follows. Where there is none yet,
    one that may be filled in.

    Raises:
        DefinitionError: the definition is missing, unknown, or no application.
    """
    stated = tree.get("definition")
    if not isinstance(stated, Scalar) or stated.is_null:
        hint = "a recipe states one, like `definition: NXtomo`"
        raise DefinitionError("the definition is missing", hint=hint, mark=tree.mark)
    entry = schema.entry(stated.text)
    rows = _Rows(stated.text, unfolded)
    found: list[tuple[str, Node | None]] = [
        (key.text, node) for key, node in tree.items if _is_entry(key.text)
    ]
    return [
        rows.group((key,), f"/{_bare(key)}", entry, "required", node, 0)
        for key, node in found or [(entry_key(entry), None)]
    ]


def _is_entry(key: str) -> bool:
    return key == "entry" or key.endswith("(NXentry)")


def _bare(key: str) -> str:
    return key.partition("(")[0]


@dataclass(frozen=True, slots=True)
class _Rows:
    definition: str
    unfolded: Unfolded

    def group(
        self,
        names: Names,
        path: str,
        concept: GroupConcept,
        requirement: Requirement,
        node: Node | None,
        depth: int,
        *,
        is_known: bool = True,
    ) -> Row:
        """The group that `node` says something about, or that is not there yet."""
        row = Row(
            names, path, nxpath.base(path), "group", concept, requirement,
            nx_class=concept.nx_class, depth=depth, is_known=is_known,
        )  # fmt: skip
        _say(row, node)
        is_link = row.origin == "link"
        is_steps = isinstance(node, ListNode) and row.nx_class == "NXtransformations"
        row.is_invalid |= row.origin == "value" and not is_steps and not isinstance(node, MapNode)
        if not is_link and not is_steps and self._is_open(row):
            row.below = self._inside(row, concept, node if isinstance(node, MapNode) else None)
            _excuse(row)
        return row

    def _is_open(self, row: Row) -> bool:
        return row.is_given or row.requirement == "required" or row.names in self.unfolded.opened

    def _inside(self, row: Row, concept: GroupConcept, node: MapNode | None) -> list[Row]:
        inherited = row.names in self.unfolded.inherited
        level: Level = "all" if inherited or row.names in self.unfolded.optional else (
            self.unfolded.level
        )  # fmt: skip
        item = self._item(concept, level, row.depth, inherited=inherited)
        every = self._item(concept, "all", row.depth, inherited=False)
        row.folded = max(0, _size(every) - _size(item)) if not inherited else 0
        given = _Given(concept, node)
        found = [*self._attributes(row, item, node)]
        found += (self._filled(row, name) for name in item.filled if name not in given)
        for one in item.fields:
            found += self._fields(row, one, given)
        for group in item.groups:
            found += self._groups(row, group, given)
        return [*found, *self._others(row, given)]

    def _item(
        self, concept: GroupConcept, level: Level, depth: int, *, inherited: bool
    ) -> GroupItem:
        outliner = Outliner(self.definition, LEVELS[level], inherited)
        return outliner.opened("", concept, depth if not inherited else 0)

    def _attributes(self, row: Row, item: GroupItem, node: MapNode | None) -> Iterator[Row]:
        stated = node.get("$attrs") if node is not None else None
        known = stated if isinstance(stated, MapNode) else MapNode((), _nowhere(node))
        for one in item.attributes:
            yield _attribute((*row.names, "$attrs"), row, one, known.get(one.name))

    def _filled(self, row: Row, name: str) -> Row:
        path = nxpath.join(row.path, name)
        filled = Row((*row.names, name), path, name, "field", None, depth=row.depth + 1)
        filled.origin = "nxtool"
        filled.value = self.definition if name == "definition" else ""
        return filled

    def _fields(self, row: Row, item: FieldItem, given: _Given) -> Iterator[Row]:
        taken = list(given.take(item.concept))
        for key, slot, node in taken:
            yield _field(row, key, slot.name, item.concept, item.requirement, node, item.attributes)
        if not taken:
            yield _field(
                row, item.key, _bare(item.key), item.concept, item.requirement, None,
                item.attributes,
            )  # fmt: skip

    def _groups(self, row: Row, item: GroupItem, given: _Given) -> Iterator[Row]:
        taken = list(given.take(item.concept))
        if item.is_list_of_steps and not taken:
            taken = list(given.take_name(item.key))
        none: list[tuple[str, str, Node | None]] = [(item.key, _bare(item.key), None)]
        for key, name, node in [(key, slot.name, node) for key, slot, node in taken] or none:
            yield self.group(
                (*row.names, key), nxpath.join(row.path, name), item.concept, item.requirement,
                node, row.depth + 1,
            )  # fmt: skip

    def _others(self, row: Row, given: _Given) -> Iterator[Row]:
        """What the recipe says beyond what is shown of the definition."""
        for key, slot, node in given.rest():
            names, name = (*row.names, key), slot.name if slot is not None else key
            path = nxpath.join(row.path, name)
            if isinstance(slot, GroupSlot) and slot.concept is not None:
                yield self.group(
                    names, path, slot.concept, slot.concept.bounds.requirement, node, row.depth + 1,
                    is_known=slot.concept.level == "application" or "(" in key or slot is not None,
                )  # fmt: skip
            elif isinstance(slot, FieldSlot):
                requirement = slot.concept.bounds.requirement if slot.concept else "optional"
                yield _field(row, key, name, slot.concept, requirement, node, ())
            else:
                other = Row(names, path, key, "field", None, depth=row.depth + 1, is_known=False)
                _say(other, node)
                yield other


class _Given:
    """What a group of the recipe holds, by the concepts its names mean."""

    def __init__(self, concept: GroupConcept, node: MapNode | None) -> None:
        pairs = node.items if node is not None else ()
        self._items = {
            key.text: (meaning_of(key, value, concept), value)
            for key, value in pairs
            if key.text not in GROUP_WORDS
        }

    def __contains__(self, name: str) -> bool:
        return name in self._items

    def take(
        self, concept: GroupConcept | FieldConcept
    ) -> Iterator[tuple[str, FieldSlot | GroupSlot, Node]]:
        """What means this concept: key, slot and node; each is given once."""
        if not self._items:
            return
        for key, (slot, node) in list(self._items.items()):
            if slot is not None and slot.concept is concept:
                del self._items[key]
                yield key, slot, node

    def take_name(self, name: str) -> Iterator[tuple[str, FieldSlot | GroupSlot, Node]]:
        """What stands under a name, if that means anything."""
        slot, node = self._items.get(name, (None, None))
        if slot is not None and node is not None:
            del self._items[name]
            yield name, slot, node

    def rest(self) -> Iterator[tuple[str, FieldSlot | GroupSlot | None, Node]]:
        """What was not taken."""
        for key, (slot, node) in self._items.items():
            yield key, slot, node


def _size(item: GroupItem) -> int:
    return len(item.fields) + len(item.groups) + len(item.attributes)


def _nowhere(node: MapNode | None) -> Mark:
    return node.mark if node is not None else Mark("")


def _field(
    above: Row,
    key: str,
    name: str,
    concept: FieldConcept | None,
    requirement: Requirement,
    node: Node | None,
    attributes: tuple[AttributeConcept, ...],
) -> Row:
    names = (*above.names, key)
    row = Row(names, nxpath.join(above.path, name), name, "field", concept, requirement)
    row.depth = above.depth + 1
    is_long = isinstance(node, MapNode) and set(node) <= set(FIELD_KEYS)
    form = node if is_long and isinstance(node, MapNode) else None
    _say(row, node if form is None else _origin(form))
    stated = form.get("attrs") if form is not None else None
    known = stated if isinstance(stated, MapNode) else MapNode((), _nowhere(form))
    if attributes:
        row.below = [_attribute((*names, "attrs"), row, one, known.get(one.name))
                     for one in attributes]  # fmt: skip
        _excuse(row)
    return row


def _excuse(row: Row) -> None:
    """What stands in a row that may be absent, and is, is not due."""
    if not row.is_given and row.requirement != "required":
        for inside in row.walk():
            inside.is_due = inside is row


def _origin(form: MapNode) -> Node | None:
    """What of the long form of a field says its value."""
    for key in ("value", "expr"):
        if key in form and not any(word in form for word in ("from", "virtual")):
            return form.get(key)
    return form if any(word in form for word in ORIGINS) else None


def _attribute(above: Names, row: Row, concept: AttributeConcept, node: Node | None) -> Row:
    path = nxpath.attribute(row.path, concept.name)
    found = Row(
        (*above, concept.name), path, f"@{concept.name}", "attribute", concept,
        concept.bounds.requirement, depth=row.depth + 1,
    )  # fmt: skip
    _say(found, node)
    return found


def _say(row: Row, node: Node | None) -> None:
    """What the recipe says there."""
    if node is None:
        return
    if isinstance(node, Scalar):
        row.is_invalid = node.is_invalid
        row.origin = "" if node.is_null else "value"
        row.value = node.text[:MAX_SHOWN] if node.is_invalid or not node.is_null else ""
        return
    row.origin = "value"
    if isinstance(node, MapNode):
        row.origin = next((ORIGINS[key] for key in node if key in ORIGINS), "value")
        told = next((node.get(key) for key in node if ORIGINS.get(key) in ("source", "link")), None)
        row.value = _short(told or node) if told is not None or row.kind != "group" else ""
    else:
        row.value = _short(node)


def _short(node: Node) -> str:
    text = node.text if isinstance(node, Scalar) else inline(node)
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
