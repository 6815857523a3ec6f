"""Looking at a file piece by piece, and judging it in another process."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from nxtool.config import schema_for
from nxtool.errors import FileUnreadable
from nxtool.viewing.apart import Judging
from nxtool.viewing.filetree import FileTree, names_of
from nxtool.viewing.listing import PAGE, ROOT
from tests import monopdfile


@pytest.fixture(scope="module")
def schema():
    return schema_for(())


@pytest.fixture
def path(tmp_path):
    """A file with a part of what NXmonopd asks for."""
    return monopdfile.write(tmp_path / "scan.nxs", np.uint16, "deg")


def shown(tree: FileTree, *, by_definition: bool = False) -> list[str]:
    """Every row as `path = value`."""
    rows = [row for top in tree.rows(by_definition=by_definition) for row in top.walk()]
    return [f"{row.path} = {row.value}" if row.value else f"{row.path} -" for row in rows]


def test_only_the_top_and_the_entries_are_read_at_first(path, schema):
    assert shown(FileTree(path, schema).begun()) == [
        "/ = NXroot",
        "/entry = NXentry",
        "/entry/definition = NXmonopd",
        "/entry/instrument = NXinstrument",
        "/entry/title = LaB6",
    ]


def test_group_that_is_opened_is_read(path, schema):
    tree = FileTree(path, schema).begun().reaching("/entry/instrument/detector/data@units")
    detector = [line for line in shown(tree) if "detector/" in line]
    assert detector == [
        "/entry/instrument/detector/data = uint16 [40 × 512]",
        "/entry/instrument/detector/polar_angle = 5 deg",
    ]


def test_rows_have_the_concept_of_the_application(path, schema):
    tree = FileTree(path, schema).begun().reaching("/entry/instrument/detector/data")
    rows = {row.path: row for top in tree.rows() for row in top.walk()}
    concept = rows["/entry/instrument/detector/data"].concept
    assert concept.anchor.startswith("NXmonopd/ENTRY/INSTRUMENT/DETECTOR/data ")


def test_missing_names_stand_where_the_definition_has_them(path, schema):
    tree = FileTree(path, schema).begun()
    assert shown(tree, by_definition=True)[2:] == [
        "/entry/title = LaB6",
        "/entry/start_time -",
        "/entry/definition = NXmonopd",
        "/entry/instrument = NXinstrument",
        "/entry/sample -",
        "/entry/monitor -",
        "/entry/data -",
    ]
    missing = [row for top in tree.rows(by_definition=True) for row in top.walk() if row.is_gap]
    assert {row.requirement for row in missing} == {"required"}


def test_names_of_a_large_group_come_in_pages(tmp_path, schema):
    file = tmp_path / "many.h5"
    with h5py.File(file, "w") as new:
        for number in range(PAGE + 30):
            new[f"x{number:04}"] = number
    tree = FileTree(file, schema).begun()
    assert shown(tree)[-1] == "/ -"
    assert tree.rows()[0].below[-1].label == "… 30 more"
    assert len(tree.opened(ROOT).rows()[0].below) == PAGE + 30


def test_name_far_behind_is_reached(tmp_path, schema):
    file = tmp_path / "many.h5"
    with h5py.File(file, "w") as new:
        for number in range(PAGE + 30):
            new[f"x{number:04}"] = number
    tree = FileTree(file, schema).begun().reaching("/x0270")
    assert shown(tree)[-2] == "/x0270 = 270"


def test_circle_of_links_is_told_and_not_followed(tmp_path, schema):
    file = tmp_path / "circle.h5"
    with h5py.File(file, "w") as new:
        group = new.create_group("a/b")
        group["up"] = new["a"]
        new["a/soft"] = h5py.SoftLink("/a")
        new["a/nowhere"] = h5py.SoftLink("/nothing")
    tree = FileTree(file, schema).begun().opened(names_of("/a")).opened(names_of("/a/b"))
    assert shown(tree)[1:] == [
        "/a -",
        "/a/b -",
        "/a/b/up = ↺ /a",
        "/a/nowhere = '/nothing' does not exist",
        "/a/soft = ↺ /a",
    ]


def test_changed_file_is_read_again_as_far_as_it_was(path, schema):
    tree = FileTree(path, schema).begun().opened(names_of("/entry/instrument"))
    with h5py.File(path, "a") as new:
        new["entry/start_time"] = "2026-01-05T10:00:00Z"
        del new["entry/instrument"]
    again = tree.again()
    assert "/entry/start_time = 2026-01-05T10:00:00Z" in shown(again)
    assert not any("instrument" in line for line in shown(again))


def test_file_that_is_not_complete_cannot_be_read(path, schema):
    tree = FileTree(path, schema).begun()
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(FileUnreadable, match="is truncated"):
        tree.again()


def test_file_is_judged_in_another_process(path):
    found = Judging(path).verdict()
    assert ("O01", "/entry/sample") in {(item.code, item.path) for item in found}


def test_file_that_cannot_be_judged_says_why(tmp_path):
    file = tmp_path / "x.nxs"
    file.write_text("no HDF5")
    found = Judging(file).verdict()
    assert isinstance(found, FileUnreadable)
    assert found.message == f"{file}: is not an HDF5 file"


def test_judging_that_is_stopped_has_no_verdict(path):
    judging = Judging(path)
    judging.stop()
    assert judging.verdict() is None


def test_verdict_that_takes_longer_can_be_asked_for_again(path):
    judging = Judging(path)
    assert judging.verdict(0.0) is None
    assert judging.verdict() is not None
