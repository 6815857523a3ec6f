"""The screen that exports a file to a catalogue: what can be chosen, what the catalogue would get
and refuse, the document, the command that does the same.

Reading and writing happen in worker threads.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Literal, TypeAlias

from rich.text import Text
from textual import work
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from nxtool.authoring.building import shortest
from nxtool.errors import NxtoolError
from nxtool.export.mapping import TARGETS
from nxtool.findings import Finding
from nxtool.report.printable import printable
from nxtool.report.units import bytes_text
from nxtool.viewing.exportchoices import OWN, Choice, Option, choices_of, chosen
from nxtool.viewing.exporting import Choices, Prepared, command_line, misnamed, prepare, target_of
from nxtool.viewing.exportrows import ExportRow, export_rows
from nxtool_tui.choicegrid import ChoiceGrid, OptionRows
from nxtool_tui.exportlist import DocumentLines, ExportList
from nxtool_tui.exporttold import row_text, top_text
from nxtool_tui.pathinput import PathInput
from nxtool_tui.rowlist import RowList
from nxtool_tui.theme import colour, glyphs
from nxtool_tui.valueline import ValueLine

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import ComposeResult
    from textual.widget import Widget

Pane: TypeAlias = Literal["rows", "text", "options", "trouble", "asking"]
GIVE: Final = "\0give"
"""The name of the choice of a target to give a value for."""
KEYS: Final[dict[str, str]] = {
    "rows": "enter go there  e set  a add  tab choices  t text  w write  y copy  esc back",
    "choices": "enter change it  tab preview  f format  m mapping  w write  y copy  esc back",
    "text": "t table  tab choices  w write  y copy the command  esc back",
    "options": "enter takes it  esc leaves it as it was",
    "typing": "enter takes it  esc leaves it as it was",
    "trouble": "tab choices  f format  m mapping  esc back",
    "asking": "r replace it  o another file  esc back",
    "writing": "writing",
}


class ExportScreen(Screen["Finding | None"]):
    """Exports the file at `path`; ends with a place in it to go to, None to stay. What was chosen
    for a file is kept in `remembered`."""

    DEFAULT_CSS = """
    ExportScreen #top { height: 1; background: $panel; }
    ExportScreen #about { height: 4; border-top: solid $text-muted; padding: 0 1; }
    ExportScreen #trouble { height: 1fr; padding: 1 2; }
    ExportScreen #told { height: auto; padding: 0 1; display: none; }
    ExportScreen #command { height: auto; max-height: 4; padding: 0 1; background: $panel; }
    ExportScreen #keys { height: 1; color: $text-muted; dock: bottom; }
    ExportScreen .row--cursor { background: $block-cursor-background; }
    ExportScreen .row--cursor-blurred { background: $panel; }
    """
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "change_side", "choices, or the preview"),
        Binding("e", "edit", "set the value"),
        Binding("delete", "forget", "as the file says"),
        Binding("a", "add", "give another value"),
        Binding("f", "choose('format')", "format"),
        Binding("m", "choose('mapping')", "mapping"),
        Binding("t", "text", "table or text"),
        Binding("w", "write", "write the file"),
        Binding("r", "replace", "replace the file"),
        Binding("o", "name", "another file"),
        Binding("y", "copy", "copy the command"),
        Binding("question_mark,f1", "app.help", "help"),
        Binding("escape,q", "leave", "back"),
    ]

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

    @dataclass
    class Written(Message):
        """The file is written; `trouble` is why it is not."""

        target: Path
        trouble: str = ""

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
        self._before: Widget | None = None

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

    def on_export_screen_ready(self, message: Ready) -> None:
        if message.number != self._number:
            message.found.preview.close()
            return
        if self.found is not None:
            self.found.preview.close()
        self.found, self._text = message.found, message.text
        self.choices, self.entries = message.found.choices, message.found.entries
        self.problem = ""
        self.list.show(export_rows(message.found))
        self.query_one(DocumentLines).show(self._text)
        self._show("rows" if self.pane == "trouble" else self.pane)

    def on_export_screen_failed(self, message: Failed) -> None:
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
        reading = self.found is None and not self.problem
        self.query_one("#top", Static).update(
            top_text(self.app, self.path.name, self.found, reading)
        )

    def _show_keys(self) -> None:
        where: str = self.pane
        if self.is_writing:
            where = "writing"
        elif self.query(".open"):
            where = "typing"
        elif self.focused is self.grid and where in ("rows", "text"):
            where = "choices"
        self.query_one("#keys", Static).update(KEYS[where])

    def _show_about(self) -> None:
        """What is to be known of what is under the cursor."""
        about = self.query_one("#about", Static)
        choice = self.grid.current
        if self.pane == "text":
            size = bytes_text(len(self._text.encode("utf-8", "replace")))
            none = "there is no document while something is missing"
            about.update(f"{size}, as it would be written" if self._text else none)
        elif self.focused is self.grid and choice is not None:
            told = [one.about for one in choice.options if one.value == choice.value]
            about.update(Text(f"{choice.label}: {choice.shown}\n{choice.hint or ''.join(told)}"))
        else:
            about.update(row_text(self.app, self.list.current))

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        event.stop()
        self._show_about()

    def on_choice_grid_moved(self) -> None:
        self._show_about()

    def on_descendant_focus(self) -> None:
        self._show_about()
        self._show_keys()

    # choosing

    def _change(self, choices: Choices) -> None:
        """Go on with other choices, and look anew."""
        if choices.format != self.choices.format:
            self.target = None
        self._overwrites = False
        self.choices = self.remembered[self.path] = choices
        self._tell("")
        self._show("rows" if self.pane in ("options", "asking") else self.pane)
        self._prepare()

    def action_choose(self, name: str) -> None:
        """Show what the choice of a name may be."""
        choice = self.grid.put_on(name)
        if choice is not None and not self.is_writing:
            self._open(choice)

    def on_choice_grid_chosen(self, message: ChoiceGrid.Chosen) -> None:
        if not self.is_writing:
            self._open(message.choice)

    def on_choice_grid_left(self) -> None:
        self.action_change_side()

    def _open(self, choice: Choice) -> None:
        self._before = self.focused
        if choice.options:
            self.query_one(OptionRows).begin(choice)
            self._show("options")
        else:
            label = (
                choice.label if choice.label == choice.name else f"{choice.label} ({choice.name})"
            )
            self._ask(choice.name, label, choice.value, choice.hint)

    def _ask(self, name: str, question: str, text: str, hint: str) -> None:
        self.query_one(ValueLine).ask(name, question, text, hint)
        self._show_keys()

    def _take(self, choice: Choice, value: str) -> None:
        """What was chosen of a list."""
        self._back()
        if choice.name == GIVE:
            self._ask(value, value, self.choices.given.get(value, ""), "")
        elif value == OWN:
            self.query_one(PathInput).ask("a mapping of your own", "mapping", self.choices.mapping)
            self._show_keys()
        elif value != choice.value:
            self._change(chosen(self.choices, choice.name, value))

    def _back(self) -> None:
        """The preview again, with the focus where it was."""
        self._show("rows" if self.found is not None else "trouble")
        if self._before is not None and self._before.display:
            self.set_focus(self._before)

    def on_value_line_entered(self, message: ValueLine.Entered) -> None:
        self._back()
        self._change(chosen(self.choices, message.name, message.text))

    def on_value_line_left(self) -> None:
        self._back()

    def on_path_input_left(self) -> None:
        self._back()

    def on_path_input_entered(self, message: PathInput.Entered) -> None:
        self.query_one(PathInput).close()
        self._back()
        if message.purpose == "mapping":
            self._change(chosen(self.choices, "mapping", str(message.path)))
        else:
            self._take_name(message.path)

    # the rows

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        if isinstance(event.rows, OptionRows) and event.rows.choice is not None:
            self._take(event.rows.choice, event.rows.value)
        elif isinstance(event.rows, ExportList) and event.rows.current is not None:
            self._go_to(event.rows.current)

    def _go_to(self, row: ExportRow) -> None:
        """Lead to the place in the file; fill in what is missing."""
        if row.path and row.state != "gap":
            self.dismiss(Finding(row.code or "X20", "info", row.path, row.text))
        elif row.target:
            self.action_edit()

    def action_edit(self) -> None:
        """Give a value for the row, instead of what the file says."""
        row = self.list.current
        if self.pane != "rows" or row is None or self.is_writing:
            return
        if not row.target:
            self.notify("only values can be given: the file says the rest", timeout=3)
            return
        self._before = self.list
        text = row.text if row.state in ("ok", "out") else self.choices.given.get(row.target, "")
        self._ask(row.target, f"{row.target}, as if the file said it", text, row.about)

    def action_forget(self) -> None:
        """Take back a value that was given."""
        row = self.list.current
        if row is not None and row.target in self.choices.given and not self.is_writing:
            self._change(self.choices.giving(row.target, ""))

    def action_add(self) -> None:
        """Give a value that the file does not say."""
        if self.pane == "rows" and not self.is_writing:
            options = tuple(Option(one, one, self.choices.given.get(one, "")) for one in TARGETS)
            self._before = self.list
            self.query_one(OptionRows).begin(Choice(GIVE, "give", "", "", options))
            self._show("options")

    # keys

    def action_change_side(self) -> None:
        """From the choices to the preview, or back."""
        if self.pane == "options" or self.query(".open"):
            return
        at_grid = self.focused is self.grid
        self.set_focus(None)
        self._focus_pane() if at_grid else self.set_focus(self.grid)

    def action_text(self) -> None:
        """The document, or the table again."""
        if self.pane in ("rows", "text"):
            self._show("text" if self.pane == "rows" else "rows")

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self.command)
        self.notify("copied the command", timeout=2)

    def action_leave(self) -> None:
        """One level out."""
        if self.pane in ("options", "asking"):
            self._back()
        elif self.pane == "text":
            self._show("rows")
        elif not self.is_writing:
            self.dismiss(None)

    # writing

    def _tell(self, what: str, state: str = "") -> None:
        told = self.query_one("#told", Static)
        told.display = bool(what)
        told.update(Text(printable(what), colour(self.app, state)))

    def action_write(self) -> None:
        """Ask for the name of the file, unless the catalogue would refuse it."""
        if self.found is None or self.is_writing or self.pane not in ("rows", "text"):
            return
        if self.found.preview.is_taken:
            self.action_name()
            return
        self._show("rows")
        count = len(self.found.preview.missing)
        self.notify(
            f"{count} missing: enter fills it in" if count else
            "nothing is written while the catalogue would refuse it",
            severity="warning", timeout=4,
        )  # fmt: skip
        self.list.go_to_worst()

    def action_name(self) -> None:
        if self.found is not None and self.found.preview.is_taken and not self.is_writing:
            self._before = self.list
            line = self.query_one(PathInput)
            line.ask("write to which file?", "target", shortest(self.named))
            self._show_keys()

    def _take_name(self, path: Path) -> None:
        """Write to `path`, or say why that cannot be."""
        wrong = misnamed(self.choices, path)
        if wrong:
            self._tell(f"nothing was written: {wrong}", "error")
            return
        self.target = path
        if path.is_file():
            self._show("asking")
        else:
            self._start(overwrite=False)

    def action_replace(self) -> None:
        if self.pane == "asking":
            self._start(overwrite=True)

    def _start(self, *, overwrite: bool) -> None:
        if self.found is None:
            return
        self.is_writing, self._overwrites = True, overwrite
        self._show("rows")
        self._write(self.found, self.named)

    @work(thread=True, exclusive=True, group="export", exit_on_error=False)
    def _write(self, found: Prepared, target: Path) -> None:
        export = found.preview.export
        if export is None:
            return
        try:
            export.write(target, overwrite=self._overwrites)
        except NxtoolError as error:
            self.post_message(self.Written(target, str(error)))
        else:
            self.post_message(self.Written(target))

    def on_export_screen_written(self, message: Written) -> None:
        self.is_writing = False
        if message.trouble:
            self._tell(f"nothing was written: {message.trouble}", "error")
        else:
            sign = glyphs(ascii_only=bool(getattr(self.app, "ascii_only", False))).ok
            size = bytes_text(message.target.stat().st_size)
            self._tell(
                f"{sign} wrote {message.target}, {size}; the same from the command line:", "ok"
            )
        self._show("rows")
