"""The rule pack `events`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from nxtool.schema.compile import Schema, default_schema
from nxtool.validate.api import validate
from nxtool.validate.visit import Options


@pytest.fixture(scope="module")
def schema() -> Schema:
    return default_schema()


def group(parent: h5py.Group, name: str, nx_class: str) -> h5py.Group:
    made = parent.create_group(name)
    made.attrs["NX_class"] = nx_class
    return made


def write(path: Path) -> None:
    with h5py.File(path, "w") as file:
        instrument = group(group(file, "entry", "NXentry"), "instrument", "NXinstrument")
        detector = group(instrument, "det", "NXdetector")
        detector["detector_number"] = np.arange(1, 7).reshape(2, 3)
        events = group(detector, "events", "NXevent_data")
        events["event_id"] = np.array([1, 6, 3, 3], dtype="i4")
        events["event_time_offset"] = np.zeros(4, dtype="i4")
        events["event_index"] = np.array([0, 2, 2, 4], dtype="i8")
        events["event_time_zero"] = np.arange(4, dtype="i8")
        log = group(detector, "log", "NXlog")
        log["value"] = np.zeros(5)
        log["time"] = np.arange(5.0)
        chopper = group(instrument, "chopper", "NXdisk_chopper")
        chopper["rotation_speed"] = 14.0
        chopper["rotation_speed"].attrs["units"] = "Hz"
        moves = group(detector, "transformations", "NXtransformations")
        moves["z"] = 1.0
        for name, value in {
            "units": "m", "vector": [0.0, 0, 1], "offset": [0.0, 0, 0], "offset_units": "m",
            "transformation_type": "translation", "depends_on": ".",
        }.items():  # fmt: skip
            moves["z"].attrs[name] = value


DET = "/entry/instrument/det"


def replace(path: str, value: object) -> Callable[[h5py.File], None]:
    def change(file: h5py.File) -> None:
        del file[path]
        file[path] = value

    return change


def remove_value(file: h5py.File) -> None:
    del file[f"{DET}/log/value"]


def metres(file: h5py.File) -> None:
    file["/entry/instrument/chopper/rotation_speed"].attrs["units"] = "m"


def no_offset_units(file: h5py.File) -> None:
    del file[f"{DET}/transformations/z"].attrs["offset_units"]


def test_event_data_in_order_gives_no_finding(tmp_path: Path, schema: Schema) -> None:
    path = tmp_path / "good.nxs"
    write(path)
    found = validate(path, schema, Options(packs=("events",)))
    assert [item for item in found if item.code.startswith("V")] == []


CASES = [
    (replace(f"{DET}/detector_number", [1, 2, 3, 3, 6]), "V01", f"{DET}/detector_number",
     "1 numbers stand for several pixels, for instance 3"),
    (replace(f"{DET}/events/event_id", [1, 7, 3, 9]), "V02", f"{DET}/events/event_id",
     "2 events are of no pixel in detector_number, for instance 7"),
    (replace(f"{DET}/events/event_index", np.array([0, 3, 2, 4])), "V03",
     f"{DET}/events/event_index", "falls: pulses are not in the order of their events"),
    (replace(f"{DET}/events/event_index", np.array([0, 2, 2, 5])), "V03",
     f"{DET}/events/event_index", "points to event 5 of 4"),
    (replace(f"{DET}/events/event_index", np.array([0, 2, 2, 4], dtype="u4")), "V03",
     f"{DET}/events/event_index", "is uint32; long measurements need 8 bytes"),
    (replace(f"{DET}/events/event_time_zero", np.arange(3)), "V07",
     f"{DET}/events/event_time_zero", "has shape (3,), 'event_index' has (4,)"),
    (remove_value, "V04", f"{DET}/log", "the log has no value"),
    (replace(f"{DET}/log/time", np.arange(4.0)), "V04", f"{DET}/log",
     "the log has 5 values for 4 times"),
    (metres, "V05", "/entry/instrument/chopper/rotation_speed", "units are 'm', not a frequency"),
    (no_offset_units, "V06", f"{DET}/transformations/z", "has an offset without offset_units"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "code", "place", "message"), CASES)
def test_a_fault_of_event_data_is_named(
    change: Callable[[h5py.File], None], code: str, place: str, message: str,
    tmp_path: Path, schema: Schema,
) -> None:  # fmt: skip
    path = tmp_path / "bad.nxs"
    write(path)
    with h5py.File(path, "r+") as file:
        change(file)
    found = validate(path, schema, Options(packs=("events",)))
    told = [(i.code, i.path, i.message) for i in found if i.code.startswith("V")]
    assert told == [(code, place, message)]


def test_the_pack_is_off_unless_it_is_asked_for(tmp_path: Path, schema: Schema) -> None:
    path = tmp_path / "bad.nxs"
    write(path)
    with h5py.File(path, "r+") as file:
        no_offset_units(file)
    assert [item for item in validate(path, schema) if item.code.startswith("V")] == []
