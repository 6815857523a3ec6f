"""The look of the screen that exports: choices, preview or document, the command that does the
same, keys. What is shown is read in a worker thread.

`ExportScreen` says what the keys do.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from rich.text import Text
from textual import work
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from nxtool.errors import NxtoolError
from nxtool.findings import Finding
from nxtool.report.printable import printable
from nxtool.viewing.exportchoices import choices_of
from nxtool.viewing.exporting import Choices, Prepared, command_line, prepare, target_of
from nxtool.viewing.exportrows import export_rows
from nxtool_tui.choicegrid import ChoiceGrid, OptionRows
from nxtool_tui.exportlist import DocumentLines, ExportList
from nxtool_tui.exporttold import choice_text, document_text, row_text, top_text
from nxtool_tui.pathinput import PathInput
from nxtool_tui.rowlist import RowList
from nxtool_tui.theme import colour, glyphs
from nxtool_tui.valueline import ValueLine

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import ComposeResult


Pane: TypeAlias = Literal["rows", "text", "options", "trouble", "asking"]
KEYS: Final[dict[str, str]] = {
    "rows": "enter go there  e set  a add  tab choices  t text  w write  y copy  esc back",
    "gap": "enter fill it in  a add  tab choices  t text  w write  y copy  esc back",
    "choices": "enter change it  tab preview  f format  m mapping  w write  y copy  esc back",
    "text": "t table  tab choices  w write  y copy the command  esc back",
    "options": "enter takes it  esc leaves it as it was",
    "typing": "enter takes it  esc leaves it as it was",
    "trouble": "tab choices  f format  m mapping  esc back",
    "asking": "r replace it  o another file  esc back",
    "writing": "writing",
}


class ExportPage(Screen[Finding | None]):
    """What is known of the export of the file at `path`, and shows it."""

    DEFAULT_CSS = """
    ExportPage #top { height: 1; background: $panel; }
    ExportPage #about { height: 4; border-top: solid $text-muted; padding: 0 1; }
    ExportPage #trouble { height: 1fr; padding: 1 2; }
    ExportPage #told { height: auto; padding: 0 1; display: none; }
    ExportPage #command { height: auto; max-height: 4; padding: 0 1; background: $panel; }
    ExportPage #keys { height: 1; color: $text-muted; dock: bottom; }
    ExportPage .row--cursor { background: $block-cursor-background; }
    ExportPage .row--cursor-blurred { background: $panel; }
    """
    AUTO_FOCUS = ""

    @dataclass
    class Ready(Message):
        """It is known what would be written."""

        number: int
        found: Prepared
        text: str

    @dataclass
    class Failed(Message):
        """It cannot be said what would be written."""

        number: int
        why: str

    def __init__(self, path: Path, remembered: dict[Path, Choices] | None = None) -> None:
        super().__init__()
        self.path = path
        self.remembered = remembered if remembered is not None else {}
        self.choices = self.remembered.get(path, Choices(path))
        self.entries: tuple[str, ...] = ()
        self.found: Prepared | None = None
        self.pane: Pane = "rows"
        self.is_writing = False
        self.target: Path | None = None
        self.problem = ""
        self._overwrites = False
        self._number = 0
        self._text = ""
        self._gone = threading.Event()
        self._what: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        yield Static(id="top", markup=False)
        yield ChoiceGrid()
        yield ExportList()
        yield OptionRows()
        yield DocumentLines()
        yield Static(id="trouble", markup=False)
        yield Static(id="about", markup=False)
        yield Static(id="told", markup=False)
        yield Static(id="command", markup=False)
        yield PathInput()
        yield ValueLine()
        yield Static(id="keys", markup=False)

    @property
    def list(self) -> ExportList:
        return self.query_one(ExportList)

    @property
    def grid(self) -> ChoiceGrid:
        return self.query_one(ChoiceGrid)

    @property
    def known(self) -> Prepared | None:
        """What would be written; None while it is being read, and where it cannot be."""
        is_old = self.found is not None and self.found.choices != self.choices
        return None if is_old else self.found

    @property
    def named(self) -> Path:
        """The file to write."""
        return self.target or target_of(self.choices)

    @property
    def command(self) -> str:
        """The command that does the same."""
        return command_line(self.choices, self.named, overwrite=self._overwrites)

    def on_mount(self) -> None:
        self._show("rows")
        self._prepare()

    def on_unmount(self) -> None:
        self._gone.set()
        if self.found is not None:
            self.found.preview.close()

    # reading

    def _prepare(self) -> None:
        self._number += 1
        self._show_top()
        self._read(self._number, self.choices)

    @work(thread=True, exclusive=True, group="hdf5", exit_on_error=False)
    def _read(self, number: int, choices: Choices) -> None:
        try:
            found = prepare(choices)
        except NxtoolError as error:
            self.post_message(self.Failed(number, str(error)))
            return
        if self._gone.is_set() or not self.post_message(self.Ready(number, found, found.text)):
            found.preview.close()

    def on_export_page_ready(self, message: Ready) -> None:
        if message.number != self._number:
            message.found.preview.close()
            return
        if self.found is not None:
            self.found.preview.close()
        self.found, self._text = message.found, message.text
        self.choices, self.entries = message.found.choices, message.found.entries
        self.problem = ""
        what = (self.choices.format, self.choices.mapping, self.choices.entry)
        self.list.show(export_rows(message.found), stay=what == self._what)
        self._what = what
        self.query_one(DocumentLines).show(self._text)
        self._show("rows" if self.pane == "trouble" else self.pane)

    def on_export_page_failed(self, message: Failed) -> None:
        if message.number == self._number:
            self._fail(message.why)

    def _fail(self, why: str) -> None:
        """Show why there is no preview."""
        if self.found is not None:
            self.found.preview.close()
            self.found = None
        self.problem = why
        self._show("trouble")

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say so when a thread came upon a mistake of ours."""
        if event.state is WorkerState.ERROR:
            error = event.worker.error
            self.is_writing = False
            self._fail(f"nxtool has a bug: {type(error).__name__}: {error}")

    # what is shown

    def _show(self, pane: Pane) -> None:
        """Show one of the panes, and all around it as it is now."""
        self.pane = pane
        self.list.display = pane == "rows"
        self.query_one(OptionRows).display = pane == "options"
        self.query_one(DocumentLines).display = pane == "text"
        trouble = self.query_one("#trouble", Static)
        trouble.display = pane in ("trouble", "asking")
        trouble.update(self._trouble())
        self.grid.show(choices_of(self.choices, self.entries))
        self._focus_pane()
        self._show_around()

    def _focus_pane(self) -> None:
        panes: dict[Pane, RowList] = {
            "rows": self.list, "options": self.query_one(OptionRows),
            "text": self.query_one(DocumentLines),
        }  # fmt: skip
        if self.query(".open"):
            return  # someone is typing
        if self.focused is not self.grid or self.pane == "options":
            self.set_focus(panes.get(self.pane, self.grid))

    def _trouble(self) -> Text:
        if self.pane == "asking":
            text = Text().append(printable(str(self.named)), "bold")
            return text.append("\nexists already. Replace it?")
        sign = glyphs(ascii_only=bool(getattr(self.app, "ascii_only", False))).error
        text = Text().append(f"{sign} it cannot be exported\n\n", colour(self.app, "error"))
        return text.append(printable(self.problem))

    def _show_around(self) -> None:
        self._show_top()
        self._show_about()
        text = Text("$ ", colour(self.app, "dim")).append(printable(self.command))
        self.query_one("#command", Static).update(text)
        self._show_keys()

    def _show_top(self) -> None:
        is_read = self.known is not None or bool(self.problem)
        text = top_text(self.app, self.path.name, self.known, is_read=is_read)
        self.query_one("#top", Static).update(text)

    def _show_keys(self) -> None:
        where: str = self.pane
        if self.is_writing:
            where = "writing"
        elif self.query(".open"):
            where = "typing"
        elif self.focused is self.grid and where in ("rows", "text"):
            where = "choices"
        elif where == "rows" and self.list.current is not None and self.list.current.state == "gap":
            where = "gap"
        self.query_one("#keys", Static).update(KEYS[where])

    def _show_about(self) -> None:
        """What is to be known of what is under the cursor."""
        self.query_one("#about", Static).update(self._about())

    def _about(self) -> Text:
        choice, options = self.grid.current, self.query_one(OptionRows)
        if self.pane == "options" and options.choice is not None and options.option is not None:
            return choice_text(options.choice.label, options.option.label, options.option.about)
        if self.focused is self.grid and choice is not None:
            told = [one.about for one in choice.options if one.value == choice.value]
            return choice_text(choice.label, choice.shown, choice.hint or "".join(told))
        if self.pane == "text":
            return document_text(self._text, self.named)
        return row_text(self.app, self.list.current if self.pane == "rows" else None)

    def _tell(self, what: str, state: str = "") -> None:
        """Say what came of writing; empty for nothing."""
        told = self.query_one("#told", Static)
        told.display = bool(what)
        told.update(Text(printable(what), colour(self.app, state)))

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        event.stop()
        self._show_about()
        self._show_keys()

    def on_choice_grid_moved(self) -> None:
        self._show_about()

    def on_descendant_focus(self) -> None:
        self._show_about()
        self._show_keys()
