"""`nxtool validate` on files of all kinds."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import h5py
import pytest

Run = Callable[..., tuple[int, str, str]]


def test_a_valid_file_takes_one_line_and_exits_with_0(nxtool: Run, valid: Path) -> None:
    code, out, err = nxtool("validate", valid)
    assert (code, err) == (0, "")
    assert out == (
        f"{valid}: valid NeXus, by base classes only: 3 notes (3 not shown, -v shows all)\n"
    )


def test_a_file_with_errors_exits_with_1(nxtool: Run, invalid: Path) -> None:
    code, out, err = nxtool("validate", invalid)
    assert (code, err) == (1, "")
    assert out == (
        f"{invalid}  base classes only\n"
        "  error    P02  /entry/data@signal  there is no field 'nothing'\n"
        f"{invalid}: invalid NeXus, by base classes only: 1 error, 3 notes"
        " (3 not shown, -v shows all)\n"
    )


@pytest.mark.parametrize(("fail_on", "code"), [("error", 1), ("warning", 1), ("never", 0)])
def test_fail_on_decides_the_exit_code(nxtool: Run, invalid: Path, fail_on: str, code: int) -> None:
    assert nxtool("validate", invalid, "--fail-on", fail_on)[0] == code


def test_a_missing_file_exits_with_2_and_says_so_on_stderr(nxtool: Run, tmp_path: Path) -> None:
    path = tmp_path / "none.nxs"
    assert nxtool("validate", path) == (
        2, "", f"error: {path}: No such file or directory\n  → check the path\n",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty\n  → was the writer stopped?"),
        (
            b"\x0e\x03\x13\x01" + bytes(600),
            "is an HDF4 file, not HDF5\n  → convert it with h4toh5 or nxconvert",
        ),
        (
            b"<?xml version='1.0'?><NXroot/>",
            "is an XML file, not HDF5\n  → NeXus XML files must be converted with nxconvert -h5",
        ),
        (b"just text\n" * 100, "is not an HDF5 file\n  → check the format"),
    ],
)
def test_a_file_of_another_kind_exits_with_2_and_names_the_kind(
    nxtool: Run, tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "other.nxs"
    path.write_bytes(content)
    assert nxtool("validate", path) == (2, "", f"error: {path}: {message}\n")


def test_a_folder_exits_with_2_and_names_the_option_for_it(nxtool: Run, tmp_path: Path) -> None:
    told = (
        f"error: {tmp_path}: is a folder, and no series of openPMD\n"
        "  → `nxtool validate -r` judges the HDF5 files in it\n"
    )
    assert nxtool("validate", tmp_path) == (2, "", told)
    h5py.File(tmp_path / "scan.h5", "w").close()
    assert nxtool("validate", tmp_path) == (2, "", told)


def test_a_truncated_file_exits_with_2(nxtool: Run, truncated: Path) -> None:
    code, out, err = nxtool("validate", truncated)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {truncated}: is truncated: ")


def test_a_file_without_permission_exits_with_2(nxtool: Run, valid: Path) -> None:
    valid.chmod(0)
    if os.access(valid, os.R_OK):
        pytest.skip("this user may read everything")
    code, _, err = nxtool("validate", valid)
    assert (code, err) == (2, f"error: {valid}: Permission denied\n  → check the path\n")


def test_one_unreadable_file_does_not_stop_the_others(
    nxtool: Run, valid: Path, invalid: Path, truncated: Path
) -> None:
    code, out, _ = nxtool("validate", "--select", "P02", truncated, valid, invalid)
    assert code == 2
    assert out.splitlines()[-1] == "3 files: 1 valid, 1 invalid, 1 unreadable; 1 error"


def test_the_json_report_tells_the_same_of_several_files(
    nxtool: Run, valid: Path, invalid: Path, truncated: Path
) -> None:
    code, out, _ = nxtool("validate", "--format", "json", valid, invalid, truncated)
    document = json.loads(out)
    assert code == 2
    assert [entry["verdict"] for entry in document["files"]] == ["valid", "invalid", "unreadable"]
    assert [entry["counts"]["error"] for entry in document["files"]] == [0, 1, 0]
    assert document["files"][1]["findings"][0] == {
        "code": "P02",
        "severity": "error",
        "rule": "the signal does not exist",
        "path": "/entry/data@signal",
        "message": "there is no field 'nothing'",
        "expected": "",
        "found": "nothing",
        "hint": "",
        "anchor": "",
        "concept": None,
        "waived": "",
        "mark": None,
    }


def test_the_definition_asked_for_is_used_and_named(nxtool: Run, valid: Path) -> None:
    code, out, _ = nxtool("validate", valid, "--definition", "NXtomo")
    assert code == 1
    assert out.splitlines()[0] == f"{valid}  NXtomo in /entry"


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("NXtomi", "unknown definition 'NXtomi'\n  → did you mean NXtomo, NXatom, NXstm?"),
        (
            "NXdata",
            "NXdata is a base class, not an application definition\n"
            "  → `nxtool definitions list` shows the applications",
        ),
    ],
)
def test_a_definition_that_cannot_judge_exits_with_2(
    nxtool: Run, valid: Path, name: str, error: str
) -> None:
    assert nxtool("validate", valid, "--definition", name) == (2, "", f"error: {error}\n")


def test_a_folder_of_definitions_that_is_not_there_exits_with_2(
    nxtool: Run, valid: Path, tmp_path: Path
) -> None:
    code, _, err = nxtool("validate", valid, "--definitions", tmp_path / "no")
    assert (code, err) == (
        2, f"error: {tmp_path}/no: no such folder of definitions\n  → check the path\n",
    )  # fmt: skip


def test_selected_rules_alone_count(nxtool: Run, invalid: Path) -> None:
    assert nxtool("validate", invalid, "--select", "P02")[0] == 1
    assert nxtool("validate", invalid, "--select", "p01,T01")[0] == 0


def test_ignored_rules_do_not_count(nxtool: Run, invalid: Path) -> None:
    assert nxtool("validate", invalid, "--ignore", "P02") == (
        0,
        f"{invalid}: valid NeXus, by base classes only: 3 notes (3 not shown, -v shows all)\n",
        "",
    )


def test_an_unknown_rule_exits_with_2(nxtool: Run, invalid: Path) -> None:
    code, _, err = nxtool("validate", invalid, "--ignore", "P99")
    assert code == 2
    assert err.splitlines()[-1].startswith(
        "Error: Invalid value for '--ignore': there is no rule 'P99'; did you mean P"
    )


def test_quiet_prints_nothing(nxtool: Run, invalid: Path) -> None:
    assert nxtool("validate", "-q", invalid) == (1, "", "")


def test_verbose_shows_notes(nxtool: Run, valid: Path) -> None:
    _, out, _ = nxtool("validate", "-v", valid)
    assert out.splitlines()[1].startswith("  note     F01  /  no attribute file_name")


def test_a_rule_is_explained_without_a_file(nxtool: Run) -> None:
    assert nxtool("validate", "--explain", "p02") == (
        0,
        "P02  the signal does not exist\n"
        "  severity  error at worst\n"
        "  what to do  `signal` names a field of the same group.\n"
        "  source  NXdata/@signal\n",
        "",
    )


def test_a_clause_is_explained_by_the_rule_that_tells_it(nxtool: Run) -> None:
    assert nxtool("validate", "--explain", "E02") == (
        0,
        "E02  numbers are compared as numbers with those allowed\n"
        "  told  as E01\n"
        "  source  nxdl.xsd, enumerationType\n",
        "",
    )


def test_a_clause_cannot_be_selected(nxtool: Run, valid: Path) -> None:
    code, _, err = nxtool("validate", "--select", "E02", valid)
    assert code == 2
    assert "E02 has no findings of its own; it is told as E01" in err


def test_all_rules_are_listed_without_a_file(nxtool: Run) -> None:
    code, out, _ = nxtool("validate", "--list-rules")
    assert code == 0
    assert out.splitlines()[0] == "O01  error   required or recommended item is missing"
    assert out.splitlines()[-1].startswith("F04")


def test_names_that_are_not_text_are_printed_as_escapes(nxtool: Run, tmp_path: Path) -> None:
    path = tmp_path / "names.nxs"
    with h5py.File(path, "w") as file:
        file.create_group(b"caf\xe9\x1b[31m")
    _, out, _ = nxtool("validate", "--format", "json", path)
    places = [item["path"] for item in json.loads(out)["files"][0]["findings"]]
    assert r"/caf\xe9\x1b[31m" in places
    code, text, _ = nxtool("validate", path)
    assert code == 1
    assert "\x1b" not in text


def test_validation_leaves_the_file_as_it_was(nxtool: Run, valid: Path) -> None:
    before = valid.stat().st_mtime_ns, valid.read_bytes()
    nxtool("validate", valid)
    assert (valid.stat().st_mtime_ns, valid.read_bytes()) == before


def test_a_file_in_a_read_only_folder_is_judged(nxtool: Run, valid: Path) -> None:
    valid.chmod(0o444)
    valid.parent.chmod(0o555)
    try:
        assert nxtool("validate", valid)[0] == 0
    finally:
        valid.parent.chmod(0o755)


@pytest.mark.slow
def test_every_real_file_is_judged_and_shown_without_a_crash(nxtool: Run, corpus: Path) -> None:
    found = sorted(
        path
        for folder in ("nexus", "filters", "openpmd")
        for path in (corpus / folder).rglob("*")
        if path.is_file()
    )
    assert len(found) > 40
    for command in (["validate", "-v"], ["validate", "--format", "json"], ["show", "-a"]):
        for path in found:
            code, _, err = nxtool(*command, path)
            assert code in (0, 1, 2), path
            assert "Traceback" not in err, path
