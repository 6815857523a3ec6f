"""Plain JSON messages as NXlog: which of their names is the source, the time, the value, the alarm.

Where nobody says it, it is what those names usually are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple

import numpy as np

from nxtool.errors import NxtoolError
from nxtool.stream.modules.log import CHUNK, TEXT, Log, text_values
from nxtool.stream.modules.model import LAST, Maker, Unfit

if TYPE_CHECKING:
    import h5py

_USUAL: Final = {
    "source": ("pv", "source", "source_name", "name", "channel", "device", "signal", "key"),
    "time": ("ts", "time", "timestamp", "time_ns", "t"),
    "value": ("value", "val", "v", "data", "reading"),
    "alarm": ("alarm", "severity", "alarm_severity", "status"),
    "units": ("units", "unit", "egu"),
}
_SCALES: Final = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True, slots=True)
class JsonPaths:
    """Where in a JSON message things stand: `$.a.b`, empty for the usual names; `unit` is that of
    times: s, ms, us, ns, empty to tell by the size of the number."""

    source: str = ""
    time: str = ""
    unit: str = ""
    value: str = ""


class JsonRow(NamedTuple):
    """One value out of a JSON message."""

    source_name: str
    time_ns: int
    value: Any
    alarm: str | None
    units: str | None


def parse_paths(source: str, time: str, value: str) -> JsonPaths:
    """Paths as options give them; the one of times may end in `:ms`.

    Raises:
        NxtoolError: one is none.
    """
    path, colon, unit = time.partition(":")
    for text in (source, path, value):
        if text and not text.startswith("$."):
            raise NxtoolError(f"{text!r} is no place in JSON", hint="write it like $.data.value")
    if colon and unit not in (*_SCALES, "iso"):
        raise NxtoolError(f"{unit!r} is no unit of times", hint="s, ms, us, ns or iso")
    return JsonPaths(source, path, unit, value)


def rows_of(value: Any, paths: JsonPaths, fallback: str) -> Iterator[JsonRow]:
    """The values in a JSON message, which may be a list of them; `fallback` is the source where
    none is named.

    Raises:
        Unfit: there is no time or value where it should be.
    """
    for one in value if isinstance(value, list) else [value]:
        if not isinstance(one, Mapping):
            raise Unfit(f"JSON without names: {type(one).__name__}")
        source = _found(one, paths.source, "source", required=False)
        alarm = _found(one, "", "alarm", required=False)
        units = _found(one, "", "units", required=False)
        yield JsonRow(
            fallback if source is None else str(source),
            _time_ns(_found(one, paths.time, "time"), paths.unit),
            _found(one, paths.value, "value"),
            None if alarm is None else str(alarm),
            units if isinstance(units, str) else None,
        )


def _found(node: Mapping[str, Any], path: str, what: str, *, required: bool = True) -> Any:
    if path:
        found: Any = node
        for name in path[2:].split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
        names: tuple[str, ...] = (path,)
    else:
        names = _USUAL[what]
        found = next((node[name] for name in names if name in node), None)
    if found is None and required:
        raise Unfit(f"no {what}: none of {', '.join(names)}" if not path else f"no {path}")
    return found


def _time_ns(value: Any, unit: str) -> int:
    """A time in ns; of numbers the unit is told by their size where it is not given."""
    if isinstance(value, str):
        return _from_text(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise Unfit(f"{value!r} is no time")
    size = abs(value)
    if not unit:
        unit = next(u for u, top in (("s", 1e11), ("ms", 1e14), ("us", 1e17), ("ns", np.inf))
                    if size <= top)  # fmt: skip
    scale = _SCALES.get(unit, 1)
    if size * scale > LAST:
        raise Unfit(f"{value!r:.40} is no time")
    # a float in seconds is exact to less than a microsecond
    found = (
        value * scale
        if isinstance(value, int)
        else round(value * 10**6) * (scale // 10**6)
        if scale > 10**6
        else round(value * scale)
    )
    return _storable(found, value)


def _storable(time_ns: int, told: object) -> int:
    """A time that a file can hold: such a one is counted from 1970, and ends in 2262."""
    if not 0 <= time_ns <= LAST:
        raise Unfit(f"{told!r:.40} is no time between 1970 and 2262")
    return time_ns


def _from_text(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise Unfit(f"{text[:40]!r} is no time") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    passed = moment - _EPOCH
    found = (passed.days * 86400 + passed.seconds) * 10**9 + passed.microseconds * 1000
    return _storable(found, text)


class JsonLog(Log):
    """Values of one source: numbers, texts, or arrays of numbers; and alarms, if the first message
    has one."""

    schemas: ClassVar[tuple[str, ...]] = ("json",)

    def lay_out(self, group: h5py.Group, sample: Any, make: Maker) -> None:
        """Make the datasets, once there is a value."""
        if sample is None:
            return
        value = _array(sample.value)
        dataset = make(group, "value", value.dtype, value.shape, rows_a_chunk=CHUNK)
        if sample.units:
            dataset.attrs["units"] = sample.units
        if sample.alarm is not None:
            make(group, "alarm", f"S{TEXT}", rows_a_chunk=64)
        self.make_times(group, make, CHUNK)

    def attach(self, columns: Any) -> None:
        """Go on with the columns of a file."""
        self._has_alarm = f"{self.spec.path}/alarm" in columns
        super().attach(columns)

    def names(self) -> tuple[str, ...]:
        """The columns besides that of times."""
        return ("value", "alarm") if self._has_alarm else ("value",)

    def add(self, message: Any) -> None:
        """Add a value."""
        values = _array(message.value)[None]
        stored = self.columns["value"].dtype
        if values.dtype.kind != stored.kind:
            raise Unfit(f"{message.value!r:.40} among values of another kind")
        columns = {"value": self._fitted(values)}
        if self._has_alarm:
            columns["alarm"] = text_values(message.alarm or "")[None]
        self.add_rows(np.array([message.time_ns], np.int64), columns)


def _array(value: Any) -> Any:
    """A JSON value as it is stored: numbers as floating-point numbers."""
    if isinstance(value, str):
        return text_values(value)
    if isinstance(value, bool):
        return np.array(value, np.int8)
    try:
        return _numbers(value)
    except OverflowError:  # JSON has whole numbers of any length
        raise Unfit("a number that is too large") from None


def _numbers(value: Any) -> Any:
    if isinstance(value, int | float):
        return np.array(value, np.float64)
    if (
        isinstance(value, list)
        and value
        and all(isinstance(one, int | float) and not isinstance(one, bool) for one in value)
    ):
        return np.array(value, np.float64)
    raise Unfit(f"{value!r:.40} is no number, text, or list of numbers")
