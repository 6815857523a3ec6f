"""Findings as text."""

from __future__ import annotations

import pytest

from nxtool.errors import FileUnreadable
from nxtool.findings import Finding, Findings, Mark
from nxtool.report.printable import printable
from nxtool.report.reporting import Shown
from nxtool.report.terminal import Terminal, line, render, styled
from nxtool.report.text import TextReporter

ERROR = Finding("T01", "error", "/entry/title", "is int64, not NX_CHAR", hint="store text")
NOTE = Finding("F03", "info", "/entry", "names no application definition")


def units(name: str) -> Finding:
    return Finding("U03", "warning", f"/entry/{name}@units", f"{name!r} has no units")


def text(*items: Finding, detailed: bool = False, width: int | None = None) -> str:
    reporter = TextReporter(Terminal(width), Shown("info" if detailed else "warning"), detailed)
    return reporter.file(Findings("a.nxs", list(items), ("/entry: NXtomo",)))


def test_a_file_without_findings_is_one_line() -> None:
    assert text() == "a.nxs: valid NXtomo\n"


def test_findings_that_are_not_shown_are_counted() -> None:
    assert text(NOTE) == "a.nxs: valid NXtomo: 1 note (1 not shown, -v shows all)\n"


def test_a_finding_is_one_line_below_the_file() -> None:
    assert text(ERROR) == (
        "a.nxs  NXtomo in /entry\n"
        "  error    T01  /entry/title  is int64, not NX_CHAR  → store text\n"
        "a.nxs: invalid NXtomo: 1 error\n"
    )


def test_findings_alike_are_folded_and_the_first_of_the_others_named() -> None:
    assert text(*map(units, ("a", "b", "c", "d", "e"))).splitlines()[1:3] == [
        "  warning  U03  /entry/a@units  'a' has no units",
        "                and 4 more like it: b@units, c@units, d@units, …",
    ]


def test_nothing_is_folded_in_detail() -> None:
    shown = text(units("a"), units("b"), detailed=True)
    assert shown.splitlines()[1:3] == [
        "  warning  U03  /entry/a@units  'a' has no units",
        "  warning  U03  /entry/b@units  'b' has no units",
    ]


def test_the_concept_is_named_in_detail() -> None:
    item = Finding("T01", "error", "/x", "wrong", anchor="NXtomo/ENTRY (NXtomo.nxdl.xml:12)")
    assert text(item, detailed=True).splitlines()[2] == (
        "                by NXtomo/ENTRY (NXtomo.nxdl.xml:12)"
    )


def test_a_finding_of_a_recipe_starts_with_its_place() -> None:
    item = Finding("R01", "error", "/entry/x", "unknown name", mark=Mark("a.nx.yaml", 3, 7))
    assert text(item).splitlines()[0] == ("a.nx.yaml:3:7: error: unknown name [R01] /entry/x")


def test_findings_of_a_recipe_are_not_folded() -> None:
    items = [
        Finding("R01", "error", f"/x{n}", "unknown name", mark=Mark("a.nx.yaml", n, 1))
        for n in (1, 2)
    ]
    assert len(text(*items).splitlines()) == 3


def test_a_long_line_wraps_to_the_right_of_its_head() -> None:
    item = Finding("T01", "error", "/entry/title", "says more than one line can hold here")
    assert text(item, width=50).splitlines()[1:3] == [
        "  error    T01  /entry/title  says more than one",
        "                line can hold here",
    ]


def test_a_line_of_a_tree_is_cut_instead() -> None:
    assert render([line("├─ ", "a long name", cut=True)], Terminal(8)) == "├─ a lo…\n"


def test_colour_is_only_used_where_it_is_shown() -> None:
    lines = [line("", styled("error", "error"))]
    assert render(lines, Terminal()) == "error\n"
    assert render(lines, Terminal(80, color=True)) == "\x1b[1;31merror\x1b[0m\n"


def test_several_files_are_counted_at_the_end() -> None:
    reporter = TextReporter(Terminal())
    reporter.file(Findings("a.nxs"))
    reporter.unreadable("b.nxs", FileUnreadable("b.nxs: is empty"))
    assert reporter.end() == "\n2 files: 1 valid, 1 unreadable\n"


def test_findings_of_several_files_are_counted_with_what_is_waived_and_known() -> None:
    reporter = TextReporter(Terminal())
    waived = Finding("O01", "info", "/x", "field x is missing (waived: lost)", waived="lost")
    reporter.file(Findings("a.nxs", [ERROR, waived], known=2))
    reporter.file(Findings("b.nxs", [ERROR, units("a")]))
    assert reporter.end() == (
        "\n2 files: 2 invalid; 2 errors, 1 warning, 1 note, 1 of them waived;"
        " 2 known from the baseline\n"
    )


def test_the_verdict_counts_what_is_waived_and_known() -> None:
    waived = Finding("O01", "info", "/x", "field x is missing (waived: lost)", waived="lost")
    reporter = TextReporter(Terminal())
    assert reporter.file(Findings("a.nxs", [waived], ("/e: NXtomo",), known=2)) == (
        "a.nxs: valid NXtomo: 1 note, 1 of them waived; 2 known from the baseline"
        " (1 not shown, -v shows all)\n"
    )


def test_what_is_more_than_wanted_is_counted() -> None:
    reporter = TextReporter(Terminal(), Shown("warning", 1))
    assert reporter.file(Findings("a.nxs", [ERROR, units("a"), NOTE])) == (
        "a.nxs  base classes only\n"
        "  error    T01  /entry/title  is int64, not NX_CHAR  → store text\n"
        "  and 1 more, for --max-findings is 1\n"
        "a.nxs: invalid NeXus, by base classes only: 1 error, 1 warning, 1 note"
        " (1 not shown, -v shows all)\n"
    )


def test_people_at_a_terminal_are_told_how_to_learn_more() -> None:
    reporter = TextReporter(Terminal(80))
    reporter.file(Findings("a.nxs", [ERROR]))
    assert reporter.end() == "nxtool validate --explain T01\n"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [("\x1b[31m", r"\x1b[31m"), ("a\nb", r"a\x0ab"), ("\udce9", r"\xe9"), ("\u202e", r"\u202e")],
)
def test_what_a_terminal_would_obey_is_escaped(raw: str, shown: str) -> None:
    assert printable(raw) == shown
