"""Paths by class: `NXinstrument/NXsource/probe` finds the probe whatever the groups are called.

A step that begins with `NX` stands for any group of that class; any other step is a name, in
which `*` stands for any characters. `NXsource/name@short_name` is an attribute.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

from nxtool import nxpath
from nxtool.defaultplot import nx_class
from nxtool.nodeview import Attribute, FieldView, GroupView, is_field, is_group

MAX_MATCHES: Final = 1000
"""How many places a path may lead to in one entry."""
MAX_VISITS: Final = 100_000
"""How many groups are looked at on the way: links can go in circles."""
MAX_STEPS: Final = 20


@dataclass(frozen=True, slots=True)
class Match:
    """A field, a group or an attribute that a path leads to.

    `groups` are the names of the groups passed, by their class.
    """

    node: FieldView | GroupView
    attribute: Attribute | None
    path: str
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClassPath:
    """A path by class: its steps, and the name of the attribute at its end, if any."""

    steps: tuple[str, ...]
    attribute: str = ""

    @classmethod
    def of(cls, text: str) -> ClassPath:
        """The path written as `text`.

        >>> ClassPath.of("NXsource/name@short_name")
        ClassPath(steps=('NXsource', 'name'), attribute='short_name')

        Raises:
            ValueError: a step is empty, or there are more than `MAX_STEPS`.
        """
        path, _, attribute = text.partition("@")
        steps = tuple(path.split("/")) if path else ()
        if "" in steps or not (steps or attribute) or text.endswith("@") or len(steps) > MAX_STEPS:
            raise ValueError(text)
        return cls(steps, attribute)

    def __str__(self) -> str:
        path = "/".join(self.steps)
        return nxpath.attribute(path, self.attribute) if self.attribute else path


class Finder:
    """Follows paths from one group; what a group holds of each class is looked up once."""

    def __init__(self, start: GroupView) -> None:
        self._start = start
        self._known: dict[str, list[tuple[str, GroupView]]] = {}
        self._visits = 0

    def matches(self, path: ClassPath) -> Iterator[Match]:
        """What `path` leads to, in the order of the file, at most `MAX_MATCHES`."""
        self._visits = 0
        for count, match in enumerate(self._walk(self._start, path.steps, {})):
            if count >= MAX_MATCHES:
                return
            if not path.attribute:
                yield match
            elif found := match.node.attributes.get(path.attribute):
                place = nxpath.attribute(match.path, path.attribute)
                yield Match(match.node, found, place, match.groups)

    def _walk(
        self, node: GroupView | FieldView, steps: tuple[str, ...], passed: Mapping[str, str]
    ) -> Iterator[Match]:
        if not steps:
            yield Match(node, None, node.path, passed)
            return
        self._visits += 1
        if not is_group(node) or self._visits > MAX_VISITS:
            return
        step, rest = steps[0], steps[1:]
        for child in self._children(node, step):
            named = {**passed, step: child.name} if step.startswith("NX") else passed
            yield from self._walk(child, rest, named)

    def _children(self, group: GroupView, step: str) -> Iterator[GroupView | FieldView]:
        if step.startswith("NX"):
            yield from (child for name, child in self._groups(group) if name == step)
            return
        names = [step] if step in group.links else []
        if "*" in step:
            names = [name for name in group.links if fnmatchcase(name, step)]
        for name in names:
            node = group.child(name)
            if is_group(node) or is_field(node):
                yield node

    def _groups(self, group: GroupView) -> list[tuple[str, GroupView]]:
        """The groups in a group, each with its class."""
        known = self._known.get(group.path)
        if known is None:
            children = (group.child(name) for name in group.links)
            known = [(nx_class(child), child) for child in children if is_group(child)]
            self._known[group.path] = known
        return known
