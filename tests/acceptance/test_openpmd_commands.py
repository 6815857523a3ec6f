"""`nxtool validate` and `nxtool show` on openPMD files, as people call them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import h5py
import pytest

from tests.openpmdfile import write

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """Three iterations, each of them without the unit of two components."""
    path = write(tmp_path / "data.h5", [0, 100, 200])
    with h5py.File(path, "r+") as file:
        for number in ("0", "100", "200"):
            for name in "xy":
                del file[f"data/{number}/fields/E/{name}"].attrs["unitSI"]
    return path


def test_a_valid_file_takes_one_line(nxtool: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "data.h5")
    assert nxtool("validate", path) == (0, f"{path}: valid openPMD 1.1.0 with ED-PIC\n", "")


def test_what_all_iterations_lack_is_told_once_and_counted(nxtool: Run, wrong: Path) -> None:
    assert nxtool("validate", wrong) == (
        1,
        f"{wrong}  openPMD 1.1.0 with ED-PIC in /\n"
        "  error    RC003  /data/0/fields/E/x@unitSI  is missing\n"
        "                and 5 more like it, in 3 iterations: fields/E/y@unitSI\n"
        f"{wrong}: invalid openPMD 1.1.0 with ED-PIC: 6 errors\n",
        "",
    )


def test_programs_are_told_the_declared_version(nxtool: Run, wrong: Path) -> None:
    code, out, _ = nxtool("validate", "--format", "json", wrong)
    told = json.loads(out)["files"][0]
    assert (code, told["definitions"], told["counts"]["error"]) == (
        1,
        [{"path": "/", "name": "openPMD 1.1.0 with ED-PIC"}],
        6,
    )
    assert told["findings"][0]["rule"] == "`unitSI` is missing or not one float64"


@pytest.mark.parametrize("form", ["sarif", "junit", "github", "html"])
def test_all_formats_know_the_rules_of_openpmd(nxtool: Run, wrong: Path, form: str) -> None:
    code, out, err = nxtool("validate", "--format", form, wrong)
    assert (code, err) == (1, "")
    assert "RC003" in out


def test_a_rule_is_explained(nxtool: Run) -> None:
    _, out, _ = nxtool("validate", "--explain", "op006")
    assert out == (
        "OP006  `basePath` is not /data/%T/\n"
        "  severity  error at worst\n"
        "  what to do  The value is fixed by the standard.\n"
        "  source  Hierarchy of the data file\n"
    )


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("data_%T.h5", None, "no file has such a name\n  → check the path"),
        ("a.json", "{}", "does not say that it is openPMD\n"
         "  → `nxtool validate --standard openpmd` judges it all the same"),
        ("a.toml", "x", "is no TOML: Expected '=' after a key in a key/value pair (at end of "
         "document)\n  → is it damaged?"),
        ("a.bp", None, "No such file or directory\n  → check the path"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["validate", "show"])
def test_what_cannot_be_read_is_one_line(
    nxtool: Run, tmp_path: Path, command: str, name: str, content: str | None, message: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_text(content)
    assert nxtool(command, path) == (2, "", f"error: {path}: {message}\n")


def test_a_series_is_shown_as_what_it_holds(nxtool: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "data.h5", edpic=False)
    assert nxtool("show", path) == (0, f"{path}  openPMD 1.1.0, groupBased, HDF5\n{SHOWN}", "")


SHOWN = """\
├─ author  Ada Lovelace <ada@example.org>
├─ software  engine
├─ softwareVersion  1.0
├─ date  2026-01-05 10:00:00 +0100
├─ iterations  2: 0 to 100
│  ├─ 0  time 0 s, step 1e-15 s
│  └─ 100  time 1e-13 s, step 1e-15 s
├─ meshes
│  ├─ B  cartesian  y × x  [4 × 4]  spacing 1e-06, 2e-06 m
│  │  ├─ x  float64  T
│  │  ├─ y  float64  T
│  │  └─ z = 0 T  float64, constant
│  ├─ E  cartesian  y × x  [4 × 4]  spacing 1e-06, 2e-06 m
│  │  ├─ x  float64  V/m
│  │  ├─ y  float64  V/m
│  │  └─ z = 0 V/m  float64, constant
│  └─ rho  float64  C/m^3  cartesian  y × x  [4 × 4]  spacing 1e-06, 2e-06 m
└─ species
   └─ electrons  6 particles, in patches
      ├─ charge = -1.6e-19 C  float64, constant
      ├─ id  uint64
      ├─ mass = 9.1e-31 kg  float64, constant
      ├─ momentum
      │  ├─ x  float64  kg*m/s
      │  └─ y  float64  kg*m/s
      ├─ position
      │  ├─ x  float64  m
      │  └─ y  float64  m
      ├─ positionOffset
      │  ├─ x = 0 m  float64, constant
      │  └─ y = 0 m  float64, constant
      └─ weighting  float64
"""


def test_iterations_that_hold_other_things_are_told_apart(nxtool: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "data.h5", [0, 100, 200])
    with h5py.File(path, "r+") as file:
        del file["data/0/particles"]
    _, out, _ = nxtool("show", path)
    assert "├─ meshes  in 0\n" in out
    assert "├─ meshes  in 2: 100 to 200\n" in out


def test_programs_are_shown_series_and_tree(nxtool: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "data.h5")
    code, out, _ = nxtool("show", path, "--format", "json")
    told = json.loads(out)
    assert (code, list(told)) == (0, ["file", "default_plot", "root", "openpmd"])
    series = told["openpmd"]
    assert [one["number"] for one in series["iterations"]] == [0, 100]
    assert (series["standard"], series["encoding"], series["backend"], series["files"]) == (
        "openPMD 1.1.0 with ED-PIC", "groupBased", "HDF5", 1,
    )  # fmt: skip
    (contents,) = series["contents"]
    assert [mesh["name"] for mesh in contents["meshes"]] == ["B", "E", "rho"]
    assert contents["species"][0]["particles"] == {"least": 6, "most": 6}
