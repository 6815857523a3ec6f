"""How alike two images look: the structural similarity (SSIM) of all windows of 7 × 7 pixels.

A window scores 1 where both images are the same, less where mean, contrast or pattern differ, down
to -1. What counts as different depends on the span of the values: the constants are (0.01 span)²
and (0.03 span)², variances are those of a sample. The mean over all windows of all frames is the
MSSIM.

Source: Wang, Bovik, Sheikh, Simoncelli 2004, "Image quality assessment: from error visibility to
structural similarity", IEEE Transactions on Image Processing 13 (4), with a uniform window.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

import numpy as np

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"

SIDE: Final = 7
_PIXELS: Final = SIDE * SIDE
_MEANS: Final = 0.01**2
_CONTRASTS: Final = 0.03**2
_AT_ONCE: Final = 1 << 18
"""How many pixels are compared at a time: a few arrays of 2 MiB."""


class Likeness:
    """The mean SSIM of images whose values span `span`, over the last two axes of what is added."""

    def __init__(self, span: float) -> None:
        self._span = span
        self._sums: list[float] = []
        self._windows = 0

    def add(self, old: Array, new: Array) -> None:
        """Compare frames, each for itself; windows with values that are not finite do not count."""
        if old.ndim < 2 or old.dtype.kind == "c" or not 0 < self._span < math.inf:
            return
        frames = zip(_frames(old), _frames(new), strict=True)
        for one, other in frames:
            for rows in _strips(*one.shape):
                found = ssim(one[rows], other[rows], self._span)
                self._sums.append(float(found.sum()))
                self._windows += found.size

    @property
    def mean(self) -> float | None:
        """None where there is no window, or all values are the same."""
        return math.fsum(self._sums) / self._windows if self._windows else None


def _frames(values: Array) -> Array:
    return values.reshape(-1, *values.shape[-2:])


def _strips(height: int, width: int) -> Iterator[slice]:
    """Rows to compare at a time; each window lies in one of them."""
    step = max(1, _AT_ONCE // max(1, width))
    for start in range(0, height - SIDE + 1, step):
        yield slice(start, min(height, start + step + SIDE - 1))


def ssim(old: Array, new: Array, span: float) -> Array:
    """The SSIM of each window that lies inside two images, those with finite values only."""
    if min(old.shape) < SIDE:
        return np.empty(0)
    finite = np.isfinite(old) & np.isfinite(new)
    if not finite.any():
        return np.empty(0)
    whole = window_sums(finite.astype(np.float64)) == _PIXELS
    with np.errstate(over="ignore", invalid="ignore"):
        centre = float(old[finite].mean(dtype=np.float64))
        one, other = (_scaled(image, finite, centre, span) for image in (old, new))
        found = _scores(one, other, centre / span)
    scores: Array = found[whole & np.isfinite(found)]
    return scores


def _scaled(image: Array, finite: Array, centre: float, span: float) -> Array:
    """Values in units of the span, near zero so that their squares are exact enough."""
    scaled: Array = np.where(finite, (image.astype(np.float64) - centre) / span, 0.0)
    return scaled


def _scores(one: Array, other: Array, centre: float) -> Array:
    mean_one, mean_other = window_sums(one) / _PIXELS, window_sums(other) / _PIXELS
    spread = _covariance(one, one, mean_one, mean_one)
    spread += _covariance(other, other, mean_other, mean_other)
    common = _covariance(one, other, mean_one, mean_other)
    mean_one, mean_other = mean_one + centre, mean_other + centre
    means = (2 * mean_one * mean_other + _MEANS) / (mean_one**2 + mean_other**2 + _MEANS)
    scores: Array = means * (2 * common + _CONTRASTS) / (spread + _CONTRASTS)
    return scores


def _covariance(one: Array, other: Array, mean_one: Array, mean_other: Array) -> Array:
    sums = window_sums(one * other)
    covariance: Array = (sums - _PIXELS * mean_one * mean_other) / (_PIXELS - 1)
    return covariance


def window_sums(image: Array) -> Array:
    """The sum of each window, by rows and then by columns."""
    height, width = image.shape[0] - SIDE + 1, image.shape[1] - SIDE + 1
    rows: Array = image[:height].copy()
    for shift in range(1, SIDE):
        rows += image[shift : shift + height]
    sums: Array = rows[:, :width].copy()
    for shift in range(1, SIDE):
        sums += rows[:, shift : shift + width]
    return sums
