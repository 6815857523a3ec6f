"""f144, f142: values at times, as NXlog; with alarms, where the message brings them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from nxtool.messages.columns import LogColumns
from nxtool.messages.model import EpicsLogValue, LogValue
from nxtool.stream.modules.datatypes import dtype_of
from nxtool.stream.modules.model import Maker, Unfit, stamped, time_dataset
from nxtool.stream.modules.rows import RowsModule

if TYPE_CHECKING:
    import h5py

Values = NDArray[Any]

CHUNK: Final = 1024
TEXT: Final = 256
"""How many bytes of a text are kept."""
UNCHANGED: Final = 4
"""f142's severity that says the alarm is as before."""
_BLOCK: Final = 1 << 20


class Log(RowsModule):
    """f144: a number, or an array of them, a message."""

    schemas: ClassVar[tuple[str, ...]] = ("f144",)

    def lay_out(self, group: h5py.Group, sample: LogValue | LogColumns | None, make: Maker) -> None:
        """Make the datasets: of the type configured, else of that of a first message."""
        dtype, row = self._form(sample)
        chunk = int(self.spec.options.get("chunk_size", CHUNK))
        value = make(group, "value", dtype, row, rows_a_chunk=chunk if not row else 0)
        units = _units(self.spec.options)
        if units is not None:
            value.attrs["units"] = units
        self.make_times(group, make, chunk)

    def _form(self, sample: LogValue | LogColumns | None) -> tuple[Any, tuple[int, ...]]:
        """The type, and the shape of a row."""
        options = self.spec.options
        named = options.get("dtype", options.get("type"))
        size = int(options.get("array_size", 1))
        row: tuple[int, ...] = (size,) if size > 1 else ()
        if named is not None or sample is None:
            return dtype_of(named or "double", self.spec.path), row
        if isinstance(sample, LogColumns):
            return sample.values.dtype, ()
        return sample.value.dtype, sample.value.shape

    def add(self, message: LogValue | LogColumns) -> None:
        """Add a value, or many."""
        if isinstance(message, LogColumns):
            self.add_rows(message.time_ns, {"value": self._fitted(message.values)})
        else:
            times = np.array([message.time_ns], np.int64)
            self.add_rows(times, {"value": self._fitted(message.value[None])})

    def _fitted(self, values: Values) -> Values:
        """Values as they are stored; what changes by that is counted."""
        column = self.columns["value"]
        if values.shape[1:] != column.shape:
            raise Unfit(f"an array of {shape_text(values)} where {_shape(column.shape)} is stored")
        return self.cast(values, column.dtype)

    def cast(self, values: Values, dtype: np.dtype[Any]) -> Values:
        """Values as another type."""
        if values.dtype == dtype:
            return values
        with np.errstate(all="ignore"):
            found = values.astype(dtype)
            self.tally.converted += int(
                (found != values).any(axis=tuple(range(1, values.ndim))).sum()
            )
        return found

    def finish(self, group: h5py.Group) -> None:
        """Add the lowest and highest value, and their mean."""
        values = group.get("value")
        options = self.spec.options
        if values is None or values.ndim != 1 or values.dtype.kind not in "iuf" or not len(values):
            return
        if not options.get("meta_data", True):
            return
        units = _units(options) or ""
        for name, number in zip(_STATISTICS, _statistics(values), strict=True):
            if name in group:
                del group[name]
            group[name] = number
            if units:
                group[name].attrs["units"] = units


_STATISTICS: Final = ("minimum_value", "maximum_value", "average_value")


def _statistics(values: h5py.Dataset) -> tuple[float, float, float]:
    """Lowest, highest, and mean of a dataset, read block by block; NaN counts for nothing."""
    low, high, total, count = np.inf, -np.inf, 0.0, 0
    for start in range(0, len(values), _BLOCK):
        block = values[start : start + _BLOCK].astype(np.float64)
        block = block[~np.isnan(block)]
        if len(block):
            low, high = min(low, block.min()), max(high, block.max())
            total, count = total + block.sum(), count + len(block)
    if not count:
        return (np.nan, np.nan, np.nan)
    return float(low), float(high), float(total / count)


def _units(options: Any) -> str | None:
    """The unit configured; None where none is asked for."""
    for name in ("value_units", "unit", "units"):
        if name in options:
            return str(options[name])
    return None


def shape_text(values: Values) -> str:
    """The shape of one row for people."""
    return _shape(values.shape[1:])


def _shape(row: tuple[int, ...]) -> str:
    return " × ".join(map(str, row)) if row else "one value"


class EpicsLog(Log):
    """f142: as f144, with texts, and with EPICS' alarms: rows of their own where they change."""

    schemas: ClassVar[tuple[str, ...]] = ("f142",)
    _ALARMS: ClassVar[tuple[str, ...]] = ("alarm_status", "alarm_severity", "alarm_time")

    def lay_out(self, group: h5py.Group, sample: Any, make: Maker) -> None:
        """Make the datasets of values and alarms."""
        super().lay_out(group, _as_log(sample), make)
        make(group, "alarm_status", "i2", rows_a_chunk=CHUNK)
        make(group, "alarm_severity", "i2", rows_a_chunk=CHUNK)
        time_dataset(make, group, "alarm_time", CHUNK)

    def attach(self, columns: Any) -> None:
        """Go on with the columns of a file."""
        super().attach(columns)
        self._alarms = [columns[f"{self.spec.path}/{name}"] for name in self._ALARMS]

    def add(self, message: Any) -> None:
        """Add a value, and its alarm if that changed."""
        before = self.rows
        super().add(_as_log(message))
        if self.rows > before and message.severity != UNCHANGED:
            times = stamped(np.array([message.time_ns], np.int64))
            numbers = [np.array([n], np.int16) for n in (message.status, message.severity)]
            for column, values in zip(self._alarms, [*numbers, times], strict=True):
                column.append(values)


def _as_log(message: EpicsLogValue | None) -> Any:
    """The same value as f144 has it; text becomes bytes."""
    if message is None:
        return None
    value = message.value
    if not isinstance(value, np.ndarray):
        value = text_values(value)
    return LogValue(message.source_name, message.time_ns, value)


def text_values(text: str | tuple[str, ...]) -> Values:
    """Text as it is stored.

    Raises:
        Unfit: it is too long, or no text.
    """
    try:
        parts = [part.encode() for part in ([text] if isinstance(text, str) else text)]
    except UnicodeEncodeError:
        raise Unfit("a text that is none") from None
    if max(map(len, parts), default=0) > TEXT:
        raise Unfit(f"a text of more than {TEXT} bytes")
    found = np.array(parts, f"S{TEXT}")
    return found.reshape(()) if isinstance(text, str) else found
