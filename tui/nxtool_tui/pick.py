"""Choosing the definition of a new recipe: words to search for, a ranking, what each asks for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text
from textual import work
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, Static

from nxtool.authoring.candidates import Candidate, Details, candidates, details
from nxtool.authoring.rawdata import sources_at
from nxtool.authoring.starting import check_new, new_text, recipe_name
from nxtool.authoring.suggest import Suggestion, suggest_definitions
from nxtool.errors import NxtoolError
from nxtool.nxdl import doctext
from nxtool_tui.fitting import start_of
from nxtool_tui.pathinput import PathInput
from nxtool_tui.rowlist import RowList
from nxtool_tui.theme import glyphs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult

    from nxtool_tui.app import NxtoolApp

KEYS: Final = "up down move  enter choose  escape back  f1 help"


class WordInput(Input):
    """A line whose keys up and down move in the list below it."""

    BINDINGS = [  # noqa: RUF012 - as Textual has it
        Binding("up", "step(-1)", "move up", show=False),
        Binding("down", "step(1)", "move down", show=False),
        Binding("pageup", "step(-10)", "move up by ten", show=False),
        Binding("pagedown", "step(10)", "move down by ten", show=False),
    ]

    class Step(Message):
        """The cursor of the list shall move."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    def action_step(self, by: int) -> None:
        self.post_message(self.Step(by))


class CandidateList(RowList, can_focus=False):
    """Definitions below each other, with their first sentence, or how much of each is there."""

    def __init__(self, ellipsis: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._ellipsis = ellipsis
        self.found: Sequence[Candidate] = ()
        self.filled: Mapping[str, Suggestion] = {}

    def show(self, found: Sequence[Candidate], filled: Mapping[str, Suggestion]) -> None:
        """Show these, with the cursor on the first."""
        self.found, self.filled, self.cursor = found, filled, 0
        self.rows_changed()
        self.scroll_home(animate=False)
        self.post_message(self.Moved(self))

    @property
    def current(self) -> Candidate | None:
        """The definition under the cursor."""
        return self.found[self.cursor] if self.cursor < len(self.found) else None

    @property
    def row_count(self) -> int:
        return len(self.found)

    def row_text(self, index: int, width: int) -> Text:
        one = self.found[index]
        filled = self.filled.get(one.name)
        if filled is not None:  # of a number the last digits must not be cut off
            told = f"  fills {filled.filled} of {filled.due}"
            name = start_of(one.name, width - len(told) - 2, self._ellipsis)
            return Text(f" {name}", no_wrap=True).append(told, self._dim)
        text = Text(f" {one.name}", no_wrap=True)
        text.append(self._right(one, width - len(one.name) - 3), self._dim)
        return text

    @property
    def _dim(self) -> str:
        return "" if self.app.no_color else str(self.app.theme_variables.get("text-muted", ""))

    def _right(self, one: Candidate, room: int) -> str:
        told = f"deprecated: {one.deprecated}" if one.deprecated else one.about
        if len(told) > room:
            told = told[: max(0, room - 1)] + self._ellipsis
        return f"  {told}" if room > 3 else ""


class PickScreen(Screen[None]):
    """Choose a definition, then the name of the recipe.

    `data` is a file or folder of raw data to rank definitions by; `target` the recipe to write,
    where it is known already.
    """

    DEFAULT_CSS = """
    PickScreen #top { height: 1; background: $panel; padding: 0 1; }
    PickScreen #words { height: 1; border: none; padding: 0 1; background: $surface; }
    PickScreen CandidateList { width: 1.1fr; }
    PickScreen #about { width: 1fr; border-left: solid $text-muted; padding: 0 1; }
    PickScreen #keys { height: 1; color: $text-muted; dock: bottom; padding: 0 1; }
    PickScreen .row--cursor { background: $block-cursor-background; }
    PickScreen .row--cursor-blurred { background: $block-cursor-background; }
    """
    BINDINGS = [  # noqa: RUF012 - as Textual has it
        Binding("f1", "app.help", "help"),
        Binding("escape", "back", "back"),
    ]
    app: NxtoolApp

    def __init__(self, data: Path | None = None, target: Path | None = None) -> None:
        super().__init__()
        self.data, self.target = data, target
        self.sources: dict[str, Path] = {}
        self.suggestions: list[Suggestion] = []

    def compose(self) -> ComposeResult:
        yield Static(id="top", markup=False)
        yield WordInput(id="words", placeholder="words: xas, tomo, small angle")
        with Horizontal():
            yield CandidateList(glyphs(ascii_only=self.app.ascii_only).ellipsis, id="found")
            with VerticalScroll(id="about", can_focus=False):
                yield Static(id="details", markup=False)
        yield PathInput(id="path")
        yield Static(KEYS, id="keys", markup=False)

    @property
    def found(self) -> CandidateList:
        return self.query_one(CandidateList)

    @property
    def words(self) -> WordInput:
        return self.query_one(WordInput)

    def on_mount(self) -> None:
        self.words.focus()
        if self.data is not None:
            self._say(f"looking at {self.data.resolve().name}")
            self._suggest(self.data)
        else:
            self._say("Which application definition?")
        self.call_after_refresh(self._list)

    def _say(self, text: str) -> None:
        self.query_one("#top", Static).update(Text(text, no_wrap=True, overflow="ellipsis"))

    def _list(self) -> None:
        """Show what the words find; where there are none, what the data fit best."""
        found = candidates(self.app.schema, self.words.value)
        if not self.words.value.strip() and self.suggestions:
            by_name = {one.name: one for one in found}
            found = [by_name[one.definition] for one in self.suggestions]
        self.found.show(found, {one.definition: one for one in self.suggestions})

    @work(thread=True, exclusive=True, group="hdf5", exit_on_error=False)
    def _suggest(self, data: Path) -> None:
        sources = sources_at(data)
        suggestions = suggest_definitions(self.app.schema, sources)
        self.app.call_from_thread(self._suggested, sources, suggestions)

    def _suggested(self, sources: dict[str, Path], suggestions: list[Suggestion]) -> None:
        self.sources = sources
        self.suggestions = suggestions if sources else []
        count = f"{len(sources)} source{'s' if len(sources) != 1 else ''}"
        name = self.data.resolve().name if self.data is not None else ""
        said = f"{name}: {count}" if sources else f"{name}: nothing there can be read"
        self._say(f"{said}. Which application definition?")
        self._list()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._list()

    def on_word_input_step(self, event: WordInput.Step) -> None:
        self.found.move_to(self.found.cursor + event.by)

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        event.stop()
        self._show_details()

    def _show_details(self) -> None:
        current = self.found.current
        place = self.query_one("#details", Static)
        if current is None:
            place.update("Nothing has all of these words; use fewer or others.")
            return
        width = max(20, self.query_one("#about").size.width - 3)
        try:
            place.update(_described(details(self.app.schema, current.name), width))
        except NxtoolError as error:
            place.update(str(error))
        self.query_one("#about").scroll_home(animate=False)

    def on_resize(self) -> None:
        self.call_after_refresh(self._show_details)

    # the name of the recipe

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        self._ask_name()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self._ask_name()

    def _ask_name(self) -> None:
        current = self.found.current
        if current is None:
            return
        folder = self.data if self.data is not None and self.data.is_dir() else Path()
        path = self.target or folder / recipe_name(current.name)
        self.query_one(PathInput).ask(f"Write the recipe for {current.name} to:", "", str(path))

    def on_path_input_left(self) -> None:
        self.words.focus()

    def on_path_input_entered(self, event: PathInput.Entered) -> None:
        current = self.found.current
        try:
            check_new(event.path)
        except NxtoolError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        if current is not None:
            self._begin(current.name, event.path)

    @work(thread=True, exclusive=True, group="hdf5", exit_on_error=False)
    def _begin(self, definition: str, path: Path) -> None:
        try:
            text = new_text(self.app.schema, definition, path, self.sources)
        except NxtoolError as error:
            told = str(error)
            self.app.call_from_thread(self.notify, told, severity="error", markup=False)
            return
        self.app.call_from_thread(self.app.begin, path, text)

    def action_back(self) -> None:
        """Go where one came from."""
        self.app.leave_screen()


def _described(found: Details, width: int) -> Text:
    """What tells a definition apart, in lines of `width`."""
    text = Text()
    text.append(found.name, style="bold")
    text.append(f"  {found.due} required\n")
    if found.deprecated:
        text.append(f"deprecated: {found.deprecated}\n")
    text.append(f"\n{doctext.plain(found.doc, width)}\n")
    more = found.due - len(found.asks)
    text.append("\nasks for\n", style="bold")
    text.append("".join(f"  {path}\n" for path in found.asks))
    if more > 0:
        text.append(f"  and {more} more\n")
    if found.extends and found.extends != "NXobject":
        text.append(f"\nextends {found.extends}\n")
    if found.extended_by:
        text.append(f"\nextended by {', '.join(found.extended_by)}\n")
    return text
