"""What the names in an openPMD file are said to be."""

from __future__ import annotations

import h5py
import pytest

from nxtool.openpmd.header import read_header
from nxtool.openpmd.opening import open_tree
from nxtool.viewing.openpmdroles import Roles, first_places
from tests.openpmdfile import write


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    file = write(tmp_path_factory.mktemp("roles") / "data.h5")
    with h5py.File(file, "r+") as new:
        new.create_group("notes")
        new.create_group("data/0/extra")
    return file


@pytest.mark.parametrize(
    ("place", "role"),
    [
        ("/", "root"),
        ("/notes", "not part of openPMD"),
        ("/data", "iterations"),
        ("/data/100", "iteration, time 1e-13 s"),
        ("/data/0/extra", "not part of openPMD"),
        ("/data/0/fields", "meshes"),
        ("/data/0/fields/E", "mesh, cartesian, y × x"),
        ("/data/0/fields/E/x", "component V/m"),
        ("/data/0/fields/E/z", "component = 0 V/m"),
        ("/data/0/fields/rho", "mesh C/m^3"),
        ("/data/0/particles", "species"),
        ("/data/0/particles/electrons", "particles, 6 of them"),
        ("/data/0/particles/electrons/charge", "record = -1.6e-19 C"),
        ("/data/0/particles/electrons/position", "record"),
        ("/data/0/particles/electrons/position/x", "component m"),
        ("/data/0/particles/electrons/particlePatches", "patches"),
        ("/data/0/particles/electrons/particlePatches/offset", "record of patches"),
        ("/data/0/particles/nothing", ""),
    ],
)
def test_names_have_a_role(path, place, role):
    with open_tree(path) as root:
        assert Roles(root, read_header(root)).of(place) == role


def test_the_first_iteration_is_worth_opening(path):
    with open_tree(path) as root:
        assert list(first_places(root, read_header(root))) == [
            "/data",
            "/data/0",
            "/data/0/fields",
            "/data/0/particles",
        ]
