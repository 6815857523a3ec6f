"""What will be written: an ordered tree of groups, fields, links and attributes.

A plan is made from a recipe, a schema and sources (`nxtool.build.planner`), judged like a file
(`nxtool.build.planview`), printed (`--plan`), and executed (`nxtool.build.write`). Making it
reads no bulk data and writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from nxtool import nxpath
from nxtool.build.data import FieldData
from nxtool.build.rawfiles import Embedding
from nxtool.build.sparse import SparseFrames
from nxtool.build.step import Step
from nxtool.findings import Mark
from nxtool.schema.concepts import FieldConcept, GroupConcept
from nxtool.storage.spec import FilterSpec

AttributeValue: TypeAlias = Any
"""`str`, number, bool, list of `str`, or a numpy array."""


@dataclass(slots=True, eq=False)
class PlannedField:
    """A dataset to be written."""

    path: str
    data: FieldData
    attributes: dict[str, AttributeValue] = field(default_factory=dict)
    compression: FilterSpec | None = None
    chunks: tuple[int, ...] | None = None
    fixed_strings: bool = False
    concept: FieldConcept | None = None
    origin: str = "recipe"
    """`recipe`, `definition` (filled in because it can only be this), or a source as written."""

    @property
    def name(self) -> str:
        return nxpath.base(self.path)


@dataclass(slots=True, eq=False)
class PlannedLink:
    """A link to be made: hard inside the file (`@target` on the original), else external."""

    path: str
    target: str
    file: str = ""
    data: FieldData | None = None
    """What an external link leads to, where a source tells."""
    attributes: dict[str, AttributeValue] = field(default_factory=dict)
    """Those of the object an external link leads to."""
    origin: str = "recipe"

    @property
    def name(self) -> str:
        return nxpath.base(self.path)


@dataclass(slots=True, eq=False)
class PlannedGroup:
    """A group to be created, with its children in the order they will be written."""

    path: str
    nx_class: str
    attributes: dict[str, AttributeValue] = field(default_factory=dict)
    children: dict[str, Planned] = field(default_factory=dict)
    concept: GroupConcept | None = None
    origin: str = "recipe"
    sparse: SparseFrames | None = None
    """What is written into it besides its children, as the frames are read."""

    @property
    def name(self) -> str:
        return nxpath.base(self.path)

    def walk(self) -> Iterator[Planned]:
        """The group and everything below it, parents first."""
        yield self
        for child in self.children.values():
            if isinstance(child, PlannedGroup):
                yield from child.walk()
            else:
                yield child

    def find(self, path: str) -> Planned | None:
        """What is planned at an absolute path below the root, links followed."""
        node: Planned | None = self
        for name in (part for part in path.split("/") if part):
            node = self.follow(node)
            node = node.children.get(name) if isinstance(node, PlannedGroup) else None
        return node

    def follow(self, node: Planned | None) -> Planned | None:
        """The group or field behind links inside the file; this group must be the root."""
        for _ in range(100):
            if not isinstance(node, PlannedLink) or node.file:
                return node
            node = self.find(node.target)
        return None


Planned: TypeAlias = "PlannedGroup | PlannedField | PlannedLink"


@dataclass(slots=True, eq=False)
class Plan:
    """The tree to write, and where each part of it was asked for."""

    root: PlannedGroup
    marks: dict[str, Mark] = field(default_factory=dict)
    """By path, attributes behind an `@`."""
    values: dict[str, Mark] = field(default_factory=dict)
    """Where the values of fields stand, by path."""
    waived: dict[str, str] = field(default_factory=dict)
    """Reasons by absolute path."""
    declared: set[str] = field(default_factory=set)
    """Paths of what the author declared himself, `phi(NX_FLOAT)`: known not to be documented."""
    embedding: Embedding | None = None
    """The raw files that go into the result; None if they shall not."""

    steps: list[Step] = field(default_factory=list)
    """How whole groups are changed, beside what is said of single fields."""

    def mark(self, path: str) -> Mark | None:
        """Where `path`, or else the nearest group above it, was asked for."""
        while True:
            if path in self.marks:
                return self.marks[path]
            if "@" in path:
                path = path.rpartition("@")[0]
            elif path in ("/", ""):
                return None
            else:
                path = nxpath.parent(path)

    @property
    def fields(self) -> list[PlannedField]:
        """Every field, in the order of writing."""
        return [node for node in self.root.walk() if isinstance(node, PlannedField)]

    @property
    def bulk_bytes(self) -> int:
        """How many bytes of values will be written, before compression."""
        embedded = self.embedding.bulk_bytes if self.embedding is not None else 0
        groups = (node for node in self.root.walk() if isinstance(node, PlannedGroup))
        frames = sum(node.sparse.size for node in groups if node.sparse is not None)
        return embedded + frames + sum(_size(item) for item in self.fields)


def _size(item: PlannedField) -> int:
    size = item.data.dtype.itemsize
    for length in item.data.shape:
        size *= length
    return size
