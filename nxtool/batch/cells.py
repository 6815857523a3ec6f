"""The cells of a CSV text, each with its place (RFC 4180).

Rows end with a line end, cells with a comma, or what the first line has most of: `;` (spreadsheets
of some countries) or tabs. Quotes keep separators and line ends in a cell; empty lines count not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from nxtool.errors import NxtoolError
from nxtool.findings import Mark

SEPARATORS: Final = (",", ";", "\t")
_QUOTED: Final = re.compile(r'"((?:[^"]|"")*)"')
_PLAIN: Final = {sign: re.compile(f"[^{sign}\r\n]*") for sign in SEPARATORS}


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of a cell without quotes and blanks around it, and where it begins."""

    text: str
    mark: Mark


def rows_of(text: str, file: str) -> Iterator[list[Cell]]:
    """The rows of `text`, which is the content of `file`.

    Raises:
        NxtoolError: a quote is not closed, or something follows it in the cell.
    """
    reader = _Reader(text, file)
    row: list[Cell] = []
    while not reader.at_end:
        row.append(reader.cell())
        if reader.ends_row():
            if len(row) > 1 or row[0].text:
                yield row
            row = []


class _Reader:
    def __init__(self, text: str, file: str) -> None:
        self._text, self._file = text, file
        head = text.lstrip("\r\n").partition("\n")[0]
        self._separator = max(SEPARATORS, key=head.count)
        self._at, self._line, self._begin = 0, 1, 0

    @property
    def at_end(self) -> bool:
        return self._at >= len(self._text) and not self._after_separator()

    def _after_separator(self) -> bool:
        """A separator at the very end has an empty cell after it."""
        return self._at == len(self._text) and self._text.endswith(self._separator)

    def cell(self) -> Cell:
        mark = Mark(self._file, self._line, self._at - self._begin + 1)
        match = _QUOTED.match(self._text, self._at)
        if match is None:
            if self._text.startswith('"', self._at):
                raise NxtoolError("this quote is not closed", hint='end it with "', mark=mark)
            match = _PLAIN[self._separator].match(self._text, self._at)
            assert match is not None  # noqa: S101  # the pattern fits the empty text
            self._at = match.end()
            return Cell(match[0].strip(), mark)
        self._skip(match)
        return Cell(match[1].replace('""', '"').strip(), mark)

    def _skip(self, match: re.Match[str]) -> None:
        """Go on behind a quoted cell, which may go over several lines."""
        lines = match[0].count("\n")
        if lines:
            self._line += lines
            self._begin = match.start() + match[0].rindex("\n") + 1
        self._at = match.end()

    def ends_row(self) -> bool:
        """Go on behind what ends a cell; whether it ends the row too."""
        text, at = self._text, self._at
        if at < len(text) and text[at] == self._separator:
            self._at += 1
            return False
        if at < len(text) and text[at] not in "\r\n":
            mark = Mark(self._file, self._line, at - self._begin + 1)
            hint = "quote the whole cell, and double quotes in it"
            raise NxtoolError("text follows the closing quote", hint=hint, mark=mark)
        self._at += 2 if text.startswith("\r\n", at) else 1
        self._line += 1
        self._begin = self._at
        return True
