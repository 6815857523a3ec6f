"""Pieces of the sentences about what was found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

SHOWN: Final = 3
"""How many places a sentence names."""
LONGEST: Final = 80
"""How many letters of a text it shows."""


def listed(items: Sequence[str], mark: str = ", ") -> str:
    """The first few items, and how many there are beside.

    >>> listed(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    shown = mark.join(items[:SHOWN])
    return shown if len(items) <= SHOWN else f"{shown} and {len(items) - SHOWN} more"


def short(text: str) -> str:
    """The beginning of a text."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def quoted(text: str) -> str:
    """The beginning of a text between quotation marks; whoever prints it makes it harmless.

    >>> quoted("coin")
    "'coin'"
    """
    return f"'{short(text)}'"
