"""Which findings count, and how much: what a project decides, not the standard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from nxtool.findings import Finding, Findings, Severity

FailOn = Literal["error", "warning", "never"]
FAIL_ON: Final[tuple[FailOn, ...]] = ("error", "warning", "never")


@dataclass(frozen=True, slots=True)
class Policy:
    """Only rules in `select` count (all where it is empty), those in `ignore` do not;
    `severities` overrule the severity of every finding of a rule, except waived ones."""

    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    severities: Mapping[str, Severity] = field(default_factory=dict)
    fail_on: FailOn = "error"

    def applied(self, findings: Findings) -> Findings:
        """The findings that count, as severe as they count."""
        items = [self._graded(item) for item in findings.items if self._counts(item.code)]
        return replace(findings, items=items)

    def fails(self, findings: Findings) -> bool:
        """Whether they are reason enough to fail."""
        return self.fail_on != "never" and bool(findings.at_least(self.fail_on))

    def _counts(self, code: str) -> bool:
        return code not in self.ignore and (not self.select or code in self.select)

    def _graded(self, item: Finding) -> Finding:
        severity = self.severities.get(item.code, item.severity)
        return (
            item if severity == item.severity or item.waived else replace(item, severity=severity)
        )
