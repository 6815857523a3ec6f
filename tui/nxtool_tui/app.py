"""The application: which screen is shown, and what all of them share."""

from __future__ import annotations

from pathlib import Path

from textual.app import App

from nxtool_tui.theme import install


class NxtoolApp(App[None]):
    """nxtool in a terminal. `file` is a recipe, a file to view, a folder, or None to choose."""

    TITLE = "nxtool"

    def __init__(self, file: Path | None = None, *, ascii_only: bool = False) -> None:
        super().__init__()
        self.file = file
        self.ascii_only = ascii_only
        install(self)


def run(file: Path | None = None, *, ascii_only: bool = False) -> None:
    """Show the application until the user leaves it."""
    NxtoolApp(file, ascii_only=ascii_only).run()
