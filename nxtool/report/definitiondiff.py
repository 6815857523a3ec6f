"""What changed between two sets of definitions, for people and for programs.

{
  "schema": "nxtool.definitions.diff", "schema_version": 1,
  "old": "v2024.02", "new": "official v2026.01",
  "definitions": [
    {"name": "NXmx", "change": "added" | "removed" | "changed",
     "concepts": [{"path", "change", "facets": [{"facet", "old", "new"}]}]}
  ],
  "file": null | "scan.nxs",
  "findings": null | {"new": [...], "gone": [...]}      findings as `nxtool validate` has them
}
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from nxtool.findings import Finding
from nxtool.report.jsonreport import finding_entry
from nxtool.report.printable import printable
from nxtool.report.tallytext import WORDS
from nxtool.report.terminal import Line, Style, Styled, line, styled
from nxtool.schema.difference import ConceptChange, DefinitionChange
from nxtool.validate.byrelease import Comparison

_SIGNS: Final = {"added": "+", "removed": "-", "changed": "~"}
_STYLES: Final[dict[str, Style]] = {"added": "good", "removed": "error", "changed": "warning"}


def diff_lines(changes: Sequence[DefinitionChange], old: str, new: str) -> Iterator[Line]:
    """The changes, definition by definition, and how many there are."""
    for definition in changes:
        yield line(_sign(definition.change), styled(f" {definition.name}", "title"))
        for concept in definition.concepts:
            yield from _concept(concept)
    numbers: Counter[str] = Counter(definition.change for definition in changes)
    told = ", ".join(f"{numbers[change]} {change}" for change in _SIGNS if numbers[change])
    yield line(styled(f"{old} → {new}: ", "title"), f"definitions {told}" if told else "no change")


def comparison_lines(comparison: Comparison, file: str, old: str, new: str) -> Iterator[Line]:
    """What another set means for one file."""
    yield from diff_lines(comparison.changes, old, new)
    for title, items in (("new", comparison.new), ("gone", comparison.gone)):
        for item in items:
            yield line(
                styled(f"  {title:<5}", "faint"),
                styled(f"{WORDS[item.severity]:<8}", item.severity),
                styled(f"{item.code}  ", "faint"),
                styled(item.path, "title"),
                f"  {item.message}",
            )
    told = f"findings {len(comparison.new)} new, {len(comparison.gone)} gone"
    yield line(styled(f"{file}: ", "title"), told)


def diff_json(changes: Sequence[DefinitionChange], old: str, new: str) -> str:
    """The changes as a document."""
    return _document(changes, old, new, None, None)


def comparison_json(comparison: Comparison, file: str, old: str, new: str) -> str:
    """What another set means for one file, as a document."""
    findings = {"new": _entries(comparison.new), "gone": _entries(comparison.gone)}
    return _document(comparison.changes, old, new, file, findings)


def _document(
    changes: Sequence[DefinitionChange],
    old: str,
    new: str,
    file: str | None,
    findings: dict[str, Any] | None,
) -> str:
    content = {
        "schema": "nxtool.definitions.diff",
        "schema_version": 1,
        "old": printable(old),
        "new": printable(new),
        "definitions": [_entry(definition) for definition in changes],
        "file": printable(file) if file is not None else None,
        "findings": findings,
    }
    return json.dumps(content, indent=2) + "\n"


def _entries(items: Sequence[Finding]) -> list[dict[str, Any]]:
    return [finding_entry(item) for item in items]


def _entry(definition: DefinitionChange) -> dict[str, Any]:
    concepts = [
        {
            "path": printable(concept.path),
            "change": concept.change,
            "facets": [
                {"facet": item.facet, "old": printable(item.old), "new": printable(item.new)}
                for item in concept.facets
            ],
        }
        for concept in definition.concepts
    ]
    return {"name": definition.name, "change": definition.change, "concepts": concepts}


def _concept(concept: ConceptChange) -> Iterator[Line]:
    told = "; ".join(
        f"{item.facet} {item.old or 'none'} → {item.new or 'none'}" for item in concept.facets
    )
    yield line("  ", _sign(concept.change), f" {concept.path}", styled(f"  {told}", "faint"))


def _sign(change: str) -> Styled:
    return styled(_SIGNS[change], _STYLES[change])
