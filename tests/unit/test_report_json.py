"""Findings as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
from hypothesis import given
from hypothesis import strategies as st

from nxtool import __version__
from nxtool.errors import FileUnreadable
from nxtool.findings import Finding, Findings, Mark
from nxtool.report.jsonreport import JsonReporter
from nxtool.report.reporting import Shown

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "json-report.schema.json").read_text(encoding="utf-8")
)
ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))


def test_the_document_is_as_described() -> None:
    reporter = JsonReporter(["official v1"])
    anchor = "NXtomo/ENTRY (NXtomo.nxdl.xml:12)"
    item = Finding("R01", "error", "/e", "unknown", "a", "b", "c", anchor, Mark("a.yaml", 1, 2))
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
                "waived": 0,
                "known": 0,
                "more": 0,
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
                        "anchor": "NXtomo/ENTRY (NXtomo.nxdl.xml:12)",
                        "concept": {
                            "definition": "NXtomo",
                            "path": "/ENTRY",
                            "file": "NXtomo.nxdl.xml",
                            "line": 12,
                        },
                        "waived": "",
                        "mark": {"file": "a.yaml", "line": 1, "column": 2},
                    }
                ],
            }
        ],
        "summary": {
            "files": 1,
            "valid": 0,
            "invalid": 1,
            "unreadable": 0,
            "counts": {"error": 1, "warning": 0, "info": 0},
            "waived": 0,
            "known": 0,
        },
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
    reporter = JsonReporter([], Shown("error"))
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


def test_the_published_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_every_key_of_a_report_is_described_by_the_schema() -> None:
    reporter = JsonReporter(["official v1"], Shown(most=1))
    anchor = "NXtomo/ENTRY (NXtomo.nxdl.xml:12)"
    first = Finding("R01", "error", "/e", "unknown", anchor=anchor, mark=Mark("a.yaml", 1, 2))
    reporter.file(Findings("a.nxs", [first, Finding("P02", "error", "/f", "x")], ("/e: NXtomo",)))
    reporter.unreadable("b.nxs", FileUnreadable("b.nxs: is empty"))
    jsonschema.validate(json.loads(reporter.end()), closed(SCHEMA))


def closed(schema: object) -> object:
    """The schema, allowing no key it does not name."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(value) for key, value in schema.items()}
    return inner | {"additionalProperties": False} if schema.get("type") == "object" else inner


def test_waived_known_and_cut_off_findings_are_counted() -> None:
    reporter = JsonReporter([], Shown(most=0))
    waived = Finding(
        "O01", "info", "/e", "required field x is missing (waived: lost)", waived="lost"
    )
    reporter.file(Findings("a.nxs", [waived], known=3))
    document = json.loads(reporter.end())
    entry = document["files"][0]
    assert (entry["waived"], entry["known"], entry["more"], entry["findings"]) == (1, 3, 1, [])
    assert (document["summary"]["waived"], document["summary"]["known"]) == (1, 3)


def test_a_waived_finding_has_its_reason() -> None:
    reporter = JsonReporter([])
    item = Finding("O01", "info", "/e", "required field x is missing (waived: lost)", waived="lost")
    reporter.file(Findings("a.nxs", [item]))
    assert json.loads(reporter.end())["files"][0]["findings"][0]["waived"] == "lost"
