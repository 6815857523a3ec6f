"""A line for a path, which tab completes, with the names that fit below it."""

from __future__ import annotations

import os
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Static

from nxtool.errors import FileUnreadable
from nxtool.sources.naturalsort import natural_key

if TYPE_CHECKING:
    from textual.app import ComposeResult

MAX_NAMES: Final = 5000
"""How many names of a folder are looked at."""
SHOWN: Final = 6
"""How many names stand below the line."""
LONGEST: Final = 60
"""Characters of a path that is no path, in a message."""


def completions(text: str) -> list[str]:
    """What `text` may become: paths that begin with it, folders with `/` behind them. Hidden names
    only where a dot is typed."""
    folder, name = os.path.split(text)
    try:
        with os.scandir(Path(folder or ".").expanduser()) as entries:
            fitting = (one for one in islice(entries, MAX_NAMES) if _fits(one.name, name))
            found = [one.name + ("/" if one.is_dir() else "") for one in fitting]
    except (OSError, ValueError, RuntimeError):  # RuntimeError: there is no such home
        return []
    head = text.removesuffix(name)
    return [head + one for one in sorted(found, key=natural_key)]


def _fits(name: str, begin: str) -> bool:
    return name.startswith(begin) and bool(begin or not name.startswith("."))


def completed(text: str) -> str:
    """`text` with what all that it may become have in common."""
    found = completions(text)
    return os.path.commonprefix(found) if found else text  # noqa: RUF071 - half a name, too


def typed_path(text: str) -> Path:
    """The path that was typed, with the home folder for `~`; it need not be there.

    Raises:
        FileUnreadable: nothing can be there, or it cannot be looked for.
    """
    shown = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    try:
        path = Path(text).expanduser()
        with suppress(FileNotFoundError, NotADirectoryError):
            path.stat()
    except RuntimeError as error:
        raise FileUnreadable(f"{shown}: there is no such home folder") from error
    except (OSError, ValueError) as error:  # ValueError: it has a null character
        why = error.strerror if isinstance(error, OSError) else None
        raise FileUnreadable(f"{shown}: {(why or str(error)).lower()}") from error
    return path


class PathInput(Vertical):
    """A question, the line, and the names that fit; it says what was entered."""

    DEFAULT_CSS = """
    PathInput { height: auto; background: $panel; padding: 0 1; display: none; }
    PathInput.open { display: block; }
    PathInput > .question { height: auto; }
    PathInput > Input { border: none; height: 1; padding: 0; background: $surface; }
    PathInput > Input:focus { border: none; }
    PathInput > .names { height: auto; color: $text-muted; }
    """
    BINDINGS = [  # noqa: RUF012 - as Textual has it
        Binding("tab", "complete", "complete the name", show=False, priority=True),
        Binding("escape", "leave", "leave", show=False),
    ]

    class Entered(Message):
        """A path was entered."""

        def __init__(self, path: Path, purpose: str) -> None:
            super().__init__()
            self.path, self.purpose = path, purpose

    class Left(Message):
        """The line was left without a path."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.purpose = ""

    def compose(self) -> ComposeResult:
        yield Static(classes="question", markup=False)
        yield Input(placeholder="a path; tab completes it", select_on_focus=False)
        yield Static(classes="names", markup=False)

    @property
    def input(self) -> Input:
        return self.query_one(Input)

    def ask(self, question: str, purpose: str, text: str = "") -> None:
        """Ask for a path; `purpose` comes back with it."""
        self.purpose = purpose
        self.query_one(".question", Static).update(question)
        self.add_class("open")
        with self.input.prevent(Input.Changed):
            self.input.value = text
        self.input.cursor_position = len(text)
        self._show_names(())
        self.input.focus()

    def close(self) -> None:
        """Take the line away."""
        self.remove_class("open")

    def action_complete(self) -> None:
        line = self.input
        before, line.value = line.value, completed(line.value)
        line.cursor_position = len(line.value)
        if line.value == before:
            self._show_names(completions(before))

    def _show_names(self, paths: list[str] | tuple[()]) -> None:
        names = [os.path.basename(one.removesuffix("/")) for one in paths[:SHOWN]]  # noqa: PTH119
        more = f"  and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
        told = "  ".join(names) + more
        place = self.query_one(".names", Static)
        place.update(Text(told, no_wrap=True, overflow="ellipsis"))
        place.display = bool(told)

    def action_leave(self) -> None:
        self.close()
        self.post_message(self.Left())

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._show_names(())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        text = event.value.strip()
        if not text:
            return
        try:
            path = typed_path(text)
        except FileUnreadable as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self.post_message(self.Entered(path, self.purpose))
