"""Revisions as values: an attribute that is set or taken away, and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from nxtool import nxpath
from nxtool.build.fixedtext import Value


@dataclass(frozen=True, slots=True)
class Set:
    """Give an object an attribute; one of the same name is replaced."""

    path: str
    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class Drop:
    """Take an attribute away."""

    path: str
    name: str


Edit: TypeAlias = "Set | Drop"


@dataclass(frozen=True, slots=True)
class Revision:
    """One edit, the rule of openPMD that it serves, and what it does, in words."""

    code: str
    edit: Edit
    message: str

    @property
    def place(self) -> str:
        """The attribute."""
        return nxpath.attribute(self.edit.path, self.edit.name)


@dataclass(frozen=True, slots=True)
class Remark:
    """What a revision cannot do for `path`: a clause."""

    path: str
    message: str


Step: TypeAlias = "Revision | Remark"


@dataclass(slots=True)
class Revised:
    """What was done to one file."""

    source: Path
    target: Path
    revisions: list[Revision] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
