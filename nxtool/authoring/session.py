"""One recipe being written: its document, its journal, and what can be done with both.

A user interface shows what is here and calls what is here; it decides nothing.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nxtool import units
from nxtool.authoring.choices import Choice, choices
from nxtool.authoring.document import (
    Document,
    Names,
    Remove,
    Rename,
    Replace,
    SetValue,
    Together,
    node_at,
)
from nxtool.authoring.journal import Journal
from nxtool.authoring.rows import NOTHING, Row, Unfolded, rows_of
from nxtool.authoring.typed import Typed, typed
from nxtool.build.convert import Outcome, check
from nxtool.errors import RecipeError
from nxtool.recipe.forms import FIELD_KEYS, wrong_name
from nxtool.schema.concepts import AttributeConcept, FieldConcept
from nxtool.yamltree.emit import quoted
from nxtool.yamltree.layout import layout_of
from nxtool.yamltree.nodes import MapNode, Scalar

if TYPE_CHECKING:
    from nxtool.authoring.document import Change, Edit
    from nxtool.recipe.model import Draft
    from nxtool.schema.compile import Schema

_VALUES = ("value", "from", "virtual", "link", "expr", "units", "to", "dtype")
"""What of the long form of a field says its value, and goes when it gets another."""


class Session:
    """A recipe with its definition. `journal` is None where edits are not written down."""

    def __init__(self, document: Document, schema: Schema, journal: Journal | None = None) -> None:
        self.document = document
        self.schema = schema
        self.journal = journal

    @property
    def definition(self) -> str:
        """The name of the definition, empty where none is stated."""
        stated = self.document.tree.get("definition")
        return stated.text if isinstance(stated, Scalar) else ""

    @property
    def zone(self) -> str:
        """The time zone that the recipe states; empty where it states none."""
        defaults = self.document.tree.get("defaults")
        stated = defaults.get("timezone") if isinstance(defaults, MapNode) else None
        if isinstance(stated, Scalar) and not stated.is_null:
            return stated.text
        return ""

    def rows(self, unfolded: Unfolded = NOTHING) -> list[Row]:
        """The recipe as rows; see `rows_of` for what it raises."""
        return rows_of(self.schema, self.document.tree, unfolded)

    def check(self, draft: Draft | None = None) -> Outcome:
        """Everything short of writing, of the recipe as it is, or was (`draft`, for a thread of its
        own); see `nxtool.build.convert.check` for what it raises."""
        return check(draft or self.document.draft, self.schema)

    # values

    def text_of(self, row: Row) -> str:
        """What an editor of the row begins with: a text as it is, all else as YAML."""
        value = node_at(self.document.tree, row.names)
        if isinstance(value, MapNode) and "value" in value and _is_long(value):
            value = value.get("value")
        if value is None or (isinstance(value, Scalar) and value.is_null and not value.is_invalid):
            return ""
        if isinstance(value, Scalar):
            return value.text
        place = layout_of(self.document.text).find(row.names)
        text = self.document.text[place.start : place.stop] if place is not None else ""
        return text if "\n" not in text else row.value

    def judged(self, row: Row, text: str) -> Typed:
        """What `text` would be as the value of a row; of one that takes its values from a source,
        a unit alone is the unit of these."""
        if self._is_unit(row, text):
            return Typed(quoted(text.strip()), note=f"the source is in {text.strip()}")
        concept = row.concept if isinstance(row.concept, FieldConcept | AttributeConcept) else None
        return typed(concept, text, self.zone)

    def put(self, row: Row, text: str) -> Change | None:
        """Make what was typed the value of a row; nothing typed takes the value away."""
        if not text.strip():
            return self.clear(row)
        yaml = self.judged(row, text).yaml
        if self._is_unit(row, text):
            return self._apply(SetValue((*row.names, "units"), yaml), f"{row.path} in {yaml}")
        return self.put_yaml(row, yaml)

    def choices(self, row: Row, text: str, now: datetime) -> list[Choice]:
        """What may be chosen for a row where `text` is typed."""
        concept = row.concept if isinstance(row.concept, FieldConcept | AttributeConcept) else None
        category = getattr(concept, "units", None)
        if row.origin == "source" and category is not None:
            return [Choice(unit, "of the source") for unit in units.common(category) if unit]
        return choices(concept, text, now)

    def _is_unit(self, row: Row, text: str) -> bool:
        category = getattr(row.concept, "units", None)
        is_word = text.strip()[:1].isalpha() or text.strip()[:1] in ("%", "°", "Å")
        if row.origin != "source" or category is None or not is_word:
            return False
        return units.fit(text.strip(), category).verdict in ("fits", "loose", "ambiguous")

    def put_yaml(self, row: Row, yaml: str) -> Change | None:
        """Make YAML of one line the value of a row."""
        return self._apply(self.edit_for(row, yaml), f"{row.path} = {yaml}")

    def edit_for(self, row: Row, yaml: str) -> Edit:
        """The edit that makes YAML the value of a row; what else its long form says stays."""
        tree = self.document.tree
        if row.kind == "attribute":
            return self._attribute_edit(row, yaml)
        node = node_at(tree, row.names)
        if not isinstance(node, MapNode) or row.kind == "group" or not _is_long(node):
            return SetValue(row.names, yaml)
        if not set(node) - set(_VALUES):
            return SetValue(row.names, yaml)
        gone = [Remove((*row.names, key)) for key in node if key in _VALUES]
        if yaml.startswith("{"):
            from nxtool.yamltree.emit import inline
            from nxtool.yamltree.yamlfile import parse

            new = parse(yaml, "")
            items = new.items if isinstance(new, MapNode) else ()
            pairs = [SetValue((*row.names, key.text), inline(value)) for key, value in items]
            return Together((*gone, *pairs))
        return Together((*gone, SetValue((*row.names, "value"), yaml)))

    def _attribute_edit(self, row: Row, yaml: str) -> Edit:
        """The edit of an attribute; a field in short form gets its long one."""
        field, word = row.names[:-2], row.names[-2]
        node = node_at(self.document.tree, field)
        if word == "$attrs" or (isinstance(node, MapNode) and _is_long(node)):
            return SetValue(row.names, yaml)
        place = layout_of(self.document.text).find(field)
        old = self.document.text[place.start : place.stop] if place is not None else ""
        value = old if old and "\n" not in old else "null"
        attribute = f"{quoted(row.names[-1])}: {yaml}"
        return SetValue(field, f"{{value: {value}, attrs: {{{attribute}}}}}")

    def clear(self, row: Row) -> Change | None:
        """Take a value away, or a group with all that is in it; None where there is nothing."""
        if node_at(self.document.tree, row.names) is None:
            return None
        return self._apply(Remove(row.names), f"{row.path} cleared")

    # groups

    def add(self, parent: Row, name: str, nx_class: str) -> Change | None:
        """Add a group of a class to a group.

        Raises:
            RecipeError: the name is no name of NeXus, or is taken.
        """
        reason = wrong_name(name)
        if reason:
            raise RecipeError(reason, hint="letters, digits and _")
        node = node_at(self.document.tree, parent.names)
        taken = [key.partition("(")[0] for key in node] if isinstance(node, MapNode) else []
        if name in taken:
            raise RecipeError(f"{name} stands there already", hint="choose another name")
        key = (*parent.names, f"{name}({nx_class})")
        return self._apply(SetValue(key, "{}"), f"{parent.path}/{name} added")

    def rename(self, row: Row, name: str) -> Change | None:
        """Give a group or field of the recipe another name, with the class it has."""
        reason = wrong_name(name)
        if reason:
            raise RecipeError(reason, hint="letters, digits and _")
        kind = row.nx_class or getattr(row.concept, "type", "NX_CHAR")
        return self._apply(Rename(row.names, f"{name}({kind})"), f"{row.path} is {name}")

    # all of it

    def apply(self, edit: Edit, label: str) -> Change | None:
        """Make any edit, and write it down."""
        return self._apply(edit, label)

    def _apply(self, edit: Edit, label: str) -> Change | None:
        change = self.document.apply(edit, label)
        if change is not None and self.journal is not None:
            self.journal.record(change)
        return change

    def undo(self) -> Change | None:
        """Take back the last change; None where there is none."""
        return self._note(self.document.undo())

    def redo(self) -> Change | None:
        """Make again what was undone; None where there is nothing."""
        return self._note(self.document.redo())

    def _note(self, change: Change | None) -> Change | None:
        if change is not None and self.journal is not None:
            self.journal.record(change)
        return change

    def typing(self, row: Row, text: str) -> None:
        """Write down what stands in the editor of a row."""
        if self.journal is not None:
            self.journal.typing(row.names, text)

    def recover(self, text: str, last: tuple[Names, str] | None) -> None:
        """Go on with the text of a journal, and what was being typed."""
        self._apply(Replace(text), "recovered")
        if last is None:
            return
        row = next((row for top in self.rows() for row in top.walk() if row.names == last[0]), None)
        if row is not None:
            self.put(row, last[1])

    def save(self) -> None:
        """Write the recipe to its file; see `Document.save` for what it raises."""
        self.document.save()

    def close(self) -> None:
        """End the journal."""
        if self.journal is not None:
            self.journal.close()


def open_session(path: Path, schema: Schema, text: str | None = None) -> Session:
    """A session for the recipe at `path`, or for a new one with `text`; with a journal where one
    can be written.

    Raises:
        RecipeError: the file is missing, or cannot be read as YAML.
    """
    document = Document.open(path) if text is None else Document(path, text)
    try:
        journal = Journal(document)
    except OSError:
        return Session(document, schema)
    return Session(document, schema, journal)


def _is_long(node: MapNode) -> bool:
    return set(node) <= set(FIELD_KEYS)
