"""The application: which screen is shown, and what all of them share."""

from __future__ import annotations

from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import work
from textual.app import App, SystemCommand
from textual.binding import Binding

from nxtool.authoring.recent import remember_session
from nxtool.authoring.session import open_session
from nxtool.authoring.starting import RECIPES, Kind, kind_of
from nxtool.config import schema_for
from nxtool.errors import NxtoolError
from nxtool_tui.author import AuthorScreen
from nxtool_tui.exporting import ExportScreen
from nxtool_tui.help import HelpScreen, listed
from nxtool_tui.pathinput import typed_path
from nxtool_tui.pick import PickScreen
from nxtool_tui.plotscreen import PlotScreen
from nxtool_tui.start import StartScreen
from nxtool_tui.theme import install
from nxtool_tui.view import ViewScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.screen import Screen

    from nxtool.authoring.journal import Unsaved
    from nxtool.authoring.session import Session
    from nxtool.findings import Finding
    from nxtool.schema.compile import Schema
    from nxtool.viewing.exporting import Choices


class NxtoolApp(App[None]):
    """nxtool in a terminal. `file` is a recipe, a file to view, a folder, or None to choose."""

    TITLE = "nxtool"
    CSS = """
    .-ascii * { scrollbar-size: 0 0; }
    .-ascii Editor, .-ascii SourcesPane, .-ascii StoragePane,
    .-ascii ViewScreen #facts { border-left: ascii $text-muted; }
    .-ascii FindingsScreen #about { border-top: ascii $text-muted; }
    .-ascii ExportScreen #about { border-top: ascii $text-muted; }
    .-ascii PickScreen #about { border-left: ascii $text-muted; }
    """
    BINDINGS = [Binding("ctrl+q", "quit", "quit", priority=True)]  # noqa: RUF012 - as Textual has it

    def __init__(self, file: Path | None = None, *, ascii_only: bool = False) -> None:
        super().__init__()
        self.file = file
        self.ascii_only = ascii_only
        self.session: Session | None = None
        self.exports: dict[Path, Choices] = {}
        self.set_class(ascii_only, "-ascii")
        install(self)

    @cached_property
    def schema(self) -> Schema:
        """The definitions, loaded when first asked for."""
        return schema_for(())

    def on_mount(self) -> None:
        self.push_screen(StartScreen())
        if self.file is not None:
            self.open_file(self.file)

    # what is opened

    def open_file(self, path: Path) -> None:
        """Show a file by the screen it is for; raw data lead to a new recipe."""
        try:
            typed_path(str(path))
        except NxtoolError as error:
            self._complain(error)
            return
        if path.suffix in RECIPES:
            self._opened(path, kind_of(path))
        else:
            self._look(path)

    @work(thread=True, exclusive=True, group="hdf5", exit_on_error=False)
    def _look(self, path: Path) -> None:
        try:
            kind = kind_of(path)
        except NxtoolError as error:
            self.call_from_thread(self._complain, error)
            return
        self.call_from_thread(self._opened, path, kind)

    def _opened(self, path: Path, kind: Kind) -> None:
        if kind == "recipe":
            self.open_recipe(path)
        elif kind == "new":
            self.push_screen(PickScreen(target=path))
        elif kind == "nexus":
            self.view_file(path)
        elif kind == "data":
            self.push_screen(PickScreen(data=path))
        else:
            told = f"{path}: no such file"
            self.notify(told, severity="error", markup=False)

    def open_recipe(self, path: Path) -> None:
        """Write on at the recipe in a file."""
        self._start(path)

    def new_recipe(self) -> None:
        """Choose a definition for a new recipe."""
        self.push_screen(PickScreen())

    def begin(self, path: Path, text: str) -> None:
        """Write a new recipe that begins with `text`."""
        self._start(path, text)

    def recover(self, lost: Unsaved) -> None:
        """Write on where a journal ends."""
        self._start(lost.path, lost=lost)

    def view_file(self, path: Path) -> None:
        """Look at a NeXus or HDF5 file."""
        self.push_screen(ViewScreen(path, self.schema))

    def plot_file(self, path: Path) -> None:
        """Draw the default plot of a file."""
        self.push_screen(PlotScreen(path))

    def export_file(self, path: Path, go_to: Callable[[Finding | None], None]) -> None:
        """Export a file to a catalogue, as it was begun before; `go_to` is told the place in the
        file that is to be looked at, None for none."""
        self.push_screen(ExportScreen(path, self.exports), go_to)

    def _start(self, path: Path, text: str | None = None, lost: Unsaved | None = None) -> None:
        """Show the author's screen in place of all but the first."""
        try:
            self._end_session()
            self.session = session = open_session(path, self.schema, text)
            same = [one for one in session.waiting if lost is not None and one.is_like(lost)]
            if same:
                session.recover(same[0])
            session.rows()
        except NxtoolError as error:
            self._complain(error)
            if self.session is not None:  # it was opened, and cannot be shown
                self.session.close()
                self.session = None
            return
        remember_session(session)
        while len(self.screen_stack) > 2:
            self.pop_screen()
        self.push_screen(AuthorScreen(session))

    def _complain(self, error: NxtoolError) -> None:
        self.notify(str(error), severity="error", markup=False)

    def leave_screen(self) -> None:
        """Show the screen below; the first one stays."""
        if len(self.screen_stack) > 2:
            self.pop_screen()

    # help

    def action_help(self) -> None:
        """Show the keys of the screen."""
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(listed(self.screen)))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """All that keys do, by name."""
        yield from super().get_system_commands(screen)
        for active in screen.active_bindings.values():
            binding = active.binding
            if binding.description and active.enabled and active.node is not self:
                run = partial(self.run_action, binding.action, active.node)
                yield SystemCommand(binding.description.capitalize(), binding.key, run)

    # leaving

    def _end_session(self) -> None:
        """Save and close what is open. Raises `NxtoolError` where it cannot be saved."""
        session, self.session = self.session, None
        if session is not None:
            remember_session(session)
            session.leave()

    async def action_quit(self) -> None:
        """Save what can be saved, and leave; the journal keeps the rest."""
        told = ""
        try:
            self._end_session()
        except NxtoolError as error:
            told = f"not saved: {error}; open the recipe again to recover it"
        self.exit(message=told or None)

    def on_unmount(self) -> None:
        if self.session is not None:
            self.session.close()


def run(file: Path | None = None, *, ascii_only: bool = False) -> None:
    """Show the application until the user leaves it.

    Raises:
        RuntimeError: it ended by an error of ours, which is on the screen.
    """
    app = NxtoolApp(file, ascii_only=ascii_only)
    app.run()
    if app.return_code:
        raise RuntimeError("the terminal interface ended by the error above")
