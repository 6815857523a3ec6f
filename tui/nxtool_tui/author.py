"""The author's screen: the outline of a recipe, the editor of a value, what is missing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text
from textual import work
from textual.binding import Binding
from textual.containers import Horizontal
from textual.signal import Signal
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from nxtool.authoring.places import row_of
from nxtool.authoring.remedies import remedy
from nxtool.authoring.rows import Unfolded
from nxtool.errors import NxtoolError
from nxtool_tui.beside import BesideScreen
from nxtool_tui.building import BuildScreen
from nxtool_tui.editor import Editor
from nxtool_tui.findings import FindingsScreen, Mending
from nxtool_tui.notice import Notice
from nxtool_tui.outline import OutlineView
from nxtool_tui.rowlist import RowList
from nxtool_tui.sources import KEYS as SOURCE_KEYS
from nxtool_tui.sources import SourcesPane
from nxtool_tui.storage import KEYS as FILTER_KEYS
from nxtool_tui.storage import StoragePane
from nxtool_tui.theme import bar, glyphs

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.app import ComposeResult
    from textual.widget import Widget

    from nxtool.authoring.document import Change
    from nxtool.authoring.session import Session
    from nxtool.build.convert import Outcome
    from nxtool.findings import Finding, Findings, Severity
    from nxtool.recipe.model import Draft

CHECK_AFTER: Final = 0.15
"""Seconds without an edit after which the recipe is checked."""
SAVE_AFTER: Final = 30.0
"""Seconds without an edit after which it is saved."""
KEYS: Final = "enter edit  n next gap  / find  s sources  f5 build  f6 findings  ? help"
LINE_KEYS: Final = "enter take it  escape leave"
EDITOR_KEYS: Final = "enter take the value  down choose  escape leave it as it was"


class AuthorScreen(BesideScreen):
    """Write a recipe. What is done is done by the session; see there."""

    DEFAULT_CSS = """
    AuthorScreen { layers: base; }
    AuthorScreen #top { height: 1; background: $panel; }
    AuthorScreen #keys { height: 1; color: $text-muted; dock: bottom; }
    AuthorScreen > Input { height: 1; border: none; padding: 0; display: none; background: $panel; }
    AuthorScreen > Input:focus { border: none; }
    AuthorScreen > Input.open { display: block; }
    AuthorScreen OutlineView { width: 1fr; }
    AuthorScreen Editor { width: 1fr; border-left: solid $text-muted; }
    AuthorScreen.-wide Editor { width: 1.3fr; }
    AuthorScreen .row--cursor { background: $block-cursor-background; }
    AuthorScreen .row--cursor-blurred { background: $panel; }
    """
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012
    BINDINGS = [  # noqa: RUF012 - as Textual has it
        Binding("n", "gap(1)", "next gap"),
        Binding("N", "gap(-1)", "last gap", show=False),
        Binding("slash", "find", "find"),
        Binding("o", "optional", "optional concepts of the group"),
        Binding("plus", "inherited", "concepts of its base class", show=False),
        Binding("a", "add", "add a group"),
        Binding("delete,backspace", "clear", "clear the value"),
        Binding("u,ctrl+z", "undo", "undo"),
        Binding("ctrl+r,ctrl+y", "redo", "redo"),
        Binding("ctrl+s", "save", "save"),
        Binding("s", "sources", "sources"),
        Binding("e", "storage", "storage"),
        Binding("p", "plot", "plot"),
        Binding("f5", "build", "build"),
        Binding("f6", "findings", "findings"),
        Binding("r", "recover", "recover unsaved work"),
        Binding("d", "discard", "discard unsaved work"),
        Binding("question_mark,f1", "app.help", "help"),
        Binding("escape", "back", "back", show=False),
    ]

    def __init__(self, session: Session, **kwargs: Any) -> None:
        super().__init__(session, **kwargs)
        self.unfolded = Unfolded()
        self.outcome: Outcome | None = None
        self.checked: Signal[Findings] = Signal(self, "checked")
        self._by_path: dict[str, list[Finding]] = {}
        self._check_timer: Any = None
        self._save_timer: Any = None
        self._is_sync_due = False

    def compose(self) -> ComposeResult:
        yield Static(id="top", markup=False)
        yield Notice(id="notice", markup=False)
        yield Input(id="find", placeholder="words of a path; enter keeps, escape shows all")
        yield Input(id="add", placeholder="a name with its class, like panel_2(NXdetector)")
        with Horizontal():
            yield OutlineView(glyphs(ascii_only=self._is_ascii), id="outline")
            yield Editor(self.session, id="editor")
            yield SourcesPane(id="sources")
            yield StoragePane(id="storage")
        yield Static(KEYS, id="keys", markup=False)

    @property
    def _is_ascii(self) -> bool:
        return bool(getattr(self.app, "ascii_only", False))

    def on_mount(self) -> None:
        self.set_class(self._is_ascii, "-ascii")
        self.list_rows()
        self.query_one(Notice).show(self.session)
        self.outline.focus()
        self.check_soon()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Name the keys of what is used."""
        self.query_one("AuthorScreen > #keys", Static).update(self._keys_of(event.widget))

    def _keys_of(self, widget: Widget) -> str:
        above = widget.ancestors_with_self
        if any(isinstance(one, SourcesPane) for one in above):
            return LINE_KEYS if isinstance(widget, Input) else SOURCE_KEYS
        if any(isinstance(one, StoragePane) for one in above):
            return FILTER_KEYS
        if any(isinstance(one, Editor) for one in above):
            return EDITOR_KEYS
        return LINE_KEYS if isinstance(widget, Input) else KEYS

    # what is shown

    def list_rows(self) -> None:
        """Show the recipe as it is now."""
        try:
            self.tops = self.session.rows(self.unfolded)
        except NxtoolError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self.outline.show(self.tops, self._worst())
        self.show_current()
        self._show_top()

    def _worst(self) -> dict[str, Severity]:
        return {path: min(found, key=lambda one: one.sort_key).severity
                for path, found in self._by_path.items()}  # fmt: skip

    def show_current(self) -> None:
        row = self.outline.current
        if not self.editor.is_open:
            self.editor.show(row, self._by_path.get(row.path, []) if row is not None else [])

    def _show_top(self) -> None:
        done = sum(row.tally[0] for row in self.tops)
        due = sum(row.tally[1] for row in self.tops)
        drawn = bar(done / due if due else 1.0, 10, glyphs(ascii_only=self._is_ascii))
        saved = "" if self.session.document.is_saved else " *" if self._is_ascii else " ●"
        text = Text(" nxtool  ", no_wrap=True)
        text.append(f"{self.session.definition}  ", style="bold")
        text.append(f"{self.session.document.path.name}{saved}   required {done}/{due} {drawn}")
        if self.outcome is not None:
            errors = len(self.outcome.findings.at_least("warning"))
            text.append(f"   {errors} finding{'s' if errors != 1 else ''}")
        self.query_one("#top", Static).update(text)

    # edits

    def changed(self, change: Change | None) -> None:
        """Show what an edit did, and check the recipe soon."""
        if change is not None:
            self.list_rows()
            self.check_soon()
            self._sync_soon()
            if self._save_timer is not None:
                self._save_timer.stop()
            self._save_timer = self.set_timer(SAVE_AFTER, self.action_save)

    def on_editor_committed(self, event: Editor.Committed) -> None:
        self.outline.focus()
        self.try_edit(lambda: self.session.put(event.row, event.text))

    def on_editor_typing(self, event: Editor.Typing) -> None:
        self.session.typing(event.row, event.text)
        self._sync_soon()

    def on_editor_left(self) -> None:
        self.session.left()
        self.outline.focus()
        self.show_current()

    def try_edit(self, edit: Callable[[], Change | None]) -> None:
        try:
            change = edit()
        except NxtoolError as error:
            self.notify(str(error), severity="error", markup=False)
            self.show_current()
            return
        self.changed(change)
        self.show_current()

    def action_clear(self) -> None:
        row = self.outline.current
        if row is not None:
            self.try_edit(lambda: self.session.clear(row))

    def action_undo(self) -> None:
        self._step(self.session.undo(), "undone", "nothing to undo")

    def action_redo(self) -> None:
        self._step(self.session.redo(), "done again", "nothing to redo")

    def _step(self, change: Change | None, word: str, nothing: str) -> None:
        self.notify(f"{word}: {change.label}" if change else nothing, timeout=2, markup=False)
        self.changed(change)

    def action_save(self) -> None:
        try:
            self.session.save()
        except NxtoolError as error:
            self.notify(str(error), severity="error", markup=False)
        self.query_one(Notice).show(self.session)
        self._show_top()

    # unsaved work

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("recover", "discard"):
            return bool(self.session.waiting)
        return super().check_action(action, parameters)

    def action_recover(self) -> None:
        """Go on with what was not saved."""
        self.try_edit(lambda: self.session.recover(self.session.waiting[0]))
        self._waiting_changed()

    def action_discard(self) -> None:
        """Forget what was not saved."""
        self.session.discard(self.session.waiting[0])
        self._waiting_changed()

    def _waiting_changed(self) -> None:
        self.query_one(Notice).show(self.session)
        self.refresh_bindings()

    def _sync_soon(self) -> None:
        """Have the journal on the disk soon; what is written meanwhile goes with it."""
        if not self._is_sync_due:
            self._is_sync_due = True
            self._sync()

    @work(thread=True, group="journal", exit_on_error=False)
    def _sync(self) -> None:
        self._is_sync_due = False
        self.session.sync()

    # moving

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        """Show the row; what is typed for another, which a click or tab left, is taken."""
        event.stop()
        row, edited = self.outline.current, self.editor.row
        if row is not None and edited is not None and row.names != edited.names:
            self.editor.keep()
        self.show_current()

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        row = self.outline.current
        if row is None:
            return
        if row.kind == "group":
            self.outline.action_unfold() if row.below is None else self.outline.action_fold()
        else:
            self.editor.open()

    def on_outline_view_opened(self, event: OutlineView.Opened) -> None:
        event.stop()
        self.unfolded = replace(self.unfolded, opened=self.unfolded.opened | {event.row.names})
        self.list_rows()

    def action_gap(self, by: int) -> None:
        if not self.outline.next_gap(by):
            self.notify(self._no_gap(), timeout=2)

    def _no_gap(self) -> str:
        """Why there is no row to go to."""
        if any(row.is_gap for top in self.tops for row in top.walk()):
            return "nothing is missing in what is shown; f6 lists all"
        return "nothing is missing"

    def action_optional(self) -> None:
        """Show what may be there in the group of the row, too, or no longer."""
        self.unfolded = replace(self.unfolded, optional=self._toggled(self.unfolded.optional))
        self.list_rows()

    def action_inherited(self) -> None:
        """Show what the base class offers in the group of the row, or no longer."""
        self.unfolded = replace(self.unfolded, inherited=self._toggled(self.unfolded.inherited))
        self.list_rows()

    def _toggled(self, known: frozenset[Any]) -> frozenset[Any]:
        row = self.outline.current
        if row is None:
            return known
        names = row.names if row.kind == "group" else row.names[:-1]
        if row.kind == "group":
            self.unfolded = replace(self.unfolded, opened=self.unfolded.opened | {names})
        return known ^ {names}

    def action_find(self) -> None:
        line = self.query_one("#find", Input)
        line.add_class("open")
        line.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.input.id == "find":
            self.outline.search(event.value)
            self.show_current()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.input.id == "find":
            row = self.outline.current
            self._end_find()
            if row is not None:
                self.outline.jump(row.names)
        elif event.input.id == "add":
            self._end_add()
            self._add(event.value.strip())

    def _end_find(self) -> None:
        line = self.query_one("#find", Input)
        with line.prevent(Input.Changed):
            line.value = ""
        line.remove_class("open")
        self.outline.search("")
        self.outline.focus()

    def action_add(self) -> None:
        """Ask for the name of a group to add: another one like the row, or one inside it."""
        row = self.outline.current
        line = self.query_one("#add", Input)
        line.value = self.session.another(row) if row is not None else ""
        line.add_class("open")
        line.focus()

    def _end_add(self) -> None:
        self.query_one("#add", Input).remove_class("open")
        self.outline.focus()

    def _add(self, text: str) -> None:
        """Add a group beside the row, where it is one more of its kind, or else inside it."""
        row = self.outline.current
        if row is None or not text:
            return
        parent = self.session.place_of_another(row, text)
        self.try_edit(lambda: self.session.add(parent, text))
        self.outline.jump((*parent, text))

    def action_back(self) -> None:
        if self.query_one("#find", Input).has_class("open"):
            self._end_find()
        elif self.query_one("#add", Input).has_class("open"):
            self._end_add()
        else:
            self.show_editor()

    # building and findings

    def action_build(self) -> None:
        """Make the file, after showing what will be in it."""
        self.app.push_screen(BuildScreen(self.session), self.go_to)

    def action_findings(self) -> None:
        """Go through what is wrong with the recipe."""
        if self.outcome is None:
            self.notify("the recipe is being checked", timeout=2)
            return
        mending = Mending(
            remedy=lambda finding: remedy(finding, self.session, self.tops),
            mend=lambda found: self.try_edit(lambda: self.session.apply(found.edit, found.label)),
            undo=self.action_undo,
            checked=self.checked,
        )
        name = self.session.document.path.name
        screen = FindingsScreen(self.outcome.findings, name, mending)
        self.app.push_screen(screen, self.go_to)

    def go_to(self, finding: Finding | None) -> None:
        """Put the cursor where a finding is, and edit the value there."""
        row = row_of(finding, self.session.document, self.tops) if finding is not None else None
        if row is None:
            return
        self.show_editor()
        self.outline.jump(row.names)
        self.show_current()
        self.editor.open()

    # checking

    def check_soon(self) -> None:
        """Check the recipe when nothing has been edited for a moment."""
        if self._check_timer is not None:
            self._check_timer.stop()
        self._check_timer = self.set_timer(CHECK_AFTER, self._begin_check)

    def _begin_check(self) -> None:
        document = self.session.document
        self._check(document.draft, document.revision)

    @work(thread=True, exclusive=True, group="check", exit_on_error=False)
    def _check(self, draft: Draft, revision: int) -> None:
        worker = get_current_worker()
        try:
            outcome = self.session.check(draft)
        except NxtoolError as error:
            told = str(error)
            self.app.call_from_thread(self.notify, told, severity="error", markup=False)
            return
        if not worker.is_cancelled and revision == self.session.document.revision:
            self.app.call_from_thread(self._checked, outcome)

    def _checked(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.checked.publish(outcome.findings)
        self._by_path = {}
        for one in outcome.findings:
            row = row_of(one, self.session.document, self.tops) if not one.path else None
            if one.severity != "info":
                path = row.path if row is not None else one.path
                self._by_path.setdefault(path, []).append(one)
        self.outline.show(self.tops, self._worst())
        self.show_current()
        self._show_top()
