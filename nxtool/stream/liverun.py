"""What can be seen of a run while it lasts: the numbers of its streams, and its images, by name.

The file has the names that `nxtool convert` gives a run without a recipe. It is a view: numbers
only, and where a value does not fit its column there is none. What comes of the run is made of its
documents when it has ended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.bluesky.columns import can_be, declared_dtype
from nxtool.sources.blueskyrun import iso, units_of
from nxtool.sources.runnames import Names
from nxtool.stream.growing import Growing, growing_dataset
from nxtool.stream.livefile import LiveFile
from nxtool.stream.liveimages import Image, add_image, image_of

if TYPE_CHECKING:
    import h5py

Doc = Mapping[str, Any]

MOST_GAPS: Final = 1_000_000
"""How far the number of an event may be ahead; one that is farther is not shown."""


@dataclass(slots=True)
class _Stream:
    """The columns of a stream by key, and the events that wait to be written."""

    group: str
    names: Names = field(default_factory=lambda: Names(taken=("time",)))
    columns: dict[str, Growing] = field(default_factory=dict)
    images: dict[str, str] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    numbers: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    data: list[Doc] = field(default_factory=list)
    rows: int = 0


class LiveRun:
    """The file of a run that is going on.

    Raises:
        OutputError: it exists, or cannot be written; so do its methods.
    """

    def __init__(self, path: Path, start: Doc) -> None:
        self._file = LiveFile.create(path)
        self._start = float(start["time"])
        self._motors = start.get("motors") or ()
        self._names = Names(taken=("title", "start_time", "entry_identifier", "run_status"))
        self._streams: dict[str, _Stream] = {}
        self._descriptors: dict[str, _Stream] = {}
        self._images: dict[str, Image] = {}
        self._shown: set[tuple[str, str]] = set()
        try:
            with self._file.change({}) as file:
                _begin(file, start)
        except BaseException:
            self._file.abandon()
            raise

    def descriptor(self, doc: Doc) -> None:
        """Add the columns of a stream."""
        name = str(doc.get("name", "primary"))
        if name not in self._streams:
            self._streams[name] = _Stream(f"/entry/{self._names.new(name)}")
        stream = self._descriptors[doc["uid"]] = self._streams[name]
        self._write(stream)
        if doc["data_keys"].keys() <= stream.known:
            return
        stream.known |= doc["data_keys"].keys()
        with self._file.change({}) as file:
            group = file.require_group(stream.group)
            group.attrs["NX_class"] = "NXdata"
            if "time" not in group:
                time = growing_dataset(group, "time", "f8")
                time.attrs["units"] = "s"
                time.attrs["start"] = iso(self._start)
            made = [self._column(group, stream, key, one) for key, one in doc["data_keys"].items()]
            _show_first(group, dict(filter(None, made)), doc, self._motors)
        stream.columns["time"] = self._file.columns[f"{stream.group}/time"]
        for key, column in filter(None, made):
            stream.columns[key] = self._file.columns[f"{stream.group}/{column}"]

    def _column(
        self, group: h5py.Group, stream: _Stream, key: str, declared: Doc
    ) -> tuple[str, str] | None:
        """Add the dataset of a key that has numbers of one shape; its key and name."""
        if key in stream.columns or key in stream.images:
            return None
        name = stream.names.new(key)
        if declared.get("external"):
            stream.images[key] = name
            return None
        dtype, shape = declared_dtype(declared), declared.get("shape") or []
        if dtype.kind not in "iuf" or not all(
            isinstance(n, int) and 0 < n < 1 << 20 for n in shape
        ):
            return None
        if np.prod(shape, dtype=float) * dtype.itemsize > 1 << 24:
            return None
        dataset = growing_dataset(group, name, dtype, tuple(shape))
        if units := units_of(declared):
            dataset.attrs["units"] = units
        return key, name

    # rows

    def event(self, doc: Doc) -> None:
        """Show an event with the next flush."""
        stream = self._descriptors[doc["descriptor"]]
        stream.numbers.append(doc["seq_num"])
        stream.times.append(doc["time"])
        stream.data.append(doc["data"])

    def event_page(self, doc: Doc) -> None:
        """Show the events of a page."""
        stream = self._descriptors[doc["descriptor"]]
        self._write(stream)
        self._put(stream, doc["seq_num"], doc["time"], doc["data"])

    def _write(self, stream: _Stream) -> None:
        """Put the events that wait into their columns."""
        numbers, times, data = stream.numbers, stream.times, stream.data
        stream.numbers, stream.times, stream.data = [], [], []
        if numbers:
            columns = {
                key: [one.get(key) for one in data] for key in stream.columns if key != "time"
            }
            self._put(stream, numbers, times, columns)

    def _put(self, stream: _Stream, numbers: Sequence[int], times: Any, data: Doc) -> None:
        rows = np.asarray(numbers, np.int64) - 1
        if not len(rows) or rows.min() < 0 or rows.max() > stream.rows + len(rows) + MOST_GAPS:
            return
        stream.rows = max(stream.rows, int(rows.max()) + 1)
        self._file.check_room(sum(one.room_for(stream.rows) for one in stream.columns.values()))
        for key, column in stream.columns.items():
            values = data.get(key) if key != "time" else np.asarray(times, float) - self._start
            if values is not None:
                column.put(rows, _fitting(values, column))

    # images

    def stream_resource(self, doc: Doc) -> None:
        """Note where images are written."""
        if (image := image_of(doc)) is not None:
            self._images[doc["uid"]] = image

    def stream_datum(self, doc: Doc) -> None:
        """Show images, by a virtual dataset that grows with their file."""
        stream = self._descriptors[doc["descriptor"]]
        image = self._images.get(doc["stream_resource"])
        if image is None or image.key not in stream.images:
            return
        name = stream.images[image.key]
        if (stream.group, name) not in self._shown and image.path.is_file():
            with self._file.change({}) as file:
                if add_image(file[stream.group], name, image, self._file.path.parent):
                    self._shown.add((stream.group, name))

    def flush(self) -> None:
        """Make all visible that came."""
        for stream in self._streams.values():
            self._write(stream)
        self._file.flush({})

    def close(self) -> None:
        """End the view."""
        self._file.abandon()


def _begin(file: h5py.File, start: Doc) -> None:
    """What is known of a run when it starts."""
    file.attrs["NX_class"] = "NXroot"
    file.attrs["default"] = "entry"
    entry = file.create_group("entry")
    entry.attrs["NX_class"] = "NXentry"
    entry.attrs["default"] = "primary"
    title = start.get("title") or start.get("plan_name")
    facts = {"start_time": iso(start["time"]), "entry_identifier": start["uid"],
             "run_status": "running"}  # fmt: skip
    for name, text in {"title": title, **facts}.items():
        if isinstance(text, str) and "\0" not in text:
            entry.create_dataset(name, data=text)


def _show_first(group: h5py.Group, names: Mapping[str, str], doc: Doc, motors: Any) -> None:
    """Let viewers begin with the first value that devices recommend and that is no motor, over
    time."""
    hints = doc.get("hints") or {}
    fields = [key for owner, hint in hints.items() if owner not in motors
              for key in hint.get("fields", ())]  # fmt: skip
    signal = next((names[key] for key in [*fields, *names] if key in names), "")
    if signal and "signal" not in group.attrs:
        group.attrs["signal"] = signal
        group.attrs["axes"] = ["time", *["."] * (group[signal].ndim - 1)]


def _fitting(values: Any, column: Growing) -> Any:
    """Values as rows of a column; what does not fit is missing."""
    found = _as_rows(values, column)
    if found is not None and found.shape == (len(values), *column.shape):
        return found
    blank = np.nan if column.dtype.kind == "f" else 0
    rows = np.full((len(values), *column.shape), blank, column.dtype)
    for row, value in enumerate(values):
        one = _as_rows(value, column)
        if one is not None and one.shape == column.shape:
            rows[row] = one
    return rows


def _as_rows(values: Any, column: Growing) -> Any:
    """An array of the type of a column, None where that would change values."""
    try:
        found = np.asarray(values)
    except ValueError:  # lists of different lengths
        return None
    return found if can_be(found, column.dtype) else None
