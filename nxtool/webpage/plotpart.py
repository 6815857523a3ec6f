"""The picture on a page: a slice of the default plot, linear and logarithmic, or why there is
none."""

from __future__ import annotations

from typing import Final

import numpy as np

from nxtool.plotting.axes import number
from nxtool.plotting.colours import limits_of
from nxtool.plotting.extent import Array
from nxtool.plotting.imagepicture import image_picture
from nxtool.plotting.linepicture import line_picture
from nxtool.plotting.plottable import Plottable, Refusal, Slice
from nxtool.plotting.reading import Reading
from nxtool.report.htmldocument import text

_SCALES: Final = ("linear", "log")
_DECADES: Final = 1e4
"""So many times the median is the peak of a line that is seen by its logarithm first."""
_LONGEST: Final = 160
"""So many characters of a title are shown."""


def plot_part(reading: Reading, node: str) -> str:
    """The section; `node` is the id of the signal in the tree, empty where it is not there."""
    plot, shown = reading.plot, reading.drawn
    linear = _picture(plot, shown, log=False) if plot is not None and shown is not None else None
    if plot is None or shown is None or linear is None:
        return _refusal(_reason(reading))
    return (
        f'<section id="plot">\n<h2>{text(_short(plot.title))}</h2>\n<figure>\n'
        f"{_drawn(linear, _picture(plot, shown, log=True), _first(shown.values))}"
        f"<figcaption>{_caption(reading, plot, shown, node)}</figcaption>\n</figure>\n</section>\n"
    )


def _reason(reading: Reading) -> Refusal:
    if isinstance(reading.result, Refusal):
        return reading.result
    told = f": {reading.result.blank}" if reading.result.blank else ""
    words = f"Here are no finite values{told}."
    if reading.plot is not None and np.isfinite(reading.result.values).any():
        axis = reading.plot.axes[-1].name
        words = f"No value of {axis} is finite where {reading.plot.signal.name} is."
    return Refusal(words, "the tree tells what there is")


def _short(title: str) -> str:
    return title if len(title) <= _LONGEST else f"{title[:_LONGEST]}…"


def _refusal(refusal: Refusal) -> str:
    return (
        '<section id="plot">\n<h2>No picture</h2>\n'
        f"<p>{text(refusal.reason)}<br><small>→ {text(refusal.hint)}</small></p>\n</section>\n"
    )


def _picture(plot: Plottable, shown: Slice, *, log: bool) -> str | None:
    axes = plot.axes[len(plot.axes) - shown.values.ndim :]
    if shown.values.ndim == 1:
        return line_picture(shown, plot.signal, axes[0], log=log)
    return image_picture(shown, plot.signal, axes, log=log)


def _first(values: Array) -> str:
    """The scale that is seen first: of a line linear would show no more than its peak."""
    there = values[np.isfinite(values)]
    positive = there[there > 0]
    if values.ndim > 1 or there.min() < 0 or not positive.size:
        return "linear"
    return "log" if positive.max() / _DECADES > np.median(positive) else "linear"


def _drawn(linear: str, log: str | None, first: str) -> str:
    """The pictures; of two, one is chosen by radio buttons that need no script."""
    if log is None:
        return linear
    buttons = "".join(
        f'<input type="radio" name="scale" id="{scale}"{" checked" if scale == first else ""}>'
        f'<label for="{scale}">{scale}</label>\n'
        for scale in _SCALES
    )
    return f'{buttons}<div class="linear">\n{linear}</div>\n<div class="log">\n{log}</div>\n'


def _caption(reading: Reading, plot: Plottable, shown: Slice, node: str) -> str:
    """What is drawn, and what is not."""
    place = f"<code>{text(plot.place)}</code>"
    parts = [f'<a href="#{node}">{place}</a>' if node else place]
    if reading.index:
        parts.append(text(_slice(reading, plot, shown)))
    if shown.values.ndim > 1 and _exceeds(shown):
        parts.append("colours span the middle 98 % of the values")
    if shown.errors is not None:
        parts.append("bars are errors")
    if shown.note:
        parts.append(text(f"drawn from {shown.note}"))
    if shown.blank:
        parts.append(text(shown.blank))
    return "; ".join(parts)


def _exceeds(shown: Slice) -> bool:
    """Whether some values have the colour of another one."""
    low, high = limits_of(shown.values) or (0.0, 0.0)
    return bool(np.nanmin(shown.values) < low or np.nanmax(shown.values) > high)


def _slice(reading: Reading, plot: Plottable, shown: Slice) -> str:
    """`slice 24 of 46 (rotation_angle = 90 deg)`."""
    counts = zip(reading.index, plot.shape, strict=False)
    which = ", ".join(f"{at + 1} of {size}" for at, size in counts)
    values = zip(plot.axes, shown.positions, strict=False)
    told = ", ".join(f"{axis.name} = {number(at)} {axis.units}".rstrip() for axis, at in values)
    return f"slice {which} ({told})"
