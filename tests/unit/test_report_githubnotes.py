"""Findings as commands to GitHub's runner."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import FileUnreadable
from nxtool.findings import Finding, Findings, Mark
from nxtool.report.githubnotes import GithubReporter
from nxtool.report.reporting import Shown

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))


def text(*items: Finding, file: str = "a.nxs", shown: Shown | None = None) -> str:
    return GithubReporter(shown or Shown()).file(Findings(file, list(items)))


def test_a_finding_is_a_command() -> None:
    item = Finding("P02", "error", "/e@signal", "there is no field 'x'", hint="add it")
    assert text(item) == (
        "::error file=a.nxs,title=P02 the signal does not exist::"
        "/e@signal: there is no field 'x'%0Aadd it\n"
    )


def test_severities_are_those_of_github() -> None:
    kinds = [Finding("X", severity, "/", "m") for severity in ("error", "warning", "info")]  # type: ignore[arg-type]
    assert [line.split()[0] for line in text(*kinds).splitlines()] == [
        "::error", "::warning", "::notice",
    ]  # fmt: skip


def test_a_finding_of_a_recipe_has_line_and_column() -> None:
    item = Finding("X", "error", "/e", "unknown", mark=Mark("s.nx.yaml", 3, 7))
    assert text(item) == "::error file=s.nx.yaml,line=3,col=7,title=X::/e: unknown\n"


def test_what_has_a_meaning_in_a_command_is_escaped() -> None:
    item = Finding("X", "error", "/50%", "a: b, c")
    assert text(item, file="a,b:c%.nxs") == (
        "::error file=a%2Cb%3Ac%25.nxs,title=X::/50%25: a: b, c\n"
    )


def test_findings_cut_off_are_counted() -> None:
    items = [Finding("X", "error", f"/{n}", "m") for n in range(3)]
    assert text(*items, shown=Shown(most=1)).splitlines()[1:] == [
        "::notice file=a.nxs,title=nxtool::and 2 more findings"
    ]


def test_an_unreadable_file_is_an_error_and_counted() -> None:
    reporter = GithubReporter()
    error = FileUnreadable("b.nxs: is empty", hint="why?")
    assert reporter.unreadable("b.nxs", error) == (
        "::error file=b.nxs,title=cannot be read::b.nxs: is empty (why?)\n"
    )
    assert reporter.end() == "1 file: 1 unreadable\n"


@given(path=ANY_TEXT, message=ANY_TEXT, hint=ANY_TEXT)
def test_nothing_in_a_file_begins_another_command(path: str, message: str, hint: str) -> None:
    shown = text(Finding("X", "error", path, message, hint=hint), file=path)
    assert shown.count("\n") == 1
    assert len(shown.splitlines()) == 1 or not any(
        line.startswith("::") for line in shown.splitlines()[1:]
    )
