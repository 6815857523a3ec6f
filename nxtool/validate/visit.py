"""What a rule is given: one node, the concept it is an instance of, and where it stands.

The engine makes visits, rules read them. A visit holds nothing that outlives its group, so the
memory a validation needs does not grow with the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal

from nxtool.findings import Finding, Severity
from nxtool.nodeview import (
    Attribute,
    Broken,
    Child,
    FieldView,
    GroupView,
    Link,
    Unreadable,
    is_field,
    is_group,
    node_at,
    one_string,
)
from nxtool.nxdl.elements import Category
from nxtool.schema.compile import Schema
from nxtool.schema.concepts import ChoiceConcept, FieldConcept, GroupConcept
from nxtool.validate.rulebook import RULES

Standard = Literal["nexus", "openpmd"]
STANDARDS: Final[tuple[Standard, ...]] = ("nexus", "openpmd")
_MOST_GROUPS: Final = 32
FREE_CLASSES = frozenset({"NXcollection"})
"""Below a group of these classes nothing is prescribed (NXcollection)."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a validation is done.

    `definition` judges every entry by this application, whatever the file says; `max_read` bounds
    the bytes of one field that are looked at for rules about values.
    """

    definition: str = ""
    max_read: int = 64 * 1024 * 1024
    allow_missing_external: bool = False
    packs: tuple[str, ...] = ()
    """Rules to ask beside the usual ones, by the names of `rules.PACKS`."""
    standard: Standard | None = None
    """What files are judged by; None for what each of them says it is."""
    profile: str = ""
    """The dialect of openPMD that counts, by the names of `nxtool.openpmd.profiles`."""
    reads_data: bool = False
    """Whether rules of openPMD may read the data of records."""


@dataclass(slots=True)
class SymbolUse:
    """Where a symbol of an application definition got which length."""

    size: int
    path: str
    group: str
    anchor: str


@dataclass(slots=True)
class Scope:
    """What holds for one entry: its application definition, and the symbols met so far."""

    application: str = ""
    symbols: dict[tuple[str, str], list[SymbolUse]] = field(default_factory=dict)
    """By (definition, symbol)."""


@dataclass(slots=True)
class Walk:
    """What holds for one whole validation."""

    root: GroupView
    schema: Schema
    options: Options
    ended: set[str] = field(default_factory=set)
    """Axes, by path, that were followed without coming to a circle: need not be again."""
    _groups: dict[str, GroupView] = field(default_factory=dict)

    def lookup(self, path: str) -> Child:
        """The node at an absolute path, link by link; a `Broken` with the deepest good prefix."""
        node: Child = self.root
        reached = ""
        for name in filter(None, path.split("/")):
            if isinstance(node, Broken):
                return node
            if not is_group(node):
                return Broken(f"{reached} has no {name!r}", dangling=True)
            reached = f"{reached}/{name}"
            node = self._groups.pop(reached, None) or node_at(node, name)
            if is_group(node):
                self._keep(reached, node)
        return node

    def _keep(self, path: str, group: GroupView) -> None:
        """Keep a group with its links for the next path that leads through it: there may be
        thousands. Only the last ones are kept."""
        self._groups[path] = group
        if len(self._groups) > _MOST_GROUPS:
            del self._groups[next(iter(self._groups))]


@dataclass(slots=True, eq=False)
class ChildVisit:
    """One name in a group: its link, what stands behind it, and the concept it is assigned to."""

    name: str
    path: str
    link: Link
    node: Child
    nx_class: str = ""
    group: GroupConcept | ChoiceConcept | None = None
    field: FieldConcept | None = None


@dataclass(eq=False)
class GroupVisit:
    """A group, its concept (None where the definitions say nothing) and its children."""

    walk: Walk
    view: GroupView
    concept: GroupConcept | None
    nx_class: str
    parent: GroupVisit | None
    scope: Scope
    children: dict[str, ChildVisit] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return self.view.path

    @property
    def schema(self) -> Schema:
        return self.walk.schema

    @cached_property
    def is_free(self) -> bool:
        """True where nothing is prescribed, so nothing can be wrong.

        An application may prescribe even what an NXcollection holds (NXspe).
        """
        if self.nx_class not in FREE_CLASSES:
            return False
        concept = self.concept
        if concept is None or concept.level == "base":
            return True
        fields = all(field.level == "base" for field in concept.fields.values())
        return fields and all(group.level == "base" for group in concept.groups)

    @cached_property
    def fields(self) -> dict[str, FieldView]:
        """The child fields by name."""
        return {name: child.node for name, child in self.children.items() if is_field(child.node)}

    @cached_property
    def group_children(self) -> dict[str, ChildVisit]:
        """The child groups by name."""
        return {name: child for name, child in self.children.items() if is_group(child.node)}

    def attribute(self, name: str) -> Attribute | None:
        return self.view.attributes.get(name)

    def names(self, attribute: str) -> list[str] | None:
        """The strings in an attribute; None if it is absent or holds none."""
        found = self.attribute(attribute)
        return None if found is None else strings(found.value)


@dataclass(slots=True, eq=False)
class FieldVisit:
    """A field in its group."""

    parent: GroupVisit
    view: FieldView
    concept: FieldConcept | None
    link: Link

    @property
    def path(self) -> str:
        return self.view.path

    @property
    def walk(self) -> Walk:
        return self.parent.walk


def strings(value: object) -> list[str] | None:
    """`value` as a list of strings; None if it holds anything else.

    >>> strings("x"), strings(["x", "y"]), strings(3)
    (['x'], ['x', 'y'], None)
    """
    if isinstance(value, str):
        return [value]
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    return None


def finding(
    code: str,
    path: str,
    message: str,
    *,
    severity: Severity | None = None,
    expected: object = "",
    found: object = "",
    hint: str = "",
    anchor: str = "",
) -> Finding:
    """A finding of rule `code`, as severe as the rule is unless said otherwise."""
    return Finding(
        code,
        severity or RULES[code].severity,
        path,
        message,
        str(expected),
        str(found),
        hint,
        anchor,
    )


def by_level(level: Category) -> Literal["error", "warning"]:
    """Errors where an application definition is broken, warnings where a base class is."""
    return "error" if level == "application" else "warning"


def class_of(view: GroupView) -> str:
    """NX_class as one string; empty where there is none."""
    attribute = view.attributes.get("NX_class")
    return (one_string(attribute.value) or "").strip() if attribute else ""


def control_text(view: GroupView, name: str, *, strip: bool = True) -> str:
    """A string field of the group, as one string, stripped if asked; empty where there is none."""
    if name not in view.links:
        return ""
    node = view.child(name)
    if not is_field(node) or node.type.kind != "string":
        return ""
    try:
        text = one_string(node.read()) or ""
        return text.strip() if strip else text
    except Unreadable:
        return ""


def fields_of(visit: GroupVisit) -> Iterator[FieldVisit]:
    """A visit for every child field."""
    for child in visit.children.values():
        if is_field(child.node):
            yield FieldVisit(visit, child.node, child.field, child.link)
