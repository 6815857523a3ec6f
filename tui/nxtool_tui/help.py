"""The keys of a screen: of what has the focus, of what is around it, of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.text import Text
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.app import ComposeResult
    from textual.screen import Screen

NAMES: Final = {
    "question_mark": "?", "slash": "/", "plus": "+", "minus": "-", "delete": "del",
    "left_square_bracket": "[", "right_square_bracket": "]",
}  # fmt: skip
"""What people call keys that Textual calls otherwise."""
_SILENT: Final = ("page_left", "page_right", "scroll_left", "scroll_right", "screen.copy_text")
"""What Textual binds everywhere, and nothing here needs."""


def keys_of(screen: Screen[Any]) -> Iterator[tuple[str, list[str]]]:
    """What can be done now, in words, and the keys for it; what has the focus first."""
    found: dict[tuple[int, str], list[str]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        is_ours = binding.action not in _SILENT and not binding.system
        if binding.description and active.enabled and is_ours:
            keys = found.setdefault((id(active.node), binding.description), [])
            keys.append(NAMES.get(binding.key, binding.key))
    for (_, words), keys in found.items():
        yield words, keys


def listed(screen: Screen[Any]) -> Text:
    """The keys and what they do, a line each."""
    pairs = [(", ".join(keys), words) for words, keys in keys_of(screen)]
    width = max((len(keys) for keys, _ in pairs), default=0)
    text = Text()
    for keys, words in pairs:
        text.append(f"{keys.rjust(width)}", style="bold")
        text.append(f"  {words}\n")
    text.rstrip()
    return text


class HelpScreen(ModalScreen[None]):
    """Shows the keys of the screen below it."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > VerticalScroll {
        width: 64; max-width: 100%; height: auto; max-height: 100%;
        background: $panel; padding: 1 2;
    }
    """
    BINDINGS = [  # noqa: RUF012 - as Textual has it
        Binding("escape,question_mark,f1,q,enter", "app.pop_screen", "back"),
    ]

    def __init__(self, text: Text) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Static(self._text)
