"""A slice of a plot, or why there is none: nothing about a file is an exception here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nxtool.errors import NxtoolError
from nxtool.nodeview import Unreadable
from nxtool.plotting.fileplot import file_plot
from nxtool.plotting.plottable import Cancelled, Plottable, Refusal, Slice
from nxtool.report.printable import printable

_DAMAGE: Final = "nxtool validate tells more about the file"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a thread read: the plot and its slice at `index`, or why there is none."""

    plot: Plottable | None
    index: tuple[int, ...]
    result: Slice | Refusal


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
