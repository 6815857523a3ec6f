"""A line as text: braille patterns of 2 x 4 dots a cell, or ASCII of 1 x 2.

Points in one column of dots are drawn as the bar from the least to the greatest of them, so no
peak is lost however many values there are. Neighbouring points are connected; a value that is not
finite leaves a gap.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from nxtool.plotting.extent import Array, Extent, extent_of, shares

_BITS: Final = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
"""Dots of a cell, as Unicode 15, block 2800, numbers them."""
_ASCII: Final = " '.:"
"""No dot, the upper, the lower, both."""
MAX_STROKES: Final = 20_000
"""More strokes than this would blacken any screen: then points are not connected."""


def curve(
    values: Array,
    x: Array | None = None,
    *,
    width: int,
    height: int,
    extent: Extent | None = None,
    ascii_only: bool = False,
) -> list[str]:
    """`height` lines of `width` characters with the line through `values` over `x` (default: the
    index). Points outside `extent` (default: that of the points) are not drawn."""
    across, down = (1, 2) if ascii_only else (2, 4)
    dots = np.zeros((height * down, width * across), dtype=bool)
    y = np.asarray(values, dtype=np.float64)
    along = np.arange(y.size, dtype=np.float64) if x is None else np.asarray(x, dtype=np.float64)
    window = extent or extent_of(y, along)
    if window is not None and dots.size:
        _draw(dots, along, y, window)
    return _ascii_lines(dots) if ascii_only else _braille_lines(dots)


def _draw(dots: Array, x: Array, y: Array, window: Extent) -> None:
    """Set the dots of the line."""
    height, width = dots.shape
    across, up = shares(x, window.left, window.right), shares(y, window.bottom, window.top)
    with np.errstate(invalid="ignore"):
        inside = (across >= 0) & (across <= 1) & (up >= 0) & (up <= 1)
    columns = np.rint(np.where(inside, across, 0) * (width - 1)).astype(np.intp)
    rows = np.rint(np.where(inside, 1 - up, 0) * (height - 1)).astype(np.intp)
    columns[~inside] = -1
    starts = np.flatnonzero(np.diff(columns, prepend=-2))
    if not starts.size:
        return
    ends = np.append(starts[1:], columns.size) - 1
    at = columns[starts]
    bars = at >= 0
    low, high = np.minimum.reduceat(rows, starts), np.maximum.reduceat(rows, starts)
    _strokes(dots, at[bars], low[bars], at[bars], high[bars])
    joined = bars[:-1] & bars[1:]
    if np.count_nonzero(joined) <= MAX_STROKES:
        from_rows, to_rows = rows[ends[:-1]][joined], rows[starts[1:]][joined]
        _strokes(dots, at[:-1][joined], from_rows, at[1:][joined], to_rows)


def _strokes(dots: Array, x0: Array, y0: Array, x1: Array, y1: Array) -> None:
    """Set the dots on the straight lines from (x0, y0) to (x1, y1), and on those back the same."""
    back = x1 < x0
    x0, x1 = np.where(back, x1, x0), np.where(back, x0, x1)
    y0, y1 = np.where(back, y1, y0), np.where(back, y0, y1)
    counts = np.maximum(np.abs(x1 - x0), np.abs(y1 - y0)) + 1
    which = np.repeat(np.arange(counts.size), counts)
    step = np.arange(which.size) - np.repeat(np.cumsum(counts) - counts, counts)
    share = step / np.maximum(counts - 1, 1)[which]
    columns = np.rint(x0[which] + (x1 - x0)[which] * share).astype(np.intp)
    rows = np.rint(y0[which] + (y1 - y0)[which] * share).astype(np.intp)
    dots[rows, columns] = True


def _braille_lines(dots: Array) -> list[str]:
    height, width = dots.shape[0] // 4, dots.shape[1] // 2
    cells = dots.reshape(height, 4, width, 2).transpose(0, 2, 1, 3)
    codes = (cells * _BITS).sum(axis=(2, 3))
    return ["".join(chr(0x2800 + code) if code else " " for code in row) for row in codes.tolist()]


def _ascii_lines(dots: Array) -> list[str]:
    codes = dots[0::2].astype(int) + 2 * dots[1::2].astype(int)
    return ["".join(_ASCII[code] for code in row) for row in codes.tolist()]
