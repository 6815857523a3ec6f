"""Choices and their values, side by side in a few lines, one of them under the cursor; and the
list of what one of them may be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text
from textual.binding import Binding
from textual.message import Message
from textual.widget import Widget

from nxtool.report.printable import printable
from nxtool_tui.fitting import start_of
from nxtool_tui.rowlist import RowList
from nxtool_tui.theme import colour, glyphs

if TYPE_CHECKING:
    from textual import events

    from nxtool.viewing.exportchoices import Choice, Option

CELL: Final = 26
"""Columns that a choice has at least."""


class ChoiceGrid(Widget, can_focus=True):
    """As many choices in a line as fit. The owner says what they are."""

    DEFAULT_CSS = """
    ChoiceGrid { height: auto; padding: 0 1; background: $panel; }
    """
    COMPONENT_CLASSES = {"row--cursor"}  # noqa: RUF012 - as Textual has it
    BINDINGS = [  # noqa: RUF012
        Binding("left,h", "move(-1)", "choice before", show=False),
        Binding("right,l", "move(1)", "next choice", show=False),
        Binding("up,k", "line(-1)", "line above", show=False),
        Binding("down,j", "line(1)", "line below", show=False),
        Binding("enter,space", "choose", "change it", show=False),
    ]

    class Moved(Message):
        """Another choice is under the cursor."""

    class Left(Message):
        """The cursor went below the last line."""

    class Chosen(Message):
        """A choice is to be changed."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.choices: Sequence[Choice] = ()
        self.cursor = 0

    @property
    def current(self) -> Choice | None:
        """The choice under the cursor; None where there is none."""
        return self.choices[self.cursor] if self.cursor < len(self.choices) else None

    def show(self, choices: Sequence[Choice]) -> None:
        """Show these, with the cursor on the choice of the same name as before."""
        name = self.current.name if self.current is not None else ""
        self.choices = choices
        names = [one.name for one in choices]
        self.cursor = names.index(name) if name in names else 0
        self.refresh(layout=True)

    def put_on(self, name: str) -> Choice | None:
        """Put the cursor on the choice of a name; None where there is none."""
        found = next((one for one in self.choices if one.name == name), None)
        if found is not None:
            self.cursor = list(self.choices).index(found)
            self.refresh()
        return found

    def _across(self, width: int) -> int:
        return max(1, width // CELL)

    def get_content_height(self, container: Any, viewport: Any, width: int) -> int:
        return -(-len(self.choices) // self._across(width))

    def render(self) -> Text:
        across = self._across(self.size.width)
        room = self.size.width // across
        text = Text(no_wrap=True)
        for index, choice in enumerate(self.choices):
            if index and index % across == 0:
                text.append("\n")
            text.append_text(self._cell(choice, room, is_current=index == self.cursor))
        return text

    def _cell(self, choice: Choice, room: int, *, is_current: bool) -> Text:
        ellipsis = glyphs(ascii_only=bool(getattr(self.app, "ascii_only", False))).ellipsis
        shown = printable(choice.shown)
        space = max(1, room - len(choice.label) - 3)
        shown = start_of(shown, space, ellipsis).rstrip()
        text = Text(no_wrap=True)
        text.append(f"{choice.label} ", colour(self.app, "dim"))
        text.append(shown, "bold")
        text.pad_right(max(0, room - 2 - text.cell_len))
        if is_current and self.has_focus:
            text.stylize(self.get_component_rich_style("row--cursor"))
            return Text(">").append_text(text).append(" ")
        return Text(" ").append_text(text).append(" ")

    def on_focus(self) -> None:
        self.refresh()
        self.post_message(self.Moved())

    def on_blur(self) -> None:
        self.refresh()

    def action_move(self, by: int) -> None:
        self.cursor = min(max(0, self.cursor + by), max(0, len(self.choices) - 1))
        self.refresh()
        self.post_message(self.Moved())

    def action_line(self, by: int) -> None:
        to = self.cursor + by * self._across(self.size.width)
        if to >= len(self.choices):
            self.post_message(self.Left())
        elif to >= 0:
            self.action_move(to - self.cursor)

    def action_choose(self) -> None:
        if self.current is not None:
            self.post_message(self.Chosen(self.current))

    async def _on_click(self, event: events.Click) -> None:
        across = self._across(self.size.width)
        column = min((event.x - 1) // (self.size.width // across), across - 1)
        place = event.y * across + max(0, column)
        if place < len(self.choices):
            self.action_move(place - self.cursor)
            self.action_choose()


class OptionRows(RowList):
    """What a choice may be, each with what it means; the cursor begins at what it is."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.choice: Choice | None = None

    def begin(self, choice: Choice) -> None:
        """Show what `choice` may be."""
        self.choice = choice
        values = [one.value for one in choice.options]
        self.cursor = values.index(choice.value) if choice.value in values else 0
        self.rows_changed()

    @property
    def option(self) -> Option | None:
        """What is under the cursor; None where there is nothing."""
        return self.choice.options[self.cursor] if self.choice is not None else None

    @property
    def row_count(self) -> int:
        return len(self.choice.options) if self.choice is not None else 0

    def row_text(self, index: int, width: int) -> Text:
        if self.choice is None:
            return Text()
        one = self.choice.options[index]
        room = max(len(each.label) for each in self.choice.options)
        drawn = glyphs(ascii_only=bool(getattr(self.app, "ascii_only", False)))
        sign = drawn.ok if one.value == self.choice.value else " "
        text = Text(f" {sign} {printable(one.label).ljust(room)}  ", no_wrap=True)
        about = start_of(printable(one.about), width - text.cell_len, drawn.ellipsis)
        return text.append(about, colour(self.app, "dim"))
