"""A callback for Bluesky's RunEngine that writes a NeXus file of every run, visible while it lasts.

The thread of the RunEngine hands documents over and goes on: it never waits, and never gets an
error. A thread of the writer keeps them in a file beside the result, and shows what is new to
readers (SWMR) twice a second. When a run has ended another thread makes the file that is to stay of
its documents, as `nxtool convert` does.
"""

from __future__ import annotations

import atexit
import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nxtool.bluesky.filenames import fields_of
from nxtool.config import lasting_schema
from nxtool.errors import NxtoolError
from nxtool.recipe.model import load_recipe
from nxtool.stream.backlog import Backlog
from nxtool.stream.finishing import FinishedRun, finish_run, run_source
from nxtool.stream.openruns import OpenRun, OpenRuns

if TYPE_CHECKING:
    from nxtool.sources.model import Mode

Doc = Mapping[str, Any]

FILENAME: Final = "{scan_id}_{uid:.8}.nxs"
MOST_BYTES: Final = 256 << 20
PERIOD: Final = 0.5
"""How often, in seconds, readers are shown what is new."""

_log: Final = logging.getLogger("nxtool")


class NexusWriter:
    """Subscribe it: `RE.subscribe(NexusWriter(directory="/data"))`; or call it with documents.

    Every run becomes a file in `directory`, named by `filename`, whose fields are values of the
    start document. With a `recipe` that has a source `run` it follows an application definition;
    where the recipe does not fit a run, the file is made without it, and that is told. `assets`
    says what becomes of images in other HDF5 files. Without `live` the file appears when the run
    has ended. `on_finished` is called, in a thread of the writer, with what came of a run.

    `finished` has this for every run, `errors` what else went wrong; both are logged too.

    Raises:
        RecipeError: the recipe has mistakes, or no run among its sources.
        OutputError: `filename` has braces that do not close.
        DefinitionError: a folder of `definitions` does not exist.
    """

    def __init__(
        self,
        recipe: str | PathLike[str] | None = None,
        *,
        directory: str | PathLike[str] = ".",
        filename: str = FILENAME,
        settings: Sequence[str] = (),
        definitions: Sequence[str | PathLike[str]] = (),
        assets: Mode = "virtual",
        live: bool = True,
        on_finished: Callable[[FinishedRun], object] | None = None,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        fields_of(filename)
        self._recipe = None if recipe is None else Path(recipe).absolute()
        self._settings = tuple(settings)
        if self._recipe is not None:
            run_source(load_recipe(self._recipe, settings))
        self._schema = lasting_schema([Path(folder) for folder in definitions])
        self._assets = assets
        self._on_finished = on_finished
        self.finished: list[FinishedRun] = []
        self.errors: list[str] = []
        self._backlog = Backlog(most_bytes)
        self._ended: queue.SimpleQueue[OpenRun | None] = queue.SimpleQueue()
        self._runs = OpenRuns(Path(directory).absolute(), filename, self._error, is_live=live)
        self._is_closed = False
        self._threads = [
            threading.Thread(target=work, name=f"nxtool-{name}", daemon=True)
            for name, work in (("writer", self._write), ("finisher", self._finish))
        ]
        for thread in self._threads:
            thread.start()
        atexit.register(self.close)

    def __call__(self, name: str, doc: Doc) -> None:
        """Take a document; returns at once, and raises nothing."""
        try:
            if self._is_closed:
                self._error(f"a {name} document came after close(): it is not written")
                return
            self._backlog.put(str(name), doc)
        except Exception as error:  # a plan must go on, whatever is wrong with a document or disk
            self._error(f"a {name} document is not written: {error}")

    @property
    def files(self) -> list[Path]:
        """The files of the runs that have ended."""
        return [one.path for one in self.finished]

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until all that came is written, and the runs that ended have their files; False
        where that takes longer."""
        return self._backlog.join(seconds)

    def close(self) -> None:
        """Write all that came, end runs that did not end, and take no more documents."""
        if self._is_closed:
            return
        self._is_closed = True
        atexit.unregister(self.close)
        for thread in self._threads:
            thread.join()

    def _error(self, text: str) -> None:
        self.errors.append(text)
        _log.error(text)

    # the writer's thread

    def _write(self) -> None:
        """Write documents until the end."""
        due, taken = time.monotonic() + PERIOD, 0
        while True:
            batch = self._backlog.take(max(0.0, due - time.monotonic()))
            ended = [run for name, doc in batch for run in self._taken(name, doc)]
            taken += len(batch) - len(ended)  # those that ended a run are the finisher's
            if time.monotonic() >= due or ended or self._is_closed:
                self._flush()
                for run in ended:
                    self._end(run)
                self._backlog.done(taken)
                due, taken = time.monotonic() + PERIOD, 0
            if self._is_closed and not batch:
                break
        for run in self._runs.end_all():
            self._end(run)
        self._ended.put(None)

    def _flush(self) -> None:
        """See what came on disk; wait while there is no room, as documents do meanwhile."""
        trouble = self._flushed()
        if trouble:
            self._error(f"{trouble}; trying again until it can be")
        while trouble and not self._is_closed:
            time.sleep(PERIOD)
            trouble = self._flushed()

    def _flushed(self) -> str:
        """Why documents cannot be written now; empty where they are."""
        try:
            self._runs.flush()
        except NxtoolError as error:
            return str(error)
        return ""

    def _end(self, run: OpenRun) -> None:
        """Give a run to the finisher, with its documents on disk."""
        try:
            run.close()
        except NxtoolError as error:
            self._error(f"{error}; the last documents of the run are lost")
        self._ended.put(run)

    def _taken(self, name: str, doc: Doc) -> list[OpenRun]:
        """The run that a document ends, if it does."""
        try:
            run = self._runs.take(name, doc)
        except NxtoolError as error:
            self._error(str(error))
        except Exception as error:  # a document may be anything; those after it may be good
            self._error(f"a {name} document cannot be written: {type(error).__name__}: {error}")
        else:
            return [run] if run is not None else []
        return []

    # the finisher's thread

    def _finish(self) -> None:
        """Make files of runs that ended, until the end."""
        while (run := self._ended.get()) is not None:
            try:
                done = finish_run(
                    run.uid, run.documents, run.path, self._schema,
                    recipe=self._recipe, settings=self._settings, assets=self._assets,
                )  # fmt: skip
                self._tell(done)
            except Exception as error:  # the next run must get its file all the same
                self._error(f"{run.path}: {type(error).__name__}: {error}")
            if run.has_ended:
                self._backlog.done(1)

    def _tell(self, done: FinishedRun) -> None:
        self.finished.append(done)
        if done.trouble:
            self._error(f"{done.path}: {done.trouble}; its documents are in {done.documents}")
        else:
            _log.info("wrote %s", done.path)
        if self._on_finished is not None:
            self._on_finished(done)
