"""What is wrong with a file, on its page: worst first, what is alike together, with ways to the
places in the tree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from nxtool.findings import SEVERITIES, Finding, Findings, Severity
from nxtool.report.htmldocument import text
from nxtool.report.tallytext import WORDS
from nxtool.report.text import alike, counts
from nxtool.validate.rulebook import RULES

MOST: Final = 200
"""So many groups of findings are on a page."""
PLACES: Final = 50
"""So many places of one group."""
Find = Callable[[str], str]
"""Gives the id in the tree of what is nearest to a path."""


def verdict_words(verdict: Findings | None) -> tuple[str, str]:
    """`valid`, `invalid` or `not judged`, and what more there is to say."""
    if verdict is None:
        return "not judged", ""
    names = dict.fromkeys(told.rpartition(": ")[2] for told in verdict.definitions)
    numbers = counts(verdict)
    told = ", ".join(names) or "NeXus, by base classes only"
    return "valid" if verdict.ok else "invalid", f"{told}{f': {numbers}' if numbers else ''}"


def findings_part(verdict: Findings | None, find: Find) -> str:
    """The section."""
    head = '<section id="findings">\n<h2>Findings</h2>\n'
    if verdict is None:
        return f"{head}<p>not judged</p>\n</section>\n"
    groups = alike(verdict)
    if not groups:
        return f"{head}<p>none</p>\n</section>\n"
    serious = [group for group in groups if group[0].severity != "info"]
    notes = [group for group in groups if group[0].severity == "info"]
    told = _list(serious[:MOST], find) if serious else "<p>no errors, no warnings</p>\n"
    told += _more(len(serious) - MOST)
    if notes:
        folded = _list(notes[:MOST], find) + _more(len(notes) - MOST)
        count = verdict.count("info")
        words = f"{count} note{'' if count == 1 else 's'}"
        told += f'<details class="notes"><summary>{words}</summary>\n{folded}</details>\n'
    return f"{head}{told}</section>\n"


def _more(count: int) -> str:
    if count <= 0:
        return ""
    return f"<p>and {count:,} more kinds of findings: <code>nxtool validate</code> lists them</p>\n"


def _list(groups: Sequence[list[Finding]], find: Find) -> str:
    return f"<ul>\n{''.join(_group(group, find) for group in groups)}</ul>\n"


def _group(group: list[Finding], find: Find) -> str:
    item = group[0]
    rule = RULES.get(item.code)
    help_ = f"{rule.title}. {rule.help}" if rule else ""
    hint = f'<p class="hint">→ {text(item.hint)}</p>' if item.hint else ""
    return (
        f'<li class="finding"><span class="badge {item.severity}">{WORDS[item.severity]}</span>'
        f"<div><p>{_place(item, find)} {text(item.message)}</p>{hint}{_others(group, find)}</div>"
        f'<abbr title="{text(help_)}">{text(item.code)}</abbr></li>\n'
    )


def _place(item: Finding, find: Find) -> str:
    node = find(item.path)
    place = f"<code>{text(item.path)}</code>"
    return f'<a href="#{node}">{place}</a>' if node else place


def _others(group: list[Finding], find: Find) -> str:
    rest = group[1:]
    if not rest:
        return ""
    places = "".join(f"<li>{_place(item, find)}</li>\n" for item in rest[:PLACES])
    more = f"<li>and {len(rest) - PLACES:,} more</li>\n" if len(rest) > PLACES else ""
    words = f"and {len(rest):,} more like it"
    return f"<details><summary>{words}</summary>\n<ul>\n{places}{more}</ul>\n</details>"


def marks(verdict: Findings | None, find: Find) -> dict[str, tuple[Severity, int]]:
    """By id in the tree, the worst severity found there, and how many findings there are, without
    notes."""
    found: dict[str, tuple[Severity, int]] = {}
    for item in verdict.at_least("warning") if verdict is not None else ():
        node = find(item.path)
        severity, count = found.get(node, (item.severity, 0))
        worst = min(severity, item.severity, key=SEVERITIES.index)
        found[node] = (worst, count + 1)
    return found
