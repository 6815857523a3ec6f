"""Arrays that are already in memory: table columns, header values, JSON lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nxtool.sources.model import ArrayInfo

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class MemoryArray:
    """A `SourceArray` over values in memory.

    Strings are held as an object array of `str`; `values` of one of numpy's text types is turned
    into one.
    """

    def __init__(
        self,
        values: np.ndarray[Any, Any],
        units: str | None = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> None:
        self._values = values.astype(object) if values.dtype.kind == "U" else values
        rows = max(len(values), 1) if values.ndim else 1
        self.info = ArrayInfo(
            shape=self._values.shape,
            dtype=self._values.dtype,
            units=units,
            rows=rows,
            attributes=attributes or {},
        )

    def read(self, start: int, stop: int) -> np.ndarray[Any, Any]:
        """Rows `start` to `stop`; the 0-d array of a scalar."""
        return self._values[start:stop] if self._values.ndim else self._values


def text_array(values: Sequence[str]) -> np.ndarray[Any, Any]:
    """A 1-D object array of `str`."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def per_frame(values: Sequence[Any]) -> np.ndarray[Any, Any]:
    """One value a frame as an array: 0-d for one frame, 1-D for more.

    Numbers stay numbers if all are; otherwise every value becomes text.
    """
    if all(isinstance(value, int | float) for value in values):
        array = np.array(values)
    else:
        array = text_array([str(value) for value in values])
    return array.reshape(()) if len(values) == 1 else array


def parsed(values: Sequence[str]) -> Sequence[Any]:
    """The texts as int, else as float, where every one of them is; else as they are.

    >>> parsed(["1", "2"]), parsed(["1", "2.5"]), parsed(["1", "a"])
    ([1, 2], [1.0, 2.5], ['1', 'a'])
    """
    for kind in (int, float):
        try:
            numbers = [kind(value) for value in values]
        except ValueError:
            continue
        fits = kind is float or all(-(2**63) <= number < 2**63 for number in numbers)
        if fits and not any("_" in value for value in values):
            return numbers
    return values
