"""Findings as commands to the runner of GitHub Actions, which shows them beside the code.

Format: `::error file=scan.nxs,title=P02 the signal does not exist::/entry/data@signal: there is…`
(GitHub documentation, "Workflow commands for GitHub Actions"). A runner shows ten of each kind
for a step and keeps all in the log.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from nxtool.errors import NxtoolError
from nxtool.findings import Finding, Findings, Severity
from nxtool.report.printable import printable
from nxtool.report.reporting import SERIOUS, Form, Shown, Tally
from nxtool.report.tallytext import tally_text
from nxtool.validate.rulebook import RULES

COMMANDS: Final[dict[Severity, str]] = {"error": "error", "warning": "warning", "info": "notice"}


def reporter(form: Form) -> GithubReporter:
    """A reporter for `form`."""
    return GithubReporter(form.shown)


@dataclass(slots=True)
class GithubReporter:
    """Findings about file after file, a line each; the last line counts."""

    shown: Shown = SERIOUS
    _tally: Tally = field(default_factory=Tally)

    def file(self, findings: Findings) -> str:
        """The findings of a file."""
        self._tally.add(findings)
        items, more = self.shown.pick(findings)
        lines = [_annotation(findings.file, item) for item in items]
        if more:
            rest = f"and {more} more findings"
            lines.append(_command("notice", {"file": findings.file, "title": "nxtool"}, rest))
        return "".join(lines)

    def unreadable(self, file: str, error: NxtoolError) -> str:
        """Why a file could not be read."""
        self._tally.verdicts["unreadable"] += 1
        return _command("error", {"file": file, "title": "cannot be read"}, str(error))

    def end(self) -> str:
        """How many files were what."""
        return f"{tally_text(self._tally)}\n"


def _annotation(file: str, item: Finding) -> str:
    title = f"{item.code} {RULES[item.code].title}" if item.code in RULES else item.code
    properties = {"file": item.mark.file if item.mark else file}
    if item.mark is not None:
        properties |= {"line": str(item.mark.line), "col": str(item.mark.column)}
    hint = f"\n{item.hint}" if item.hint else ""
    text = f"{item.path}: {item.message}{hint}"
    return _command(COMMANDS[item.severity], properties | {"title": title}, text)


def _command(name: str, properties: dict[str, str], text: str) -> str:
    """One command; nothing in a file can end it or begin another."""
    pairs = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    lines = "%0A".join(_data(line) for line in text.split("\n"))
    return f"::{name} {pairs}::{lines}\n"


def _data(text: str) -> str:
    """Text behind `::`, escaped as the runner decodes it."""
    return printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
