"""openPMD files brought to the draft 2.0 and back, and mended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from nxtool.errors import FileUnreadable, OutputError
from nxtool.revise.apply import downgrade_file, mend_file, upgrade_file
from nxtool.revise.faults import openpmd_date
from nxtool.revise.model import Revised
from tests.openpmdread import read_series
from tests.openpmdseries import Made, texts, write_series

ONE = Made(numbers=(0,))
Change = Callable[[h5py.File], None]


def made_with(folder: Path, change: Change | None = None, made: Made = ONE) -> Path:
    """A series with one iteration, changed."""
    source = write_series(folder, made)
    if change is not None:
        with h5py.File(source, "r+") as file:
            change(file)
    return source


def told(result: Revised) -> list[str]:
    return [f"{one.code} {one.place}: {one.message}" for one in result.revisions]


def test_an_upgrade_follows_the_draft(tmp_path: Path) -> None:
    result = upgrade_file(made_with(tmp_path), tmp_path / "new.h5")
    assert told(result) == [
        "OP002 /@openPMD: 1.1.0 → 2.0.0",
        "OP005 /@openPMDextension: taken away: none is used",
        "ME004 /data/0/fields/E@dataOrder: taken away: axes are slowest first",
        "ME008 /data/0/fields/E@gridUnitSI: given for each axis",
        "ME009 /data/0/fields/E@gridUnitDimension: set to lengths",
        "ME004 /data/0/fields/rho@dataOrder: taken away: axes are slowest first",
        "ME008 /data/0/fields/rho@gridUnitSI: given for each axis",
        "ME009 /data/0/fields/rho@gridUnitDimension: set to lengths",
    ]
    with h5py.File(tmp_path / "new.h5") as file:
        mesh = file["data/0/fields/E"]
        assert (file.attrs["openPMD"], "openPMDextension" in file.attrs) == (b"2.0.0", False)
        assert list(mesh.attrs["gridUnitSI"]) == [1e-6, 1e-6]
        assert list(mesh.attrs["gridUnitDimension"]) == [1, 0, 0, 0, 0, 0, 0] * 2


def test_an_upgrade_turns_lists_in_fortran_order_round(tmp_path: Path) -> None:
    source = made_with(tmp_path, made=Made(numbers=(0,), order="F"))
    upgrade_file(source, tmp_path / "new.h5")
    with h5py.File(tmp_path / "new.h5") as file:
        mesh = file["data/0/fields/rho"]
        assert list(mesh.attrs["axisLabels"]) == [b"y", b"x"]
        assert list(mesh.attrs["gridSpacing"]) == [1.0, 2.0]


def ed_pic(file: h5py.File) -> None:
    file.attrs["openPMDextension"] = np.uint32(1)
    file["data/0/fields"].attrs["particleBoundary"] = np.array([b"periodic", b"absorbing"])


def test_boundaries_of_particles_go_to_the_species_and_back(tmp_path: Path) -> None:
    source = made_with(tmp_path, ed_pic)
    upgrade_file(source, tmp_path / "new.h5")
    with h5py.File(tmp_path / "new.h5") as file:
        assert file.attrs["openPMDextension"] == b"ED-PIC"
        assert "particleBoundary" not in file["data/0/fields"].attrs
        species = file["data/0/particles/electrons"]
        assert list(species.attrs["particleBoundary"]) == [b"periodic", b"absorbing"]
    downgrade_file(tmp_path / "new.h5", tmp_path / "old.h5")
    with h5py.File(tmp_path / "old.h5") as file:
        assert file.attrs["openPMDextension"] == 1
        boundary = file["data/0/fields"].attrs["particleBoundary"]
        assert list(boundary) == [b"periodic", b"absorbing"]


@pytest.mark.parametrize("made", [ONE, Made(shape=(2, 3, 4), numbers=(0, 7), particles=0)])
def test_up_and_down_again_is_the_same_to_the_reference_reader(made: Made, tmp_path: Path) -> None:
    source = made_with(tmp_path, made=made)
    upgrade_file(source, tmp_path / "new.h5")
    downgrade_file(tmp_path / "new.h5", tmp_path / "old.h5")
    assert read_series(tmp_path / "old.h5") == read_series(source)


def draft(file: h5py.File) -> None:
    """What the draft allows and 1.1 does not."""
    texts(file, {"openPMDextension": "ED-PIC;SpeciesType"})
    file.attrs.modify("openPMD", np.bytes_("2.0.0"))
    mesh = file["data/0/fields/E"]
    mesh.attrs["gridUnitSI"] = np.array([1e-3, 1e-6])
    mesh.attrs["gridUnitDimension"] = np.array([0.0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
    del mesh["x"].attrs["unitSI"]
    del file["data/0"].attrs["timeUnitSI"]


def test_a_downgrade_tells_what_1_1_has_no_words_for(tmp_path: Path) -> None:
    def change(file: h5py.File) -> None:
        del file.attrs["openPMDextension"]
        draft(file)

    result = downgrade_file(made_with(tmp_path, change), tmp_path / "old.h5")
    assert [f"{one.path}: {one.message}" for one in result.remarks] == [
        "/: used SpeciesType, which openPMD 1.1 does not know",
        "/data/0/fields/E: has axes that are no lengths, which openPMD 1.1 takes for such",
    ]
    with h5py.File(tmp_path / "old.h5") as file:
        mesh = file["data/0/fields/E"]
        assert np.allclose(mesh.attrs["gridSpacing"], [1e-3, 2e-6])
        assert (mesh.attrs["gridUnitSI"], mesh["x"].attrs["unitSI"]) == (1.0, 1.0)
        assert (file.attrs["openPMDextension"], file["data/0"].attrs["timeUnitSI"]) == (1, 1.0)


def test_a_file_that_is_there_already_stays_as_it_is(tmp_path: Path) -> None:
    source = made_with(tmp_path)
    assert downgrade_file(source, None).revisions == []
    upgrade_file(source, None)
    before = source.read_bytes()
    assert upgrade_file(source, None).revisions == []
    assert source.read_bytes() == before


def spoil(path: str, name: str, value: Any) -> Change:
    def change(file: h5py.File) -> None:
        del file[path].attrs[name]
        file[path].attrs[name] = value

    return change


MESH, COMPONENT, CONSTANT = "/data/0/fields/E", "/data/0/fields/E/x", "/data/0/fields/E/z"
FIXES = [
    ("/", "meshesPath", np.bytes_("fields"), "OP014", "fields → fields/"),
    ("/", "particlesPath", np.bytes_("particles"), "OP014", "particles → particles/"),
    ("/", "basePath", np.bytes_("/data/%T"), "OP006", "/data/%T → /data/%T/"),
    ("/", "iterationFormat", np.bytes_("/data/"), "OP009", "set to basePath, /data/%T/"),
    ("/", "author", "Ada", "OP021", "stored with a fixed length"),
    ("/", "openPMDextension", np.int64(0), "OP003", "int64 → uint32"),
    (
        "/", "date", np.bytes_("2024-01-02T03:04:05Z"),
        "OP019", "2024-01-02T03:04:05Z → 2024-01-02 03:04:05 +0000",
    ),
    ("/data/0", "time", np.int32(3), "IT002", "int32 → float64"),
    ("/data/0", "timeUnitSI", np.float32(0.5), "IT003", "float32 → float64"),
    (COMPONENT, "unitSI", np.int64(1), "RC003", "int64 → float64"),
    (COMPONENT, "unitSI", np.array([1.0]), "RC003", "float64 array → float64"),
    (MESH, "unitDimension", np.arange(7), "RC004", "int64 array → float64 array"),
    (MESH, "timeOffset", np.int64(0), "RC005", "int64 → float64"),
    (CONSTANT, "shape", np.array([4, 3]), "RC007", "int64 array → uint64 array"),
    (MESH, "gridSpacing", np.array([1, 2]), "ME006", "int64 array → float64 array"),
    (MESH, "gridGlobalOffset", np.zeros(2, "f4"), "ME007", "float32 array → float64 array"),
    (MESH, "gridUnitSI", np.array([1.0]), "ME008", "float64 array → float64"),
    (COMPONENT, "position", np.array([0, 0]), "ME010", "int64 array → float64 array"),
    (MESH, "geometry", "cartesian", "OP021", "stored with a fixed length"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "name", "value", "code", "message"), FIXES, ids=[f"{one[3]}-{one[1]}" for one in FIXES]
)
def test_a_mechanical_fault_is_mended_and_nothing_else(
    path: str, name: str, value: Any, code: str, message: str, tmp_path: Path
) -> None:
    source = made_with(tmp_path, spoil(path, name, value))
    result = mend_file(source, tmp_path / "mended.h5")
    assert told(result) == [f"{code} {path}@{name}: {message}"]
    assert mend_file(tmp_path / "mended.h5", tmp_path / "again.h5").revisions == []


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        (CONSTANT, "shape", np.array([-4, 3])),
        (CONSTANT, "shape", np.array([4.5, 3.0])),
        (COMPONENT, "unitSI", np.array([1.0, 2.0])),
        (MESH, "gridSpacing", np.bytes_("1 2")),
        ("/", "date", np.bytes_("2024-02-30 03:04:05")),
        ("/", "author", "Adä"),
    ],
)
def test_what_could_mean_two_things_is_left_alone(
    path: str, name: str, value: Any, tmp_path: Path
) -> None:
    source = made_with(tmp_path, spoil(path, name, value))
    assert mend_file(source, tmp_path / "mended.h5").revisions == []


def test_one_label_becomes_a_list_of_one(tmp_path: Path) -> None:
    source = made_with(tmp_path, made=Made(shape=(3,), numbers=(0,)))
    with h5py.File(source, "r+") as file:
        spoil(MESH, "axisLabels", np.bytes_("x"))(file)
    result = mend_file(source, tmp_path / "mended.h5")
    assert told(result) == [f"ME005 {MESH}@axisLabels: stored as a list of one text"]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2024-01-02 03:04:05 +0100", "2024-01-02 03:04:05 +0100"),
        ("2024-01-02T03:04:05.25+01:00", "2024-01-02 03:04:05 +0100"),
        ("2024-01-02 03:04:05", ""),
        ("2024-02-30T03:04:05Z", ""),
        ("", ""),
    ],
)
def test_only_whole_dates_are_put_into_the_form_of_openpmd(text: str, date: str) -> None:
    assert openpmd_date(text) == date


def test_only_openpmd_files_are_revised(tmp_path: Path) -> None:
    source = tmp_path / "other.h5"
    h5py.File(source, "w").close()
    with pytest.raises(FileUnreadable) as caught:
        upgrade_file(source, tmp_path / "new.h5")
    assert caught.value.message == f"{source}: has no attribute openPMD at its root"


def test_a_file_that_is_there_is_not_overwritten_unasked(tmp_path: Path) -> None:
    source = made_with(tmp_path)
    (tmp_path / "new.h5").touch()
    with pytest.raises(OutputError) as caught:
        upgrade_file(source, tmp_path / "new.h5")
    assert caught.value.message == f"{tmp_path / 'new.h5'}: exists already"
    upgrade_file(source, tmp_path / "new.h5", overwrite=True)
