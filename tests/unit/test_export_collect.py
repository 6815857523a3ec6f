"""What is read of an entry: values, units, techniques, people, and what is told of the rest."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import NxtoolError
from nxtool.export.classpath import ClassPath, Finder
from nxtool.export.collect import Wishes, gather
from nxtool.export.mapping import load_mapping
from nxtool.export.techniques import table, technique_of
from nxtool.export.values import Number, Spread
from nxtool.hdf5.opening import Hdf5File
from tests.exportfile import complete_file


def collected(path: Path, mapping: str = "default", **wishes):
    """The record of the only entry, and the notes."""
    with Hdf5File(path) as file:
        entry = file.root.child("entry")
        found = gather(entry, path, load_mapping(mapping), Wishes(**wishes))
        if found.missing:
            raise found.error()
        return found.record, found.notes


def own(tmp_path: Path, text: str) -> str:
    path = tmp_path / "own.yaml"
    path.write_text(f"nxtool_mapping: 1\nextends: default\n{text}", encoding="utf-8")
    return str(path)


def told(notes, code):
    return [item.path for item in notes if item.code == code]


@pytest.fixture
def parameters(tmp_path):
    """The parameters of a file with some changes, by name."""

    def read(changes=None, mapping="default"):
        record, notes = collected(complete_file(tmp_path / "a.nxs", changes), mapping)
        return {one.name: one for one in record.parameters}, notes

    return read


def test_complete_file_fills_everything(tmp_path):
    record, notes = collected(complete_file(tmp_path / "a.nxs"))
    texts = {target: value.text for target, value in record.values.items()}
    assert texts == {
        "dataset.name": "scan_0001",
        "dataset.description": "Micelles in water, 5 %",
        "dataset.startDate": "2026-01-05T10:00:00+01:00",
        "dataset.endDate": "2026-01-05T11:00:00+01:00",
        "dataset.type": "raw",
        "investigation.name": "241-001-ST",
        "investigation.visitId": "1.1-P",
        "investigation.title": "Micelles in water, 5 %",
        "investigation.summary": "How micelles grow",
        "investigation.type": "experiment",
        "instrument.name": "MYSPOT",
        "instrument.fullName": "mySpot beamline",
        "instrument.pid": "10.5442/NI000001",
        "facility.name": "BESSY",
        "facility.fullName": "Berlin Storage Ring",
        "sample.name": "SDS 5 %",
        "sampleType.name": "C12 H25 Na O4 S",
        "sampleType.molecularFormula": "C12 H25 Na O4 S",
        "datafileFormat.version": "v2026.01",
        "technique.definition": "NXsas",
        "technique.probe": "x-ray",
        "software.name": "Bluesky",
        "software.version": "1.15",
    }
    assert [technique.number for technique in record.techniques] == ["01188"]
    (person,) = record.people
    assert (person.name, person.orcid, person.account) == (
        "Ada Lovelace", "0000-0002-1825-0097", "simple/ada",
    )  # fmt: skip
    assert {item.severity for item in notes} == {"info"}
    assert record.values["dataset.name"].path == "/entry/entry_identifier"


def test_numbers_are_converted_and_told(parameters):
    found, notes = parameters()
    assert found["beam/energy"].value == Number(12.4, "keV")
    assert found["sample/temperature"].value == Number(293.15, "K")
    assert found["detector/distance"].value == Number(2500.0, "mm")
    assert set(told(notes, "X20")) == {
        "/entry/instrument/beam/incident_energy",
        "/entry/instrument/detector/distance",
        "/entry/sample/temperature",
    }


def test_array_becomes_mean_and_range(parameters):
    found, notes = parameters()
    number = found["detector/count_time"].value
    assert (number.value, number.low, number.high, number.count) == (2.0, 1.0, 4.0, 3)
    assert number.deviation == pytest.approx(np.std([1.0, 1.0, 4.0]))
    assert "/entry/instrument/detector/count_time" in told(notes, "X21")


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (np.float32(12.4), 12.4),
        (np.array([0.1], dtype=">f4"), 0.1),
        (np.full((2, 3), 6.04, dtype="f4"), 6.04),
        (np.float16(0.1), 0.1),
        (np.float64(np.float32(12.4)), 12.399999618530273),
        (np.full(2, 2**64 - 1, dtype="u8"), 2.0**64),
    ],
)
def test_short_floats_get_no_digits_that_nobody_measured(parameters, value, kept):
    change = {"entry/sample/temperature": value, "entry/sample/temperature@units": "K"}
    found, _ = parameters(change)
    assert found["sample/temperature"].value == Number(kept, "K")


def test_short_floats_are_texts_without_digits_that_nobody_measured(tmp_path):
    path = complete_file(tmp_path / "a.nxs", {"entry/sample/name": np.float32(12.4)})
    record, _ = collected(path)
    assert record.text("sample.name") == "12.4"


def test_log_is_found_by_its_class_and_summarised(parameters):
    found, _ = parameters()
    number = found["sample/magnetic_field"].value
    assert (number.value, number.low, number.high, number.units) == (1.0, 0.0, 2.0, "T")


def test_statistics_of_a_log_count_more_than_its_values(parameters):
    place = "entry/sample/magnetic_field_log"
    statistics = {
        f"{place}/{name}": value
        for name, value in (("average_value", 5.0), ("minimum_value", 4.0), ("maximum_value", 6.0))
    }
    found, _ = parameters({**statistics, f"{place}/average_value@units": "T"})
    number = found["sample/magnetic_field"].value
    assert (number.value, number.low, number.high) == (5.0, 4.0, 6.0)


WRONG = {
    "no units": ({"entry/sample/temperature@units": None}, "X05"),
    "other units": ({"entry/sample/temperature@units": "mm"}, "X06"),
    "units that are none": ({"entry/sample/temperature@units": "warm"}, "X06"),
    "text": ({"entry/sample/temperature": "warm", "entry/sample/temperature@units": None}, "X07"),
    "not finite": ({"entry/sample/temperature": float("nan")}, "X08"),
    "empty": ({"entry/sample/temperature": np.empty(0)}, "X08"),
    "all not finite": ({"entry/sample/temperature": [np.nan, np.inf]}, "X08"),
}


@pytest.mark.parametrize("name", WRONG)
def test_parameter_that_cannot_be_taken_is_told_with_its_path(parameters, name):
    changes, code = WRONG[name]
    found, notes = parameters(changes)
    assert "sample/temperature" not in found
    assert told(notes, code) == ["/entry/sample/temperature"]


def test_array_that_is_too_large_is_not_read(parameters, monkeypatch):
    monkeypatch.setattr("nxtool.export.values.MAX_BYTES", 16)
    found, notes = parameters()
    assert "detector/count_time" not in found
    assert "/entry/instrument/detector/count_time" in told(notes, "X15")


def test_second_detector_is_told_where_one_is_taken(parameters):
    found, notes = parameters({
        "entry/instrument/zweiter@NX_class": "NXdetector",
        "entry/instrument/zweiter/distance": 9.0,
        "entry/instrument/zweiter/distance@units": "m",
    })  # fmt: skip
    assert found["detector/distance"].path == "/entry/instrument/detector/distance"
    assert told(notes, "X22") == ["/entry/instrument/zweiter/distance"]


def test_name_with_a_class_takes_every_group(tmp_path, parameters):
    text = (
        'parameters: {"{NXdetector}/distance": {from: NXinstrument/NXdetector/distance, unit: m}}'
    )
    found, _ = parameters({
        "entry/instrument/zweiter@NX_class": "NXdetector",
        "entry/instrument/zweiter/distance": 9.0,
        "entry/instrument/zweiter/distance@units": "m",
    }, own(tmp_path, text))  # fmt: skip
    assert found["detector/distance"].value == Number(2.5, "m")
    assert found["zweiter/distance"].value == Number(9.0, "m")


def test_date_without_zone_is_refused_unless_one_is_given(tmp_path):
    path = complete_file(tmp_path / "a.nxs", {"entry/start_time": "2026-07-05T10:00:00"})
    record, notes = collected(path)
    assert "dataset.startDate" not in record.values
    assert [(item.code, item.severity) for item in notes if "startDate" in item.message] == [
        ("X03", "error")
    ]
    record, notes = collected(path, timezone="Europe/Berlin")
    assert record.text("dataset.startDate") == "2026-07-05T10:00:00+02:00"
    assert "/entry/start_time" in told(notes, "X20")


@pytest.mark.parametrize("text", ["yesterday", "2026-13-05T10:00:00Z", "2026-01-05"])
def test_what_is_no_date_is_left_out(tmp_path, text):
    path = complete_file(tmp_path / "a.nxs", {"entry/start_time": text})
    record, notes = collected(path, timezone="UTC")
    assert "dataset.startDate" not in record.values
    assert told(notes, "X04") == ["/entry/start_time"]


def test_text_that_is_too_long_is_refused_or_cut(tmp_path):
    path = complete_file(tmp_path / "a.nxs", {"entry/entry_identifier": "x" * 300})
    record, notes = collected(path)
    assert told(notes, "X01") == ["/entry/entry_identifier"]
    record, notes = collected(path, truncate=True)
    assert record.text("dataset.name") == "x" * 254 + "…"
    assert told(notes, "X02") == ["/entry/entry_identifier"]


def test_limit_of_a_text_is_exactly_its_length(tmp_path):
    path = complete_file(tmp_path / "a.nxs", {"entry/entry_identifier": "x" * 255})
    record, notes = collected(path)
    assert (len(record.text("dataset.name")), told(notes, "X01")) == (255, [])


def test_all_that_is_missing_is_told_at_once(tmp_path):
    changes = {"entry/sample/chemical_formula": None, "entry/experiment_identifier": None}
    path = complete_file(tmp_path / "a.nxs", changes)
    with pytest.raises(NxtoolError) as caught:
        collected(path, "desy")
    text = str(caught.value)
    assert "investigation.name (looked for at experiment_identifier)" in text
    assert "sampleType.molecularFormula (looked for at NXsample/chemical_formula)" in text
    assert f"{path}:/entry" in text


def test_given_values_win_and_fill_gaps(tmp_path):
    path = complete_file(tmp_path / "a.nxs", {"entry/experiment_identifier": None})
    given = {"investigation.name": "mx1", "sample.name": "other", "facility.url": "https://x"}
    record, _ = collected(path, "desy", given=given)
    assert [record.text(target) for target in given] == list(given.values())


def test_user_without_a_name_and_wrong_orcid_are_told(tmp_path):
    changes = {
        "entry/user/ORCID": "0000-0002-1825-0098",
        "entry/nobody@NX_class": "NXuser",
        "entry/nobody/role": "staff",
    }
    record, notes = collected(complete_file(tmp_path / "a.nxs", changes))
    assert [(person.name, person.orcid) for person in record.people] == [("Ada Lovelace", "")]
    assert told(notes, "X10") == ["/entry/user/ORCID"]
    assert told(notes, "X11") == ["/entry/nobody"]


def test_definition_without_a_technique_is_told(tmp_path):
    record, notes = collected(complete_file(tmp_path / "a.nxs", {"entry/definition": "NXtas"}))
    assert record.techniques == ()
    assert told(notes, "X09") == ["/entry/definition"]


def test_definition_that_is_given_decides_the_technique(tmp_path):
    path = complete_file(tmp_path / "a.nxs", {"entry/definition": "NXtas"})
    given = {"technique.definition": "NXmonopd", "technique.probe": "neutron"}
    record, notes = collected(path, given=given)
    assert [technique.number for technique in record.techniques] == ["01100"]
    assert told(notes, "X09") == []


def test_what_is_told_of_the_probe_is_told_once(tmp_path):
    changes = {
        "entry/instrument/zweite@NX_class": "NXsource",
        "entry/instrument/zweite/probe": "neutron",
    }
    _, notes = collected(complete_file(tmp_path / "a.nxs", changes))
    assert [one.message for one in notes if "technique.probe" in one.message] == [
        "not used for technique.probe: /entry/instrument/source/probe is"
    ]


def test_subentries_bring_techniques_of_their_own(tmp_path):
    changes = {
        "entry/fluorescence@NX_class": "NXsubentry",
        "entry/fluorescence/definition": "NXfluo",
        "entry/again@NX_class": "NXsubentry",
        "entry/again/definition": "NXcanSAS",
    }
    record, _ = collected(complete_file(tmp_path / "a.nxs", changes))
    assert [technique.number for technique in record.techniques] == ["01188", "01095"]


@pytest.mark.parametrize(
    ("definition", "probe", "number"),
    [
        ("NXsas", "neutron", "01189"),
        ("NXsas", "Reactor Neutron Source", "01189"),
        ("NXsas", "Synchrotron X-ray Source", "01188"),
        ("NXsas", "", "01124"),
        ("NXmonopd", "xray", "01101"),
        ("NXmx", "neutron", "01164"),
    ],
)
def test_probe_decides_between_techniques(definition, probe, number):
    assert technique_of(definition, probe).number == number


def test_techniques_are_those_of_the_ontology():
    scitacean = pytest.importorskip("scitacean.ontology", reason="needs Python 3.11")
    labels = scitacean.expands_techniques()
    terms = [term for terms in table().values() for term in terms.values()]
    assert len(table()) >= 25
    assert [term for term in terms if labels[term.iri][0] != term.name] == []


def test_definitions_of_the_table_exist():
    from nxtool.config import schema_for

    catalogue = schema_for(()).catalogue
    older = {"NXptycho", "NXxes", "NXrixs"}
    assert {name for name in table() if name not in catalogue} <= older


def test_every_space_of_a_path_counts(tmp_path):
    folder = tmp_path / "run  1"
    folder.mkdir()
    path = complete_file(folder / "a.nxs", {"entry/title": "two  spaces"})
    mapping = own(tmp_path, "values:\n  dataset.location: {from: file:folder}\n")
    record, _ = collected(path, mapping)
    assert record.text("dataset.location") == str(folder)
    assert record.text("dataset.description") == "two spaces"
    record, _ = collected(path, given={"dataset.location": "/data/run  2"})
    assert record.text("dataset.location") == "/data/run  2"


def test_control_characters_do_not_reach_the_catalogue(tmp_path):
    path = complete_file(tmp_path / "a.nxs", {"entry/title": "a\x07b\nsecond line\x1b[31m"})
    record, _ = collected(path)
    assert record.text("dataset.description") == "a b"


def test_bytes_that_are_no_utf8_do_not_crash(tmp_path):
    path = complete_file(tmp_path / "a.nxs", {"entry/title": np.bytes_(b"caf\xe9")})
    record, _ = collected(path)
    assert record.text("dataset.description") == "caf?"


def test_cycles_of_links_and_dangling_links_are_no_trouble(tmp_path):
    path = complete_file(tmp_path / "a.nxs")
    with h5py.File(path, "a") as file:
        file["entry/sample/again"] = file["entry"]
        file["entry/sample/away"] = h5py.SoftLink("/nothing")
        file["entry/instrument/gone"] = h5py.ExternalLink("gone.h5", "/x")
    record, _ = collected(path)
    assert record.text("sample.name") == "SDS 5 %"


def test_path_does_not_follow_circles_of_links_for_ever(tmp_path, monkeypatch):
    path = complete_file(tmp_path / "a.nxs")
    with h5py.File(path, "a") as file:
        for name in ("one", "two"):
            file[f"entry/sample/{name}"] = file["entry/sample"]
    monkeypatch.setattr("nxtool.export.classpath.MAX_VISITS", 1000)
    with Hdf5File(path) as file:
        finder = Finder(file.root.child("entry"))
        around = "/".join(["NXsample", *["NXsample"] * 18, "nothing"])
        assert list(finder.matches(ClassPath.of(around))) == []
    with pytest.raises(ValueError, match=r"a/a/a"):
        ClassPath.of("/".join("a" * 21))


@given(st.lists(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=9), min_size=1, max_size=5))
def test_spread_in_parts_is_that_of_the_whole(parts):
    spread, whole = Spread(), np.concatenate([np.array(part) for part in parts])
    for part in parts:
        spread.add_array(np.array(part))
    assert spread.count == whole.size
    assert (spread.low, spread.high) == (whole.min(), whole.max())
    assert spread.mean == pytest.approx(whole.mean(), abs=1e-6)
    assert (spread.squares / spread.count) ** 0.5 == pytest.approx(whole.std(), abs=1e-3)


@pytest.mark.parametrize("text", ["", "a//b", "/a", "a/", "a@", "@"])
def test_what_is_no_path_is_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        ClassPath.of(text)


def test_path_reads_as_it_is_written():
    for text in ("NXsource/name@short_name", "title", "NXinstrument/identifier*", "@default"):
        assert str(ClassPath.of(text)) == text


@pytest.mark.parametrize(
    ("values", "units"),
    [([1e308, 1e308, 1.2e308], "K"), ([-1e308, 1e308], "K"), (1e307, "GK"),
     (np.array([1, "1e4000", "1e4001"], dtype=np.longdouble), "nonsense")],
)  # fmt: skip
def test_numbers_too_large_for_a_mean_or_another_unit_are_left_out(parameters, values, units):
    place = "entry/sample/temperature"
    found, notes = parameters({place: values, f"{place}@units": units})
    assert "sample/temperature" not in found
    assert told(notes, "X08") + told(notes, "X06") == [f"/{place}"]


def test_ends_of_a_log_in_other_units_than_its_mean_are_not_taken(parameters):
    place = "entry/sample/magnetic_field_log"
    found, _ = parameters({
        f"{place}/average_value": 1.0, f"{place}/average_value@units": "T",
        f"{place}/minimum_value": 500.0, f"{place}/minimum_value@units": "mT",
    })  # fmt: skip
    number = found["sample/magnetic_field"].value
    assert (number.value, number.low) == (1.0, None)


def test_leap_second_is_told_and_not_a_fault_of_the_program(tmp_path):
    path = complete_file(tmp_path / "a.nxs", {"entry/start_time": "2016-12-31T23:59:60Z"})
    record, notes = collected(path)
    assert "dataset.startDate" not in record.values
    assert told(notes, "X04") == ["/entry/start_time"]


def test_given_values_are_checked_like_those_of_the_file(tmp_path):
    path = complete_file(tmp_path / "a.nxs")
    record, _ = collected(path, given={"sample.name": "a\x01b\nc", "facility.url": "x\x02"})
    assert [record.text(one) for one in ("sample.name", "facility.url")] == ["a b c", "x"]
    _, notes = collected(path, given={"investigation.doi": "1" * 300})
    assert [item.code for item in notes if item.severity == "error"] == ["X01"]


def test_value_given_as_empty_takes_it_away(tmp_path):
    path = complete_file(tmp_path / "a.nxs")
    record, _ = collected(path, given={"sample.name": "", "facility.url": ""})
    assert not {"sample.name", "facility.url"} & set(record.values)
    with pytest.raises(NxtoolError, match=r"dataset\.name \(given as empty\) is missing"):
        collected(path, given={"dataset.name": " "})


def test_defaults_are_checked_like_values(tmp_path):
    mapping = own(tmp_path, "values: {dataset.startDate: {from: a, default: yesterday}}\n")
    record, notes = collected(complete_file(tmp_path / "a.nxs"), mapping)
    assert "dataset.startDate" not in record.values
    assert told(notes, "X04") == ["/entry"]


def test_parameter_that_is_required_must_be_there(tmp_path):
    mapping = own(tmp_path, "parameters: {a/b: {from: a, unit: K, required: true}}\n")
    with pytest.raises(NxtoolError, match=r"a/b \(looked for at a\) is missing") as caught:
        collected(complete_file(tmp_path / "a.nxs"), mapping)
    assert "`default` in the mapping" in caught.value.hint


def test_parameters_have_defaults_and_may_be_made_of_the_place_of_the_file(tmp_path):
    mapping = own(
        tmp_path,
        """parameters:
  a: {from: none, unit: K, default: "3"}
  b: {from: "file:stem", type: text}
  c: {default: hello, type: text}
""",
    )
    record, _ = collected(complete_file(tmp_path / "scan.nxs"), mapping)
    found = {one.name: one.value for one in record.parameters}
    assert found["a"] == Number(3.0, "K")
    assert (found["b"], found["c"]) == ("scan", "hello")


def test_name_made_of_a_group_is_no_longer_than_allowed(tmp_path):
    mapping = own(
        tmp_path, 'parameters: {"{NXdetector}/d": {from: NXinstrument/NXdetector/d, unit: m}}\n'
    )
    path = complete_file(tmp_path / "a.nxs")
    with h5py.File(path, "a") as file:
        for name in ("x" * 300, "a\x01b"):
            group = file.create_group(f"entry/instrument/{name}")
            group.attrs["NX_class"] = "NXdetector"
            group["d"] = 1.0
            group["d"].attrs["units"] = "m"
    record, notes = collected(path, mapping)
    assert "a b/d" in {one.name for one in record.parameters}
    assert told(notes, "X01") == [f"/entry/instrument/{'x' * 300}/d"]


def test_names_of_people_are_no_longer_than_icat_takes(tmp_path):
    path = complete_file(tmp_path / "a.nxs", {"entry/user/name": "n" * 300})
    assert told(collected(path)[1], "X01") == ["/entry/user/name"]
    assert len(collected(path, truncate=True)[0].people[0].name) == 255
