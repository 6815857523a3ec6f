"""An image as a picture in SVG: its pixels as PNG, axes, and what the colours mean.

The first row is on top. Where both axes have the same units the picture is to scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from nxtool.plotting.colours import MISSING, colour_map, levels_of, limits_of
from nxtool.plotting.extent import Array
from nxtool.plotting.frame import (
    DIGIT,
    LINE,
    Box,
    Ticks,
    across_ticks,
    drawing,
    edges,
    gutter,
    letters,
    outer_edges,
    placed_ticks,
    text,
    upright,
    value_ticks,
)
from nxtool.plotting.plottable import Label, Slice
from nxtool.plotting.png import data_uri, palette_png

WIDTH: Final = 680
_HIGHEST: Final = 480
_LEVELS: Final = 255
_FEW: Final = 8
"""So many rows have a tick each."""
_BAR: Final = 16
_NARROW: Final = 120
"""An image to scale is not narrower, nor lower; else its sides are as long as there is room."""


def image_picture(
    shown: Slice, signal: Label, axes: Sequence[Label], *, log: bool = False
) -> str | None:
    """The picture of a slice of two dimensions; None where nothing of it can be drawn."""
    limits = limits_of(shown.values, log=log)
    if limits is None:
        return None
    scale = _scale_ticks(limits, log=log)
    rows, columns = (outer_edges(along) for along in shown.coordinates)
    up = _down(shown.coordinates[0], rows)
    left = gutter(up) + LINE + 8
    right = gutter(scale) + LINE + _BAR + 30
    width, height = _size(shown, axes, WIDTH - left - right, _HIGHEST)
    box = Box(left + (WIDTH - left - right - width) / 2, 10, width, height)
    across = _across(shown.coordinates[1], columns, width)
    title = f"{signal.text}{' (log)' if log else ''} over {axes[1].text} and {axes[0].text}"
    bottom = box.bottom + 2 * LINE + 8
    below, beside = axes[1].within(letters(2 * _to_edge(box))), axes[0].within(letters(height + 20))
    parts = [
        _pixels(box, _png(shown.values, limits, log=log)),
        edges(box, across, up),
        text(box.left + box.width / 2, bottom, below, "label", "middle"),
        upright(box.left - left + LINE - 2, box.top + box.height / 2, beside),
        *_scale(Box(box.right + 16, 10, _BAR, height), scale, signal, log=log),
    ]
    return drawing(WIDTH, bottom + 8, title, parts)


def _to_edge(box: Box) -> float:
    """From the middle of the drawing to the nearer edge of the picture."""
    middle = box.left + box.width / 2
    return min(middle, WIDTH - middle)


def _png(values: Array, limits: tuple[float, float], *, log: bool) -> bytes:
    levels = levels_of(values, limits, _LEVELS, log=log)
    return palette_png(np.where(levels == MISSING, _LEVELS, levels).astype(np.uint8), _palette())


def _palette() -> bytes:
    """The colours of the levels, from the first to the last."""
    known = colour_map()
    chosen = (known[round(i * 255 / (_LEVELS - 1))] for i in range(_LEVELS))
    return b"".join(bytes.fromhex(colour[1:]) for colour in chosen)


def _pixels(box: Box, png: bytes) -> str:
    return (
        f'<image class="pixels" x="{box.left:.1f}" y="{box.top:.1f}" width="{box.width:.1f}" '
        f'height="{box.height:.1f}" preserveAspectRatio="none" href="{data_uri(png)}"/>\n'
    )


def _down(coordinates: Array, ends: tuple[float, float] | None) -> Ticks:
    """Ticks of the rows, as shares from the bottom: round numbers, or coordinates of some rows, of
    few rows of all."""
    if ends is not None and coordinates.size > _FEW:
        found = value_ticks(*ends, _FEW)
    else:
        found = placed_ticks(coordinates, _FEW)
    return [(1 - place, word) for place, word in found]


def _across(coordinates: Array, ends: tuple[float, float] | None, width: float) -> Ticks:
    count = max(2, int(width / (10 * DIGIT)))
    if ends is not None and coordinates.size > count:
        return across_ticks(*ends, width)
    return placed_ticks(coordinates, count)


def _size(shown: Slice, axes: Sequence[Label], width: float, height: float) -> tuple[float, float]:
    """To scale, if both axes have the same units and no stripe comes of it."""
    down, across = (_length(along) for along in shown.coordinates)
    if axes[0].units != axes[1].units or not down or not across:
        return width, height
    factor = min(width / across, height / down)
    fitted = across * factor, down * factor
    return fitted if min(fitted) >= _NARROW else (width, height)


def _length(coordinates: Array) -> float:
    """From the first to the last pixel, their own widths included; 0 where that is not finite."""
    length = abs(float(coordinates[-1] / 2 - coordinates[0] / 2)) * 2
    length *= coordinates.size / max(1, coordinates.size - 1)
    return length if np.isfinite(length) else 0.0


def _scale_ticks(limits: tuple[float, float], *, log: bool) -> Ticks:
    low, high = (float(np.log10(value)) for value in limits) if log else limits
    if low == high:
        return [(0.5, f"{limits[0]:.5g}")]
    return value_ticks(low, high, 6, log=log)


def _scale(box: Box, ticks: Ticks, signal: Label, *, log: bool) -> list[str]:
    """The colours from the first value, at the bottom, to the last, and the label of the signal."""
    ramp = palette_png(np.arange(_LEVELS - 1, -1, -1, dtype=np.uint8)[:, None], _palette())
    parts = [
        _pixels(box, ramp),
        f'<rect class="edge" x="{box.left:.1f}" y="{box.top:.1f}" width="{box.width:.1f}" '
        f'height="{box.height:.1f}"/>\n',
    ]
    for place, word in ticks:
        y = box.bottom - place * box.height
        parts.append(f'<path class="edge" d="M{box.right:.1f} {y:.1f}h5"/>')
        parts.append(text(box.right + 8, y + 4, word, "tick", "start"))
    name = signal.within(letters(box.height + 20), " (log)" if log else "")
    at = box.right + gutter(ticks) + LINE + 2
    return [*parts, upright(at, box.top + box.height / 2, name)]
