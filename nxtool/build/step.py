"""One way in which values were changed on their way into a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """A method with its measures, and the paths of what it was done to."""

    method: str
    parameters: Mapping[str, float | str]
    paths: tuple[str, ...]
