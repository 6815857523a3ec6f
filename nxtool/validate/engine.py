"""The walk: every group and field once, matched to its concept, handed to the rules.

The engine decides nothing itself. It lists a group, finds the concept of each child, gives the
group and its fields to the rules, and goes on below. Findings about one object that is reached
by several names are reported once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import replace
from typing import Final, TypeAlias

from nxtool import nxpath
from nxtool.errors import DefinitionError
from nxtool.findings import Finding
from nxtool.nodeview import Broken, Child, GroupView, NodeView, is_field, is_group
from nxtool.schema.compile import ENTRY_CLASSES, Schema
from nxtool.schema.concepts import GroupConcept
from nxtool.validate import memory, rules, waivers
from nxtool.validate.assignment import assign
from nxtool.validate.visit import (
    ChildVisit,
    FieldVisit,
    GroupVisit,
    Options,
    Scope,
    Walk,
    class_of,
    control_text,
    fields_of,
    finding,
)

MAX_DEPTH: Final = 100
CROWD: Final = 100
"""In a group with more children than this none keeps its handle while it waits for its turn."""


def validate_tree(
    root: GroupView, schema: Schema, options: Options | None = None
) -> tuple[list[Finding], list[str]]:
    """Findings about the tree under `root`, and the applications it was judged by (`path: name`).

    Never raises on what the tree holds; see `nxtool.validate.rulebook` for the rules.
    """
    walk = Walk(root, schema, options or Options())
    engine = _Engine(walk)
    findings = waivers.waive(engine.run(), waivers.recorded(walk))
    return findings, engine.applications


Wanted: TypeAlias = Callable[[GroupView], Iterable[str]]
"""Which children of a group to look at."""


def visit_at(walk: Walk, path: str, wanted: Wanted | None = None) -> GroupVisit | None:
    """The group at an absolute path, with the concept the walk would give it; None where the
    path leads to no group. Of each group on the way, and of that one, only the children that are
    `wanted` are looked at (None: all)."""
    return _Engine(walk, wanted).reach(path)


class _Engine:
    def __init__(self, walk: Walk, wanted: Wanted | None = None) -> None:
        self.walk = walk
        self._wanted = wanted
        self.applications: list[str] = []
        self._entered: set[tuple[Hashable, GroupConcept | None]] = set()
        self._reported: set[tuple[Hashable, str, str, str]] = set()
        self._elsewhere: dict[str, str] = {}
        """Groups met under a second name, by that path: the path they say they have."""
        self._memory = memory.Memory()

    def run(self) -> Iterator[Finding]:
        visit = self._root()
        yield from rules.check_file(visit)
        yield from self._group(visit, depth=0)

    def reach(self, path: str) -> GroupVisit | None:
        """The group at an absolute path, children listed; None where there is none."""
        visit = self._root()
        for name in (part for part in path.split("/") if part):
            child = visit.children.get(name)
            if child is None or not is_group(child.node):
                return None
            if child.nx_class in ENTRY_CLASSES:
                visit, _ = self._entry_visit(visit, child, child.node)
            else:
                concept = child.group if isinstance(child.group, GroupConcept) else None
                visit = self._visit(visit, child, child.node, concept, visit.scope)
            if visit.is_free:
                self._list_children(visit)
        return visit

    def _root(self) -> GroupVisit:
        root_class = "NXroot" if self.walk.schema.knows("NXroot") else ""
        concept = self.walk.schema.base_class(root_class) if root_class else None
        visit = GroupVisit(self.walk, self.walk.root, concept, "NXroot", None, Scope())
        self._list_children(visit)
        return visit

    def _group(self, visit: GroupVisit, depth: int) -> Iterator[Finding]:
        """Everything about one group and what is below it."""
        key = visit.view.identity, visit.concept
        if key in self._entered:
            return
        self._entered.add(key)
        original = self._original(visit.view)
        if original != visit.path:
            self._elsewhere[visit.path] = original
        if depth > MAX_DEPTH:
            yield finding("F05", visit.path, f"more than {MAX_DEPTH} levels of groups")
            return
        yield from self._form_of_group(visit)
        if visit.is_free:
            return
        for field in fields_of(visit):
            yield from self._field(field)
        for child in visit.group_children.values():
            yield from self._below(visit, child, depth)
            if is_group(child.node):
                child.node.forget()

    def _form_of_group(self, visit: GroupVisit) -> Iterator[Finding]:
        """One group; a form that was judged before is not judged again."""
        sign = memory.group_sign(visit)
        verdict = self._memory.groups.get(sign) if sign is not None else None
        if verdict is None:
            verdict = memory.verdict(visit.path, rules.check_group(visit))
            memory.keep(self._memory.groups, sign, verdict)
        if verdict:
            yield from self._once(visit.view, memory.told(verdict, visit.path))

    def _below(self, visit: GroupVisit, child: ChildVisit, depth: int) -> Iterator[Finding]:
        assert is_group(child.node)  # noqa: S101 - group_children holds only groups
        if not child.nx_class:
            return  # G01 or G02 told; a foreign group is not judged further
        if child.nx_class in ENTRY_CLASSES:
            yield from self._entry(visit, child, child.node, depth)
            return
        concept = child.group if isinstance(child.group, GroupConcept) else None
        below = self._visit(visit, child, child.node, concept, visit.scope)
        yield from self._group(below, depth + 1)

    def _entry(
        self, parent: GroupVisit, child: ChildVisit, view: GroupView, depth: int
    ) -> Iterator[Finding]:
        """An NXentry or NXsubentry: judged by its application definition, if it names one."""
        visit, problem = self._entry_visit(parent, child, view)
        if visit.scope.application:
            self.applications.append(f"{view.path}: {visit.scope.application}")
        yield from problem
        yield from self._group(visit, depth + 1)
        yield from rules.check_entry(visit)

    def _entry_visit(
        self, parent: GroupVisit, child: ChildVisit, view: GroupView
    ) -> tuple[GroupVisit, list[Finding]]:
        """The visit of an entry, and what is wrong with the definition it names."""
        name = self.walk.options.definition or control_text(view, "definition", strip=False)
        concept, problem = self._application(name, child)
        scope = Scope(application=self._meant(name) if concept else "")
        if concept is None:
            concept = child.group if isinstance(child.group, GroupConcept) else None
        return self._visit(parent, child, view, concept, scope), problem

    def _application(
        self, name: str, child: ChildVisit
    ) -> tuple[GroupConcept | None, list[Finding]]:
        """The concept `name` means, and what is wrong with the name."""
        path = nxpath.join(child.path, "definition")
        if not name.strip():
            return None, list(_blank(child.node, path))
        meant = self._meant(name)
        found: list[Finding] = []
        if meant != name:
            message = f"{name!r} is read as {meant!r}"
            found.append(finding("E05", path, message, severity="warning", found=name))
        try:
            return self.walk.schema.application(meant, child.nx_class), found
        except DefinitionError as error:
            return None, [finding("E05", path, error.message, found=name, hint=error.hint)]

    def _meant(self, name: str) -> str:
        """`name` without blanks, in the spelling of a known definition."""
        bare = name.strip()
        if self.walk.schema.knows(bare):
            return bare
        known = self.walk.schema.catalogue.files
        return next((other for other in known if other.lower() == bare.lower()), bare)

    def _visit(
        self,
        parent: GroupVisit,
        child: ChildVisit,
        view: GroupView,
        concept: GroupConcept | None,
        scope: Scope,
    ) -> GroupVisit:
        if concept is None and self.walk.schema.knows(child.nx_class):
            concept = self.walk.schema.base_class(child.nx_class)
        visit = GroupVisit(self.walk, view, concept, child.nx_class, parent, scope)
        if not visit.is_free:
            self._list_children(visit)
        return visit

    def _list_children(self, visit: GroupVisit) -> None:
        """Open what the links of a group lead to, and find the concept of each."""
        crowded = len(visit.view.links) > CROWD
        wanted = visit.view.links if self._wanted is None else self._wanted(visit.view)
        for name in wanted:
            link = visit.view.links.get(name)
            if link is None:
                continue
            node = visit.view.child(name)
            child = ChildVisit(name, nxpath.join(visit.path, name), link, node)
            visit.children[name] = child
            if is_group(node):
                child.nx_class = class_of(node)
                if crowded:
                    node.rest()
        for child in visit.children.values():
            assign(visit, child)

    def _field(self, visit: FieldVisit) -> Iterator[Finding]:
        """One field; a form that was judged before is not judged again."""
        sign = memory.field_sign(visit)
        known = self._memory.fields.get(sign) if sign is not None else None
        if known is None:
            verdict = memory.verdict(visit.path, rules.check_form(visit))
            known = verdict, rules.types.speaks_of_values(visit)
            memory.keep(self._memory.fields, sign, known)
        verdict, speaks = known
        if verdict:
            yield from self._once(visit.view, memory.told(verdict, visit.path))
        if speaks:
            yield from self._once(visit.view, rules.check_values(visit))

    def _once(self, node: NodeView, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Each finding about an object once, however many names lead to the object.

        The same thing said of the same place below the object counts as the same finding.
        """
        original = ""
        for item in findings:
            tail = item.path.removeprefix(node.path)
            key = node.identity, item.code, item.message, tail
            if key not in self._reported:
                self._reported.add(key)
                original = original or self._original(node)
                yield item if original == node.path else replace(item, path=original + tail)

    def _original(self, node: NodeView) -> str:
        """Where an object has its place, by its own word: the attribute target (manual, Links)."""
        attribute = node.attributes.get("target")
        text = attribute.text if attribute is not None else None
        if not text or not text.startswith("/") or text == node.path:
            return self._below_original(node.path)
        found = self.walk.lookup(text)
        same = not isinstance(found, Broken) and found.identity == node.identity
        return text if same else self._below_original(node.path)

    def _below_original(self, path: str) -> str:
        """`path` by way of the place of a group above it, where that is a link to elsewhere."""
        above = nxpath.parent(path) if self._elsewhere else "/"
        while above != "/":
            if above in self._elsewhere:
                return self._elsewhere[above] + path.removeprefix(above)
            above = nxpath.parent(above)
        return path


def _blank(entry: Child, path: str) -> Iterator[Finding]:
    """A text `definition` that says nothing."""
    field = entry.child("definition") if is_group(entry) and "definition" in entry.links else None
    if is_field(field) and field.type.kind == "string" and field.shape == ():
        yield finding("E05", path, "is empty, so it names no definition")
