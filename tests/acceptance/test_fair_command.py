"""`nxtool fair` as people and CI call it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import h5py
import pytest

from nxtool.fair.checks import CHECKS
from tests.acceptance.conftest import Outcome
from tests.fairfile import complete

Run = Callable[..., Outcome]


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A file with all points."""
    return complete(tmp_path / "whole.nxs")


@pytest.fixture
def untitled(tmp_path: Path) -> Path:
    """A file that lacks the number of the proposal: four points less."""
    path = complete(tmp_path / "untitled.nxs")
    with h5py.File(path, "r+") as file:
        del file["entry/experiment_identifier"]
    return path


def test_last_line_is_the_score(nxtool: Run, whole: Path) -> None:
    code, out, err = nxtool("fair", whole)
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == str(whole)
    assert out.splitlines()[-1] == f"{whole}: 100 of 100 points, 100 %"


def test_report_is_grouped_by_letter_and_tells_what_to_do(nxtool: Run, untitled: Path) -> None:
    code, out, err = nxtool("fair", untitled)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    heads = [line for line in lines[1:-1] if not line.startswith(" ")]
    assert heads == [
        "Findable  28 of 32 points",
        "Accessible  12 of 12 points",
        "Interoperable  31 of 31 points",
        "Reusable  25 of 25 points",
    ]
    assert lines[3:7] == [
        "  ✗ F02  0 of 4 Is the proposal or experiment identified?",
        "               no experiment_identifier",
        "               → Write the proposal number as experiment_identifier.",
        "  ✓ F03  3 of 3 Does the title say something (10 characters or more)?",
    ]


def test_question_that_does_not_apply_says_why(nxtool: Run, whole: Path) -> None:
    with h5py.File(whole, "r+") as file:
        del file["entry/about/other"]
    line = (
        "  – A03  –      Are links to other files free of absolute paths? (no links to other files)"
    )
    assert line in nxtool("fair", whole).out.splitlines()


@pytest.mark.parametrize(("least", "code"), [(0, 0), (95, 0), (96, 0), (97, 1), (100, 1)])
def test_exit_code_tells_whether_a_file_is_below(
    nxtool: Run, untitled: Path, least: int, code: int
) -> None:
    assert nxtool("fair", "--min", least, untitled).code == code


def test_one_file_below_is_enough(nxtool: Run, whole: Path, untitled: Path) -> None:
    assert nxtool("fair", "--min", 97, untitled, whole).code == 1
    assert nxtool("fair", "--min", 97, whole).code == 0


def test_quiet_prints_nothing_and_tells_by_exit_code(nxtool: Run, untitled: Path) -> None:
    assert nxtool("fair", "-q", "--min", 97, untitled) == (1, "", "")
    assert nxtool("fair", "-q", "--format", "json", untitled) == (0, "", "")


@pytest.mark.parametrize("least", ["-1", "101", "many"])
def test_percentage_that_is_none_is_refused(nxtool: Run, whole: Path, least: str) -> None:
    assert nxtool("fair", f"--min={least}", whole).code == 2


def test_missing_file_does_not_keep_others_from_being_judged(
    nxtool: Run, whole: Path, tmp_path: Path
) -> None:
    code, out, err = nxtool("fair", tmp_path / "no.nxs", whole)
    assert code == 2
    assert out.splitlines()[-1] == f"{whole}: 100 of 100 points, 100 %"
    assert err == f"error: {tmp_path}/no.nxs: No such file or directory\n  → check the path\n"


def test_file_that_cannot_be_read_outweighs_one_below(
    nxtool: Run, untitled: Path, tmp_path: Path
) -> None:
    assert nxtool("fair", "--min", 97, untitled, tmp_path / "no.nxs").code == 2


def test_truncated_file_is_told(nxtool: Run, truncated: Path) -> None:
    code, out, err = nxtool("fair", truncated)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {truncated}: is truncated: has ")


def test_file_that_is_no_hdf5_is_told(nxtool: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.nxs"
    path.write_text("no")
    told = f"error: {path}: is not an HDF5 file\n  → check the format\n"
    assert nxtool("fair", path) == (2, "", told)


def test_file_without_an_entry_is_told(nxtool: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["x"] = 1
    hint = "  → a NeXus file has an NXentry below its root\n"
    assert nxtool("fair", path) == (2, "", f"error: {path}: holds no NXentry\n{hint}")


def test_answers_come_as_json_too(nxtool: Run, untitled: Path, tmp_path: Path) -> None:
    code, out, _ = nxtool("fair", "--format", "json", "--min", 90, untitled, tmp_path / "no.nxs")
    document = json.loads(out)
    files = document.pop("files")
    assert code == 2
    assert document == {"schema": "nxtool.fair", "schema_version": 1, "min": 90}
    checks = {check["code"]: check for check in files[0].pop("checks")}
    assert list(checks) == list(CHECKS)
    assert files == [
        {"file": str(untitled), "error": None, "points": 96, "of": 100, "percent": 96, "note": "",
         "entries": ["/entry"]},
        {"file": f"{tmp_path}/no.nxs", "error": f"{tmp_path}/no.nxs: No such file or directory",
         "points": None, "of": None, "percent": None, "note": "", "entries": [], "checks": []},
    ]  # fmt: skip
    path = "/entry/experiment_identifier"
    judged = {"answer": "no", "found": "no experiment_identifier", "paths": [path]}
    assert checks["F02"] == {
        "code": "F02", "serves": "F", "hint": False,
        "question": "Is the proposal or experiment identified?", "points": 0, "of": 4,
        "what_to_do": "Write the proposal number as experiment_identifier.", **judged,
        "judged": [{"entry": "/entry", **judged}],
    }  # fmt: skip
    assert checks["I08"]["judged"][0]["entry"] is None
    assert checks["I08"]["what_to_do"] == ""


def test_checksums_are_compared_on_demand(nxtool: Run, whole: Path) -> None:
    with h5py.File(whole, "r+") as file:
        file["entry/process/recipe/data"][0] += 1
    assert nxtool("fair", "--min", 100, whole).code == 0
    code, out, _ = nxtool("fair", "--min", 100, "--checksums", whole)
    assert code == 1
    told = "/entry/process/recipe/checksum does not fit the data of the note"
    assert f"               {told}" in out.splitlines()


def test_definitions_of_ones_own_are_known(nxtool: Run, whole: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "NXown.nxdl.xml").write_text(
        '<definition xmlns="http://definition.nexusformat.org/nxdl/3.1" category="application" '
        'type="group" name="NXown" extends="NXobject"><group type="NXentry"/></definition>'
    )
    with h5py.File(whole, "r+") as file:
        del file["entry/definition"]
        file["entry/definition"] = "NXown"
    unknown = nxtool("fair", whole).out
    known = nxtool("fair", "--definitions", own, whole).out
    line = "  {} I01  {} of 5 Does the file name an application definition that is known?"
    assert line.format("✗", 0) in unknown.splitlines()
    assert line.format("✓", 5) in known.splitlines()


def test_checks_are_listed_without_a_file(nxtool: Run) -> None:
    code, out, err = nxtool("fair", "--list")
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == f"{len(CHECKS)} checks, 100 points"
    assert [code for code in CHECKS if f"  {code}  " not in out] == []
    listed = json.loads(nxtool("fair", "--list", "--format", "json").out)
    assert (listed["schema"], listed["schema_version"]) == ("nxtool.fair.checks", 1)
    assert [check["code"] for check in listed["checks"]] == list(CHECKS)


def test_command_without_a_file_says_what_is_missing(nxtool: Run) -> None:
    code, out, err = nxtool("fair", "--min", 5)
    assert (code, out) == (2, "")
    assert err.splitlines()[-1] == "Error: Missing argument 'FILE...'."


def test_names_of_files_cannot_speak_to_the_terminal(nxtool: Run, whole: Path) -> None:
    evil = whole.rename(whole.with_name("a\x1b[31m.nxs"))
    out = nxtool("fair", evil).out + nxtool("fair", "--format", "json", evil).out
    assert "\x1b" not in out


def test_help_of_the_program_loads_nothing_of_it() -> None:
    program = (
        "import sys; from nxtool.cli import main; main(['--help'])\n"
        "sys.exit(any(name.startswith(('nxtool.fair', 'h5py')) for name in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 0
    assert "fair" in done.stdout
