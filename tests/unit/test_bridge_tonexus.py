"""openPMD as NeXus: units, axes, constants, names, and what is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from nxtool.bridge.outcome import Manner, Outcome
from nxtool.bridge.tonexus import to_nexus
from nxtool.bridge.undo import undo
from nxtool.config import schema_for
from nxtool.errors import FileUnreadable, NxtoolError, OutputError
from nxtool.validate.api import validate
from tests.hdf5equal import differences
from tests.openpmdseries import (
    METRE,
    NONE,
    Made,
    component,
    constant,
    header,
    iteration,
    mesh_attributes,
    texts,
    write_series,
)

ONE = Made(numbers=(0,))


def overlaid(
    folder: Path, change: Callable[[h5py.File], None] | None = None, made: Made = ONE
) -> Outcome:
    """The overlay `both.h5` of a series with one iteration, changed before; checked to be valid
    NeXus and to come off again."""
    source, both = write_series(folder, made), folder / "both.h5"
    if change is not None:
        with h5py.File(source, "r+") as file:
            change(file)
    outcome = to_nexus(source, Manner("overlay", both))[0]
    errors = [item for item in validate(both, schema_for(())) if item.severity == "error"]
    assert [f"{item.path}: {item.message}" for item in errors] == []
    undo(both, Manner("strip", folder / "back.h5"))
    assert differences(source, folder / "back.h5") == []
    return outcome


def told(outcome: Outcome) -> list[str]:
    return [f"{note.path}: {note.message}" for note in outcome.notes]


def test_units_are_named_with_a_prefix_so_that_no_factor_is_needed(tmp_path: Path) -> None:
    overlaid(tmp_path)
    with h5py.File(tmp_path / "both.h5") as file:
        entry = file["iteration_0"]
        units = {
            name: entry[name].attrs["units"]
            for name in (
                "E_x/E_x", "E_z/E_z", "E_x/x", "electrons/position_x", "electrons/charge",
                "electrons/momentum_x", "parameters/time",
            )
        }  # fmt: skip
        assert list(units.values()) == [b"GV/m", b"GV/m", b"m", b"um", b"e", b"kg*m/s", b"s"]
        assert "E_x_scaling_factor" not in entry["E_x"]


def test_a_factor_without_a_name_stands_beside_the_data(tmp_path: Path) -> None:
    overlaid(tmp_path, made=Made(numbers=(0,), unit_si=3.2e12))
    with h5py.File(tmp_path / "both.h5") as file:
        group = file["iteration_0/E_x"]
        assert group["E_x"].attrs["units"] == b"V/m"
        assert group["E_x_scaling_factor"][()] == 3.2e12


def test_axes_are_in_metres_and_count_from_the_middle_of_cells(tmp_path: Path) -> None:
    overlaid(tmp_path)
    with h5py.File(tmp_path / "both.h5") as file:
        group = file["iteration_0/E_x"]
        assert list(group.attrs["axes"]) == [b"y", b"x"]
        assert [group.attrs["y_indices"], group.attrs["x_indices"]] == [0, 1]
        assert np.allclose(group["y"], (10.0 + (np.arange(4) + 0.5) * 1.0) * 1e-6)
        assert np.allclose(group["x"], (11.0 + (np.arange(3) + 0.5) * 2.0) * 1e-6)


def test_lists_in_fortran_order_are_turned_round(tmp_path: Path) -> None:
    overlaid(tmp_path, made=Made(numbers=(0,), order="F"))
    with h5py.File(tmp_path / "both.h5") as file:
        group = file["iteration_0/rho"]
        assert list(group.attrs["axes"]) == [b"y", b"x"]
        assert np.allclose(group["x"], (11.0 + np.arange(3) * 2.0) * 1e-6)


def test_axes_with_the_same_numbers_are_stored_once(tmp_path: Path) -> None:
    overlaid(tmp_path)
    with h5py.File(tmp_path / "both.h5") as file:
        assert file["iteration_0/E_x/x"] == file["iteration_0/E_y/x"]


def test_a_vector_is_shown_as_a_whole_where_its_components_lie_on_the_same_points(
    tmp_path: Path,
) -> None:
    overlaid(tmp_path)
    with h5py.File(tmp_path / "both.h5") as file:
        group = file["iteration_0/E"]
        assert group.attrs["signal"] == b"E_x"
        assert list(group.attrs["auxiliary_signals"]) == [b"E_y", b"E_z"]
        assert group["E_y"] == file["data/0/fields/E/y"]


def test_components_of_a_staggered_grid_are_not_shown_together(tmp_path: Path) -> None:
    outcome = overlaid(tmp_path, made=Made(numbers=(0,), staggered=True))
    assert outcome.mapped == {"NXentry": 1, "NXdata": 5}
    with h5py.File(tmp_path / "both.h5") as file:
        assert "E" not in file["iteration_0"]


def test_a_constant_takes_no_room_and_every_reader_sees_it(tmp_path: Path) -> None:
    made = Made(shape=(1024, 1024, 1024), constants=frozenset("xyz"), numbers=(0,), particles=0)
    source = tmp_path / "large.h5"
    with h5py.File(source, "w") as file:
        header(file)
        record = file.create_group("data/0/fields/E")
        file["data/0"].attrs["time"] = 0.0
        file.create_group("data/0/particles")
        mesh_attributes(record, made, NONE)
        constant(record, "x", made.shape, np.float32(2.5), 1.0)
        component(record["x"], made, 0.0, 1.0)
    outcome = to_nexus(source, Manner("overlay", tmp_path / "both.h5"))[0]
    assert outcome.after < 100_000
    with h5py.File(tmp_path / "both.h5") as file:
        data = file["iteration_0/E_x/E_x"]
        assert (data.shape, data.dtype, data[5, 6, 7]) == (made.shape, np.float32, 2.5)
        assert (data.id.get_storage_size(), data.attrs["openpmd_constant"]) == (0, 1)


def test_modes_in_azimuth_have_names(tmp_path: Path) -> None:
    def expand(file: h5py.File) -> None:
        record = file.create_group("data/0/fields/A")
        texts(record, {"geometry": "thetaMode", "geometryParameters": "m=2;imag=+"})
        texts(record, {"dataOrder": "C"})
        record.attrs["axisLabels"] = np.array([b"r", b"z"])
        record.attrs["gridSpacing"], record.attrs["gridGlobalOffset"] = [1.0, 1.0], [0.0, 0.0]
        record.attrs["gridUnitSI"], record.attrs["unitDimension"] = 1.0, np.array(NONE)
        record["z"] = np.zeros((3, 4, 5))
        record["z"].attrs["position"], record["z"].attrs["unitSI"] = [0.0, 0.0], 1.0

    overlaid(tmp_path, expand)
    with h5py.File(tmp_path / "both.h5") as file:
        group = file["iteration_0/A_z"]
        assert list(group.attrs["axes"]) == [b"mode", b"r", b"z"]
        assert list(group["mode"].asstr()) == ["0r", "1r", "1i"]


def test_particles_are_points_over_all_components_of_their_position(tmp_path: Path) -> None:
    overlaid(tmp_path)
    with h5py.File(tmp_path / "both.h5") as file:
        group = file["iteration_0/electrons"]
        assert (group.attrs["signal"], list(group.attrs["axes"])) == (b"charge", [b"position_x"])
        assert (group.attrs["position_x_indices"], group.attrs["position_y_indices"]) == (0, 0)
        assert group["id"] == file["data/0/particles/electrons/id"]


def test_who_made_the_file_and_when_is_told_but_no_start_is_invented(tmp_path: Path) -> None:
    overlaid(tmp_path)
    with h5py.File(tmp_path / "both.h5") as file:
        entry = file["iteration_0"]
        assert entry["user/name"].asstr()[()] == "Ada Lovelace"
        assert entry["user/email"].asstr()[()] == "ada@example.org"
        assert entry["program_name"].asstr()[()] == "engine"
        assert entry["program_name"].attrs["version"] == b"1.2"
        assert file.attrs["file_time"] == b"2024-01-02T03:04:05+01:00"
        assert "start_time" not in entry


def test_what_has_no_place_in_nexus_is_told(tmp_path: Path) -> None:
    def add(file: h5py.File) -> None:
        texts(file["data/0/fields"], {"fieldSolver": "Yee"})
        file["data/0/notes"] = "by hand"
        file["data/0/fields/words"] = np.array([b"a", b"b"])
        mesh_attributes(file["data/0/fields/words"], Made(shape=(2,)), NONE)
        file["data/0/particles/electrons/odd"] = np.zeros(3)

    assert told(overlaid(tmp_path, add)) == [
        "/data/0/fields/words: holds no numbers, and is not mapped",
        "/data/0/particles/electrons/odd: has not one value for a particle",
        "/data/0/particles/electrons/particlePatches: patches have no place in NXdata",
        "/data/0/fields: its attributes (ED-PIC) are kept, but have no words in NeXus",
        "/data/0/notes: is neither meshes nor particles",
    ]


def add_scalar(file: h5py.File, name: str) -> None:
    """A scalar mesh of two dimensions."""
    data = file["data/0/fields"].create_dataset(name, data=np.ones((4, 3)))
    mesh_attributes(data, ONE, METRE)
    component(data, ONE, 0.0, 1.0)


@pytest.mark.parametrize(
    ("name", "group", "signal"),
    [
        ("x", "x", "x"),
        ("time", "time", "time"),
        ("title", "title_mesh", "title_mesh"),
        ("E_x", "E_x_mesh", "E_x_mesh"),
        ("openpmd", "openpmd_mesh", "openpmd_mesh"),
    ],
)
def test_meshes_with_names_that_others_have_keep_apart(
    name: str, group: str, signal: str, tmp_path: Path
) -> None:
    overlaid(tmp_path, lambda file: add_scalar(file, name))
    with h5py.File(tmp_path / "both.h5") as file:
        found = file["iteration_0"][group]
        assert found.attrs["signal"] == signal.encode()
        assert found[signal] == file["data/0/fields"][name]


def test_an_axis_gives_way_to_a_mesh_of_its_name(tmp_path: Path) -> None:
    overlaid(tmp_path, lambda file: add_scalar(file, "x"))
    with h5py.File(tmp_path / "both.h5") as file:
        assert list(file["iteration_0/x"].attrs["axes"]) == [b"y", b"x_axis"]


def test_a_species_gives_way_to_a_mesh_of_its_name(tmp_path: Path) -> None:
    overlaid(tmp_path, lambda file: add_scalar(file, "electrons"))
    with h5py.File(tmp_path / "both.h5") as file:
        assert {"electrons", "electrons_species"} <= set(file["iteration_0"])


def test_a_group_of_the_name_of_an_entry_is_left_alone(tmp_path: Path) -> None:
    source = write_series(tmp_path, ONE)
    with h5py.File(source, "r+") as file:
        file.create_group("iteration_0")
    with pytest.raises(NxtoolError) as caught:
        to_nexus(source, Manner("overlay", tmp_path / "both.h5"))
    assert caught.value.message == f"{source}: has a group iteration_0 already"
    assert not (tmp_path / "both.h5").exists()
    to_nexus(source, Manner("overlay", tmp_path / "both.h5", digits=4))
    with h5py.File(tmp_path / "both.h5") as file:
        assert "iteration_0000" in file


def test_a_read_only_file_is_not_changed_but_another_way_is_told(tmp_path: Path) -> None:
    source = write_series(tmp_path, ONE)
    source.chmod(0o444)
    with pytest.raises(OutputError) as caught:
        to_nexus(source, Manner("overlay"))
    assert str(caught.value) == (
        f"{source}: is read-only (--sidecar -o OUT writes a file of links, and -o OUT alone a copy)"
    )


def test_a_file_in_its_place_becomes_both_and_goes_back(tmp_path: Path) -> None:
    source = write_series(tmp_path, ONE)
    kept = tmp_path / "kept.h5"
    kept.write_bytes(source.read_bytes())
    to_nexus(source, Manner("overlay"))
    assert differences(source, kept) != []
    undo(source, Manner("strip"))
    assert differences(source, kept) == []


def test_a_file_is_bridged_once(tmp_path: Path) -> None:
    source = write_series(tmp_path, ONE)
    to_nexus(source, Manner("overlay"))
    with pytest.raises(NxtoolError) as caught:
        to_nexus(source, Manner("overlay"))
    assert str(caught.value) == f"{source}: was bridged by nxtool already (--strip takes it back)"


@pytest.mark.parametrize("text", ["{}", "nonsense", '{"direction": "to-nexus"}', "[" * 100_000])
def test_a_record_that_makes_no_sense_changes_nothing(text: str, tmp_path: Path) -> None:
    source = write_series(tmp_path, ONE)
    to_nexus(source, Manner("overlay"))
    with h5py.File(source, "r+") as file:
        del file["iteration_0/openpmd/added_by_nxtool"]
        file["iteration_0/openpmd/added_by_nxtool"] = text
    with pytest.raises(FileUnreadable) as caught:
        undo(source, Manner("strip", tmp_path / "back.h5"))
    place = "/iteration_0/openpmd/added_by_nxtool"
    assert caught.value.message == f"{source}: {place} is no record of nxtool"


def test_a_record_cannot_have_other_groups_deleted(tmp_path: Path) -> None:
    source = write_series(tmp_path, ONE)
    to_nexus(source, Manner("overlay"))
    with h5py.File(source, "r+") as file:
        stored = file["iteration_0/openpmd/added_by_nxtool"]
        stored[()] = stored.asstr()[()].replace('["/iteration_0"]', '["/data/0"]')
    with pytest.raises(FileUnreadable) as caught:
        undo(source, Manner("strip", tmp_path / "back.h5"))
    assert caught.value.message.endswith("/data/0 is named in the record of nxtool, and is not its")
    assert not (tmp_path / "back.h5").exists()


def test_a_file_that_was_never_bridged_has_nothing_to_strip(tmp_path: Path) -> None:
    source = write_series(tmp_path, ONE)
    with pytest.raises(NxtoolError) as caught:
        undo(source, Manner("strip", tmp_path / "back.h5"))
    assert caught.value.message == f"{source}: holds no record of nxtool"


def test_two_files_of_a_series_with_one_iteration_are_refused(tmp_path: Path) -> None:
    pattern = write_series(tmp_path, Made(numbers=(1, 2)), files=True)
    with h5py.File(tmp_path / "series_000002.h5", "r+") as file:
        file.move("data/2", "data/1")
    with pytest.raises(NxtoolError) as caught:
        to_nexus(pattern, Manner("sidecar", tmp_path / "all.nxs"))
    message = "two files have the iteration of iteration_1"
    assert caught.value.message == f"{tmp_path / 'all.nxs'}: {message}"


def test_files_of_a_series_are_overlaid_one_by_one_in_a_folder(tmp_path: Path) -> None:
    pattern = write_series(tmp_path, Made(), files=True)
    (tmp_path / "out").mkdir()
    to_nexus(pattern, Manner("overlay", tmp_path / "out"))
    for number in (0, 100):
        with h5py.File(tmp_path / "out" / f"series_{number:06d}.h5") as file:
            assert f"iteration_{number}" in file


def test_soft_links_inside_openpmd_hold_after_it_moved(tmp_path: Path) -> None:
    source = write_series(tmp_path, ONE)
    with h5py.File(source, "r+") as file:
        file["data/0/fields/alias"] = h5py.SoftLink("/data/0/fields/rho")
    to_nexus(source, Manner("copy", tmp_path / "there.nxs"))
    with h5py.File(tmp_path / "there.nxs") as file:
        assert file["iteration_0/openpmd/iteration/fields/alias"] == file["iteration_0/rho/rho"]
    undo(tmp_path / "there.nxs", Manner("strip", tmp_path / "back.h5"))
    assert differences(source, tmp_path / "back.h5") == []


def test_a_file_with_its_data_at_the_root_is_not_copied(tmp_path: Path) -> None:
    source = tmp_path / "beam.h5"
    with h5py.File(source, "w") as file:
        texts(file, {"openPMD": "2.0.0", "basePath": "/", "particlesPath": "particles"})
        iteration(file, 0, ONE)
        file.move("data/0/particles", "particles")
        del file["data"]
    with pytest.raises(NxtoolError) as caught:
        to_nexus(source, Manner("copy", tmp_path / "there.nxs"))
    assert caught.value.hint == "leave out --copy: links are added where it is"
    outcome = to_nexus(source, Manner("overlay", tmp_path / "both.h5"))[0]
    assert outcome.mapped == {"NXentry": 1, "NXdata": 1}


def test_files_of_other_formats_are_told_how_to_become_hdf5(tmp_path: Path) -> None:
    path = tmp_path / "series.json"
    path.write_text("{}")
    with pytest.raises(FileUnreadable) as caught:
        to_nexus(path, Manner("overlay", tmp_path / "both.h5"))
    assert str(caught.value) == f"{path}: is not HDF5 (openpmd-pipe converts it)"


def test_names_that_are_not_utf_8_come_back_too(tmp_path: Path) -> None:
    source = write_series(tmp_path, ONE)
    with h5py.File(source, "r+") as file:
        file.attrs[b"r\xe9sum\xe9"] = 1
    to_nexus(source, Manner("copy", tmp_path / "there.nxs"))
    undo(tmp_path / "there.nxs", Manner("strip", tmp_path / "back.h5"))
    with h5py.File(tmp_path / "back.h5") as file:
        assert b"r\xe9sum\xe9" in list(file.attrs)
