"""se00, senv, tdct: many times a message. Every message is a cue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from nxtool.messages.model import Samples, Timestamps
from nxtool.stream.growing import Growing
from nxtool.stream.modules.datatypes import dtype_of
from nxtool.stream.modules.model import FIRST, Maker, ModuleSpec, Unfit, Window, stamped
from nxtool.stream.modules.rows import RowsModule
from nxtool.stream.modules.times import REMEMBERED, Sieve

if TYPE_CHECKING:
    import h5py

Times = NDArray[np.int64]

CHUNK: Final = 4096
_MIDDLE, _END = 2, 3


class FastSamples(RowsModule):
    """se00, senv: values with a time each. Messages with the time of one of the last ones are
    repeats; of those before the start the last value is kept."""

    schemas: ClassVar[tuple[str, ...]] = ("se00", "senv")

    def __init__(self, spec: ModuleSpec, window: Window) -> None:
        super().__init__(spec, window)
        self._messages = Sieve(Window())

    def lay_out(self, group: h5py.Group, sample: Samples | None, make: Maker) -> None:
        """Make the datasets."""
        options = self.spec.options
        chunk = int(options.get("chunk_size", CHUNK))
        named = options.get("dtype", options.get("type"))
        kind = sample.values.dtype if sample is not None and named is None else None
        value = make(group, "value", kind or dtype_of(named or "int64", self.spec.path),
                     rows_a_chunk=chunk)  # fmt: skip
        units = options.get("value_units", options.get("unit"))
        if units is not None:
            value.attrs["units"] = str(units)
        self.make_times(group, make, chunk)

    def attach(self, columns: Mapping[str, Growing]) -> None:
        """Go on with the columns of a file."""
        super().attach(columns)
        assert self._cues is not None  # noqa: S101 - made in `lay_out`
        seen = self._cues[1].tail(REMEMBERED).astype(np.int64)
        self._messages = Sieve(Window(), seen)

    def add(self, message: Samples) -> None:
        """Add the values of a message."""
        times = _times(message)
        if len(times) != len(message.values):
            raise Unfit(f"{len(message.values)} values and {len(times)} times")
        dtype = self.columns["value"].dtype
        with np.errstate(all="ignore"):
            values = message.values.astype(dtype)
        self.add_message(message.time_ns, times, {"value": values})

    def add_message(self, time: int, times: Times, columns: Mapping[str, Any]) -> None:
        """Add the rows of a message that was sent at `time`."""
        sifted = self._messages.sift(np.array([time], np.int64))
        self.tally.late += sifted.late
        self.tally.repeated += sifted.repeated
        if sifted.repeated or not len(times):
            return
        inside = (times >= self._window.start) & (times <= self._window.stop)
        if self._window.start > FIRST and (times < self._window.start).any():
            early = int(np.flatnonzero(times < self._window.start)[-1])
            self._note_early(int(times[early]), early, times, columns)
        if inside.any():
            self._write(time, times[inside], {name: v[inside] for name, v in columns.items()})

    def _write(self, time: int, times: Times, columns: Mapping[str, Any]) -> None:
        self.settle()
        assert self._cues is not None  # noqa: S101 - made in `lay_out`
        self._cues[0].append(np.array([self.rows], np.int64))
        self._cues[1].append(stamped(np.array([time], np.int64)))
        self.columns[self.time_name].append(stamped(times))
        for name, values in columns.items():
            self.columns[name].append(values)


class Stamps(FastSamples):
    """tdct: times alone."""

    schemas: ClassVar[tuple[str, ...]] = ("tdct",)

    def names(self) -> tuple[str, ...]:
        """There is no column besides that of times."""
        return ()

    def lay_out(self, group: h5py.Group, sample: Any, make: Maker) -> None:
        """Make the datasets."""
        self.make_times(group, make, int(self.spec.options.get("chunk_size", CHUNK)))

    def add(self, message: Any) -> None:
        """Add the times of a message."""
        if len(message.times):
            self._add_stamps(message)

    def _add_stamps(self, message: Timestamps) -> None:
        self.add_message(int(message.times[0]), message.times.astype(np.int64), {})


def _times(message: Samples) -> Times:
    """The time of each value."""
    if message.times is not None:
        given: Times = message.times.astype(np.int64)
        return given
    count = len(message.values)
    before = {_MIDDLE: count // 2, _END: count - 1}.get(message.location, 0)
    delta = message.time_delta if np.isfinite(message.time_delta) else 0.0
    if abs(delta) >= 2.0**62 / max(1, count):
        raise Unfit(f"values {delta} ns apart")
    steps = np.rint((np.arange(count) - before) * delta)
    found: Times = message.time_ns + steps.astype(np.int64)
    return found
