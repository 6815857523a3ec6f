"""openPMD files of every backend as the same model."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from nxtool.errors import FileUnreadable
from nxtool.openpmd.model import iterations_of
from nxtool.openpmd.opening import open_tree
from nxtool.openpmd.series import find_series

_MESH = {"geometry": "cartesian", "gridSpacing": [1.0, 2.0], "axisLabels": ["y", "x"]}
_TREE = {
    "attributes": {"openPMD": "1.1.0", "meshesPath": "fields/", "particlesPath": "particles/"},
    "data": {
        "100": {"attributes": {"time": 3.0}},
        "20": {
            "attributes": {"time": 1.0, "dt": 0.5, "timeUnitSI": 1e-15},
            "fields": {
                "E": {
                    "attributes": _MESH,
                    "x": {"datatype": "DOUBLE", "data": [[1.0, 2.0], [3.0, 4.0]]},
                    "y": {"attributes": {"value": 7.0, "shape": [2, 2], "unitSI": 1e9}},
                },
            },
            "particles": {
                "electrons": {
                    "position": {"x": {"datatype": "FLOAT", "data": [1.0, 2.0, 3.0]}},
                    "particlePatches": {},
                }
            },
        },
        "notes": {},
    },
}
_TOML = """
[attributes]
openPMD = "1.1.0"
meshesPath = "fields/"
particlesPath = "particles/"
[data.100.attributes]
time = 3.0
[data.20.attributes]
time = 1.0
dt = 0.5
timeUnitSI = 1e-15
[data.20.fields.E.attributes]
geometry = "cartesian"
gridSpacing = [1.0, 2.0]
axisLabels = ["y", "x"]
[data.20.fields.E.x]
datatype = "DOUBLE"
data = [[1.0, 2.0], [3.0, 4.0]]
[data.20.fields.E.y.attributes]
value = 7.0
shape = [2, 2]
unitSI = 1e9
[data.20.particles.electrons.position.x]
datatype = "FLOAT"
data = [1.0, 2.0, 3.0]
[data.20.particles.electrons.particlePatches]
[data.notes]
"""


def _write_hdf5(path: Path) -> None:
    with h5py.File(path, "w") as file:
        _fill(file, _TREE)


def _fill(group: h5py.Group, content: dict) -> None:
    for name, value in content.get("attributes", {}).items():
        group.attrs[name] = value
    for name, child in content.items():
        if name == "attributes":
            continue
        if "datatype" in child:
            group[name] = np.asarray(child["data"])
        else:
            _fill(group.create_group(name), child)


@pytest.fixture(params=["h5", "json", "toml"])
def path(request, tmp_path):
    file = tmp_path / f"data.{request.param}"
    if request.param == "h5":
        _write_hdf5(file)
    else:
        file.write_text(_TOML if request.param == "toml" else json.dumps(_TREE))
    return file


def test_all_backends_give_the_same_model(path):
    with open_tree(path) as root:
        first, second = iterations_of(root)
        assert (first.number, first.time, first.dt, first.time_unit_si) == (20, 1.0, 0.5, 1e-15)
        assert (second.number, second.time, second.dt) == (100, 3.0, None)
        mesh = first.meshes["E"]
        assert (mesh.geometry, mesh.axis_labels, mesh.grid_spacing) == (
            "cartesian",
            ("y", "x"),
            (1.0, 2.0),
        )
        stored, constant = mesh.components["x"], mesh.components["y"]
        assert stored.read().tolist() == [[1.0, 2.0], [3.0, 4.0]]
        assert constant.read().tolist() == [[7.0, 7.0], [7.0, 7.0]]
        assert (stored.constant, constant.constant, constant.unit_si) == (False, True, 1e9)
        species = first.species["electrons"]
        assert (list(species.records), species.length) == (["position"], 3)
        assert species.patches is not None


def test_files_of_a_pattern_come_in_the_order_of_their_numbers(tmp_path):
    for number in (100, 20, 1234567):
        (tmp_path / f"data_{number:06}.json").write_text(json.dumps(_TREE))
    (tmp_path / "data_7.json").write_text("{}")
    series = find_series(tmp_path / "data_%06T.json")
    assert [file.number for file in series.files] == [20, 100, 1234567]
    assert [iteration.number for iteration in series.iterations()] == [20, 100] * 3


def test_a_folder_is_a_series(tmp_path):
    for number in (3, 1):
        (tmp_path / f"data{number}.json").write_text("{}")
    (tmp_path / "readme.txt").write_text("")
    (tmp_path / "settings9.toml").write_text("")
    assert [file.number for file in find_series(tmp_path).files] == [1, 3]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.json", "[1]", "holds no JSON object (check the format)"),
        ("a.json", "{", "is no JSON: Expecting property name enclosed in double quotes: "
         "line 1 column 2 (char 1) (is it damaged?)"),
        ("a.toml", "=", "is no TOML: Invalid statement (at line 1, column 1) (is it damaged?)"),
        ("a.h5", "{}", "is not an HDF5 file (check the format)"),
    ],
)  # fmt: skip
def test_what_is_no_file_of_its_kind_is_told_in_one_line(tmp_path, name, text, message):
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(FileUnreadable) as error, open_tree(file):
        pass
    assert str(error.value) == f"{file}: {message}"


def test_a_pattern_without_files_is_told(tmp_path):
    with pytest.raises(FileUnreadable) as error:
        find_series(tmp_path / "data_%T.h5")
    assert (
        str(error.value) == f"{tmp_path / 'data_%T.h5'}: no file has such a name (check the path)"
    )
