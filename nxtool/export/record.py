"""What a catalogue shall learn of one dataset, before it is put into the words of any of them.

`values` are called as ICAT calls them (`investigation.name`), because its model is the widest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from nxtool.errors import NxtoolError
from nxtool.export.techniques import Technique
from nxtool.export.values import Number

_MADE_UP: Final = "investigation.visitId"
Kind = Literal["NUMERIC", "STRING", "DATE_AND_TIME"]


@dataclass(frozen=True, slots=True)
class Value:
    """A text and the path in the file it comes from; empty for what was made or given."""

    text: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One measured or set value of a dataset: a number with units, or a text, or a date."""

    name: str
    value: Number | str
    path: str
    kind: Kind = "NUMERIC"
    about: str = ""

    @property
    def units(self) -> str:
        """The units as ICAT wants them, which are never empty."""
        number = self.value
        return (number.units if isinstance(number, Number) else "") or "N/A"


@dataclass(frozen=True, slots=True)
class Person:
    """One NXuser; `account` is the name by which the server knows the person."""

    name: str
    path: str
    role: str = ""
    affiliation: str = ""
    email: str = ""
    orcid: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file of a dataset. Times are ISO 8601 in UTC; `sha256` is empty unless asked for."""

    path: Path
    size: int
    modified: str
    sha256: str = ""

    @property
    def name(self) -> str:
        """The name of the file without its folder."""
        return self.path.name


@dataclass(slots=True)
class Record:
    """One dataset. `source` names the file, and the entry in it, for errors and reports."""

    source: str
    values: dict[str, Value] = field(default_factory=dict)
    techniques: tuple[Technique, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    people: tuple[Person, ...] = ()
    files: tuple[DataFile, ...] = ()

    def text(self, target: str) -> str:
        """The value of `target`, empty where there is none."""
        value = self.values.get(target)
        return value.text if value else ""

    def said(self, target: str) -> Value | None:
        """The value of `target`, None where there is none or only a number that mappings make up
        for ICAT, which wants each visit numbered."""
        value = self.values.get(target)
        return None if value and not value.path and target == _MADE_UP else value

    def need(self, target: str, option: str = "") -> str:
        """The value of `target`; `option` is how else it may be given. Raises `MissingValue`."""
        if text := self.text(target):
            return text
        raise MissingValue(self.source, {target: ""}, option)


class MissingValue(NxtoolError):
    """Values that the catalogue cannot do without are not in the file.

    `missing` has them by target, with the places looked at or the reason why what is there cannot
    be used.
    """

    def __init__(self, source: str, missing: Mapping[str, str], option: str = "") -> None:
        told = [f"{target} ({reason})" if reason else target for target, reason in missing.items()]
        verb = "is" if len(told) == 1 else "are"
        way = option or " ".join(f"--set {target}=…" for target in missing)
        super().__init__(
            f"{source}: {', '.join(told)} {verb} missing",
            hint=f"give {way}, or write it into the file (by its recipe, or `nxtool edit`)",
        )
        self.missing = dict(missing)
