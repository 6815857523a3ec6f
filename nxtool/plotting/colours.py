"""Values as colours: which values get the first and the last one, and what lies between.

Where there are more values than pixels, a pixel is the mean of the finite ones it covers. What is
not finite has no colour.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

from nxtool.plotting.extent import Array

PERCENTILES: Final = (1, 99)
"""Values beyond them have the first or the last colour, so one hot pixel does not hide the rest."""
FLAGS: Final = (2.0**16 - 1, 2.0**32 - 1)
"""What detectors write for a pixel without a value; it says nothing about the others."""
MISSING: Final = -1
"""The level of what has no colour."""


def limits_of(values: Array, *, log: bool = False) -> tuple[float, float] | None:
    """The values that get the first and the last colour; None where no value can be drawn. With
    `log` only positive ones can."""
    drawn = values[np.isfinite(values) & ((values > 0) | (not log))]
    if not drawn.size:
        return None
    told = drawn[~np.isin(drawn, FLAGS)]
    drawn = told if told.size else drawn
    # percentiles that are values: nothing is interpolated, so nothing overflows
    low, high = np.percentile(drawn, PERCENTILES, method="nearest")
    if low == high:
        low, high = drawn.min(), drawn.max()
    return float(low), float(high)


def resampled(values: Array, height: int, width: int) -> Array:
    """`values` with `height` rows and `width` columns: means of the finite values in each, or
    values repeated. NaN where none is finite."""
    finite = np.isfinite(values)
    # divided before they are added: a sum of large values would overflow
    largest = float(np.abs(values[finite]).max(initial=0)) or 1.0
    scaled = np.where(finite, values, 0) / largest
    total, count = _summed(scaled, height, width), _summed(finite.astype(float), height, width)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(count > 0, total / count, np.nan) * largest)


def _summed(values: Array, height: int, width: int) -> Array:
    rows = np.arange(height) * values.shape[0] // max(1, height)
    columns = np.arange(width) * values.shape[1] // max(1, width)
    return np.asarray(np.add.reduceat(np.add.reduceat(values, rows, axis=0), columns, axis=1))


def levels_of(values: Array, limits: tuple[float, float], count: int, *, log: bool) -> Array:
    """Numbers from 0 to `count` - 1, and `MISSING` for what has no colour."""
    low, high = limits
    finite = np.isfinite(values)
    with np.errstate(all="ignore"):
        if log:
            values, low, high = np.log(values), float(np.log(low)), float(np.log(high))
        share = (values / 2 - low / 2) / ((high / 2 - low / 2) or 1.0)
    drawn = finite & ~np.isnan(share)  # the logarithm of zero is below all: the first colour
    levels = (np.clip(np.where(drawn, share, 0), 0, 1) * (count - 1)).round().astype(int)
    return np.where(drawn, levels, MISSING)


@cache
def colour_map() -> tuple[str, ...]:
    """256 colours from dark blue over green to bright yellow, as `#rrggbb`.

    Lightness grows evenly, so order is seen without colour too. Computed in Oklab (Ottosson 2020).
    """
    share = np.linspace(0, 1, 256)
    lightness, hue = 0.22 + 0.72 * share, np.radians(285 - 180 * share)
    chroma = 0.085 + 0.055 * np.sin(np.pi * share) + 0.05 * share
    oklab = np.stack([lightness, chroma * np.cos(hue), chroma * np.sin(hue)], axis=1)
    cones = (oklab @ _TO_CONES.T) ** 3
    light = np.clip(cones @ _TO_RGB.T, 0, 1)
    coded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return tuple(f"#{colour.tobytes().hex()}" for colour in (coded * 255).round().astype(np.uint8))


_TO_CONES: Final = np.array(
    [
        [1, 0.3963377774, 0.2158037573],
        [1, -0.1055613458, -0.0638541728],
        [1, -0.0894841775, -1.2914855480],
    ]
)
_TO_RGB: Final = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)
