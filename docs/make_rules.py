"""Write docs/rules.md, and the tables in docs/icat-lint.md and docs/icat.md, from the tables of the
program: `python docs/make_rules.py`."""

from __future__ import annotations

from pathlib import Path

from nxtool.export import notes
from nxtool.icatlint.codes import CODES
from nxtool.validate.clauses import CLAUSES, Clause
from nxtool.validate.rulebook import RULES, Rule

PAGE = Path(__file__).with_name("rules.md")
ICAT_PAGE = Path(__file__).with_name("icat-lint.md")
EXPORT_PAGE = Path(__file__).with_name("icat.md")

EXPORT_TABLE = """\
| code | severity | what is told |
|---|---|---|
"""

ICAT_TABLE = """\
| code | severity | what is wrong | in the XSD | what to do | source |
|---|---|---|---|---|---|
"""

HEAD = """\
# Rules

Every finding names the rule it comes from. This page is made from the table the validator uses
(`make rules`); `nxtool validate --list-rules` and `--explain CODE` print the same.

The severity is the worst a rule gives. A rule may be milder where it is broken in a milder way: a
missing item that the definition only recommends is a warning, for instance.
"""

CLAUSES_HEAD = """
## How the rules judge

These clauses of the standard have no findings of their own; a breach is told by the rules named.

| code | told as | what holds | source |
|---|---|---|---|
"""


def page() -> str:
    """The page as Markdown, rules by family in the order of the table."""
    parts = [HEAD]
    families = dict.fromkeys(rule.family for rule in RULES.values())
    for family in families:
        parts.append(
            f"\n## {family}\n\n| code | severity | what is wrong | what to do | source |\n"
        )
        parts.append("|---|---|---|---|---|\n")
        parts += [_row(rule) for rule in RULES.values() if rule.family == family]
    parts.append(CLAUSES_HEAD)
    parts += [_clause(clause) for clause in CLAUSES.values()]
    return "".join(parts)


def icat_page(text: str) -> str:
    """The page about ICAT files with the table at its end made anew."""
    head = text[: text.index(ICAT_TABLE)]
    rows = (
        (f"`{code}`", entry.severity, entry.title, entry.schema, entry.help, entry.source)
        for code, entry in CODES.items()
    )
    return (
        head
        + ICAT_TABLE
        + "".join("| " + " | ".join(row).replace("<", "\\<") + " |\n" for row in rows)
    )


def export_page(text: str) -> str:
    """The page about exports with the table of codes in it made anew."""
    start = text.index(EXPORT_TABLE)
    rows = (f"| `{code}` | {one.severity} | {one.title} |\n" for code, one in notes.CODES.items())
    rest = text[text.index("\n\n", start) + 1 :]
    return text[:start] + EXPORT_TABLE + "".join(rows) + rest


def _clause(clause: Clause) -> str:
    told = ", ".join(f"`{code}`" for code in clause.told_as) or "–"
    cells = (f"`{clause.code}`", told, clause.title, clause.source)
    return "| " + " | ".join(cells) + " |\n"


def _row(rule: Rule) -> str:
    cells = (f"`{rule.code}`", rule.severity, rule.title, rule.help, rule.source)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    ICAT_PAGE.write_text(icat_page(ICAT_PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    EXPORT_PAGE.write_text(export_page(EXPORT_PAGE.read_text(encoding="utf-8")), encoding="utf-8")
