"""Slices at the end of a selector: `/entry/data[0:10]`, `counts[:, 3]`, `#exposure[-1]`.

They mean what they mean in Python, without steps: `a:b` keeps an axis, an integer takes it away.
What lies outside the data is an error, where Python would give less than was asked for.
A name that itself ends in brackets with numbers is reached with a whole slice: `ch[0][:]`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.errors import SourceError

if TYPE_CHECKING:
    from nxtool.sources.model import ArrayInfo, SourceArray

Cut = int | slice

_SLICES: Final = re.compile(r"(?P<name>.*)\[(?P<cuts>[\d\s:,+-]+)\]\Z", re.DOTALL)
_CUT: Final = re.compile(r"\s*(?:(-?\d{1,18})|(-?\d{1,18})?\s*:\s*(-?\d{1,18})?)\s*\Z")


def split_slices(selector: str) -> tuple[str, tuple[Cut, ...]]:
    """The selector without its slices, and the slices.

    >>> split_slices("/entry/data[0:10, :, 3]")
    ('/entry/data', (slice(0, 10, None), slice(None, None, None), 3))
    >>> split_slices("energy [eV]")
    ('energy [eV]', ())

    Raises:
        SourceError: the brackets hold something else than `a:b`, `:` and integers.
    """
    match = _SLICES.match(selector)
    if match is None:
        return selector, ()
    return match["name"], tuple(_cut(text, selector) for text in match["cuts"].split(","))


def _cut(text: str, selector: str) -> Cut:
    match = _CUT.match(text)
    if match is None:
        raise SourceError(
            f"{selector!r}: {text.strip()!r} is not a slice", hint="write a:b, : or an integer"
        )
    index, start, stop = match.groups()
    if index is not None:
        return int(index)
    return slice(_int(start), _int(stop))


def _int(text: str | None) -> int | None:
    return None if text is None else int(text)


class SlicedArray:
    """A part of an array; along axis 0 only the rows asked for are read.

    `info` has neither chunks, filters, locations nor extents, as those belong to the whole.

    Raises:
        SourceError: there are more slices than axes, or one reaches outside the data or takes
            nothing of it; `name` is the array's name in the message.
    """

    def __init__(self, whole: SourceArray, cuts: tuple[Cut, ...], name: str) -> None:
        shape = whole.info.shape
        if len(cuts) > len(shape):
            raise SourceError(
                f"{name}: {len(cuts)} slices, but the shape is {shape}",
                hint="give one slice for each axis at most",
            )
        self._whole = whole
        self._first, *rest = (
            _Axis(axis, shape, name).bounded(cut) for axis, cut in enumerate(cuts)
        )
        self._rest = tuple(rest)
        self.info = self._describe(whole.info)

    def _describe(self, info: ArrayInfo) -> ArrayInfo:
        cuts = (self._first, *self._rest)
        kept = tuple(len(cut) for cut in cuts if isinstance(cut, range))
        return replace(
            info,
            shape=kept + info.shape[len(cuts) :],
            rows=info.rows if isinstance(self._first, range) else 1,
            chunks=None,
            filters=(),
            locations=(),
            extents=(),
        )

    def read(self, start: int, stop: int) -> np.ndarray[Any, Any]:
        """Rows `start` to `stop` of the part."""
        inner = tuple(_slice(cut) for cut in self._rest)
        if isinstance(self._first, int):
            row = self._whole.read(self._first, self._first + 1)[0]
            part = np.asarray(row)[inner]
            return part[start:stop] if self.info.shape else _scalar(part, self.info.dtype)
        rows = self._first[start:stop]
        whole = self._whole.read(rows.start, max(rows.start, rows.stop))
        index: tuple[Cut, ...] = (slice(None), *inner)
        return whole[index]


class _Axis:
    """An axis of the array `name`, and what slices take of it."""

    def __init__(self, axis: int, shape: tuple[int, ...], name: str) -> None:
        self._axis = axis
        self._shape = shape
        self._length = shape[axis]
        self._name = name

    def bounded(self, cut: Cut) -> int | range:
        """The indices that are meant, none of them negative. Raises `SourceError`."""
        if isinstance(cut, slice):
            return self._range(cut)
        if not -self._length <= cut < self._length:
            raise self._error(f"index {cut} lies outside", self._indices)
        return cut % self._length

    def _range(self, cut: slice) -> range:
        kept = range(*cut.indices(self._length))
        first, last = ("" if end is None else str(end) for end in (cut.start, cut.stop))
        text = f"slice {first}:{last}"
        outside = [end for end in (cut.start, cut.stop) if not self._is_within(end)]
        if not kept and (outside or cut.start == self._length > 0):
            raise self._error(f"{text} lies outside", self._indices)
        if not kept and self._length:
            raise self._error(
                f"{text} takes nothing of", "in a:b, a comes first, and b is left out"
            )
        if cut.stop in outside:
            raise self._error(
                f"{text} goes past the end of", f"write {first}: to take all the rest"
            )
        if outside:
            raise self._error(f"{text} begins before", f"write :{last} to begin with the first")
        return kept

    def _is_within(self, end: int | None) -> bool:
        return end is None or -self._length <= end <= self._length

    def _error(self, fault: str, hint: str) -> SourceError:
        axis = f"axis {self._axis} of length {self._length}"
        message = f"{self._name}: {fault} {axis}: the shape is {self._shape}"
        return SourceError(message, hint=hint)

    @property
    def _indices(self) -> str:
        if not self._length:
            return "there is nothing along this axis"
        return f"the indices there go from 0 to {self._length - 1}"


def _slice(cut: int | range) -> Cut:
    return cut if isinstance(cut, int) else slice(cut.start, max(cut.start, cut.stop))


def _scalar(value: object, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    array = np.empty((), dtype=dtype)
    array[()] = value
    return array
