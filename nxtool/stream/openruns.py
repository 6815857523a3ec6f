"""The runs that are open: every document goes to the one it belongs to."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nxtool.bluesky.filenames import run_filename
from nxtool.errors import OutputError
from nxtool.stream.journal import Journal
from nxtool.stream.liverun import LiveRun

Doc = Mapping[str, Any]

LONGEST: Final = 220
"""In bytes; file systems take 255, and names beside the file are longer."""


@dataclass(slots=True, eq=False)
class OpenRun:
    """A run that has started: the file it becomes, its documents, and its view while it lasts, None
    where there is none."""

    uid: str
    path: Path
    journal: Journal
    view: LiveRun | None
    has_ended: bool = False

    @property
    def documents(self) -> Path:
        """The file of its documents."""
        return self.journal.path

    def close(self) -> None:
        """Let go of its files.

        Raises:
            OutputError: not all documents could be written.
        """
        if self.view is not None:
            self.view.close()
            self.view = None
        self.journal.close()


class OpenRuns:
    """The open runs by uid. `tell` is called with what goes wrong but loses nothing; `announce`
    with the uid of a run and the file it will become, before there is anything of it."""

    def __init__(
        self,
        folder: Path,
        filename: str,
        tell: Callable[[str], None],
        *,
        is_live: bool,
        announce: Callable[[str, Path], None] | None = None,
    ) -> None:
        self._folder = folder
        self._filename = filename
        self._tell = tell
        self._is_live = is_live
        self._announce = announce
        self._runs: dict[str, OpenRun] = {}
        self._last: OpenRun | None = None
        self._owners: dict[str, OpenRun] = {}

    def take(self, name: str, doc: Doc) -> OpenRun | None:
        """Write a document; the run it ends comes back, for `OpenRun.close`.

        Raises:
            OutputError: it belongs to no run that started here, or its run cannot have files.
        """
        if name == "start":
            if str(doc["uid"]) in self._runs:
                return None  # two files of one run, of which the first would never end
            self._begin(doc)
        run = self._owner(name, doc)
        if run is None:
            raise OutputError(f"the {name} document belongs to no run that started here")
        run.journal.add(name, doc)
        if name == "stop":
            run.has_ended = True
            self._forget(run)
            return run
        if run.view is not None:
            self._show(run, run.view, name, doc)
        return None

    @property
    def uids(self) -> frozenset[str]:
        """The runs that are open."""
        return frozenset(self._runs)

    def _begin(self, start: Doc) -> None:
        path = self._path(start)
        if self._announce is not None:
            self._announce(str(start["uid"]), path)
        journal = Journal(path.with_suffix(".jsonl"))
        run = self._last = OpenRun(str(start["uid"]), path, journal, None)
        self._runs[run.uid] = run
        if self._is_live:
            try:
                run.view = LiveRun(path, start)
            except Exception as error:  # as in `_show`
                self._tell(f"{error}; the run is not shown while it lasts")

    def _path(self, start: Doc) -> Path:
        """The file a run becomes. Where the start has no such name for it, it is called by its
        uid: a run that is measured must not be lost for want of a name."""
        try:
            path = self._folder / _short(run_filename(self._filename, start))
        except (OutputError, ValueError, TypeError, OverflowError, OSError) as error:
            path = self._folder / run_filename("{uid}.nxs", start)
            self._tell(f"{error}; the file of the run is called {path.name}")
        return self._free_path(path)

    def _free_path(self, path: Path) -> Path:
        """The path, with a number behind its name where there is such a file."""
        found, number = path, 1
        while found.exists() or found.with_suffix(".jsonl").exists():
            number += 1
            found = path.with_name(f"{path.stem}_{number}{path.suffix}")
        return found

    def _owner(self, name: str, doc: Doc) -> OpenRun | None:
        """The run of a document."""
        if name == "start":
            return self._last
        if name in ("descriptor", "stop") or "run_start" in doc:
            run = self._runs.get(doc["run_start"])
        elif name in ("event", "event_page", "stream_datum"):
            run = self._owners.get(doc["descriptor"])
        elif name in ("datum", "datum_page", "bulk_datum"):
            run = self._owners.get(doc["resource"])
        elif name == "bulk_events":
            run = next((self._owners[one] for one in doc if one in self._owners), None)
        else:  # resources of older event-models do not say
            run = self._last
        if run is not None and name in ("descriptor", "resource", "stream_resource"):
            self._owners[doc["uid"]] = run
        return run

    def _show(self, run: OpenRun, view: LiveRun, name: str, doc: Doc) -> None:
        """Give a document to the view; where that fails the run goes on without."""
        show = getattr(view, name, None) if name in _SHOWN else None
        if show is None:
            return
        try:
            show(doc)
        except Exception as error:  # the view is a service; the documents are what counts
            self._lose_view(run, error)

    def _lose_view(self, run: OpenRun, error: Exception) -> None:
        self._tell(f"{run.path}: is not shown any more while the run lasts: {error}")
        if run.view is not None:
            run.view.close()
            run.view = None

    def flush(self) -> None:
        """Show what came, and see documents out of memory.

        Raises:
            OutputError: documents cannot be written now; they wait.
        """
        for run in self._runs.values():
            run.journal.flush()
            if run.view is not None:
                try:
                    run.view.flush()
                except Exception as error:  # as above
                    self._lose_view(run, error)

    def _forget(self, run: OpenRun) -> None:
        del self._runs[run.uid]
        self._owners = {uid: one for uid, one in self._owners.items() if one is not run}
        if self._last is run:
            self._last = next(reversed(self._runs.values()), None)

    def end_all(self) -> list[OpenRun]:
        """The runs that are open still, for `OpenRun.close`."""
        runs = list(self._runs.values())
        for run in runs:
            self._forget(run)
        return runs


_SHOWN = ("descriptor", "event", "event_page", "stream_resource", "stream_datum")


def _short(name: str) -> str:
    """The name of a file; raises `OutputError` where it is too long for one."""
    if len(os.fsencode(Path(name).name)) > LONGEST:
        raise OutputError(f"{name}: is too long for the name of a file")
    return name
