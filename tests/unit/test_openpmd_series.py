"""Series of files, files of two standards, dialects, and files that are right."""

from __future__ import annotations

import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from nxtool.errors import FileUnreadable
from nxtool.findings import Findings
from nxtool.openpmd.judging import judge_series
from nxtool.openpmd.recognising import make_judge
from nxtool.openpmd.series import find_series
from nxtool.validate.visit import Options
from tests.openpmddefects import both, draft, file_based, put, theta
from tests.openpmdfile import text, write


def edited(path: Path, edit) -> Path:
    write(path)
    with h5py.File(path, "r+") as file:
        edit(file)
    return path


def series(folder: Path) -> Path:
    """Two files of a series, by the pattern of their names."""
    for number in (0, 100):
        path = write(folder / f"data_{number:06}.h5", [number])
        with h5py.File(path, "r+") as file:
            put("/", iterationEncoding="fileBased", iterationFormat="data_%06T.h5")(file)
    return folder / "data_%06T.h5"


def told(found: Findings) -> list[tuple[str, str, str]]:
    return [(item.code, item.severity, item.path) for item in found if item.severity != "info"]


def judged(path: Path, **options) -> Findings:
    return judge_series(find_series(path), Options(reads_data=True, **options))


@pytest.mark.parametrize("edpic", [True, False])
def test_valid_file_has_no_finding_at_all(tmp_path, edpic):
    assert list(judged(write(tmp_path / "data.h5", edpic=edpic))) == []


@pytest.mark.parametrize("version", ["1.0.0", "1.0.1", "1.1.0"])
def test_all_releases_of_the_standard_are_known(tmp_path, version):
    assert list(judged(edited(tmp_path / "data.h5", put("/", openPMD=version)))) == []


@pytest.mark.parametrize(
    "edit",
    [draft(), draft("ED-PIC;ParticleWeighting"), theta(), both(draft(), theta())],
    ids=["draft", "draft weighting", "modes", "draft modes"],
)
def test_other_valid_files_have_no_error(tmp_path, edit):
    found = judged(edited(tmp_path / "data.h5", edit))
    drafts = [("OP002", "warning", "/@openPMD")]
    assert told(found) in ([], drafts)


def test_wavefront_and_envelope_are_valid(tmp_path):
    def edit(file):
        draft("Wavefront;LaserEnvelope")(file)
        for number in ("0", "100"):
            fields = file[f"data/{number}/fields"]
            fields.move("E", "electricField")
            electric = fields["electricField"]
            electric.attrs["photonEnergy"] = electric.attrs["zCoordinate"] = 1.0
            electric.attrs["temporalDomain"] = text("time")
            electric.attrs["spatialDomain"] = text("r")
            for name in "xyz":
                _as_complex(electric, name)
            envelope = fields["rho"]
            kept = dict(envelope.attrs)
            del fields["rho"]
            fields["rho"] = np.ones((4, 4), dtype="c16")
            fields["rho"].attrs.update(kept)
            fields["rho"].attrs["envelopeField"] = text("electric_field")
            fields["rho"].attrs["angularFrequency"] = 1.0
            fields["rho"].attrs["polarization"] = np.array([1, 0], dtype="c16")

    found = judged(edited(tmp_path / "data.h5", edit))
    assert told(found) == [("OP002", "warning", "/@openPMD")]


def _as_complex(group, name):
    kept = {k: v for k, v in group[name].attrs.items() if k not in ("value", "shape")}
    del group[name]
    group[name] = np.arange(16).reshape(4, 4) * (1 + 1j)
    group[name].attrs.update(kept)


def test_series_of_files_is_judged_as_one(tmp_path):
    found = judged(series(tmp_path))
    assert (list(found), found.definitions) == ([], ("/: openPMD 1.1.0 with ED-PIC",))


def test_a_folder_is_judged_as_its_series(tmp_path):
    series(tmp_path)
    assert list(judged(tmp_path)) == []


def test_files_that_declare_different_things_are_told(tmp_path):
    path = series(tmp_path)
    with h5py.File(tmp_path / "data_000100.h5", "r+") as file:
        put("/", author="Someone <else@example.org>", iterationEncoding="groupBased")(file)
    assert [item for item in told(judged(path)) if item[0] == "OP013"] == [
        ("OP013", "error", "data_000100.h5:/@iterationEncoding"),
        ("OP013", "warning", "data_000100.h5:/@author"),
    ]


def test_a_group_that_only_some_files_lack_is_a_warning(tmp_path):
    path = series(tmp_path)
    with h5py.File(tmp_path / "data_000100.h5", "r+") as file:
        del file["data/100/particles"]
    assert told(judged(path)) == [("OP015", "warning", "data_000100.h5:/data/100")]


def test_lost_and_damaged_files_of_a_series_are_one_error(tmp_path):
    path = series(tmp_path)
    (tmp_path / "data_000100.h5").write_bytes(b"\x89HDF\r\n\x1a\n123")
    with pytest.raises(FileUnreadable):
        judged(path)


def test_a_file_of_both_standards_is_judged_by_both(tmp_path):
    path = write(tmp_path / "data.h5")
    with h5py.File(path, "r+") as file:
        del file["data/0/fields/E/x"].attrs["unitSI"]
        file.create_group("entry").attrs["NX_class"] = "NXentry"
        file.create_group("entry/wrong").attrs["NX_class"] = "NXdetektor"
    judge = make_judge((), Options())
    found = judge(str(path))
    assert {"RC003", "G02"} <= {item.code for item in found}
    assert found.definitions == ("/: openPMD 1.1.0 with ED-PIC",)


@pytest.mark.parametrize(("standard", "codes"), [("nexus", {"O07"}), ("openpmd", {"RC003"})])
def test_a_standard_can_be_asked_for(tmp_path, standard, codes):
    path = edited(tmp_path / "data.h5", lambda file: file["data/0/fields/E/x"].attrs.clear())
    found = make_judge((), Options(standard=standard))(str(path))
    assert codes <= {item.code for item in found if item.severity == "error"}
    assert not {"O07", "RC003"} - codes & {item.code for item in found}


def test_what_writers_have_made_usual_is_an_error_in_the_strict_profile(tmp_path):
    def edit(file):
        file.attrs["author"] = "Ada <ada@example.org>"
        for number in ("0", "100"):
            file[f"data/{number}/fields/E/x"].attrs["position"] = np.zeros(1)

    path = edited(tmp_path / "data.h5", edit)
    usual, strict = told(judged(path)), told(judged(path, profile="strict"))
    places = [
        ("ME010", "/data/0/fields/E/x@position"),
        ("ME010", "/data/100/fields/E/x@position"),
        ("OP021", "/@author"),
    ]
    assert sorted(usual) == [(code, "warning", place) for code, place in places]
    assert sorted(strict) == [(code, "error", place) for code, place in places]


def test_beams_are_right_in_their_own_profile(tmp_path):
    """As openpmd-beamphysics 0.16 writes them."""
    path = tmp_path / "beam.h5"
    with h5py.File(path, "w") as file:
        file.attrs["openPMD"] = "2.0.0"
        file.attrs["openPMDextension"] = "BeamPhysics;SpeciesType"
        file.attrs["basePath"] = "/"
        file.attrs["particlesPath"] = "particles"
        group = file.create_group("particles/electron")
        group.attrs["speciesType"], group.attrs["numParticles"] = "electron", 3
        for name, dimension in (("position", [1, 0]), ("momentum", [1, 1])):
            for component in "xyz":
                group[f"{name}/{component}"] = np.arange(3.0)
                stated = group[f"{name}/{component}"].attrs
                stated.update(unitSI=1.0, unitDimension=np.array([*dimension, 0, 0, 0, 0, 0.0]))
        weight = group.create_group("weight").attrs
        weight.update(value=1e-12, shape=[3], unitSI=1.0, unitDimension=np.zeros(7))
    assert judged(path, profile="beamphysics").ok
    assert {"IT002", "OP007"} <= {
        code for code, severity, _ in told(judged(path)) if severity == "error"
    }


def test_only_the_iteration_of_a_name_counts_for_a_series(tmp_path):
    path = edited(tmp_path / "data_000000.h5", file_based())
    shutil.copy(path, tmp_path / "data_000001.h5")
    found = judged(tmp_path / "data_%06T.h5")
    assert [item.code for item in found] == ["OP011"]
