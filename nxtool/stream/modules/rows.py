"""Modules whose messages are rows with a time each: what they share.

The last row before the start is kept as the first one. Until a later one comes it is written over
by the next before the start, which is the same whenever it is done: it needs no checkpoint.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from nxtool.stream.growing import Growing
from nxtool.stream.modules.model import Maker, ModuleSpec, Tally, Window, stamped, time_dataset
from nxtool.stream.modules.times import REMEMBERED, Sieve

if TYPE_CHECKING:
    import h5py

Times = NDArray[np.int64]
Values = NDArray[Any]

NEVER: Final = 2**32 - 1
"""After how many rows there is a cue, where the configuration does not say."""


class RowsModule:
    """A group of columns with as many rows each. A class that comes of it says which they are in
    `columns`, makes them in `lay_out`, and turns messages into rows in `add`."""

    nx_class: ClassVar[str] = "NXlog"
    schemas: ClassVar[tuple[str, ...]] = ()
    time_name: ClassVar[str] = "time"
    has_cues: ClassVar[bool] = True

    def __init__(self, spec: ModuleSpec, window: Window) -> None:
        self.spec = spec
        self.tally = Tally()
        self.columns: dict[str, Growing] = {}
        self.cue_every = int(spec.options.get("cue_interval", NEVER))
        self._window = window
        self._sieve = Sieve(window)
        self._early: dict[str, Values] = {}
        self._early_time: int | None = None
        self._cues: tuple[Growing, Growing] | None = None

    @property
    def waits(self) -> bool:
        """True until the datasets are there."""
        return not self.columns

    def make_times(self, group: h5py.Group, make: Maker, rows_a_chunk: int) -> None:
        """The datasets of times and cues."""
        time_dataset(make, group, self.time_name, rows_a_chunk)
        if self.has_cues:
            make(group, "cue_index", "i8", rows_a_chunk=1024)
            time_dataset(make, group, "cue_timestamp_zero", 1024)

    def names(self) -> tuple[str, ...]:
        """The columns besides that of times."""
        return ("value",)

    def attach(self, columns: Mapping[str, Growing]) -> None:
        """Go on with the columns of a file, by path."""
        own = {
            name: columns[f"{self.spec.path}/{name}"] for name in (*self.names(), self.time_name)
        }
        if self.has_cues:
            path = self.spec.path
            self._cues = columns[f"{path}/cue_index"], columns[f"{path}/cue_timestamp_zero"]
        self.columns = own
        recent = own[self.time_name].tail(REMEMBERED).astype(np.int64)
        if len(recent) == 1 and own[self.time_name].rows == 1 and recent[0] < self._window.start:
            self._early_time = int(recent[0])
            recent = recent[:0]
        self._sieve = Sieve(self._window, recent)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return 0 if self.waits else self.columns[self.time_name].rows

    def add_rows(self, times: Times, columns: Mapping[str, Values]) -> None:
        """Add rows, of which those are kept that are wanted."""
        sifted = self._sieve.sift(times)
        self.tally.late += sifted.late
        self.tally.repeated += sifted.repeated
        if sifted.early >= 0:
            self._note_early(int(times[sifted.early]), sifted.early, times, columns)
        if sifted.kept is None:
            self._append(times, columns)
        elif len(sifted.kept):
            kept = sifted.kept
            self._append(times[kept], {name: column[kept] for name, column in columns.items()})

    def _append(self, times: Times, columns: Mapping[str, Values]) -> None:
        self.settle()
        before = self.rows
        self.columns[self.time_name].append(stamped(times))
        for name, values in columns.items():
            self.columns[name].append(values)
        if self._cues is not None and self.rows // self.cue_every > before // self.cue_every:
            first = (before // self.cue_every + 1) * self.cue_every - 1
            rows = np.arange(first, self.rows, self.cue_every)
            self._cues[0].append(rows)
            self._cues[1].append(stamped(times[rows - before]))

    def _note_early(self, time: int, row: int, times: Times, columns: Mapping[str, Values]) -> None:
        is_first = self.rows == 0 or (self.rows == 1 and self._early_time is not None)
        if is_first and (self._early_time is None or time >= self._early_time):
            self._early_time = time
            self._early = {name: column[row : row + 1].copy() for name, column in columns.items()}
            self._early[self.time_name] = stamped(times[row : row + 1].copy())

    def end_at(self, stop: int) -> None:
        """Want no rows after a time in ns, from now on."""
        self._window = Window(self._window.start, stop)
        self._sieve.window = self._window

    def settle(self) -> None:
        """Write the last row before the start, if there is one."""
        if self._early:
            for name, values in self._early.items():
                self.columns[name].put(np.zeros(1, np.int64), values)
            self._early = {}

    def finish(self, group: h5py.Group) -> None:
        """Nothing is left to write."""
