"""Findings as SARIF, held against what the schema of 2.1.0 asks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import FileUnreadable
from nxtool.findings import Finding, Findings, Mark
from nxtool.report.reporting import Shown
from nxtool.report.sarif import SarifReporter

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))
ANCHOR = "NXsas/ENTRY/SAMPLE/name (NXsas.nxdl.xml:212)"
SIGNAL = Finding("P02", "error", "/entry/data@signal", "there is no field 'x'", found="x")
TYPE = Finding("T01", "warning", "/entry/title", "is int64", "NX_CHAR", "int64", "do", ANCHOR)
WAIVED = Finding("O01", "info", "/entry", "field x is missing (waived: lost)", waived="lost")


def log(*items: Finding, file: str = "a.nxs", most: int | None = None) -> dict[str, Any]:
    reporter = SarifReporter(Shown(most=most))
    reporter.file(Findings(file, list(items)))
    return dict(json.loads(reporter.end()))


def results(*items: Finding, file: str = "a.nxs") -> list[dict[str, Any]]:
    return list(log(*items, file=file)["runs"][0]["results"])


def check(document: dict[str, Any]) -> None:
    """What the schema of SARIF 2.1.0 requires of the parts we use."""
    assert document["version"] == "2.1.0"
    for run in document["runs"]:
        driver = run["tool"]["driver"]
        assert isinstance(driver["name"], str)
        ids = [rule["id"] for rule in driver["rules"]]
        assert len(set(ids)) == len(ids)
        for rule in driver["rules"]:
            check_rule(rule)
        for result in run["results"]:
            check_result(result, ids)
        for invocation in run["invocations"]:
            assert isinstance(invocation["executionSuccessful"], bool)
            for note in invocation["toolExecutionNotifications"]:
                assert isinstance(note["message"]["text"], str)
        for artifact in run["artifacts"]:
            urlsplit(artifact["location"]["uri"])


def check_rule(rule: dict[str, Any]) -> None:
    for key in ("shortDescription", "fullDescription", "help"):
        assert isinstance(rule[key]["text"], str)
    assert rule["defaultConfiguration"]["level"] in ("none", "note", "warning", "error")
    assert "docs/rules.md#" in rule["helpUri"]


def check_result(result: dict[str, Any], ids: list[str]) -> None:
    assert ids[result["ruleIndex"]] == result["ruleId"]
    assert result["level"] in ("none", "note", "warning", "error")
    assert isinstance(result["message"]["text"], str)
    assert all(isinstance(value, str) for value in result["partialFingerprints"].values())
    for location in result["locations"]:
        uri = location["physicalLocation"]["artifactLocation"]["uri"]
        assert uri.isascii()
        assert " " not in uri
        region = location["physicalLocation"].get("region", {"startLine": 1, "startColumn": 1})
        assert min(region.values()) >= 1


def test_a_log_of_all_kinds_is_as_the_schema_asks() -> None:
    reporter = SarifReporter()
    recipe = Finding("R01", "error", "/e", "unknown", mark=Mark("a b.nx.yaml", 3, 7))
    reporter.file(Findings("a.nxs", [SIGNAL, TYPE, WAIVED, recipe]))
    reporter.unreadable("c.nxs", FileUnreadable("c.nxs: is empty"))
    check(json.loads(reporter.end()))


def test_a_result_has_file_path_and_what_is_known_of_it() -> None:
    (result,) = results(TYPE)
    del result["partialFingerprints"]
    assert result == {
        "ruleId": "T01",
        "ruleIndex": 0,
        "level": "warning",
        "message": {"text": "/entry/title: is int64 (do)"},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": "a.nxs"}},
                "logicalLocations": [
                    {"name": "title", "fullyQualifiedName": "/entry/title", "kind": "object"}
                ],
            }
        ],
        "properties": {
            "expected": "NX_CHAR",
            "found": "int64",
            "hint": "do",
            "concept": {
                "definition": "NXsas",
                "path": "/ENTRY/SAMPLE/name",
                "file": "NXsas.nxdl.xml",
                "line": 212,
            },
        },
    }


def test_a_finding_of_a_recipe_has_its_place_in_the_recipe() -> None:
    (result,) = results(Finding("R01", "error", "/e", "unknown", mark=Mark("s.nx.yaml", 3, 7)))
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "s.nx.yaml"},
        "region": {"startLine": 3, "startColumn": 7},
    }


def test_notes_are_notes_and_waived_ones_suppressed() -> None:
    (result,) = results(WAIVED)
    assert result["level"] == "note"
    assert result["suppressions"] == [
        {"kind": "inSource", "status": "accepted", "justification": "lost"}
    ]


def test_a_fingerprint_outlives_other_names_and_numbers_in_the_message() -> None:
    one, same, other = results(
        Finding("D03", "error", "/x", "length of 'a' is 3"),
        Finding("D03", "error", "/x", "length of 'b' is 44"),
        Finding("D03", "error", "/y", "length of 'a' is 3"),
    )
    assert one["partialFingerprints"] == same["partialFingerprints"]
    assert one["partialFingerprints"] != other["partialFingerprints"]


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("a.nxs", "a.nxs"),
        ("data/a b#1.nxs", "data/a%20b%231.nxs"),
        ("/elsewhere/a.nxs", "file:///elsewhere/a.nxs"),
        ("caf\udce9.nxs", "caf%E9.nxs"),
    ],
)
def test_files_are_uris(
    file: str, uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert log(file=file)["runs"][0]["artifacts"] == [{"location": {"uri": uri}}]


def test_an_unreadable_file_is_a_notification() -> None:
    reporter = SarifReporter()
    reporter.unreadable("c.nxs", FileUnreadable("c.nxs: is empty", hint="why?"))
    run = json.loads(reporter.end())["runs"][0]
    assert run["invocations"][0]["executionSuccessful"] is False
    note = run["invocations"][0]["toolExecutionNotifications"][0]
    assert note["message"] == {"text": "c.nxs: is empty (why?)"}


def test_findings_cut_off_are_counted() -> None:
    run = log(SIGNAL, TYPE, most=1)["runs"][0]
    assert len(run["results"]) == 1
    assert run["artifacts"][0]["properties"] == {"moreFindings": 1}


@given(path=ANY_TEXT, message=ANY_TEXT, found=ANY_TEXT)
def test_any_text_gives_a_log_that_strict_readers_take(path: str, message: str, found: str) -> None:
    document = log(Finding("T01", "error", path, message, found=found))
    check(document)
    json.dumps(document, ensure_ascii=False).encode("utf-8")
