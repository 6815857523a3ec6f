"""The rows of one stream, by their number: the last that came of a number counts.

So it makes no difference whether a run was paused and went back, whether documents come twice, or
how events were put together to pages. Numbers that never came are gaps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from nxtool.bluesky.blocks import Blocks, Room, Values
from nxtool.bluesky.columns import FLOAT, Column, declared_dtype
from nxtool.errors import SourceError

AT_ONCE: Final = 4096
"""How many events are gathered before they go to columns."""
MOST_GAPS: Final = 1_000_000
"""How many rows may be missing; an event whose number claims more is wrong."""
MOST_MARKED: Final = 1_000_000_000
"""How many rows one document may tell of."""


class Table:
    """What the events of a stream hold, by key and row; `keys` are the data keys declared, `mixed`
    those whose unit changed between descriptors, and that have none for it."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.keys: dict[str, Mapping[str, Any]] = {}
        self.columns: dict[str, Column] = {}
        self.stamps: dict[str, Column] = {}
        self.time = Column(room, FLOAT)
        self._seen = Blocks(room, np.dtype(bool))
        self._events: list[Mapping[str, Any]] = []
        self.rows = 0
        self.count = 0
        self.undeclared: set[str] = set()
        self.mixed: set[str] = set()

    def declare(self, keys: Mapping[str, Mapping[str, Any]]) -> None:
        """Add the data keys of a descriptor; those known already stay as they were declared, but
        for a unit that is another now."""
        self.flush()
        for name, key in keys.items():
            if name not in self.keys:
                self.keys[name] = key
                self.columns[name] = Column(self._room, declared_dtype(key))
                self.stamps[name] = Column(self._room, FLOAT)
            elif differ(self.keys[name], key):
                self.keys[name] = without_units(self.keys[name])
                self.mixed.add(name)

    def add(self, event: Mapping[str, Any]) -> None:
        """Add one event."""
        self._events.append(event)
        if len(self._events) >= AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Move the events gathered to the columns."""
        events, self._events = self._events, []
        if not events:
            return
        numbers = [event["seq_num"] for event in events]
        times = [event["time"] for event in events]
        data = [event["data"] for event in events]
        stamps = [event.get("timestamps", {}) for event in events]
        rows = self._rows(numbers)
        self.time.put(rows, times)
        for key in self.keys:
            _put(self.columns[key], rows, data, key)
            _put(self.stamps[key], rows, stamps, key)
        self.undeclared |= data[0].keys() - self.keys.keys()

    def add_page(self, page: Mapping[str, Any]) -> None:
        """Add the events of a page.

        Raises:
            SourceError: its columns differ in length.
        """
        self.flush()
        rows = self._rows(page["seq_num"])
        if not len(rows):
            return
        self.time.put(rows, self._whole(page["time"], len(rows)))
        for key in self.keys:
            for columns, found in ((self.columns, page["data"]), (self.stamps, page["timestamps"])):
                if key in found:
                    columns[key].put(rows, self._whole(found[key], len(rows)))
        self.undeclared |= page["data"].keys() - self.keys.keys()

    def _whole(self, values: Any, count: int) -> Any:
        if isinstance(values, list | np.ndarray) and len(values) == count:
            return values
        raise SourceError("the columns of a page differ in length")

    def mark(self, start: int, stop: int) -> None:
        """Note that the events from number `start` to `stop` took place, without data here.

        Raises:
            SourceError: they are more than any run has.
        """
        self.flush()
        if stop - start > MOST_MARKED:
            raise SourceError(f"{stop - start} events at once are more than any run has")
        for first in range(start, stop, MOST_GAPS):
            rows = np.arange(first, min(first + MOST_GAPS, stop)) - 1
            self._see(rows, len(rows))

    def _rows(self, numbers: Any) -> Values:
        rows = np.array(numbers) if _is_flat(numbers) else np.array(0.5)
        if rows.ndim != 1 or (len(rows) and rows.dtype.kind not in "iu"):
            raise SourceError("the number of an event is no whole number")
        rows = rows.astype(np.int64) - 1
        self._see(rows, len(rows))
        return rows

    def _see(self, rows: Values, count: int) -> None:
        if not len(rows):
            return
        if rows.min() < 0 or rows.max() > self.rows + count + MOST_GAPS:
            stray = int(rows.min() if rows.min() < 0 else rows.max()) + 1
            raise SourceError(f"an event says it is number {stray}, after {self.count} of them")
        self.count += count
        self.rows = max(self.rows, int(rows.max()) + 1)
        self._seen.put(rows, np.ones(len(rows), dtype=bool))

    def expect(self, count: int) -> None:
        """Note how many events there were; those at the end that never came are gaps."""
        self.flush()
        if self.rows < count <= self.rows + MOST_GAPS:
            self.rows = count

    def last_time(self) -> float | None:
        """When the last event came; None where none did."""
        times = np.asarray(self.time.read(max(0, self.time.count - AT_ONCE), self.time.count))
        known = times[np.isfinite(times)] if times.dtype.kind == "f" else times[:0]
        return float(known[-1]) if len(known) else None

    def missing(self) -> Values:
        """The numbers of events that never came."""
        parts = [
            np.flatnonzero(~self._seen.read(start, min(start + MOST_GAPS, self.rows))) + start + 1
            for start in range(0, self.rows, MOST_GAPS)
        ]
        return np.concatenate(parts).astype(np.int64) if parts else np.empty(0, np.int64)


def differ(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """True where two descriptors tell of different units of one key."""
    units = one.get("units"), other.get("units")
    return all(isinstance(unit, str) and unit.strip() for unit in units) and units[0] != units[1]


def without_units(key: Mapping[str, Any]) -> Mapping[str, Any]:
    """A data key whose values are not of one unit."""
    return {name: value for name, value in key.items() if name != "units"}


def _is_flat(numbers: Any) -> bool:
    return not isinstance(numbers, list) or not any(isinstance(one, list) for one in numbers)


def _put(column: Column, rows: Values, found: Sequence[Mapping[str, Any]], key: str) -> None:
    """Write what these mappings hold under a key; some may hold nothing."""
    try:
        values = [one[key] for one in found]
    except KeyError:
        there = [index for index, one in enumerate(found) if key in one]
        if there:
            column.put(rows[there], [found[index][key] for index in there])
        return
    column.put(rows, values)


def total(tables: Iterable[Table]) -> int:
    """How many events came for all these tables."""
    return sum(table.count for table in tables)
