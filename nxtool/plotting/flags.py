"""Pixels without a value: where detectors have a gap, or a dead or overflown pixel, they write the
largest integer of the type. Integers of eight bits are none of these: cameras use all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from nxtool.nodeview import ElementType
from nxtool.plotting.extent import Array

_SHORTEST: Final = 2


@dataclass(frozen=True, slots=True)
class Flag:
    """The value of pixels that have none, and the type whose largest value it is."""

    value: int
    type: str

    def blanked(self, values: Array, numbers: Array) -> Array:
        """`numbers`, with NaN where `values`, the same as stored, are flags."""
        return np.where(values == self.value, np.nan, numbers)

    def told(self, numbers: Array) -> str:
        """How many of the integers in `numbers` were flags, as a clause; empty where none was."""
        count = int(np.count_nonzero(np.isnan(numbers)))
        if not count:
            return ""
        pixels, have = ("pixel", "has") if count == 1 else ("pixels", "have")
        return f"{count:,} {pixels} at {self.value}, the largest {self.type}, {have} no value"


def flag_of(element: ElementType) -> Flag | None:
    """The flag of images of this type; None where all values are values."""
    if element.kind != "integer":
        return None
    return _flag(element.size, signed=element.signed)


def flag_of_array(values: object) -> Flag | None:
    """The same of an array, or what is indexed as one; None too where it tells no type."""
    dtype = getattr(values, "dtype", None)
    if not isinstance(dtype, np.dtype) or dtype.kind not in "iu":
        return None
    return _flag(dtype.itemsize, signed=dtype.kind == "i")


def _flag(size: int, *, signed: bool) -> Flag | None:
    if size < _SHORTEST:
        return None
    bits = 8 * size
    return Flag(2 ** (bits - signed) - 1, f"{'' if signed else 'u'}int{bits}")
