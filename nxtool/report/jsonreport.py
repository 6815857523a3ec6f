"""Findings for programs: one JSON document, described here, for any number of files.

    {
      "schema": "nxtool.validate", "schema_version": 1,
      "tool": {"name": "nxtool", "version": "0.1.0"},
      "definitions": ["nxtool", "official v2026.01"],      in the order they are looked through
      "files": [
        {
          "file": "scan.nxs",
          "verdict": "valid" | "invalid" | "unreadable",   invalid: there is an error
          "problem": null | {"message": "...", "hint": "..."},     only when unreadable
          "definitions": [{"path": "/entry", "name": "NXtomo"}],
          "counts": {"error": 0, "warning": 2, "info": 1},         of all findings
          "findings": [
            {"code", "severity", "rule", "path", "message", "expected", "found", "hint",
             "anchor", "mark": null | {"file", "line", "column"}}
          ]
        }
      ]
    }

Keys may be added without a new `schema_version`. Text is plain ASCII; bytes that are not UTF-8
stand as `\\xNN` in it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from nxtool import __version__
from nxtool.errors import NxtoolError
from nxtool.findings import SEVERITIES, Finding, Findings, Severity
from nxtool.report.printable import printable
from nxtool.validate.rulebook import RULES

SCHEMA: Final = "nxtool.validate"
SCHEMA_VERSION: Final = 1


@dataclass(slots=True)
class JsonReporter:
    """Findings about file after file, as one document at the end.

    Findings milder than `least` are only counted. `definitions` names the sets that were used.
    """

    definitions: Sequence[str]
    least: Severity = "info"
    _files: list[dict[str, Any]] = field(default_factory=list)

    def file(self, findings: Findings) -> str:
        """Nothing yet; the file is in the document."""
        self._files.append(_file_entry(findings, self.least))
        return ""

    def unreadable(self, file: str, error: NxtoolError) -> str:
        """Nothing yet; the file is in the document."""
        self._files.append(
            {
                "file": printable(file),
                "verdict": "unreadable",
                "problem": {"message": printable(error.message), "hint": printable(error.hint)},
                "definitions": [],
                "counts": dict.fromkeys(SEVERITIES, 0),
                "findings": [],
            }
        )
        return ""

    def end(self) -> str:
        """The document."""
        content = {
            "schema": SCHEMA,
            "schema_version": SCHEMA_VERSION,
            "tool": {"name": "nxtool", "version": __version__},
            "definitions": list(self.definitions),
            "files": self._files,
        }
        return json.dumps(content, indent=2, allow_nan=False) + "\n"


def _file_entry(findings: Findings, least: Severity) -> dict[str, Any]:
    applications = [text.rpartition(": ") for text in findings.definitions]
    return {
        "file": printable(findings.file),
        "verdict": "valid" if findings.ok else "invalid",
        "problem": None,
        "definitions": [
            {"path": printable(path), "name": printable(name)} for path, _, name in applications
        ],
        "counts": {severity: findings.count(severity) for severity in SEVERITIES},
        "findings": [finding_entry(item) for item in findings.at_least(least)],
    }


def finding_entry(item: Finding) -> dict[str, Any]:
    """One finding, as it stands in the document."""
    mark = item.mark
    return {
        "code": item.code,
        "severity": item.severity,
        "rule": RULES[item.code].title if item.code in RULES else "",
        "path": printable(item.path),
        "message": printable(item.message),
        "expected": printable(item.expected),
        "found": printable(item.found),
        "hint": printable(item.hint),
        "anchor": printable(item.anchor),
        "mark": mark and {"file": printable(mark.file), "line": mark.line, "column": mark.column},
    }
