"""`nxtool sources`: what raw data files offer."""

from __future__ import annotations

import json

import h5py
import numpy as np
import pytest

from nxtool.cli import main
from nxtool.demo import write_tiff


@pytest.fixture
def listing(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        code = main(["sources", *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_a_table_shows_its_columns_and_units(listing, tmp_path):
    (tmp_path / "log.csv").write_text("angle (deg),name\n1.5,a\n2.5,b\n")
    assert listing("log.csv") == (
        0,
        "log.csv  csv, 1 file\n  angle  float64 [2]  deg\n  name   text [2]\n",
        "",
    )


def test_a_stack_shows_its_data_first(listing, tmp_path):
    for number in (1, 2):
        write_tiff(tmp_path / f"f_{number}.tif", np.zeros((3, 4), dtype=np.uint16))
    code, out, _ = listing("f_*.tif")
    assert (code, out.splitlines()[:2]) == (
        0,
        ["f_*.tif  tiff, 2 files", "  (the data)      uint16 [2 × 3 × 4]"],
    )


def test_hdf5_is_listed_for_programs(listing, tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["entry/x"] = np.zeros(3, dtype=">f4")
        file["entry/x"].attrs["units"] = "mm"
    document = json.loads(listing("a.h5", "--format", "json")[1])
    assert document["offers"][-1] == {
        "selector": "/entry/x", "dtype": ">f4", "shape": [3], "units": "mm", "problem": "",
    }  # fmt: skip


def test_a_path_inside_limits_what_is_listed(listing, tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["entry/x"] = np.zeros(3)
        file["other/y"] = np.zeros(3)
    assert listing("a.h5:/entry") == (0, "a.h5:/entry  hdf5, 1 file\n  /entry/x  float64 [3]\n", "")
    assert listing("a.h5:/enrty") == (
        2, "", f"error: {tmp_path}/a.h5: no dataset or group '/enrty'\n  → did you mean /entry/x?\n"
    )  # fmt: skip


def test_missing_file_is_told(listing, tmp_path):
    code, out, err = listing("no.h5")
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {tmp_path}/no.h5: no such file")
