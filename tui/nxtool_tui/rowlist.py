"""A list of rows of text with a cursor, drawn row by row: its length costs nothing.

Textual's `Tree` walks every expanded line at each change; here only the rows on the screen are
drawn, and the owner says what the rows are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.segment import Segment
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

if TYPE_CHECKING:
    from rich.text import Text
    from textual import events


class RowList(ScrollView, can_focus=True):
    """Subclasses give `row_count` and `row_text`, and call `rows_changed` when those change."""

    DEFAULT_CSS = """
    RowList { height: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden; }
    """
    COMPONENT_CLASSES = {"row--cursor", "row--cursor-blurred"}  # noqa: RUF012 - as Textual has it
    BINDINGS = [  # noqa: RUF012
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("down,j", "move(1)", "down", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
        Binding("pagedown", "page(1)", "page down", show=False),
        Binding("home,g", "first", "first row", show=False),
        Binding("end,G", "last", "last row", show=False),
        Binding("enter", "choose", "choose", show=False),
    ]

    class Moved(Message):
        """The cursor is on another row."""

        def __init__(self, rows: RowList) -> None:
            super().__init__()
            self.rows = rows

        @property
        def control(self) -> RowList:
            return self.rows

    class Chosen(Moved):
        """The row under the cursor was chosen, by enter or a click."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cursor = 0

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def row_text(self, index: int, width: int) -> Text:
        """What stands in a row of `width` cells."""
        raise NotImplementedError

    def rows_changed(self) -> None:
        """Draw anew, with the cursor where it was as far as there are rows."""
        self.virtual_size = Size(self.size.width, self.row_count)
        self.cursor = min(self.cursor, max(0, self.row_count - 1))
        self.refresh()

    def move_to(self, index: int) -> None:
        """Put the cursor on a row, and show it."""
        index = min(max(0, index), max(0, self.row_count - 1))
        if index == self.cursor:
            self._show_cursor()
            return
        before, self.cursor = self.cursor, index
        self._show_cursor()
        for row in (before, index):
            self.refresh(Region(0, row - self.scroll_offset.y, self.size.width, 1))
        self.post_message(self.Moved(self))

    def _show_cursor(self) -> None:
        region = Region(0, self.cursor, 1, 1)
        self.scroll_to_region(region, animate=False, force=True, x_axis=False)

    def action_move(self, by: int) -> None:
        self.move_to(self.cursor + by)

    def action_page(self, by: int) -> None:
        self.move_to(self.cursor + by * max(1, self.size.height - 1))

    def action_first(self) -> None:
        self.move_to(0)

    def action_last(self) -> None:
        self.move_to(self.row_count - 1)

    def action_choose(self) -> None:
        if self.row_count:
            self.post_message(self.Chosen(self))

    def on_resize(self) -> None:
        self.virtual_size = Size(self.size.width, self.row_count)

    async def _on_click(self, event: events.Click) -> None:
        row = event.y + self.scroll_offset.y
        if row >= self.row_count:
            return
        if row == self.cursor:
            self.action_choose()
        self.move_to(row)

    def render_line(self, y: int) -> Strip:
        index, width = y + self.scroll_offset.y, self.scrollable_content_region.width
        base = self.rich_style
        if index >= self.row_count:
            return Strip.blank(width, base)
        if index == self.cursor:
            name = "row--cursor" if self.has_focus else "row--cursor-blurred"
            base = base + self.get_component_rich_style(name)
        text = self.row_text(index, width)
        segments = list(text.render(self.app.console))
        strip = Strip([Segment(s.text, s.style) for s in segments]).adjust_cell_length(width)
        return Strip([Segment(s.text, base + s.style if s.style else base) for s in strip])
