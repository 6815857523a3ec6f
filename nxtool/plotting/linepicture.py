"""A line as a picture in SVG.

However many values there are, the picture is small and no peak is lost: points that share a column
are drawn as the bar from the least to the greatest of them. A value that is not finite leaves a
gap. Bars of errors are cut where they would make the line itself hard to see.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from nxtool.plotting.extent import Array, Extent, extent_of, shares
from nxtool.plotting.frame import (
    LINE,
    Box,
    across_ticks,
    drawing,
    edges,
    grid,
    gutter,
    inset,
    letters,
    text,
    upright,
    value_ticks,
)
from nxtool.plotting.plottable import Label, Slice

WIDTH: Final = 680
HEIGHT: Final = 420
FEW: Final = 80
"""So many points are marked each."""
MANY: Final = 3000
"""More points than this are drawn column by column."""
MOST: Final = 12_000
"""More vertices than this would blacken the picture: then columns are not connected."""
_ROOM: Final = 8


def line_picture(shown: Slice, signal: Label, axis: Label, *, log: bool = False) -> str | None:
    """The picture of a slice of one dimension; None where nothing of it can be drawn."""
    values = _heights(shown.values, log=log)
    along = shown.coordinates[0]
    extent = extent_of(values, along)
    if extent is None:
        return None
    ends = _ends(shown, log=log)
    extent = _widened(extent, values, *ends)
    raw = value_ticks(extent.bottom, extent.top, 7, log=log)
    left = gutter(raw) + LINE + 8
    box = Box(left, 10, WIDTH - left - 20, HEIGHT - 2 * LINE - 20)
    up = inset(raw, box.height, _ROOM)
    across = inset(across_ticks(extent.left, extent.right, box.width), box.width, _ROOM)
    scale = " (log)" if log else ""
    below, beside = axis.within(letters(WIDTH - left)), signal.within(letters(HEIGHT - 40), scale)
    parts = [
        grid(box, across, up),
        *_error_bars(*ends, along, extent, box),
        *_strokes(*_places(values, along, extent, box)),
        edges(box, across, up),
        text(box.left + box.width / 2, HEIGHT - 8, below, "label", "middle"),
        upright(LINE - 2, box.top + box.height / 2, beside),
    ]
    return drawing(WIDTH, HEIGHT, f"{signal.text}{scale} over {axis.text}", parts)


def _heights(values: Array, *, log: bool) -> Array:
    """Values, or their logarithms to base ten; NaN where there is none."""
    if not log:
        return values
    with np.errstate(all="ignore"):
        return np.where(values > 0, np.log10(values), np.nan)


def _ends(shown: Slice, *, log: bool) -> tuple[Array, Array]:
    """The heights where error bars end, none of them for values without errors; the lower one
    without a logarithm is minus infinity."""
    if shown.errors is None:
        return np.empty(0), np.empty(0)
    there = (shown.errors > 0) & np.isfinite(shown.coordinates[0])
    there &= np.isfinite(_heights(shown.values, log=log))
    errors = np.where(there, shown.errors, np.nan)
    with np.errstate(all="ignore"):
        low, high = shown.values - errors, shown.values + errors
    lowest = np.where(low <= 0, -np.inf, _heights(low, log=True)) if log else low
    return lowest, _heights(high, log=log)


def _widened(extent: Extent, values: Array, low: Array, high: Array) -> Extent:
    """With room for error bars, of which the line, or bars as long as most, keep their half."""
    bars = np.isfinite(high)
    if not bars.any():
        return extent
    usual = float(np.median((high - values)[bars]))
    most = max((extent.top - extent.bottom) / 2, 1.5 * usual)
    bottom = max(float(low[bars].min()), extent.bottom - most)
    top = min(float(high[bars].max()), extent.top + most)
    return Extent(extent.left, extent.right, min(bottom, extent.bottom), max(top, extent.top))


def _error_bars(low: Array, high: Array, along: Array, extent: Extent, box: Box) -> Iterator[str]:
    """A bar for each value that has errors; those in half a pixel are one."""
    bars = np.flatnonzero(np.isfinite(high))
    if not bars.size:
        return
    order = bars[np.argsort(along[bars], kind="stable")]
    ends = (np.clip(end[order], extent.bottom, extent.top) for end in (low, high))
    (x, lower), (_, upper) = (_places(end, along[order], extent, box) for end in ends)
    columns, tops, _ = _bars(x, upper)
    _, _, feet = _bars(x, lower)
    pieces = zip(columns.tolist(), tops.tolist(), feet.tolist(), strict=True)
    drawn = "".join(f"M{a:.1f} {b:.1f}V{c:.1f}" for a, b, c in pieces)
    yield f'<path class="errors" d="{drawn}"/>\n'


def _places(values: Array, along: Array, extent: Extent, box: Box) -> tuple[Array, Array]:
    """Where the points are; NaN where they are not finite."""
    across = shares(along, extent.left, extent.right)
    up = shares(values, extent.bottom, extent.top)
    x = box.left + _ROOM + across * (box.width - 2 * _ROOM)
    y = box.bottom - _ROOM - up * (box.height - 2 * _ROOM)
    bad = ~(np.isfinite(x) & np.isfinite(y))
    return np.where(bad, np.nan, x), np.where(bad, np.nan, y)


def _strokes(x: Array, y: Array) -> Iterator[str]:
    """The curve, and a dot for each of few points."""
    if x.size <= MANY:
        yield f'<path class="curve" d="{_path(x, y)}"/>\n'
    else:
        columns, low, high = _bars(x, y)
        if 2 * columns.size <= MOST:
            joined = np.repeat(columns, 2), np.stack([low, high], axis=1).ravel()
            yield f'<path class="curve" d="{_path(*joined)}"/>\n'
        else:
            yield f'<path class="curve" d="{_columns(x, y)}"/>\n'
    there = np.isfinite(x)
    if np.count_nonzero(there) <= FEW:
        dots = "".join(f"M{a:.1f} {b:.1f}h0" for a, b in zip(x[there], y[there], strict=True))
        yield f'<path class="dots" d="{dots}"/>\n'


def _path(x: Array, y: Array) -> str:
    """Points joined by lines, a new line after each gap."""
    words = []
    pen = "M"
    for a, b in zip(x.tolist(), y.tolist(), strict=True):
        if a == a and b == b:
            words.append(f"{pen}{a:.1f} {b:.1f}")
            pen = "L"
        else:
            pen = "M"
    return "".join(words)


def _bars(x: Array, y: Array) -> tuple[Array, Array, Array]:
    """Neighbouring points in half a pixel, as their place and their least and greatest height;
    NaN for gaps."""
    column = np.where(np.isfinite(x), np.rint(x * 2), -1)
    starts = np.flatnonzero(np.diff(column, prepend=-2))
    at = column[starts]
    low, high = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
    return np.where(at < 0, np.nan, at / 2), low, high


def _columns(x: Array, y: Array) -> str:
    """All points of a column as one bar, wherever they come from."""
    there = np.isfinite(x)
    order = np.argsort(x[there], kind="stable")
    columns, low, high = _bars(x[there][order], y[there][order])
    bars = zip(columns.tolist(), low.tolist(), (high + 0.5).tolist(), strict=True)
    return "".join(f"M{a:.1f} {b:.1f}V{c:.1f}" for a, b, c in bars)
