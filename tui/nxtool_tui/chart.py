"""A slice of data as rows of coloured text: the drawing, its axes with ticks, its scale."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from rich.cells import cell_len, set_cell_size

from nxtool.plotting.axes import decades, labelled, labels, number, readings, ticks
from nxtool.plotting.colours import colour_map, limits_of
from nxtool.plotting.extent import Array, Extent, extent_of
from nxtool.plotting.plottable import Label, Slice
from nxtool_tui.braille import curve
from nxtool_tui.halfblock import LETTERS, Cells, coloured, lettered

DIM: Final = "dim"
LINE: Final = "line"
"""Colours by what they are for, beside those of images, which are `#rrggbb`."""
MIN_WIDTH: Final = 40
MIN_HEIGHT: Final = 10

Row = list[Cells]


@dataclass(frozen=True, slots=True)
class Style:
    """How to draw. Without `colours` an image is drawn with letters."""

    log: bool = False
    ascii_only: bool = False
    colours: bool = True


@dataclass(frozen=True, slots=True)
class Strokes:
    """The characters of axes."""

    side: str
    side_tick: str
    corner: str
    floor: str
    floor_tick: str


_UNICODE: Final = Strokes("│", "┤", "└", "─", "┬")
_ASCII: Final = Strokes("|", "+", "+", "-", "+")


def chart(
    shown: Slice, signal: Label, axes: Sequence[Label], style: Style, width: int, height: int
) -> list[Row] | str:
    """At most `height` rows of at most `width` cells; or a sentence: why there is nothing to see.

    `axes` are the labels of the dimensions of `shown.values`.
    """
    if width < MIN_WIDTH or height < MIN_HEIGHT:
        return "The window is too small to draw in."
    if not np.isfinite(shown.values).any():
        return "Here are no finite values."
    if style.log and not (shown.values > 0).any():
        return "Here are no values above zero, which a logarithm needs: press l."
    if shown.values.ndim == 1:
        return _curve_chart(shown, signal, axes[0], style, width, height)
    return _image_chart(shown, signal, axes, style, width, height)


def _curve_chart(
    shown: Slice, signal: Label, axis: Label, style: Style, width: int, height: int
) -> list[Row] | str:
    along, values = shown.coordinates[0], shown.values
    if style.log:
        with np.errstate(all="ignore"):
            values = np.where(values > 0, np.log10(values), np.nan)
    extent = extent_of(values, along)
    if extent is None:
        return f"No value of {axis.name} is finite where {signal.name} is."
    inner = height - 4
    up = _value_ticks(extent, inner, log=style.log)
    gutter = _gutter(up)
    lines = curve(
        values,
        along,
        width=width - gutter - 1,
        height=inner,
        extent=extent,
        ascii_only=style.ascii_only,
    )
    body = [[Cells(line, LINE)] for line in lines]
    across = _across(extent.left, extent.right, width - gutter - 1)
    scale = " (log)" if style.log else ""
    rows = _framed(body, up, across, gutter, style)
    return [
        _text(f"{signal.text}{scale}", width),
        *rows,
        _centred(axis.text, gutter + 1, width),
    ]


def _image_chart(
    shown: Slice, signal: Label, axes: Sequence[Label], style: Style, width: int, height: int
) -> list[Row] | str:
    limits = limits_of(shown.values, log=style.log)
    if limits is None:
        return "Here are no finite values."
    gutter = _gutter(_rows(shown, height - 5))
    across, inner = _fitted(shown, axes, width - gutter - 1, height - 5)
    up = _rows(shown, inner)
    gutter = _gutter(up)
    columns = min(across, width - gutter - 1)
    along = _spread(shown.coordinates[1], columns, max(2, columns // 14))
    if style.colours and not style.ascii_only:
        body = coloured(shown.values, width=columns, height=inner, limits=limits, log=style.log)
    else:
        found = lettered(shown.values, width=columns, height=inner, limits=limits, log=style.log)
        body = [[Cells(line)] for line in found]
    end = gutter + 1 + columns
    return [
        _text(axes[0].text, width),
        *_framed(body, up, along, gutter, style),
        _centred(axes[1].text, gutter + 1, end),
        _scale(signal, limits, style, width),
    ]


def _fitted(shown: Slice, axes: Sequence[Label], width: int, height: int) -> tuple[int, int]:
    """Columns and rows of an image: to scale where both axes have the same units, so that a circle
    is one, unless it would become a stripe."""
    down, across = (_length(along) for along in shown.coordinates)
    if axes[0].units != axes[1].units or not down or not across:
        return width, height
    # a cell is twice as high as wide
    wanted = 2 * height * across / down
    if wanted <= width:
        return (round(wanted), height) if wanted > _NARROW else (width, height)
    rows = width * down / across / 2
    return (width, round(rows)) if rows > _LOW else (width, height)


_NARROW: Final = 12
_LOW: Final = 4


def _length(coordinates: Array) -> float:
    """From the first to the last coordinate; 0 where that is not finite."""
    length = abs(float(coordinates[-1] / 2 - coordinates[0] / 2))
    return length if np.isfinite(length) else 0.0


Ticks = dict[int, str]
"""Labels by the row or column of cells they belong to."""


def _value_ticks(extent: Extent, height: int, *, log: bool) -> Ticks:
    """Ticks of the signal, from the top down."""
    made = decades if log else labelled
    found, words = made(extent.bottom, extent.top, max(1, height // 3))
    return {
        round(_share(value, extent.top, extent.bottom) * (height - 1)): word
        for value, word in zip(found, words, strict=True)
    }


def _across(left: float, right: float, width: int) -> Ticks:
    """Ticks along x, as many as have room."""
    for count in range(max(1, width // 8), 0, -1):
        found = ticks(left, right, count)
        words = labels(found)
        if len(found) == 1 or max(map(len, words)) + 2 <= width // len(found):
            break
    places = (round(_share(value, left, right) * (width - 1)) for value in found)
    return dict(zip(places, words, strict=True))


def _share(value: float, start: float, end: float) -> float:
    return min(1.0, max(0.0, (value / 2 - start / 2) / ((end / 2 - start / 2) or 1.0)))


def _rows(shown: Slice, height: int) -> Ticks:
    return _spread(shown.coordinates[0], height, max(2, height // 4 + 1))


def _spread(coordinates: Array, cells: int, count: int) -> Ticks:
    """Evenly spread cells, with the coordinates of the values drawn there."""
    count = max(1, min(count, coordinates.size, cells))
    places = sorted({round(i * (cells - 1) / max(1, count - 1)) for i in range(count)})
    at = [place * (coordinates.size - 1) // max(1, cells - 1) for place in places]
    words = readings([float(coordinates[i]) for i in at])
    return dict(zip(places, words, strict=True))


def _gutter(up: Ticks) -> int:
    return max((len(word) for word in up.values()), default=0) + 1


def _framed(body: list[Row], up: Ticks, across: Ticks, gutter: int, style: Style) -> Iterable[Row]:
    """The drawing with its left side, its floor, and the labels below."""
    strokes = _ASCII if style.ascii_only else _UNICODE
    for i, row in enumerate(body):
        stroke = strokes.side_tick if i in up else strokes.side
        yield [Cells(f"{up.get(i, ''):>{gutter - 1}} {stroke}", DIM), *row]
    width = sum(cell_len(cell.text) for cell in body[0])
    floor = "".join(strokes.floor_tick if i in across else strokes.floor for i in range(width))
    yield [Cells(" " * gutter + strokes.corner + floor, DIM)]
    yield [Cells(_below(across, gutter + 1, width), DIM)]


def _below(across: Ticks, start: int, width: int) -> str:
    """Labels centred below their ticks; those that would touch the one before are left out."""
    line = ""
    for place, word in across.items():
        at = min(max(start + place - len(word) // 2, 0), start + width - len(word))
        if not line or at > len(line) + 1:
            line = f"{line:<{at}}{word}"
    return f"{line:<{start + width}}"


def _text(text: str, width: int) -> Row:
    return [Cells(set_cell_size(text, width))]


def _centred(text: str, start: int, width: int) -> Row:
    left = start + max(0, (width - start - cell_len(text)) // 2)
    return [Cells(set_cell_size(" " * left + text, width))]


def _scale(signal: Label, limits: tuple[float, float], style: Style, width: int) -> Row:
    """What the colours mean: the label, the limits, and the colours between them."""
    log = " (log)" if style.log else ""
    low, high = (number(value) for value in limits)
    room = width - len(low) - len(high) - 5
    name = f"{signal.text}{log}"
    name = name if cell_len(name) <= room - 8 else set_cell_size(name, max(0, room - 8))
    steps = min(16, max(4, room - cell_len(name)))
    if style.colours and not style.ascii_only:
        colours = colour_map()
        shades = [Cells("█", colours[i * 255 // (steps - 1)]) for i in range(steps)]
    else:
        shades = [Cells(LETTERS)]
    row = [Cells(f"{name}  "), Cells(f"{low} ", DIM), *shades, Cells(f" {high}", DIM)]
    return cut(row, width)


def cut(row: Row, width: int) -> Row:
    """`row` without what is beyond `width` cells."""
    kept: Row = []
    for cell in row:
        if cell_len(cell.text) >= width:
            return [*kept, cell._replace(text=set_cell_size(cell.text, width))]
        kept.append(cell)
        width -= cell_len(cell.text)
    return kept
