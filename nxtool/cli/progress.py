"""A progress bar on stderr for work that takes long, with rate and remaining time."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol

from nxtool.cli.interrupt import postponed

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE: Final = 0.8
"""Work shorter than this many seconds needs no bar."""


class Bulk(Protocol):
    """What is to be written: so many bytes of values, before compression."""

    @property
    def bulk_bytes(self) -> int: ...


@contextmanager
def writing(*, quiet: bool) -> Iterator[Callable[[Bulk], Callable[[str, int], None]]]:
    """What `convert` and `repack` call when writing begins; the bar is gone at the end.

    Between two blocks the work can be interrupted.
    """
    with postponed() as stop_if_asked:
        bar = _Bar(stop_if_asked, shown=not quiet and sys.stderr.isatty())
        try:
            yield lambda plan: bar.begin(plan.bulk_bytes)
        finally:
            bar.end()


@contextmanager
def restoring(total: int, *, quiet: bool) -> Iterator[Callable[[str, int], None]]:
    """What to call for every block restored, of `total` bytes; as `writing` in all else."""
    with postponed() as stop_if_asked:
        bar = _Bar(stop_if_asked, shown=not quiet and sys.stderr.isatty())
        try:
            yield bar.begin(total)
        finally:
            bar.end()


class _Bar:
    def __init__(self, stop_if_asked: Callable[[], None], *, shown: bool) -> None:
        self._stop_if_asked = stop_if_asked
        self._shown = shown
        self._started = time.monotonic()
        self._done = 0
        self._total = 0
        self._progress: Progress | None = None

    def begin(self, total: int) -> Callable[[str, int], None]:
        self._total = total
        self._started = time.monotonic()
        return self._advance

    def _advance(self, path: str, count: int) -> None:
        self._stop_if_asked()
        self._done += count
        if not self._shown or time.monotonic() - self._started < PATIENCE:
            return
        if self._progress is None:
            self._progress = _progress(self._total)
        self._progress.update(
            self._progress.task_ids[0], completed=self._done, description=path
        )  # fmt: skip

    def end(self) -> None:
        if self._progress is not None:
            self._progress.stop()


def _progress(total: int) -> Progress:
    """A started bar; rich is loaded only when there is one."""
    from rich import progress as bars
    from rich.console import Console

    bar = bars.Progress(
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.DownloadColumn(binary_units=True),
        bars.TransferSpeedColumn(),
        bars.TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    bar.add_task("", total=total)
    bar.start()
    return bar
