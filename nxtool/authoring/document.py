"""The recipe being edited: its text is the only truth, and every edit is a splice of it.

So comments, order and layout survive whatever is edited, every edit has an inverse, and the same
edits made again give the same text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from shutil import copymode
from typing import TYPE_CHECKING, TypeAlias

from nxtool.build.partfile import part_file
from nxtool.errors import OutputError
from nxtool.recipe.model import Draft
from nxtool.yamltree import splice
from nxtool.yamltree.nodes import MapNode, Node
from nxtool.yamltree.splice import Splice
from nxtool.yamltree.yamlfile import parse, read_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Names: TypeAlias = "tuple[str, ...]"
"""The names in a recipe that lead to a value: `("entry", "sample", "name")`."""


@dataclass(frozen=True, slots=True)
class SetValue:
    """Put `value` (YAML of one line) under `path`; what is on the way is made."""

    path: Names
    value: str

    def splices(self, text: str) -> Iterator[Splice]:
        yield splice.set_value(text, self.path, self.value)


@dataclass(frozen=True, slots=True)
class Remove:
    """Take away what stands under `path`."""

    path: Names

    def splices(self, text: str) -> Iterator[Splice]:
        yield splice.remove(text, self.path)


@dataclass(frozen=True, slots=True)
class Rename:
    """Give the last name of `path` another name."""

    path: Names
    name: str

    def splices(self, text: str) -> Iterator[Splice]:
        yield splice.rename(text, self.path, self.name)


@dataclass(frozen=True, slots=True)
class Replace:
    """Put another text in place of all: what an editor of text does."""

    text: str

    def splices(self, text: str) -> Iterator[Splice]:
        yield Splice(0, text, self.text)


@dataclass(frozen=True, slots=True)
class Together:
    """Several edits that are undone in one step."""

    edits: tuple[Edit, ...]

    def splices(self, text: str) -> Iterator[Splice]:
        for edit in self.edits:
            for one in edit.splices(text):
                text = one.apply(text)
                yield one


Edit: TypeAlias = "SetValue | Remove | Rename | Replace | Together"


@dataclass(frozen=True, slots=True)
class Change:
    """What an edit did: one step of undo. `label` says it to people."""

    splices: tuple[Splice, ...]
    label: str

    def apply(self, text: str) -> str:
        for one in self.splices:
            text = one.apply(text)
        return text

    @property
    def inverse(self) -> Change:
        """The change that takes this one back."""
        return Change(tuple(one.inverse for one in reversed(self.splices)), self.label)


@dataclass(slots=True)
class Document:
    """The text of a recipe, with all that was done to it since it was opened.

    `saved` is the text in the file, None where there is no file yet. `revision` counts changes,
    undoing and redoing included.
    """

    path: Path
    text: str
    saved: str | None = None
    done: list[Change] = field(default_factory=list)
    undone: list[Change] = field(default_factory=list)
    revision: int = 0

    @classmethod
    def open(cls, path: Path) -> Document:
        """The recipe in a file.

        Raises:
            RecipeError: the file is missing, or cannot be read as YAML.
        """
        text = read_text(path)
        parse(text, str(path))
        return cls(path, text, text)

    @property
    def is_saved(self) -> bool:
        """True where the file holds the text."""
        return self.text == self.saved

    @property
    def draft(self) -> Draft:
        """The recipe as it is now, to be checked or converted."""
        return Draft(self.path, self.text)

    @property
    def tree(self) -> MapNode:
        """The text as nodes; empty where it is no mapping."""
        node = parse(self.text, str(self.path))
        return node if isinstance(node, MapNode) else MapNode((), node.mark)

    def apply(self, edit: Edit, label: str = "") -> Change | None:
        """Make an edit; None where it changes nothing. What was undone cannot be redone then.

        Raises:
            RecipeError: the edit cannot be made; the text is as before.
        """
        change = Change(tuple(edit.splices(self.text)), label)
        after = change.apply(self.text)
        if after == self.text:
            return None
        self._to(after)
        self.done.append(change)
        self.undone.clear()
        return change

    def undo(self) -> Change | None:
        """Take back the last change; the change that was made for it, None if there is none."""
        return self._step(self.done, self.undone)

    def redo(self) -> Change | None:
        """Make again what was undone last; that change, None if there is none."""
        return self._step(self.undone, self.done)

    def _step(self, source: list[Change], target: list[Change]) -> Change | None:
        if not source:
            return None
        inverse = source.pop().inverse
        self._to(inverse.apply(self.text))
        target.append(inverse)
        return inverse

    def _to(self, text: str) -> None:
        self.text = text
        self.revision += 1

    def save(self) -> None:
        """Write the text to the file, complete or not at all. A link stays one, and the file keeps
        its mode.

        Raises:
            OutputError: the file cannot be written, or was changed by someone else meanwhile.
        """
        if self.is_changed_outside():
            message = f"{self.path}: was changed by another program since it was opened"
            raise OutputError(message, hint="save under another name, or open it again")
        target = self.path.resolve()
        with part_file(target) as part:
            _write_like(target, part, self.text)
            part.replace(target)
        self.saved = self.text

    def is_changed_outside(self) -> bool:
        """True where the file holds something else than what was read or written here last."""
        if not self.path.exists():
            return False
        return self.saved is None or read_text(self.path) != self.saved


def _write_like(target: Path, part: Path, text: str) -> None:
    """Write `part` with the mode of `target`, if that is there; never more open meanwhile."""
    is_there = target.exists()
    if is_there:
        part.touch(mode=0o600)
    part.write_bytes(text.encode())
    if is_there:
        copymode(target, part)


def node_at(tree: MapNode, names: Names) -> Node | None:
    """What stands under these names; None where nothing does."""
    node: Node | None = tree
    for name in names:
        node = node.get(name) if isinstance(node, MapNode) else None
    return node
