"""Lines of styled text to a string that suits where they are shown."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Final, TextIO

from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style
from rich.text import Text

from nxtool.report.printable import printable

MIN_BODY: Final = 30
"""Narrower than this a hanging indent does more harm than good."""
STYLES: Final[Mapping[str, str]] = {
    "error": "bold red",
    "warning": "yellow",
    "info": "cyan",
    "good": "green",
    "title": "bold",
    "faint": "bright_black",
    "plain": "",
}


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where text is shown: `width` in columns, None where lines must not be wrapped."""

    width: int | None = None
    color: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line: when `body` is wrapped, it stays to the right of `head`.

    Where `cut` is set (in trees) a line too long for the terminal ends with `…` instead.
    """

    head: Text
    body: Text
    cut: bool = False


def styled(text: str, style: str = "plain") -> Text:
    """`text`, safe to print, in one of `STYLES`."""
    return Text(printable(text), style=STYLES[style])


def line(head: Text | str = "", *body: Text | str, cut: bool = False) -> Line:
    """A line of a head and the parts of a body; strings are plain."""
    parts = [part if isinstance(part, Text) else styled(part) for part in body]
    return Line(head if isinstance(head, Text) else styled(head), Text.assemble(*parts), cut)


def terminal_of(stream: TextIO, *, color: bool = True) -> Terminal:
    """What `stream` can show; `color` False, NO_COLOR, TERM=dumb and pipes mean plain text."""
    if not stream.isatty():
        return Terminal()
    wanted = color and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Terminal(shutil.get_terminal_size().columns, wanted)


def render(lines: Iterable[Line], terminal: Terminal) -> str:
    """The lines, each with a newline, wrapped and coloured as the terminal can."""
    console = Console(file=StringIO())
    parts = [part for item in lines for part in _wrapped(item, console, terminal.width)]
    if not terminal.color:
        return "".join(f"{part.plain.rstrip()}\n" for part in parts)
    return "".join(f"{_painted(part, console)}\n" for part in parts)


def _wrapped(item: Line, console: Console, width: int | None) -> list[Text]:
    whole = Text.assemble(item.head, item.body)
    if width is None or whole.cell_len <= width:
        return [whole]
    if item.cut:
        whole.truncate(width, overflow="ellipsis")
        return [whole]
    indent = item.head.cell_len
    if width - indent < MIN_BODY:
        return list(whole.wrap(console, width))
    first, *rest = item.body.wrap(console, width - indent)
    margin = Text(" " * indent)
    return [Text.assemble(item.head, first), *(Text.assemble(margin, part) for part in rest)]


def _painted(text: Text, console: Console) -> str:
    return "".join(
        (segment.style or Style.null()).render(segment.text, color_system=ColorSystem.STANDARD)
        for segment in text.render(console)
    )
