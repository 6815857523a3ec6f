"""The outline of a recipe: a row for each concept, its state in the first column.

The state never scrolls away and never needs colour: it is a glyph. Which rows there are is
decided by `nxtool.authoring.rows`; here they are folded, filtered and drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from rich.text import Text
from textual.binding import Binding
from textual.message import Message

from nxtool.report.printable import printable
from nxtool_tui.fitting import at_the_end, shortened
from nxtool_tui.rowlist import RowList
from nxtool_tui.theme import colour

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nxtool.authoring.document import Names
    from nxtool.authoring.rows import Row
    from nxtool.findings import Severity
    from nxtool_tui.theme import Glyphs

Filter: TypeAlias = Literal["all", "required", "gaps", "filled"]
FILTERS: tuple[Filter, ...] = ("all", "required", "gaps", "filled")


class OutlineView(RowList):
    """Rows below each other, groups folded or not."""

    BINDINGS = [  # noqa: RUF012 - as Textual has it
        Binding("left,h", "fold", "fold", show=False),
        Binding("right,l", "unfold", "unfold", show=False),
        *(Binding(str(place), f"show_only('{name}')", f"show {name}", show=False)
          for place, name in enumerate(FILTERS, start=1)),
    ]  # fmt: skip

    class Opened(Message):
        """A group that was not looked into shall be opened."""

        def __init__(self, row: Row) -> None:
            super().__init__()
            self.row = row

    def __init__(self, glyphs: Glyphs, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.glyphs = glyphs
        self.filter: Filter = "all"
        self.words: tuple[str, ...] = ()
        self._tops: Sequence[Row] = ()
        self._shown: list[Row] = []
        self._folded: set[Names] = set()
        self._worst: Mapping[str, Severity] = {}

    # what is shown

    def show(self, tops: Sequence[Row], worst: Mapping[str, Severity]) -> None:
        """Show these rows; `worst` is the worst finding of each path."""
        current, beside = self.current, self._beside()
        self._tops, self._worst = tops, worst
        self._list()
        if current is not None:
            there = {row.names for row in self._shown}
            self._find(next((names for names in beside if names in there), current.names))

    def _beside(self) -> list[Names]:
        """The row under the cursor, then those behind and before it in its group: where the cursor
        shall be if that row goes."""
        current = self.current
        if current is None:
            return []
        group = current.names[:-1]
        places = chain(range(self.cursor, len(self._shown)), range(self.cursor - 1, -1, -1))
        rows = (self._shown[place] for place in places)
        return [row.names for row in rows if row.names[:-1] == group]

    @property
    def current(self) -> Row | None:
        """The row under the cursor; None where there is none."""
        return self._shown[self.cursor] if self.cursor < len(self._shown) else None

    @property
    def shown(self) -> Sequence[Row]:
        """The rows there are now."""
        return self._shown

    def jump(self, names: Names) -> bool:
        """Put the cursor on the row of these names, unfolding what is above; False if there is
        none."""
        self._folded -= {names[:length] for length in range(1, len(names))}
        if self.filter != "all" or self.words:
            self.filter, self.words = "all", ()
        self._list()
        return self._find(names)

    def _find(self, names: Names) -> bool:
        for length in range(len(names), 0, -1):
            for index, row in enumerate(self._shown):
                if row.names == names[:length]:
                    self.move_to(index)
                    return length == len(names)
        return False

    def search(self, text: str) -> None:
        """Show the rows whose path has all these words; all rows where there is none."""
        self.words = tuple(text.lower().split())
        self._list()

    def _list(self) -> None:
        if self.words:
            self._shown = [row for top in self._tops for row in top.walk() if self._has_words(row)]
        else:
            self._shown = self._unfolded() if self.filter == "all" else self._filtered()
        self.rows_changed()

    def _has_words(self, row: Row) -> bool:
        text = f"{row.path} {row.nx_class}".lower()
        return all(word in text for word in self.words)

    def _unfolded(self) -> list[Row]:
        """The rows that are not in a folded group."""
        shown: list[Row] = []
        waiting = list(reversed(self._tops))
        while waiting:
            row = waiting.pop()
            shown.append(row)
            if row.below and row.names not in self._folded:
                waiting.extend(reversed(row.below))
        return shown

    def _filtered(self) -> list[Row]:
        """The rows that are asked for, and those above them."""
        return [row for top in self._tops for row in self._wanted(top)]

    def _wanted(self, row: Row) -> Iterator[Row]:
        inside = [one for below in row.below or () for one in self._wanted(below)]
        if inside or self._is_wanted(row):
            yield row
            yield from inside

    def _is_wanted(self, row: Row) -> bool:
        if self.filter == "gaps":
            return row.is_gap or self._worst.get(row.path) == "error"
        if self.filter == "filled":
            return row.is_given and row.kind != "group"
        return row.requirement == "required" and row.kind != "group"

    def is_folded(self, row: Row) -> bool:
        """True where what is in a row is known and not shown."""
        return row.names in self._folded

    # moving and folding

    def next_gap(self, by: int) -> bool:
        """Go to the next (`by` 1) or the last (-1) row with something to do; False if there is
        none."""
        count = len(self._shown)
        for step in range(1, count + 1):
            index = (self.cursor + by * step) % count
            row = self._shown[index]
            if row.is_gap or (self._worst.get(row.path) == "error" and not row.below):
                self.move_to(index)
                return True
        return False

    def action_fold(self) -> None:
        row = self.current
        if row is None:
            return
        if row.below and row.names not in self._folded:
            self._folded.add(row.names)
            self._list()
        else:
            self._find(row.names[:-1] if len(row.names) > 1 else row.names)

    def action_unfold(self) -> None:
        row = self.current
        if row is None or row.kind == "attribute":
            return
        if row.names in self._folded:
            self._folded.discard(row.names)
            self._list()
        elif row.below is None and row.kind == "group":
            self.post_message(self.Opened(row))
        elif row.below:
            self.action_move(1)

    def action_show_only(self, name: Filter) -> None:
        current = self.current
        self.filter, self.words = name, ()
        self._list()
        if current is not None:
            self._find(current.names)

    # drawing

    @property
    def row_count(self) -> int:
        return len(self._shown)

    def row_text(self, index: int, width: int) -> Text:
        row = self._shown[index]
        glyph, style = self.state(row)
        text = Text(no_wrap=True)
        text.append(f"{glyph} ", self._style(style))
        text.append("  " * (0 if self.words else row.depth))
        fold = self._fold_glyph(row)
        text.append(f"{fold} " if fold else "  ")
        label = printable(row.path if self.words else row.label)
        label = shortened(label, width - text.cell_len - 1, self.glyphs.ellipsis)
        text.append(label, self._style("" if row.is_known else "error"))
        text.append(self._right(row, width - text.cell_len), self._style(self._tint(row)))
        return text

    def _fold_glyph(self, row: Row) -> str:
        if row.kind != "group" or (row.below is not None and not row.below):
            return ""
        is_open = row.below is not None and row.names not in self._folded
        return self.glyphs.opened if is_open else self.glyphs.closed

    def told(self, row: Row) -> str:
        """What is said of a row at its end: the value, or how much of a group is there."""
        done, due = row.tally
        told = f"{done}/{due}" if row.kind == "group" and due else row.value
        if row.kind == "group" and not due:
            told = row.value or (row.nx_class if not row.is_given else "")
        if not told and row.kind != "group" and row.requirement == "required":
            told = "-"
        return told

    def _right(self, row: Row, room: int) -> str:
        """The end of a row, in what room there is."""
        told = printable(self.told(row).replace("\n", " "))
        if room < 4:
            return ""
        return at_the_end(shortened(told, room - 2, self.glyphs.ellipsis), room - 1)

    def _tint(self, row: Row) -> str:
        return "source" if row.origin in ("source", "link") else "dim"

    def state(self, row: Row) -> tuple[str, str]:
        """The glyph of a row, and the name of its colour."""
        glyphs, worst = self.glyphs, self._worst.get(row.path)
        if (
            row.is_invalid
            or not row.is_known
            or (worst == "error" and row.origin not in ("", "nxtool"))
        ):
            return glyphs.error, "error"
        done, due = row.tally
        if done < due:
            return glyphs.missing, "missing"
        if worst == "warning":
            return glyphs.warning, "missing"
        if row.is_given:
            source = row.origin in ("source", "link")
            return (glyphs.source, "ok") if source else (glyphs.ok, "ok")
        return (glyphs.recommended if row.requirement == "recommended" else glyphs.optional), "dim"

    def _style(self, name: str) -> str:
        """The colour of a state in the theme of the application."""
        return colour(self.app, name)
