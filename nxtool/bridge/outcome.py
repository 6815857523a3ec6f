"""What a bridge was asked for, and what it did."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from nxtool.bridge.additions import Note
from nxtool.bridge.record import Direction, Form

Way = Literal["overlay", "sidecar", "copy", "strip"]
Iterations = Literal["entry", "frame", "none"]


@dataclass(frozen=True, slots=True)
class Manner:
    """How a file is bridged. Without `out` the file itself is replaced, when all is done."""

    way: Way = "overlay"
    out: Path | None = None
    overwrite: bool = False
    digits: int = 1
    iterations: Iterations = "entry"
    tolerance: float = 1e-6


@dataclass(slots=True)
class Outcome:
    """What was done. `mapped` counts what has a counterpart now, by its kind; `notes` say what
    has none, and is kept."""

    source: Path
    target: Path
    direction: Direction
    form: Form | Literal["strip", "restore"]
    before: int
    after: int = 0
    mapped: dict[str, int] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
