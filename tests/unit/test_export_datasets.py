"""Files to datasets: by file, entry and folder; their files; what is merged."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from nxtool.errors import NxtoolError
from nxtool.export.collect import Wishes
from nxtool.export.datasets import Manner, count_files, datasets
from nxtool.export.mapping import load_mapping
from nxtool.export.merge import Merger
from nxtool.export.record import Parameter, Record
from nxtool.export.values import Number
from tests.exportfile import complete_file


def found(*paths: Path, mapping="default", **manner):
    given = manner.pop("given", {})
    return list(datasets(paths, Manner(load_mapping(mapping), Wishes(given), **manner)))


def codes(exported):
    return {item.code for item in exported.notes if item.severity != "info"}


@pytest.fixture
def two_entries(tmp_path):
    """A file with two entries."""
    path = complete_file(tmp_path / "two.nxs")
    with h5py.File(path, "a") as file:
        file.copy("entry", "second")
        del file["second/entry_identifier"]
    return path


@pytest.fixture
def scan(tmp_path):
    """A folder with three files of one scan."""
    folder = tmp_path / "scan_7"
    folder.mkdir()
    for number in range(3):
        changes = {
            "entry/entry_identifier": f"frame {number}",
            "entry/sample/temperature": 10.0 * number,
            "entry/start_time": f"2026-01-05T1{number}:00:00+01:00",
            "entry/end_time": f"2026-01-05T1{number}:30:00+01:00",
        }
        complete_file(folder / f"frame_{number}.nxs", changes)
    return folder


def test_several_entries_ask_for_a_choice(two_entries):
    with pytest.raises(NxtoolError, match="several NXentry: entry, second") as caught:
        found(two_entries)
    assert "--entry NAME" in caught.value.hint
    (chosen,) = found(two_entries, entry="second")
    assert chosen.record.source == f"{two_entries}:/second"


def test_every_entry_can_be_a_dataset_with_a_name_of_its_own(two_entries):
    names = [one.record.text("dataset.name") for one in found(two_entries, per="entry")]
    assert names == ["scan_0001", "two_second"]


def test_entry_that_is_not_there_names_those_that_are(two_entries):
    with pytest.raises(NxtoolError, match="no NXentry /third") as caught:
        found(two_entries, entry="third")
    assert caught.value.hint == "entry, second"


def test_file_without_an_entry_is_refused(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["data"] = 1
    with pytest.raises(NxtoolError, match="/ holds no NXentry"):
        found(tmp_path / "a.h5")


def test_file_without_an_entry_is_passed_over_in_a_folder(scan):
    with h5py.File(scan / "frames.h5", "w") as file:
        file["data"] = 1
    assert len(found(scan)) == 3
    (whole,) = found(scan, per="folder")
    assert "frames.h5" in [file.name for file in whole.record.files]


def test_name_that_two_datasets_have_is_refused(tmp_path):
    first = complete_file(tmp_path / "a.nxs")
    second = complete_file(tmp_path / "b.nxs")
    one, two = found(first, second)
    assert (codes(one), codes(two)) == (set(), {"X13"})
    other = complete_file(tmp_path / "c.nxs", {"entry/experiment_identifier": "another"})
    assert [codes(one) for one in found(first, other)] == [set(), set()]


def test_folder_becomes_one_dataset(scan):
    (one,) = found(scan, per="folder")
    record = one.record
    assert record.text("dataset.name") == "scan_7"
    assert record.text("dataset.startDate") == "2026-01-05T10:00:00+01:00"
    assert record.text("dataset.endDate") == "2026-01-05T12:30:00+01:00"
    assert [file.name for file in record.files] == [f"frame_{n}.nxs" for n in range(3)]
    (temperature,) = (p for p in record.parameters if p.name == "sample/temperature")
    value = temperature.value
    assert (value.value, value.low, value.high, value.count) == (283.15, 273.15, 293.15, 3)
    assert value.deviation == pytest.approx(np.std([0, 10, 20]))
    assert len(record.people) == 1
    assert codes(one) == set()


def test_numbers_of_other_units_do_not_mix():
    merger = Merger()  # the ESRF's slits have no unit that numbers could be converted to
    for value, units in ((1.0, "mm"), (0.001, "m"), (3.0, "mm")):
        gap = Parameter("gap", Number(value, units), "/entry/gap")
        merger.add(Record("a.nxs", parameters=(gap,)), [])
    record, notes = merger.merged()
    (gap,) = record.parameters
    assert gap.value == Number(2.0, "mm", 1.0, 3.0, 1.0, 2)
    assert [item.message for item in notes if item.code == "X12"] == [
        "gap: the files say mm and m; only the first are taken"
    ]


def test_what_differs_between_files_of_a_dataset_is_told(scan):
    complete_file(scan / "frame_9.nxs", {"entry/sample/name": "something else"})
    (one,) = found(scan, per="folder")
    assert one.record.text("sample.name") == "SDS 5 %"
    (told,) = (item for item in one.notes if item.code == "X12")
    assert "'something else'" in told.message
    assert told.path == "/entry/sample/name"


def test_folders_do_not_mix(tmp_path, scan):
    other = tmp_path / "scan_8"
    other.mkdir()
    complete_file(other / "a.nxs")
    names = [one.record.text("dataset.name") for one in found(scan, other, per="folder")]
    assert names == ["scan_7", "scan_8"]
    assert count_files([scan, other]) == 4


def test_folder_without_hdf5_is_refused(tmp_path):
    with pytest.raises(NxtoolError, match="no HDF5 file"):
        found(tmp_path)


def test_linked_files_belong_to_the_dataset(tmp_path):
    (tmp_path / "raw").mkdir()
    for name in ("raw/frames.h5", "virtual.h5"):
        with h5py.File(tmp_path / name, "w") as file:
            file["data"] = np.zeros((2, 3))
    path = complete_file(tmp_path / "a.nxs")
    layout = h5py.VirtualLayout((2, 3), "f8")
    layout[:] = h5py.VirtualSource("virtual.h5", "data", (2, 3))
    with h5py.File(path, "a") as file:
        file["entry/data/frames"] = h5py.ExternalLink("raw/frames.h5", "/data")
        file["entry/data/gone"] = h5py.ExternalLink("gone.h5", "/data")
        file["entry/data/secret"] = h5py.ExternalLink("/etc/passwd", "/data")
        file["entry/data/up"] = h5py.ExternalLink("../up.h5", "/data")
        file["entry"].create_virtual_dataset("virtual", layout)
    (one,) = found(path, checksums=True)
    assert {str(file.path.relative_to(tmp_path)) for file in one.record.files} == {
        "a.nxs", "raw/frames.h5", "virtual.h5",
    }  # fmt: skip
    assert {len(file.sha256) for file in one.record.files} == {64}
    outside = {item.path for item in one.notes if item.code == "X14"}
    assert outside == {"/entry/data/gone", "/entry/data/secret", "/entry/data/up"}


def test_a_percent_sign_stands_for_many_files_only_where_hdf5_counts(tmp_path):
    for name in ("linked_50%.h5", "shown_50%beam.h5"):
        with h5py.File(tmp_path / name, "w") as file:
            file["data"] = np.zeros(3)
    path = complete_file(tmp_path / "a.nxs")
    with h5py.File(path, "a") as file:
        file["entry/linked"] = h5py.ExternalLink("linked_50%.h5", "/data")
        layout = h5py.VirtualLayout((3,), "f8")
        layout[:] = h5py.VirtualSource("shown_50%%beam.h5", "data", (3,))
        file["entry"].create_virtual_dataset("shown", layout)
        layout = h5py.VirtualLayout((2,), "f8", maxshape=(None,))
        layout[: h5py.h5s.UNLIMITED] = h5py.VirtualSource("run_%b.h5", "data", (1,))
        file["entry"].create_virtual_dataset("counted", layout)
    (one,) = found(path)
    names = {file.name for file in one.record.files}
    assert names == {"a.nxs", "linked_50%.h5", "shown_50%beam.h5"}
    (told,) = (item for item in one.notes if item.code == "X14")
    assert (told.path, "stand for many files" in told.message) == ("/entry/counted", True)


def test_missing_file_and_file_that_is_no_hdf5_are_refused(tmp_path):
    (tmp_path / "text.nxs").write_text("no")
    for name in ("gone.nxs", "text.nxs"):
        with pytest.raises(NxtoolError, match=name):
            found(tmp_path / name)


def test_file_named_twice_is_one_dataset(scan, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link.nxs").symlink_to(scan / "frame_0.nxs")
    paths = [scan / "frame_0.nxs", Path("scan_7/frame_0.nxs"), tmp_path / "link.nxs", scan]
    assert len(found(*paths)) == count_files(paths) == 3


def test_files_of_a_folder_make_one_dataset_in_whatever_order_they_are_named(tmp_path):
    paths = []
    for name in ("a/1", "b/1", "a/2"):
        path = tmp_path / f"{name}.nxs"
        path.parent.mkdir(exist_ok=True)
        paths.append(complete_file(path))
    made = found(*paths, per="folder")
    assert [(one.record.text("dataset.name"), len(one.record.files)) for one in made] == [
        ("a", 2), ("b", 1),
    ]  # fmt: skip


def test_numbers_of_files_too_large_for_a_mean_are_left_out(tmp_path):
    for name, value in (("a", [1e154, -1e154]), ("b", [1e308, 1e308])):
        complete_file(tmp_path / f"{name}.nxs", {"entry/instrument/detector/count_time": value})
    (one,) = found(tmp_path, per="folder")
    assert "detector/count_time" not in {item.name for item in one.record.parameters}
    assert "X08" in codes(one)


def test_datasets_need_no_name_in_a_mapping_of_ones_own(tmp_path, two_entries):
    own = tmp_path / "own.yaml"
    own.write_text("nxtool_mapping: 1\nextends: default\nvalues: {dataset.name: null}\n")
    assert len(found(two_entries, mapping=str(own), per="entry")) == 2


def test_links_to_names_longer_than_any_file_are_told(tmp_path):
    path = complete_file(tmp_path / "a.nxs")
    with h5py.File(path, "a") as file:
        file["entry/far"] = h5py.ExternalLink("x" * 5000, "/a")
    (one,) = found(path)
    assert codes(one) == {"X14"}
