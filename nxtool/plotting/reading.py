"""A slice of a plot, or why there is none: nothing about a file is an exception here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from nxtool.errors import NxtoolError
from nxtool.nodeview import Unreadable
from nxtool.plotting.fileplot import FilePlot, file_plot
from nxtool.plotting.meshplot import MeshPlot, mesh_plot
from nxtool.plotting.plottable import Cancelled, Plottable, Refusal, Slice
from nxtool.report.printable import printable

_DAMAGE: Final = "nxtool validate tells more about the file"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a thread read: the plot and its slice at `index`, or why there is none."""

    plot: Plottable | None
    index: tuple[int, ...]
    result: Slice | Refusal

    @property
    def drawn(self) -> Slice | None:
        """The slice, if some of its values can be drawn."""
        if isinstance(self.result, Refusal):
            return None
        there = np.isfinite(self.result.values)
        if there.ndim == 1:
            there &= np.isfinite(self.result.coordinates[0])
        return self.result if there.any() else None


def read(source: Path | Plottable, index: tuple[int, ...] | None, cancelled: Cancelled) -> Reading:
    """The slice at `index` of a plot, of a file its default one; None is the first slice."""
    plot: Plottable | None = None
    try:
        found = file_plot(source) if isinstance(source, Path) else source
        if isinstance(found, Refusal):
            return Reading(None, (), found)
        plot = found
        at = (0,) * (len(plot.shape) - plot.drawn) if index is None else index
        return Reading(plot, at, plot.read(at, cancelled))
    except NxtoolError as error:
        refusal = Refusal(f"{printable(error.message)}.", printable(error.hint))
    except Unreadable as error:
        refusal = Refusal(f"The values cannot be read: {printable(str(error))}.", _DAMAGE)
    except MemoryError:
        refusal = Refusal("There is not enough memory to read the values.", "close other programs")
    return Reading(plot, index or (), refusal)


def usual_reading(path: Path, *, openpmd: bool) -> Reading:
    """The slice of a file to look at first: of its default plot the one in the middle, of an
    openPMD file one of a mesh. Of a file that is both, the default plot if it has one."""
    opened = _opened(path, mesh=False)
    if isinstance(opened, Refusal) and openpmd:
        opened = _opened(path, mesh=True)
    if isinstance(opened, Refusal):
        return Reading(None, (), opened)
    return read(opened, opened.usual, _never)


def _opened(path: Path, *, mesh: bool) -> FilePlot | MeshPlot | Refusal:
    try:
        return mesh_plot(path) if mesh else file_plot(path)
    except NxtoolError as error:
        return Refusal(f"{printable(error.message)}.", printable(error.hint))


def _never() -> bool:
    """Nobody gives up."""
    return False
