"""Documents to runs: rows by number, streams by name, what was configured, where assets lie.

Several runs may be open at once; each is known by the uid of its start. A stream is one however
many descriptors it has. A run without a stop is incomplete, and no error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from nxtool.bluesky.assets import Asset, AssetColumn, datum_index, resource_asset, stream_asset
from nxtool.bluesky.blocks import Room
from nxtool.bluesky.documents import Document, DocumentFile
from nxtool.bluesky.tables import Table, differ, without_units
from nxtool.errors import SourceError

Doc = Mapping[str, Any]

_WHOLE: Final = (int, np.integer)
_NUMBERS: Final = (int, float, np.number)
_MIXED: Final = "changes its unit during the run, and has none here"
_LATEST: Final = 2e11
"""In seconds since 1970; later years have more than four digits."""

_MALFORMED = (KeyError, TypeError, AttributeError, ValueError, IndexError, OverflowError)
"""What a document raises that has not the form of event-model."""


@dataclass(slots=True)
class Configured:
    """The settings of one object: values and their times as often as they changed."""

    keys: dict[str, Doc] = field(default_factory=dict)
    mixed: set[str] = field(default_factory=set)
    """Those whose unit changed."""
    rows: list[tuple[Doc, Doc]] = field(default_factory=list)

    def add(self, doc: Doc) -> None:
        """Note what a descriptor says; nothing where it says the same as the one before."""
        told = doc.get("data_keys", {})
        self.mixed |= {
            name for name in told.keys() & self.keys if differ(self.keys[name], told[name])
        }
        self.keys |= told
        self.keys |= {name: without_units(self.keys[name]) for name in self.mixed}
        row = (dict(doc.get("data", {})), dict(doc.get("timestamps", {})))
        if not self.rows or not _same(self.rows[-1], row):
            self.rows.append(row)


def _same(one: tuple[Doc, Doc], other: tuple[Doc, Doc]) -> bool:
    return repr(one) == repr(other)  # arrays have no truth


@dataclass(slots=True)
class Stream:
    """The events of one name."""

    name: str
    table: Table
    hints: dict[str, Doc] = field(default_factory=dict)
    objects: dict[str, str] = field(default_factory=dict)
    """The object each key belongs to."""
    assets: dict[str, AssetColumn] = field(default_factory=dict)


@dataclass(slots=True)
class Run:
    """What happened between a start and a stop, None where that never came.

    `ranges` are the bytes of its documents in the file, empty where they do not stand on lines.
    """

    start: Doc
    stop: Doc | None = None
    streams: dict[str, Stream] = field(default_factory=dict)
    configuration: dict[str, Configured] = field(default_factory=dict)
    ranges: list[list[int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def uid(self) -> str:
        return str(self.start["uid"])

    @property
    def status(self) -> str:
        """`success`, `abort`, `fail`, or `incomplete` where nobody said."""
        return str(self.stop.get("exit_status", "incomplete")) if self.stop else "incomplete"

    @property
    def last_time(self) -> float | None:
        """When it ended, or else when its last event came; None where there is none."""
        if self.stop is not None:
            return float(self.stop["time"])
        ends = [stream.table.last_time() for stream in self.streams.values()]
        return max((end for end in ends if end is not None), default=None)


def read_runs(path: Path) -> tuple[list[Run], list[str]]:
    """The runs in a file in the order they started, and what is to be told of the file.

    Raises:
        SourceError: with its place, a record that is damaged or no document; or there is no run.
    """
    file = DocumentFile(path)
    gatherer = _Gatherer()
    for document in file:
        try:
            run = gatherer.take(document.name, document.doc)
        except SourceError as error:
            raise file.error(error.message, document.line, document.start) from error
        except _MALFORMED as error:
            what = f"lacks {error}" if isinstance(error, KeyError) else f"is malformed: {error}"
            message = f"the {document.name} {what}"
            raise file.error(message, document.line, document.start) from error
        if run is not None and document.stop:
            _extend(run.ranges, document.start, document.stop)
    try:
        runs = gatherer.finish()
    except SourceError as error:
        raise SourceError(f"{path}: {error.message}") from error
    except _MALFORMED as error:
        raise SourceError(f"{path}: a document is malformed: {error}") from error
    if not runs:
        raise SourceError(f"{path}: there is no start of a run in it")
    return runs, [*file.notes, *gatherer.notes()]


def _extend(ranges: list[list[int]], start: int, stop: int) -> None:
    if ranges and ranges[-1][1] == start:
        ranges[-1][1] = stop
    else:
        ranges.append([start, stop])


class _Gatherer:
    """Gives each document to the run it belongs to."""

    def __init__(self) -> None:
        self._room = Room()
        self._runs: dict[str, Run] = {}
        self._last: Run | None = None
        self._streams: dict[str, tuple[Run, Stream]] = {}
        self._assets: dict[str, Asset] = {}
        self._keys: dict[str, str] = {}
        self._owners: dict[str, Run] = {}
        self._datums: dict[str, tuple[Asset, int]] = {}
        self._strays = 0
        self._handlers: Mapping[str, Callable[[Any], Run | None]] = {
            "start": self._start,
            "descriptor": self._descriptor,
            "event": self._event,
            "event_page": self._event_page,
            "bulk_events": self._bulk_events,
            "stream_resource": self._stream_resource,
            "stream_datum": self._stream_datum,
            "resource": self._resource,
            "datum": self._datum,
            "datum_page": self._datum_page,
            "bulk_datum": self._bulk_datum,
            "stop": self._stop,
        }

    def take(self, name: str, doc: Doc) -> Run | None:
        """Note a document; the run it belongs to, None if it is none that started here."""
        run = self._handlers[name](doc)
        if run is None:
            self._strays += 1
        return run

    def finish(self) -> list[Run]:
        """The runs, complete."""
        for run in self._runs.values():
            for stream in run.streams.values():
                stream.table.flush()
                self._resolve(stream)
            counts = run.stop.get("num_events") if run.stop is not None else None
            for name, count in counts.items() if isinstance(counts, Mapping) else ():
                if name in run.streams and isinstance(count, int):
                    run.streams[name].table.expect(count)
            run.notes += _notes(run)
        return list(self._runs.values())

    def notes(self) -> list[str]:
        """What is to be told of the file."""
        if not self._strays:
            return []
        where = "to no run that starts in this file"
        if self._strays == 1:
            return [f"1 document belongs {where}, and is left out"]
        return [f"{self._strays} documents belong {where}, and are left out"]

    def _start(self, doc: Doc) -> Run:
        uid, _ = _text(doc["uid"]), _moment(doc)
        self._last = self._runs.setdefault(uid, Run(doc))
        return self._last

    def _descriptor(self, doc: Doc) -> Run | None:
        run = self._runs.get(doc["run_start"])
        if run is None or doc["uid"] in self._streams:
            return run
        name = _text(doc.get("name", "primary"))
        if name not in run.streams:
            run.streams[name] = Stream(name, Table(self._room))
        stream = run.streams[name]
        stream.table.declare(doc["data_keys"])
        stream.hints |= doc.get("hints") or {}
        for owner, keys in (doc.get("object_keys") or {}).items():
            stream.objects |= dict.fromkeys(keys, owner)
        for owner, settings in (doc.get("configuration") or {}).items():
            run.configuration.setdefault(str(owner), Configured()).add(settings)
        self._streams[doc["uid"]] = run, stream
        return run

    def _event(self, doc: Doc) -> Run | None:
        known = self._streams.get(doc["descriptor"])
        if known is None:
            return None
        _check_event(doc)
        known[1].table.add(doc)
        return known[0]

    def _event_page(self, doc: Doc) -> Run | None:
        known = self._streams.get(doc["descriptor"])
        if known is None:
            return None
        known[1].table.add_page(doc)
        return known[0]

    def _bulk_events(self, doc: Doc) -> Run | None:
        runs = [self._event(event) for events in doc.values() for event in events]
        return runs[-1] if runs else self._last

    def _stream_resource(self, doc: Doc) -> Run | None:
        uid = doc["uid"]
        self._assets[uid] = stream_asset(doc)
        self._keys[uid] = str(doc.get("data_key", ""))
        run = self._owner(doc)
        if run is not None:
            self._owners[uid] = run
        return run

    def _stream_datum(self, doc: Doc) -> Run | None:
        known = self._streams.get(doc["descriptor"])
        asset = self._assets.get(doc["stream_resource"])
        if known is None or asset is None:
            return None
        run, stream = known
        first, last = int(doc["seq_nums"]["start"]), int(doc["seq_nums"]["stop"])
        index = int(doc["indices"]["start"])
        stream.table.mark(first, last)
        key = self._keys[doc["stream_resource"]]
        count = min(last - first, int(doc["indices"]["stop"]) - index)
        if count > 0 and first > 0 and 0 <= index < 1 << 62:
            rows = np.arange(first - 1, first - 1 + count)
            column = stream.assets.setdefault(key, AssetColumn(self._room))
            column.put(asset, rows, rows - (first - 1) + index)
        return run

    def _resource(self, doc: Doc) -> Run | None:
        self._assets[doc["uid"]] = resource_asset(doc)
        run = self._owner(doc)
        if run is not None:
            self._owners[doc["uid"]] = run
        return run

    def _datum(self, doc: Doc) -> Run | None:
        asset = self._assets.get(doc["resource"])
        if asset is not None:
            self._datums[doc["datum_id"]] = asset, datum_index(doc.get("datum_kwargs", {}))
        return self._owners.get(doc["resource"])

    def _datum_page(self, doc: Doc) -> Run | None:
        kwargs = doc.get("datum_kwargs", {})
        for row, datum_id in enumerate(doc["datum_id"]):
            one = {key: values[row] for key, values in kwargs.items()}
            self._datum({"resource": doc["resource"], "datum_id": datum_id, "datum_kwargs": one})
        return self._owners.get(doc["resource"])

    def _bulk_datum(self, doc: Doc) -> Run | None:
        pairs = zip(doc["datum_ids"], doc["datum_kwarg_list"], strict=True)
        for datum_id, one in pairs:
            self._datum({"resource": doc["resource"], "datum_id": datum_id, "datum_kwargs": one})
        return self._owners.get(doc["resource"])

    def _owner(self, doc: Doc) -> Run | None:
        """The run of a resource; older ones do not say, so it is the run that started last."""
        return self._runs.get(doc["run_start"]) if doc.get("run_start") else self._last

    def _stop(self, doc: Doc) -> Run | None:
        run = self._runs.get(doc["run_start"])
        if run is not None:
            _moment(doc)
            run.stop = doc
        return run

    def _resolve(self, stream: Stream) -> None:
        """Find the assets of the keys whose events name a datum."""
        for key, declared in stream.table.keys.items():
            column = stream.table.columns[key]
            if not declared.get("external") or not column.dtype.hasobject or key in stream.assets:
                continue
            found = AssetColumn(self._room)
            for row, name in enumerate(column.read(0, stream.table.rows).tolist()):
                if name in self._datums:
                    asset, index = self._datums[name]
                    found.put(asset, np.array([row]), np.array([index]))
            if found.assets:
                stream.assets[key] = found


def _text(value: Any) -> str:
    """A name or uid; raises `TypeError` where it is no text."""
    if not isinstance(value, str) or not value:
        raise TypeError(f"{value!r} is no name")
    return value


def _check_event(doc: Doc) -> None:
    """Refuse now what could not be put in a table later, where its place is no longer known."""
    number, time = doc["seq_num"], doc["time"]
    usual = type(number) is int and type(time) is float  # quicker to ask, and nearly always so
    if not usual and not (isinstance(number, _WHOLE) and isinstance(time, _NUMBERS)):
        raise TypeError(f"number {number!r}, time {time!r}")
    if not isinstance(doc["data"], dict) or not isinstance(doc.get("timestamps", {}), dict):
        raise TypeError("its data are no mapping")


def _moment(doc: Doc) -> float:
    """The time of a document in seconds since 1970; raises `ValueError` where it is none."""
    time = float(doc["time"])
    if not abs(time) < _LATEST:
        raise ValueError(f"{time} is no time in seconds since 1970")
    return time


def _notes(run: Run) -> list[str]:
    """What is to be told of a run."""
    notes = []
    for stream in run.streams.values():
        missing = stream.table.missing()
        if len(missing):
            first = ", ".join(map(str, missing[:5].tolist()))
            more = ", …" if len(missing) > 5 else ""
            notes.append(f"{stream.name}: {len(missing)} of {stream.table.rows} events are missing:"
                         f" {first}{more}")  # fmt: skip
        notes += [
            f"{stream.name}/{key} {column.note}"
            for key, column in stream.table.columns.items()
            if column.note and not stream.table.keys[key].get("external")
        ]
        for key, column in stream.assets.items():
            lacking = sum(one.count for one in column.segments(stream.table.rows) if not one.asset)
            if lacking > len(missing):
                rows = stream.table.rows
                notes.append(f"{stream.name}/{key}: {lacking} of {rows} events have no frame")
        notes += [f"{stream.name}/{key} {_MIXED}" for key in sorted(stream.table.mixed)]
        if stream.table.undeclared:
            names = ", ".join(sorted(map(str, stream.table.undeclared)))
            notes.append(
                f"{stream.name}: no descriptor declares {names}; the documents alone have it"
            )
    for owner, found in run.configuration.items():
        notes += [f"config/{owner}/{key} {_MIXED}" for key in sorted(found.mixed)]
    if run.stop is None:
        notes.append("the run has no stop: it was not ended, or its end was not stored")
    return notes


def documents_of(path: Path, uid: str) -> Iterator[Document]:
    """The documents of one run in a file, in their order."""
    gatherer = _Gatherer()
    for document in DocumentFile(path):
        run = gatherer.take(document.name, document.doc)
        if run is not None and run.uid == uid:
            yield document
