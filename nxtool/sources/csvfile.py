"""Tables as text: CSV, TSV and columns with spaces between them.

A table gives one 1-D array a column, by its name or number (from 1). A column is text if its
first cell is; otherwise it is int64 where every value is a whole number, else float64. With
`format: matrix` the file is one 2-D array of float64 instead. Blank lines and lines that begin
with `#` are skipped. Files are read line by line, a column at a time.
"""

from __future__ import annotations

import csv
import re
from array import array
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.errors import SourceError
from nxtool.findings import Mark
from nxtool.sources.lookup import check_options, count_option, unknown
from nxtool.sources.memory import MemoryArray, text_array

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from nxtool.sources.model import OpenFile, SourceArray

LIMIT: Final = 512 * 2**20
"""The largest text file that is read, in bytes."""

_DELIMITERS: Final = ("\t", ";", ",")
_SPACES: Final = " "
_SAMPLE: Final = 20
_UNITS: Final = re.compile(r"(?P<name>.*\S)\s*(?:\((?P<round>[^()]*)\)|\[(?P<square>[^\[\]]*)\])")


def opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open tables: options `delimiter`, `header` (true, false), `skip_rows`, `dtype`."""
    check_options("csv", options, ("delimiter", "header", "skip_rows", "dtype"))
    return partial(CsvTable, layout=_layout(options), header=_header_option(options))


def matrix_opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open matrices: options `delimiter`, `skip_rows`, `dtype` (float64)."""
    check_options("matrix", options, ("delimiter", "skip_rows", "dtype"))
    return partial(CsvMatrix, layout=_layout(options))


@dataclass(frozen=True, slots=True)
class Layout:
    """How the text is laid out; an empty delimiter is found out, a space is any white space."""

    delimiter: str = ""
    skip_rows: int = 0
    dtype: np.dtype[Any] | None = None


def _layout(options: Mapping[str, Any]) -> Layout:
    delimiter = options.get("delimiter", "")
    if delimiter and (not isinstance(delimiter, str) or len(delimiter) != 1):
        raise SourceError(f"option delimiter is {delimiter!r}", hint="it is one character")
    return Layout(delimiter, count_option(options, "skip_rows"), _dtype_option(options))


def _dtype_option(options: Mapping[str, Any]) -> np.dtype[Any] | None:
    if "dtype" not in options:
        return None
    name = options["dtype"]
    if name == "str":
        return np.dtype(object)
    try:
        dtype: np.dtype[Any] = np.dtype(name)
    except TypeError:
        dtype = np.dtype(object)
    if dtype.kind not in "iuf":
        raise SourceError(f"option dtype is {name!r}", hint="write float64, int32 or str")
    return dtype


def _header_option(options: Mapping[str, Any]) -> bool | None:
    header = options.get("header")
    if header is not None and not isinstance(header, bool):
        raise SourceError(f"option header is {header!r}", hint="it is true or false")
    return header


class CsvTable:
    """A `Reader` of one table."""

    def __init__(self, path: Path, layout: Layout, header: bool | None = None) -> None:
        self._text = _TextTable(path, layout)
        self._dtype = layout.dtype
        first = self._text.sample
        self._has_header = _looks_like_header(first) if header is None else header
        width = len(first[0]) if first else 0
        self._headers = tuple(cell.strip() for cell in first[0]) if self._has_header else ()
        self._width = width
        self._columns: dict[int, SourceArray] = {}

    def close(self) -> None:
        """Forget the columns read so far."""
        self._columns.clear()

    def keys(self) -> Iterator[str]:
        """The headers without their units; the column numbers where there is no header."""
        if not self._has_header:
            yield from (str(number + 1) for number in range(self._width))
        yield from (split_units(header)[0] for header in self._headers)

    def array(self, selector: str = "") -> SourceArray:
        """The column with this name, header or number; the only column needs no selector."""
        index = self._index(selector)
        if index not in self._columns:
            values = self._text.column(index, self._dtype, skip=1 if self._has_header else 0)
            units = split_units(self._headers[index])[1] if self._has_header else None
            self._columns[index] = MemoryArray(values, units)
        return self._columns[index]

    def _index(self, selector: str) -> int:
        if not selector and self._width == 1:
            return 0
        for names in (self._headers, tuple(self.keys())):
            if names.count(selector) > 1:
                raise SourceError(
                    f"{self._text.path}: there are {names.count(selector)} columns {selector!r}",
                    hint=f"take column {names.index(selector) + 1} by its number",
                )
            if selector in names:
                return names.index(selector)
        if selector.isascii() and selector.isdigit() and 0 < int(selector) <= self._width:
            return int(selector) - 1
        raise unknown(self._text.path, "column", selector, self.keys())


class CsvMatrix:
    """A `Reader` of one numeric matrix."""

    def __init__(self, path: Path, layout: Layout) -> None:
        self._text = _TextTable(path, layout)
        self._dtype = layout.dtype or np.dtype(np.float64)
        if self._dtype.kind == "O":
            raise SourceError("format matrix has no dtype 'str'", hint="write float64 or int32")
        self._whole: SourceArray | None = None

    def close(self) -> None:
        """Forget the matrix."""
        self._whole = None

    def keys(self) -> Iterator[str]:
        """Nothing: there is only the matrix itself."""
        yield from ()

    def array(self, selector: str = "") -> SourceArray:
        """The whole matrix."""
        if selector:
            raise SourceError(f"{self._text.path}: a matrix has no {selector!r}", hint="name none")
        if self._whole is None:
            self._whole = MemoryArray(self._text.matrix(self._dtype))
        return self._whole


class _TextTable:
    """Rows of cells with their places, from one file.

    Raises:
        SourceError: the file is too large or no text; with its place, a row with too few or too
            many cells, and a cell that is no number.
    """

    def __init__(self, path: Path, layout: Layout) -> None:
        self.path = path
        self._skip = layout.skip_rows
        self._line = 0
        self._raw = ""
        _check_size(path)
        lines = list(islice(self._lines(), _SAMPLE))
        if not lines:
            raise SourceError(f"{path}: there is no table in it")
        self._delimiter = layout.delimiter or _sniff(lines)
        self.sample = tuple(islice(self.rows(), 2))

    def _lines(self) -> Iterator[str]:
        """The lines that belong to the table; keeps the last one for messages."""
        try:
            with self.path.open("rb") as stream:
                for self._line, raw in enumerate(stream, start=1):
                    self._raw = _decode(raw).rstrip("\r\n")
                    if "\0" in self._raw:
                        raise self._error(1, "is not text", "save the file as UTF-8")
                    text = self._raw.lstrip()
                    if self._line > self._skip and text and not text.startswith("#"):
                        yield self._raw
        except OSError as error:
            raise SourceError(f"{self.path}: cannot be read: {error.strerror}") from error

    def rows(self) -> Iterator[Sequence[str]]:
        """The rows, all as wide as the first."""
        width = 0
        for cells in self._split():
            width = width or len(cells)
            if len(cells) != width:
                raise self._error(
                    self._place(cells, min(width, len(cells))),
                    f"{_cells(len(cells))}, but the first row has {width}",
                    "is the delimiter right?",
                )
            yield cells

    def _split(self) -> Iterator[Sequence[str]]:
        if self._delimiter == _SPACES:
            yield from (line.split() for line in self._lines())
            return
        try:
            yield from csv.reader(self._lines(), delimiter=self._delimiter, strict=True)
        except csv.Error as error:
            raise self._error(1, f"cannot be taken apart: {error}", "") from error

    def column(self, index: int, dtype: np.dtype[Any] | None, skip: int) -> np.ndarray[Any, Any]:
        """One column as int64, float64 or text; as `dtype` if one is given."""
        rows = islice(self.rows(), skip, None)
        is_text = self._starts_as_text(index, skip) if dtype is None else dtype.kind == "O"
        if is_text:
            return text_array([cells[index].strip() for cells in rows])
        numbers = _Numbers(dtype)
        for cells in rows:
            self._add(numbers, cells, index)
        return numbers.values()

    def _starts_as_text(self, index: int, skip: int) -> bool:
        cells = self.sample[skip : skip + 1]
        return bool(cells) and _number(cells[0][index]) is None

    def matrix(self, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
        """All rows as a 2-D array."""
        numbers = _Numbers(dtype)
        for cells in self.rows():
            if "_" in self._raw or not numbers.extend_floats(cells):
                for index in range(len(cells)):
                    self._add(numbers, cells, index)
        return numbers.values().reshape(-1, len(self.sample[0]))

    def _add(self, numbers: _Numbers, cells: Sequence[str], index: int) -> None:
        value = _number(cells[index])
        if value is None:
            what = (
                f"{cells[index].strip()!r} is not a number"
                if cells[index].strip()
                else ("the cell is empty")
            )
            raise self._error(self._place(cells, index), what, "")
        try:
            numbers.add(value)
        except OverflowError:
            what = f"{cells[index].strip()} is no {numbers.dtype}"
            raise self._error(self._place(cells, index), what, "set the option dtype") from None

    def _place(self, cells: Sequence[str], index: int) -> int:
        """The column of text, from 1, where a cell of the last line begins."""
        start = 0
        for cell in cells[:index]:
            start = max(start, self._raw.find(cell, start)) + len(cell) + 1
        found = self._raw.find(cells[index], start) if index < len(cells) else 0
        return min(max(found, start), len(self._raw)) + 1

    def _error(self, column: int, what: str, hint: str) -> SourceError:
        return SourceError(what, hint=hint, mark=Mark(str(self.path), self._line, column))


class _Numbers:
    """Numbers gathered compactly: whole ones, until one is not, unless `dtype` is given."""

    def __init__(self, dtype: np.dtype[Any] | None) -> None:
        whole = dtype is None or dtype.kind in "iu"
        unsigned = dtype is not None and dtype.kind == "u"
        self._found: array[Any] = array(("Q" if unsigned else "q") if whole else "d")
        self._given = dtype
        self.dtype = dtype or np.dtype(np.int64)
        self._limits = np.iinfo(self.dtype) if whole else None

    def add(self, value: int | float) -> None:
        """Add a number.

        Raises:
            OverflowError: it is not one of the dtype.
        """
        if self._limits is not None and isinstance(value, float) and self._given is None:
            self._found = array("d", self._found)
            self._limits, self.dtype = None, np.dtype(np.float64)
        if self._limits is not None and (
            isinstance(value, float) or not self._limits.min <= value <= self._limits.max
        ):
            raise OverflowError
        self._found.append(value)

    def extend_floats(self, cells: Sequence[str]) -> bool:
        """Add a whole row at once; False, and nothing added, if it is not all floats."""
        if self._limits is not None:
            return False
        try:
            self._found.extend([float(cell) for cell in cells])
        except ValueError:
            return False
        return True

    def values(self) -> np.ndarray[Any, Any]:
        """All numbers, 1-D."""
        return np.array(self._found, dtype=self.dtype)


def split_units(header: str) -> tuple[str, str | None]:
    """A header as name and unit.

    >>> split_units("energy (eV)"), split_units("energy [eV]"), split_units("energy")
    (('energy', 'eV'), ('energy', 'eV'), ('energy', None))
    """
    match = _UNITS.fullmatch(header)
    if match is None:
        return header, None
    return match["name"], (match["round"] or match["square"] or "").strip()


def _check_size(path: Path) -> None:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from error
    if size > LIMIT:
        raise SourceError(
            f"{path}: {size / 2**20:.0f} MiB of text are too much (the limit is {LIMIT >> 20} MiB)",
            hint="convert it to HDF5 or .npy",
        )


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _sniff(lines: Sequence[str]) -> str:
    """The first delimiter that cuts every line in the same number of cells; else white space."""
    for delimiter in _DELIMITERS:
        counts = {line.count(delimiter) for line in lines}
        if len(counts) == 1 and counts != {0}:
            return delimiter
    for delimiter in _DELIMITERS:  # quoted cells and ragged rows: what most lines have, it is
        if 2 * sum(delimiter in line for line in lines) > len(lines):
            return delimiter
    return _SPACES


def _looks_like_header(rows: Sequence[Sequence[str]]) -> bool:
    """True when the first row is all words, or has a word above a number."""
    if not rows:
        return False
    words = [_number(cell) is None for cell in rows[0]]
    if all(words) or len(rows) == 1:
        return all(words)
    return any(
        word and _number(cell) is not None for word, cell in zip(words, rows[1], strict=True)
    )


def _number(cell: str) -> int | float | None:
    """The number a cell holds, None if it holds none."""
    if "_" in cell:
        return None  # Python reads 1_000 as a number, nobody else does
    try:
        return int(cell)
    except ValueError:
        pass
    try:
        return float(cell)
    except ValueError:
        return None


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"
