"""Fixes as values: what is wrong, and the edit that mends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from nxtool import nxpath
from nxtool.findings import Findings


@dataclass(frozen=True, slots=True)
class SetAttribute:
    """Give an object an attribute; one of the same name is replaced. A tuple is an array."""

    path: str
    name: str
    value: str | tuple[str, ...]

    @property
    def place(self) -> str:
        """The attribute."""
        return nxpath.attribute(self.path, self.name)


@dataclass(frozen=True, slots=True)
class RemoveAttribute:
    """Take an attribute away."""

    path: str
    name: str

    @property
    def place(self) -> str:
        """The attribute."""
        return nxpath.attribute(self.path, self.name)


@dataclass(frozen=True, slots=True)
class ReplaceText:
    """Write texts over those of a field, in its own type and shape; `values` are flat."""

    path: str
    values: tuple[str, ...]

    @property
    def place(self) -> str:
        """The field."""
        return self.path


@dataclass(frozen=True, slots=True)
class MakeScalar:
    """Store the one text of a field as a scalar, its attributes kept."""

    path: str
    value: str

    @property
    def place(self) -> str:
        """The field."""
        return self.path


Edit: TypeAlias = "SetAttribute | RemoveAttribute | ReplaceText | MakeScalar"


@dataclass(frozen=True, slots=True)
class Fix:
    """One edit, the rule it serves, and what it does, in words."""

    code: str
    edit: Edit
    message: str

    @property
    def path(self) -> str:
        """Where something is changed."""
        return self.edit.place


@dataclass(frozen=True, slots=True)
class FixOutcome:
    """What was mended, and what is said of the file before and after."""

    fixes: tuple[Fix, ...]
    before: Findings
    after: Findings
