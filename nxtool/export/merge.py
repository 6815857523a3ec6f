"""Several files to one dataset: equal values once, numbers as mean and range, dates as a span."""

from __future__ import annotations

from collections.abc import Iterator

from nxtool.export.notes import note
from nxtool.export.record import DataFile, Parameter, Person, Record, Value
from nxtool.export.techniques import Technique
from nxtool.export.values import TOO_LARGE, Number, Spread
from nxtool.findings import Finding

_OF_FILES = ("dataset.name",)
"""What differs between the files of a dataset without being worth a word."""


class Merger:
    """Takes records one by one; what it keeps does not grow with them but for the list of files."""

    def __init__(self) -> None:
        self.count = 0
        self._record = Record("")
        self._techniques: dict[Technique, None] = {}
        self._people: dict[tuple[str, str], Person] = {}
        self._parameters: dict[str, _Merged] = {}
        self._files: list[DataFile] = []
        self._notes: dict[tuple[str, str, str], Finding] = {}

    def add(self, record: Record, notes: list[Finding]) -> None:
        """One more file of the dataset. Of notes that differ only in names and numbers the first
        is kept."""
        self.count += 1
        self._record.source = self._record.source or record.source
        for target, value in record.values.items():
            self._add_value(target, value, record.source)
        self._techniques.update(dict.fromkeys(record.techniques))
        for person in record.people:
            self._people.setdefault((person.name, person.role), person)
        for parameter in record.parameters:
            self._parameters.setdefault(parameter.name, _Merged(parameter)).add(parameter)
        self._files.extend(record.files)
        for item in notes:
            self._notes.setdefault((item.code, item.path, item.shape), item)

    def add_file(self, file: DataFile) -> None:
        """A file that belongs to the dataset and says nothing of it."""
        self._files.append(file)

    def merged(self) -> tuple[Record, list[Finding]]:
        """The dataset, and the notes."""
        record = self._record
        record.techniques = tuple(self._techniques)
        record.people = tuple(self._people.values())
        merged = self._parameters.values()
        record.parameters = tuple(one.parameter() for one in merged if one.spread.finite)
        unique = {file.path.resolve(): file for file in self._files}
        record.files = tuple(unique.values())
        notes = list(self._notes.values())
        for one in self._parameters.values():
            notes.extend(one.notes())
        return record, notes

    def _add_value(self, target: str, value: Value, source: str) -> None:
        known = self._record.values.setdefault(target, value)
        if known.text == value.text or target in _OF_FILES:
            return
        if target.endswith("Date"):
            choose = min if target.endswith("startDate") else max
            self._record.values[target] = choose(known, value, key=_moment)
            return
        text = f"{target}: {value.text!r} in {source} differs; {known.text!r} is kept"
        self._notes.setdefault(("X12", target, ""), note("X12", value.path or "/", text))


class _Merged:
    """One parameter over the files."""

    def __init__(self, first: Parameter) -> None:
        self.first = first
        self.spread = Spread()
        self.texts: dict[str, None] = {}
        self.odd_units = ""

    def add(self, parameter: Parameter) -> None:
        value = parameter.value
        if isinstance(value, Number):
            self._add_number(value)
        elif len(self.texts) < 50:
            self.texts.setdefault(value)

    def _add_number(self, value: Number) -> None:
        """Numbers of other units do not mix: where a catalogue has a unit, all are converted to it,
        but not where it has none."""
        units = self.first.units
        if (value.units or "N/A") == units:
            self.spread.add(_as_spread(value))
        else:
            self.odd_units = self.odd_units or value.units or "none"

    def parameter(self) -> Parameter:
        first = self.first
        value = first.value
        if isinstance(value, Number):
            value = self.spread.number(value.units)
        elif first.kind == "STRING":
            value = "; ".join(self.texts)
        return Parameter(first.name, value, first.path, first.kind, first.about)

    def notes(self) -> Iterator[Finding]:
        name, path, spread = self.first.name, self.first.path, self.spread
        if not spread.finite:
            yield note("X08", path, f"{name}: {TOO_LARGE}")
            return
        if self.odd_units:
            units = f"{self.first.units} and {self.odd_units}"
            yield note("X12", path, f"{name}: the files say {units}; only the first are taken")
        if spread.count and spread.low != spread.high:
            yield note("X21", path, f"{name}: the values of the files become mean and range")
        elif len(self.texts) > 1:
            yield note("X12", path, f"{name}: {len(self.texts)} texts of the files are joined")


def _as_spread(number: Number) -> Spread:
    low = number.value if number.low is None else number.low
    high = number.value if number.high is None else number.high
    deviation = number.deviation or 0.0
    squares = deviation * deviation * number.count  # which ** would refuse where it is too large
    return Spread(number.count, number.value, squares, low, high)


def _moment(value: Value) -> tuple[float, str]:
    from datetime import datetime

    try:
        return datetime.fromisoformat(value.text.replace("Z", "+00:00")).timestamp(), value.text
    except ValueError:
        return 0.0, value.text
