"""One recipe being written: its document, its journal, and what can be done with both.

A user interface shows what is here and calls what is here; it decides nothing.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from nxtool import units
from nxtool.authoring.choices import Choice, choices
from nxtool.authoring.document import (
    Document,
    Names,
    Remove,
    Replace,
    SetValue,
    Together,
    node_at,
)
from nxtool.authoring.journal import Journal, Taken, Unsaved, Writer, unsaved
from nxtool.authoring.rows import NOTHING, Row, Unfolded, rows_of
from nxtool.authoring.typed import Typed, on_a_line, typed
from nxtool.build.convert import Outcome, check
from nxtool.errors import RecipeError
from nxtool.findings import Finding, Mark
from nxtool.recipe.forms import FIELD_KEYS, parse_own_name
from nxtool.schema.concepts import AttributeConcept, FieldConcept, GroupConcept
from nxtool.yamltree.emit import inline, quoted
from nxtool.yamltree.layout import layout_of
from nxtool.yamltree.nodes import MapNode, Scalar
from nxtool.yamltree.yamlfile import parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from nxtool.authoring.document import Change, Edit
    from nxtool.authoring.rows import Kind
    from nxtool.recipe.model import Draft
    from nxtool.schema.compile import Schema

_VALUES = ("value", "from", "virtual", "link", "expr", "units", "to", "dtype")
"""What of the long form of a field says its value, and goes when it gets another."""


class Session:
    """A recipe with its definition.

    `journal` is None where edits are not written down, and `trouble` says why they are not, if they
    should. `writer` is the process that edits the recipe already: then it is only read here.
    `waiting` is what journals of the recipe hold that its file does not, latest first.
    """

    def __init__(
        self,
        document: Document,
        schema: Schema,
        journal: Journal | None = None,
        *,
        writer: Writer | None = None,
    ) -> None:
        self.document = document
        self.schema = schema
        self.journal = journal
        self.writer = writer
        self.trouble = ""
        self.waiting: list[Unsaved] = []
        if journal is not None:
            found = unsaved(document.path)
            self.waiting = [one for one in found if one.journal != journal.path]

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
        """What an editor of the row begins with: a text as it is, all else as YAML, on one line."""
        value = node_at(self.document.tree, row.names)
        if isinstance(value, MapNode) and "value" in value and _is_long(value):
            value = value.get("value")
        if value is None or (isinstance(value, Scalar) and value.is_null and not value.is_invalid):
            return ""
        if isinstance(value, Scalar):
            return on_a_line(value.text)
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
            return self.apply(SetValue((*row.names, "units"), yaml), f"{row.path} in {yaml}")
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
        return self.apply(self.edit_for(row, yaml), f"{row.path} = {yaml}")

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
        return self.apply(Remove(row.names), f"{row.path} cleared")

    # groups

    def another(self, row: Row) -> str:
        """The name and class of another group like the one of a row: `detector_2(NXdetector)`;
        empty where there is only one of its kind."""
        if not _may_occur_again(row):
            return ""
        taken = self._names_in(row.names[:-1])
        number = next(n for n in count(2) if f"{row.label}_{n}" not in taken)
        return f"{row.label}_{number}({row.nx_class})"

    def place_of_another(self, row: Row, key: str) -> Names:
        """Where the group `name(NXclass)` is added from a row: beside one of the same class that
        may occur again, else inside a group, or in the group of a field."""
        is_alike = _may_occur_again(row) and key.endswith(f"({row.nx_class})")
        return row.names[:-1] if is_alike or row.kind != "group" else row.names

    def _names_in(self, names: Names) -> list[str]:
        node = node_at(self.document.tree, names)
        return [key.partition("(")[0] for key in node] if isinstance(node, MapNode) else []

    def add(self, parent: Names, key: str) -> Change | None:
        """Add a group, written as its name and class (`panel_2(NXdetector)`), to a group.

        Raises:
            RecipeError: it is no name of NeXus with a class that is known, or is taken.
        """
        problems: list[Finding] = []
        own = parse_own_name(Scalar(key, key, Mark("")), problems)
        if own is None or problems:
            message = problems[0].message if problems else f"{key!r} has no class"
            raise RecipeError(message, hint="write it like panel_2(NXdetector)")
        if not self.schema.knows(own.type):
            near = ", ".join(self.schema.catalogue.near(own.type))
            hint = f"did you mean {near}?" if near else "`nxtool definitions list` shows them"
            raise RecipeError(f"there is no class {own.type}", hint=hint)
        if own.name in self._names_in(parent):
            raise RecipeError(f"{own.name} stands there already", hint="choose another name")
        return self.apply(SetValue((*parent, key), "{}"), f"{key} added")

    # all of it

    def apply(self, edit: Edit, label: str) -> Change | None:
        """Make any edit, and write it down.

        Raises:
            RecipeError: the edit cannot be made, or another process edits the recipe.
        """
        self._check_writer()
        return self._note(self.document.apply(edit, label))

    def _check_writer(self) -> None:
        if self.writer is not None:
            message = f"{self.document.path.name} is edited by {self.writer}: it is only shown here"
            raise RecipeError(message, hint="close it there, then open it here again")

    def undo(self) -> Change | None:
        """Take back the last change; None where there is none."""
        return self._note(self.document.undo())

    def redo(self) -> Change | None:
        """Make again what was undone; None where there is nothing."""
        return self._note(self.document.redo())

    # what is on disk

    def _note(self, change: Change | None) -> Change | None:
        """Write down what was done; where nothing was, that the editor was left."""
        if change is None:
            self.left()
        else:
            self._write(lambda journal: journal.record(change))
        return change

    def _write(self, entry: Callable[[Journal], None]) -> None:
        """Write to the journal, which ends where that fails: all before that is still in it."""
        if self.journal is None:
            return
        try:
            entry(self.journal)
        except OSError as error:
            with suppress(OSError):
                self.close()
            self.trouble = f"edits are not kept until they are saved: {error.strerror or error}"

    def typing(self, row: Row, text: str) -> None:
        """Write down what stands in the editor of a row."""
        self._write(lambda journal: journal.typing(row.names, text))

    def left(self) -> None:
        """Write down that the editor was left without a change."""
        self._write(Journal.left)

    def sync(self) -> None:
        """Return when the journal is on the disk; any thread may call it."""
        self._write(Journal.sync)

    def recover(self, lost: Unsaved) -> Change | None:
        """Go on with the text of a journal and what was being typed, as one change; None where
        that is the text already. The journal goes."""
        scratch = Session(Document(self.document.path, lost.text), self.schema)
        if lost.typed is not None:
            scratch.put(scratch._row_of(lost.typed[0]), lost.typed[1])
        change = self.apply(Replace(scratch.document.text), "recovered")
        self.discard(lost)
        return change

    def discard(self, lost: Unsaved) -> None:
        """Forget what a journal holds."""
        lost.discard()
        self.waiting = [one for one in self.waiting if one != lost]

    def _row_of(self, names: Names) -> Row:
        """The row of these names, also where it is not shown, or the definition has none."""
        above = frozenset(names[:length] for length in range(1, len(names)))
        shown = Unfolded(opened=above, optional=above, inherited=above)
        rows = (row for top in self.rows(shown) for row in top.walk())
        found = next((row for row in rows if row.names == names), None)
        is_attribute = names[-2:-1] in (("attrs",), ("$attrs",))
        kind: Kind = "attribute" if is_attribute else "field"
        return found or Row(names, "/" + "/".join(names), names[-1], kind, None)

    def save(self) -> None:
        """Write the recipe to its file; see `Document.save` for what it raises.

        Raises:
            RecipeError: another process edits the recipe.
        """
        self._check_writer()
        self.document.save()
        self._write(Journal.saved)

    def leave(self) -> None:
        """Save the recipe, and end the journal; it stays where the recipe cannot be saved, or
        something was typed that is no value yet.

        Raises:
            OutputError: it cannot be saved.
        """
        try:
            if self.writer is None and not self.document.is_saved:
                self.save()
        finally:
            self.close()

    def close(self) -> None:
        """End the journal."""
        journal, self.journal = self.journal, None
        if journal is not None:
            journal.close()


def open_session(path: Path, schema: Schema, text: str | None = None) -> Session:
    """A session for the recipe at `path`, or for a new one with `text`; with a journal where one
    can be written.

    A recipe that has no file but a journal begins with the text the journal began with.

    Raises:
        RecipeError: the file is missing, or cannot be read as YAML.
    """
    if text is None and not path.exists():
        text = next((one.before for one in unsaved(path)), None)
    document = Document.open(path) if text is None else Document(path, text)
    try:
        return Session(document, schema, Journal(document))
    except Taken as taken:
        return Session(document, schema, writer=taken.writer)
    except OSError as error:
        session = Session(document, schema)
        session.trouble = f"edits are not kept until they are saved: {error.strerror or error}"
        return session


def _is_long(node: MapNode) -> bool:
    return set(node) <= set(FIELD_KEYS)


def _may_occur_again(row: Row) -> bool:
    concept = row.concept
    return (
        isinstance(concept, GroupConcept)
        and concept.is_variadic
        and concept.bounds.most != 1
        and len(row.names) > 1
    )
