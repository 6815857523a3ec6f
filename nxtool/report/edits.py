"""What an edit changed, for people and for programs.

{
  "schema": "nxtool.edit", "schema_version": 1,
  "file": "scan.nxs", "output": "scan.nxs",          null where nothing was written
  "changes": [{"action": "set", "path": "/entry/title", "old": "a", "new": "b"}],
  "problems": [...],                                 mistakes in what was asked for
  "refused": false, "added": [...],                  errors and warnings that the edit brings
  "before": {"counts": {"error", "warning", "info"}, "findings": [...]},
  "after": {...}                                     as `before`; null where nothing was tried
}
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from nxtool.editing.model import Action, Change, EditOutcome
from nxtool.findings import Finding, Findings
from nxtool.report.fixes import verdict
from nxtool.report.jsonreport import finding_entry
from nxtool.report.printable import printable
from nxtool.report.terminal import Line, Style, line, styled
from nxtool.report.text import counts, finding_lines
from nxtool.report.units import counted

_MOST: Final = 60
"""How many characters of a value are shown."""
_STYLES: Final[dict[Action, Style]] = {"set": "plain", "add": "good", "delete": "warning"}


def edit_lines(outcome: EditOutcome) -> Iterator[Line]:
    """Each change in one line, or what is wrong, and what came of it."""
    for item in outcome.problems:
        yield from finding_lines(item)
    for change in outcome.changes if not outcome.problems else ():
        yield _change_line(change)
    for item in outcome.added:
        yield from finding_lines(item)
    name = styled(f"{outcome.before.file}: ", "title")
    yield line("", name, _told(outcome))


def _change_line(change: Change) -> Line:
    word = styled(f"  {change.action:<6}  ", _STYLES[change.action])
    values = " → ".join(_short(text) for text in (change.old, change.new) if text)
    return line(word, styled(change.path, "title"), f"  {values}")


def _short(text: str) -> str:
    """A value as people write it: text without quotes, long ones cut."""
    value = json.loads(text)
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= _MOST else f"{shown[:_MOST]}…"


def _told(outcome: EditOutcome) -> str:
    if outcome.problems:
        return "not changed"
    if outcome.after is None:
        return "nothing to change"
    count = counted(len(outcome.changes), "change")
    balance = f"{_counts(outcome.before)} → {_counts(outcome.after)}"
    if outcome.refused:
        return f"not changed: it would have {_errors(outcome.added)}"
    if outcome.written is None:
        return f"would be changed, {count}; {balance}"
    there = str(outcome.written)
    where = "" if there == outcome.before.file else f" in {there}"
    return f"{count}{where}; {balance}"


def _errors(added: tuple[Finding, ...]) -> str:
    count = sum(item.severity == "error" for item in added)
    return f"{counted(count, 'error')} more"


def _counts(findings: Findings) -> str:
    return counts(findings) or "no findings"


def edit_json(outcome: EditOutcome) -> str:
    """The same as a document."""
    content = {
        "schema": "nxtool.edit",
        "schema_version": 1,
        "file": printable(outcome.before.file),
        "output": None if outcome.written is None else printable(str(outcome.written)),
        "changes": [_change(change) for change in outcome.changes],
        "problems": [finding_entry(item) for item in outcome.problems],
        "refused": outcome.refused,
        "added": [finding_entry(item) for item in outcome.added],
        "before": verdict(outcome.before),
        "after": None if outcome.after is None else verdict(outcome.after),
    }
    return json.dumps(content, indent=2) + "\n"


def _change(change: Change) -> dict[str, Any]:
    values = {
        key: json.loads(text) if text else None
        for key, text in (("old", change.old), ("new", change.new))
    }
    return {"action": change.action, "path": printable(change.path), **values}
