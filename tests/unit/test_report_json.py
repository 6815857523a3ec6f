"""Findings as JSON."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from nxtool import __version__
from nxtool.errors import FileUnreadable
from nxtool.findings import Finding, Findings, Mark
from nxtool.report.jsonreport import JsonReporter

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))


def test_the_document_is_as_described() -> None:
    reporter = JsonReporter(["official v1"])
    item = Finding("R01", "error", "/e", "unknown", "a", "b", "c", "d", Mark("a.yaml", 1, 2))
    reporter.file(Findings("a.nxs", [item], ("/e: NXtomo",)))
    assert json.loads(reporter.end()) == {
        "schema": "nxtool.validate",
        "schema_version": 1,
        "tool": {"name": "nxtool", "version": __version__},
        "definitions": ["official v1"],
        "files": [
            {
                "file": "a.nxs",
                "verdict": "invalid",
                "problem": None,
                "definitions": [{"path": "/e", "name": "NXtomo"}],
                "counts": {"error": 1, "warning": 0, "info": 0},
                "findings": [
                    {
                        "code": "R01",
                        "severity": "error",
                        "rule": "unknown name in a recipe",
                        "path": "/e",
                        "message": "unknown",
                        "expected": "a",
                        "found": "b",
                        "hint": "c",
                        "anchor": "d",
                        "mark": {"file": "a.yaml", "line": 1, "column": 2},
                    }
                ],
            }
        ],
    }


def test_an_unreadable_file_says_why() -> None:
    reporter = JsonReporter([])
    reporter.unreadable("b.nxs", FileUnreadable("b.nxs: is empty", hint="was it written?"))
    entry = json.loads(reporter.end())["files"][0]
    assert (entry["verdict"], entry["problem"]) == (
        "unreadable",
        {"message": "b.nxs: is empty", "hint": "was it written?"},
    )


def test_mild_findings_are_counted_but_not_listed() -> None:
    reporter = JsonReporter([], least="error")
    reporter.file(Findings("a.nxs", [Finding("F03", "info", "/", "x")]))
    entry = json.loads(reporter.end())["files"][0]
    assert (entry["counts"]["info"], entry["findings"]) == (1, [])


@given(path=ANY_TEXT, message=ANY_TEXT)
def test_any_text_gives_ascii_that_strict_readers_take(path: str, message: str) -> None:
    reporter = JsonReporter([])
    reporter.file(Findings(path, [Finding("T01", "error", path, message)]))
    text = reporter.end()
    assert text.isascii()
    json.loads(text)["files"][0]["findings"][0]["path"].encode("utf-8")
