"""What all reports of findings have in common: when they are asked, and what they show.

A reporter is told of file after file and gives text as soon as it can; what it gives, one after
the other, is the report. It prints nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol

from nxtool.errors import NxtoolError
from nxtool.findings import SEVERITIES, Finding, Findings, Severity

if TYPE_CHECKING:
    from nxtool.report.terminal import Terminal


class Reporter(Protocol):
    """Turns findings about file after file into text."""

    def file(self, findings: Findings) -> str:
        """A file was judged."""

    def unreadable(self, file: str, error: NxtoolError) -> str:
        """A file could not be judged."""

    def end(self) -> str:
        """There are no more files."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Which findings about a file are shown: none milder than `least`, at most `most` of them
    (None for all)."""

    least: Severity = "info"
    most: int | None = None

    def pick(self, findings: Findings) -> tuple[list[Finding], int]:
        """The findings to show, worst first, and how many more are severe enough."""
        found = findings.at_least(self.least)
        return found[: self.most], max(0, len(found) - len(found[: self.most]))


ALL: Final = Shown()
SERIOUS: Final = Shown("warning")


@dataclass(frozen=True, slots=True)
class Form:
    """How a report is made: what it shows, for which terminal, by which sets of definitions."""

    shown: Shown
    terminal: Terminal
    definitions: Sequence[str] = ()
    detailed: bool = False


@dataclass(slots=True)
class Tally:
    """How many files were valid, invalid and unreadable, and how many findings of each severity
    they had."""

    verdicts: dict[str, int] = field(
        default_factory=lambda: {"valid": 0, "invalid": 0, "unreadable": 0}
    )
    counts: dict[Severity, int] = field(default_factory=lambda: dict.fromkeys(SEVERITIES, 0))
    waived: int = 0
    known: int = 0

    def add(self, findings: Findings) -> None:
        """Count a file that was judged."""
        self.verdicts["valid" if findings.ok else "invalid"] += 1
        for severity in SEVERITIES:
            self.counts[severity] += findings.count(severity)
        self.waived += findings.waived
        self.known += findings.known

    @property
    def files(self) -> int:
        """How many files there were."""
        return sum(self.verdicts.values())


FORMATS: Final[Mapping[str, str]] = {
    "text": "nxtool.report.text",
    "json": "nxtool.report.jsonreport",
    "sarif": "nxtool.report.sarif",
    "junit": "nxtool.report.junitxml",
    "github": "nxtool.report.githubnotes",
    "html": "nxtool.report.htmlpage",
}
"""The module that makes each form, loaded when it is asked for; it has a function `reporter`."""
MILD_FORMS: Final = ("json", "sarif", "junit", "html")
"""Forms that show notes unless told otherwise: their readers can filter."""


def make_reporter(name: str, form: Form) -> Reporter:
    """The reporter called `name` in `FORMATS`."""
    make: Callable[[Form], Reporter] = import_module(FORMATS[name]).reporter
    return make(form)
