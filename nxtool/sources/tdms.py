"""TDMS files of LabVIEW through the package nptdms (extra `daq`).

Selectors: `group/channel`, its values; `group/channel:time`, the time of each in seconds, where
the channel states a step; `group/channel:#unit_string`, `group:#key`, `#key`: properties of the
channel, the group and the file. Values are scaled as the file says. A file that ends within a
segment is refused, where nptdms would stop reading without a word. Source: the TDMS File Format
Internal Structure (NI).
"""

from __future__ import annotations

import struct
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.errors import SourceError
from nxtool.sources.extras import load, reading
from nxtool.sources.lookup import check_options, unknown
from nxtool.sources.memory import MemoryArray, per_frame, text_array
from nxtool.sources.model import ArrayInfo

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from nxtool.sources.model import OpenFile, SourceArray

_LEAD: Final = struct.Struct("<4sII16s")
_BIG_ENDIAN: Final = 1 << 6
_UNKNOWN: Final = (1 << 64) - 1
_ROWS: Final = 1 << 16
_STEP: Final = "wf_increment"

_reading = partial(reading, library="nptdms")


def opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open TDMS files; there are no options."""
    check_options("tdms", options, ())
    return TdmsFile


class TdmsFile:
    """A `Reader` of one TDMS file.

    Raises:
        MissingExtra: nptdms is not installed.
        SourceError: it is no TDMS file, truncated or damaged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        nptdms = load("nptdms", f"reading the measurement {path.name}", "daq")
        _check_segments(path)
        with ExitStack() as stack, _reading(path):
            stream = stack.enter_context(path.open("rb"))
            file = stack.enter_context(nptdms.TdmsFile.open(stream))
            self._owners: dict[str, Any] = {"": file}
            self._channels: dict[str, Any] = {}
            for group in file.groups():
                channels = {f"{group.name}/{one.name}": one for one in group.channels()}
                self._channels |= channels
                self._owners |= {group.name: group, **channels}
            self._stack = stack.pop_all()

    def close(self) -> None:
        """Close the file."""
        self._stack.close()

    def keys(self) -> Iterator[str]:
        """The channels with their times, then all properties."""
        for name, channel in self._channels.items():
            yield name
            if _STEP in channel.properties:
                yield f"{name}:time"
        for name, owner in self._owners.items():
            before = f"{name}:" if name else ""
            yield from (f"{before}#{key}" for key in owner.properties)

    def array(self, selector: str = "") -> SourceArray:
        """The values of a channel, their times, or a property; the only channel needs no name."""
        if not selector and len(self._channels) == 1:
            selector = next(iter(self._channels))
        if selector in self._channels:
            return _ChannelArray(self._path, selector, self._channels[selector])
        name, _, what = selector.rpartition(":")
        if what.startswith("#") and what[1:] in getattr(self._owners.get(name), "properties", ()):
            return MemoryArray(_property(self._owners[name].properties[what[1:]]))
        channel = self._channels.get(name)
        if what == "time" and channel is not None and _STEP in channel.properties:
            with _reading(self._path):
                return MemoryArray(_times(channel), units="s")
        raise unknown(self._path, "channel", selector, self.keys())


def _times(channel: Any) -> np.ndarray[Any, Any]:
    start = float(channel.properties.get("wf_start_offset", 0))
    steps: np.ndarray[Any, Any] = np.arange(len(channel)) * float(channel.properties[_STEP])
    return start + steps


def _property(value: Any) -> np.ndarray[Any, Any]:
    """A property as a scalar; a time as ISO text."""
    number = isinstance(value, bool | int | float | np.number)
    return np.array(value) if number else per_frame([str(value)])


class _ChannelArray:
    """The values of a channel, read piece by piece."""

    def __init__(self, path: Path, name: str, channel: Any) -> None:
        self._path = path
        self._channel = channel
        with _reading(path):
            dtype = np.dtype(channel.dtype)
            count = len(channel)
        self._is_time = dtype.kind == "M"
        if dtype.kind not in "iufcbOM":
            raise SourceError(f"{path}: channel {name} holds {dtype}, not numbers or text")
        units = channel.properties.get("unit_string")
        self.info = ArrayInfo(
            shape=(count,),
            dtype=np.dtype(object) if self._is_time else dtype,
            units=units if isinstance(units, str) and units else None,
            rows=_ROWS,
            attributes=dict(channel.properties),
        )

    def read(self, start: int, stop: int) -> np.ndarray[Any, Any]:
        """Values `start` to `stop`."""
        rows = range(self.info.shape[0])[start:stop]
        with _reading(self._path):
            values = np.asarray(self._channel.read_data(rows.start, len(rows)))
            if self._is_time:
                values = text_array(np.datetime_as_string(values).tolist())
            if values.shape != (len(rows),):
                raise ValueError(f"{values.shape} values where {len(rows)} are due")
            return values.astype(self.info.dtype, copy=False)


def _check_segments(path: Path) -> None:
    """See that the segments fill the file.

    Raises:
        SourceError: it is no TDMS file, or ends within a segment.
    """
    try:
        end = path.stat().st_size
        with path.open("rb") as stream:
            place = 0
            while place < end or not place:
                stream.seek(place)
                place += _segment(path, stream.read(_LEAD.size))
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from error
    if place != end:
        raise SourceError(
            f"{path}: its last segment should end at byte {place}, the file ends at {end}",
            hint="the file is truncated or damaged",
        )


def _segment(path: Path, lead: bytes) -> int:
    """The size of a segment in bytes, by its first ones."""
    if len(lead) < _LEAD.size or lead[:4] != b"TDSm":
        raise SourceError(
            f"{path}: no segment of TDMS where one is due", hint="the file is truncated or damaged"
        )
    _, contents, _, sizes = _LEAD.unpack(lead)
    size: int = struct.unpack(">QQ" if contents & _BIG_ENDIAN else "<QQ", sizes)[0]
    if size == _UNKNOWN:
        raise SourceError(f"{path}: its last segment was never finished")
    return _LEAD.size + size
