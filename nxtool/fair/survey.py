"""The walk through a file: every group once, every field looked at, no values but small texts.

Links are followed, external ones too; what is met again by another name counts for both places
and is looked at once. Depth and number of groups are bounded, so a circle of links ends.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from nxtool import nxpath, units
from nxtool.defaultplot import nx_class
from nxtool.fair import smalltexts
from nxtool.fair.facts import Bare, Entry, Facts, Group, Reference
from nxtool.nodeview import Child, FieldView, GroupView, Link, is_field, is_group

MAX_DEPTH: Final = 100
MOST_GROUPS: Final = 200_000
MOST_KEPT: Final = 10_000
"""How many groups of interest an entry may have, and how many places a list keeps."""
MOST_STEPS: Final = 2_000_000
"""How often groups may be met again in all entries, where they share them."""
ENTRY: Final = "NXentry"
_FREE: Final = frozenset(("", "NXcollection"))
"""Below these classes the validator does not look."""
_SUMS: Final = ("checksum", "md5", "sha1", "sha256", "sha512")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a group stands: how deep, in an entry or not, whether the validator looks there, and
    where names of files count from."""

    depth: int = 0
    in_entry: bool = False
    judged: bool = True
    base: str = ""


@dataclass(slots=True, eq=False)
class _Node:
    """A group that was met: what questions want of it, if anything, and the groups below it."""

    group: Group | None = None
    below: list[_Node] = field(default_factory=list)


def survey(root: GroupView, knows: Callable[[str], bool]) -> Facts:
    """The facts about the file with this root; `knows` tells the classes definitions describe."""
    walk = _Walk(Facts(Group("/", "NXroot", smalltexts.attribute_texts(root))), knows)
    walk.top(root)
    return walk.facts


@dataclass(slots=True)
class _Walk:
    facts: Facts
    knows: Callable[[str], bool]
    nodes: dict[Hashable, _Node] = field(default_factory=dict)
    fields: set[Hashable] = field(default_factory=set)
    entries: set[Hashable] = field(default_factory=set)
    """The entries below the root."""
    steps: int = 0

    def top(self, root: GroupView) -> None:
        """The root: entries first, so that what they share is named by their paths."""
        self.nodes[root.identity] = _Node()
        children = list(self._children(root, _Place()))
        children.sort(key=lambda child: nx_class(child[0]) != ENTRY)
        self.entries.update(view.identity for view, _ in children if nx_class(view) == ENTRY)
        for view, place in children:
            if nx_class(view) == ENTRY and view.identity not in self.nodes:
                node = self._group(view, replace(place, in_entry=True))
                self.facts.entries.append(Entry(view.path, self._collected(node)))
            else:
                self._group(view, place)
            view.forget()

    def _collected(self, top: _Node) -> tuple[Group, ...]:
        """The groups of interest at and below a node, each once."""
        found: list[Group] = []
        met, waiting = {id(top)}, [top]
        while waiting and len(found) < MOST_KEPT:
            node = waiting.pop()
            if node.group is not None:
                found.append(node.group)
            new = [child for child in node.below if id(child) not in met]
            met.update(map(id, new))
            waiting.extend(reversed(new))
            self.steps += 1
            if self.steps > MOST_STEPS:
                break
        self.facts.cut |= bool(waiting)
        return tuple(found)

    def _group(self, view: GroupView, place: _Place) -> _Node:
        """The node of a group, everything below it looked at."""
        known = self.nodes.get(view.identity)
        if known is not None:
            return known
        node = _Node()
        if place.depth > MAX_DEPTH or len(self.nodes) >= MOST_GROUPS:
            self.facts.cut = True
            return node
        self.nodes[view.identity] = node
        of_class = nx_class(view)
        if place.in_entry and smalltexts.is_of_interest(of_class):
            node.group = smalltexts.group_of(view, of_class)
            self._sums(view)
        here = replace(place, judged=place.judged and self._is_judged(of_class))
        for child, below in list(self._children(view, here)):
            found = self._group(child, below)
            if nx_class(child) != ENTRY:  # an entry in another is one of its own
                node.below.append(found)
            child.forget()
        return node

    def _is_judged(self, of_class: str) -> bool:
        return of_class not in _FREE and self.knows(of_class)

    def _sums(self, view: GroupView) -> None:
        """The checksums in a group."""
        sums = [nxpath.join(view.path, name) for name in _SUMS if name in view.links]
        self.facts.sums.extend(sums[: MOST_KEPT - len(self.facts.sums)])
        is_note = {"checksum", "algorithm", "data"} <= view.links.keys()
        if is_note and len(self.facts.noted) < MOST_KEPT:
            self.facts.noted.append(view.path)

    def _children(self, view: GroupView, place: _Place) -> Iterator[tuple[GroupView, _Place]]:
        """The groups in a group; its fields and links are looked at on the way."""
        inside = replace(place, depth=place.depth + 1)
        for name, link in view.links.items():
            child = view.child(name)
            below = self._elsewhere(view, link, child, inside) if link.file else inside
            if is_field(child):
                self._field(child, below)
            elif is_group(child) and not (place.in_entry and child.identity in self.entries):
                child.rest()
                yield child, below

    def _elsewhere(self, view: GroupView, link: Link, child: Child, place: _Place) -> _Place:
        """The place behind a link to another file, which is noted."""
        missing = child.kind == "broken"
        self._refer(nxpath.join(view.path, link.name), link.file, place.base, missing=missing)
        return replace(place, base=posixpath.join(place.base, posixpath.dirname(link.file)))

    def _refer(self, path: str, name: str, base: str, *, missing: bool) -> None:
        if len(self.facts.references) < MOST_KEPT:
            self.facts.references.append(Reference(path, name, base, missing))

    def _field(self, view: FieldView, place: _Place) -> None:
        if view.identity in self.fields:
            return
        self.fields.add(view.identity)
        if view.shape:  # a scalar is neither filtered nor virtual
            self._storage(view, place)
        if place.in_entry and view.type.kind in ("float", "integer"):
            self._unit(view, judged=place.judged)

    def _storage(self, view: FieldView, place: _Place) -> None:
        """The filters of a field, and the files its values lie in."""
        for number, _name, available in view.storage.filters:
            paths = self.facts.filters.setdefault(number, [])
            if len(paths) < MOST_KEPT:
                paths.append(view.path)
            if not available:
                self.facts.unavailable.add(number)
        for name in view.storage.files:
            missing = name in view.storage.missing_files
            self._refer(view.path, name, place.base, missing=missing)

    def _unit(self, view: FieldView, *, judged: bool) -> None:
        """A number without units, or with units that no validator looks at."""
        attribute = view.attributes.get("units")
        if attribute is None:
            if view.type.kind == "float" and view.shape is not None:
                self._bare(view, judged=judged)
        elif not judged and len(self.facts.units) < MOST_KEPT:
            reason = _unit_problem(attribute.text)
            if reason:
                self.facts.units.append((view.path, reason))

    def _bare(self, view: FieldView, *, judged: bool) -> None:
        if len(self.facts.bare) < MOST_GROUPS:
            target = view.attributes.get("target")
            link = (target.text or "") if target is not None else ""
            self.facts.bare.append(Bare(view.path, link, judged))


def _unit_problem(text: str | None) -> str:
    """Why a text is no unit; empty if it is one."""
    if text is None:
        return "units is not one text"
    fit = units.fit(text, "NX_ANY")
    return fit.reason if fit.verdict in ("unknown", "wrong") else ""
