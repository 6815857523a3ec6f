"""Many messages read at once: the steps of `wire.Reader`, each done for all of them by numpy.

Messages, or only their beginnings, lie one after another in a `Block`. A step gives values and
which of them are good: where an offset leaves its message the place 0 is read instead, and the
value is not good. What is not good here is left to `wire.Reader`, which says why, or finds it
unusual only: tables beyond the beginning, numbers that are not aligned.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nxtool.messages.tables import Table
from nxtool.messages.wire import Layout, Undecodable, layout_of

Places = NDArray[np.int64]
Good = NDArray[np.bool_]

SMALLEST: Final = 32
"""Shorter messages are left to `Reader`, which counts the work they make."""
MOST_VTABLES: Final = 16
"""Producers differ in few vtables; what has a rarer one is left to `Reader`."""


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """Tables with one vtable: in which messages of the block, and where in the block."""

    which: Places
    at: Places
    layout: Layout


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """Vectors or strings: in which messages, from which byte to which of their own message."""

    which: Places
    start: Places
    stop: Places
    good: Good

    def of(self, members: Any) -> Span:
        """Those of some of the messages."""
        return Span(
            self.which[members], self.start[members], self.stop[members], self.good[members]
        )


class Block:
    """Messages of whole words of four bytes, or their first `head` bytes, one after another."""

    def __init__(self, buffers: Sequence[bytes], head: int | None = None) -> None:
        self.buffers = buffers
        self.size: Places = np.fromiter(map(len, buffers), np.int64, len(buffers))
        heads = buffers if head is None else [buffer[:head] for buffer in buffers]
        kept = self.size if head is None else np.minimum(self.size, head)
        self.stop: Places = np.cumsum(kept)
        self.start: Places = self.stop - kept
        self._whole = head is None
        data = b"".join(heads)
        self._bytes = np.frombuffer(data, "u1")
        self._shorts = np.frombuffer(data, "<u2")
        self._words = np.frombuffer(data, "<u4")

    def roots(self, table: Table) -> Iterator[Tables]:
        """The outermost tables."""
        yield from self.tables(
            np.arange(len(self.start)), self.start + self._words[self.start >> 2], table
        )

    def tables(self, which: Places, at: Places, table: Table) -> Iterator[Tables]:
        """The tables at the places `at` of the messages `which`, by vtable."""
        start, stop = self.start[which], self.stop[which]
        good = (at % 4 == 0) & (at + 4 <= stop)
        vtable = at - self._words[_safe(at, good) >> 2].view("<i4")
        good &= (vtable >= start) & (vtable % 2 == 0) & (vtable + 4 <= stop)
        place = _safe(vtable, good) >> 1
        size, inline = self._shorts[place].astype(np.int64), self._shorts[place + 1]
        good &= (size >= 4) & (size % 2 == 0) & (vtable + size <= stop) & (at + inline <= stop)
        known = np.where(good, np.minimum(size, table.reach), 0)
        for length in np.flatnonzero(np.bincount(known)).tolist():
            if not length:
                continue
            members = np.flatnonzero(known == length)
            yield from self._by_vtable(which[members], at[members], place[members], length, table)

    def _by_vtable(
        self, which: Places, at: Places, place: Places, length: int, table: Table
    ) -> Iterator[Tables]:
        parts = self._shorts[place[:, None] + np.arange(length // 2)]
        vtables = parts.view(f"V{length}")[:, 0]  # compared much faster than part by part
        for _ in range(MOST_VTABLES):
            if not len(vtables):
                return
            same = vtables == vtables[0]
            try:
                layout = layout_of(table, vtables[0].tobytes())
            except Undecodable:
                pass
            else:
                yield Tables(which[same], at[same], layout)
            which, at, vtables = which[~same], at[~same], vtables[~same]

    def numbers(self, tables: Tables, slot: int, dtype: np.dtype[Any]) -> NDArray[Any] | None:
        """The numbers in a slot, 0 where it is left out; None when they are not aligned."""
        place = tables.layout.places.get(slot)
        if place is None:
            return np.zeros(len(tables.at), dtype)
        size = dtype.itemsize
        if place % min(size, 4):
            return None
        at = tables.at + place
        if size == 8:
            low, high = self._words[at >> 2], self._words[(at >> 2) + 1]
            both: NDArray[Any] = low | high.astype("<u8") << np.uint64(32)
            return both.view(dtype)
        parts: NDArray[Any] = {1: self._bytes, 2: self._shorts, 4: self._words}[size]
        return parts[at // size].view(dtype)

    def targets(self, tables: Tables, slot: int) -> Places | None:
        """The places in the block, or beyond it, that the offsets in a slot refer to; None when
        left out or not aligned."""
        place = tables.layout.places.get(slot)
        if place is None or place % 4:
            return None
        at = tables.at + place
        found: Places = at + self._words[at >> 2]
        return found

    def spans(self, tables: Tables, slot: int, item: int) -> Span:
        """Where the vectors of a slot are; empty when left out. `item` is the size of one item."""
        at = self.targets(tables, slot)
        if at is None:
            zeros = np.zeros(len(tables.at), np.int64)
            absent = np.full(len(zeros), slot not in tables.layout.places)
            return Span(tables.which, zeros, zeros, absent)
        size = self.size[tables.which]
        at = at - self.start[tables.which]
        good = (at % 4 == 0) & (at + 4 <= size)
        stop = at + 4 + item * self._counts(tables.which, _safe(at, good))
        return Span(tables.which, at + 4, stop, good & (stop <= size))

    def _counts(self, which: Places, at: Places) -> NDArray[np.int64]:
        """The words at these bytes of the messages `which`."""
        if self._whole:
            counts: NDArray[np.int64] = self._words[(self.start[which] + at) >> 2].astype(np.int64)
            return counts
        buffers = self.buffers
        words = [buffers[n][at : at + 4] for n, at in zip(which.tolist(), at.tolist(), strict=True)]
        return np.frombuffer(b"".join(words), "<u4").astype(np.int64)

    def strings(self, span: Span) -> list[bytes]:
        """The bytes of each string; all must be good."""
        buffers = self.buffers
        places = zip(span.which.tolist(), span.start.tolist(), span.stop.tolist(), strict=True)
        return [buffers[n][start:stop] for n, start, stop in places]


def _safe(at: Places, good: Good) -> Places:
    """Places that can be read: 0 instead of those that are not good."""
    return np.where(good, at, 0)
