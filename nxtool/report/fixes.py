"""What was mended in a file, for people and for programs.

{
  "schema": "nxtool.fix", "schema_version": 1,
  "file": "scan.nxs", "output": "mended.nxs",
  "fixes": [{"code": "T10", "path": "/entry/start_time", "message": "..."}],
  "before": {"counts": {"error", "warning", "info"}, "findings": [...]},
  "after": {...}                                     findings as `nxtool validate` has them
}
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from nxtool.findings import SEVERITIES, Findings, Severity
from nxtool.fix.model import FixOutcome
from nxtool.report.jsonreport import finding_entry
from nxtool.report.printable import printable
from nxtool.report.reporting import Shown
from nxtool.report.terminal import Line, line, styled
from nxtool.report.text import counts, file_lines


def fix_lines(outcome: FixOutcome, *, least: Severity, detailed: bool) -> Iterator[Line]:
    """Each fix in one line, then what is left to find."""
    for fix in outcome.fixes:
        head = line("", styled("  fixed  ", "good"), styled(f"{fix.code}  ", "faint")).body
        yield line(head, styled(fix.path, "title"), f"  {fix.message}")
    before = counts(outcome.before) or "no findings"
    after = counts(outcome.after) or "no findings"
    told = f"{len(outcome.fixes)} fixed; {before} → {after}"
    yield line("", styled(f"{outcome.before.file}: ", "title"), told)
    yield from file_lines(outcome.after, Shown(least), detailed=detailed)


def fix_json(outcome: FixOutcome) -> str:
    """The fixes and both verdicts as a document."""
    content = {
        "schema": "nxtool.fix",
        "schema_version": 1,
        "file": printable(outcome.before.file),
        "output": printable(outcome.after.file),
        "fixes": [
            {"code": fix.code, "path": printable(fix.path), "message": printable(fix.message)}
            for fix in outcome.fixes
        ],
        "before": verdict(outcome.before),
        "after": verdict(outcome.after),
    }
    return json.dumps(content, indent=2) + "\n"


def verdict(findings: Findings) -> dict[str, Any]:
    """How many findings there are, and which."""
    return {
        "counts": {severity: findings.count(severity) for severity in SEVERITIES},
        "findings": [finding_entry(item) for item in findings],
    }
