"""The screen that makes the file: what will be written, how far it is, what came of it.

Planning, writing and judging happen in a worker thread; here are the questions and the telling.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, TypeAlias

from rich.text import Text
from textual import work
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, Static
from textual.worker import Worker, WorkerState

from nxtool.authoring.building import (
    Built,
    Order,
    Preview,
    Standing,
    Stopped,
    build,
    command_line,
    preview,
)
from nxtool.errors import FileUnreadable, NxtoolError
from nxtool.report.printable import printable
from nxtool.report.units import bytes_text
from nxtool_tui.findings import FindingsScreen, place, tally
from nxtool_tui.pathinput import typed_path
from nxtool_tui.rowlist import RowList
from nxtool_tui.theme import bar, colour, glyphs

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from nxtool.authoring.session import Session
    from nxtool.build.convert import Check
    from nxtool.build.plantext import PlanRow
    from nxtool.findings import Finding, Findings

Stage: TypeAlias = Literal["planning", "plan", "asking", "naming", "writing", "done"]
BETWEEN: Final = 0.1
"""Seconds between two tellings of how far it is."""
KEYS: Final[dict[Stage, str]] = {
    "planning": "esc back",
    "plan": "enter build  o another file  f6 findings  esc back",
    "asking": "r replace it  o another file  esc back",
    "naming": "enter takes the name  esc keeps the old one",
    "writing": "esc stop",
    "done": "p plot  v view  x export  f6 findings  y copy the command  esc back",
}
BARS: Final = 30
MOST: Final = 3
"""Errors that are told beside the plan."""


class PlanList(RowList):
    """What a plan will write, as an indented tree."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rows: Sequence[PlanRow] = ()

    @property
    def row_count(self) -> int:
        return len(self.rows)

    def row_text(self, index: int, width: int) -> Text:
        row = self.rows[index]
        dim = colour(self.app, "dim")
        text = Text(no_wrap=True)
        text.append(("  " * row.depth + " " + printable(row.name)).ljust(width // 3))
        text.append(f"  {printable(row.what)}")
        if row.origin:
            text.append(f"  (by {'the ' * (row.origin == 'definition')}{row.origin})", dim)
        return text


class BuildScreen(Screen["Finding | None"]):
    """Builds the file of a session; ends with a finding to go to, None to stay."""

    DEFAULT_CSS = """
    BuildScreen #top { height: 1; background: $panel; }
    BuildScreen #keys { height: 1; color: $text-muted; dock: bottom; }
    BuildScreen #told { height: auto; padding: 1 1; }
    BuildScreen #target { height: 1; border: none; padding: 0 1; display: none; }
    BuildScreen #target.open { display: block; }
    BuildScreen PlanList { display: none; }
    BuildScreen.-plan PlanList { display: block; }
    BuildScreen .row--cursor { background: $block-cursor-background; }
    BuildScreen .row--cursor-blurred { background: $panel; }
    """
    AUTO_FOCUS = ""  # the line for a name is not shown yet
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "start", "build", priority=True),
        Binding("i", "force", "write though not valid"),
        Binding("r", "replace", "replace"),
        Binding("o", "name", "another file"),
        Binding("f6", "findings", "findings"),
        Binding("p", "plot", "plot"),
        Binding("v", "view", "view"),
        Binding("x", "export", "export"),
        Binding("y", "copy", "copy the command"),
        Binding("question_mark,f1", "app.help", "help"),
        Binding("escape", "leave", "back"),
    ]

    @dataclass
    class Previewed(Message):
        """What would be written is known."""

        found: Preview

    @dataclass
    class Progressed(Message):
        """So much is written."""

        standing: Standing

    @dataclass
    class Ended(Message):
        """Nothing more is being written; `trouble` is why nothing was."""

        built: Built | None
        trouble: str = ""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.stage: Stage = "planning"
        self.target: Path | None = None
        self.preview: Preview | None = None
        self.built: Built | None = None
        self.order: Order | None = None
        self._mode: Check = "strict"
        self._stop = threading.Event()
        self._told_at = 0.0

    def compose(self) -> ComposeResult:
        yield Static(id="top", markup=False)
        yield Static(id="told", markup=False)
        yield Input(id="target", placeholder="name of the file, in the folder of the recipe")
        yield PlanList()
        yield Static(id="keys", markup=False)

    @property
    def is_ascii(self) -> bool:
        return bool(getattr(self.app, "ascii_only", False))

    def on_mount(self) -> None:
        title = f" build  {printable(self.session.document.path.name)}"
        self.query_one("#top", Static).update(title)
        self._enter("planning", Text("planning"))
        self._plan()

    def on_unmount(self) -> None:
        self._stop.set()

    def _enter(self, stage: Stage, told: Text) -> None:
        """Show a stage, and what there is to say."""
        self.stage = stage
        self.query_one("#told", Static).update(told)
        self.set_class(stage in ("plan", "asking", "naming"), "-plan")
        keys = KEYS[stage]
        if stage == "plan" and self.preview is not None and not self.preview.findings.ok:
            forced = "i write it all the same  " if self.preview.can_be_forced else ""
            keys = f"{forced}f6 findings  esc back"
        if self._has_failed:
            keys = "o another file  f6 findings  esc back"
        self.query_one("#keys", Static).update(keys)
        if stage in ("plan", "asking"):
            self.query_one(PlanList).focus()

    @property
    def _has_failed(self) -> bool:
        """True where something was to be written, and was not."""
        nothing = self.built is None or self.built.file is None
        return self.stage == "done" and nothing and self.preview is not None

    # the plan

    @work(thread=True, exclusive=True, group="hdf5", exit_on_error=False)
    def _plan(self) -> None:
        draft = self.session.document.draft
        try:
            self.post_message(self.Previewed(preview(draft, self.session.schema)))
        except NxtoolError as error:
            self.post_message(self.Ended(None, str(error)))

    def on_build_screen_previewed(self, message: Previewed) -> None:
        self.preview = message.found
        self.target = message.found.target
        plan = self.query_one(PlanList)
        plan.rows = message.found.rows
        plan.rows_changed()
        self._show_plan()

    def _show_plan(self) -> None:
        self._mode = "strict"
        if self.preview is not None:
            self._enter("plan", self._plan_text(self.preview))

    def _plan_text(self, found: Preview) -> Text:
        text = Text().append(printable(str(self.target or "no file is named yet")), "bold")
        if self.target is not None and self.target.exists():
            text.append("  exists already", colour(self.app, "missing"))
        if found.trouble and self.target is None:
            text.append(f"\n{printable(found.trouble)}", colour(self.app, "missing"))
        if found.contents is not None:
            text.append(f"\n{contents_text(found)}")
        text.append("\n")
        text.append(self._verdict(found.findings))
        for item in found.findings.at_least("error")[:MOST]:
            text.append(f"\n  {item.code} {place(item)}: {printable(item.message)}")
        return text

    def _verdict(self, findings: Findings) -> Text:
        state = "ok" if findings.ok else "error"
        drawn = glyphs(ascii_only=self.is_ascii)
        sign = drawn.ok if findings.ok else drawn.error
        word = tally(findings) if len(findings) else "valid, nothing is missing"
        return Text(f"{sign} {word}", colour(self.app, state))

    # starting

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter is for building only where there is nothing else to enter."""
        return action != "start" or self.stage == "plan"

    def action_start(self) -> None:
        """Build, or ask what must be known first."""
        if self.preview is None:
            return
        if not self.preview.findings.ok and self._mode == "strict":
            more = ", or i to write it as it is" if self.preview.can_be_forced else ""
            self.notify(f"the file would not be valid: f6 shows why{more}", timeout=4)
        elif self.target is None:
            self.action_name()
        elif self.target.exists():
            text = Text().append(printable(str(self.target)), "bold")
            text.append("\nexists already. Replace it?")
            self._enter("asking", text)
        else:
            self._start(self.target, overwrite=False)

    def action_force(self) -> None:
        if self.stage == "plan" and self.preview is not None and self.preview.can_be_forced:
            self._mode = "allow-invalid"
            self.action_start()

    def action_replace(self) -> None:
        if self.stage == "asking" and self.target is not None:
            self._start(self.target, overwrite=True)

    def action_name(self) -> None:
        """Ask for the name of the file."""
        if self.stage not in ("plan", "asking") and not self._has_failed:
            return
        self._enter("naming", Text("write to which file?"))
        line = self.query_one("#target", Input)
        line.value = self._typed_target()
        line.add_class("open")
        line.focus()

    def _typed_target(self) -> str:
        """The file as it is typed: from the folder of the recipe, where it is in there."""
        recipe = self.session.document.path
        if self.target is None:
            return f"{recipe.name.partition('.')[0]}.nxs"
        is_inside = self.target.is_relative_to(recipe.parent)
        return str(self.target.relative_to(recipe.parent) if is_inside else self.target)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        text = event.value.strip()
        if text:
            folder = self.session.document.path.parent
            try:
                self.target = typed_path(str(folder / typed_path(text)))
            except FileUnreadable as error:
                self.notify(str(error), severity="error", markup=False)
                return
        self._end_naming()

    def _end_naming(self) -> None:
        self.query_one("#target", Input).remove_class("open")
        self._show_plan()

    def _start(self, target: Path, *, overwrite: bool) -> None:
        self._save()
        self._stop.clear()
        self.built = None
        self.order = Order(self.session.document.draft, target, overwrite, self._mode)
        self._enter("writing", Text("reading the recipe"))
        self._write(self.order)

    def _save(self) -> None:
        """Save the recipe, so that the command that does the same does it."""
        try:
            self.session.save()
        except NxtoolError as error:
            self.notify(str(error), severity="warning", markup=False)

    # writing

    @work(thread=True, exclusive=True, group="hdf5", exit_on_error=False)
    def _write(self, order: Order) -> None:
        try:
            built = build(order, self.session.schema, self._tell, self._stop.is_set)
        except Stopped:
            self.post_message(self.Ended(None, "stopped: nothing was written"))
        except NxtoolError as error:
            self.post_message(self.Ended(None, str(error)))
        else:
            self.post_message(self.Ended(built))

    def _tell(self, standing: Standing) -> None:
        """Post how far it is, now and then; called in the thread that writes."""
        now = time.monotonic()
        if now - self._told_at >= BETWEEN:
            self._told_at = now
            self.post_message(self.Progressed(standing))

    def on_build_screen_progressed(self, message: Progressed) -> None:
        if self.stage == "writing" and not self._stop.is_set():
            drawn = glyphs(ascii_only=self.is_ascii)
            self.query_one("#told", Static).update(Text(progress_text(message.standing, drawn)))

    def on_build_screen_ended(self, message: Ended) -> None:
        self.built = message.built
        if message.built is None:
            told = Text().append("nothing was written\n\n", colour(self.app, "error"))
            told.append(printable(message.trouble))
        else:
            told = self._result(message.built)
        self._enter("done", told)

    def _result(self, built: Built) -> Text:
        if built.file is None:
            text = Text().append("nothing was written", colour(self.app, "error"))
            reason = "sources cannot be read" if built.outcome.could_not else "it is not valid"
            text.append(f": {reason}")
        else:
            text = Text().append(f"wrote {printable(str(built.file))}", "bold")
            text.append(f"\n\n{result_text(built)}")
        text.append("\n\n")
        text.append(self._verdict(built.findings))
        if built.file is not None and self.order is not None and self.preview is not None:
            text.append("\n\nthe same from the command line\n  ", colour(self.app, "dim"))
            text.append(command_line(self.order, self.preview.target))
        return text

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say so when the thread came upon a mistake of ours."""
        if event.state is WorkerState.ERROR:
            error = event.worker.error
            what = f"nxtool has a bug: {type(error).__name__}: {error}"
            self.post_message(self.Ended(None, what))

    # afterwards

    def action_findings(self) -> None:
        """Go through the findings about the file, or about the plan."""
        if self.stage in ("planning", "writing", "naming"):
            return
        findings = self.preview.findings if self.preview is not None else None
        title = self.session.document.path.name
        if self.built is not None:
            findings, title = self.built.findings, Path(self.built.findings.file).name
        if findings is not None:
            self.app.push_screen(FindingsScreen(findings, title), self._go_to)

    def _go_to(self, finding: Finding | None) -> None:
        if finding is not None:
            self.dismiss(finding)

    def action_plot(self) -> None:
        self._show_file("plot_file")

    def action_view(self) -> None:
        self._show_file("view_file")

    def action_export(self) -> None:
        """Export the file; a place in it leads to the value in the recipe."""
        self._show_file("export_file", self._go_to)

    def _show_file(self, how: str, *more: Any) -> None:
        """Let the application show the file that was written."""
        show = getattr(self.app, how, None)
        if self.stage == "done" and self.built is not None and self.built.file and show:
            show(self.built.file, *more)

    def action_copy(self) -> None:
        if self.stage == "done" and self.order is not None and self.preview is not None:
            self.app.copy_to_clipboard(command_line(self.order, self.preview.target))
            self.notify("copied", timeout=2)

    def action_leave(self) -> None:
        """One level out: of the name, of the question, of writing, of the screen."""
        if self.stage == "naming":
            self._end_naming()
        elif self.stage == "asking":
            self._show_plan()
        elif self.stage == "writing":
            self._stop.set()
            self.query_one("#told", Static).update("stopping")
        else:
            self.dismiss(None)


def contents_text(found: Preview) -> str:
    """What a plan writes, in a line."""
    parts = found.contents
    if parts is None:
        return ""
    words = [f"{parts.fields} fields with {bytes_text(parts.value_bytes)} of values"]
    if parts.left:
        words.append(f"{parts.left} left in other files")
    if parts.links:
        words.append(f"{parts.links} link{'s' if parts.links != 1 else ''}")
    return ", ".join(words)


def progress_text(standing: Standing, drawn: Any) -> str:
    """How far a build is: the dataset, and all of it."""
    if standing.is_written:
        return "all values are written; judging the file"
    share = standing.done / standing.due if standing.due else 0.0
    left = f", {seconds_text(standing.left)} left" if standing.left is not None else ""
    return "\n".join(
        (
            printable(standing.path),
            f"{bar(share, BARS, drawn)} {bytes_text(standing.done)} of {bytes_text(standing.due)}",
            "",
            "all",
            f"{bar(standing.share, BARS, drawn)} {standing.share:.0%}, "
            f"{bytes_text(standing.rate)}/s{left}",
        )
    )


def result_text(built: Built) -> str:
    """Size, time and checksum of a file that was written."""
    size = f"{bytes_text(built.size)} for {bytes_text(built.value_bytes)} of values"
    ratio = f", {built.ratio:.1f} : 1" if built.ratio > 1 else ""
    lines = [f"size    {size}{ratio}", f"time    {seconds_text(built.seconds)}"]
    if built.checksum:
        lines.append(f"sha256  {built.checksum}")
    return "\n".join(lines)


def seconds_text(seconds: float) -> str:
    """A span of time as people say it.

    >>> seconds_text(0.42), seconds_text(75), seconds_text(7300)
    ('0.4 s', '1 min 15 s', '2 h 1 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
