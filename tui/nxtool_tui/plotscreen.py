"""The screen that shows a plot: the default one of a NeXus file, or arrays that are given.

Data are read in a worker thread of the group `hdf5`, one at a time: a slice that is no longer
asked for is given up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np
from rich.text import Text
from textual import work
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Footer, Static
from textual.worker import Worker, WorkerState, get_current_worker

from nxtool.plotting.axes import number
from nxtool.plotting.plottable import Label, Plottable, Refusal, Slice
from nxtool.plotting.reading import Reading, read
from nxtool.report.printable import printable
from nxtool_tui.chart import Style
from nxtool_tui.plotview import Picture, PlotView

if TYPE_CHECKING:
    from textual.app import ComposeResult

GROUP: Final = "hdf5"
"""Of the workers that read HDF5 files."""
LEAP: Final = 10
"""The parts into which large steps divide all slices."""


class PlotScreen(Screen[None]):
    """Shows the default plot of a NeXus file, or a `Plottable`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "toggle_log", "log"),
        Binding("left_square_bracket,left", "step(-1)", "previous", key_display="["),
        Binding("right_square_bracket,right", "step(1)", "next", key_display="]"),
        Binding("left_curly_bracket,pageup", "leap(-1)", "back far", key_display="{", show=False),
        Binding("right_curly_bracket,pagedown", "leap(1)", "on far", key_display="}", show=False),
        Binding("y", "copy_path", "copy path"),
        Binding("escape,q", "dismiss", "back", key_display="esc"),
    ]
    DEFAULT_CSS = """
    PlotScreen { layout: vertical; background: $background; }
    PlotScreen > Static { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    PlotScreen > .plot-title { text-style: bold; }
    PlotScreen > .plot-status { color: $text-muted; }
    PlotScreen > PlotView { margin: 0 1; }
    """

    @dataclass
    class Read(Message):
        """A thread has read a slice."""

        reading: Reading

    def __init__(self, source: Path | Plottable) -> None:
        super().__init__()
        self.source = source
        self.plot: Plottable | None = None
        self.index: tuple[int, ...] = ()
        self.log_scale = False
        self._shown: Slice | None = None
        self._view = PlotView()
        self._heading = Static(classes="plot-title", markup=False)
        self._status = Static("reading", classes="plot-status", markup=False)

    def compose(self) -> ComposeResult:
        """Title, drawing, what of the data is seen, keys."""
        yield self._heading
        yield self._view
        yield self._status
        yield Footer()

    def on_mount(self) -> None:
        """Begin to read."""
        self._tell_title()
        # a footer takes no notice of keys that come while another window has the focus
        self.watch(self.app, "app_focus", self.refresh_bindings, init=False)
        self._read(self.source, None)

    @work(thread=True, exclusive=True, group=GROUP, exit_on_error=False)
    def _read(self, source: Path | Plottable, index: tuple[int, ...] | None) -> None:
        worker = get_current_worker()
        reading = read(source, index, lambda: worker.is_cancelled)
        if not worker.is_cancelled:
            self.post_message(self.Read(reading))

    def on_plot_screen_read(self, message: Read) -> None:
        """Draw what was read."""
        reading = message.reading
        self.plot = reading.plot or self.plot
        self.index = reading.index
        self._tell_title()
        if isinstance(reading.result, Refusal):
            self._refuse(reading.result)
            return
        self._shown = reading.result
        self._status.update(status(reading.plot, reading.index, reading.result))
        self._draw()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say so when a thread came upon a mistake of ours."""
        if event.state is WorkerState.ERROR:
            error = event.worker.error
            what = printable(f"{type(error).__name__}: {error}")
            self._refuse(Refusal(f"nxtool has a bug: {what}.", "please report it, with the file"))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that would do nothing are not offered."""
        if action == "toggle_log":
            return self._shown is not None
        if action in ("step", "leap"):
            return self._shown is not None and _count(self.plot) > 1
        return True

    def action_toggle_log(self) -> None:
        """Draw the signal by its logarithm, or by itself again."""
        self.log_scale = not self.log_scale
        self._draw()

    def action_step(self, steps: int) -> None:
        """Show another slice; the last is followed by none."""
        plot = self.plot
        if plot is None:
            return
        leading = plot.shape[: len(self.index)]
        now = int(np.ravel_multi_index(self.index, leading))
        wanted = min(max(now + steps, 0), _count(plot) - 1)
        if wanted != now:
            self.index = tuple(int(i) for i in np.unravel_index(wanted, leading))
            self._read(plot, self.index)

    def action_leap(self, direction: int) -> None:
        """Show a slice a tenth of all further on."""
        self.action_step(direction * max(1, _count(self.plot) // LEAP))

    def action_copy_path(self) -> None:
        """Copy where the signal is, else the path of the file."""
        place = self.plot.place if self.plot is not None else ""
        text = place or (str(self.source) if isinstance(self.source, Path) else "")
        if text:
            self.app.copy_to_clipboard(text)
            self.notify(f"copied {printable(text)}", markup=False)

    def _draw(self) -> None:
        if self.plot is not None and self._shown is not None:
            ascii_only = bool(getattr(self.app, "ascii_only", False))
            style = Style(self.log_scale, ascii_only, colours=not self.app.no_color)
            self._view.content = Picture(self.plot, self._shown, style)
        self.refresh_bindings()

    def _refuse(self, refusal: Refusal) -> None:
        self._shown = None
        self._view.content = refusal
        self._status.update("")
        self.refresh_bindings()

    def _tell_title(self) -> None:
        name = printable(self.source.name) if isinstance(self.source, Path) else ""
        title = self.plot.title if self.plot is not None else ""
        place = printable(self.plot.place) if self.plot is not None else ""
        self._heading.update(Text("  ".join(word for word in (title, name, place) if word)))


def _count(plot: Plottable | None) -> int:
    """How many slices a plot has."""
    return math.prod(plot.shape[: len(plot.shape) - plot.drawn]) if plot is not None else 0


def status(plot: Plottable | None, index: tuple[int, ...], shown: Slice) -> str:
    """Which slice is seen, and which values of it."""
    words = []
    if plot is not None and _count(plot) > 1:
        number_now = int(np.ravel_multi_index(index, plot.shape[: len(index)])) + 1
        at = zip(plot.axes, shown.positions, strict=False)
        where = ", ".join(_position(label, position) for label, position in at)
        words.append(f"slice {number_now:,} of {_count(plot):,}: {where}")
    return "   ".join(word for word in (*words, shown.note, shown.blank) if word)


def _position(label: Label, position: float) -> str:
    units = f" {label.units}" if label.units else ""
    return f"{label.name} = {number(position)}{units}"
