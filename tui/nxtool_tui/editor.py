"""The editor of one value: what it is, a line to type in, what typing means, what to choose from.

It edits nothing: it says what was committed, and shows what the session says of it.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Input, OptionList, Static

from nxtool.authoring.typed import on_a_line
from nxtool.nxdl import doctext
from nxtool.schema import wording
from nxtool.schema.concepts import AttributeConcept, FieldConcept

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

    from nxtool.authoring.rows import Row
    from nxtool.authoring.session import Session
    from nxtool.findings import Finding

MAX_DOC: Final = 20_000
MISSING: Final = "O01"
"""The rule for what is required and absent: the state of a row says that already."""


class ValueInput(Input):
    """A line whose `down` leads to the choices below it."""

    class Down(Message):
        """The choices are wanted."""

    def key_down(self, event: events.Key) -> None:
        event.stop()
        self.post_message(self.Down())

    def _on_paste(self, event: events.Paste) -> None:
        """Take all lines: an `Input` would lose all but the first."""
        lines = event.text.strip("\r\n").splitlines()
        if len(lines) > 1:
            is_all = self.selected_text == self.value
            text = on_a_line("\n".join(lines)) if is_all else " ".join(lines)
            event.prevent_default()
            event.stop()
            self.replace(text, *self.selection)


class Editor(Vertical):
    """The right side of the author's screen."""

    DEFAULT_CSS = """
    Editor { padding: 0 1; }
    Editor > #about, Editor > #verdict, Editor > #findings { height: auto; }
    Editor > #value { border: none; height: 1; padding: 0; background: $panel; }
    Editor > #value:focus { background: $block-cursor-background; }
    Editor > #choices { height: auto; max-height: 8; scrollbar-size-vertical: 1; }
    Editor > #choices { border: none; padding: 0; display: none; }
    Editor > #choices.open { display: block; }
    Editor > #rule { height: 1; color: $text-muted; }
    Editor > #doc { height: 1fr; }
    """

    class Committed(Message):
        """A text was typed or chosen for a row."""

        def __init__(self, row: Row, text: str) -> None:
            super().__init__()
            self.row, self.text = row, text

    class Typing(Committed):
        """The text in the open editor is another."""

    class Left(Message):
        """The editor was left without a change."""

    def __init__(self, session: Session, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.session = session
        self.row: Row | None = None
        self._is_open = False
        self._before = ""

    def compose(self) -> ComposeResult:
        yield Static(id="about", markup=False)
        yield ValueInput(id="value")
        yield Static(id="verdict", markup=False)
        yield OptionList(id="choices", markup=False)
        yield Static(id="findings", markup=False)
        yield Static(id="rule", markup=False)
        with VerticalScroll(id="doc", can_focus=False):
            yield Static(id="text", markup=False)

    @property
    def is_open(self) -> bool:
        """True while a value is being typed or chosen."""
        return self._is_open

    @property
    def input(self) -> ValueInput:
        return self.query_one(ValueInput)

    def show(self, row: Row | None, findings: list[Finding]) -> None:
        """Show a row and what is wrong with it."""
        self.row, self._is_open = row, False
        line = self.input
        line.display = row is not None and row.kind != "group"
        self.query_one("#choices").remove_class("open")
        if row is None:
            self._show_nothing()
            return
        self._before = self.session.text_of(row) if row.kind != "group" else ""
        with line.prevent(Input.Changed):
            line.value = self._before
        self.query_one("#about", Static).update(self._about(row))
        self._judge(self._before)
        told = [one for one in findings if one.code != MISSING or row.is_given]
        self.query_one("#findings", Static).update(_told(told))
        self._document(row)

    def _show_nothing(self) -> None:
        for name in ("verdict", "findings", "rule", "text"):
            self.query_one(f"#{name}", Static).update("")
        self.query_one("#about", Static).update("nothing is like that")

    def open(self) -> None:
        """Begin to edit the value."""
        if self.row is None or self.row.kind == "group":
            return
        self._is_open = True
        self.input.focus()
        self.input.cursor_position = len(self.input.value)
        self._choices(self.input.value)

    def keep(self) -> None:
        """Take what was typed, as enter does."""
        if self._is_open:
            self._commit(self.input.value)

    def on_resize(self) -> None:
        """Fill the new width."""
        if self.row is not None:
            self._document(self.row)

    def _about(self, row: Row) -> Text:
        text = Text().append(row.label, style="bold").append(f"  {row.requirement}")
        concept = row.concept
        if isinstance(concept, FieldConcept | AttributeConcept):
            text.append(f"\n{wording.facts(concept)}")
        elif row.nx_class:
            text.append(f"\n{row.nx_class}")
        elif row.origin == "nxtool":
            text.append("\nwritten by nxtool")
        else:
            text.append("\nnot in the definition")
        return text

    def _document(self, row: Row) -> None:
        width = max(20, self.size.width - 2)
        place = self.query_one("#rule", Static)
        place.update("─" * width if not getattr(self.app, "ascii_only", False) else "-" * width)
        concept = row.concept
        doc = doctext.plain(concept.doc[:MAX_DOC], width) if concept is not None else ""
        anchor = concept.anchor.partition(" (")[0] if concept is not None else ""
        self.query_one("#text", Static).update(f"{doc}\n\n{anchor}".strip())
        self.query_one("#doc").scroll_home(animate=False)

    def _judge(self, text: str) -> None:
        """Say what typing means."""
        verdict = self.query_one("#verdict", Static)
        if self.row is None or self.row.kind == "group" or not text.strip():
            verdict.update("")
            return
        told = self.session.judged(self.row, text)
        mark, style = ("✗", "$error") if told.problem else ("✓", "$success")
        if getattr(self.app, "ascii_only", False):
            mark = "x" if told.problem else "+"
        colour = self.app.theme_variables.get(style[1:], "")
        words = told.problem or told.note or told.yaml
        verdict.update(Text(f"{mark} {words}", style=colour if not self.app.no_color else ""))

    def _choices(self, text: str) -> None:
        listing = self.query_one(OptionList)
        now = datetime.now().astimezone()
        found = self.session.choices(self.row, text, now) if self.row is not None else []
        listing.clear_options()
        listing.add_options([f"{one.text}   {one.about}".rstrip() for one in found])
        self._texts = [one.text for one in found]
        listing.set_class(bool(found), "open")

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.row is None or not self._is_open:
            return
        self._judge(event.value)
        self._choices(event.value)
        self.post_message(self.Typing(self.row, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._commit(event.value)

    def on_value_input_down(self, event: ValueInput.Down) -> None:
        event.stop()
        listing = self.query_one(OptionList)
        if listing.option_count:
            listing.focus()
            listing.highlighted = 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._commit(self._texts[event.option_index])

    def _commit(self, text: str) -> None:
        row = self.row
        if row is None:
            return
        self._is_open = False
        self.query_one("#choices").remove_class("open")
        if text == self._before:
            self.post_message(self.Left())
        else:
            self.post_message(self.Committed(row, text))

    def key_escape(self, event: events.Key) -> None:
        """Leave the value as it was."""
        if not self._is_open:
            return
        event.stop()
        self._is_open = False
        with self.input.prevent(Input.Changed):
            self.input.value = self._before
        self._judge(self._before)
        self.query_one("#choices").remove_class("open")
        self.post_message(self.Left())


def _told(findings: list[Finding]) -> Text:
    """Findings about one value, in a line or two each."""
    text = Text()
    for one in findings[:5]:
        hint = f" ({one.hint})" if one.hint else ""
        text.append(f"{one.code} {one.message}{hint}\n")
    text.rstrip()
    return text
