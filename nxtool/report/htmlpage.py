"""Findings as one HTML page that needs nothing else: to keep, to send, to attach to a job.

Style and script stand in the page, nothing is loaded. It reads in light and dark, on paper and
without JavaScript, which only filters. All text from files is escaped, and a policy in the page
forbids everything but the style and the script that stand in it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Final

from nxtool import __version__
from nxtool.errors import NxtoolError
from nxtool.findings import SEVERITIES, Finding, Findings
from nxtool.report.printable import printable
from nxtool.report.reporting import ALL, Form, Shown, Tally
from nxtool.report.tallytext import WORDS, extras, numbers_text, tally_text
from nxtool.validate.rulebook import RULES

_PARTS: Final = Path(__file__).with_name("htmlparts")
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
        names = ", ".join(dict.fromkeys(text.rpartition(": ")[2] for text in findings.definitions))
        numbers = numbers_text((findings.count(name), WORDS[name]) for name in SEVERITIES)
        about = f"{names or 'base classes only'}{': ' if numbers else ''}{numbers}"
        about += extras(findings.waived, findings.known)
        rest = f"<p>and {more} more findings, not shown</p>\n" if more else ""
        self._sections.append(_section(findings.file, verdict, about, _table(items) + rest))
        return ""

    def unreadable(self, file: str, error: NxtoolError) -> str:
        """Nothing yet; the problem is on the page."""
        self._tally.verdicts["unreadable"] += 1
        body = f"<p>{_text(str(error))}</p>\n"
        self._sections.append(_section(file, "unreadable", "", body))
        return ""

    def end(self) -> str:
        """The page."""
        style, script = _part("page.css"), _part("page.js")
        policy = f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'"
        return (
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>nxtool validate: {_text(tally_text(self._tally))}</title>\n"
            f"<style>{style}</style>\n</head>\n<body>\n"
            f"<header>\n<h1>nxtool validate</h1>\n<p>{_text(tally_text(self._tally))}</p>\n"
            f"{_filters()}</header>\n<main>\n{''.join(self._sections)}</main>\n"
            f"<footer>nxtool {__version__}; definitions: {_text(', '.join(self.definitions))}"
            f"</footer>\n<script>{script}</script>\n</body>\n</html>\n"
        )


def _section(file: str, verdict: str, about: str, body: str) -> str:
    opened = "" if verdict == "valid" else " open"
    return (
        f'<details class="file"{opened}>\n<summary><span class="badge {verdict}">{verdict}</span> '
        f"<strong>{_text(file)}</strong> <span>{_text(about)}</span></summary>\n{body}</details>\n"
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
    place = f"<br><small>{_text(str(item.mark))}</small>" if item.mark else ""
    hint = f'<br><small class="hint">→ {_text(item.hint)}</small>' if item.hint else ""
    return (
        f'<tr data-severity="{item.severity}">'
        f'<td><span class="badge {item.severity}">{WORDS[item.severity]}</span></td>'
        f'<td><abbr title="{_text(help_)}">{_text(item.code)}</abbr></td>'
        f"<td><code>{_text(item.path)}</code>{place}</td>"
        f"<td>{_text(item.message)}{hint}</td>"
        f"<td><small>{_text(item.anchor)}</small></td></tr>\n"
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


def _part(name: str) -> str:
    return (_PARTS / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    """How a Content-Security-Policy names an inline script or style it allows."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _text(text: str) -> str:
    return escape(printable(text))
