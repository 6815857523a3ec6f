"""Real raw data to application definitions, judged by nxtool and by nexusformat."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import h5py
import hdf5plugin  # noqa: F401 - registers the filters
import numpy as np
import pytest

from nxtool.cli import main

RECIPES = Path(__file__).parent / "recipes"


@pytest.fixture
def convert(corpus, tmp_path):
    def run(name):
        output = tmp_path / f"{name}.nxs"
        recipe = str(RECIPES / f"{name}.nx.yaml")
        code = main(["convert", recipe, "--set", f"vars.corpus={corpus}", "-o", str(output)])
        assert code == 0
        return output

    return run


@pytest.mark.parametrize("name", sorted(path.name.split(".")[0] for path in RECIPES.iterdir()))
def test_raw_data_become_a_file_that_nexusformat_accepts_too(convert, name):
    output = convert(name)
    command = [str(Path(sys.executable).parent / "nxvalidate"), str(output)]
    report = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    assert re.search(r"Total number of errors: 0\b", report), report


def test_image_of_an_areadetector_file_is_kept_bit_for_bit(convert, corpus):
    with (
        h5py.File(corpus / "raw" / "AgBehenate_228.hdf5") as raw,
        h5py.File(convert("agbehenate")) as done,
    ):
        before, after = raw["entry/data/data"], done["entry/instrument/detector/data"]
        assert after.dtype == before.dtype
        assert np.array_equal(after[()], before[()])


def test_declared_link_and_default_plot_lead_to_the_detector_data(convert):
    with h5py.File(convert("agbehenate")) as file:
        entry = file[file.attrs["default"]]
        plot = entry[entry.attrs["default"]]
        signal = plot[plot.attrs["signal"]]
        assert signal.attrs["target"] == "/entry/instrument/detector/data"
        assert signal == file["/entry/instrument/detector/data"]


def test_frames_of_a_stack_keep_order_and_type(convert, corpus):
    tifffile = pytest.importorskip("tifffile")
    frames = [tifffile.imread(corpus / "raw" / f"test_file{i}.tif") for i in range(5)]
    with h5py.File(convert("pilatus")) as file:
        data = file["entry/instrument/detector/data"]
        assert data.dtype == frames[0].dtype
        assert np.array_equal(data[()], np.stack(frames))


def test_nexusformat_loads_the_result_and_finds_its_plot(convert):
    nexus = pytest.importorskip("nexusformat.nexus")
    tree = nexus.nxload(convert("spec"))
    plot = tree.get_default()
    assert plot.nxsignal.nxname == "absorbed_beam"
    assert [axis.nxname for axis in plot.nxaxes] == ["energy"]


def test_time_of_a_spec_scan_gets_its_zone(convert):
    with h5py.File(convert("spec")) as file:
        assert file["entry/start_time"].asstr()[()] == "2019-02-19T17:11:20-06:00"


def test_units_of_the_source_are_kept_where_the_recipe_says_none(convert):
    with h5py.File(convert("agbehenate")) as file:
        assert file["entry/instrument/monochromator/energy"].attrs["units"] == "keV"


def test_source_table_holds_the_hash_of_the_raw_file(convert, corpus):
    from nxtool.sources.hashing import sha256

    with h5py.File(convert("agbehenate")) as file:
        stored = file["entry/nxtool/record/source_raw/sha256"].asstr()[0]
    assert stored == sha256(corpus / "raw" / "AgBehenate_228.hdf5")
