"""Changes of a YAML text that leave all else as it is: comments, order, blank lines, quotes.

A change is a `Splice`: at one place, some characters become others. Its inverse is a splice too,
so whatever is made of splices can be undone. Values are given as YAML of one line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from nxtool.errors import RecipeError
from nxtool.yamltree.emit import quoted
from nxtool.yamltree.layout import layout_of
from nxtool.yamltree.yamlfile import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nxtool.yamltree.layout import Item, Layout

STEP: Final = 2
"""Columns that a new block is indented by."""
_COMMENT: Final = re.compile(r"[ \t]*(#[^\n]*)?")


@dataclass(frozen=True, slots=True)
class Splice:
    """At character `start`, `old` becomes `new`."""

    start: int
    old: str
    new: str

    @property
    def inverse(self) -> Splice:
        """The splice that takes this one back."""
        return Splice(self.start, self.new, self.old)

    def apply(self, text: str) -> str:
        """`text` changed. Raises `ValueError` where it does not have `old` there."""
        stop = self.start + len(self.old)
        if text[self.start : stop] != self.old:
            raise ValueError("the text is not the one this change was made for")
        return text[: self.start] + self.new + text[stop:]


def set_value(text: str, path: Sequence[str], value: str) -> Splice:
    """The change after which `value` stands under `path`, whatever stood there before.

    Mappings on the way are made where there is none, or null; what is no mapping on the way is
    replaced.

    Raises:
        RecipeError: the text is not YAML, `value` is none on one line, or the change would touch
            something else: aliases (`*name`) repeat what stands elsewhere.
    """
    layout = layout_of(text)
    depth, parent = _deepest(layout, path)
    if depth == len(path):
        splice = _replaced(text, _value_at(layout, path), value)
    elif parent.kind == "map" and parent.items:
        splice = _added(text, parent, path[depth:], value)
    else:
        splice = _filled(text, layout, path[:depth], path[depth:], value)
    return _checked(text, splice, path, parse(value or "null", "").to_python())


def remove(text: str, path: Sequence[str]) -> Splice:
    """The change after which nothing stands under `path`; a mapping that loses its last name stays
    as `{}`.

    Raises:
        RecipeError: nothing stands there, or the change would touch something else.
    """
    layout = layout_of(text)
    parent = layout.find(path[:-1])
    item = parent.get(path[-1]) if parent is not None else None
    if parent is None or item is None:
        raise _nothing(path)
    if len(parent.items) == 1:
        splice = _replaced(text, parent, "{}" if parent.kind == "map" else "[]")
    elif parent.is_flow:
        splice = _taken_from_flow(text, parent, item)
    else:
        splice = _taken_lines(text, item)
    return _checked(text, splice, path, _GONE)


def rename(text: str, path: Sequence[str], name: str) -> Splice:
    """The change after which the last name of `path` is `name`.

    Raises:
        RecipeError: nothing stands there, or `name` stands there already.
    """
    parent = layout_of(text).find(path[:-1])
    item = parent.get(path[-1]) if parent is not None and parent.kind == "map" else None
    if item is None:
        raise _nothing(path)
    splice = Splice(item.start, text[item.start : item.stop], quoted(name))
    return _checked(text, splice, path, _Name(name))


def _nothing(path: Sequence[str]) -> RecipeError:
    return RecipeError(f"{'/'.join(path)}: nothing stands there")


class _Name(str):
    """The new name of what stands under a path."""


_GONE: Final = object()


def _checked(text: str, splice: Splice, path: Sequence[str], what: object) -> Splice:
    """The splice, if it changes nothing but what it shall. Raises `RecipeError` else."""
    due = _changed(parse(text, "").to_python(), path, what)
    found = parse(splice.apply(text), "").to_python()
    if repr(found) != repr(due):  # so that 1 is not True, and nan is nan
        message = f"{'/'.join(path)} cannot be changed without changing something else"
        raise RecipeError(message, hint="edit the text of the recipe")
    return splice


def _changed(tree: Any, path: Sequence[str], what: object) -> Any:
    """The bare values with one of them changed."""
    if not path:
        return what
    name, *rest = path
    if isinstance(tree, list) and name.isdecimal() and int(name) < len(tree):
        place = int(name)
        if not rest and what is _GONE:
            return tree[:place] + tree[place + 1 :]
        return [*tree[:place], _changed(tree[place], rest, what), *tree[place + 1 :]]
    tree = tree if isinstance(tree, dict) else {}
    if rest or not (what is _GONE or isinstance(what, _Name)):
        return {**tree, name: _changed(tree.get(name), rest, what)}
    pairs = tree.items()
    if isinstance(what, _Name):
        return {str(what) if key == name else key: value for key, value in pairs}
    return {key: value for key, value in pairs if key != name}


def _value_at(layout: Layout, path: Sequence[str]) -> Layout:
    found = layout.find(path)
    assert found is not None  # noqa: S101 - `_deepest` found it
    return found


def _deepest(layout: Layout, path: Sequence[str]) -> tuple[int, Layout]:
    """How many names of the path there are, and the value behind the last of them."""
    for depth in range(len(path)):
        item = layout.get(path[depth])
        if layout.kind == "alias":
            message = f"{'/'.join(path[:depth])} repeats what is written elsewhere"
            raise RecipeError(message, hint="edit it there, or write it out here")
        if item is None:
            return depth, layout
        layout = item.value
    return len(path), layout


def _replaced(text: str, old: Layout, value: str) -> Splice:
    """One value for another."""
    before = "" if not old.start or text[old.start - 1].isspace() else " "
    if old.kind in ("map", "list") and not old.is_flow and not old.is_marked:
        return _block_replaced(text, old, value)
    new = value if value or old.is_empty else "null"
    return Splice(old.start, text[old.start : old.stop], before + new if new else new)


def _block_replaced(text: str, old: Layout, value: str) -> Splice:
    """A block below its name, which becomes a value beside it."""
    start = len(text[: old.start].rstrip(" \n"))
    head = _COMMENT.search(text, text.rfind("\n", 0, start) + 1)
    if start == 0 or (head and "#" in text[text.rfind("\n", 0, start) + 1 : start]):
        start = old.start  # a comment stands between: the value stays below it
        return Splice(start, text[start : old.stop], value or "null")
    return Splice(start, text[start : old.stop], f" {value or 'null'}")


def _added(text: str, parent: Layout, names: Sequence[str], value: str) -> Splice:
    """New names at the end of a mapping."""
    if parent.is_flow:
        last = parent.items[-1].value
        before = ", " if not last.is_empty else " null, "
        return Splice(last.stop, "", before + _flow(names, value))
    end = _line_end(text, parent.items[-1].value.stop)
    return Splice(end, "", "\n" + _block(names, value, parent.column))


def _filled(
    text: str, layout: Layout, path: Sequence[str], names: Sequence[str], value: str
) -> Splice:
    """New names in place of null, `{}`, or something that is no mapping."""
    old = _value_at(layout, path)
    above = layout.find(path[:-1]) if path else None
    if above is None:
        return Splice(old.start, text[old.start : old.stop], _block(names, value, 0).lstrip())
    if above.is_flow or old.is_marked:
        new = "{" + _flow(names, value) + "}"
        return _replaced(text, old, new)
    start = _before(text, old.start)
    end = _line_end(text, old.stop)
    comment = text[old.stop : end].strip()
    tail = f"  {comment}" if comment else ""
    new = tail + "\n" + _block(names, value, above.column + STEP)
    return Splice(start, text[start:end], new)


def _before(text: str, start: int) -> int:
    """Where the blanks before character `start` begin, in its line."""
    return len(text[:start].rstrip(" ")) if text[:start].rstrip(" ")[-1:] == ":" else start


def _block(names: Sequence[str], value: str, column: int) -> str:
    """Names below each other, the value beside the last."""
    heads = [f"{' ' * (column + STEP * depth)}{quoted(name)}:" for depth, name in enumerate(names)]
    return "\n".join(heads) + f" {value or 'null'}"


def _flow(names: Sequence[str], value: str) -> str:
    opened = "".join(f"{quoted(name)}: {{" for name in names[:-1])
    return f"{opened}{quoted(names[-1])}: {value or 'null'}" + "}" * (len(names) - 1)


def _line_end(text: str, start: int) -> int:
    """Where the line with character `start` ends; its comment is in front of that."""
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _taken_from_flow(text: str, parent: Layout, item: Item) -> Splice:
    index = parent.items.index(item)
    if index:
        start, stop = parent.items[index - 1].value.stop, item.value.stop
    else:
        start, stop = item.start, parent.items[1].start
    return Splice(start, text[start:stop], "")


def _taken_lines(text: str, item: Item) -> Splice:
    """The lines from the name, or the dash, to the end of its value and of the comment beside."""
    start = text.rfind("\n", 0, item.start) + 1
    stop = _line_end(text, item.value.stop)
    if stop < len(text):
        return Splice(start, text[start : stop + 1], "")
    start = max(0, start - 1)
    return Splice(start, text[start:stop], "")
