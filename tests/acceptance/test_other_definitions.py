"""Other sets of definitions, linting and mending, through the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import h5py
import pytest

Run = Callable[..., tuple[int, str, str]]

NXDL = (
    '<definition xmlns="http://definition.nexusformat.org/nxdl/3.1" name="NXmine" '
    'category="application" extends="NXobject" type="group"><doc>Mine.</doc>'
    '<group type="NXentry">{0}</group></definition>'
)


@pytest.fixture(autouse=True)
def _no_kept_sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A facility's set, release v2022.07."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "NXmine.nxdl.xml").write_text(NXDL.format(""))
    (folder / "NXDL_VERSION").write_text("v2022.07")
    return folder


def test_a_set_is_added_listed_used_and_removed(nxtool: Run, mine: Path, tmp_path: Path) -> None:
    kept = tmp_path / "data" / "nxtool" / "definitions" / "facility"
    added = nxtool("definitions", "add", mine, "--name", "facility")
    assert added == (0, f"facility  1 definitions  {kept}\n", "")
    assert nxtool("definitions", "sets") == (
        0, f"facility  v2022.07  1 definitions  {kept}\n", "",
    )  # fmt: skip
    _, out, _ = nxtool("definitions", "sets", "--format", "json")
    assert json.loads(out) == [
        {"name": "facility", "release": "v2022.07", "definitions": 1, "folder": str(kept)}
    ]
    code, out, _ = nxtool("definitions", "search", "mine", "--definitions", "facility")
    assert (code, out) == (0, f"NXmine  application  Mine.  [{kept}]\n")
    assert nxtool("definitions", "remove", "facility") == (0, "", "")
    none = "no sets are kept; `nxtool definitions add` keeps one\n"
    assert nxtool("definitions", "sets") == (0, "", none)


def test_a_source_that_is_not_there_exits_with_2(nxtool: Run, tmp_path: Path) -> None:
    path = tmp_path / "nothing.zip"
    assert nxtool("definitions", "add", path) == (
        2, "", f"error: {path}: no such file or folder\n  → check the path\n",
    )  # fmt: skip


def test_the_difference_of_two_sets_is_shown(nxtool: Run, mine: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "NXmine.nxdl.xml").write_text(NXDL.format('<field name="title" type="NX_INT"/>'))
    nxtool("definitions", "add", mine)
    assert nxtool("definitions", "diff", "v2022.07", other) == (
        0,
        f"~ NXmine\n  + NXmine/ENTRY/title\nv2022.07 → {other}: definitions 1 changed\n",
        "",
    )


def test_the_difference_for_a_file_tells_findings_that_come_and_go(
    nxtool: Run, mine: Path, tmp_path: Path, valid: Path
) -> None:
    with h5py.File(valid, "r+") as file:
        file["entry/definition"] = "NXmine"
    other = tmp_path / "other"
    other.mkdir()
    (other / "NXmine.nxdl.xml").write_text(NXDL.format('<field name="need"/>'))
    code, out, _ = nxtool("definitions", "diff", mine, other, valid)
    assert code == 0
    assert out.splitlines()[-2:] == [
        "  new  error   O01  /entry/need  required field need (NX_CHAR) is missing",
        f"{valid}: findings 1 new, 0 gone",
    ]
    _, out, _ = nxtool("definitions", "diff", other, mine, valid, "--format", "json")
    document = json.loads(out)
    assert [item["path"] for item in document["findings"]["gone"]] == ["/entry/need"]
    assert document["definitions"][0]["concepts"] == [
        {"path": "NXmine/ENTRY/need", "change": "removed", "facets": []}
    ]


def test_a_file_is_judged_by_the_release_it_names(nxtool: Run, mine: Path, valid: Path) -> None:
    with h5py.File(valid, "r+") as file:
        file["entry/definition"] = "NXmine"
        file["entry/definition"].attrs["version"] = "v2022.07"
    code, out, _ = nxtool("validate", "--definitions", "auto", valid)
    assert code == 1
    nxtool("definitions", "add", mine)
    code, out, _ = nxtool("validate", "--definitions", "auto", "-v", valid)
    assert code == 0
    assert "judged by the kept set 'v2022.07', the release this names" in out


def test_linting_exits_with_1_on_errors_and_2_on_unreadable_files(nxtool: Run, mine: Path) -> None:
    path = mine / "NXmine.nxdl.xml"
    assert nxtool("definitions", "lint", path) == (0, f"{path}: no faults\n", "")
    path.write_text(NXDL.format('<field name="a" type="NX_FLOTE"/>'))
    code, out, _ = nxtool("definitions", "lint", path, "--format", "json")
    (file,) = json.loads(out)["files"]
    assert code == 1
    assert file["counts"]["error"] == len(file["findings"]) == 1
    assert file["findings"][-1]["rule"] == "unknown type"
    assert nxtool("definitions", "lint", mine / "scan.nxs")[0] == 2


def test_a_mended_copy_is_written_and_told(nxtool: Run, valid: Path) -> None:
    with h5py.File(valid, "r+") as file:
        file["entry/start_time"] = "2026-01-05 10:00:00Z"
    out_path = valid.with_name("mended.nxs")
    code, out, _ = nxtool("validate", "--fix", "-o", out_path, valid)
    assert code == 0
    assert out.splitlines()[0] == (
        "  fixed  T10  /entry/start_time  2026-01-05 10:00:00Z → 2026-01-05T10:00:00Z"
    )
    assert out_path.exists()
    out_path.unlink()
    _, out, _ = nxtool("validate", "--fix", "-o", out_path, valid, "--format", "json")
    document = json.loads(out)
    assert [fix["code"] for fix in document["fixes"]] == ["T10"]
    assert "T10" not in [item["code"] for item in document["after"]["findings"]]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--fix",), "--fix needs either -o OUT or --in-place"),
        (("--in-place",), "--in-place goes with --fix"),
        (("--fix", "-o", "x.nxs", "again.nxs"), "-o OUT takes one file; --in-place takes several"),
    ],
)
def test_mending_needs_to_know_where_to(
    arguments: tuple[str, ...], problem: str, nxtool: Run, valid: Path
) -> None:
    code, _, err = nxtool("validate", *arguments, valid)
    assert code == 2
    assert err.splitlines()[-1] == f"Error: {problem}"


def test_a_truncated_file_is_not_mended(nxtool: Run, truncated: Path) -> None:
    before = truncated.read_bytes()
    assert nxtool("validate", "--fix", "--in-place", truncated)[0] == 2
    assert truncated.read_bytes() == before
