"""What the edges of a drawing mean, and where values lie between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

Array = np.ndarray[Any, Any]

_LARGEST: Final = float(np.finfo(np.float64).max)


@dataclass(frozen=True, slots=True)
class Extent:
    """What the edges of a drawing mean: x left and right, y at the bottom and at the top."""

    left: float
    right: float
    bottom: float
    top: float


def extent_of(values: Array, x: Array | None = None) -> Extent | None:
    """The extent of the finite points, a range of no length widened; None where none is finite."""
    y = np.asarray(values, dtype=np.float64)
    along = np.arange(y.size, dtype=np.float64) if x is None else np.asarray(x, dtype=np.float64)
    drawn = np.isfinite(y) & np.isfinite(along)
    if not drawn.any():
        return None
    return Extent(*_range(along[drawn]), *_range(y[drawn]))


def _range(values: Array) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    if shares(np.array([high]), low, high)[0] == 1:
        return low, high
    room = abs(low) / 20 or 1.0
    return max(low - room, -_LARGEST), min(high + room, _LARGEST)


def shares(values: Array, low: float, high: float) -> Array:
    """Where values lie between `low` (0) and `high` (1); halves, as a range may exceed a float."""
    length = high / 2 - low / 2
    with np.errstate(all="ignore"):
        return np.asarray((values / 2 - low / 2) / length)
