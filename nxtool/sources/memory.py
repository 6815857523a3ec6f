"""Arrays that are already in memory: columns, header values, JSON lists, those of a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.errors import SourceError
from nxtool.sources.lookup import unknown
from nxtool.sources.model import ArrayInfo
from nxtool.sources.slicing import SlicedArray, split_slices

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from nxtool.sources.model import SourceArray

MEMORY: Final = "memory"
"""The format of sources that are no files."""


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


class MemorySource:
    """A `Source` over arrays of a script, by selector; the empty one is an only array.

    Raises:
        SourceError: there are none: the recipe came back without what it was made with.
    """

    format = MEMORY
    files: Sequence[Path] = ()
    notes: Sequence[str] = ()

    def __init__(self, arrays: Mapping[str, SourceArray], expect: int | None = None) -> None:
        if not arrays:
            hint = "give the array again, or name a file that holds it"
            raise SourceError("this was an array in memory, which a recipe cannot keep", hint=hint)
        self.arrays = arrays
        self._expect = expect

    def keys(self) -> Iterator[str]:
        """The selectors."""
        yield from self.arrays

    def array(self, selector: str = "") -> SourceArray:
        """The array behind `selector`, which may end in slices.

        Raises:
            SourceError: there is no such thing, or there are not `expect` rows.
        """
        name, cuts = split_slices(selector)
        if name not in self.arrays:
            raise unknown(MEMORY, "array", name, self.arrays)
        array = self.arrays[name]
        shape = array.info.shape
        if self._expect is not None and shape and shape[0] != self._expect:
            message = f"{shape[0]} rows in memory, expected {self._expect}"
            raise SourceError(message, hint="correct the array, or expect", about="expect")
        return SlicedArray(array, cuts, selector) if cuts else array

    def close(self) -> None:
        """Do nothing: arrays go with those who use them."""

    def __enter__(self) -> MemorySource:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


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
