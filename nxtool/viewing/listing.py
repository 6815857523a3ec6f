"""One group of a file: some of what is in it, each name with its concept, and what is missing.

Only that group is read, and of those above it the way to it, so a file of any size is looked at in
pieces; circles of links are told, not followed.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from nxtool import nxpath
from nxtool.authoring.rows import Row
from nxtool.nodeview import is_group
from nxtool.schema.concepts import ChoiceConcept, FieldConcept, GroupConcept, LinkConcept
from nxtool.show import Item, attribute_texts, child_item
from nxtool.validate.engine import MAX_DEPTH, visit_at
from nxtool.validate.rules.presence import required_children
from nxtool.validate.visit import Options, Walk

if TYPE_CHECKING:
    from pathlib import Path

    from nxtool.authoring.document import Names
    from nxtool.findings import Finding
    from nxtool.nodeview import GroupView
    from nxtool.schema.compile import Schema
    from nxtool.validate.visit import ChildVisit, GroupVisit

Concept: TypeAlias = "FieldConcept | GroupConcept | LinkConcept"
PAGE: Final = 250
"""So many names of a group are looked at at once."""
FARTHEST: Final = 20_000
"""Up to this place in a group a name is looked for."""
ROOT: Final[Names] = ("/",)
"""The names of the row of a file."""


@dataclass(eq=False)
class FileRow(Row):
    """A name in a file, or one that should be there: then `item` is None.

    `names` begin with `/`. `rank` is its place in the definition, behind all of it where it has
    none; `unread` counts the names of its group that were not looked at yet, and is 0 for a row
    that is a name. `role` says what it is in an openPMD file, empty in others.
    """

    item: Item | None = None
    rank: int = 0
    unread: int = 0
    role: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A group: its own row, the rows of its names in the order of the file, those of names that
    are missing, and how many names it has in all."""

    group: FileRow
    rows: tuple[FileRow, ...]
    missing: tuple[FileRow, ...]
    total: int


def list_group(
    root: GroupView, file: Path, schema: Schema, names: Names, count: int = PAGE, to: str = ""
) -> Listing | None:
    """The first `count` names of a group, more where `to` is a name behind those; None where
    `names` lead to no group. What is missing is only said where all names are read."""
    walk = Walk(root, schema, Options())
    way = names[1:]
    visit = visit_at(walk, "/" + "/".join(way), _Way(way, count, to))
    if visit is None or len(way) > MAX_DEPTH:
        return None
    reader = _Reader(visit, names, _ranks(visit.concept))
    rows = tuple(reader.row(child) for child in visit.children.values())
    total = len(visit.view.links)
    missing = tuple(reader.missing()) if len(rows) == total else ()
    return Listing(_group_row(visit, names, file), rows, missing, total)


@dataclass(frozen=True, slots=True)
class _Way:
    """Of each group on the way the next name, of the last one some."""

    way: Names
    count: int
    to: str

    def __call__(self, view: GroupView) -> tuple[str, ...]:
        depth = len([part for part in view.path.split("/") if part])
        if depth < len(self.way):
            return (self.way[depth],)
        known = tuple(view.links)
        last = self.count
        if self.to in view.links:
            place = known.index(self.to)
            last = max(last, place + 1 if place < FARTHEST else 0)
        return known[:last]


def _group_row(visit: GroupVisit, names: Names, file: Path) -> FileRow:
    label = file.name if len(names) == 1 else names[-1]
    nx_class = visit.nx_class if len(names) > 1 else "NXroot"
    row = FileRow(
        names, visit.path, label, "group", visit.concept, origin="value", nx_class=nx_class,
        depth=len(names) - 1, value=nx_class,
    )  # fmt: skip
    attributes = attribute_texts(visit.view.attributes)
    row.item = Item(label, visit.path, "group", nx_class=nx_class, attributes=attributes)
    return row


def _ranks(concept: GroupConcept | None) -> dict[int, int]:
    """The place of each concept in a definition, by identity."""
    if concept is None:
        return {}
    parts = (*concept.fields.values(), *concept.links.values(), *concept.groups)
    return {id(part): place for place, part in enumerate(parts)}


@dataclass(frozen=True, slots=True)
class _Reader:
    """Makes the rows of one group."""

    visit: GroupVisit
    names: Names
    ranks: dict[int, int]

    def row(self, child: ChildVisit) -> FileRow:
        """The row of a name."""
        item = child_item(self.visit.view, child.name)
        concept = child.field or child.group
        found = None if isinstance(concept, ChoiceConcept) else concept
        is_field = item.kind == "field"
        row = FileRow(
            (*self.names, child.name), child.path, child.name, "field" if is_field else "group",
            found, origin="value", nx_class=item.nx_class, depth=len(self.names), item=item,
        )  # fmt: skip
        if found is not None:
            row.requirement = found.bounds.requirement
        row.rank = self.ranks.get(id(found), len(self.ranks))
        self._say(row, child, item)
        return row

    def _say(self, row: FileRow, child: ChildVisit, item: Item) -> None:
        """What stands behind the name, in a few words."""
        link = item.link
        if link is not None and link.kind in ("soft", "external"):
            row.origin = "link"
        row.value = value_text(item)
        if item.kind == "broken":
            row.kind, row.is_invalid = "field", True
        elif is_group(child.node):
            first = self._above(child.node.identity)
            if first:
                row.below, row.value = [], f"↺ {first}"
            elif not child.node.links:
                row.below = []

    def _above(self, identity: Hashable) -> str:
        """The path of the group above that this is, too; empty where it is none of them."""
        visit: GroupVisit | None = self.visit
        while visit is not None:
            if visit.view.identity == identity:
                return visit.path
            visit = visit.parent
        return ""

    def missing(self) -> Iterator[FileRow]:
        """What the definition asks for and is not there."""
        known = {concept.anchor: concept for concept in _parts(self.visit.concept)}
        for finding in required_children(self.visit):
            concept = known.get(finding.anchor)
            if finding.code == "O01" and concept is not None:
                yield self._missing(finding, concept)

    def _missing(self, finding: Finding, concept: Concept) -> FileRow:
        is_named = finding.path != self.visit.path
        label = nxpath.base(finding.path) if is_named else concept.name
        row = FileRow(
            (*self.names, label), nxpath.join(self.visit.path, label), label,
            "group" if isinstance(concept, GroupConcept) else "field",
            concept if not isinstance(concept, LinkConcept) else None,
            concept.bounds.requirement, depth=len(self.names), below=[],
        )  # fmt: skip
        row.nx_class = concept.nx_class if isinstance(concept, GroupConcept) else ""
        row.rank = self.ranks.get(id(concept), len(self.ranks))
        return row


def _parts(concept: GroupConcept | None) -> Iterator[Concept]:
    if concept is not None:
        yield from concept.fields.values()
        yield from concept.links.values()
        yield from concept.groups


def value_text(item: Item) -> str:
    """What stands behind a name, short: a value with its unit, type and shape, class or reason."""
    link = item.link
    to = f"→ {link.file}:{link.target}" if link is not None and link.kind == "external" else (
        f"→ {link.target}" if link is not None and link.kind == "soft" else ""
    )  # fmt: skip
    if item.kind == "broken":
        return item.value
    if item.kind != "field":
        return " ".join(filter(None, (item.nx_class, to)))
    if item.value:
        return " ".join(filter(None, (item.value, item.units, to)))
    return " ".join(filter(None, (form_text(item), item.units, to)))


def form_text(item: Item) -> str:
    """Type and shape of a field: `uint16 [40 × 512]`."""
    if item.shape is None:
        return f"{item.type} null"
    shape = " × ".join(map(str, item.shape))
    return f"{item.type} [{shape}]" if shape else item.type
