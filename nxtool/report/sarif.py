"""Findings as SARIF 2.1.0, which code hosts and editors read (OASIS, "Static Analysis Results
Interchange Format").

One run with all files. A file is a physical location, relative to the working directory where it
lies below it; the HDF5 path is a logical location; findings of recipes have a region. A finding
keeps its fingerprint when numbers and quoted names in its message change. What a file carries
beyond SARIF's words (expected, found, the concept of the definition) is in `properties`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from nxtool import __version__, nxpath
from nxtool.errors import NxtoolError
from nxtool.findings import Anchor, Finding, Findings, Severity
from nxtool.remote.address import address_of
from nxtool.report.printable import printable
from nxtool.report.reporting import ALL, Form, Shown
from nxtool.validate.rulebook import RULES, Rule

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
VERSION: Final = "2.1.0"
FINGERPRINT: Final = "nxtool/v1"
RULES_PAGE: Final = "docs/rules.md"
Artifact = dict[str, str]
LEVELS: Final[dict[Severity, str]] = {"error": "error", "warning": "warning", "info": "note"}


def reporter(form: Form) -> SarifReporter:
    """A reporter for `form`."""
    return SarifReporter(form.shown)


@dataclass(slots=True)
class SarifReporter:
    """Findings about file after file, as one log at the end."""

    shown: Shown = ALL
    _results: list[dict[str, Any]] = field(default_factory=list)
    _problems: list[dict[str, Any]] = field(default_factory=list)
    _artifacts: list[dict[str, Any]] = field(default_factory=list)
    _codes: dict[str, int] = field(default_factory=dict)

    def file(self, findings: Findings) -> str:
        """Nothing yet; the findings are in the log."""
        items, more = self.shown.pick(findings)
        artifact = _artifact(findings.file)
        place: dict[str, Any] = {"location": artifact}
        if more:
            place["properties"] = {"moreFindings": more}
        self._artifacts.append(place)
        self._results += [self._result(artifact, item) for item in items]
        return ""

    def unreadable(self, file: str, error: NxtoolError) -> str:
        """Nothing yet; the problem is in the log."""
        self._artifacts.append({"location": _artifact(file)})
        self._problems.append(
            {
                "level": "error",
                "message": {"text": printable(str(error))},
                "locations": [{"physicalLocation": {"artifactLocation": _artifact(file)}}],
            }
        )
        return ""

    def end(self) -> str:
        """The log."""
        run = {
            "tool": {"driver": self._driver()},
            "invocations": [
                {
                    "executionSuccessful": not self._problems,
                    "toolExecutionNotifications": self._problems,
                }
            ],
            "artifacts": self._artifacts,
            "results": self._results,
            "columnKind": "unicodeCodePoints",
        }
        log = {"$schema": SCHEMA, "version": VERSION, "runs": [run]}
        return json.dumps(log, indent=2, allow_nan=False) + "\n"

    def _driver(self) -> dict[str, Any]:
        home = _documentation()
        return {
            "name": "nxtool",
            "semanticVersion": __version__,
            "rules": [_rule(code, home) for code in self._codes],
        }

    def _result(self, artifact: Artifact, item: Finding) -> dict[str, Any]:
        index = self._codes.setdefault(item.code, len(self._codes))
        text = f"{item.path}: {item.message}" + (f" ({item.hint})" if item.hint else "")
        result = {
            "ruleId": item.code,
            "ruleIndex": index,
            "level": LEVELS[item.severity],
            "message": {"text": printable(text)},
            "locations": [_location(artifact, item)],
            "partialFingerprints": {FINGERPRINT: _fingerprint(artifact, item)},
            "properties": _properties(item),
        }
        if item.waived:
            result["suppressions"] = [
                {
                    "kind": "inSource",
                    "status": "accepted",
                    "justification": printable(item.waived),
                }
            ]
        return result


def _rule(code: str, home: str) -> dict[str, Any]:
    rule = RULES.get(code) or Rule(code, "error", "", code, "", "")
    return {
        "id": rule.code,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": f"{rule.title} ({rule.source})"},
        "help": {"text": rule.help},
        "helpUri": f"{home}{RULES_PAGE}#{quote(rule.family)}",
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"tags": [rule.family], "source": rule.source},
    }


def _documentation() -> str:
    """Where the pages of this installation can be read, ending with `/`; empty where the package
    does not say."""
    try:
        urls = metadata.metadata("nxtool").get_all("Project-URL") or []
    except metadata.PackageNotFoundError:
        return ""
    pages = dict(url.split(", ", 1) for url in urls if ", " in url)
    home = pages.get("Documentation", "")
    return f"{home.rstrip('/')}/" if home else ""


def _artifact(file: str) -> Artifact:
    """The file as a URI, relative to the working directory where it is below it."""
    if address_of(file):
        return {"uri": quote(file, safe=":/%")}
    path = Path(file).absolute()
    below = path.is_relative_to(Path.cwd())
    text = (path.relative_to(Path.cwd()) if below else path).as_posix()
    uri = quote(text.encode("utf-8", "surrogateescape"))
    return {"uri": uri if below else f"file://{uri}"}


def _location(artifact: Artifact, item: Finding) -> dict[str, Any]:
    attribute = "@" in nxpath.base(item.path)
    physical: dict[str, Any] = {
        "artifactLocation": _artifact(item.mark.file) if item.mark else artifact
    }
    if item.mark is not None:
        physical["region"] = {"startLine": item.mark.line, "startColumn": item.mark.column}
    return {
        "physicalLocation": physical,
        "logicalLocations": [
            {
                "name": printable(nxpath.base(item.path)),
                "fullyQualifiedName": printable(item.path),
                "kind": "member" if attribute else "object",
            }
        ],
    }


def _fingerprint(artifact: Artifact, item: Finding) -> str:
    parts = (item.code, artifact["uri"], item.path, item.shape)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _properties(item: Finding) -> dict[str, Any]:
    texts = {"expected": item.expected, "found": item.found, "hint": item.hint}
    found: dict[str, Any] = {name: printable(text) for name, text in texts.items() if text}
    anchor = Anchor.of(item.anchor)
    if anchor is not None:
        found["concept"] = {
            "definition": anchor.definition,
            "path": printable(anchor.concept),
            "file": printable(anchor.file),
            "line": anchor.line,
        }
    return found
