"""The first screen where no file was named: unsaved work, recent recipes, new ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual import work
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Static

import nxtool
from nxtool.authoring.journal import Unsaved, unsaved
from nxtool.authoring.recent import Recent, recent
from nxtool.authoring.starting import short_paths
from nxtool.report.printable import printable
from nxtool_tui.fitting import end_of
from nxtool_tui.notice import clock
from nxtool_tui.pathinput import PathInput
from nxtool_tui.rowlist import RowList
from nxtool_tui.theme import glyphs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from textual.app import ComposeResult

    from nxtool_tui.app import NxtoolApp

KEYS: Final = "enter choose  n new  o open  v view a file  ? help  ctrl+q quit"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the list: a heading, or what enter does: an action of the screen with a recipe, or
    with unsaved work."""

    text: str
    right: str = ""
    action: str = ""
    about: Path | Unsaved | None = None


ACTIONS: Final = (
    Line("Begin"),
    Line("New recipe", "n", "new"),
    Line("Open a recipe, or raw data", "o", "open"),
    Line("View a NeXus or HDF5 file", "v", "view"),
)


class StartList(RowList):
    """The lines below each other; the cursor passes over headings."""

    def __init__(self, ellipsis: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._ellipsis = ellipsis
        self.lines: list[Line] = list(ACTIONS)
        self.cursor = 1

    def show(self, lines: list[Line]) -> None:
        """Show other lines, with the cursor on the first that does something."""
        self.lines = lines
        self.cursor = next(place for place, line in enumerate(lines) if line.action)
        self.rows_changed()

    @property
    def current(self) -> Line:
        """The line under the cursor."""
        return self.lines[self.cursor]

    @property
    def row_count(self) -> int:
        return len(self.lines)

    def move_to(self, index: int) -> None:
        step = -1 if index < self.cursor else 1
        places = range(index, len(self.lines) if step > 0 else -1, step)
        found = next((place for place in places if self._is_choice(place)), None)
        if found is not None:
            super().move_to(found)

    def _is_choice(self, place: int) -> bool:
        return 0 <= place < len(self.lines) and bool(self.lines[place].action)

    def row_text(self, index: int, width: int) -> Text:
        line = self.lines[index]
        if not line.action:
            return Text(no_wrap=True).append(f" {line.text}", style="bold")
        right = printable(line.right)
        room = width - cell_len(right) - 6
        cut = set_cell_size(end_of(printable(line.text), room, self._ellipsis), room)
        return Text(f"   {cut}  {right}", no_wrap=True)


class StartScreen(Screen[None]):
    """Choose what to do."""

    DEFAULT_CSS = """
    StartScreen #top { height: 2; background: $background; padding: 0 1; }
    StartScreen #keys { height: 1; color: $text-muted; dock: bottom; padding: 0 1; }
    StartScreen .row--cursor { background: $block-cursor-background; }
    StartScreen .row--cursor-blurred { background: $panel; }
    """
    BINDINGS = [  # noqa: RUF012 - as Textual has it
        Binding("n", "new", "new recipe"),
        Binding("o", "open", "open a file"),
        Binding("v", "view", "view a file"),
        Binding("d", "discard", "discard the unsaved work under the cursor"),
        Binding("question_mark,f1", "app.help", "help"),
    ]
    app: NxtoolApp

    def compose(self) -> ComposeResult:
        yield Static(Text(f"nxtool {nxtool.__version__}", style="bold"), id="top")
        yield StartList(glyphs(ascii_only=self.app.ascii_only).ellipsis, id="lines")
        yield PathInput(id="path")
        yield Static(KEYS, id="keys", markup=False)

    @property
    def lines(self) -> StartList:
        return self.query_one(StartList)

    def on_mount(self) -> None:
        self.lines.focus()

    def on_screen_resume(self) -> None:
        self._look()

    @work(thread=True, exclusive=True, group="journal", exit_on_error=False)
    def _look(self) -> None:
        lost = [one for one in unsaved() if not one.is_open]
        lines = [*_lost_lines(lost), *_recent_lines(recent()), *ACTIONS]
        self.app.call_from_thread(self.lines.show, lines)

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        line = self.lines.current
        if isinstance(line.about, Unsaved):
            self.app.recover(line.about)
        elif line.about is not None:
            self.app.open_recipe(line.about)
        else:
            getattr(self, f"action_{line.action}")()

    def action_new(self) -> None:
        """Choose a definition for a new recipe."""
        self.app.new_recipe()

    def action_open(self) -> None:
        """Ask for a recipe, a file of raw data or a folder of them."""
        self.query_one(PathInput).ask("Recipe to open, or raw data to begin one with:", "open")

    def action_view(self) -> None:
        """Ask for a file to view."""
        self.query_one(PathInput).ask("NeXus or HDF5 file to view:", "view")

    def action_discard(self) -> None:
        """Forget the unsaved work under the cursor for good."""
        about = self.lines.current.about
        if isinstance(about, Unsaved):
            about.discard()
            self._look()

    def on_path_input_left(self) -> None:
        self.lines.focus()

    def on_path_input_entered(self, event: PathInput.Entered) -> None:
        if not event.path.exists() and event.purpose == "view":
            self.notify(f"{event.path}: no such file", severity="error", markup=False)
            return
        self.query_one(PathInput).close()
        self.lines.focus()
        if event.purpose == "view":
            self.app.view_file(event.path)
        else:
            self.app.open_file(event.path)


def _lost_lines(lost: list[Unsaved]) -> Iterator[Line]:
    if lost:
        yield Line("Recover unsaved work")
    for one, path in zip(lost, short_paths(one.path for one in lost), strict=True):
        yield Line(path, f"from {clock(one.when)}", "recover", one)


def _recent_lines(found: list[Recent]) -> Iterator[Line]:
    if found:
        yield Line("Recent recipes")
    for one, path in zip(found, short_paths(one.path for one in found), strict=True):
        tally = f"{one.done}/{one.due}"
        yield Line(
            path, f"{one.definition}  {tally:>7}  {one.when:%Y-%m-%d %H:%M}", "go on", one.path
        )
