"""The screen that exports a file to a catalogue: what can be chosen, what the catalogue would get
and refuse, the document, the command that does the same.

Nothing is written while the catalogue would refuse it; writing happens in a worker thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from textual import work
from textual.binding import Binding, BindingType
from textual.message import Message

from nxtool.authoring.building import shortest
from nxtool.errors import NxtoolError
from nxtool.export.mapping import TARGETS
from nxtool.findings import Finding
from nxtool.report.units import bytes_text
from nxtool.viewing.exportchoices import OWN, Choice, Option, chosen
from nxtool.viewing.exporting import Choices, Prepared, misnamed
from nxtool_tui.choicegrid import ChoiceGrid, OptionRows
from nxtool_tui.exportlist import ExportList
from nxtool_tui.exportpage import ExportPage
from nxtool_tui.pathinput import PathInput
from nxtool_tui.rowlist import RowList
from nxtool_tui.theme import glyphs
from nxtool_tui.valueline import ValueLine

if TYPE_CHECKING:
    from pathlib import Path

    from textual.widget import Widget

    from nxtool.viewing.exportrows import ExportRow

GIVE: Final = "\0give"
"""The name of the choice of a target to give a value for."""


class ExportScreen(ExportPage):
    """Exports the file at `path`; ends with a place in it to go to, None to stay. What was chosen
    for a file is kept in `remembered`."""

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
    class Written(Message):
        """The file is written; `trouble` is why it is not."""

        target: Path
        size: int = 0
        trouble: str = ""

    def __init__(self, path: Path, remembered: dict[Path, Choices] | None = None) -> None:
        super().__init__(path, remembered)
        self._before: Widget | None = None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that answer a question are for where it is asked."""
        return action not in ("replace", "name") or self.pane == "asking"

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
        rows = event.rows
        if isinstance(rows, OptionRows) and rows.choice is not None and rows.option is not None:
            self._take(rows.choice, rows.option.value)
        elif isinstance(rows, ExportList) and rows.current is not None:
            self._go_to(rows.current)

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

    def action_write(self) -> None:
        """Ask for the name of the file, unless the catalogue would refuse it."""
        if self.is_writing or self.pane not in ("rows", "text", "trouble"):
            return
        found = self.known
        if found is None:
            self.notify("there is nothing to write yet", timeout=2)
            return
        if found.preview.is_taken:
            self.action_name()
            return
        self._show("rows")
        count = len(found.preview.missing)
        self.notify(
            f"{count} missing: enter fills it in" if count else
            "nothing is written while the catalogue would refuse it",
            severity="warning", timeout=4,
        )  # fmt: skip
        self.list.go_to_worst()

    def action_name(self) -> None:
        found = self.known
        if found is not None and found.preview.is_taken and not self.is_writing:
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
            self._tell("")
            self._show("asking")
        else:
            self._start(overwrite=False)

    def action_replace(self) -> None:
        if self.pane == "asking":
            self._start(overwrite=True)

    def _start(self, *, overwrite: bool) -> None:
        found = self.known
        if found is not None:
            self.is_writing, self._overwrites = True, overwrite
            self._show("rows")
            self._write(found, self.named)

    @work(thread=True, exclusive=True, group="export", exit_on_error=False)
    def _write(self, found: Prepared, target: Path) -> None:
        export = found.preview.export
        if export is None:
            return
        try:
            export.write(target, overwrite=self._overwrites)
        except NxtoolError as error:
            self.post_message(self.Written(target, trouble=str(error)))
            return
        size = target.stat().st_size if target.is_file() else 0
        self.post_message(self.Written(target, size))

    def on_export_screen_written(self, message: Written) -> None:
        self.is_writing = False
        if message.trouble:
            self._tell(f"nothing was written: {message.trouble}", "error")
        else:
            sign = glyphs(ascii_only=bool(getattr(self.app, "ascii_only", False))).ok
            size = bytes_text(message.size)
            self._tell(
                f"{sign} wrote {message.target}, {size}; the same from the command line:", "ok"
            )
        self._show("rows")
