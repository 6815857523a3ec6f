"""Slices at the end of a selector: `/entry/data[0:10]`, `counts[:, 3]`, `#exposure[-1]`.

They mean what they mean in Python, without steps: `a:b` keeps an axis, an integer takes it away.
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
        SourceError: there are more slices than axes, or an index lies outside; `name` is the
            array's name in the message.
    """

    def __init__(self, whole: SourceArray, cuts: tuple[Cut, ...], name: str) -> None:
        shape = whole.info.shape
        if len(cuts) > len(shape):
            raise SourceError(f"{name}: {len(cuts)} slices, but the shape is {shape}")
        self._whole = whole
        self._first = _bounded(cuts[0], shape[0], 0, name)
        self._rest = tuple(
            _bounded(cut, length, axis, name)
            for axis, (cut, length) in enumerate(zip(cuts[1:], shape[1:], strict=False), start=1)
        )
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


def _bounded(cut: Cut, length: int, axis: int, name: str) -> int | range:
    if isinstance(cut, slice):
        return range(*cut.indices(length))
    if not -length <= cut < length:
        raise SourceError(f"{name}: index {cut} is outside axis {axis} of length {length}")
    return cut % length


def _slice(cut: int | range) -> Cut:
    return cut if isinstance(cut, int) else slice(cut.start, max(cut.start, cut.stop))


def _scalar(value: object, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    array = np.empty((), dtype=dtype)
    array[()] = value
    return array
