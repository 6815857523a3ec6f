"""The findings about a recipe or a file: a list to go through, to jump from and to mend in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, TypeAlias

from rich.cells import set_cell_size
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from nxtool.report.printable import printable
from nxtool.report.rules import explanation
from nxtool.report.tallytext import WORDS, numbers_text
from nxtool.report.terminal import Terminal, render
from nxtool_tui.fitting import end_of
from nxtool_tui.rowlist import RowList
from nxtool_tui.theme import colour, glyphs

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.signal import Signal

    from nxtool.authoring.remedies import Remedy
    from nxtool.findings import Finding, Findings, Severity

Filter: TypeAlias = Literal["all", "error", "warning", "info"]
FILTERS: Final[tuple[Filter, ...]] = ("all", "error", "warning", "info")
COLOURS: Final[dict[Severity, str]] = {"error": "error", "warning": "missing", "info": "dim"}
MAX_PATH: Final = 34
"""Columns of a path in a narrow list."""
KEYS: Final = "enter go there  d rule  y copy  1-4 all, errors, warnings, notes  esc back"
MENDING: Final = "enter edit  f fix  u undo  d rule  y copy  1-4 filter  esc back"


@dataclass(frozen=True, slots=True)
class Mending:
    """How findings are mended: what mends one, doing it, and taking it back. `checked` brings the
    findings that are left."""

    remedy: Callable[[Finding], Remedy | None]
    mend: Callable[[Remedy], None]
    undo: Callable[[], None]
    checked: Signal[Findings]


class FindingsList(RowList):
    """A row for each finding: glyph, code, path, message."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.items: Sequence[Finding] = ()

    @property
    def row_count(self) -> int:
        return len(self.items)

    @property
    def current(self) -> Finding | None:
        """The finding under the cursor; None where there is none."""
        return self.items[self.cursor] if self.cursor < len(self.items) else None

    def row_text(self, index: int, width: int) -> Text:
        item = self.items[index]
        drawn = glyphs(ascii_only=bool(getattr(self.app, "ascii_only", False)))
        sign = {"error": drawn.error, "warning": drawn.warning, "info": drawn.optional}
        tint = colour(self.app, COLOURS[item.severity])
        room = max(MAX_PATH, (width - 7) * 2 // 5)
        text = Text(no_wrap=True)
        text.append(f"{sign[item.severity]} {item.code} ", tint)
        text.append(_fitted(place(item), min(room, width // 2), drawn.ellipsis))
        text.append(f" {printable(item.message)}")
        return text


def place(item: Finding) -> str:
    """Where a finding is, in a few letters: its path, or its line in a recipe."""
    if item.path or item.mark is None:
        return printable(item.path or "the file")
    return f"line {item.mark.line}" if item.mark.line else printable(item.mark.file)


def _place_in_file(item: Finding) -> str:
    """The place in a recipe, without the folder of the recipe."""
    return str(item.mark).rpartition("/")[2] if item.mark is not None else ""


def _fitted(text: str, width: int, ellipsis: str) -> str:
    """Text of exactly so many cells; a path that is too long loses its beginning."""
    return set_cell_size(end_of(text, width, ellipsis), width)


def in_one_line(item: Finding) -> str:
    """A finding as text to send to someone."""
    hint = f" ({item.hint})" if item.hint else ""
    return printable(f"{place(item)}: {item.severity} {item.code}: {item.message}{hint}")


def tally(items: Iterable[Finding]) -> str:
    """How many findings there are of each severity: `2 errors, 1 note`."""
    found = [item.severity for item in items]
    counted = numbers_text((found.count(severity), word) for severity, word in WORDS.items())
    return counted or "no findings"


class FindingsScreen(Screen["Finding | None"]):
    """Findings about `title`; ends with the one to go to, None to stay. `mending` is None where
    nothing can be mended."""

    DEFAULT_CSS = """
    FindingsScreen #top { height: 1; background: $panel; }
    FindingsScreen #keys { height: 1; color: $text-muted; dock: bottom; }
    FindingsScreen #about { height: 9; border-top: solid $text-muted; padding: 0 1; }
    FindingsScreen #text { height: auto; }
    FindingsScreen .row--cursor { background: $block-cursor-background; }
    FindingsScreen .row--cursor-blurred { background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(number), f"show_only('{name}')", f"show {name}", show=False)
          for number, name in enumerate(FILTERS, start=1)),
        Binding("d", "rule", "rule"),
        Binding("y", "copy", "copy"),
        Binding("f", "mend", "fix"),
        Binding("u,ctrl+z", "undo", "undo"),
        Binding("escape,q,f6", "leave", "back"),
    ]  # fmt: skip

    def __init__(
        self, items: Iterable[Finding], title: str, mending: Mending | None = None
    ) -> None:
        super().__init__()
        self.items = sorted(items, key=lambda item: item.sort_key)
        self.about = title
        self.mending = mending
        self.filter: Filter = "all"
        self.shows_rule = False
        self._remedy: Remedy | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="top", markup=False)
        yield FindingsList()
        with VerticalScroll(id="about", can_focus=False):
            yield Static(id="text", markup=False)
        yield Static(MENDING if self.mending is not None else KEYS, id="keys", markup=False)

    @property
    def list(self) -> FindingsList:
        return self.query_one(FindingsList)

    def on_mount(self) -> None:
        if self.mending is not None:
            self.mending.checked.subscribe(self, self._checked)
        self._list_items()
        self.list.focus()

    def _checked(self, findings: Findings) -> None:
        """Show what is left."""
        self.items = list(findings)
        self._list_items()

    # what is shown

    def _list_items(self) -> None:
        wanted = self.filter
        shown = [item for item in self.items if wanted in ("all", item.severity)]
        self.list.items = shown
        self.list.rows_changed()
        text = Text(f" {printable(self.about)}  ", no_wrap=True)
        text.append(tally(self.items), style="bold")
        if wanted != "all":
            text.append(f"   only {WORDS[wanted]}s")
        self.query_one("#top", Static).update(text)
        self._show_current()

    def _show_current(self) -> None:
        item = self.list.current
        self._remedy = None
        if item is not None and self.mending is not None:
            self._remedy = self.mending.remedy(item)
        text = self._detail(item) if item is not None else Text("nothing is wrong")
        self.query_one("#text", Static).update(text)
        self.query_one("#about").scroll_home(animate=False)

    def _detail(self, item: Finding) -> Text:
        if self.shows_rule:
            return Text(render(explanation(item.code), Terminal()))
        text = Text().append(printable(item.path or place(item)), "bold")
        text.append(f"\n{printable(item.message)}")
        facts = {
            "hint": item.hint,
            "fix": self._remedy.label if self._remedy is not None else "",
            "asked": item.expected,
            "by": item.anchor,
            "place": _place_in_file(item),
        }
        for name, fact in facts.items():
            if fact:
                text.append(f"\n{name:<6}", style=colour(self.app, "dim"))
                text.append(printable(fact))
        return text

    # keys

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        event.stop()
        self._show_current()

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        self.dismiss(self.list.current)

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_show_only(self, name: Filter) -> None:
        self.filter = name
        self._list_items()

    def action_rule(self) -> None:
        """Show what the rule asks, or the finding again."""
        self.shows_rule = not self.shows_rule
        self._show_current()

    def action_copy(self) -> None:
        if self.list.current is not None:
            self.app.copy_to_clipboard(in_one_line(self.list.current))
            self.notify("copied", timeout=2)

    def action_mend(self) -> None:
        if self.mending is None:
            return
        if self._remedy is None:
            self.notify("only you can know: enter leads there", timeout=3)
            return
        self.mending.mend(self._remedy)
        self.notify(self._remedy.label, timeout=3, markup=False)

    def action_undo(self) -> None:
        if self.mending is not None:
            self.mending.undo()
