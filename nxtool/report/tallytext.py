"""How many files were what, in one line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from nxtool.findings import Severity
from nxtool.report.reporting import Tally
from nxtool.report.units import counted

WORDS: Final[dict[Severity, str]] = {"error": "error", "warning": "warning", "info": "note"}
"""What people call the severities."""


def numbers_text(numbers: Iterable[tuple[int, str]]) -> str:
    """Numbers of things, those that are not 0: `2 errors, 1 warning`."""
    return ", ".join(counted(n, word) for n, word in numbers if n)


def extras(waived: int, known: int) -> str:
    """What else there is to count: `, 1 of them waived; 3 known from the baseline not shown`."""
    text = f", {waived} of them waived" if waived else ""
    return text + (f"; {known} known from the baseline" if known else "")


def tally_text(tally: Tally) -> str:
    """`3 files: 1 valid, 2 invalid; 4 errors, 1 note`."""
    verdicts = ", ".join(f"{n} {kind}" for kind, n in tally.verdicts.items() if n)
    numbers = numbers_text((n, WORDS[severity]) for severity, n in tally.counts.items())
    head = f"{counted(tally.files, 'file')}: {verdicts or 'nothing to judge'}"
    return head + (f"; {numbers}" if numbers else "") + extras(tally.waived, tally.known)
