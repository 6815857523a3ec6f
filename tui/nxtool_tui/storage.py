"""How the data of a field could be stored, tried on some of it, beside the outline."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text
from textual import work
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static
from textual.worker import get_current_worker

from nxtool.authoring.storing import CANDIDATES, Estimate, estimate, sample_for
from nxtool.errors import NxtoolError
from nxtool.report.units import bytes_text
from nxtool.storage.profiles import PROFILES
from nxtool_tui.rowlist import RowList

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from nxtool.authoring.rows import Row
    from nxtool.bench.sample import Sample
    from nxtool.recipe.model import Draft

KEYS: Final = "enter use it  escape back"
HEAD: Final = f"{'filter':<17}{'ratio':>6}{'write':>6}{'read':>6}"
"""Speeds are in MB/s."""


class FilterList(RowList):
    """Filters that were tried, then the profiles for all fields."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.found: list[Estimate] = []

    def begin(self) -> None:
        """Forget what was tried."""
        self.found = []
        self.cursor = 0
        self.rows_changed()

    def add(self, one: Estimate) -> None:
        """Show one more, smallest first."""
        above = self.found[self.cursor] if 0 < self.cursor < len(self.found) else None
        self.found = sorted([*self.found, one], key=lambda each: each.size)
        self.cursor = self.found.index(above) if above is not None else 0
        self.rows_changed()

    @property
    def word(self) -> str:
        """The filter under the cursor; of a profile, its name."""
        place = self.cursor - len(self.found)
        return list(PROFILES)[place] if place >= 0 else self.found[self.cursor].trial.filter

    @property
    def is_profile(self) -> bool:
        """Whether a profile is under the cursor."""
        return self.cursor >= len(self.found)

    @property
    def row_count(self) -> int:
        return len(self.found) + len(PROFILES)

    def row_text(self, index: int, width: int) -> Text:
        place = index - len(self.found)
        if place >= 0:
            name, profile = list(PROFILES.items())[place]
            return Text(f"all fields: {name}, {profile.purpose}", no_wrap=True)
        one = self.found[index]
        trial = one.trial
        return Text(
            f"{trial.filter:<17}{trial.ratio:>6.2f}{_speed(trial.write.median):>6}"
            f"{_speed(trial.read.median):>6}",
            no_wrap=True,
        )


def _speed(gigabytes: float) -> str:
    """Megabytes a second."""
    return f"{gigabytes * 1000:.0f}"


class StoragePane(Vertical):
    """What stands in place of the editor while filters are tried."""

    DEFAULT_CSS = """
    StoragePane { padding: 0 1; border-left: solid $text-muted; width: 1fr; display: none; }
    StoragePane.open { display: block; }
    StoragePane > #for { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    StoragePane > #head { height: 1; text-wrap: nowrap; }
    StoragePane > #about { height: 5; color: $text-muted; }
    """
    BINDINGS = [Binding("escape", "leave", "back")]  # noqa: RUF012 - as Textual has it

    class Use(Message):
        """A filter, or a profile for all fields, was chosen."""

        def __init__(self, word: str, *, is_profile: bool) -> None:
            super().__init__()
            self.word, self.is_profile = word, is_profile

    class Left(Message):
        """The filters were left."""

    def compose(self) -> ComposeResult:
        yield Static(id="for", markup=False)
        yield Static(HEAD, id="head", markup=False)
        yield FilterList(id="filters")
        yield Static(id="about", markup=False)

    @property
    def filters(self) -> FilterList:
        return self.query_one(FilterList)

    def begin(self, draft: Draft, row: Row) -> None:
        """Try filters on the data of a row."""
        self._say(f"for {row.path}: reading some of it …")
        self.filters.begin()
        self._try(draft, row)

    def stop(self) -> None:
        """Try no more."""
        self.workers.cancel_group(self, "hdf5")

    def _say(self, text: str) -> None:
        self.query_one("#for", Static).update(Text(text, no_wrap=True))

    @work(thread=True, exclusive=True, group="hdf5", exit_on_error=False)
    def _try(self, draft: Draft, row: Row) -> None:
        worker, app = get_current_worker(), self.app
        try:
            sample = sample_for(draft, row)
        except NxtoolError as error:
            app.call_from_thread(self._say, str(error))
            return
        for word in CANDIDATES:
            if worker.is_cancelled:
                return
            app.call_from_thread(self._say, f"for {row.path}: trying {word} …")
            found = estimate(sample, word, os.cpu_count() or 1)
            if isinstance(found, Estimate) and found.trial.is_as_asked and not worker.is_cancelled:
                app.call_from_thread(self._add, found)
        app.call_from_thread(self._say, _tried(sample))

    def _add(self, found: Estimate) -> None:
        self.filters.add(found)
        self._tell()

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        event.stop()
        self._tell()

    def _tell(self) -> None:
        listing = self.filters
        about = ""
        if not listing.is_profile:
            one = listing.found[listing.cursor]
            facts, size = one.facts, bytes_text(one.size)
            about = "read by every HDF5 program"
            if facts is not None:
                about = f"read by {facts.readers}\nin ten years: {facts.grade}, {facts.reason}"
            about = f"{size} for all of it; lossless: every bit came back\n{about}"
        self.query_one("#about", Static).update(about)

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        self.stop()
        self.post_message(self.Use(self.filters.word, is_profile=self.filters.is_profile))

    def action_leave(self) -> None:
        self.stop()
        self.post_message(self.Left())


def _tried(sample: Sample) -> str:
    return f"for {sample.name}: tried on {bytes_text(sample.taken)} of {bytes_text(sample.size)}"
