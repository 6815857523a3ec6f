"""`nxtool restore` and `nxtool convert --verify-restore` on the command line."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nxtool.demo import write_tiff
from tests.acceptance.conftest import Outcome
from tests.rawscan import Scan, checksums
from tests.unit.test_nxvalidate import program

Run = Callable[..., Outcome]
TIME = 1_767_600_000


@pytest.fixture
def scan(tmp_path: Path) -> Scan:
    """Two frames as TIFF and a table of angles."""
    folder = tmp_path / "scan"
    folder.mkdir()
    for number in (1, 2):
        write_tiff(folder / f"f_{number}.tif", np.full((4, 5), number, dtype=np.uint16))
    (folder / "log.csv").write_text("angle\n0\n1\n")
    for path in folder.iterdir():
        os.utime(path, (TIME, TIME))
    more = '      angles(NX_FLOAT): {from: "log:angle", units: deg}'
    return Scan(folder, {"frames": "f_*.tif", "log": "log.csv"}, 2, more)


def test_raw_files_come_back(nxtool: Run, scan: Scan, tmp_path: Path) -> None:
    scan.convert("raw")
    code, out, err = nxtool("restore", scan.result, "-o", tmp_path / "back")
    assert (code, out, err) == (0, f"restored 4 files to {tmp_path / 'back'}\n", "")
    assert checksums(tmp_path / "back") == checksums(scan.folder)


def test_conversion_says_what_it_keeps(nxtool: Run, scan: Scan) -> None:
    code, out, _ = nxtool("convert", scan.write_recipe("residual"), "--verify-restore")
    lines = out.splitlines()
    assert code == 0
    assert lines[-2:] == [
        "keeps 3 raw files, 132 B before compression, restored and compared",
        "  whole, as the data does not make them: log.csv",
    ]


def test_verification_needs_a_recipe_that_keeps_raw_files(nxtool: Run, scan: Scan) -> None:
    recipe = scan.write_recipe("recipe")
    assert nxtool("convert", recipe, "--verify-restore") == (
        2,
        "",
        f"error: {recipe}: embed is recipe, so no raw files could be restored\n"
        "  → write provenance: {embed: raw}, or residual\n",
    )
    assert not scan.result.exists()


def test_list_tells_what_can_be_restored(nxtool: Run, scan: Scan) -> None:
    scan.convert("residual")
    assert nxtool("restore", scan.result, "--list") == (
        0,
        "f_1.tif  162 B, from the data  2026-01-05T08:00:00+00:00\n"
        "f_2.tif  162 B, from the data  2026-01-05T08:00:00+00:00\n"
        "log.csv  10 B  2026-01-05T08:00:00+00:00\n"
        "scan.nx.yaml  the recipe\n",
        "",
    )


def test_list_for_programs(nxtool: Run, scan: Scan) -> None:
    scan.convert("residual")
    told = json.loads(nxtool("restore", scan.result, "--list", "--format", "json").out)
    sums = checksums(scan.folder)
    assert told["files"][2] == {
        "name": "log.csv",
        "size": 10,
        "modified": "2026-01-05T08:00:00+00:00",
        "sha256": sums["log.csv"],
        "whole": True,
    }
    assert told["recipe"] == "scan.nx.yaml"
    assert told["sources"] == [
        {"name": "frames", "path": "f_*.tif", "format": "tiff", "files": 2},
        {"name": "log", "path": "log.csv", "format": "csv", "files": 1},
    ]


def test_restored_files_are_listed_for_programs(nxtool: Run, scan: Scan, tmp_path: Path) -> None:
    scan.convert("raw")
    back = tmp_path / "back"
    told = json.loads(nxtool("restore", scan.result, "-o", back, "--format", "json").out)
    assert told == [str(back / name) for name in ("f_1.tif", "f_2.tif", "log.csv", "scan.nx.yaml")]


def test_file_without_raw_files_says_what_is_known_of_them(
    nxtool: Run, scan: Scan, tmp_path: Path
) -> None:
    scan.convert("recipe")
    assert nxtool("restore", scan.result, "-o", tmp_path / "back") == (
        2,
        "",
        f"error: {scan.result}: holds no raw files; its sources were frames: f_*.tif (2 files, "
        "tiff); log: log.csv (1 file, csv), from the folder of scan.nx.yaml\n"
        "  → `provenance: {embed: raw}` in a recipe keeps them; --recipe restores the recipe\n",
    )
    assert not (tmp_path / "back").exists()


def test_list_of_a_file_without_raw_files(nxtool: Run, scan: Scan) -> None:
    scan.convert("recipe")
    assert nxtool("restore", scan.result, "--list") == (
        0,
        "scan.nx.yaml  the recipe\n"
        "no raw files are kept\n"
        "  source frames: f_*.tif (2 files, tiff)\n"
        "  source log: log.csv (1 file, csv)\n",
        "",
    )


def test_recipe_alone_comes_back(nxtool: Run, scan: Scan, tmp_path: Path) -> None:
    scan.convert("recipe")
    code, out, _ = nxtool("restore", scan.result, "-o", tmp_path / "back", "--recipe")
    assert (code, out) == (0, f"restored 1 file to {tmp_path / 'back'}\n")
    assert [path.name for path in (tmp_path / "back").iterdir()] == ["scan.nx.yaml"]


def test_file_of_another_program_holds_nothing(nxtool: Run, valid: Path, tmp_path: Path) -> None:
    hint = "  → raw files are kept by `provenance: {embed: raw}` in a recipe\n"
    assert nxtool("restore", valid, "-o", tmp_path / "back") == (
        2, "", f"error: {valid}: holds no raw files, and no record of any\n{hint}",
    )  # fmt: skip
    assert nxtool("restore", valid, "-o", tmp_path / "back", "--recipe") == (
        2, "", f"error: {valid}: holds no recipe\n  → only nxtool keeps them\n",
    )  # fmt: skip


def test_a_missing_file_is_told(nxtool: Run, tmp_path: Path) -> None:
    path = tmp_path / "no.nxs"
    assert nxtool("restore", path, "-o", tmp_path) == (
        2, "", f"error: {path}: No such file or directory\n  → check the path\n",
    )  # fmt: skip


def test_a_truncated_file_is_told(nxtool: Run, scan: Scan, tmp_path: Path) -> None:
    scan.convert("raw")
    content = scan.result.read_bytes()
    scan.result.write_bytes(content[: len(content) // 2])
    code, out, err = nxtool("restore", scan.result, "-o", tmp_path / "back")
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {scan.result}: is truncated: has ")


def test_existing_files_are_replaced_only_if_asked(nxtool: Run, scan: Scan, tmp_path: Path) -> None:
    scan.convert("raw")
    back = tmp_path / "back"
    nxtool("restore", scan.result, "-o", back)
    (back / "log.csv").write_text("mine")
    assert nxtool("restore", scan.result, "-o", back) == (
        2,
        "",
        f"error: {back / 'f_1.tif'}: exists already and 3 more\n"
        "  → --force replaces what is there\n",
    )
    assert (back / "log.csv").read_text() == "mine"
    assert nxtool("restore", scan.result, "-o", back, "--force", "-q") == (0, "", "")
    assert checksums(back) == checksums(scan.folder)


def test_a_folder_that_is_a_file_is_told(nxtool: Run, scan: Scan, tmp_path: Path) -> None:
    scan.convert("raw")
    (tmp_path / "back").write_text("")
    assert nxtool("restore", scan.result, "-o", tmp_path / "back") == (
        2,
        "",
        f"error: {tmp_path / 'back'}: is not a folder\n  → choose another folder with -o\n",
    )


def test_a_read_only_folder_is_told(nxtool: Run, scan: Scan, tmp_path: Path) -> None:
    scan.convert("raw")
    back = tmp_path / "back"
    back.mkdir(mode=0o555)
    if os.access(back, os.W_OK):
        pytest.skip("this user may write everywhere")
    code, _, err = nxtool("restore", scan.result, "-o", back)
    assert (code, err) == (
        2, f"error: {back}: no permission to write\n  → choose another folder with -o\n",
    )  # fmt: skip


def test_a_folder_below_a_file_is_told(nxtool: Run, scan: Scan, tmp_path: Path) -> None:
    scan.convert("raw")
    (tmp_path / "plain").write_text("")
    code, out, err = nxtool("restore", scan.result, "-o", tmp_path / "plain" / "back")
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {tmp_path / 'plain' / 'back' / 'f_1.tif'}: cannot be written: ")


def test_a_place_must_be_named(nxtool: Run, scan: Scan) -> None:
    scan.convert("raw")
    code, _, err = nxtool("restore", scan.result)
    assert (code, err.splitlines()[-1]) == (2, "Error: say where to with -o DIR, or give --list")


@pytest.mark.parametrize("form", ["residual", "raw"])
def test_nxvalidate_finds_no_error(scan: Scan, form: str) -> None:
    import subprocess

    tool = program()
    if tool is None:
        pytest.skip("nxvalidate is not installed")
    scan.convert(form)
    done = subprocess.run(
        [tool, scan.result], capture_output=True, text=True, timeout=120, check=False
    )
    assert "Total number of errors: 0" in done.stdout
