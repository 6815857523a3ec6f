"""What exports tell: notes on values, the tally of a run, mappings as tables.

{
  "schema": "nxtool.export.report", "schema_version": 1,
  "datasets": [{"source": "scan.nxs:/entry", "name": "...", "parameters": 9,
                "notes": [...]}]             notes as `nxtool validate` has findings
}
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from nxtool.export.datasets import Exported
from nxtool.export.mapping import CatalogueMapping, Rule
from nxtool.export.notes import CODES
from nxtool.findings import Finding
from nxtool.report.jsonreport import finding_entry
from nxtool.report.printable import printable
from nxtool.report.tallytext import WORDS
from nxtool.report.terminal import Line, line, styled

JSON_BEGIN = '{\n"schema": "nxtool.export.report", "schema_version": 1,\n"datasets": ['
JSON_END = "\n]}\n"


def note_lines(exported: Exported, *, with_infos: bool) -> Iterator[Line]:
    """A line for each note, the worst first."""
    for item in sorted(exported.notes, key=lambda item: item.sort_key):
        if item.severity == "info" and not with_infos:
            continue
        word = styled(WORDS[item.severity], item.severity)
        hint = styled(f"  → {item.hint}" if item.hint else "", "faint")
        yield line(f"{_place(exported, item)}: ", word, f": {item.message} [{item.code}]", hint)


def dataset_json(exported: Exported) -> str:
    """One dataset as an element of the list in the JSON report."""
    record = exported.record
    entry = {
        "source": printable(record.source),
        "name": record.text("dataset.name"),
        "parameters": len(record.parameters),
        "notes": [
            {**finding_entry(item), "rule": CODES[item.code].title} for item in exported.notes
        ],
    }
    return json.dumps(entry, indent=1)


def end_line(target: str, counts: Counter[str], *, hidden: bool, fine: bool) -> Line:
    """What was written, or that nothing was."""
    told = [
        f"{counts[severity]} {word}{'s' if counts[severity] != 1 else ''}"
        for severity, word in (("error", "error"), ("warning", "warning"), ("info", "note"))
        if counts[severity]
    ]
    if hidden and counts["info"]:
        told[-1] += " (-v shows them)"
    tail = f"; {', '.join(told)}" if told else ""
    if not fine:
        return line("", styled("nothing is written", "error"), tail)
    parts = (counts["dataset"], "dataset"), (counts["parameter"], "parameter")
    what = ", ".join(f"{number} {word}{'s' if number != 1 else ''}" for number, word in parts)
    return line("", styled(f"{target}: " if target else "", "title"), what, tail)


def mapping_lines(mapping: CatalogueMapping) -> Iterator[Line]:
    """A mapping as a table: what the catalogue calls it, where it comes from."""
    yield line("", styled(mapping.name, "title"), f": {mapping.about}" if mapping.about else "")
    width = max(map(len, (*mapping.values, *mapping.parameters, "parameters")), default=0)
    for title, rules in (
        ("values", mapping.values),
        ("parameters", mapping.parameters),
        ("people", mapping.people),
    ):
        yield line("")
        yield line("", styled(title, "title"))
        for target, rule in rules.items():
            yield line(f"  {target:<{width}}  ", *_origin(rule))


def _origin(rule: Rule) -> list[str]:
    words = [" | ".join([*map(str, rule.paths), *rule.made])]
    if rule.default:
        words.append(f"{' else ' if words[0] else ''}{rule.default!r}")
    if rule.unit is not None:
        words.append(f"  in {rule.unit or '1'}")
    if rule.required:
        words.append("  (required)")
    return words


def _place(exported: Exported, item: Finding) -> str:
    file = exported.record.source.rpartition(":")[0]
    return f"{file}:{item.path}" if file else item.path
