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

from nxtool.bluesky.settings import DEEPEST, settings
from nxtool.bluesky.sniff import RUN
from nxtool.build.rundocuments import KEPT
from nxtool.build.runstreams import StreamTrees
from nxtool.build.runtree import LINKED, SOURCE, OpenRun, Tree, refer, typed
from nxtool.errors import SourceError
from nxtool.recipe.model import Recipe, load_recipe
from nxtool.recipe.variables import escape
from nxtool.sources.blueskyrun import DOCUMENTS, BlueskyRun, iso, opener
from nxtool.sources.model import Mode, Source
from nxtool.sources.runnames import Names
from nxtool.sources.stack import FileSource

_TAKEN: Final = (
    "title", "start_time", "end_time", "run_status", "entry_identifier", "exit_reason", "scan_id",
    "sample", "definition", "nxtool", KEPT,
)  # fmt: skip
_COMPRESSION: Final = "gzip:4"


@dataclass(frozen=True, slots=True)
class RunRequest:
    """How a run shall be converted: which of several, where data files are now, and whether their
    values stay there (`virtual`, `link`) or are copied."""

    run: str = ""
    roots: Mapping[str, str] = field(default_factory=dict)
    assets: Mode = "virtual"

    @property
    def options(self) -> dict[str, Any]:
        """The options of the source, as a recipe has them."""
        options: dict[str, Any] = {"run": self.run} if self.run else {}
        return options | ({"roots": dict(self.roots)} if self.roots else {})


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
    run = open_run(path, request)
    source: Tree = {"path": escape(str(path)), "format": "bluesky"}
    if options := request.options:
        source["options"] = options
    sources = {SOURCE: source}
    if request.assets == "link":
        sources[LINKED] = {**source, "mode": "link"}
    builder = _Builder(run, request.assets)
    entry = builder.entry()
    recipe = load_recipe({"nxtool": 1, "definition": "NXentry", "sources": sources, "entry": entry})
    run.source.notes = (*run.source.notes, *builder.streams.notes)
    return _with_open(recipe, run.source)


def open_run(path: Path, request: RunRequest) -> OpenRun:
    """A run in a file of documents, with its source open.

    Raises:
        SourceError: the file is damaged, or holds several runs and `request` does not say which.
    """
    reader = opener(request.options)(path)
    assert isinstance(reader, BlueskyRun)  # noqa: S101 - what that opener opens
    return OpenRun(reader.run, FileSource("bluesky", [path], lambda _: reader))


def _with_open(recipe: Recipe, source: Source) -> Recipe:
    """The recipe with its sources open: the file is long, and read already."""
    opened = {
        name: (None if spec is None else replace(spec, opened=source), marks)
        for name, (spec, marks) in recipe.sources.items()
    }
    return replace(recipe, sources=opened)


class _Builder:
    """Makes the tree of an entry."""

    def __init__(self, opened: OpenRun, assets: Mode) -> None:
        self._open = opened
        self._run = opened.run
        self.streams = StreamTrees(opened, assets)

    def entry(self) -> Tree:
        """All of a run."""
        run = self._run
        names = Names(taken=_TAKEN)
        kept: Tree = {"$attrs": {"description": "what Bluesky told of the run"}}
        entry = self._facts()
        for stream in run.streams.values():
            name = names.new(stream.name)
            rest = self.streams.add(entry, name, stream)
            if rest:
                kept[f"{name}(NXcollection)"] = rest
        kept |= self._metadata()
        kept["documents(NXnote)"] = {
            "type": {"value": "application/jsonl"},
            "description": {"value": "all documents of the run, one a line"},
            "data": refer(DOCUMENTS, compression=_COMPRESSION),
        }
        entry[f"{KEPT}(NXcollection)"] = kept
        default = _default(entry)
        return {"$attrs": {"default": default}, **entry} if default else entry

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
            info = self._open.info(selector)
        except SourceError:
            return  # empty: the documents alone have it
        group[typed(name, info)] = refer(selector)
        times = self._open.info(f"{selector}@time")
        if len(times.shape) and times.shape[0] > 1 and info.shape[:1] == times.shape:
            group[f"{name}_time(NX_FLOAT)"] = refer(f"{selector}@elapsed", attrs=self._open.epoch())

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
                info = self._open.info(selector)
            except SourceError:
                continue  # empty: the documents alone have it
            tree[typed(names.new(key), info)] = refer(selector)
        return tree


def _default(entry: Tree) -> str:
    """The NXdata to show first: the grid, else the stream of that name, else the first that is no
    baseline; empty where there is none."""
    shown = [key.removesuffix("(NXdata)") for key in entry if key.endswith("(NXdata)")]
    for name in ("primary_grid", "primary"):
        if name in shown:
            return name
    return next((name for name in shown if name != "baseline"), "")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
