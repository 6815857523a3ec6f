"""ev44, ev42: neutrons as NXevent_data. Pulses are written as they come, those without events not.

There is a cue after so many events; the count of them stands in `events` in the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np

from nxtool.messages.columns import EventColumns, Ragged
from nxtool.messages.model import Events, PulseEvents
from nxtool.stream.growing import Growing
from nxtool.stream.modules.model import (
    Maker,
    ModuleSpec,
    Tally,
    Unfit,
    Window,
    stamped,
    time_dataset,
)

if TYPE_CHECKING:
    import h5py
    from numpy.typing import NDArray

CHUNK: Final = 1 << 20
CUE_EVERY: Final = 100_000_000
NO_PIXEL: Final = -1
_TYPES: Final = (("event_time_offset", "i4"), ("event_id", "i4"), ("event_index", "i8"))


class EventList:
    """ev44: times of flight and pixels, and where in them pulses begin."""

    nx_class: ClassVar[str] = "NXevent_data"
    schemas: ClassVar[tuple[str, ...]] = ("ev44",)

    def __init__(self, spec: ModuleSpec, window: Window) -> None:
        self.spec = spec
        self.tally = Tally()
        self._window = window
        self._every = int(spec.options.get("cue_interval", CUE_EVERY))
        self._columns: dict[str, Growing] = {}
        self._last_cue = 0

    @property
    def waits(self) -> bool:
        """True until the datasets are there."""
        return not self._columns

    @property
    def rows(self) -> int:
        """How many events there are."""
        return 0 if self.waits else self._columns["event_time_offset"].rows

    def lay_out(self, group: h5py.Group, sample: Any, make: Maker) -> None:
        """Make the datasets."""
        chunk = int(self.spec.options.get("chunk_size", CHUNK))
        for name, dtype in _TYPES:
            make(group, name, dtype, rows_a_chunk=chunk)
        group["event_time_offset"].attrs["units"] = "ns"
        time_dataset(make, group, "event_time_zero", chunk)
        make(group, "cue_index", "i8", rows_a_chunk=1024)
        time_dataset(make, group, "cue_timestamp_zero", 1024)

    def attach(self, columns: Mapping[str, Growing]) -> None:
        """Go on with the columns of a file, by path."""
        names = [name for name, _ in _TYPES]
        names += ["event_time_zero", "cue_index", "cue_timestamp_zero"]
        self._columns = {name: columns[f"{self.spec.path}/{name}"] for name in names}
        cues = self._columns["cue_index"].tail(1)
        self._last_cue = int(cues[0]) if len(cues) else 0

    def add(self, message: Events | EventColumns) -> None:
        """Add a message, or many; of these all that are whole.

        Raises:
            Unfit: there are some whose columns would shift those of all later ones.
        """
        columns = message if isinstance(message, EventColumns) else _columns_of(message)
        uneven = _uneven(columns)
        if not uneven.any():
            self._add(columns)
            return
        self._add(_some(columns, np.flatnonzero(~uneven)))
        reason = "its events, pixels, pulses and their places are not equally many"
        raise Unfit(reason, columns.rows[uneven].tolist() if columns is message else ())

    def _add(self, columns: EventColumns) -> None:
        wanted = self._wanted(columns)
        if wanted is not None:
            columns = _some(columns, wanted)
        if len(columns.rows):
            self._append(columns)

    def _wanted(self, columns: EventColumns) -> NDArray[np.int64] | None:
        """Which messages have events, and a first pulse in the window; None for all."""
        counts = columns.time_of_flight.counts
        good = (counts > 0) & (columns.reference_time.counts > 0)
        if not good.all():
            return self._inside(columns, np.flatnonzero(good))
        return self._inside(columns, None)

    def _inside(
        self, columns: EventColumns, members: NDArray[np.int64] | None
    ) -> NDArray[np.int64] | None:
        if self._window == Window():
            return members
        chosen = np.arange(len(columns.rows)) if members is None else members
        vectors = columns.reference_time.vectors()
        times = np.array([vectors[n][0] for n in chosen.tolist()], np.int64)
        return chosen[(times >= self._window.start) & (times <= self._window.stop)]

    def _append(self, columns: EventColumns) -> None:
        before = self._columns["event_time_offset"].rows
        counts = columns.time_of_flight.counts
        offsets = columns.time_of_flight.joined()
        times = columns.reference_time.joined()
        ends = before + np.cumsum(counts)
        index = np.repeat(ends - counts, columns.reference_time_index.counts)
        index += columns.reference_time_index.joined()
        put = self._columns
        put["event_time_offset"].append(offsets)
        self._append_pixels(columns, before)
        put["event_time_zero"].append(stamped(times.astype(np.int64, copy=False)))
        put["event_index"].append(index)
        if ends[-1] > self._last_cue + self._every:
            last_pulses = np.cumsum(columns.reference_time.counts) - 1
            self._add_cues(ends, times[last_pulses], offsets[ends - before - 1])

    def _append_pixels(self, columns: EventColumns, before: int) -> None:
        """Add the pixels of events. A source without any, as a monitor, has none at all; where only
        some messages lack them, their events are of `NO_PIXEL`, so each other keeps its own."""
        put, found = self._columns["event_id"], columns.pixel_id.joined()
        counts = columns.time_of_flight.counts
        if put.rows == 0 and not len(found):
            return
        if put.rows < before:
            put.append(np.full(before - put.rows, NO_PIXEL, np.int32))
        if len(found) < counts.sum():
            have = np.repeat(columns.pixel_id.counts > 0, counts)
            told, found = found, np.full(len(have), NO_PIXEL, np.int32)
            found[have] = told
        put.append(found)

    def _add_cues(
        self, ends: NDArray[np.int64], pulses: NDArray[Any], offsets: NDArray[Any]
    ) -> None:
        """A cue after every message by which enough events came."""
        for end, pulse, offset in zip(
            ends.tolist(), pulses.tolist(), offsets.tolist(), strict=True
        ):
            if end > self._last_cue + self._every:
                self._last_cue = end - 1
                self._columns["cue_index"].append(np.array([end - 1], np.int64))
                time = np.array([pulse + offset], np.int64)
                self._columns["cue_timestamp_zero"].append(stamped(time))

    def end_at(self, stop: int) -> None:
        """Want no pulses after a time in ns, from now on."""
        self._window = Window(self._window.start, stop)

    def settle(self) -> None:
        """Nothing waits."""

    def finish(self, group: h5py.Group) -> None:
        """Add the count of events."""
        if "events" in group:
            del group["events"]
        if "event_time_offset" in group:
            group["events"] = np.int64(len(group["event_time_offset"]))


class PulseEventList(EventList):
    """ev42: as ev44, one pulse a message."""

    schemas: ClassVar[tuple[str, ...]] = ("ev42",)

    def add(self, message: Any) -> None:
        """Add the events of a pulse."""
        super().add(_as_events(message))


def _uneven(columns: EventColumns) -> NDArray[np.bool_]:
    """Which messages have events, and not a pixel for each (or for none), or not a place among
    them for each pulse."""
    events, pixels = columns.time_of_flight.counts, columns.pixel_id.counts
    pulses, places = columns.reference_time.counts, columns.reference_time_index.counts
    is_uneven = ((pixels > 0) & (pixels != events)) | (pulses != places) | (pulses == 0)
    found: NDArray[np.bool_] = (events > 0) & is_uneven
    return found


def _as_events(message: PulseEvents) -> Events:
    return Events(
        message.source_name,
        message.message_id,
        np.array([message.pulse_time_ns], np.int64),
        np.zeros(1, np.int32),
        message.time_of_flight.astype(np.int32),
        message.detector_id.astype(np.int32),
    )


def _columns_of(message: Events) -> EventColumns:
    """One message as columns."""
    vectors = (
        message.reference_time, message.reference_time_index, message.time_of_flight,
        message.pixel_id,
    )  # fmt: skip
    number = np.array([message.message_id], np.int64)
    return EventColumns(
        message.source_name, np.zeros(1, np.int64), number, *[_ragged(one) for one in vectors]
    )


def _ragged(values: NDArray[Any]) -> Ragged:
    data = values.tobytes()
    ends = np.zeros(1, np.int64), np.array([len(data)], np.int64)
    return Ragged([data], *ends, values.dtype)


def _some(columns: EventColumns, members: NDArray[np.int64]) -> EventColumns:
    """Some of the messages."""

    def some(ragged: Ragged) -> Ragged:
        buffers = [ragged.buffers[n] for n in members.tolist()]
        return Ragged(buffers, ragged.start[members], ragged.stop[members], ragged.dtype)

    return EventColumns(
        columns.source_name, columns.rows[members], columns.message_id[members],
        some(columns.reference_time), some(columns.reference_time_index),
        some(columns.time_of_flight), some(columns.pixel_id),
    )  # fmt: skip
