"""How far values moved on their way into a file: the largest error, and their root mean square."""

from __future__ import annotations

import math
from threading import Lock
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[Any]]"


class Measure:
    """The errors of all values that were added; safe in threads, and whatever their order the
    same. `raw` counts the blocks that were kept as they were."""

    def __init__(self) -> None:
        self.max_abs_error = self.max_rel_error = 0.0
        self.raw = 0
        self._squares: list[float] = []
        self._count = 0
        self._lock = Lock()

    def add(self, old: Array, error: Array, count: int) -> None:
        """Note the `error` of each of `old`, finite values of a block of `count` values."""
        size = np.abs(old.astype(np.float64))
        with np.errstate(over="ignore"):
            relative = np.divide(error, size, out=np.zeros_like(error), where=size > 0)
            squares = float(np.square(error).sum())
        largest, largest_relative = float(error.max(initial=0)), float(relative.max(initial=0))
        with self._lock:
            self._count += count
            self._squares.append(squares)
            self.max_abs_error = max(self.max_abs_error, largest)
            self.max_rel_error = max(self.max_rel_error, largest_relative)

    def add_raw(self, count: int) -> None:
        """Note a block of `count` values that did not move."""
        with self._lock:
            self._count += count
            self.raw += 1

    @property
    def rmse(self) -> float:
        """The root of the mean square of the errors."""
        return math.sqrt(math.fsum(self._squares) / max(1, self._count))

    def told(self) -> dict[str, float | None]:
        """The errors by the names they have in records; None for one that no number can tell, as
        the relative error of a value next to nothing."""
        named = {
            "max_abs_error": self.max_abs_error,
            "max_rel_error": self.max_rel_error,
            "rmse": self.rmse,
        }
        return {name: value if math.isfinite(value) else None for name, value in named.items()}


def distance(old: Array, new: Array) -> Array:
    """How far each value moved; exact for whole numbers, which float64 cannot hold all."""
    if old.dtype.kind == "f":
        with np.errstate(over="ignore"):
            moved: Array = np.abs(new.astype(np.float64) - old.astype(np.float64))
        return moved
    larger, smaller = np.maximum(old, new), np.minimum(old, new)
    unsigned = f"u{old.dtype.itemsize}"
    # what is negative wraps around, and so does the difference, to the right number
    whole: Array = (larger.astype(unsigned) - smaller.astype(unsigned)).astype(np.float64)
    return whole
