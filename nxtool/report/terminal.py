"""Lines of styled text to a string that suits where they are shown.

Pipes and files get the plain text; what a terminal needs is in `nxtool.report.painting`, and is
loaded when there is one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple, TextIO

from nxtool.report.printable import printable

Style = Literal["error", "warning", "info", "good", "title", "faint", "plain"]


class Span(NamedTuple):
    """Text, safe to print, of one style."""

    text: str
    style: Style


Styled = tuple[Span, ...]
"""Text of several styles; `+` puts two together."""


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

    head: Styled
    body: Styled
    cut: bool = False


def styled(text: str, style: Style = "plain") -> Styled:
    """`text`, made safe to print, in one style."""
    return (Span(printable(text), style),)


def joined(parts: Iterable[Styled | str]) -> Styled:
    """The parts after each other; strings are plain."""
    return tuple(
        span for part in parts for span in (styled(part) if isinstance(part, str) else part)
    )


def line(head: Styled | str = "", *body: Styled | str, cut: bool = False) -> Line:
    """A line of a head and the parts of a body; strings are plain."""
    return Line(joined([head]), joined(body), cut)


def terminal_of(stream: TextIO, *, color: bool = True) -> Terminal:
    """What `stream` can show; `color` False, NO_COLOR, TERM=dumb and pipes mean plain text."""
    if not stream.isatty():
        return Terminal()
    wanted = color and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Terminal(shutil.get_terminal_size().columns, wanted)


def render(lines: Iterable[Line], terminal: Terminal) -> str:
    """The lines, each with a newline, wrapped and coloured as the terminal can."""
    if terminal.width is None and not terminal.color:
        return "".join(f"{_plain(item)}\n" for item in lines)
    from nxtool.report.painting import painted

    return painted(lines, terminal)


def _plain(item: Line) -> str:
    return "".join(span.text for span in item.head + item.body).rstrip()
