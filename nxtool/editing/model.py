"""Edits as values: what is asked for, what it changes, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from nxtool.build.data import Array
from nxtool.build.plan import PlannedField
from nxtool.findings import Finding, Findings, Mark
from nxtool.yamltree.nodes import Node

Action = Literal["set", "add", "delete"]


@dataclass(frozen=True, slots=True)
class Request:
    """A value for a place: an HDF5 path, attributes behind an `@`, of which the last name may say
    its type. A `value` of None deletes what is there."""

    place: str
    value: Node | None
    mark: Mark


@dataclass(frozen=True, slots=True)
class SetAttribute:
    """Give a group or a field an attribute."""

    path: str
    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class RemoveAttribute:
    """Take an attribute away."""

    path: str
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class WriteField:
    """Put values into a field that exists."""

    path: str
    values: Array


@dataclass(frozen=True, slots=True, eq=False)
class AddField:
    """Create a field, with its attributes."""

    field: PlannedField


@dataclass(frozen=True, slots=True)
class Unlink:
    """Take a name out of its group."""

    path: str


Step: TypeAlias = "SetAttribute | RemoveAttribute | WriteField | AddField | Unlink"


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the record. `old` and `new` are JSON, empty where there is nothing; `step` is
    what is to be done, None where another step does it too."""

    action: Action
    path: str
    old: str
    new: str
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class EditOutcome:
    """What came of an edit.

    `problems` are mistakes in what was asked for; then nothing was done. `before` and `after` are
    what is said of the file; `after` is None where there was nothing to do. `added` are the errors
    and warnings that the edit brings; where it was `refused` for an error, or is only tried,
    nothing is `written`.
    """

    changes: tuple[Change, ...]
    problems: tuple[Finding, ...]
    before: Findings
    after: Findings | None = None
    added: tuple[Finding, ...] = ()
    refused: bool = False
    written: Path | None = None

    @property
    def ok(self) -> bool:
        """True where the edit was made, or would be but for a dry run."""
        return not self.problems and not self.refused
