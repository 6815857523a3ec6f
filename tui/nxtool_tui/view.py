"""The screen that shows a file: its outline beside what its definition asks for, and findings.

Reading and judging happen in threads, judging in another process; a file that changes is read
again when it is watched.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from rich.text import Text
from textual import work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import Worker, WorkerState, get_current_worker

from nxtool.errors import FileUnreadable, NxtoolError
from nxtool.report.printable import printable
from nxtool.viewing.apart import Judging
from nxtool.viewing.filetree import FileTree, names_of
from nxtool.viewing.listing import FileRow
from nxtool_tui.filefacts import facts
from nxtool_tui.findings import FindingsScreen, tally
from nxtool_tui.outline import OutlineView
from nxtool_tui.rowlist import RowList
from nxtool_tui.theme import glyphs

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from nxtool.authoring.rows import Row
    from nxtool.findings import Finding, Findings, Severity
    from nxtool.schema.compile import Schema

SMALL: Final = 32 * 1024 * 1024
"""A file of up to so many bytes is read here only when the other process came to an end with it:
libhdf5 may loop for ever on a damaged one, and nothing would be drawn any more."""
PATIENCE: Final = 1.5
"""Seconds to wait for the verdict on a larger one."""
LOOK_EVERY: Final = 1.0
"""Seconds between two looks whether a watched file has changed."""
JUDGE_EVERY: Final = 5.0
"""Seconds between two judgings of a file that goes on changing."""
KEYS: Final = "tab order  n next  f6 findings  p plot  x export  w watch  y copy path  esc back"


class FileOutline(OutlineView):
    """The outline of a file: at the end of a group stands its class."""

    def told(self, row: Row) -> str:
        role = row.role if isinstance(row, FileRow) and row.kind == "group" else ""
        return (
            role or row.value or ("-" if not row.is_given and row.requirement == "required" else "")
        )


class ViewScreen(Screen[None]):
    """A NeXus, openPMD or other HDF5 file at `path`."""

    DEFAULT_CSS = """
    ViewScreen #top { height: 1; background: $panel; }
    ViewScreen #status { height: 1; color: $text-muted; }
    ViewScreen #keys { height: 1; color: $text-muted; dock: bottom; }
    ViewScreen FileOutline { width: 1.3fr; }
    ViewScreen #facts { width: 1fr; border-left: solid $text-muted; padding: 0 1; }
    ViewScreen #text { height: auto; }
    ViewScreen .row--cursor { background: $block-cursor-background; }
    ViewScreen .row--cursor-blurred { background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "order", "order"),
        Binding("n", "next(1)", "next finding"),
        Binding("N", "next(-1)", "finding before", show=False),
        Binding("f6", "findings", "findings"),
        Binding("p", "plot", "plot"),
        Binding("x", "export", "export"),
        Binding("w", "watch", "watch"),
        Binding("y", "copy", "copy path"),
        Binding("question_mark,f1", "app.help", "help"),
        Binding("escape,q", "dismiss", "back"),
    ]

    @dataclass
    class Read(Message):
        """Groups were read: those of `tree`; all there is where `is_all`."""

        tree: FileTree
        is_all: bool = False
        goal: str = ""

    @dataclass
    class Judged(Message):
        """The file was judged."""

        found: Findings

    @dataclass
    class Failed(Message):
        """The file cannot be read, now at least."""

        why: str

    class Changed(Message):
        """The watched file is another now."""

    def __init__(self, path: Path, schema: Schema) -> None:
        super().__init__()
        self.path = path
        self.file = FileTree(path, schema)
        self.findings: Findings | None = None
        self.by_definition = False
        self.problem = ""
        self._by_path: dict[str, list[Finding]] = {}
        self._gone = threading.Event()
        self._watching: threading.Event | None = None
        self._judging: Judging | None = None
        self._judged_at = 0.0
        self._is_judging = False
        self._is_stale = False

    def compose(self) -> ComposeResult:
        drawn = glyphs(ascii_only=bool(getattr(self.app, "ascii_only", False)))
        yield Static(id="top", markup=False)
        with Horizontal():
            yield FileOutline(drawn)
            with VerticalScroll(id="facts", can_focus=False):
                yield Static(id="text", markup=False)
        yield Static(id="status", markup=False)
        yield Static(KEYS, id="keys", markup=False)

    @property
    def outline(self) -> FileOutline:
        return self.query_one(FileOutline)

    @property
    def current(self) -> FileRow | None:
        """The row under the cursor; None where there is none."""
        row = self.outline.current
        return row if isinstance(row, FileRow) else None

    def on_resize(self) -> None:
        """Fill the new width."""
        self.call_after_refresh(self._show_current)

    def on_mount(self) -> None:
        self.outline.focus()
        self.query_one("#status", Static).update("reading")
        self._show_top()
        self._begin()

    def on_unmount(self) -> None:
        self._gone.set()
        if self._watching is not None:
            self._watching.set()
        if self._judging is not None:
            self._judging.stop()

    # reading

    @work(thread=True, group="hdf5", exit_on_error=False)
    def _begin(self) -> None:
        """Read the top of the file, unless the other process found that it cannot be read."""
        judging = self._start_judging()
        early = judging.verdict(None if self._signature()[1] <= SMALL else PATIENCE)
        if isinstance(early, FileUnreadable) or self._gone.is_set():
            self._post_verdict(early)
            return
        self._post_read(self.file.begun, is_all=True)
        self._post_verdict(early if early is not None else judging.verdict())

    @work(thread=True, group="hdf5", exit_on_error=False)
    def _read(self, how: Callable[[], FileTree], goal: str = "") -> None:
        self._post_read(how, goal=goal)

    @work(thread=True, exclusive=True, group="again", exit_on_error=False)
    def _read_again(self, tree: FileTree) -> None:
        """Read what was read before, and judge the file if that was not done just now."""
        worker = get_current_worker()
        self._post_read(
            tree.again if tree.listings else tree.begun, is_all=True,
            is_wanted=lambda: not worker.is_cancelled,
        )  # fmt: skip
        if self._may_judge:
            self._post_verdict(self._start_judging().verdict())

    @property
    def _may_judge(self) -> bool:
        """True where nothing is being judged, and the last time is long enough ago."""
        return not self._is_judging and time.monotonic() - self._judged_at >= JUDGE_EVERY

    def _post_read(
        self,
        how: Callable[[], FileTree],
        *,
        is_all: bool = False,
        goal: str = "",
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        message: ViewScreen.Read | ViewScreen.Failed
        try:
            message = self.Read(how(), is_all, goal)
        except NxtoolError as error:
            message = self.Failed(str(error))
        if is_wanted():
            self.post_message(message)

    def _start_judging(self) -> Judging:
        self._is_judging, self._is_stale = True, False
        self._judging = Judging(self.path)
        if self._gone.is_set():
            self._judging.stop()
        return self._judging

    def _post_verdict(self, found: Findings | FileUnreadable | None) -> None:
        self._judged_at, self._is_judging = time.monotonic(), False
        if isinstance(found, FileUnreadable):
            self.post_message(self.Failed(str(found)))
        elif found is not None:
            self.post_message(self.Judged(found))

    def on_view_screen_read(self, message: Read) -> None:
        self.problem = ""
        listings = message.tree.listings
        if not message.is_all:
            listings = {**self.file.listings, **listings}
        self.file = replace(message.tree, listings=listings)
        self._list_rows()
        if message.goal:
            self.outline.jump(names_of(message.goal))
            self._show_current()

    def on_view_screen_judged(self, message: Judged) -> None:
        self.findings = message.found
        self._by_path = {}
        for one in message.found:
            self._by_path.setdefault(one.path.partition("@")[0], []).append(one)
        self._list_rows()

    def on_view_screen_failed(self, message: Failed) -> None:
        self.problem = message.why
        self._show_current()
        self._show_top()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say so when a thread came upon a mistake of ours."""
        if event.state is WorkerState.ERROR:
            error = event.worker.error
            what = f"nxtool has a bug: {type(error).__name__}: {error}"
            self.post_message(self.Failed(what))

    # what is shown

    def _list_rows(self) -> None:
        tops = self.file.rows(by_definition=self.by_definition)
        self.outline.show(tops, self._worst(tops))
        self._show_current()
        self._show_top()

    def _worst(self, tops: list[FileRow]) -> dict[str, Severity]:
        """The worst finding of each row; what is in no row counts for the nearest above."""
        known = {row.path for top in tops for row in top.walk()}
        worst: dict[str, Severity] = {}
        for one in self.findings or ():  # worst first
            path = one.path.partition("@")[0]
            while path not in known and path.strip("/"):
                path = path.rpartition("/")[0] or "/"
            if one.severity != "info":
                worst.setdefault(path, one.severity)
        return worst

    def _show_current(self) -> None:
        row = self.current
        told = self.problem or (row.path if row is not None else "")
        self.query_one("#status", Static).update(Text(f" {printable(told)}", no_wrap=True))
        if row is None:
            self.query_one("#text", Static).update(printable(self.problem))
            return
        pane = self.query_one("#facts")
        width = max(20, pane.size.width - 4)
        text = facts(row, self._by_path.get(row.path, []), width)
        self.query_one("#text", Static).update(text)
        pane.scroll_home(animate=False)

    def _show_top(self) -> None:
        text = Text(" view  ", no_wrap=True)
        text.append(printable(self.path.name), style="bold")
        if self.findings is not None:
            named = {name.rpartition(": ")[2] for name in self.findings.definitions}
            text.append(f"  {', '.join(sorted(named))}  {tally(self.findings)}")
        elif not self.problem:
            text.append("  judging")
        text.append("  in the order of the definition" if self.by_definition else "")
        text.append("  watching" if self._watching is not None else "")
        self.query_one("#top", Static).update(text)

    # keys

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        event.stop()
        self._show_current()

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        row = self.current
        if row is None:
            return
        if row.unread:
            names = row.names[:-1]
            self._read(lambda: self.file.opened(names))
        elif row.kind == "group":
            is_open = row.below is not None and not self.outline.is_folded(row)
            self.outline.action_fold() if is_open else self.outline.action_unfold()

    def on_outline_view_opened(self, event: OutlineView.Opened) -> None:
        event.stop()
        names = event.row.names
        self._read(lambda: self.file.opened(names))

    def action_order(self) -> None:
        """The order of the definition, with what is missing, or that of the file."""
        self.by_definition = not self.by_definition
        self._list_rows()

    def action_next(self, by: int) -> None:
        if not self.outline.next_gap(by):
            told = "no finding in what is shown; f6 lists all"
            self.notify(
                told if self.findings is not None else "the file is being judged", timeout=2
            )

    def action_findings(self) -> None:
        if self.findings is None:
            self.notify("the file is being judged", timeout=2)
            return
        self.app.push_screen(FindingsScreen(self.findings, self.path.name), self._go_to)

    def _go_to(self, finding: Finding | None) -> None:
        """Put the cursor where a finding is, reading what lies on the way."""
        if finding is None:
            return
        path = finding.path
        self.by_definition = self.by_definition or finding.code == "O01"
        self._read(lambda: self.file.reaching(path), goal=path)

    def action_plot(self) -> None:
        plot = getattr(self.app, "plot_file", None)
        if plot is not None:
            plot(self.path)

    def action_export(self) -> None:
        """Export the file, unless it is damaged or not judged yet."""
        if self.problem or self.findings is None:
            self.notify(self.problem or "the file is being judged", timeout=2, markup=False)
            return
        export = getattr(self.app, "export_file", None)
        if export is not None:
            export(self.path, self._go_to)

    def action_copy(self) -> None:
        if self.current is not None:
            self.app.copy_to_clipboard(self.current.path)
            self.notify(f"copied {printable(self.current.path)}", timeout=2, markup=False)

    # watching

    def action_watch(self) -> None:
        """Read the file again whenever it changes, or no longer."""
        if self._watching is not None:
            self._watching.set()
            self._watching = None
        else:
            self._watching = threading.Event()
            self._watch(self._watching)
        self._show_top()

    @work(thread=True, group="watch", exit_on_error=False)
    def _watch(self, ended: threading.Event) -> None:
        before = self._signature()
        while not ended.wait(LOOK_EVERY):
            now = self._signature()
            if now != before or (self._is_stale and self._may_judge):
                before = now
                self.post_message(self.Changed())

    def _signature(self) -> tuple[int, int]:
        """When the file was written last and how long it is; zeros where it is not there."""
        try:
            found = self.path.stat()
        except OSError:
            return 0, 0
        return found.st_mtime_ns, found.st_size

    def on_view_screen_changed(self) -> None:
        self._is_stale = True
        self._read_again(self.file)
