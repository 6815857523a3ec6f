"""Lines of styled text as a terminal shows them: wrapped, cut and coloured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Final

from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style as RichStyle
from rich.text import Text

from nxtool.report.terminal import Line, Style, Styled, Terminal

MIN_BODY: Final = 30
"""Narrower than this a hanging indent does more harm than good."""
STYLES: Final[Mapping[Style, str]] = {
    "error": "bold red",
    "warning": "yellow",
    "info": "cyan",
    "good": "green",
    "title": "bold",
    "faint": "bright_black",
    "plain": "",
}


def painted(lines: Iterable[Line], terminal: Terminal) -> str:
    """The lines, each with a newline, as they fit into the terminal."""
    console = Console(file=StringIO())
    parts = [part for item in lines for part in _wrapped(item, console, terminal.width)]
    if not terminal.color:
        return "".join(f"{part.plain.rstrip()}\n" for part in parts)
    return "".join(f"{_coloured(part, console)}\n" for part in parts)


def _rich(text: Styled) -> Text:
    return Text.assemble(*((span.text, STYLES[span.style]) for span in text))


def _wrapped(item: Line, console: Console, width: int | None) -> list[Text]:
    head, body = _rich(item.head), _rich(item.body)
    whole = Text.assemble(head, body)
    if width is None or whole.cell_len <= width:
        return [whole]
    if item.cut:
        whole.truncate(width, overflow="ellipsis")
        return [whole]
    indent = head.cell_len
    if width - indent < MIN_BODY:
        return list(whole.wrap(console, width))
    first, *rest = body.wrap(console, width - indent)
    margin = Text(" " * indent)
    return [Text.assemble(head, first), *(Text.assemble(margin, part) for part in rest)]


def _coloured(text: Text, console: Console) -> str:
    return "".join(
        (segment.style or RichStyle.null()).render(segment.text, color_system=ColorSystem.STANDARD)
        for segment in text.render(console)
    )
