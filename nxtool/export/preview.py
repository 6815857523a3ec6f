"""An export before it is written: what of each dataset is taken, what is missing, the document.

Unlike an export, it goes on where a required value is missing, and tells all of them at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from nxtool.export.api import Export
from nxtool.export.datasets import Manner, datasets
from nxtool.export.record import MissingValue, Record, Value
from nxtool.export.run import Writer
from nxtool.findings import Finding, Findings

STAND_IN: Final = "2000"
"""Stands for a value that is missing, to learn what else is; it is a text, and a year."""


@dataclass(slots=True)
class AskedRecord(Record):
    """A record that remembers which values a writer asked for."""

    asked: set[str] = field(default_factory=set)

    def text(self, target: str) -> str:
        """The value of `target`, empty where there is none."""
        self.asked.add(target)
        return Record.text(self, target)


@dataclass(frozen=True, slots=True)
class Look:
    """One dataset: what the file says, what is to be told of it, and by target what is missing,
    with the places looked at. `asked` are the targets that the format wanted to know."""

    record: Record
    notes: tuple[Finding, ...]
    missing: Mapping[str, str]
    asked: frozenset[str]


@dataclass(frozen=True, slots=True)
class Preview:
    """The datasets of an export, and the export itself; None while something is missing."""

    looks: tuple[Look, ...]
    export: Export | None

    @property
    def missing(self) -> dict[str, str]:
        """What is missing in any dataset, by target."""
        return {target: why for look in self.looks for target, why in look.missing.items()}

    @property
    def is_taken(self) -> bool:
        """True where the catalogue would take it."""
        return self.export is not None and self.export.report.ok

    def close(self) -> None:
        """Give back temporary files."""
        if self.export is not None:
            self.export.close()


def preview(file: Path, manner: Manner, make_writer: Callable[[], Writer]) -> Preview:
    """What an export of `file` would be.

    Raises:
        NxtoolError: the file cannot be read, or holds no dataset of the kind that is asked for.
    """
    writer = make_writer()
    try:
        looks = tuple(
            _look(one.record, one.notes, one.missing, writer, make_writer)
            for one in datasets([file], replace(manner, gaps=True))
        )
    except BaseException:
        writer.close()
        raise
    report = Findings(str(file), [note for look in looks for note in look.notes])
    found = Preview(looks, Export(writer, report))
    if not found.missing:
        return found
    writer.close()
    return Preview(looks, None)


def _look(
    record: Record,
    notes: list[Finding],
    missing: Mapping[str, str],
    writer: Writer,
    make_writer: Callable[[], Writer],
) -> Look:
    asked = _asked_of(record)
    if not missing:
        try:
            told = writer.add(asked)
            return Look(record, (*notes, *told), {}, frozenset(asked.asked))
        except MissingValue:
            pass  # below all that is missing is found
    filled = _asked_of(record, missing)
    wanted, told = _wanted(filled, make_writer)
    return Look(record, (*notes, *told), {**wanted, **missing}, frozenset(filled.asked))


def _asked_of(record: Record, missing: Mapping[str, str] | None = None) -> AskedRecord:
    """A copy that remembers, with stand-ins for what is missing."""
    values = {**record.values, **{target: Value(STAND_IN) for target in missing or ()}}
    return AskedRecord(
        record.source, values, record.techniques, record.parameters, record.people, record.files
    )


def _wanted(
    record: AskedRecord, make_writer: Callable[[], Writer]
) -> tuple[dict[str, str], list[Finding]]:
    """What the format cannot do without, and what it tells of the rest."""
    missing: dict[str, str] = {}
    while True:
        writer = make_writer()
        try:
            return missing, writer.add(record)
        except MissingValue as error:
            new = error.missing.keys() - missing.keys()
            missing |= error.missing
            record.values |= {target: Value(STAND_IN) for target in error.missing}
            if not new:  # no value fills this gap
                return missing, []
        finally:
            writer.close()
