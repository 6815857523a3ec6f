"""Findings for programs: one JSON document for any number of files.

`docs/json-report.md` describes it, `docs/json-report.schema.json` as a JSON Schema. Keys may be
added without a new `schema_version`. Text is plain ASCII; bytes that are not UTF-8 stand as
`\\xNN` in it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from nxtool import __version__
from nxtool.errors import NxtoolError
from nxtool.findings import SEVERITIES, Anchor, Finding, Findings, Mark
from nxtool.report.printable import printable
from nxtool.report.reporting import ALL, Form, Shown, Tally
from nxtool.validate.rulebook import RULES

SCHEMA: Final = "nxtool.validate"
SCHEMA_VERSION: Final = 1


def reporter(form: Form) -> JsonReporter:
    """A reporter for `form`."""
    return JsonReporter(form.definitions, form.shown)


@dataclass(slots=True)
class JsonReporter:
    """Findings about file after file, as one document at the end.

    Findings that are not shown are only counted. `definitions` names the sets that were used.
    """

    definitions: Sequence[str]
    shown: Shown = ALL
    _files: list[dict[str, Any]] = field(default_factory=list)
    _tally: Tally = field(default_factory=Tally)

    def file(self, findings: Findings) -> str:
        """Nothing yet; the file is in the document."""
        self._tally.add(findings)
        self._files.append(_file_entry(findings, self.shown))
        return ""

    def unreadable(self, file: str, error: NxtoolError) -> str:
        """Nothing yet; the file is in the document."""
        self._tally.verdicts["unreadable"] += 1
        self._files.append(
            {
                "file": printable(file),
                "verdict": "unreadable",
                "problem": {"message": printable(error.message), "hint": printable(error.hint)},
                "definitions": [],
                "counts": dict.fromkeys(SEVERITIES, 0),
                "waived": 0,
                "known": 0,
                "more": 0,
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
            "summary": {
                "files": self._tally.files,
                **self._tally.verdicts,
                "counts": self._tally.counts,
                "waived": self._tally.waived,
                "known": self._tally.known,
            },
        }
        return json.dumps(content, indent=2, allow_nan=False) + "\n"


def _file_entry(findings: Findings, shown: Shown) -> dict[str, Any]:
    items, more = shown.pick(findings)
    applications = [text.rpartition(": ") for text in findings.definitions]
    return {
        "file": printable(findings.file),
        "verdict": "valid" if findings.ok else "invalid",
        "problem": None,
        "definitions": [
            {"path": printable(path), "name": printable(name)} for path, _, name in applications
        ],
        "counts": {severity: findings.count(severity) for severity in SEVERITIES},
        "waived": findings.waived,
        "known": findings.known,
        "more": more,
        "findings": [finding_entry(item) for item in items],
    }


def finding_entry(item: Finding) -> dict[str, Any]:
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
        "concept": _concept(item.anchor),
        "waived": printable(item.waived),
        "mark": mark and _place(mark),
    }


def _place(mark: Mark) -> dict[str, Any]:
    """Line and column are null where the place is no text file."""
    where = {"line": mark.line or None, "column": mark.column or None}
    return {"file": printable(mark.file), **where}


def _concept(text: str) -> dict[str, Any] | None:
    anchor = Anchor.of(text)
    if anchor is None:
        return None
    return {
        "definition": printable(anchor.definition),
        "path": printable(anchor.concept),
        "file": printable(anchor.file),
        "line": anchor.line,
    }
