"""The widget that draws a slice of data, or says why there is none."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from rich.segment import Segment
from rich.style import Style as TextStyle
from textual.strip import Strip
from textual.widget import Widget

from nxtool.plotting.plottable import Plottable, Refusal, Slice
from nxtool_tui.chart import DIM, LINE, Row, Style, chart
from nxtool_tui.halfblock import Cells

if TYPE_CHECKING:
    from textual import events

_MARGIN: Final = 2


@dataclass(frozen=True, slots=True)
class Picture:
    """A slice of a plot, and how it is drawn."""

    plot: Plottable
    shown: Slice
    style: Style


class PlotView(Widget):
    """Draws `content`: a picture, why there is none, or nothing yet."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"plot--dim", "plot--line"}
    DEFAULT_CSS = """
    PlotView { height: 1fr; background: $background; color: $foreground; }
    PlotView > .plot--dim { color: $text-muted; }
    PlotView > .plot--line { color: $success; }
    """

    def __init__(self, content: Picture | Refusal | None = None) -> None:
        super().__init__()
        self._content = content
        self._rows: list[Row] | None = None

    @property
    def content(self) -> Picture | Refusal | None:
        """What is drawn."""
        return self._content

    @content.setter
    def content(self, content: Picture | Refusal | None) -> None:
        self._content, self._rows = content, None
        self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        """Draw anew, for the new size."""
        self._rows = None

    def notify_style_update(self) -> None:
        """Draw anew, in the colours of another theme."""
        super().notify_style_update()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line of the drawing."""
        if self._rows is None:
            self._rows = self._drawn()
        row = self._rows[y] if y < len(self._rows) else []
        strip = Strip([Segment(cell.text, self._style(cell)) for cell in row])
        return strip.adjust_cell_length(self.size.width, self.rich_style)

    def _drawn(self) -> list[Row]:
        width, height = self.size
        content = self._content
        if content is None:
            return []
        if isinstance(content, Refusal):
            return _sentences(content.reason, content.hint, width)
        axes = content.plot.axes[len(content.plot.axes) - content.shown.values.ndim :]
        found = chart(content.shown, content.plot.signal, axes, content.style, width, height)
        return _sentences(found, "", width) if isinstance(found, str) else found

    def _style(self, cell: Cells) -> TextStyle:
        if cell.fore in (DIM, LINE):
            return self.rich_style + self.get_component_rich_style(
                f"plot--{cell.fore}", partial=True
            )
        colours = TextStyle(color=cell.fore or None, bgcolor=cell.back or None)
        return self.rich_style + colours


def _sentences(reason: str, hint: str, width: int) -> list[Row]:
    """A reason and the next step, each wrapped, with blank lines around."""
    room = max(10, width - 2 * _MARGIN)
    blank = " " * _MARGIN
    rows: list[Row] = [[]]
    rows += ([Cells(blank + line)] for line in textwrap.wrap(reason, room))
    if hint:
        rows += ([Cells(blank + line, DIM)] for line in ["", *textwrap.wrap(hint, room)])
    return rows
