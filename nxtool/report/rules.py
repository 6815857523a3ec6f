"""The rules, for people."""

from __future__ import annotations

from collections.abc import Iterator

from nxtool.report.tallytext import WORDS
from nxtool.report.terminal import Line, line, styled
from nxtool.validate.clauses import CLAUSES, Clause
from nxtool.validate.rulebook import RULES, Rule


def table() -> Iterator[Line]:
    """Every rule in one line, and then the clauses that shape them."""
    for rule in RULES.values():
        yield line(
            f"{rule.code}  ", styled(f"{WORDS[rule.severity]:<8}", rule.severity), rule.title
        )
    yield line()
    yield line("How the rules judge:")
    for clause in CLAUSES.values():
        yield line(f"{clause.code}  {', '.join(clause.told_as):<18}  {clause.title}")


def explanation(code: str) -> Iterator[Line]:
    """What one rule or clause asks, and where the standard says so."""
    if code in CLAUSES:
        yield from _clause(CLAUSES[code])
    else:
        yield from _rule(RULES[code])


def _clause(clause: Clause) -> Iterator[Line]:
    yield line(styled(f"{clause.code}  ", "title"), styled(clause.title, "title"))
    told = f"as {', '.join(clause.told_as)}" if clause.told_as else "nothing: it asks for nothing"
    yield line("  told  ", told)
    yield line("  source  ", clause.source)


def _rule(rule: Rule) -> Iterator[Line]:
    yield line(styled(f"{rule.code}  ", "title"), styled(rule.title, "title"))
    yield line("  severity  ", styled(WORDS[rule.severity], rule.severity), " at worst")
    yield line("  what to do  ", rule.help)
    yield line("  source  ", rule.source)
