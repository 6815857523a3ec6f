"""The tree on a page: groups, and fields with attributes, open and close; no script is needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from nxtool import nxpath
from nxtool.report.filetree import storage_text
from nxtool.report.htmldocument import text
from nxtool.show import Item
from nxtool.webpage.pagetree import PageTree

_ROWS: Final = 80
"""So many rows are seen at first, without those about the default plot."""
_LONGEST: Final = 300
"""So many characters of a name or a value are shown."""
Marks = Mapping[str, tuple[str, int]]


@dataclass(slots=True)
class TreePart:
    """Writes the tree; `ids` are those of its items by path, `opened` the paths of groups that are
    open at first."""

    tree: PageTree
    ids: dict[str, str] = field(init=False)
    opened: set[str] = field(init=False)

    def __post_init__(self) -> None:
        items = self.tree.items()
        self.ids = {item.path: f"n{i}" for i, item in enumerate(items)}
        self.opened = _opened(items)

    def nearest(self, path: str) -> str:
        """The id of the object at `path`, an attribute's owner for that of an attribute, else of
        the group around it that is shown."""
        place = path.partition("@")[0] or "/"
        while place not in self.ids and place not in ("/", ""):
            place = nxpath.parent(place)
        return self.ids.get(place, "")

    def section(self, file: str, marks: Marks) -> str:
        """The section, with `marks` where something was found."""
        left = (
            f"<p>Of a large tree {self.tree.count:,} names are shown here, near the root first: "
            f"<code>nxtool show {text(file)}</code> shows all.</p>\n"
            if self.tree.cut
            else ""
        )
        return (
            '<section id="tree">\n<h2>Tree</h2>\n<form hidden>\n'
            '<input type="search" placeholder="name, class, value or unit" '
            'aria-label="show names with">\n<button type="button" id="open">open all</button>\n'
            '<button type="button" id="close">close all</button>\n<output></output>\n</form>\n'
            f"{left}{''.join(self._item(self.tree.top, marks))}</section>\n"
        )

    def _item(self, item: Item, marks: Marks) -> Iterator[str]:
        node = self.ids[item.path]
        line = self._line(item, marks.get(node))
        if not (item.attributes or item.children or item.hidden):
            yield f'<div class="leaf {item.kind}" id="{node}">{line}</div>\n'
            return
        opened = " open" if item.path in self.opened else ""
        yield f'<details class="{item.kind}" id="{node}"{opened}>'
        yield f"<summary>{line}</summary>\n"
        yield from _attributes(item)
        for child in item.children:
            yield from self._item(child, marks)
        if item.hidden:
            yield f'<div class="more">… {item.hidden:,} more</div>\n'
        yield "</details>\n"

    def _line(self, item: Item, mark: tuple[str, int] | None) -> str:
        parts = [f"<b>{_short(item.name or item.path)}</b>"]
        if item.nx_class and item.path != "/":
            parts.append(f'<span class="class">{_short(item.nx_class)}</span>')
        if item.kind == "field":
            parts += _field_parts(item)
        parts += self._link_parts(item)
        if item.role:
            parts.append(f'<span class="role">◆ {item.role}</span>')
        if mark is not None:
            words = f"{mark[1]} finding{'' if mark[1] == 1 else 's'}"
            parts.append(f'<a class="badge {mark[0]}" href="#findings">{words}</a>')
        return " ".join(parts)

    def _link_parts(self, item: Item) -> Iterator[str]:
        link = item.link
        if link is not None and link.kind in ("soft", "external"):
            target = f"{f'{link.file}:' if link.file else ''}{link.target}"
            where = nxpath.resolve(nxpath.parent(item.path), link.target)
            way = self._way(where, target, inside=link.kind == "soft")
            yield f'<span class="link">→ {way}</span>'
        if item.kind == "seen":
            way = self._way(item.refers_to, item.refers_to, inside=True)
            yield f'<span class="link">↺ see {way}</span>'
        if item.kind == "broken":
            yield f'<span class="broken">✗ {_short(item.value)}</span>'

    def _way(self, path: str, words: str, inside: bool) -> str:
        node = self.ids.get(path, "") if inside else ""
        return f'<a href="#{node}">{_short(words)}</a>' if node else _short(words)


def _opened(items: list[Item]) -> set[str]:
    """The groups that are open at first: those near the root, and those around the default plot."""
    found: set[str] = set()
    rows = 0
    for item in items:
        shown = item.path == "/" or nxpath.parent(item.path) in found
        more = len(item.children) + len(item.attributes)
        if shown and item.children and (rows + more <= _ROWS or _is_around_plot(item)):
            found.add(item.path)
            rows += more
    return found


def _is_around_plot(item: Item) -> bool:
    return (
        item.path == "/"
        or item.role == "default plot"
        or any(child.role == "default plot" for child in item.children)
    )


def _field_parts(item: Item) -> Iterator[str]:
    """The value with its unit, or the type with it; and how it is stored."""
    shape = "null" if item.shape is None else " × ".join(map(str, item.shape))
    kind = f'<span class="type">{_short(item.type)}{f" [{shape}]" if shape else ""}</span>'
    parts = [f'<span class="value">= {_short(item.value)}</span>' if item.value else kind]
    if item.units:
        parts.append(f'<span class="units">{_short(item.units)}</span>')
    if item.value:
        parts.append(kind)
    stored = storage_text(item)
    if stored:
        parts.append(f"<small>{_short(stored)}</small>")
    return iter(parts)


def _attributes(item: Item) -> Iterator[str]:
    if item.attributes:
        rows = "".join(
            f"<dt>@{_short(name)}</dt><dd>{_short(value)}</dd>\n"
            for name, value in item.attributes.items()
        )
        yield f"<dl>\n{rows}</dl>\n"


def _short(words: str) -> str:
    return text(words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…")
