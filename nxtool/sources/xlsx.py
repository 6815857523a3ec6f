"""Excel workbooks through the package openpyxl (extra `tables`): a column by name or number.

Selectors: `theta`, and `Sheet2!theta` where there are several sheets. The first row is the header
where all of it is text; a unit in brackets (`energy [keV]`) is the unit. A column is text, or
int64 where every number is whole, else float64; dates become ISO text. Empty rows do not count;
an empty cell in a column is an error. Of formulas the value is taken that was computed last.
"""

from __future__ import annotations

import datetime
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.errors import SourceError
from nxtool.sources.csvfile import split_units
from nxtool.sources.extras import check_size, load, reading
from nxtool.sources.lookup import check_options, unknown
from nxtool.sources.memory import MemoryArray, text_array
from nxtool.sources.ziparchive import ZipArchive

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from nxtool.sources.model import OpenFile, SourceArray

_LIMIT: Final = 256 << 20
_UNPACKED: Final = 1 << 30
_CELLS: Final = 5_000_000
"""How large a file may be, packed and unpacked, and how many cells a sheet may have."""

_reading = partial(reading, library="openpyxl")


def opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open workbooks; there are no options."""
    check_options("xlsx", options, ())
    return Workbook


class Workbook:
    """A `Reader` of one workbook.

    Raises:
        MissingExtra: openpyxl is not installed.
        SourceError: the file is damaged, or unpacks to too much.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        openpyxl = load("openpyxl", f"reading the table {path.name}", "tables")
        _check_archive(path)
        self._sheets: dict[str, _Sheet] = {}
        with ExitStack() as stack, _reading(path):
            stream = stack.enter_context(path.open("rb"))
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
            self._names = tuple(sheet.title for sheet in book.worksheets)
            self._book = book
            self._stack = stack.pop_all()

    def close(self) -> None:
        """Close the file."""
        self._sheets.clear()
        self._book.close()
        self._stack.close()

    def keys(self) -> Iterator[str]:
        """The columns, with the name of their sheet where there are several."""
        for name in self._names:
            before = f"{name}!" if len(self._names) > 1 else ""
            yield from (f"{before}{column}" for column in self._sheet(name).names)

    def array(self, selector: str = "") -> SourceArray:
        """The column with this name or number; the only column needs none."""
        sheet, mark, column = selector.rpartition("!")
        if not mark and len(self._names) == 1:
            sheet = self._names[0]
        if sheet not in self._names:
            raise unknown(self._path, "sheet", sheet, self._names)
        return self._sheet(sheet).column(column)

    def _sheet(self, name: str) -> _Sheet:
        if name not in self._sheets:
            with _reading(self._path):
                rows = list(self._rows(name))
            self._sheets[name] = _Sheet(f"{self._path}: sheet {name}", rows)
        return self._sheets[name]

    def _rows(self, name: str) -> Iterator[tuple[int, Sequence[Any]]]:
        """The rows of a sheet that are not empty, with their numbers."""
        count = 0
        for number, row in enumerate(self._book[name].iter_rows(values_only=True), start=1):
            count += len(row) or 1
            if count > _CELLS:
                raise SourceError(f"{self._path}: sheet {name} has more than {_CELLS} cells")
            if any(cell is not None for cell in row):
                yield number, row


class _Sheet:
    """The cells of a sheet."""

    def __init__(self, where: str, rows: Sequence[tuple[int, Sequence[Any]]]) -> None:
        self._where = where
        self._rows = rows
        width = max((len(row) for _, row in rows), default=0)
        while width and not any(_cell(row, width - 1) is not None for _, row in rows):
            width -= 1
        first = [_cell(rows[0][1], index) for index in range(width)] if rows else []
        is_header = all(cell is None or isinstance(cell, str) for cell in first)
        self._headers = [(cell or "").strip() for cell in first] if is_header else []
        self._cells = rows[1:] if is_header else rows
        plain = [split_units(header)[0] for header in self._headers]
        self.names = [name or str(n) for n, name in enumerate(plain or [""] * width, start=1)]

    def column(self, name: str) -> SourceArray:
        """The column with this name, header or number."""
        index = self._index(name)
        units = split_units(self._headers[index])[1] if self._headers else None
        cells = [(number, self._value(number, row, index)) for number, row in self._cells]
        return MemoryArray(self._array(cells, index), units or None)

    def _index(self, name: str) -> int:
        if not name and len(self.names) == 1:
            return 0
        for names in (self._headers, self.names):
            if name and names.count(name) > 1:
                hint = f"take column {names.index(name) + 1} by its number"
                message = f"{self._where}: there are {names.count(name)} columns {name!r}"
                raise SourceError(message, hint=hint)
            if name in names:
                return names.index(name)
        if name.isascii() and name.isdigit() and 0 < int(name) <= len(self.names):
            return int(name) - 1
        raise unknown(self._where, "column", name, self.names)

    def _value(self, number: int, row: Sequence[Any], index: int) -> Any:
        value = _cell(row, index)
        if value is None:
            hint = "a formula has a value once a program has computed it"
            raise SourceError(f"{self._where}: cell {_place(index, number)} is empty", hint=hint)
        is_date = isinstance(value, datetime.datetime | datetime.date | datetime.time)
        return value.isoformat() if is_date else value

    def _array(self, cells: Sequence[tuple[int, Any]], index: int) -> np.ndarray[Any, Any]:
        kinds = {_kind(value) for _, value in cells}
        if len(kinds) > 1:
            first = _kind(cells[0][1])
            number, value = next(cell for cell in cells if _kind(cell[1]) != first)
            place = _place(index, number)
            raise SourceError(f"{self._where}: cell {place} is {value!r}, above it are {first}s")
        values = [value for _, value in cells]
        if kinds == {"text"}:
            return text_array(values)
        array = np.array(values)
        if array.dtype.kind not in "ifb":
            raise SourceError(f"{self._where}: column {self.names[index]} is no column of numbers")
        return array


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "truth value"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else type(value).__name__


def _cell(row: Sequence[Any], index: int) -> Any:
    return row[index] if index < len(row) else None


def _place(index: int, number: int) -> str:
    """A cell as Excel names it: `A1`, `AB3`."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{number}"


def _check_archive(path: Path) -> None:
    check_size(path, _LIMIT)
    archive = ZipArchive(path)
    archive.close()
    total = sum(member.file_size for member in archive.members.values())
    if total > _UNPACKED:
        raise SourceError(f"{path}: unpacks to more than {_UNPACKED >> 20} MiB")
