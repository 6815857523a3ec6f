"""The preview of an export, row by row, and the lines of its document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text
from textual.binding import Binding
from textual.geometry import Region

from nxtool.report.printable import printable
from nxtool_tui.fitting import end_of, start_of
from nxtool_tui.rowlist import RowList
from nxtool_tui.theme import Glyphs, colour, glyphs

if TYPE_CHECKING:
    from nxtool.viewing.exportrows import ExportRow, State

COLOURS: Final[dict[State, str]] = {
    "gap": "missing", "error": "error", "warning": "missing", "ok": "", "info": "dim", "out": "dim",
}  # fmt: skip
STEP: Final = 8
"""Columns that a long line of a document moves by."""


def sign_of(state: State, drawn: Glyphs) -> str:
    """The glyph of a state; a blank for a heading."""
    signs = {
        "gap": drawn.missing, "error": drawn.error, "warning": drawn.warning,
        "ok": drawn.ok, "info": drawn.optional, "out": drawn.optional,
    }  # fmt: skip
    return signs.get(state, " ")


class ExportList(RowList):
    """A row for each gap, note, value, parameter, person, technique and file."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rows: Sequence[ExportRow] = ()

    @property
    def current(self) -> ExportRow | None:
        """The row under the cursor; None where there is none."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    def show(self, rows: Sequence[ExportRow], *, stay: bool) -> None:
        """Show these: with the cursor on the row that it was on, if it shall stay and is there
        still, else on the first that is no heading."""
        before = self.current
        self.rows = rows
        places = [index for index, row in enumerate(rows) if row.state]
        same = [index for index in places if stay and _is_same(rows[index], before)]
        self.cursor = next(iter([*same, *places]), 0)
        self.rows_changed()
        self._show_cursor()

    def _show_cursor(self) -> None:
        """Scroll to the row under the cursor, with the headings above it if there are any."""
        top = self.cursor
        while 0 < top <= len(self.rows) and not self.rows[top - 1].state:
            top -= 1
        region = Region(0, top, 1, self.cursor - top + 1)
        self.scroll_to_region(region, animate=False, force=True, x_axis=False)

    def go_to_worst(self) -> None:
        """Put the cursor on the first gap or error."""
        bad = (index for index, row in enumerate(self.rows) if row.state in ("gap", "error"))
        self.move_to(next(bad, self.cursor))

    @property
    def row_count(self) -> int:
        return len(self.rows)

    def row_text(self, index: int, width: int) -> Text:
        row = self.rows[index]
        if not row.state:
            return Text(no_wrap=True).append(f"  {printable(row.name)}", "bold underline")
        drawn = glyphs(ascii_only=bool(getattr(self.app, "ascii_only", False)))
        tint = colour(self.app, COLOURS[row.state])
        first = max(27, width * 3 // 10)
        last = max(22, (width - first) * 46 // 100)
        middle = max(8, width - first - last - 4)
        text = Text(no_wrap=True)
        text.append(f"{sign_of(row.state, drawn)} ", tint)
        text.append(self._left(row, first, middle, drawn), tint if row.state == "out" else "")
        origin = end_of(printable(row.origin), last, drawn.ellipsis)
        text.append(f" {origin}", colour(self.app, "dim"))
        return text

    def _left(self, row: ExportRow, first: int, middle: int, drawn: Glyphs) -> str:
        """Name and value; what has no name takes the place of both."""
        if not row.name:
            return start_of(printable(row.text), first + middle + 1, drawn.ellipsis)
        name = start_of(printable(row.name), first, drawn.ellipsis)
        return f"{name} {start_of(printable(row.text), middle, drawn.ellipsis)}"


def _is_same(row: ExportRow, other: ExportRow | None) -> bool:
    return other is not None and (row.name, row.state) == (other.name, other.state)


class DocumentLines(RowList):
    """The document as it would be written, a row for each line; left and right move along."""

    BINDINGS = [  # noqa: RUF012 - as Textual has it
        Binding("left,h", "along(-1)", "to the left", show=False),
        Binding("right,l", "along(1)", "to the right", show=False),
    ]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.lines: Sequence[str] = ()
        self.offset_x = 0

    def show(self, text: str) -> None:
        """Show a document."""
        self.lines = text.splitlines()
        self.offset_x = 0
        self.rows_changed()

    @property
    def row_count(self) -> int:
        return len(self.lines)

    def row_text(self, index: int, width: int) -> Text:
        line = self.lines[index].expandtabs(2)
        return Text(printable(line[self.offset_x : self.offset_x + width]), no_wrap=True)

    def action_along(self, by: int) -> None:
        longest = max(map(len, self.lines), default=0)
        most = max(0, longest - self.size.width + 1)
        self.offset_x = min(max(0, self.offset_x + by * STEP), most)
        self.refresh()
