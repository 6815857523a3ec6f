"""One rule as a table has it."""

from __future__ import annotations

from dataclasses import dataclass

from nxtool.findings import Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `title` is a phrase for tables, `help` says what to do about a finding."""

    code: str
    severity: Severity
    family: str
    title: str
    help: str
    source: str
