"""Findings as one HTML page that needs nothing else: to keep, to send, to attach to a job.

It reads in light and dark, on paper and without JavaScript, which only filters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from nxtool import __version__
from nxtool.errors import NxtoolError
from nxtool.findings import SEVERITIES, Finding, Findings
from nxtool.report.htmldocument import document, text
from nxtool.report.reporting import ALL, Form, Shown, Tally
from nxtool.report.tallytext import WORDS, extras, numbers_text, tally_text
from nxtool.validate.rulebook import RULES

_HEADS: Final = ("severity", "rule", "path", "what is wrong", "concept")


def reporter(form: Form) -> HtmlReporter:
    """A reporter for `form`."""
    return HtmlReporter(form.definitions, form.shown)


@dataclass(slots=True)
class HtmlReporter:
    """Findings about file after file, as one page at the end."""

    definitions: Sequence[str] = ()
    shown: Shown = ALL
    _sections: list[str] = field(default_factory=list)
    _tally: Tally = field(default_factory=Tally)

    def file(self, findings: Findings) -> str:
        """Nothing yet; the file is on the page."""
        self._tally.add(findings)
        items, more = self.shown.pick(findings)
        verdict = "valid" if findings.ok else "invalid"
        names = ", ".join(dict.fromkeys(told.rpartition(": ")[2] for told in findings.definitions))
        numbers = numbers_text((findings.count(name), WORDS[name]) for name in SEVERITIES)
        about = f"{names or 'base classes only'}{': ' if numbers else ''}{numbers}"
        about += extras(findings.waived, findings.known)
        rest = f"<p>and {more} more findings, not shown</p>\n" if more else ""
        self._sections.append(_section(findings.file, verdict, about, _table(items) + rest))
        return ""

    def unreadable(self, file: str, error: NxtoolError) -> str:
        """Nothing yet; the problem is on the page."""
        self._tally.verdicts["unreadable"] += 1
        body = f"<p>{text(str(error))}</p>\n"
        self._sections.append(_section(file, "unreadable", "", body))
        return ""

    def end(self) -> str:
        """The page."""
        told = tally_text(self._tally)
        return document(
            "findings",
            f"nxtool validate: {told}",
            f"<header>\n<h1>nxtool validate</h1>\n<p>{text(told)}</p>\n"
            f"{_filters()}</header>\n<main>\n{''.join(self._sections)}</main>\n"
            f"<footer>nxtool {__version__}; definitions: {text(', '.join(self.definitions))}"
            "</footer>\n",
        )


def _section(file: str, verdict: str, about: str, body: str) -> str:
    opened = "" if verdict == "valid" else " open"
    return (
        f'<details class="file"{opened}>\n<summary><span class="badge {verdict}">{verdict}</span> '
        f"<strong>{text(file)}</strong> <span>{text(about)}</span></summary>\n{body}</details>\n"
    )


def _table(items: Iterable[Finding]) -> str:
    rows = "".join(map(_row, items))
    if not rows:
        return "<p>nothing to show</p>\n"
    heads = "".join(f'<th scope="col">{head}</th>' for head in _HEADS)
    return f'<div class="wide"><table>\n<thead><tr>{heads}</tr></thead>\n{rows}</table></div>\n'


def _row(item: Finding) -> str:
    rule = RULES.get(item.code)
    help_ = f"{rule.title}. {rule.help}" if rule else ""
    place = f"<br><small>{text(str(item.mark))}</small>" if item.mark else ""
    hint = f'<br><small class="hint">→ {text(item.hint)}</small>' if item.hint else ""
    return (
        f'<tr data-severity="{item.severity}">'
        f'<td><span class="badge {item.severity}">{WORDS[item.severity]}</span></td>'
        f'<td><abbr title="{text(help_)}">{text(item.code)}</abbr></td>'
        f"<td><code>{text(item.path)}</code>{place}</td>"
        f"<td>{text(item.message)}{hint}</td>"
        f"<td><small>{text(item.anchor)}</small></td></tr>\n"
    )


def _filters() -> str:
    boxes = "".join(
        f'<label><input type="checkbox" value="{name}" checked> {WORDS[name]}s</label>\n'
        for name in SEVERITIES
    )
    return (
        '<form hidden>\n<input type="search" placeholder="rule, path or words" '
        f'aria-label="show findings with">\n{boxes}<output></output>\n</form>\n'
    )
