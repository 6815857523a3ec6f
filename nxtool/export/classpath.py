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
            ValueError: a step is empty.
        """
        path, _, attribute = text.partition("@")
        steps = tuple(path.split("/")) if path else ()
        if "" in steps or not (steps or attribute) or text.endswith("@"):
            raise ValueError(text)
        return cls(steps, attribute)

    def __str__(self) -> str:
        path = "/".join(self.steps)
        return nxpath.attribute(path, self.attribute) if self.attribute else path

    def matches(self, group: GroupView) -> Iterator[Match]:
        """What the path leads to from `group`, in the order of the file, at most `MAX_MATCHES`."""
        for count, match in enumerate(_walk(group, self.steps, {})):
            if count >= MAX_MATCHES:
                return
            if not self.attribute:
                yield match
            elif found := match.node.attributes.get(self.attribute):
                path = nxpath.attribute(match.path, self.attribute)
                yield Match(match.node, found, path, match.groups)


def _walk(
    node: GroupView | FieldView, steps: tuple[str, ...], passed: Mapping[str, str]
) -> Iterator[Match]:
    if not steps:
        yield Match(node, None, node.path, passed)
        return
    if not is_group(node):
        return
    step, rest = steps[0], steps[1:]
    for child in _children(node, step):
        named = {**passed, step: child.name} if step.startswith("NX") else passed
        yield from _walk(child, rest, named)


def _children(group: GroupView, step: str) -> Iterator[GroupView | FieldView]:
    if step.startswith("NX"):
        candidates = (group.child(name) for name in group.links)
        yield from (node for node in candidates if is_group(node) and nx_class(node) == step)
        return
    names = [step] if step in group.links else []
    if "*" in step:
        names = [name for name in group.links if fnmatchcase(name, step)]
    for name in names:
        node = group.child(name)
        if is_group(node) or is_field(node):
            yield node
