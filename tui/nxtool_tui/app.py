"""The application: which screen is shown, and what all of them share."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App
from textual.binding import Binding

from nxtool.authoring.session import open_session
from nxtool.config import schema_for
from nxtool.errors import NxtoolError
from nxtool_tui.author import AuthorScreen
from nxtool_tui.theme import install

if TYPE_CHECKING:
    from nxtool.authoring.session import Session
    from nxtool.schema.compile import Schema

RECIPES = (".yaml", ".yml")


class NxtoolApp(App[None]):
    """nxtool in a terminal. `file` is a recipe, a file to view, a folder, or None to choose."""

    TITLE = "nxtool"
    BINDINGS = [Binding("ctrl+q", "quit", "quit", priority=True)]  # noqa: RUF012 - as Textual has it

    def __init__(self, file: Path | None = None, *, ascii_only: bool = False) -> None:
        super().__init__()
        self.file = file
        self.ascii_only = ascii_only
        self.session: Session | None = None
        install(self)

    @cached_property
    def schema(self) -> Schema:
        """The definitions, loaded when first asked for."""
        return schema_for(())

    def on_mount(self) -> None:
        if self.file is not None and self.file.suffix in RECIPES and self.file.exists():
            self.open_recipe(self.file)

    def open_recipe(self, path: Path) -> None:
        """Write on at the recipe in a file."""
        try:
            self.session = open_session(path, self.schema)
        except NxtoolError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self.push_screen(AuthorScreen(self.session))

    async def action_quit(self) -> None:
        """Save what can be saved, and leave; the journal keeps the rest."""
        told = ""
        if self.session is not None:
            try:
                self.session.leave()
            except NxtoolError as error:
                told = f"not saved: {error}; open the recipe again to recover it"
        self.exit(message=told or None)

    def on_unmount(self) -> None:
        if self.session is not None:
            self.session.close()


def run(file: Path | None = None, *, ascii_only: bool = False) -> None:
    """Show the application until the user leaves it."""
    NxtoolApp(file, ascii_only=ascii_only).run()
