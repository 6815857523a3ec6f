"""Edits of finished files: what changes, what does not, and what is kept of it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from h5py import h5a, h5s, h5t

import nxtool
from nxtool.editing.model import EditOutcome
from nxtool.errors import FileUnreadable, OutputError, RecipeError
from nxtool.hdf5.referred import is_referred
from tests.rawscan import Scan
from tests.unit.test_fix import content
from tests.unit.test_house import ROOT, fenced
from tests.unit.test_nxvalidate import program
from tests.validfiles import image, official_schema

TIME = "2026-01-05T10:00:00+00:00"
EDITS = "entry/nxtool/edits"


@pytest.fixture(autouse=True)
def _time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Records tell a time and a user that are known."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767607200")
    monkeypatch.setenv("LOGNAME", "ann")


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """A valid NXarpes, as other programs write it: fixed strings, arrays of one."""
    path = tmp_path / "scan.nxs"
    path.write_bytes(image("NXarpes"))
    with h5py.File(path, "r+") as file:
        sample = file["entry/sample"]
        del sample["name"], sample["temperature"]
        sample["name"] = np.bytes_("lyso")
        sample["name"].attrs["note"] = np.bytes_("by hand")
        sample["temperature"] = np.array([295.0], dtype=np.float32)
        sample["temperature"].attrs["units"] = "K"
        sample.create_dataset("own", data=np.int16(3)).attrs["units"] = "mm"
    return path


def told(outcome: EditOutcome) -> list[str]:
    return [f"{item.code} {item.message} ({item.hint})" for item in outcome.problems]


def changes(outcome: EditOutcome) -> list[tuple[str, str, str, str]]:
    return [(one.action, one.path, one.old, one.new) for one in outcome.changes]


def value(path: Path, place: str) -> Any:
    with h5py.File(path) as file:
        if "@" in place:
            name, _, attribute = place.partition("@")
            return file[name].attrs[attribute]
        found = file[place]
        return found.asstr()[()] if h5py.check_string_dtype(found.dtype) else found[()]


# what changes


def test_a_text_that_fits_is_written_over(scan: Path) -> None:
    outcome = nxtool.edit(scan, {"/entry/sample/name": "IgG"})
    assert changes(outcome) == [("set", "/entry/sample/name", '"lyso"', '"IgG"')]
    assert (outcome.ok, outcome.written, outcome.added) == (True, scan, ())
    with h5py.File(scan) as file:
        assert (file["entry/sample/name"].dtype, value(scan, "entry/sample/name")) == ("S4", "IgG")


def test_a_longer_text_makes_a_new_field_with_the_old_attributes(scan: Path) -> None:
    nxtool.edit(scan, {"/entry/sample/name": "lysozyme, groß"})
    assert value(scan, "entry/sample/name") == "lysozyme, groß"
    with h5py.File(scan) as file:
        note = file["entry/sample/name"].attrs.get_id("note")
        assert (file["entry/sample/name"].dtype, note.dtype) == ("S15", "S7")


def test_a_quantity_changes_number_and_unit(scan: Path) -> None:
    outcome = nxtool.edit(scan, {"/entry/sample/temperature": "-173.5 degC"})
    assert changes(outcome) == [
        ("set", "/entry/sample/temperature", "[295.0]", "[-173.5]"),
        ("set", "/entry/sample/temperature@units", '"K"', '"degC"'),
    ]
    with h5py.File(scan) as file:
        field = file["entry/sample/temperature"]
        assert (field.dtype, field.shape, field[0]) == (np.float32, (1,), -173.5)


def test_a_bare_number_keeps_the_unit(scan: Path) -> None:
    nxtool.edit(scan, {"/entry/sample/temperature": 100})
    assert value(scan, "entry/sample/temperature") == [100]
    assert value(scan, "entry/sample/temperature@units") == "K"


def test_a_list_makes_an_array_of_a_number(scan: Path) -> None:
    nxtool.edit(scan, {"/entry/sample/temperature": {"value": np.array([1.0, 2.0, 3.0])}})
    assert value(scan, "entry/sample/temperature").tolist() == [1, 2, 3]


def test_a_field_the_definition_knows_is_added_with_its_type(scan: Path) -> None:
    outcome = nxtool.edit(scan, {"/entry/sample/mass": "3 mg", "/entry/sample/mass@note": "dry"})
    assert changes(outcome) == [
        ("add", "/entry/sample/mass", "", "3.0"),
        ("add", "/entry/sample/mass@units", "", '"mg"'),
        ("add", "/entry/sample/mass@note", "", '"dry"'),
    ]
    with h5py.File(scan) as file:
        field = file["entry/sample/mass"]
        assert (field[()], field.dtype, dict(field.attrs)) == (
            3.0, np.float64, {"units": "mg", "note": "dry"},
        )  # fmt: skip


def test_a_field_of_ones_own_says_what_it_is(scan: Path) -> None:
    outcome = nxtool.edit(scan, {"/entry/sample/phi(NX_FLOAT)": "5 deg"})
    assert [one[1] for one in changes(outcome)] == [
        "/entry/sample/phi", "/entry/sample/phi@units",
    ]  # fmt: skip
    assert value(scan, "entry/sample/phi") == 5.0


def test_a_field_that_no_definition_knows_keeps_its_type(scan: Path) -> None:
    nxtool.edit(scan, {"/entry/sample/own": 4})
    with h5py.File(scan) as file:
        assert (file["entry/sample/own"][()], file["entry/sample/own"].dtype) == (4, np.int16)


def test_attributes_of_groups_and_of_the_root_are_set(scan: Path) -> None:
    nxtool.edit(scan, {"/entry/sample@depends": ["a", "b"], "/@creator": "me"})
    assert value(scan, "entry/sample@depends").tolist() == ["a", "b"]
    assert value(scan, "/@creator") == "me"


def test_fields_links_and_attributes_are_deleted(scan: Path) -> None:
    with h5py.File(scan, "r+") as file:
        file["entry/sample/soft"] = h5py.SoftLink("/entry/title")
    outcome = nxtool.edit(
        scan, delete=["/entry/sample/own", "/entry/sample/soft", "/entry/sample/name@note"]
    )
    assert changes(outcome) == [
        ("delete", "/entry/sample/own", "3", ""),
        ("delete", "/entry/sample/own@units", '"mm"', ""),
        ("delete", "/entry/sample/soft", '"link to /entry/title"', ""),
        ("delete", "/entry/sample/name@note", '"by hand"', ""),
    ]
    with h5py.File(scan) as file:
        assert sorted(file["entry/sample"]) == ["name", "temperature"]
        assert dict(file["entry/sample/name"].attrs) == {}


def test_a_date_needs_its_zone(scan: Path) -> None:
    outcome = nxtool.edit(scan, {"/entry/start_time": "2026-01-05T10:00:00"})
    assert told(outcome) == [
        "R04 '2026-01-05T10:00:00' has no time zone "
        "(write its offset, like +01:00, or set defaults.timezone)",
    ]
    assert nxtool.edit(scan, {"/entry/start_time": "2026-01-05 10:00:00 +0100"}).ok
    assert value(scan, "entry/start_time") == "2026-01-05T10:00:00+01:00"


def test_the_same_value_again_is_no_change(scan: Path) -> None:
    before = scan.read_bytes()
    outcome = nxtool.edit(scan, {"/entry/sample/name": "lyso", "/entry/sample/temperature": 295})
    assert (changes(outcome), outcome.written, outcome.ok) == ([], None, True)
    assert scan.read_bytes() == before


# what stays


def test_every_hard_link_leads_to_the_new_field(scan: Path) -> None:
    with h5py.File(scan, "r+") as file:
        file["entry/data/alias"] = file["entry/sample/name"]
        file["entry/again"] = h5py.SoftLink("/entry/sample/name")
    nxtool.edit(scan, {"/entry/again": "a name that is longer than before"})
    with h5py.File(scan) as file:
        assert file["entry/data/alias"] == file["entry/sample/name"] == file["entry/again"]
        assert isinstance(file["entry"].get("again", getlink=True), h5py.SoftLink)
    assert value(scan, "entry/data/alias") == "a name that is longer than before"


def test_everything_else_is_as_it_was(scan: Path) -> None:
    before = content(scan)
    nxtool.edit(scan, {"/entry/sample/name": "IgG", "/entry/sample/temperature": 4})
    after = content(scan)
    new = {place for place in after if place not in before}
    assert {place for place in before if before[place] != after.get(place)} <= {"@file_update_time"}
    assert {place for place in new if not place.startswith("/entry/nxtool")} <= {
        "@file_update_time"
    }


def test_permissions_are_kept_and_the_time_is_new(scan: Path) -> None:
    scan.chmod(0o640)
    os.utime(scan, (1, 1))
    nxtool.edit(scan, {"/entry/sample/name": "IgG"})
    assert (scan.stat().st_mode & 0o777, scan.stat().st_mtime > 1) == (0o640, True)
    assert list(scan.parent.iterdir()) == [scan]


def test_a_symbolic_link_goes_on_leading_to_the_file(scan: Path) -> None:
    link = scan.with_name("link.nxs")
    link.symlink_to(scan)
    nxtool.edit(link, {"/entry/sample/name": "IgG"})
    assert (link.is_symlink(), value(scan, "entry/sample/name")) == (True, "IgG")


# what is kept of it


def test_the_record_tells_who_changed_what_when_and_why(scan: Path) -> None:
    nxtool.edit(scan, {"/entry/sample/name": "IgG"}, reason="wrong label")
    nxtool.edit(scan, {"/entry/sample/mass": "3 mg"}, delete=["/entry/sample/own"])
    with h5py.File(scan) as file:
        first, second = (record(file[f"{EDITS}/edit_{number}"]) for number in (1, 2))
        assert file["entry/nxtool"].attrs["NX_class"] == "NXprocess"
        assert file.attrs["file_update_time"] == TIME
    assert first == {
        "date": TIME, "user": "ann", "program": "nxtool", "version": nxtool.__version__,
        "reason": "wrong label", "validation": "no errors",
        "action": ["set"], "path": ["/entry/sample/name"], "old": ['"lyso"'], "new": ['"IgG"'],
    }  # fmt: skip
    assert second["action"] == ["add", "add", "delete", "delete"]
    assert second["old"] == ["", "", "3", '"mm"']
    assert second["new"] == ["3.0", '"mg"', "", ""]


def record(group: h5py.Group) -> dict[str, Any]:
    found = {name: group[name].asstr()[()] for name in group}
    return {name: one if isinstance(one, str) else one.tolist() for name, one in found.items()}


def test_the_record_of_a_file_of_ours_stands_beside_its_recipe(tmp_path: Path) -> None:
    scan = a_scan(tmp_path)
    scan.convert("raw")
    assert nxtool.edit(scan.result, {"/entry/sample/name": "amber"}).ok
    with h5py.File(scan.result) as file:
        assert sorted(file["entry/nxtool"]) == [
            "date", "edits", "embedded", "program", "recipe", "record", "version",
        ]  # fmt: skip
    assert len(nxtool.restore(scan.result, tmp_path / "back")) == 3


def a_scan(folder: Path) -> Scan:
    np.save(folder / "frames.npy", np.zeros((2, 4, 5), dtype=np.uint16))
    (folder / "keys.csv").write_text("k\n0\n0\n")
    more = '      keys(NX_INT): {from: "keys:k"}'
    return Scan(folder, {"frames": "frames.npy", "keys": "keys.csv"}, 2, more)


def test_a_group_of_another_program_with_our_name_is_left_alone(scan: Path) -> None:
    with h5py.File(scan, "r+") as file:
        file.create_group("entry/nxtool").attrs["NX_class"] = "NXcollection"
    nxtool.edit(scan, {"/entry/sample/name": "IgG"})
    with h5py.File(scan) as file:
        assert len(file["entry/nxtool"]) == 0
        assert list(file["entry/nxtool_edits/edits"]) == ["edit_1"]


@pytest.mark.slow
@pytest.mark.parametrize("application", official_schema().applications)
def test_no_validator_objects_to_the_record(application: str, tmp_path: Path) -> None:
    tool = program()
    if tool is None:
        pytest.skip("nxvalidate is not installed")
    path = tmp_path / f"{application}.nxs"
    path.write_bytes(image(application))
    before = objections(tool, path)
    outcome = nxtool.edit(path, {"/entry/experiment_description": "edited"})
    assert (outcome.written, outcome.added) == (path, ())
    more = [now > then for now, then in zip(objections(tool, path), before, strict=True)]
    assert more == [False, False]


def objections(tool: str, path: Path) -> list[int]:
    """How many warnings and errors nexusformat's validator gives."""
    done = subprocess.run([tool, path], capture_output=True, text=True, timeout=120, check=False)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout).splitlines()
    return [int(line.split()[-1]) for line in lines if line.startswith("Total number of ")]


# what is refused


@pytest.mark.parametrize(
    ("place", "given", "message"),
    [
        ("/entry/sample/nmae", "x",
         "R01 unknown name 'nmae' in NXsample (did you mean name?)"),
        ("/entry/smaple/name", "x",
         "R01 there is no group 'smaple' in /entry (did you mean sample?)"),
        ("/entry/xyz/name", "x",
         "R01 there is no group 'xyz' in /entry (groups are not made here)"),
        ("/entry/sample/phi(NX_FLAOT)", 5,
         "R01 NX_FLAOT is not an NX type (did you mean NX_FLOAT?)"),
        ("entry/sample/name", "x",
         "R02 'entry/sample/name' is not an absolute path (like /entry/sample/name)"),
        ("/entry/../x", "x",
         "R02 '/entry/../x' is not an absolute path (like /entry/sample/name)"),
        ("/entry/sample", "x",
         "R02 /entry/sample is a group (name a field, or an attribute behind @)"),
        ("/entry/sample/temperature", "warm",
         "R04 temperature is NX_NUMBER: 'warm' is not a number like 1.5 or 200 mm "
         "(write it so, or take another field)"),
        ("/entry/sample/name", None,
         "R02 /entry/sample/name is given no value (--delete removes what is there)"),
        ("/entry/sample/name", {1},
         "R02 a set cannot stand in a recipe (give text, numbers or arrays)"),
        ("/entry/sample/name", {"from": "a"},
         "R01 there is no source 'a' (sources: none)"),
        ("/entry/sample/name@a b", "x",
         "R02 'a b' is not a NeXus name (use letters, digits, _ and . within)"),
        ("/entry/sample/x@units", "mm",
         "R01 there is no 'x' in /entry/sample ()"),
        ("/entry/sample/temperature", np.zeros(10_000),
         "R04 80000 bytes for /entry/sample/temperature are data and no metadata "
         "(convert data with a recipe)"),
        ("/entry/sample/beam(NXbeam)", "x",
         "R02 /entry/sample/beam is a group (groups are not made here)"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_told(scan: Path, place: str, given: Any, message: str) -> None:
    before = scan.read_bytes()
    outcome = nxtool.edit(scan, {place: given})
    assert message in told(outcome)
    assert (outcome.ok, outcome.written, scan.read_bytes()) == (False, None, before)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("/entry/sample/nam", "R01 there is no 'nam' in /entry/sample (did you mean name?)"),
        ("/entry/sample",
         "R02 /entry/sample is a group (only fields, links and attributes are deleted)"),
        ("/entry/sample/name@nota",
         "R01 /entry/sample/name has no attribute 'nota' (did you mean note?)"),
    ],
)  # fmt: skip
def test_what_is_not_there_cannot_be_deleted(scan: Path, place: str, message: str) -> None:
    assert told(nxtool.edit(scan, delete=[place])) == [message]


def test_bulk_data_is_not_metadata(scan: Path) -> None:
    with h5py.File(scan, "r+") as file:
        file["entry/sample/map"] = np.zeros((100, 100))
    for request in ({"values": {"/entry/sample/map": 1}}, {"delete": ["/entry/sample/map"]}):
        assert told(nxtool.edit(scan, **request)) == [  # type: ignore[arg-type]
            "R02 /entry/sample/map holds 80000 bytes, which is data and no metadata "
            "(only metadata is edited)",
        ]


def test_values_that_raw_files_are_restored_from_stay(tmp_path: Path) -> None:
    scan = a_scan(tmp_path)
    scan.convert("residual")
    outcome = nxtool.edit(scan.result, {"/entry/instrument/detector/data": 1})
    assert told(outcome) == [
        "R02 /entry/instrument/detector/data is part of the raw files that the file keeps "
        "(only metadata is edited)",
    ]


def test_the_record_is_not_edited(scan: Path) -> None:
    nxtool.edit(scan, {"/entry/sample/name": "IgG"})
    message = "R02 /entry/nxtool/edits/edit_1/user is the record of nxtool (it is not edited)"
    place = "/entry/nxtool/edits/edit_1/user"
    assert told(nxtool.edit(scan, {place: "bob"})) == [message]
    assert told(nxtool.edit(scan, delete=[place])) == [message]


def test_what_is_in_another_file_is_not_edited_but_unlinked(scan: Path) -> None:
    with h5py.File(scan.with_name("other.h5"), "w") as other:
        other["x"] = 1
    with h5py.File(scan, "r+") as file:
        file["entry/outside"] = h5py.ExternalLink("other.h5", "/x")
    assert told(nxtool.edit(scan, {"/entry/outside": 2})) == [
        "R02 /entry/outside is in another file, other.h5 (edit that file)",
    ]
    outcome = nxtool.edit(scan, delete=["/entry/outside"])
    assert changes(outcome) == [("delete", "/entry/outside", '"link to other.h5:/x"', "")]


def test_a_place_is_asked_for_once(scan: Path) -> None:
    outcome = nxtool.edit(scan, {"/entry/sample/own": 4}, delete=["/entry/sample/own"])
    assert told(outcome) == ["R02 /entry/sample/own is asked for twice (keep one of the two)"]


def test_an_edit_that_adds_an_error_is_refused(scan: Path) -> None:
    before = scan.read_bytes()
    wrong = {"/entry/sample/temperature": "5 keV"}
    outcome = nxtool.edit(scan, {**wrong, "/entry/definition": "NXtomo"})
    assert (outcome.refused, outcome.ok, outcome.written) == (True, False, None)
    assert scan.read_bytes() == before
    assert "required field title (NX_CHAR) is missing" not in [i.message for i in outcome.added]


def test_an_edit_that_adds_an_error_is_made_on_request_and_says_so(scan: Path) -> None:
    outcome = nxtool.edit(scan, delete=["/entry/title"], allow_invalid=True)
    assert [(item.severity, item.message) for item in outcome.added] == [
        ("error", "required field title (NX_CHAR) is missing"),
    ]
    assert (outcome.ok, outcome.written) == (True, scan)
    assert value(scan, f"{EDITS}/edit_1/validation") == "invalid: 1 errors"


def test_errors_from_before_do_not_forbid_an_edit(scan: Path) -> None:
    with h5py.File(scan, "r+") as file:
        del file["entry/title"]
    outcome = nxtool.edit(scan, {"/entry/sample/name": "IgG"})
    assert (outcome.written, outcome.added, outcome.before.count("error")) == (scan, (), 1)


def test_a_file_without_an_entry_has_no_place_for_the_record(tmp_path: Path) -> None:
    path = tmp_path / "plain.h5"
    with h5py.File(path, "w") as file:
        file["x"] = 1
    with pytest.raises(FileUnreadable) as caught:
        nxtool.edit(path, {"/@creator": "me"})
    assert str(caught.value) == (
        f"{path}: has no NXentry to keep the record of an edit (only NeXus files are edited)"
    )


def test_a_dimension_scale_keeps_its_type(scan: Path) -> None:
    with h5py.File(scan, "r+") as file:
        axis = file["entry/sample/temperature"]
        axis.make_scale("T")
        file["entry/sample/scaled"] = [1.0]
        file["entry/sample/scaled"].dims[0].attach_scale(axis)
    assert nxtool.edit(scan, {"/entry/sample/temperature": 4}).ok
    with pytest.raises(OutputError) as caught:
        nxtool.edit(scan, {"/entry/sample/temperature": [1, 2]})
    assert str(caught.value) == (
        "/entry/sample/temperature: is tied to others as a dimension scale "
        "(give a value of the same type and shape)"
    )


def test_a_field_that_references_lead_to_is_not_replaced(scan: Path) -> None:
    with h5py.File(scan, "r+") as file:
        name = file["entry/sample/name"]
        file["entry/sample"].attrs["about"] = name.ref
    with pytest.raises(OutputError) as caught:
        nxtool.edit(scan, {"/entry/sample/name": "longer than before"})
    assert str(caught.value) == (
        "/entry/sample/name: references lead to it, and would lead nowhere "
        "(give a value of the same type and shape)"
    )
    assert nxtool.edit(scan, {"/entry/sample/name": "IgG"}).ok


@pytest.mark.parametrize("holder", ["values", "region", "compound", "lists", "attribute"])
def test_references_are_found_wherever_they_are(holder: str) -> None:
    with h5py.File.in_memory() as file:
        meant, other = file.create_dataset("a", data=[1, 2]), file.create_dataset("b", data=[1, 2])
        if holder == "values":
            file.create_dataset("held", (3,), h5py.ref_dtype)[1] = meant.ref
        elif holder == "region":
            file.create_dataset("held", (3,), h5py.regionref_dtype)[1] = meant.regionref[1:]
        elif holder == "compound":
            dtype = np.dtype([("n", "i4"), ("r", h5py.ref_dtype)])
            file.create_dataset("held", data=np.array([(1, meant.ref)], dtype))
        elif holder == "lists":
            held = file.create_dataset("held", (2,), h5py.vlen_dtype(h5py.ref_dtype))
            held[1] = np.array([meant.ref], h5py.ref_dtype)
        else:
            file.attrs["held"] = meant.ref
        assert is_referred(file, meant)
        assert not is_referred(file, other)


def _stored_attributes(path: Path) -> list[tuple[bytes, bytes, bytes]]:
    """Name, type and raw value of each attribute of the name of the sample."""
    found = []
    with h5py.File(path) as file:
        for name in [one.encode() for one in file["entry/sample/name"].attrs]:
            held = h5a.open(file["entry/sample/name"].id, name)
            raw: Any = np.zeros(held.shape, f"V{held.get_type().get_size()}")
            held.read(raw, mtype=held.get_type())
            found.append((name, held.get_type().encode(), raw.tobytes()))
    return found


def test_attributes_of_every_type_stay_with_a_new_field(scan: Path) -> None:
    opaque = h5t.create(h5t.OPAQUE, 6)
    opaque.set_tag(b"a tag")
    padded = h5t.C_S1.copy()
    padded.set_size(6)
    padded.set_strpad(h5t.STR_SPACEPAD)
    with h5py.File(scan, "r+") as file:
        del file["entry/sample/name"]
        name = file["entry/sample"].create_dataset("name", data=np.bytes_("x"), track_order=True)
        for key, kind in (("z", opaque), ("bits", h5t.STD_B64LE), ("padded", padded)):
            made = h5a.create(name.id, key.encode(), kind, h5s.create(h5s.SCALAR))
            made.write(np.array(b"abc   ", f"V{kind.get_size()}"), mtype=kind)
        name.attrs["root"] = file.ref
    before = _stored_attributes(scan)
    assert nxtool.edit(scan, {"/entry/sample/name": "longer than before"}).ok
    assert _stored_attributes(scan) == before
    assert [one[0] for one in before] == [b"z", b"bits", b"padded", b"root"]


def test_a_field_that_can_grow_grows(scan: Path) -> None:
    with h5py.File(scan, "r+") as file:
        sample = file["entry/sample"]
        sample.create_dataset(
            "grown", data=np.array([3, 4], ">f4"), maxshape=(4,), compression=4, fillvalue=-1
        )
    nxtool.edit(scan, {"/entry/sample/grown": [1, 2, 3]})
    with h5py.File(scan) as file:
        grown = file["entry/sample/grown"]
        assert (grown.maxshape, grown.compression, grown.fillvalue) == ((4,), "gzip", -1)
        assert list(grown) == [1, 2, 3]
    nxtool.edit(scan, {"/entry/sample/grown": [1, 2, 3, 4, 5]})
    assert list(value(scan, "entry/sample/grown")) == [1, 2, 3, 4, 5]


# the world


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "no.nxs"
    with pytest.raises(FileUnreadable) as caught:
        nxtool.edit(path, {"/entry/title": "x"})
    assert str(caught.value) == f"{path}: No such file or directory (check the path)"


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (lambda path: path.chmod(0o444),
         "is read-only (chmod u+w, or write elsewhere with -o OUT)"),
        (lambda path: os.link(path, path.with_name("second.nxs")),
         "has 2 names (hard links), and only this one would change "
         "(write elsewhere with -o OUT)"),
    ],
)  # fmt: skip
def test_a_file_that_must_not_be_replaced_is_left(
    scan: Path, prepare: Callable[[Path], None], message: str
) -> None:
    prepare(scan)
    with pytest.raises(OutputError) as caught:
        nxtool.edit(scan, {"/entry/sample/name": "IgG"})
    assert str(caught.value) == f"{scan}: {message}"
    out = scan.with_name("out.nxs")
    assert nxtool.edit(scan, {"/entry/sample/name": "IgG"}, output=out).written == out
    assert out.stat().st_mode & 0o200


@pytest.mark.parametrize("mode", ["r", "r+"])
def test_a_file_that_is_open_elsewhere_is_told(scan: Path, mode: str) -> None:
    with opened_elsewhere(scan, mode):
        with pytest.raises(OutputError) as caught:
            nxtool.edit(scan, {"/entry/sample/name": "IgG"})
        assert str(caught.value) == (
            f"{scan}: is open in another program (HDF5 lock) "
            "(close it there; -o OUT writes elsewhere)"
        )
    assert nxtool.edit(scan, {"/entry/sample/name": "IgG"}).ok


def test_a_file_that_is_being_written_is_not_copied(scan: Path) -> None:
    out = scan.with_name("out.nxs")
    with opened_elsewhere(scan, "r+"):
        with pytest.raises(OutputError) as caught:
            nxtool.edit(scan, {"/entry/sample/name": "IgG"}, output=out)
        assert str(caught.value) == f"{scan}: is being written (HDF5 lock) (wait for its end)"
    with opened_elsewhere(scan, "r"):
        assert nxtool.edit(scan, {"/entry/sample/name": "IgG"}, output=out).written == out


class opened_elsewhere:  # noqa: N801 - reads as a phrase
    """The file is open in another process during the block."""

    def __init__(self, path: Path, mode: str) -> None:
        code = (
            f"import h5py\nwith h5py.File({str(path)!r}, {mode!r}):\n"
            "    print('open', flush=True); input()"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "open\n"

    def __exit__(self, *_: object) -> None:
        self.process.communicate("\n")


def test_another_file_is_written_and_this_one_left(scan: Path) -> None:
    before, out = scan.read_bytes(), scan.with_name("out.nxs")
    assert nxtool.edit(scan, {"/entry/sample/name": "IgG"}, output=out).written == out
    assert (scan.read_bytes(), value(out, "entry/sample/name")) == (before, "IgG")
    refused = {
        out: f"{out}: exists already (--overwrite replaces it)",
        scan: f"{scan}: is the input (without -o the file itself is changed)",
    }
    for target, message in refused.items():
        with pytest.raises(OutputError) as caught:
            nxtool.edit(scan, {"/entry/sample/name": "IgM"}, output=target)
        assert str(caught.value) == message
    assert nxtool.edit(scan, {"/entry/title": "x"}, output=out, overwrite=True).written == out


def test_a_dry_run_changes_nothing(scan: Path) -> None:
    before = scan.read_bytes()
    outcome = nxtool.edit(scan, {"/entry/sample/name": "IgG"}, dry_run=True)
    assert (len(outcome.changes), outcome.ok, outcome.written) == (1, True, None)
    assert (scan.read_bytes(), list(scan.parent.iterdir())) == (before, [scan])


def test_a_setting_without_a_value_is_wrong_use() -> None:
    from nxtool.editing.request import requests_from_text

    with pytest.raises(RecipeError) as caught:
        requests_from_text(["/entry/title"], [])
    assert str(caught.value) == (
        "'/entry/title' is not a setting (write --set /entry/sample/name=x)"
    )


CRASH = """
import os, sys
import nxtool
from pathlib import Path

path = Path(sys.argv[1])
before = path.read_bytes()

def edit(**manner):
    values = {"/entry/sample/name": "a longer name", "/entry/sample/mass": "3 mg"}
    return nxtool.edit(path, values, **manner)

def dies_at(event):
    left = [event]
    def count(name, arguments):
        left[0] -= name.startswith(("open", "os.", "fcntl", "shutil"))
        if left[0] < 0:
            os._exit(9)
    child = os.fork()
    if child == 0:
        sys.addaudithook(count)
        edit()
        os._exit(0)
    return os.waitpid(child, 0)[1] != 0

edit(dry_run=True)  # definitions are read before
event, found = 0, []
while dies_at(event):
    new = path.read_bytes() != before
    if new:
        found.append(nxtool.validate(path).ok)
        path.write_bytes(before)
    else:
        found.append("old")
    event += 1
print(len(found) > 20, sorted(set(map(str, found))), nxtool.validate(path).ok)
"""


@pytest.mark.slow
def test_a_crash_at_any_moment_leaves_the_old_file_or_the_new_one(scan: Path) -> None:
    done = subprocess.run([sys.executable, "-c", CRASH, scan], capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.stderr == ""
    assert done.stdout == "True ['True', 'old'] True\n"


FULL = """
import resource, sys
import nxtool
from nxtool.errors import NxtoolError
nxtool.validate(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    nxtool.edit(sys.argv[1], {"/entry/sample/name": "a longer name"})
except NxtoolError as error:
    print(error.message)
"""


def test_a_full_disk_leaves_the_old_file(scan: Path) -> None:
    before = scan.read_bytes()
    for room in (len(before) // 2, len(before) + 100):
        done = subprocess.run([sys.executable, "-c", FULL, scan, str(room)], capture_output=True,
                              text=True, check=False)  # fmt: skip
        assert done.stderr == ""
        assert done.stdout.startswith(f"{scan}: cannot be written: ")
        assert (scan.read_bytes(), list(scan.parent.iterdir())) == (before, [scan])


def test_the_example_of_the_page_is_right(scan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(scan.parent)
    with h5py.File(scan, "r+") as file:
        file["entry/sample/description"] = "none"
    (example,) = fenced((ROOT / "docs" / "edit.md").read_text(encoding="utf-8"), "python")
    names: dict[str, Any] = {"nxtool": nxtool}
    exec(example, names)  # noqa: S102 - it is ours
    assert (told(names["outcome"]), len(names["outcome"].changes)) == ([], 3)
