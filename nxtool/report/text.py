"""Findings for people.

One line a finding, worst first, below a header that names the file and what it was judged by; a
last line that counts. Findings that say the same of several places are folded into one. Findings
of a recipe start with `file:line:column:`, as editors and CI understand it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from nxtool import nxpath
from nxtool.errors import NxtoolError
from nxtool.findings import SEVERITIES, Finding, Findings
from nxtool.report.reporting import SERIOUS, Form, Shown, Tally
from nxtool.report.tallytext import WORDS, extras, numbers_text, tally_text
from nxtool.report.terminal import Line, Terminal, line, render, styled
from nxtool.validate.openpmdbook import OPENPMD_RULES

_OPENPMD: Final = frozenset(rule.code for rule in OPENPMD_RULES)
_ITERATION: Final = re.compile(r"/(\d+)(?=[/@])")
"""The number of an iteration in a path, which may begin with the name of a file."""
_WIDTH: Final = max(map(len, WORDS.values()))
_NAMED: Final = 3
"""How many of the folded places are named."""


def reporter(form: Form) -> TextReporter:
    """A reporter for `form`."""
    return TextReporter(form.terminal, form.shown, form.detailed)


@dataclass(slots=True)
class TextReporter:
    """Findings about file after file, as text for `terminal`.

    Findings that are not shown are only counted. `detailed` folds nothing and names the concept
    each finding comes from. At the end, people at a terminal are told how to learn more.
    """

    terminal: Terminal
    shown: Shown = SERIOUS
    detailed: bool = False
    _tally: Tally = field(default_factory=Tally)
    _example: str = ""

    def file(self, findings: Findings) -> str:
        """What is said of a file that could be read."""
        lines = list(file_lines(findings, self.shown, detailed=self.detailed))
        gap = "\n" if self._tally.files and len(lines) > 1 else ""
        self._tally.add(findings)
        items, _ = self.shown.pick(findings)
        self._example = self._example or next((item.code for item in items), "")
        return gap + render(lines, self.terminal)

    def unreadable(self, _file: str, _error: NxtoolError) -> str:
        """Nothing: the error is printed as such."""
        self._tally.verdicts["unreadable"] += 1
        return ""

    def end(self) -> str:
        """How many files were what; nothing for a single one."""
        lines = []
        if self._tally.files > 1:
            head, _, rest = tally_text(self._tally).partition(": ")
            lines += [line(), line(styled(f"{head}: ", "title"), rest)]
        if self._example and self.terminal.width is not None:
            lines.append(line(styled(f"nxtool validate --explain {self._example}", "faint")))
        return render(lines, self.terminal)


def file_lines(findings: Findings, shown: Shown, *, detailed: bool = False) -> Iterator[Line]:
    """The lines about one file: header, findings, verdict; the verdict alone where all is well."""
    items, more = shown.pick(findings)
    if any(item.mark is None for item in items):
        judged = styled(f"  {_judged_by(findings)}", "faint")
        yield line(styled(findings.file, "title"), judged)
    for group in [[item] for item in items] if detailed else alike(items):
        yield from finding_lines(group[0], detailed=detailed)
        if len(group) > 1:
            yield line(" " * (_WIDTH + 9), styled(_others(group), "faint"))
    if more:
        yield line(styled(f"  and {more} more, for --max-findings is {shown.most}", "faint"))
    yield _verdict(findings, len(findings) - len(items) - more)


def counts(findings: Findings) -> str:
    """How many of each severity: `2 errors, 1 warning`; empty for none."""
    return numbers_text((findings.count(severity), WORDS[severity]) for severity in SEVERITIES)


def _judged_by(findings: Findings) -> str:
    places: dict[str, list[str]] = {}
    for text in findings.definitions:
        path, _, name = text.rpartition(": ")
        places.setdefault(name, []).append(path)
    if not places:
        return "base classes only"
    return "; ".join(f"{name} in {_some(paths)}" for name, paths in places.items())


def _verdict(findings: Findings, hidden: int) -> Line:
    names = dict.fromkeys(text.rpartition(": ")[2] for text in findings.definitions)
    numbers = counts(findings)
    word = styled("valid", "good") if findings.ok else styled("invalid", "error")
    return line(
        "",
        styled(f"{findings.file}: ", "title"),
        word,
        f" {', '.join(names) or 'NeXus, by base classes only'}",
        f": {numbers}" if numbers else "",
        extras(findings.waived, findings.known),
        styled(f" ({hidden} not shown, -v shows all)" if hidden else "", "faint"),
    )


def finding_lines(item: Finding, *, detailed: bool = False) -> Iterator[Line]:
    """One finding; if `detailed`, with the concept it comes from."""
    hint = styled(f"  → {item.hint}" if item.hint else "", "faint")
    if item.mark is not None:
        word = styled(WORDS[item.severity], item.severity)
        yield line(f"{item.mark}: ", word, f": {item.message} [{item.code}] {item.path}", hint)
        return
    word = styled(f"  {WORDS[item.severity]:<{_WIDTH}}", item.severity)
    head = word + styled(f"  {item.code}  ", "faint")
    yield line(head, styled(item.path, "title"), f"  {item.message}", hint)
    if detailed and item.anchor:
        yield line(" " * sum(len(span.text) for span in head), styled(f"by {item.anchor}", "faint"))


def alike(items: Iterable[Finding]) -> list[list[Finding]]:
    """Findings that differ only in names and places, together, in the order of the first."""
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for item in items:
        shape = re.sub(r"'[^']*'", "''", item.message)
        key = (item.severity, item.code, shape)
        groups.setdefault((*key, str(item.mark)) if item.mark else key, []).append(item)
    return list(groups.values())


def _others(group: Sequence[Finding]) -> str:
    """`and 5 more like it: a, b, c, …`, naming what tells the places apart."""
    paths = [item.path for item in group]
    if group[0].code in _OPENPMD:
        return _other_iterations(paths)
    namings = ([_last(path) for path in paths], [nxpath.base(path) for path in paths], paths)
    told = next((names for names in namings if len(set(names)) == len(names)), paths)
    return f"and {len(group) - 1} more like it: {_some(told[1:])}"


def _other_iterations(paths: Sequence[str]) -> str:
    """Likewise of an openPMD file: `and 299 more like it, in 100 iterations: y, z`."""
    parts = [_ITERATION.split(path, maxsplit=1) for path in paths]
    iterations = {tuple(part[:-1]) for part in parts}
    tails = list(dict.fromkeys(part[-1].strip("/") for part in parts))
    many = f", in {len(iterations)} iterations" if len(iterations) > 1 else ""
    names = f": {_some(tails[1:])}" if tails[1:] else ""
    return f"and {len(paths) - 1} more like it{many}{names}"


def _last(path: str) -> str:
    """The attribute or the last name of a path."""
    name = nxpath.base(path)
    return name[name.index("@") :] if "@" in name else name


def _some(names: Sequence[str]) -> str:
    """The first few names."""
    return ", ".join([*names[:_NAMED], *(["…"] if len(names) > _NAMED else [])])
