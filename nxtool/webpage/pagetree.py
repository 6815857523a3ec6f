"""The tree of a file as far as a page has room for it, the way to the default plot and what is near
the root first.

Links are followed once, as `show` does; groups that are not entered count the names in them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from nxtool import nxpath
from nxtool.defaultplot import default_plot
from nxtool.nodeview import GroupView, is_group
from nxtool.show import MAX_DEPTH, Item, Role, child_item, plot_roles, top_item

MOST: Final = 4000
"""So many names are on a page."""
WIDEST: Final = 250
"""So many names of one group."""
MOST_ATTRIBUTES: Final = 8000
FULLEST: Final = 40
"""So many attributes of one object."""


@dataclass(slots=True)
class PageTree:
    """The items from `top` down that have room, `count` of them."""

    top: Item
    count: int

    @property
    def cut(self) -> bool:
        """Whether something is left out."""
        return any(item.hidden for item in self.items())

    def items(self) -> list[Item]:
        """All of them, outer ones first."""
        found = [self.top]
        for item in found:  # grows while it is read
            found.extend(item.children)
        return found


def page_tree(root: GroupView, depth: int | None = None) -> PageTree:
    """The tree below `root`, at most `depth` levels of it (None: all)."""
    plot = default_plot(root)
    walk = _Walk(plot_roles(plot), depth or MAX_DEPTH)
    return PageTree(walk.tree(root), walk.count)


@dataclass(slots=True)
class _Walk:
    """Level by level, until there is no more room; before all others the groups that lead to the
    objects with `roles`. `seen` are the groups entered, by identity."""

    roles: dict[str, Role]
    depth: int
    way: set[str] = field(init=False)
    count: int = 1
    attributes: int = 0
    seen: dict[Hashable, str] = field(default_factory=dict)
    waiting: deque[tuple[GroupView, Item, int]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.way = set(self.roles)
        for path in self.roles:
            while path not in ("/", ""):
                path = nxpath.parent(path)
                self.way.add(path)

    def tree(self, root: GroupView) -> Item:
        top = self._marked(top_item(root))
        self._enter(root, top, 1)
        while self.waiting and self.count < MOST:
            self._fill(*self.waiting.popleft())
        return top

    def _fill(self, view: GroupView, item: Item, level: int) -> None:
        for name in self._names(view):
            child = self._marked(child_item(view, name))
            item.children.append(child)
            self.count += 1
            if child.kind == "group" and (child.link is None or child.link.kind != "soft"):
                node = view.child(name)
                if is_group(node):
                    self._enter(node, child, level + 1)
        item.hidden -= len(item.children)
        view.rest()

    def _names(self, view: GroupView) -> list[str]:
        """The first names of a group, and those on the way, as many as have room."""
        room = min(WIDEST, MOST - self.count)
        first = list(islice(view.links, room))
        inner = (nxpath.base(path) for path in sorted(self.way) if nxpath.parent(path) == view.path)
        needed = [name for name in inner if name in view.links and name not in first][:room]
        return [*first[: room - len(needed)], *needed]

    def _enter(self, view: GroupView, item: Item, level: int) -> None:
        first = self.seen.setdefault(view.identity, view.path)
        if first != view.path:
            item.kind, item.refers_to, item.hidden = "seen", first, 0
        elif level <= min(self.depth, MAX_DEPTH):
            add = self.waiting.appendleft if view.path in self.way else self.waiting.append
            add((view, item, level))

    def _marked(self, item: Item) -> Item:
        """With its role, and the attributes that have room."""
        item.role = self.roles.get(item.path, "")
        room = max(0, min(FULLEST, MOST_ATTRIBUTES - self.attributes))
        if len(item.attributes) > room:
            kept = dict(islice(item.attributes.items(), room))
            item.attributes = {**kept, "…": f"{len(item.attributes) - room} more"}
        self.attributes += len(item.attributes)
        return item
