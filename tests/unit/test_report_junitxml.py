"""Findings as JUnit XML."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from nxtool.errors import FileUnreadable
from nxtool.findings import Finding, Findings
from nxtool.report.junitxml import FAMILIES, JunitReporter
from nxtool.report.reporting import Shown

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))
SIGNAL = Finding("P02", "error", "/e/data@signal", "there is no field '<x>'", hint="add & it")
UNIT = Finding("U01", "warning", "/e/x@units", "'furlong' is not a unit", anchor="NXdata/x (a:1)")


def document(*items: Finding, file: str = "a.nxs", shown: Shown | None = None) -> str:
    reporter = JunitReporter(shown or Shown())
    reporter.file(Findings(file, list(items)))
    return reporter.end()


def parsed(text: str) -> Any:
    return etree.fromstring(text.encode("utf-8"))


def cases(text: str) -> dict[str, Any]:
    return {str(case.get("name")): case for case in parsed(text).iter("testcase")}


def test_a_file_is_a_suite_and_a_family_a_case() -> None:
    suites = parsed(document())
    assert dict(suites.attrib) == {
        "name": "nxtool validate",
        "tests": str(len(FAMILIES)),
        "failures": "0",
        "errors": "0",
    }
    assert suites[0].get("name") == "a.nxs"
    assert tuple(cases(document())) == FAMILIES


def test_errors_fail_their_family() -> None:
    case = cases(document(SIGNAL, UNIT))["nxdata"]
    assert (case[0].tag, dict(case[0].attrib), case[0].text) == (
        "failure",
        {"type": "P02", "message": "1 error: /e/data@signal: there is no field '<x>'"},
        "error P02 /e/data@signal: there is no field '<x>' (add & it)",
    )


def test_milder_findings_are_output() -> None:
    case = cases(document(SIGNAL, UNIT))["units"]
    assert [(part.tag, part.text) for part in case] == [
        ("system-out", "warning U01 /e/x@units: 'furlong' is not a unit by NXdata/x (a:1)")
    ]


def test_failures_are_counted() -> None:
    suite = parsed(document(SIGNAL, SIGNAL, UNIT))[0]
    assert (suite.get("failures"), suite.get("errors")) == ("1", "0")


def test_an_unreadable_file_is_an_error() -> None:
    reporter = JunitReporter()
    reporter.unreadable("b.nxs", FileUnreadable("b.nxs: is empty", hint="why?"))
    assert reporter.end() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<testsuites name="nxtool validate" tests="1" failures="0" errors="1">\n'
        '<testsuite name="b.nxs" tests="1" failures="0" errors="1" skipped="0">\n'
        '<testcase classname="b.nxs" name="readable">\n'
        '<error message="b.nxs: is empty">why?</error>\n</testcase>\n'
        "</testsuite>\n</testsuites>\n"
    )


def test_errors_that_are_not_shown_fail_all_the_same() -> None:
    case = cases(document(SIGNAL, shown=Shown(most=0)))["nxdata"]
    assert case[0].get("message") == "errors, not shown"


@given(path=ANY_TEXT, message=ANY_TEXT)
def test_any_text_gives_well_formed_xml(path: str, message: str) -> None:
    text = document(Finding("P02", "error", path, message), file=path)
    etree.fromstring(text.encode("utf-8"))
