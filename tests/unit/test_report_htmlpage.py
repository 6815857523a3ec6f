"""Findings as an HTML page."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import FileUnreadable
from nxtool.findings import Finding, Findings, Mark
from nxtool.report.htmlpage import HtmlReporter
from nxtool.report.reporting import Shown
from tests.parsedpage import ParsedPage

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))


def page(*items: Finding, shown: Shown | None = None, file: str = "a.nxs") -> str:
    reporter = HtmlReporter(["official v1"], shown or Shown())
    reporter.file(Findings(file, list(items), ("/e: NXtomo",)))
    return reporter.end()


def test_a_finding_is_a_row() -> None:
    item = Finding("P02", "error", "/e@signal", "no 'x'", hint="add it", anchor="NXdata (a:1)")
    assert ParsedPage(page(item)).rows[1] == [
        "error", "P02", "/e@signal", "no 'x'→ add it", "NXdata (a:1)",
    ]  # fmt: skip


def test_a_finding_of_a_recipe_has_its_place() -> None:
    item = Finding("R01", "error", "/e", "unknown", mark=Mark("s.nx.yaml", 3, 7))
    assert ParsedPage(page(item)).rows[1][2] == "/es.nx.yaml:3:7"


def test_the_page_loads_nothing_and_forbids_it() -> None:
    text = page(Finding("P02", "error", "/e", "x"))
    found = ParsedPage(text)
    assert (found.open, found.loads, found.scripts) == ([], [], 1)
    assert "content=\"default-src 'none'; style-src 'sha256-" in text
    assert re.findall(r"https?://|url\(|@import", text) == []


def test_files_are_counted_and_the_unreadable_explained() -> None:
    reporter = HtmlReporter()
    reporter.file(Findings("a.nxs"))
    reporter.unreadable("b.nxs", FileUnreadable("b.nxs: is <empty>"))
    text = reporter.end()
    assert "<p>2 files: 1 valid, 1 unreadable</p>" in text
    assert "<p>b.nxs: is &lt;empty&gt;</p>" in text


def test_findings_cut_off_are_counted() -> None:
    items = [Finding("P02", "error", f"/{n}", "m") for n in range(3)]
    assert "<p>and 2 more findings, not shown</p>" in page(*items, shown=Shown(most=1))


@given(path=ANY_TEXT, message=ANY_TEXT, hint=ANY_TEXT)
def test_no_text_of_a_file_becomes_markup(path: str, message: str, hint: str) -> None:
    item = Finding("P02", "error", f"<img src=x>{path}", f'"><script>{message}', hint=hint)
    text = page(item, file=path)
    found = ParsedPage(text)
    assert (found.open, found.loads, found.scripts) == ([], [], 1)
    text.encode("utf-8")
