"""What `nxtool listen` recorded from Kafka, as a source of recipes: `kafka:TOPIC/SOURCE`.

A selector is a topic and a source as Kafka has them, then perhaps a column: `motors/m:x` is the
value, `motors/m:x/time` its times in ns, `det/bank/event_id` a column of events. `@first` and
`@last` are one row, `@time` and `@elapsed` the times of rows in seconds, since 1970 and since the
first row.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.errors import SourceError
from nxtool.sources import hdf5file
from nxtool.sources.lookup import check_options, unknown
from nxtool.sources.memory import MemoryArray

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from nxtool.sources.model import OpenFile, Reader, SourceArray

ENTRY: Final = "/entry"
ASPECTS: Final = ("first", "last", "time", "elapsed")
_MAIN: Final = ("value", "event_time_offset", "alarm_message", "connection_status")
"""The column that a source stands for, the first of these that it has; else its only one."""
_TIMES: Final = ("time", "event_time_zero", "alarm_time", "connection_status_time")


def opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open recordings."""
    check_options("kafka", options, ())
    return partial(Recording, open_file=hdf5file.opener({}))


def check_form(selector: str) -> None:
    """Make sure that a selector could name something in a recording.

    Raises:
        SourceError: it cannot.
    """
    name, _ = split_aspect(selector)
    topic, slash, source = name.partition("/")
    if not topic or not slash or not source:
        hint = "write kafka:TOPIC/SOURCE, or kafka:TOPIC/SOURCE/time"
        raise SourceError(f"{selector!r} names no source of a topic", hint=hint)


def split_aspect(selector: str) -> tuple[str, str]:
    """A selector without what stands behind its `@`, and that."""
    name, at, aspect = selector.rpartition("@")
    return (name, aspect) if at and aspect in ASPECTS else (selector, "")


class Recording:
    """A `Reader` of one recording.

    Raises:
        SourceError: it is damaged, or no recording without a structure.
    """

    def __init__(self, path: Path, open_file: OpenFile) -> None:
        self._path = path
        self._file: Reader = open_file(path)
        self._columns: dict[str, dict[str, str]] = {}
        for name in self._file.keys():  # noqa: SIM118 - a method of readers
            parts = name.split("/")
            if name.startswith(f"{ENTRY}/") and len(parts) == 5:
                self._add(parts[2], parts[3], parts[4], name)
        if not self._columns:
            self._file.close()
            hint = "it must be a file of nxtool listen without --nexus-structure"
            raise SourceError(f"{path}: holds no sources of Kafka", hint=hint)

    def _add(self, topic: str, source: str, column: str, name: str) -> None:
        try:
            parts = (
                self._text(f"{ENTRY}/{topic}@topic"),
                self._text(f"{ENTRY}/{topic}/{source}@source"),
            )
        except SourceError:
            return  # what the recording says of itself
        self._columns.setdefault("/".join(parts), {})[column] = name

    def _text(self, selector: str) -> str:
        return str(self._file.array(selector).read(0, 1)[()])

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def keys(self) -> Iterator[str]:
        """The sources, then their other columns."""
        for source, columns in self._columns.items():
            main = _main(columns)
            if main:
                yield source
            yield from (f"{source}/{name}" for name in columns if name != main)

    def array(self, selector: str = "") -> SourceArray:
        """What a selector names."""
        name, aspect = split_aspect(selector)
        source, column = self._named(name)
        if aspect in ("time", "elapsed"):
            return self._times(source, aspect)
        found = self._file.array(self._columns[source][column])
        if not aspect:
            return found
        rows = found.info.shape[0] if found.info.shape else 0
        if not rows:
            raise SourceError(f"{self._path}: {name} has no rows")
        row = 0 if aspect == "first" else rows - 1
        return MemoryArray(np.asarray(found.read(row, row + 1)[0]), found.info.units)

    def _named(self, name: str) -> tuple[str, str]:
        """The source and the column that a selector means."""
        if name in self._columns:
            main = _main(self._columns[name])
            if main:
                return name, main
            known = (f"{name}/{column}" for column in self._columns[name])
            raise unknown(self._path, "column", name, known)
        source, _, column = name.rpartition("/")
        if column in self._columns.get(source, ()):
            return source, column
        raise unknown(self._path, "source", name, self.keys())

    def _times(self, source: str, aspect: str) -> MemoryArray:
        columns = self._columns[source]
        name = next((one for one in _TIMES if one in columns), "")
        if not name:
            raise SourceError(f"{self._path}: {source} has no times")
        array = self._file.array(columns[name])
        times = array.read(0, array.info.shape[0]).astype(np.int64)
        shift = int(times[0]) if aspect == "elapsed" and len(times) else 0
        return MemoryArray((times - shift) / 1e9, "s")


def _main(columns: Mapping[str, str]) -> str:
    """The column that a source stands for; empty where none does."""
    if len(columns) == 1:
        return next(iter(columns))
    return next((name for name in _MAIN if name in columns), "")
