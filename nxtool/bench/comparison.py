"""Values before and after a lossy filter: how far they moved, and what became of their sum."""

from __future__ import annotations

import math

import numpy as np

from nxtool.bench.likeness import Likeness
from nxtool.bench.sample import Array, Sample
from nxtool.bench.trial import Errors
from nxtool.storage.measure import Measure, distance


def span_of(sample: Sample) -> float:
    """From the least to the largest of the finite values; nothing if there are none."""
    low, high = math.inf, -math.inf
    for values in sample.chunks:
        finite = values[np.isfinite(values)]
        if finite.size:
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    return max(0.0, high - low)


class Comparison:
    """The errors of all chunks that were added, whose values span `span`."""

    def __init__(self, span: float) -> None:
        self._span = span
        self._measure = Measure()
        self._likeness = Likeness(span)
        self._sums: list[float] = []
        self._shifts: list[float] = []
        self._count = 0
        self._keeps_others = True

    def add(self, before: Array, after: Array) -> None:
        """Compare a chunk."""
        finite = np.isfinite(before)
        old, new = before[finite], after[finite]
        error = distance(old, new)
        self._measure.add(old, error, before.size)
        self._likeness.add(before, after)
        self._sums.append(float(old.sum(dtype=np.float64)))
        self._shifts.append(float(np.where(new < old, -error, error).sum()))
        self._count += old.size
        self._keeps_others &= np.array_equal(before[~finite], after[~finite], equal_nan=True)

    def errors(self, recipe: str, filter_id: int) -> Errors:
        """All that was found, for the filter that a field asks for by `recipe`."""
        found, shift = self._measure, math.fsum(self._shifts)
        psnr = math.inf
        if found.rmse and self._span > 0:
            psnr = 20 * math.log10(self._span / found.rmse)
        return Errors(
            found.max_abs_error,
            found.max_rel_error,
            found.rmse,
            psnr,
            self._likeness.mean,
            shift / max(1, self._count),
            _part(shift, math.fsum(self._sums)),
            self._keeps_others,
            recipe,
            filter_id,
        )


def _part(change: float, whole: float) -> float:
    """A change as a part of the whole, with its sign."""
    if not change:
        return 0.0
    return change / abs(whole) if whole else math.copysign(math.inf, change)
