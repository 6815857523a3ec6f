"""`nxtool edit` on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import h5py
import pytest

from tests.acceptance.conftest import Outcome

Run = Callable[..., Outcome]


@pytest.fixture
def sample(valid: Path) -> Path:
    """The valid file with a sample."""
    with h5py.File(valid, "r+") as file:
        group = file.create_group("entry/sample")
        group.attrs["NX_class"] = "NXsample"
        group["name"] = "lysozym"
        group["temperature"] = 295.0
        group["temperature"].attrs["units"] = "K"
    return valid


def test_changes_are_told_and_made(nxtool: Run, sample: Path) -> None:
    settings = ("/entry/sample/name=lysozyme: no 5", "/entry/sample/temperature=100 K",
                "/entry/sample/phi(NX_FLOAT)=[1, 2] deg", "/entry/data@note='7'")  # fmt: skip
    options = [part for text in settings for part in ("--set", text)]
    code, out, err = nxtool("edit", sample, *options, "--reason", "typo")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "  set     /entry/sample/name  lysozym → lysozyme: no 5",
        "  set     /entry/sample/temperature  295.0 → 100.0",
        "  add     /entry/sample/phi  [1.0, 2.0]",
        "  add     /entry/sample/phi@units  deg",
        "  add     /entry/data@note  7",
        f"{sample}: 5 changes; 3 notes → 1 warning, 3 notes",
    ]
    with h5py.File(sample) as file:
        assert file["entry/sample/phi"][()].tolist() == [1, 2]
        assert file["entry/nxtool/edits/edit_1/reason"].asstr()[()] == "typo"


def test_mistakes_are_told_with_the_way_out(nxtool: Run, sample: Path) -> None:
    assert nxtool("edit", sample, "--set", "/entry/sample/temperatur=1", "--delete", "/x") == (
        1,
        "--set /entry/sample/temperatur=1: error: unknown name 'temperatur' in NXsample [R01]   → "
        "did you mean temperature, temperature_log, temperature_env?\n"
        "--delete /x: error: there is no 'x' in / [R01]\n"
        f"{sample}: not changed\n",
        "",
    )


def test_new_errors_are_told_and_nothing_is_changed(nxtool: Run, sample: Path) -> None:
    before = sample.read_bytes()
    code, _, _ = nxtool("edit", sample, "--set", "/entry/sample/temperature=1 keV")
    assert (code, sample.read_bytes()) == (1, before)
    code, out, _ = nxtool("edit", sample, "--set", "/entry/data@signal=nothing", "-q")
    assert (code, out.splitlines()[1:]) == (
        1,
        [
            "  error    P02  /entry/data@signal  there is no field 'nothing'",
            f"{sample}: not changed: it would have 1 error more",
        ],
    )
    assert nxtool("edit", sample, "--set", "/entry/data@signal=no", "--allow-invalid")[0] == 0


def test_a_dry_run_says_what_would_be(nxtool: Run, sample: Path) -> None:
    before = sample.read_bytes()
    assert nxtool("edit", sample, "--delete", "/entry/sample/temperature", "--dry-run") == (
        0,
        "  delete  /entry/sample/temperature  295.0\n"
        "  delete  /entry/sample/temperature@units  K\n"
        f"{sample}: would be changed, 2 changes; 3 notes → 3 notes\n",
        "",
    )
    assert sample.read_bytes() == before


def test_another_file_is_named(nxtool: Run, sample: Path) -> None:
    out = sample.with_name("out.nxs")
    assert nxtool("edit", sample, "--set", "/entry/title=x", "-o", out) == (
        0,
        f"  set     /entry/title  a scan → x\n{sample}: 1 change in {out}; 3 notes → 3 notes\n",
        "",
    )
    assert nxtool("edit", sample, "--set", "/entry/title=a scan").out == (
        f"{sample}: nothing to change\n"
    )


def test_json_for_programs(nxtool: Run, sample: Path) -> None:
    told = json.loads(nxtool("edit", sample, "--set", "/entry/title=x", "--format", "json").out)
    assert {key: told[key] for key in ("schema", "schema_version", "file", "output")} == {
        "schema": "nxtool.edit",
        "schema_version": 1,
        "file": str(sample),
        "output": str(sample),
    }
    assert told["changes"] == [
        {"action": "set", "path": "/entry/title", "old": "a scan", "new": "x"},
    ]
    assert (told["problems"], told["refused"], told["added"]) == ([], False, [])
    assert told["before"]["counts"] == told["after"]["counts"]
    wrong = json.loads(nxtool("edit", sample, "--set", "/entry/titel=x", "--format", "json").out)
    assert (wrong["output"], wrong["after"], wrong["changes"]) == (None, None, [])
    assert wrong["problems"][0]["mark"] == {
        "file": "--set /entry/titel=x", "line": None, "column": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("no.nxs", "--set", "/a=1"),
         "error: no.nxs: No such file or directory\n  → check the path\n"),
        ((".", "--set", "/a=1"), "error: .: Is a directory\n  → check the path\n"),
        (("no.nxs", "--set", "/entry/title"),
         "error: '/entry/title' is not a setting\n  → write --set /entry/sample/name=x\n"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_an_error(
    nxtool: Run, arguments: tuple[str, ...], error: str
) -> None:
    assert nxtool("edit", *arguments) == (2, "", error)


def test_something_must_be_asked_for(nxtool: Run, sample: Path) -> None:
    code, _, err = nxtool("edit", sample)
    assert (code, err.splitlines()[-1]) == (
        2,
        "Error: say what to change with --set or --delete",
    )


def test_a_truncated_file_is_left(nxtool: Run, truncated: Path) -> None:
    before = truncated.read_bytes()
    code, _, err = nxtool("edit", truncated, "--set", "/entry/title=x")
    assert (code, err.startswith(f"error: {truncated}: is truncated")) == (2, True)
    assert truncated.read_bytes() == before


def test_yaml_that_is_none_is_told_at_its_place(nxtool: Run, sample: Path) -> None:
    code, _, err = nxtool("edit", sample, "--set", "/entry/title={a: 1")
    assert (code, err.splitlines()[0]) == (
        2,
        "error: --set /entry/title={a: 1:2:1: expected ',' or a closing bracket",
    )
