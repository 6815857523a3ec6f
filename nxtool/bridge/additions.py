"""What a bridge adds to a file, as values: nothing is written here.

A plan is a stream of additions, in the order they must be made, and of notes for people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from nxtool.build.fixedtext import Value

Attributes: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Ramp:
    """`count` numbers: (offset + (i + shift) * spacing) * unit."""

    count: int
    spacing: float
    offset: float = 0.0
    shift: float = 0.0
    unit: float = 1.0

    def values(self) -> np.ndarray[Any, Any]:
        """The numbers, as float64."""
        steps = (np.arange(self.count) + self.shift) * self.spacing
        return np.asarray((self.offset + steps) * self.unit, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Group:
    """A new group."""

    path: str
    attributes: Attributes = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Field:
    """A new dataset. One whose `values` another field has already may share them."""

    path: str
    values: Value | Ramp
    attributes: Attributes = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Filled:
    """A new dataset of one value, which takes no room: it stands in for what was never written."""

    path: str
    shape: tuple[int, ...]
    value: np.generic
    attributes: Attributes = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """A new link to `target`: in `file` where one is named; `hard` to the object itself."""

    path: str
    target: str
    file: str = ""
    hard: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """A new virtual dataset, which shows all of one in another file, with attributes of its own."""

    path: str
    file: str
    target: str
    attributes: Attributes = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Brought:
    """A new dataset with the values of `target` in the source file; of one `frame`, if given."""

    path: str
    target: str
    frame: int | None = None
    attributes: Attributes = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Spread:
    """A new dataset with each value of `target` for all places from its own start in `starts` to
    the next one, `count` places in all; both are datasets of the source file."""

    path: str
    target: str
    starts: str
    count: int
    attributes: Attributes = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mark:
    """An attribute for an object that is there already, and has none of this name."""

    path: str
    name: str
    value: Value


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """What somebody should know about `path`: a clause, which may hold for many places."""

    path: str
    message: str


Addition: TypeAlias = "Group | Field | Filled | Link | Window | Brought | Spread | Mark"
Step: TypeAlias = "Addition | Note"
