"""The rules, for people."""

from __future__ import annotations

from collections.abc import Iterator

from nxtool.report.tallytext import WORDS
from nxtool.report.terminal import Line, line, styled
from nxtool.validate.rulebook import RULES, Rule


def table() -> Iterator[Line]:
    """Every rule in one line."""
    for rule in RULES.values():
        yield line(
            f"{rule.code}  ", styled(f"{WORDS[rule.severity]:<8}", rule.severity), rule.title
        )


def explanation(rule: Rule) -> Iterator[Line]:
    """What one rule asks, and where the standard says so."""
    yield line(styled(f"{rule.code}  ", "title"), styled(rule.title, "title"))
    yield line("  severity  ", styled(WORDS[rule.severity], rule.severity), " at worst")
    yield line("  what to do  ", rule.help)
    yield line("  source  ", rule.source)
