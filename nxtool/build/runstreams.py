"""Streams of a run as groups: an NXdata with signal and axes, or for a monitor an NXlog."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import Final

from nxtool.bluesky.grid import grid_shape
from nxtool.bluesky.runs import Stream
from nxtool.build.runplot import TIME, plot_of
from nxtool.build.runtree import LINKED, SOURCE, OpenRun, Tree, refer, typed
from nxtool.errors import SourceError
from nxtool.recipe.variables import escape
from nxtool.sources.blueskyrun import units_of
from nxtool.sources.model import ArrayInfo, Mode
from nxtool.sources.runnames import Names

LOGGED: Final = "_monitor"
"""How bluesky ends the names of streams that follow one signal."""


class StreamTrees:
    """Makes the groups of streams; `notes` tells what had to be left out."""

    def __init__(self, opened: OpenRun, assets: Mode) -> None:
        self._open = opened
        self._run = opened.run
        self._assets = assets
        self.notes: list[str] = []

    def add(self, entry: Tree, name: str, stream: Stream) -> Tree:
        """Add a stream to the entry; what must stand elsewhere comes back."""
        try:
            self._open.info(f"{stream.name}@seq_num")
        except SourceError as error:
            self.notes.append(f"{stream.name} stays in the documents: {error.message}")
            return {}
        if _is_log(stream):
            entry[f"{name}(NXlog)"] = self._log(stream)
            return self._gaps(stream)
        shown, rest = self._fields(stream)
        if stream.table.rows and any(key != TIME for key in shown.fields):
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
                info = self._open.info(f"{stream.name}/{key}")
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
                rest[typed(name, info)] = tree
        if stream.table.time.count and stream.table.time.dtype.kind == "f":
            shown.fields[TIME] = "time"
            shown.shapes[TIME] = (stream.table.rows,)
            shown.trees["time"] = refer(f"{stream.name}@elapsed", attrs=self._open.epoch())
        return shown, rest

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
        """The same in the order of the grid, an axis a dimension; empty where there is none.
        Images are there as far as they stay in HDF5 files: nothing is copied twice."""
        axes = self._grid_axes(stream, shown)
        trees = self._in_grid(stream, shown) if axes else {}
        signal = plot_of(self._run, stream, shown.shapes).signal
        signals = [key for key in (signal, *trees) if key in trees and key not in axes]
        if not signals:
            return {}
        rest = ["."] * (len(shown.shapes[signals[0]]) - 1)
        attrs: Tree = {"signal": shown.fields[signals[0]]}
        tree: Tree = {"$attrs": attrs}
        for place, axis in enumerate(axes):
            name = f"{shown.fields[axis]}_axis"
            attrs[f"{name}_indices"] = place
            line = ", ".join(":" if number == place else "0" for number in range(len(axes)))
            tree[f"{name}(NX_NUMBER)"] = refer(f"{stream.name}/{axis}@grid[{line}]", is_cut=True)
        attrs["axes"] = [*(f"{shown.fields[axis]}_axis" for axis in axes), *rest]
        return tree | {f"{shown.fields[key]}(NX_NUMBER)": one for key, one in trees.items()}

    def _in_grid(self, stream: Stream, shown: _Shown) -> dict[str, Tree]:
        """The keys of a stream in the order of the grid: single numbers, then images."""
        flat = [key for key, dims in shown.shapes.items() if len(dims) == 1 and key != TIME]
        found = {key: refer(f"{stream.name}/{key}@grid") for key in flat}
        images = [key for key, dims in shown.shapes.items() if len(dims) > 1]
        for key in images if self._assets != "copy" else ():
            selector = f"{stream.name}/{key}@grid"
            if self._open.info(selector).locations:
                found[key] = {"virtual": refer(selector)["from"]} | self._unit(stream, key)
        return found

    def _grid_axes(self, stream: Stream, shown: _Shown) -> list[str]:
        """The key of each axis of a grid that was scanned to its end; else nothing."""
        shape = grid_shape(self._run.start)
        whole = prod(shape) == stream.table.rows and not len(stream.table.missing())
        axes = [axis for _, axis in plot_of(self._run, stream, shown.shapes).placed]
        return axes if shape and whole and len(axes) == len(shape) and TIME not in axes else []

    def _log(self, stream: Stream) -> Tree:
        """One signal over time."""
        key = next(iter(stream.table.keys))
        selector = f"{stream.name}/{key}"
        return {
            "value": refer(selector),
            "time": refer(f"{selector}@elapsed", attrs={"start": self._open.epoch()["start"]}),
            "description": {"value": escape(key)},
        }

    def _gaps(self, stream: Stream) -> Tree:
        if not len(stream.table.missing()):
            return {}
        return {"nxtool_missing_seq(NX_INT)": refer(f"{stream.name}@missing_seq")}


@dataclass(slots=True)
class _Shown:
    """Fields of an NXdata: names and shapes by key, trees by name."""

    fields: dict[str, str] = field(default_factory=dict)
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    trees: dict[str, Tree] = field(default_factory=dict)


def _is_log(stream: Stream) -> bool:
    """True for a stream that follows one signal."""
    keys = list(stream.table.keys)
    if len(keys) != 1 or keys[0] in stream.assets or stream.name in ("primary", "baseline"):
        return False
    column = stream.table.columns[keys[0]]
    named = stream.name.endswith(LOGGED)
    timed = stream.table.stamps[keys[0]].dtype.kind == "f" and bool(stream.table.rows)
    return named and timed and column.dtype.kind in "iufb" and not column.shape
