"""SPEC files: scans with their columns, motor positions, dates and header text.

Selectors: `3:Theta` (a column of scan 3), `3:@chi` (the position of a motor when the scan
started), `3:#date`, `3:#title`, `3:#header` (its header lines), `3:#UXML` (the text of the lines
of that key). `3.2:Theta` is the second scan with the number 3. A scan without data - aborted - has
empty columns. Source: the manual of spec, "Standard data file format" (Certified Scientific
Software).
"""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.errors import SourceError
from nxtool.findings import Mark
from nxtool.sources.lookup import check_options, unknown
from nxtool.sources.memory import MemoryArray, text_array

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from nxtool.sources.model import OpenFile, SourceArray

LIMIT: Final = 512 * 2**20
"""The largest SPEC file that is read, in bytes."""

_KEY: Final = re.compile(r"#([A-Za-z@][A-Za-z]*)(\d*)(?:\s+(.*))?\Z", re.DOTALL)
_GAP: Final = re.compile(r"\s{2,}|\t")


def opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open SPEC files; there are no options."""
    check_options("spec", options, ())
    return SpecFile


@dataclass(slots=True)
class Scan:
    """One scan. `values` holds its rows one after the other, `columns` numbers each."""

    name: str
    title: str
    motors: Sequence[str]
    mnemonics: Sequence[str]
    header: list[str] = field(default_factory=list)
    columns: tuple[str, ...] = ()
    positions: list[float] = field(default_factory=list)
    values: array[float] = field(default_factory=lambda: array("d"))

    def column(self, name: str) -> np.ndarray[Any, Any]:
        """The float64 values of a column; of two with one name the last, as SPEC has it."""
        last = len(self.columns) - 1 - self.columns[::-1].index(name)
        return np.array(self.values).reshape(-1, len(self.columns))[:, last]

    def text(self, key: str) -> str | None:
        """The text behind the header lines `#key`, None if there is none."""
        lines = (_KEY.match(line) for line in self.header)
        found = [match[3] or "" for match in lines if match and match[1] + match[2] == key]
        return "\n".join(found) if found else None


class SpecFile:
    """A `Reader` of one SPEC file.

    Raises:
        SourceError: it is too large or no text; with its place, a line that cannot be right.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.scans = {scan.name: scan for scan in _Parser(path).scans()}
        if not self.scans:
            raise SourceError(f"{path}: there is no scan in it (no line starts with #S)")

    def close(self) -> None:
        """Do nothing: the file is read at once."""

    def keys(self) -> Iterator[str]:
        """The columns of every scan, then what its header holds."""
        for name, scan in self.scans.items():
            yield from (f"{name}:{column}" for column in scan.columns)
            yield from (f"{name}:@{motor}" for motor in scan.motors[: len(scan.positions)])
            yield from (f"{name}:#title", f"{name}:#date", f"{name}:#header")

    def array(self, selector: str = "") -> SourceArray:
        """A column, a motor position or a text of the header."""
        name, _, what = selector.partition(":")
        if name not in self.scans:
            raise unknown(self._path, "scan", name, self.scans)
        scan = self.scans[name]
        if what in scan.columns:
            return MemoryArray(scan.column(what))
        if what.startswith("@"):
            return MemoryArray(np.array(self._position(scan, what[1:])))
        if what.startswith("#"):
            return MemoryArray(text_array([self._text(scan, what[1:])]).reshape(()))
        raise unknown(f"{self._path}: scan {name}", "column", what, scan.columns)

    def _position(self, scan: Scan, motor: str) -> float:
        for names in (scan.motors, scan.mnemonics):
            if motor in names[: len(scan.positions)]:
                return scan.positions[names.index(motor)]
        raise unknown(f"{self._path}: scan {scan.name}", "motor", motor, scan.motors)

    def _text(self, scan: Scan, key: str) -> str:
        known = {"title": scan.title, "header": "\n".join(scan.header), "date": scan.text("D")}
        text = known.get(key.lower()) or scan.text(key)
        if text is None:
            raise unknown(f"{self._path}: scan {scan.name}", "header key", f"#{key}", known)
        return text


class _Parser:
    """Reads the lines of a file one after the other."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._line = 0
        self._motors: dict[str, list[str]] = {"O": [], "o": []}
        self._scan: Scan | None = None
        self._seen: dict[str, int] = {}

    def scans(self) -> Iterator[Scan]:
        """The scans in the order of the file; a number that comes again gets `.2`, `.3`."""
        continued = ""
        for line in self._lines():
            if line.startswith("@") or continued:  # an MCA spectrum, over several lines
                continued = "\\" if line.endswith("\\") else ""
            elif line.startswith("#S"):
                if self._scan is not None:
                    yield self._scan
                self._scan = self._new_scan(line)
            elif line.startswith("#"):
                self._header(line)
            elif line.strip() and self._scan is not None:
                self._row(self._scan, line)
        if self._scan is not None:
            yield self._scan

    def _lines(self) -> Iterator[str]:
        try:
            if self._path.stat().st_size > LIMIT:
                raise SourceError(f"{self._path}: is larger than {LIMIT >> 20} MiB")
            with self._path.open("rb") as stream:
                for self._line, raw in enumerate(stream, start=1):
                    text = raw.decode("utf-8", "replace").rstrip("\r\n")
                    if "\0" in text:
                        raise self._error("is not text")
                    yield text
        except OSError as error:
            raise SourceError(f"{self._path}: cannot be read: {error.strerror}") from error

    def _new_scan(self, line: str) -> Scan:
        match = re.match(r"#S\s+(\d+)(?:\s+(.*))?\Z", line, re.ASCII)
        if match is None:
            raise self._error("a scan without a number")
        number = match[1]
        self._seen[number] = self._seen.get(number, 0) + 1
        name = number if self._seen[number] == 1 else f"{number}.{self._seen[number]}"
        motors, mnemonics = tuple(self._motors["O"]), tuple(self._motors["o"])
        return Scan(name, (match[2] or "").strip(), motors, mnemonics, [line])

    def _header(self, line: str) -> None:
        match = _KEY.match(line)
        key, number, text = match.groups("") if match else ("", "", "")
        if key == "F":
            self._motors = {"O": [], "o": []}
        if key in ("O", "o") and number:
            self._name_motors(key, int(number), text)
        if self._scan is None:
            return
        self._scan.header.append(line)
        if key == "L":
            self._scan.columns = tuple(_GAP.split(text.strip())) if text.strip() else ()
        elif key == "P" and number:
            self._scan.positions += [self._number(part) for part in text.split()]

    def _name_motors(self, key: str, number: int, text: str) -> None:
        if number == 0:  # a new list: SPEC writes it again when the motors change
            self._motors[key] = []
        names = _GAP.split(text.strip()) if key == "O" else text.split()
        self._motors[key] += [name for name in names if name]

    def _row(self, scan: Scan, line: str) -> None:
        cells = line.split()
        if len(cells) != len(scan.columns):
            raise self._error(
                f"{len(cells)} values, but scan {scan.name} has {len(scan.columns)} columns"
            )
        scan.values.extend([self._number(cell) for cell in cells])

    def _number(self, cell: str) -> float:
        try:
            return float(cell)
        except ValueError:
            raise self._error(f"{cell!r} is not a number") from None

    def _error(self, what: str) -> SourceError:
        hint = "the line is damaged or cut off"
        return SourceError(what, hint=hint, mark=Mark(str(self._path), self._line, 1))
