"""What came of a batch, for people and for programs.

`nxtool batch … --format json`:
{"schema": "nxtool.batch", "schema_version": 1, "tool": {"name", "version"},
 "summary": {"tasks", "good", "invalid", "unreadable", "failed", "done_before", "seconds"},
 "tasks": [{"name", "verdict", "message", "hint", "counts", "more", "seconds", "done_before",
 "findings": as in the JSON report of validate}]}

The tasks are written as they are done, so the report of a long batch needs no memory.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from nxtool import __version__
from nxtool.batch.model import VERDICTS, Result, Verdict
from nxtool.findings import Finding
from nxtool.report.jsonreport import finding_entry
from nxtool.report.printable import printable
from nxtool.report.tallytext import WORDS, numbers_text
from nxtool.report.terminal import Line, Style, line, styled
from nxtool.report.units import counted

JSON_BEGIN: Final = f"""{{
"schema": "nxtool.batch",
"schema_version": 1,
"tool": {{"name": "nxtool", "version": "{__version__}"}},
"tasks": ["""
_STYLES: Final[dict[Verdict, Style]] = {
    "good": "good", "invalid": "error", "unreadable": "error", "failed": "error",
}  # fmt: skip


ALIKE: Final = 5
"""How many results that are bad for the same reason are told one by one."""
_KINDS: Final = 1000
"""How many reasons are told apart."""


class Tally:
    """How many tasks came out how, and how many of them had been done before."""

    def __init__(self) -> None:
        self.verdicts: Counter[str] = Counter()
        self.shapes: Counter[str] = Counter()
        self.done_before = 0

    def add(self, result: Result) -> bool:
        """Count one more; whether it is worth telling: bad, and not like many before."""
        self.verdicts[result.verdict] += 1
        self.done_before += result.was_done
        if result.verdict == "good":
            return False
        shape = _shape(result)
        if len(self.shapes) < _KINDS or shape in self.shapes:
            self.shapes[shape] += 1
        return self.shapes[shape] <= ALIKE

    @property
    def tasks(self) -> int:
        return sum(self.verdicts.values())


def result_lines(result: Result) -> Iterator[Line]:
    """What became of one task: where it stands, and the worst that was found."""
    head = styled(f"{result.verdict:<12}", _STYLES[result.verdict])
    numbers = numbers_text((result.counts.get(s, 0), word) for s, word in WORDS.items())
    yield line(head, styled(result.name, "title"), f"  {numbers}" if numbers else "")
    if result.message:
        yield line("            ", result.message)
    if result.hint:
        yield line("            → ", result.hint)
    if result.findings and result.verdict != "good":
        yield _finding_line(result.findings[0])


def _finding_line(item: Finding) -> Line:
    is_told = item.mark is None or item.mark.file.startswith("--")
    where = item.path if is_told else str(item.mark)
    return line(f"            {item.code}  ", where, "  " if where else "", item.message)


def _shape(result: Result) -> str:
    """The verdict and its reason without the names and numbers in it."""
    if result.message or not result.findings:
        reason = Finding("", "error", "", result.message.rpartition("/")[2]).shape
    else:
        first = result.findings[0]
        shape = replace(first, message=first.message.rpartition("/")[2]).shape
        reason = f"{first.code}  {shape}"
    return f"{result.verdict}  {reason}"


def end_lines(tally: Tally, seconds: float, *, folded: bool) -> Iterator[Line]:
    """What was not told one by one, and all tasks in a line: `3 tasks: 2 good, 1 failed; 1 done
    before; 0.4 s`."""
    for shape, number in tally.shapes.items() if folded else ():
        if number > ALIKE:
            yield line(styled(f"and {number - ALIKE} more like  ", "faint"), shape)
    numbers = ", ".join(f"{tally.verdicts[v]} {v}" for v in VERDICTS if tally.verdicts[v])
    before = f"; {tally.done_before} done before" if tally.done_before else ""
    told = f"{counted(tally.tasks, 'task')}: {numbers or 'nothing to do'}"
    yield line(f"{told}{before}", f"; {seconds:.1f} s" if seconds else "")


def result_json(result: Result) -> str:
    """One task for programs."""
    entry = {
        "name": printable(result.name),
        "verdict": result.verdict,
        "message": printable(result.message),
        "hint": printable(result.hint),
        "counts": dict(result.counts),
        "findings": [finding_entry(item) for item in result.findings],
        "more": max(0, sum(result.counts.values()) - len(result.findings)),
        "seconds": result.seconds,
        "done_before": result.was_done,
    }
    return json.dumps(entry)


def json_end(tally: Tally, seconds: float) -> str:
    """The end of the document."""
    summary = {
        "tasks": tally.tasks,
        **{str(verdict): tally.verdicts[verdict] for verdict in VERDICTS},
        "done_before": tally.done_before,
        "seconds": round(seconds, 3),
    }
    return f'\n],\n"summary": {json.dumps(summary)}\n}}\n'
