"""XDI files of X-ray absorption spectroscopy: columns with units, and header fields.

Selectors: `energy`, a column by the name the header gives it, or by its number from 1;
`#Element.symbol`, a field of the header, whatever the case of its letters; `#comments`, the text
of the user. Source: the XAFS Data Interchange format 1.0.
"""

from __future__ import annotations

import re
from array import array
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.errors import SourceError
from nxtool.sources.lookup import check_options, unknown
from nxtool.sources.memory import MemoryArray, parsed, per_frame
from nxtool.sources.textlines import TextLines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from nxtool.sources.model import OpenFile, SourceArray

_FIELD: Final = re.compile(r"#+\s*([A-Za-z_]\w*\.[^\s:]+)\s*:\s*(.*?)\s*\Z")
_COMMENTS: Final = "comments"


def opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open XDI files; there are no options."""
    check_options("xdi", options, ())
    return XdiFile


class XdiFile:
    """A `Reader` of one XDI file, which is read at once.

    Raises:
        SourceError: it is too large, no XDI file, or with its place, a line that cannot be right.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fields: dict[str, str] = {}
        self._values = array("d")
        self._width = 0
        self._parse(TextLines(path))
        if not self._width:
            raise SourceError(f"{path}: there are no columns in it")
        self._columns = [self._column(number) for number in range(1, self._width + 1)]

    def _column(self, number: int) -> tuple[str, str | None]:
        """The name of a column and its unit."""
        key = f"column.{number}"
        words = next((text for name, text in self._fields.items() if name.lower() == key), "")
        name, _, units = words.partition(" ")
        return name or str(number), units.strip() or None

    def close(self) -> None:
        """Do nothing: the file is read at once."""

    def keys(self) -> Iterator[str]:
        """The columns, then the fields of the header."""
        yield from (name for name, _ in self._columns)
        yield from (f"#{name}" for name in self._fields)

    def array(self, selector: str = "") -> SourceArray:
        """A column or a field of the header."""
        if selector.startswith("#"):
            known = {name.lower(): text for name, text in self._fields.items()}
            if selector[1:].lower() in known:
                return MemoryArray(per_frame(parsed([known[selector[1:].lower()]])))
            raise unknown(self._path, "header key", selector, self.keys())
        names = [name for name, _ in self._columns]
        numbers = [str(number) for number in range(1, self._width + 1)]
        if names.count(selector) > 1 or selector not in (*names, *numbers):
            raise unknown(self._path, "column", selector, self.keys())
        index = (names if selector in names else numbers).index(selector)
        table = np.array(self._values).reshape(-1, self._width)
        return MemoryArray(table[:, index].copy(), self._columns[index][1])

    def _parse(self, lines: TextLines) -> None:
        comments: list[str] | None = None
        for line in lines:
            text = line.strip()
            if lines.number == 1 and not re.match(r"#+\s*XDI/", text):
                raise SourceError(f"{self._path}: is no XDI file", hint="it begins with # XDI/1.0")
            if text and not re.match(r"#", text):
                self._row(lines, text.split())
            elif re.match(r"#+\s*///", text):
                comments = []
            elif re.match(r"#+\s*---", text):
                self._keep(comments)
                comments = None
            elif comments is not None:
                comments.append(text.lstrip("# ").rstrip())
            elif match := _FIELD.match(text):
                self._fields[match[1]] = match[2]

    def _keep(self, comments: list[str] | None) -> None:
        if comments and any(comments):
            self._fields[_COMMENTS] = "\n".join(comments)

    def _row(self, lines: TextLines, cells: list[str]) -> None:
        hint = "the line is damaged or cut off"
        self._width = self._width or len(cells)
        if len(cells) != self._width:
            raise lines.error(f"{len(cells)} values, but {self._width} columns", hint)
        try:
            self._values.extend([float(cell) for cell in cells])
        except ValueError:
            raise lines.error(f"{' '.join(cells)!r} are not numbers", hint) from None
