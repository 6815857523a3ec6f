"""NeXus as openPMD: meshes, particles, units, iterations, and what is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from nxtool.bridge.fromnexus import from_nexus
from nxtool.bridge.outcome import Manner, Outcome
from nxtool.bridge.undo import undo
from nxtool.errors import FileUnreadable, NxtoolError
from tests.hdf5equal import differences
from tests.openpmdread import read_series

Change = Callable[[h5py.File], None]


def group(parent: Any, name: str, nx_class: str, **attributes: Any) -> h5py.Group:
    made = parent.create_group(name)
    made.attrs["NX_class"] = nx_class
    for key, value in attributes.items():
        made.attrs[key] = value
    return made


def field(parent: Any, name: str, values: Any, units: str = "") -> h5py.Dataset:
    made = parent.create_dataset(name, data=values)
    if units:
        made.attrs["units"] = units
    return made


def image(file: h5py.File) -> None:
    """An entry with one image over regular axes."""
    file.attrs["NX_class"], file.attrs["default"] = "NXroot", "entry"
    file.attrs["file_time"] = "2026-01-05T10:00:00+01:00"
    entry = group(file, "entry", "NXentry", default="data")
    field(entry, "title", "an image")
    field(entry, "start_time", "2026-01-05T10:00:00+01:00")
    user = group(entry, "user", "NXuser")
    field(user, "name", "Ada Lovelace")
    field(user, "email", "ada@example.org")
    data = group(entry, "data", "NXdata", signal="image", axes=["y", "x"])
    field(data, "image", np.arange(12, dtype=np.uint16).reshape(3, 4), "counts")
    field(data, "y", [0.0, 2.0, 4.0], "mm")
    field(data, "x", [1.0, 1.5, 2.0, 2.5], "um")


def bridged(folder: Path, change: Change, **manner: Any) -> tuple[Outcome, Path]:
    """A NeXus file of one image, changed, and what became of it; it comes back as it was."""
    source, out = folder / "source.nxs", folder / "out.h5"
    with h5py.File(source, "w") as file:
        image(file)
        change(file)
    outcome = from_nexus(source, Manner(out=out, **manner))
    undo(out, Manner("strip", folder / "back.nxs"))
    assert differences(source, folder / "back.nxs") == []
    return outcome, out


def nothing(_file: h5py.File) -> None:
    """No change."""


def below(path: Path, start: str) -> list[Any]:
    """What openPMD-api reads at places that begin so."""
    return [item for place, item in read_series(path).items() if place.startswith(start)]


def told(outcome: Outcome) -> list[str]:
    return [f"{note.path}: {note.message}" for note in outcome.notes]


def test_a_signal_is_a_mesh_with_spacing_and_offset_in_metres(tmp_path: Path) -> None:
    outcome, out = bridged(tmp_path, nothing)
    assert outcome.mapped == {"iteration": 1, "mesh": 1}
    with h5py.File(out) as file:
        mesh = file["data/0/meshes/data_image"]
        assert mesh == file["entry/data/image"]
        assert list(mesh.attrs["axisLabels"]) == [b"y", b"x"]
        assert np.allclose(mesh.attrs["gridSpacing"], [2e-3, 0.5e-6])
        assert np.allclose(mesh.attrs["gridGlobalOffset"], [0.0, 1e-6])
        assert (mesh.attrs["geometry"], mesh.attrs["dataOrder"]) == (b"cartesian", b"C")


def test_axes_are_corrected_as_nxdata_says(tmp_path: Path) -> None:
    def change(file: h5py.File) -> None:
        field(file["entry/data"], "x_offset", 1.0)
        field(file["entry/data"], "x_scaling_factor", [10.0])

    outcome, out = bridged(tmp_path, change)
    with h5py.File(out) as file:
        mesh = file["data/0/meshes/data_image"]
        assert np.allclose(mesh.attrs["gridSpacing"], [2e-3, 5e-6])
        assert np.allclose(mesh.attrs["gridGlobalOffset"], [0.0, 20e-6])
    assert not any("applied" in note for note in told(outcome))


@pytest.mark.parametrize("name", ["image_scaling_factor", "x_offset"])
def test_a_correction_for_each_value_is_told(name: str, tmp_path: Path) -> None:
    outcome, _ = bridged(tmp_path, lambda file: field(file["entry/data"], name, np.ones(4)))
    what = name.partition("_")[0]
    message = f"has {name}, which is not one number, and is not applied"
    assert f"/entry/data/{what}: {message}" in told(outcome)


def test_the_root_says_what_openpmd_asks_for_and_who_made_it(tmp_path: Path) -> None:
    _, out = bridged(tmp_path, nothing)
    with h5py.File(out) as file:
        found = {name: file.attrs[name] for name in ("openPMD", "basePath", "author", "date")}
        assert file.attrs["openPMDextension"].dtype == np.uint32
        assert "particlesPath" not in file.attrs
    assert found == {
        "openPMD": b"1.1.0",
        "basePath": b"/data/%T/",
        "author": b"Ada Lovelace <ada@example.org>",
        "date": b"2026-01-05 10:00:00 +0100",
    }


def test_the_reference_reader_gets_the_values_through_a_link(tmp_path: Path) -> None:
    _, out = bridged(tmp_path, nothing)
    values = np.arange(12, dtype=np.uint16).reshape(3, 4).tobytes()
    assert ("uint16", (3, 4), values) in below(out, "0/meshes/data_image/")


def test_a_unit_that_exponents_cannot_say_is_kept_and_told(tmp_path: Path) -> None:
    outcome, _ = bridged(tmp_path, nothing)
    clause = "has the unit 'counts', which counts things; the exponents do not say so"
    assert told(outcome) == [f"/entry/data/image: {clause}"]


@pytest.mark.parametrize(
    ("units", "factor", "message"),
    [
        ("mV", 1e-3, ""),
        ("degC", 1.0, "the zero of 'degC' is not that of its SI unit"),
        ("A^-1", 1.0, "'A^-1' is 1/ampere, and hardly meant (did you mean 1/angstrom?)"),
        ("blorp", 1.0, "'blorp' is not a unit"),
    ],
)
def test_units_of_signals_are_told_where_openpmd_cannot_say_them(
    units: str, factor: float, message: str, tmp_path: Path
) -> None:
    def change(file: h5py.File) -> None:
        file["entry/data/image"].attrs["units"] = units

    outcome, out = bridged(tmp_path, change)
    place = "/entry/data/image: has a unit that openPMD cannot say: "
    assert told(outcome) == ([place + message] if message else [])
    with h5py.File(out) as file:
        assert file["data/0/meshes/data_image"].attrs["unitSI"] == factor


def replaced(name: str, values: Any, units: str = "um") -> Change:
    def change(file: h5py.File) -> None:
        del file[f"entry/data/{name}"]
        field(file["entry/data"], name, values, units)

    return change


def test_an_axis_that_is_not_regular_has_another_geometry(tmp_path: Path) -> None:
    outcome, out = bridged(tmp_path, replaced("x", [1.0, 2.0, 4.0, 8.0]))
    assert told(outcome)[0] == "/entry/data/x: is not regular: its spacing is the mean one"
    with h5py.File(out) as file:
        mesh = file["data/0/meshes/data_image"]
        assert mesh.attrs["geometry"] == b"other"
        assert mesh.attrs["geometryParameters"] == b"axes=/entry/data/x"
        assert mesh.attrs["gridSpacing"][1] == pytest.approx(7e-6 / 3)


def test_edges_of_bins_put_the_values_into_the_middle(tmp_path: Path) -> None:
    _, out = bridged(tmp_path, replaced("x", [0.0, 1.0, 2.0, 3.0, 4.0]))
    with h5py.File(out) as file:
        mesh = file["data/0/meshes/data_image"]
        assert list(mesh.attrs["position"]) == [0.0, 0.5]


def test_an_axis_that_is_no_length_is_told_and_kept_in_si_units(tmp_path: Path) -> None:
    outcome, out = bridged(tmp_path, replaced("x", [0.0, 1.0, 2.0, 3.0], "fs"))
    message = "is no length, but openPMD 1.1 takes every axis for one"
    assert told(outcome)[0] == f"/entry/data/x: {message}"
    with h5py.File(out) as file:
        mesh = file["data/0/meshes/data_image"]
        assert mesh.attrs["gridSpacing"][1] == pytest.approx(1e-15)
        assert list(mesh.attrs["gridUnitDimension"][7:]) == [0, 0, 1, 0, 0, 0, 0]


def test_degrees_celsius_become_kelvin_on_axes(tmp_path: Path) -> None:
    _, out = bridged(tmp_path, replaced("x", [0.0, 10.0, 20.0, 30.0], "degC"))
    with h5py.File(out) as file:
        mesh = file["data/0/meshes/data_image"]
        assert mesh.attrs["gridSpacing"][1] == pytest.approx(10.0)
        assert mesh.attrs["gridGlobalOffset"][1] == pytest.approx(273.15)


def test_a_signal_with_an_attribute_of_the_same_name_is_left_alone(tmp_path: Path) -> None:
    def change(file: h5py.File) -> None:
        file["entry/data/image"].attrs["position"] = "upstream"

    outcome, _ = bridged(tmp_path, change)
    message = "has an attribute position of its own, and is not linked"
    assert told(outcome)[-1] == f"/entry/data/image: {message}"


def test_an_entry_called_data_is_moved_aside_by_a_copy_alone(tmp_path: Path) -> None:
    def change(file: h5py.File) -> None:
        file.move("entry", "data")

    with pytest.raises(NxtoolError) as caught:
        bridged(tmp_path, change)
    assert str(caught.value) == (
        f"{tmp_path / 'source.nxs'}: has /data already, where openPMD has its data "
        "(--copy moves it aside; --sidecar writes another file)"
    )
    (tmp_path / "copy").mkdir()
    _, out = bridged(tmp_path / "copy", change, way="copy")
    with h5py.File(out) as file:
        assert file["data/0/meshes/data_image"] == file["nexus/data/data/image"]


def test_a_sidecar_reads_the_values_of_a_file_it_does_not_touch(tmp_path: Path) -> None:
    source, out = tmp_path / "source.nxs", tmp_path / "out.h5"
    with h5py.File(source, "w") as file:
        image(file)
    before = source.read_bytes()
    from_nexus(source, Manner("sidecar", out))
    assert source.read_bytes() == before
    values = np.arange(12, dtype=np.uint16).reshape(3, 4).tobytes()
    assert ("uint16", (3, 4), values) in below(out, "0/meshes/data_image/")


def linked_elsewhere(folder: Path) -> Change:
    """The image lies in another file."""

    def change(file: h5py.File) -> None:
        with h5py.File(folder / "raw.h5", "w") as raw:
            raw["image"] = file["entry/data/image"][()]
        del file["entry/data/image"]
        file["entry/data/image"] = h5py.ExternalLink("raw.h5", "/image")

    return change


def test_values_of_another_file_are_not_linked_but_brought_by_a_copy(tmp_path: Path) -> None:
    outcome, _ = bridged(tmp_path, linked_elsewhere(tmp_path))
    message = "lies in another file, which is not changed; --copy brings it"
    assert told(outcome) == [f"/entry/data/image: {message}"]
    (tmp_path / "out.h5").unlink()
    (tmp_path / "back.nxs").unlink()
    _, out = bridged(tmp_path, linked_elsewhere(tmp_path), way="copy")
    (tmp_path / "raw.h5").unlink()
    with h5py.File(out) as file:
        assert file["data/0/meshes/data_image"][2, 3] == 11


def test_virtual_values_are_brought_by_a_copy(tmp_path: Path) -> None:
    def change(file: h5py.File) -> None:
        with h5py.File(tmp_path / "raw.h5", "w") as raw:
            raw["image"] = file["entry/data/image"][()]
        del file["entry/data/image"]
        layout = h5py.VirtualLayout((3, 4), np.uint16)
        layout[...] = h5py.VirtualSource("raw.h5", "image", (3, 4))
        file["entry/data"].create_virtual_dataset("image", layout)

    _, out = bridged(tmp_path, change, way="copy")
    (tmp_path / "raw.h5").unlink()
    with h5py.File(out) as file:
        assert file["data/0/meshes/data_image"][2, 3] == 11


def test_every_entry_is_an_iteration_in_the_order_of_their_starts(tmp_path: Path) -> None:
    def change(file: h5py.File) -> None:
        file.copy("entry", "before")
        file["before/start_time"][()] = "2026-01-05T09:59:00+01:00"

    _, out = bridged(tmp_path, change)
    with h5py.File(out) as file:
        assert file["data/0/meshes/data_image"] == file["before/data/image"]
        assert file["data/1"].attrs["time"] == 60.0


def test_entries_together_make_one_iteration(tmp_path: Path) -> None:
    outcome, out = bridged(tmp_path, lambda file: file.copy("entry", "more"), iterations="none")
    assert outcome.mapped == {"iteration": 1, "mesh": 2}
    with h5py.File(out) as file:
        assert set(file["data/0/meshes"]) == {"entry_data_image", "more_data_image"}


def test_the_time_of_a_frame_is_that_of_its_axis(tmp_path: Path) -> None:
    def change(file: h5py.File) -> None:
        del file["entry/data/y"]
        field(file["entry/data"], "y", [0.0, 1.5, 4.0], "min")

    _, out = bridged(tmp_path, change, way="copy", iterations="frame")
    with h5py.File(out) as file:
        assert [file[f"data/{frame}"].attrs["time"] for frame in range(3)] == [0.0, 90.0, 240.0]


def test_ticks_of_a_log_are_scaled(tmp_path: Path) -> None:
    def change(file: h5py.File) -> None:
        log = group(file["entry"], "log", "NXlog")
        field(log, "value", [1.0, 2.0, 3.0], "K")
        field(log, "time", [100, 200, 300], "s").attrs["scaling_factor"] = 0.25

    _, out = bridged(tmp_path, change)
    with h5py.File(out) as file:
        mesh = file["data/0/meshes/log"]
        assert (mesh.attrs["gridSpacing"], mesh.attrs["gridGlobalOffset"]) == (25.0, 25.0)


def test_frames_become_iterations_of_a_copy(tmp_path: Path) -> None:
    with pytest.raises(NxtoolError) as caught:
        bridged(tmp_path, nothing, iterations="frame")
    assert str(caught.value) == "single frames cannot be linked (add --copy)"
    _, out = bridged(tmp_path, nothing, way="copy", iterations="frame")
    with h5py.File(out) as file:
        assert [list(file[f"data/{n}/meshes/data_image"]) for n in range(3)] == [
            [0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11],
        ]  # fmt: skip
        assert list(file["data/2/meshes/data_image"].attrs["axisLabels"]) == [b"x"]


def test_events_are_particles_at_the_origin(tmp_path: Path) -> None:
    def change(file: h5py.File) -> None:
        events = group(file["entry"], "events", "NXevent_data")
        field(events, "event_id", np.array([3, 1, 2], dtype=np.int32))
        field(events, "event_time_offset", np.array([10.0, 20.0, 30.0]), "us")
        field(events, "event_index", np.array([0, 2]))

    outcome, out = bridged(tmp_path, change)
    assert outcome.mapped == {"iteration": 1, "mesh": 1, "species": 1}
    assert told(outcome)[1:] == [
        "/entry/events: says no positions: its particles are at the origin",
        "/entry/events: keeps event_index for itself",
    ]
    with h5py.File(out) as file:
        species = file["data/0/particles/events"]
        assert species["detectorId"] == file["entry/events/event_id"]
        assert species["tof"].attrs["unitSI"] == 1e-6
        assert list(species["position/x"].attrs["shape"]) == [3]
    times = ("float64", (3,), np.array([10.0, 20.0, 30.0]).tobytes())
    assert times in below(out, "0/particles/events/tof/")


def with_pulses(starts: list[int]) -> Change:
    def change(file: h5py.File) -> None:
        events = group(file["entry"], "events", "NXevent_data")
        field(events, "event_id", np.arange(5))
        field(events, "event_time_zero", np.array([100.0, 200.0, 300.0]), "ms")
        field(events, "event_index", np.array(starts))

    return change


def test_a_copy_has_the_time_of_its_pulse_for_each_event(tmp_path: Path) -> None:
    _, out = bridged(tmp_path, with_pulses([0, 3, 3]), way="copy")
    with h5py.File(out) as file:
        times = file["data/0/particles/events/pulseTime"]
        assert list(times) == [100.0, 100.0, 100.0, 300.0, 300.0]
        assert times.attrs["unitSI"] == 1e-3


@pytest.mark.parametrize("starts", [[0, 4, 3], [1, 2, 3], [0, 3, 9]])
def test_pulses_that_begin_nowhere_are_left_alone(starts: list[int], tmp_path: Path) -> None:
    outcome, out = bridged(tmp_path, with_pulses(starts), way="copy")
    kept = "/entry/events: keeps event_index, event_time_zero for itself"
    assert kept in told(outcome)
    with h5py.File(out) as file:
        assert "pulseTime" not in file["data/0/particles/events"]


def test_images_without_an_nxdata_have_their_pixels_as_spacing(tmp_path: Path) -> None:
    def change(file: h5py.File) -> None:
        detector = group(file["entry"], "camera", "NXdetector")
        field(detector, "data", np.zeros((2, 3, 4), dtype=np.int32))
        field(detector, "x_pixel_size", 75.0, "um")
        field(detector, "y_pixel_size", 172.0, "um")

    _, out = bridged(tmp_path, change)
    with h5py.File(out) as file:
        mesh = file["data/0/meshes/camera_data"]
        assert np.allclose(mesh.attrs["gridSpacing"], [1.0, 172e-6, 75e-6])


def test_a_log_in_even_steps_is_a_mesh(tmp_path: Path) -> None:
    def change(file: h5py.File) -> None:
        log = group(file["entry"], "current", "NXlog")
        field(log, "value", [1.0, 2.0, 3.0], "mA")
        field(log, "time", [0.0, 0.1, 0.2], "s")

    _, out = bridged(tmp_path, change)
    with h5py.File(out) as file:
        mesh = file["data/0/meshes/current"]
        assert (mesh.attrs["unitSI"], mesh.attrs["gridSpacing"][0]) == (1e-3, pytest.approx(0.1))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (lambda file: None, "holds no NXentry"),
        (lambda file: group(file, "entry", "NXentry"), "holds nothing that openPMD can hold"),
    ],
)
def test_files_without_anything_to_map_are_refused(
    content: Callable[[h5py.File], Any], message: str, tmp_path: Path
) -> None:
    source = tmp_path / "source.nxs"
    with h5py.File(source, "w") as file:
        content(file)
    with pytest.raises(FileUnreadable) as caught:
        from_nexus(source, Manner(out=tmp_path / "out.h5"))
    assert caught.value.message == f"{source}: {message}"


def test_links_inside_nexus_hold_after_it_moved(tmp_path: Path) -> None:
    def change(file: h5py.File) -> None:
        file["entry/alias"] = h5py.SoftLink("/entry/data")
        file["latest"] = h5py.SoftLink("/entry")
        file["entry/data"].attrs["reference"] = file["entry/data/image"].ref

    _, out = bridged(tmp_path, change, way="copy")
    with h5py.File(out) as file:
        assert file["nexus/entry/alias/image"] == file["nexus/latest/data/image"]
        assert file[file["nexus/entry/data"].attrs["reference"]] == file["data/0/meshes/data_image"]


def test_groups_that_openpmd_has_no_words_for_are_told(tmp_path: Path) -> None:
    def change(file: h5py.File) -> None:
        field(group(file["entry"], "sample", "NXsample"), "name", "gold")
        instrument = group(file["entry"], "instrument", "NXinstrument")
        field(group(instrument, "camera", "NXdetector"), "data", np.zeros((3, 4)))

    outcome, out = bridged(tmp_path, change)
    assert told(outcome)[0] == "/entry/sample: stays as it is: openPMD has no words for it"
    with h5py.File(out) as file:
        assert file.attrs["comment"] == b"an image"


def test_a_dataset_called_data_at_the_root_is_no_openpmd(tmp_path: Path) -> None:
    def change(file: h5py.File) -> None:
        file["data"] = np.arange(3)

    with pytest.raises(NxtoolError) as caught:
        bridged(tmp_path, change)
    assert caught.value.hint == "--copy moves it aside; --sidecar writes another file"
