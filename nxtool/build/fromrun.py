"""A stored Bluesky run as a recipe, when nobody wrote one: nothing of it is lost.

Every stream is an NXdata, a monitor an NXlog; what these cannot hold stands in the NXcollection
`bluesky` with the metadata, the configuration and all documents as they came. The recipe is a tree
of references to the source `run`, so it is planned, judged and written like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from nxtool.build.runplot import plot_of
from nxtool.errors import SourceError
from nxtool.recipe.model import Recipe, load_recipe
from nxtool.recipe.variables import escape
from nxtool.sources.blueskyrun import DOCUMENTS, BlueskyRun, iso, opener, units_of
from nxtool.sources.model import ArrayInfo, Mode, Source
from nxtool.sources.runnames import Names
from nxtool.sources.stack import FileSource
from nxtool.stream.grid import grid_shape
from nxtool.stream.runs import Run, Stream
from nxtool.stream.settings import DEEPEST, settings
from nxtool.stream.sniff import RUN

SOURCE: Final = "run"
LINKED: Final = "linked"
KEPT: Final = "bluesky"
"""The group with all that has no better place, and with the documents."""
LOGGED: Final = "_monitor"
"""How bluesky ends the names of streams that follow one signal."""
_TAKEN: Final = (
    "title", "start_time", "end_time", "run_status", "entry_identifier", "exit_reason", "scan_id",
    "sample", "definition", "nxtool", KEPT,
)  # fmt: skip
_TYPES: Final = {"O": "NX_CHAR", "b": "NX_BOOLEAN", "c": "NX_COMPLEX"}
_COMPRESSION: Final = "gzip:4"

Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RunRequest:
    """How a run shall be converted: which of several, where data files are now, and whether their
    values stay there (`virtual`, `link`) or are copied."""

    run: str = ""
    roots: Mapping[str, str] = field(default_factory=dict)
    assets: Mode = "virtual"


def is_run(path: Path) -> bool:
    """True for a file that begins with a Bluesky document."""
    try:
        with path.open("rb") as stream:
            return RUN.match(stream.read(4096)) is not None
    except OSError:
        return False


def recipe_of_run(path: Path, request: RunRequest) -> Recipe:
    """The recipe for a file of documents, with its source open.

    Raises:
        SourceError: the file is damaged, or holds several runs and `request` does not say which.
    """
    options: dict[str, Any] = {}
    if request.run:
        options["run"] = request.run
    if request.roots:
        options["roots"] = dict(request.roots)
    reader = opener(options)(path)
    assert isinstance(reader, BlueskyRun)  # noqa: S101 - what that opener opens
    source: Tree = {"path": escape(str(path)), "format": "bluesky"}
    if options:
        source["options"] = options
    sources = {SOURCE: source}
    if request.assets == "link":
        sources[LINKED] = {**source, "mode": "link"}
    opened = FileSource("bluesky", [path], lambda _: reader)
    builder = _Builder(reader.run, opened, request.assets)
    entry = builder.entry()
    recipe = load_recipe({"nxtool": 1, "definition": "NXentry", "sources": sources, "entry": entry})
    opened.notes = (*opened.notes, *builder.notes)
    return _with_open(recipe, opened)


def _with_open(recipe: Recipe, source: Source) -> Recipe:
    """The recipe with its sources open: the file is long, and read already."""
    opened = {
        name: (None if spec is None else replace(spec, opened=source), marks)
        for name, (spec, marks) in recipe.sources.items()
    }
    return replace(recipe, sources=opened)


def refer(selector: str, **more: Any) -> Tree:
    """A field that takes what a selector of the run names."""
    return {"from": escape(f"{SOURCE}:{_whole(selector)}"), **more}


def _whole(selector: str) -> str:
    """A selector whose brackets at the end are no slice."""
    return f"{selector}[:]" if selector.endswith("]") else selector


class _Builder:
    """Makes the tree of an entry."""

    def __init__(self, run: Run, source: Source, assets: Mode) -> None:
        self._run = run
        self._source = source
        self._assets = assets
        self.notes: list[str] = []

    def entry(self) -> Tree:
        """All of a run."""
        run = self._run
        names = Names(taken=_TAKEN)
        kept: Tree = {"$attrs": {"description": "what Bluesky told of the run"}}
        entry = self._facts()
        for stream in run.streams.values():
            name = names.new(stream.name)
            rest = self._stream(entry, name, stream)
            if rest:
                kept[f"{name}(NXcollection)"] = rest
        kept |= self._metadata()
        kept["documents(NXnote)"] = {
            "type": {"value": "application/jsonl"},
            "description": {"value": "all documents of the run, one a line"},
            "data": refer(DOCUMENTS, compression=_COMPRESSION),
        }
        entry[f"{KEPT}(NXcollection)"] = kept
        return entry

    def _facts(self) -> Tree:
        """Title, times, identifiers, and how the run ended."""
        run = self._run
        facts: Tree = {}
        title = next((key for key in ("title", "plan_name") if _is_text(run.start.get(key))), "")
        if title:
            facts["title"] = refer(f"start/{title}")
        facts["start_time"] = refer("start/time@iso")
        end = run.last_time
        if run.stop is not None:
            facts["end_time"] = refer("stop/time@iso")
        elif end is not None:
            facts["end_time"] = iso(end)
        facts["entry_identifier"] = {"from": f"{SOURCE}:start/uid"}
        facts["run_status(NX_CHAR)"] = {"value": escape(run.status)}
        if run.stop is not None and _is_text(run.stop.get("reason")):
            facts["exit_reason(NX_CHAR)"] = refer("stop/reason")
        if isinstance(run.start.get("scan_id"), int):
            facts["scan_id(NX_INT)"] = refer("start/scan_id")
        facts |= self._sample()
        return facts

    def _sample(self) -> Tree:
        sample = self._run.start.get("sample")
        if _is_text(sample):
            return {"sample": {"name": refer("start/sample")}}
        if isinstance(sample, Mapping) and _is_text(sample.get("name")):
            return {"sample": {"name": refer("start/sample/name")}}
        return {}

    # streams

    def _stream(self, entry: Tree, name: str, stream: Stream) -> Tree:
        """Add a stream to the entry; what must stand elsewhere comes back."""
        if _is_log(self._run, stream):
            entry[f"{name}(NXlog)"] = self._log(stream)
            return self._gaps(stream)
        shown, rest = self._fields(stream)
        if stream.table.rows and any(key != "time" for key in shown.fields):
            entry[f"{name}(NXdata)"] = self._data(stream, shown)
            if grid := self._grid(stream, shown):
                entry[f"{name}_grid(NXdata)"] = grid
        elif "time" in shown.trees:
            rest |= {"time(NX_FLOAT)": shown.trees["time"]}
        return rest | self._gaps(stream)

    def _fields(self, stream: Stream) -> tuple[_Shown, Tree]:
        """The numeric keys of a stream, for an NXdata, and all others."""
        shown = _Shown()
        names = Names(taken=("time",))
        rest: Tree = {}
        for key in stream.table.keys:
            name = names.new(key)
            attrs = {} if name == key else {"attrs": {"bluesky_key": escape(key)}}
            try:
                info = self._info(f"{stream.name}/{key}")
            except SourceError as error:
                self.notes.append(f"{stream.name}/{key} is left out: {error.message}")
                rest[f"{name}(NX_CHAR)"] = {"value": escape(f"missing: {error.message}")}
                continue
            tree = self._reference(f"{stream.name}/{key}", info) | attrs
            if info.dtype.kind in "iuf":
                shown.fields[key] = name
                shown.shapes[key] = info.shape
                shown.trees[name] = tree | self._unit(stream, key)
            else:
                rest[_typed(name, info)] = tree
        if stream.table.time.count and stream.table.time.dtype.kind == "f":
            shown.fields["time"] = "time"
            shown.shapes["time"] = (stream.table.rows,)
            shown.trees["time"] = refer(f"{stream.name}@elapsed", attrs=self._epoch())
        return shown, rest

    def _info(self, selector: str) -> ArrayInfo:
        """What is known of an array; raises `SourceError` where a recipe could not name it."""
        if selector != selector.strip() or not selector.isprintable():
            raise SourceError(f"{selector!r} cannot be named in a recipe")
        return self._source.array(_whole(selector)).info

    def _reference(self, selector: str, info: ArrayInfo) -> Tree:
        """A key of a stream; where its values lie in HDF5 files they may stay there."""
        tree = refer(selector)
        if not info.locations or self._assets == "copy":
            return tree
        whole = len(info.locations) == 1 and info.locations[0].is_whole
        if self._assets == "link" and whole:
            return {"from": f"{LINKED}{tree['from'].removeprefix(SOURCE)}"}
        return {"virtual": tree["from"]}

    def _unit(self, stream: Stream, key: str) -> Tree:
        """The unit a descriptor declares: that of a data file may be another or missing."""
        units = units_of(stream.table.keys[key])
        return {"units": escape(units)} if units and key in stream.assets else {}

    def _epoch(self) -> Tree:
        return {
            "start": iso(self._run.start["time"]),
            "long_name": "time since the start of the run",
        }

    def _data(self, stream: Stream, shown: _Shown) -> Tree:
        """An NXdata with signal and axes by the hints."""
        plot = plot_of(self._run, stream, shown.shapes)
        attrs: Tree = {}
        if plot.signal:
            attrs["signal"] = shown.fields[plot.signal]
            attrs["axes"] = [shown.fields.get(axis, ".") for axis in plot.axes]
            attrs |= {
                f"{shown.fields[axis]}_indices": place
                for place, axis in plot.placed
                if axis in shown.fields
            }
        if plot.auxiliary:
            attrs["auxiliary_signals"] = [shown.fields[key] for key in plot.auxiliary]
        fields = {f"{name}(NX_NUMBER)": tree for name, tree in shown.trees.items()}
        return {"$attrs": attrs, **fields} if attrs else fields

    def _grid(self, stream: Stream, shown: _Shown) -> Tree:
        """The same in the order of the grid, an axis a dimension; empty where there is none."""
        shape = grid_shape(self._run.start)
        plot = plot_of(self._run, stream, shown.shapes)
        count = 1
        for length in shape:
            count *= length
        whole = shape and count == stream.table.rows and not len(stream.table.missing())
        if not whole or not plot.signal or len(plot.placed) != len(shape):
            return {}
        axes = [axis for _, axis in plot.placed]
        if any(axis not in shown.fields or axis == "time" for axis in axes):
            return {}
        flat = {
            key for key, dims in shown.shapes.items()
            if len(dims) == 1 and key != "time"
        }  # fmt: skip
        signal = plot.signal if plot.signal in flat else next(iter(sorted(flat - set(axes))), "")
        if not signal:
            return {}
        tree: Tree = {"$attrs": {"signal": shown.fields[signal], "axes": []}}
        for place, axis in enumerate(axes):
            name = f"{shown.fields[axis]}_axis"
            tree["$attrs"]["axes"].append(name)
            tree["$attrs"][f"{name}_indices"] = place
            index = ", ".join(":" if number == place else "0" for number in range(len(axes)))
            tree[f"{name}(NX_NUMBER)"] = {
                "from": escape(f"{SOURCE}:{stream.name}/{axis}@grid[{index}]")
            }
        for key in (key for key in shown.fields if key in flat):
            tree[f"{shown.fields[key]}(NX_NUMBER)"] = refer(f"{stream.name}/{key}@grid")
        return tree

    def _log(self, stream: Stream) -> Tree:
        """One signal over time."""
        key = next(iter(stream.table.keys))
        selector = f"{stream.name}/{key}"
        return {
            "value": refer(selector),
            "time": refer(f"{selector}@elapsed", attrs={"start": self._epoch()["start"]}),
            "description": {"value": escape(key)},
        }

    def _gaps(self, stream: Stream) -> Tree:
        if not len(stream.table.missing()):
            return {}
        return {"nxtool_missing_seq(NX_INT)": refer(f"{stream.name}@missing_seq")}

    # what has no place of its own

    def _metadata(self) -> Tree:
        """Start, stop and configuration, value by value."""
        kept: Tree = {"start(NXcollection)": self._values("start", self._run.start)}
        if self._run.stop is not None:
            kept["stop(NXcollection)"] = self._values("stop", self._run.stop)
        found: Tree = {}
        names = Names()
        for owner, configured in self._run.configuration.items():
            group: Tree = {}
            inner = Names()
            for key in settings(configured):
                self._setting(group, inner.new(key), f"config/{owner}/{key}")
            if group:
                found[f"{names.new(owner)}(NXcollection)"] = group
        if found:
            kept["configuration(NXcollection)"] = found
        return kept

    def _setting(self, group: Tree, name: str, selector: str) -> None:
        """Add a setting, and its times where it changed."""
        try:
            info = self._info(selector)
        except SourceError:
            return  # empty: the documents alone have it
        group[_typed(name, info)] = refer(selector)
        times = self._info(f"{selector}@time")
        if len(times.shape) and times.shape[0] > 1 and info.shape[:1] == times.shape:
            group[f"{name}_time(NX_FLOAT)"] = refer(f"{selector}@elapsed", attrs=self._epoch())

    def _values(self, place: str, node: Mapping[str, Any], depth: int = 0) -> Tree:
        """The values of a document, groups as groups; what is empty is left out."""
        tree: Tree = {}
        names = Names()
        for key, value in node.items():
            selector = f"{place}/{key}"
            if isinstance(value, dict) and depth < DEEPEST:
                if inner := self._values(selector, value, depth + 1):
                    tree[f"{names.new(key)}(NXcollection)"] = inner
                continue
            try:
                info = self._info(selector)
            except SourceError:
                continue  # empty: the documents alone have it
            tree[_typed(names.new(key), info)] = refer(selector)
        return tree


@dataclass(slots=True)
class _Shown:
    """Fields of an NXdata: names and shapes by key, trees by name."""

    fields: dict[str, str] = field(default_factory=dict)
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    trees: dict[str, Tree] = field(default_factory=dict)


def _typed(name: str, info: ArrayInfo) -> str:
    """A name with its type: bare ones may mean something else."""
    return f"{name}({_TYPES.get(info.dtype.kind, 'NX_NUMBER')})"


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_log(run: Run, stream: Stream) -> bool:
    """True for a stream that follows one signal."""
    keys = list(stream.table.keys)
    if len(keys) != 1 or keys[0] in stream.assets or stream.name in ("primary", "baseline"):
        return False
    column = stream.table.columns[keys[0]]
    named = stream.name.endswith(LOGGED)
    timed = stream.table.stamps[keys[0]].dtype.kind == "f" and bool(stream.table.rows)
    return named and timed and column.dtype.kind in "iufb" and not column.shape
