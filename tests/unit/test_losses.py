"""What a file tells of its losses: the steps kept in it, and `nxtool show --lossy`."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import h5py
import hdf5plugin
import numpy as np
import pytest

import nxtool
from nxtool.build.convert import convert
from nxtool.cli import main
from nxtool.hdf5.lossuse import losses_in
from nxtool.schema.compile import default_schema
from nxtool.validate.api import validate

RECIPE = """\
nxtool: 1
definition: NXentry
output: out.nxs
defaults: {timezone: UTC, compression: gzip}
sources: {frames: frames.npy}
entry:
  instrument:
    one(NXdetector):
      data: {from: frames, lossy: {method: sz3, bound: 0.05, i_accept_loss: true}}
    two(NXdetector):
      data: {from: frames, lossy: {method: bitround, bits: 7, i_accept_loss: true}}
    three(NXdetector):
      data: {from: frames, lossy: {method: bitround, bits: 7, i_accept_loss: true}}
"""
VALUES = (np.cumsum(np.random.default_rng(1).normal(size=(4, 90, 100)), axis=2) + 300).astype("f4")


@pytest.fixture(scope="module")
def reduced(tmp_path_factory):
    """A file with three lossy fields, by two methods."""
    folder = tmp_path_factory.mktemp("reduced")
    np.save(folder / "frames.npy", VALUES)
    (folder / "scan.nx.yaml").write_text(RECIPE)
    outcome = convert(folder / "scan.nx.yaml", default_schema())
    assert outcome.written, list(outcome.findings)
    return outcome.written


def test_every_way_of_losing_is_a_step_of_processing(reduced):
    with h5py.File(reduced) as file:
        entry = file["entry"]
        steps = [entry[name] for name in entry if name.startswith("reduction_")]
        told = [
            {
                name: [text.decode() for text in item[()]] if item.shape else item[()]
                for name, item in {**step, **step["parameters"]}.items()
                if isinstance(item, h5py.Dataset) and name != "date"
            }
            for step in steps
        ]
        classes = [(step.attrs["NX_class"], step["parameters"].attrs["NX_class"]) for step in steps]
    common = {
        "program": b"nxtool",
        "version": nxtool.__version__.encode(),
        "measured": b"attribute nxtool_lossy of each",
    }
    assert classes == [("NXprocess", "NXparameters")] * 2
    assert told == [
        {
            **common,
            "sequence_index": 1,
            "method": b"sz3",
            "bound_abs": 0.05,
            "bound": b"0.05",
            "path": ["/entry/instrument/one/data"],
        },
        {
            **common,
            "sequence_index": 2,
            "method": b"bitround",
            "bits": 7,
            "bound": b"2^-8 of the value",
            "path": ["/entry/instrument/two/data", "/entry/instrument/three/data"],
        },
    ]


def test_steps_are_valid(reduced):
    assert [one for one in validate(reduced) if one.severity in ("error", "warning")] == []


CHECK = """
import sys
from nexusformat.nexus import nxload
for name in ("reduction_1", "reduction_2"):
    nxload(sys.argv[1])["entry"][name].check(level="info")
"""


def test_nexusformat_has_no_objection_to_steps(reduced):
    command = [sys.executable, "-c", CHECK, reduced]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
    assert plain.count("This is a valid field in NXprocess") == 8
    assert plain.count("Total number of warnings: 0\nTotal number of errors: 0") == 2


def test_show_lists_method_bound_and_errors(reduced, capsys):
    assert main(["show", "--lossy", str(reduced)]) == 0
    records = {one.path: one.record for one in losses_in(reduced)}

    def errors(path):
        names = ("max_abs_error", "max_rel_error", "rmse")
        largest, relative, rmse = (f"{records[path][name]:.3g}" for name in names)
        words = f"largest error {largest}, largest relative error {relative}"
        return f"{words}, root mean square {rmse}"

    one, two, three = (f"/entry/instrument/{name}/data" for name in ("one", "two", "three"))
    assert capsys.readouterr().out == (
        f"{reduced}\n"
        f"  {one}  sz3 within 0.05, {errors(one)}\n"
        f"  {three}  bitround within 2^-8 of the value, {errors(three)}\n"
        f"  {two}  bitround within 2^-8 of the value, {errors(two)}\n"
    )


@pytest.fixture
def foreign(tmp_path):
    """A file that others wrote: no record, netCDF's attribute, records nobody understands."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        options = {"chunks": (2, 90, 100), **hdf5plugin.SZ3(absolute=0.1)}
        file.create_dataset("silent", data=VALUES, **options)
        file.create_dataset("netcdf", data=VALUES)
        name = "_QuantizeBitRoundNumberOfSignificantBits"
        file["netcdf"].attrs[name] = np.int32(9)
        file.create_dataset("odd", data=VALUES)
        file["odd"].attrs["nxtool_lossy"] = "{"
        file.create_dataset("number", data=VALUES)
        file["number"].attrs["nxtool_lossy"] = 5
        file.create_dataset("infinite", data=VALUES)
        file["infinite"].attrs["nxtool_lossy"] = '{"method": "x", "rmse": Infinity}'
        file.create_dataset("repacked", data=VALUES)
        file["repacked"].attrs["nxtool_lossy"] = '{"before_repack": []}'
        file.create_dataset("plain", data=VALUES, compression="gzip")
    return tmp_path / "a.h5"


def test_show_says_where_there_is_no_record(foreign, capsys):
    assert main(["show", "--lossy", str(foreign)]) == 0
    assert capsys.readouterr().out == (
        f"{foreign}\n"
        "  /infinite  x, root mean square inf\n"
        "  /netcdf  bitround within 9 significant bits\n"
        "  /number  a loss, not understood\n"
        "  /odd  a loss, not understood\n"
        "  /repacked  was behind a lossy filter before it was repacked\n"
        "  /silent  SZ3, no record of what was lost\n"
    )


def test_losses_are_json_for_programs(foreign, capsys):
    assert main(["show", "--lossy", "--format", "json", str(foreign)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [document["schema"], document["schema_version"]] == ["nxtool.show.lossy", 1]
    entries = {one["path"]: one for one in document["lossy"]}
    assert entries["/silent"] == {
        "path": "/silent",
        "dtype": "float32",
        "shape": [4, 90, 100],
        "filters": ["SZ3"],
        "recorded": False,
        "method": None,
        "bound": None,
        "max_abs_error": None,
        "max_rel_error": None,
        "rmse": None,
        "record": {},
    }
    assert entries["/infinite"]["record"] == {"method": "x", "rmse": "Infinity"}
    assert entries["/infinite"]["rmse"] is None


def test_show_says_that_nothing_was_lost(tmp_path, capsys):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"] = 1
    assert main(["show", "--lossy", str(tmp_path / "a.h5")]) == 0
    assert capsys.readouterr().out == (
        f"{tmp_path / 'a.h5'}\n  no dataset tells of a loss, and no filter loses anything\n"
    )
