"""A question, and a line for the text that answers it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Static

if TYPE_CHECKING:
    from textual.app import ComposeResult


class ValueLine(Vertical):
    """It is open while it asks, and says what was entered."""

    DEFAULT_CSS = """
    ValueLine { height: auto; background: $panel; padding: 0 1; display: none; }
    ValueLine.open { display: block; }
    ValueLine > .question { height: 1; }
    ValueLine > Input { border: none; height: 1; padding: 0; background: $surface; }
    ValueLine > Input:focus { border: none; }
    """
    BINDINGS = [Binding("escape", "leave", "leave", show=False)]  # noqa: RUF012 - as Textual has it

    class Entered(Message):
        """A text was entered for what has the name; an empty one, too."""

        def __init__(self, name: str, text: str) -> None:
            super().__init__()
            self.name, self.text = name, text

    class Left(Message):
        """The line was left as it was."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.asked = ""

    def compose(self) -> ComposeResult:
        yield Static(classes="question", markup=False)
        yield Input(select_on_focus=False)

    @property
    def input(self) -> Input:
        return self.query_one(Input)

    def ask(self, name: str, question: str, text: str, hint: str = "") -> None:
        """Ask for a text; `name` comes back with it."""
        self.asked = name
        self.query_one(".question", Static).update(Text(question, no_wrap=True))
        line = self.input
        line.placeholder = hint
        line.value = text
        line.cursor_position = len(text)
        self.add_class("open")
        line.focus()

    def close(self) -> None:
        """Take the line away."""
        self.remove_class("open")

    def action_leave(self) -> None:
        self.close()
        self.post_message(self.Left())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.close()
        self.post_message(self.Entered(self.asked, event.value.strip()))
