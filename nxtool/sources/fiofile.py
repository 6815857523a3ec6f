"""FIO files of PETRA III: the columns of a scan, its parameters and comments.

Selectors: `exp_dmy01` (a column), `#ENERGY` (a parameter), `#comments` (the text of the comments).
A column has the type the file states: DOUBLE is float64, FLOAT float32, INTEGER int64, STRING
text, BOOLEAN bool. Lines that begin with `!` say nothing. Source: the files that Sardana and
Spectra write, sections `%c`, `%p` and `%d`.
"""

from __future__ import annotations

import math
import re
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.errors import SourceError
from nxtool.sources.lookup import check_options, unknown
from nxtool.sources.memory import MemoryArray, parsed, per_frame, text_array
from nxtool.sources.textlines import TextLines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, MutableSequence
    from pathlib import Path

    from nxtool.sources.model import OpenFile, SourceArray

_COLUMN: Final = re.compile(r"\s*Col\s+\d+\s+(?P<name>.*\S)\s+(?P<kind>[A-Za-z]+\d*)\s*\Z", re.A)
_TYPES: Final[Mapping[str, np.dtype[Any]]] = {
    "DOUBLE": np.dtype(np.float64),
    "FLOAT": np.dtype(np.float32),
    "REAL": np.dtype(np.float32),
    "INTEGER": np.dtype(np.int64),
    "LONG": np.dtype(np.int64),
    "LONGWORD": np.dtype(np.int64),
    "BOOLEAN": np.dtype(np.bool_),
    "STRING": np.dtype(object),
}
_TRUTH: Final = {"true": 1, "1": 1, "false": 0, "0": 0}
_COMMENTS: Final = "#comments"


def opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open FIO files; there are no options."""
    check_options("fio", options, ())
    return FioFile


@dataclass(slots=True)
class _Column:
    """A column and the values gathered for it."""

    name: str
    dtype: np.dtype[Any]
    values: MutableSequence[Any]

    def add(self, cell: str) -> None:
        """Add the value of a cell.

        Raises:
            ValueError: it is not of the type of the column.
        """
        kind = self.dtype.kind
        if kind == "O":
            self.values.append(cell)
            return
        if "_" in cell:
            raise ValueError
        value = _TRUTH.get(cell.lower()) if kind == "b" else (int if kind == "i" else float)(cell)
        if value is None or not _fits(value, self.dtype):
            raise ValueError
        self.values.append(value)

    def array(self) -> np.ndarray[Any, Any]:
        """The values, 1-D."""
        if self.dtype.kind == "O":
            return text_array(self.values)
        return np.array(self.values).astype(self.dtype)


def _fits(value: float, dtype: np.dtype[Any]) -> bool:
    if dtype.kind == "i":
        return -(2**63) <= value < 2**63
    largest = 1 if dtype.kind == "b" else float(np.finfo(dtype).max)
    return not math.isfinite(value) or abs(value) <= largest


class FioFile:
    """A `Reader` of one FIO file, which is read at once.

    Raises:
        SourceError: it is too large or no text; with its place, a line that cannot be right.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._parameters: dict[str, str] = {}
        self._comments: list[str] = []
        self._columns: list[_Column] = []
        self._rows = False
        self._parse(TextLines(path))

    def close(self) -> None:
        """Do nothing: the file is read at once."""

    def keys(self) -> Iterator[str]:
        """The columns, then the parameters, then the comments."""
        yield from (column.name for column in self._columns)
        yield from (f"#{name}" for name in self._parameters)
        if self._comments:
            yield _COMMENTS

    def array(self, selector: str = "") -> SourceArray:
        """A column, a parameter or the comments."""
        if selector.startswith("#") and selector[1:] in self._parameters:
            return MemoryArray(per_frame(parsed([self._parameters[selector[1:]]])))
        if selector == _COMMENTS and self._comments:
            return MemoryArray(per_frame(["\n".join(self._comments)]))
        found = [column for column in self._columns if column.name == selector]
        if len(found) > 1:
            raise SourceError(f"{self._path}: there are {len(found)} columns {selector!r}")
        if not found:
            what = "parameter" if selector.startswith("#") else "column"
            raise unknown(self._path, what, selector, self.keys())
        return MemoryArray(found[0].array())

    def _parse(self, lines: TextLines) -> None:
        section = ""
        for line in lines:
            if line.startswith("!"):
                continue
            if re.fullmatch(r"%[cpd]\s*", line):
                section = line[1]
            elif section == "c":
                self._comments.append(line)
            elif section == "p" and line.strip():
                self._parameter(lines, line)
            elif section == "d" and line.strip():
                self._data(lines, line)
            elif line.strip():
                raise lines.error("stands before %c, %p and %d", "is this a FIO file?")
        if not section:
            raise SourceError(f"{self._path}: there is no section %c, %p or %d in it")

    def _parameter(self, lines: TextLines, line: str) -> None:
        name, equals, value = line.partition("=")
        if not equals:
            raise lines.error("a parameter without '='", "the line is damaged or cut off")
        self._parameters[name.strip()] = value.strip()

    def _data(self, lines: TextLines, line: str) -> None:
        match = _COLUMN.match(line)
        if match is None or self._rows:
            self._row(lines, line.split())
            return
        dtype = _TYPES.get(match["kind"].upper())
        if dtype is None:
            raise lines.error(f"columns of type {match['kind']} are not known")
        letters = {"b": "b", "i": "q", "f": "d"}
        values = [] if dtype.kind == "O" else array(letters[dtype.kind])
        self._columns.append(_Column(match["name"], dtype, values))

    def _row(self, lines: TextLines, cells: list[str]) -> None:
        self._rows = True
        hint = "the line is damaged or cut off"
        if len(cells) != len(self._columns):
            raise lines.error(f"{len(cells)} values, but {len(self._columns)} columns", hint)
        try:
            for column, cell in zip(self._columns, cells, strict=True):
                column.add(cell)
        except ValueError:
            what = f"{cell!r} is no {column.dtype}, the type of column {column.name}"
            raise lines.error(what, hint) from None
