"""Faults of files that people write by hand or by program, for people and for programs.

{
  "schema": "nxtool.definitions.lint", "schema_version": 1,     or "nxtool.icat.lint"
  "files": [{"file": "NXmine.nxdl.xml", "counts": {"error", "warning", "info"},
             "findings": [...]}]                 findings as `nxtool validate` has them
}
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from nxtool.findings import SEVERITIES, Findings
from nxtool.report.jsonreport import finding_entry
from nxtool.report.printable import printable
from nxtool.report.tallytext import WORDS
from nxtool.report.terminal import Line, line, styled
from nxtool.report.text import counts


def lint_lines(files: Sequence[Findings]) -> Iterator[Line]:
    """One line a fault, as editors understand it, and one a file."""
    for findings in files:
        for item in findings.items:
            word = styled(WORDS[item.severity], item.severity)
            hint = styled(f"  → {item.hint}" if item.hint else "", "faint")
            where = f" {item.path}" if item.path else ""
            yield line(f"{item.mark}: ", word, f": {item.message} [{item.code}]{where}", hint)
        yield line("", styled(f"{findings.file}: ", "title"), counts(findings) or "no faults")


def lint_json(files: Sequence[Findings], schema: str, titles: Mapping[str, str]) -> str:
    """The faults as a document of `schema`; `titles` say what each code stands for."""
    entries = [
        {
            "file": printable(findings.file),
            "counts": {severity: findings.count(severity) for severity in SEVERITIES},
            "findings": [
                {**finding_entry(item), "rule": titles[item.code]} for item in findings.items
            ],
        }
        for findings in files
    ]
    content = {"schema": schema, "schema_version": 1, "files": entries}
    return json.dumps(content, indent=2) + "\n"
