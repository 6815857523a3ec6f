"""Bluesky runs, from files of documents: streams by key, metadata, configuration, the documents.

Selectors: `start/sample/name` and `stop/exit_status` (values of these documents), `primary/mono_en`
(a key of a stream, a row an event), `config/det/count_time` (a setting of an object; several rows
where it changed), `documents` (all of them as bytes). Behind an `@` stands what of it is meant:
`@time` (when it was measured or set, seconds since 1970), `@elapsed` (since the start of the run),
`@first`, `@last`, `@grid` (in the order of the grid that was scanned), `@iso` (a time as text), and
of a stream alone (`primary@time`) `@time`, `@elapsed`, `@seq_num`, `@missing_seq`.

Options: `run`, of several in a file the number or the beginning of the uid; `roots`, where folders
with data files are now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.bluesky.columns import Column
from nxtool.bluesky.grid import grid_order, grid_shape
from nxtool.bluesky.runs import Configured, Run, Stream, documents_of, read_runs
from nxtool.bluesky.settings import named, settings, value_at, values_in, wants
from nxtool.errors import SourceError
from nxtool.sources.lookup import check_options, unknown
from nxtool.sources.memory import MemoryArray, text_array
from nxtool.sources.runarrays import (
    ColumnArray,
    FileBytes,
    GridArray,
    SpooledBytes,
    joined,
    value_array,
    written_anew,
)
from nxtool.sources.runassets import AssetArray, AssetFiles

if TYPE_CHECKING:
    from nxtool.sources.model import OpenFile, SourceArray

DOCUMENTS: Final = "documents"
_OPTIONS: Final = ("run", "roots")
_ASPECTS: Final = (
    "time", "elapsed", "first", "last", "grid", "iso", "seq_num", "missing_seq",
)  # fmt: skip


def opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open files of Bluesky documents."""
    check_options("bluesky", options, _OPTIONS)
    run, roots = options.get("run", ""), options.get("roots", {})
    if isinstance(run, bool) or not isinstance(run, int | str):
        raise SourceError(f"option run is {run!r}", hint="write a number, or a uid")
    if not isinstance(roots, dict):
        raise SourceError(f"option roots is {roots!r}", hint='write {"/old/folder": /new/folder}')
    moved = {str(old): str(new) for old, new in roots.items()}
    return partial(BlueskyRun, wanted=str(run), roots=moved)


class BlueskyRun:
    """A `Reader` of one run in a file.

    Raises:
        SourceError: it is damaged, holds no run or several without saying which.
    """

    def __init__(
        self, path: Path, wanted: str = "", roots: Mapping[str, str] | None = None
    ) -> None:
        self._path = path
        runs, notes = read_runs(path)
        self.run = _chosen(path, runs, wanted)
        self.notes = (*notes, *self.run.notes)
        self._is_alone = len(runs) == 1
        self._files = AssetFiles(roots or {}, path.absolute().parent)
        self._arrays: dict[str, SourceArray] = {}

    def close(self) -> None:
        """Close the files of the detectors."""
        for array in self._arrays.values():
            if isinstance(array, SpooledBytes):
                array.close()
        self._arrays.clear()
        self._files.close()

    def keys(self) -> Iterator[str]:
        """Metadata, streams, configuration, the end of the run, the documents."""
        yield from (f"start/{name}" for name in values_in(self.run.start))
        for stream in self.run.streams.values():
            yield from (f"{stream.name}/{key}" for key in stream.table.keys)
            yield f"{stream.name}@time"
        for owner, found in self.run.configuration.items():
            yield from (f"config/{owner}/{key}" for key in settings(found))
        if self.run.stop is not None:
            yield from (f"stop/{name}" for name in values_in(self.run.stop))
        yield DOCUMENTS

    def array(self, selector: str = "") -> SourceArray:
        """What a selector names."""
        if selector not in self._arrays:
            self._arrays[selector] = self._find(selector)
        return self._arrays[selector]

    def _find(self, selector: str) -> SourceArray:
        if selector == DOCUMENTS:
            return self._documents()
        name, aspect = self._split(selector)
        head, _, rest = name.partition("/")
        if head in ("start", "stop") and head not in self.run.streams:
            return self._value(head, rest, aspect)
        if head == "config" and head not in self.run.streams:
            return self._setting(rest, aspect)
        if head not in self.run.streams:
            known = ["start", *self.run.streams, "config", "stop", DOCUMENTS]
            raise unknown(self._path, "stream", head, known)
        stream = self.run.streams[head]
        return self._key(stream, rest, aspect) if rest else self._of_stream(stream, aspect)

    def _split(self, selector: str) -> tuple[str, str]:
        """A selector without what stands behind its `@`, and that; a key may hold one itself."""
        name, _, aspect = selector.rpartition("@")
        head, _, key = selector.partition("/")
        stream = self.run.streams.get(head)
        if aspect not in _ASPECTS or not name or (stream and key in stream.table.keys):
            return selector, ""
        return name, aspect

    # start and stop

    def _value(self, head: str, name: str, aspect: str) -> SourceArray:
        document = self.run.start if head == "start" else self.run.stop
        if document is None:
            message = f"{self._path}: the run has no stop"
            raise SourceError(message, hint="it was not ended, or its end was not stored")
        value = value_at(document, name)
        if value is None:
            raise unknown(f"{self._path}: {head}", "value", name, values_in(document))
        if aspect == "iso":
            return MemoryArray(text_array([iso(value)]).reshape(()))
        if aspect:
            raise self._no(aspect, f"{head}/{name}", "iso")
        array = value_array(value)
        if array is None:
            kind = "a group of values" if isinstance(value, dict) else "empty"
            raise SourceError(f"{self._path}: {head}/{name} is {kind}")
        return array

    # configuration

    def _setting(self, name: str, aspect: str) -> SourceArray:
        owners = self.run.configuration
        owner, found = next(
            ((one, owners[one]) for one in wants(name) if one in owners), ("", Configured())
        )
        if not owner:
            raise unknown(self._path, "configured object", name.partition("/")[0], owners)
        key = named(owner, name[len(owner) + 1 :], settings(found))
        if not key:
            known = settings(found)
            raise unknown(f"{self._path}: config/{owner}", "setting", name[len(owner) + 1 :], known)
        units = units_of(found.keys.get(key, {}))
        values = [data[key] for data, _ in found.rows if key in data]
        times = [_number(stamps.get(key)) for data, stamps in found.rows if key in data]
        if aspect in ("time", "elapsed"):
            shift = float(self.run.start["time"]) if aspect == "elapsed" else 0.0
            return MemoryArray(np.array(times) - shift, "s")
        if aspect in ("first", "last"):
            values = values[:1] if aspect == "first" else values[-1:]
        elif aspect:
            raise self._no(aspect, f"config/{name}", "time, elapsed, first, last")
        is_one = all(repr(one) == repr(values[0]) for one in values)
        array = value_array(values[0], units) if is_one else joined(values, units)
        if array is None:
            raise SourceError(f"{self._path}: config/{name} is empty")
        return array

    # streams

    def _of_stream(self, stream: Stream, aspect: str) -> SourceArray:
        table = stream.table
        if aspect in ("time", "elapsed"):
            return self._times(table.time, table.rows, aspect)
        if aspect == "seq_num":
            return MemoryArray(np.arange(1, table.rows + 1))
        if aspect == "missing_seq":
            return MemoryArray(table.missing())
        hint = f"like {stream.name}/{next(iter(table.keys), 'KEY')}, or {stream.name}@time"
        raise SourceError(f"{self._path}: {stream.name} is a stream", hint=hint)

    def _times(self, column: Column, rows: int, aspect: str) -> ColumnArray:
        if column.dtype.kind != "f" or column.shape:
            raise SourceError(f"{self._path}: there are times that are no numbers")
        shift = float(self.run.start["time"]) if aspect == "elapsed" else 0.0
        return ColumnArray(column, rows, "s", shift)

    def _key(self, stream: Stream, key: str, aspect: str) -> SourceArray:
        table = stream.table
        if key not in table.keys:
            raise unknown(f"{self._path}: {stream.name}", "key", key, table.keys)
        if aspect in ("time", "elapsed"):
            return self._times(table.stamps[key], table.rows, aspect)
        array = self._values(stream, key)
        if not aspect:
            return array
        if aspect in ("first", "last"):
            return self._end(array, f"{stream.name}/{key}", is_first=aspect == "first")
        if aspect == "grid":
            return self._grid(stream, array)
        raise self._no(aspect, f"{stream.name}/{key}", "time, elapsed, first, last, grid")

    def _values(self, stream: Stream, key: str) -> SourceArray:
        table, declared = stream.table, stream.table.keys[key]
        units = units_of(declared)
        if key in stream.assets:
            return AssetArray(stream.assets[key], table.rows, declared, self._files, units)
        column = table.columns[key]
        if declared.get("external") and not column.count:
            message = f"{self._path}: no document says where the data of {stream.name}/{key} lie"
            raise SourceError(message)
        return ColumnArray(column, table.rows, None if column.dtype.hasobject else units)

    def _end(self, array: SourceArray, name: str, *, is_first: bool) -> MemoryArray:
        rows = array.info.shape[0]
        if not rows:
            raise SourceError(f"{self._path}: {name} has no rows")
        row = 0 if is_first else rows - 1
        return MemoryArray(np.asarray(array.read(row, row + 1)[0]), array.info.units)

    def _grid(self, stream: Stream, array: SourceArray) -> GridArray:
        shape = grid_shape(self.run.start)
        rows = array.info.shape[0]
        if not shape or int(np.prod(shape)) != rows or len(stream.table.missing()):
            found = f"a grid of {list(shape)}" if shape else "no grid"
            message = f"{self._path}: {stream.name} has {rows} events, and the run {found}"
            raise SourceError(message, hint="leave @grid out")
        return GridArray(array, grid_order(shape, self.run.start.get("snaking")), shape)

    def _documents(self) -> SourceArray:
        if self.run.ranges:
            return FileBytes(self._path, self.run.ranges)
        return written_anew(documents_of(self._path, self.run.uid))

    def _no(self, aspect: str, name: str, known: str) -> SourceError:
        return SourceError(f"{self._path}: {name} has no @{aspect}", hint=f"it may have {known}")


def _chosen(path: Path, runs: list[Run], wanted: str) -> Run:
    """The run with this number or beginning of a uid; the only one where nobody says."""
    found = [run for run in runs if wanted and run.uid.startswith(wanted)]
    if wanted.isdecimal() and len(wanted) < 7 and 0 < int(wanted) <= len(runs):
        found = [runs[int(wanted) - 1]]
    if not wanted:
        found = runs
    if len(found) == 1:
        return found[0]
    listed = "; ".join(f"{number} {run_text(run)}" for number, run in enumerate(runs[:10], start=1))
    more = f" and {len(runs) - 10} more" if len(runs) > 10 else ""
    message = (
        f"{path}: holds {len(runs)} runs" if not wanted else f"{path}: no one run is {wanted!r}"
    )
    hint = f"say which by --run, in a recipe by options: {{run: …}}: {listed}{more}"
    raise SourceError(message, hint=hint, about="options" if wanted else "path")


def run_text(run: Run) -> str:
    """A run for people: `3f2a81c0 (scan 12, count, success)`."""
    scan, plan = run.start.get("scan_id"), run.start.get("plan_name")
    words = [f"scan {scan}" if scan is not None else "", str(plan or ""), run.status]
    return f"{run.uid[:8]} ({', '.join(filter(None, words))})"


def units_of(declared: Any) -> str | None:
    """The unit of a data key; None where it has none."""
    units = declared.get("units") if isinstance(declared, Mapping) else None
    return units.strip() or None if isinstance(units, str) else None


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")


def iso(value: Any) -> str:
    """A time in seconds since 1970 as ISO 8601 with zone; raises `SourceError`."""
    try:
        return datetime.fromtimestamp(float(value), timezone.utc).isoformat()
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise SourceError(f"{value!r} is no time in seconds since 1970") from error
