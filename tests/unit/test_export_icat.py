"""ICAT's formats: what stands in them, that the official schemas take them, in all releases."""

from __future__ import annotations

import runpy
import tracemalloc
from functools import cache
from pathlib import Path
from typing import Any

import h5py
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

import nxtool
from nxtool.errors import NxtoolError
from nxtool.export.icatthings import Thing, quoted
from nxtool.icatlint.judge import lint
from tests.exportfile import complete_file
from tests.icat.official import DUMP_VERSIONS, NotThere, dump_schema, ingest_schema


@cache
def schema(find: Any, version: str) -> etree.XMLSchema:
    try:
        return etree.XMLSchema(etree.parse(str(find(version))))
    except NotThere as reason:
        pytest.skip(str(reason))


def root_of(text: str) -> etree._Element:
    return etree.fromstring(text.encode())


@pytest.fixture
def complete(tmp_path: Path) -> Path:
    return complete_file(tmp_path / "scan.nxs")


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("per", ["file", "entry", "folder"])
def test_ingest_file_is_what_the_schema_asks_for(complete, tmp_path, version, per):
    complete_file(tmp_path / "b.nxs", {"entry/entry_identifier": "b"})
    with nxtool.export.icat(tmp_path, ingest_version=version, dataset_per=per) as made:
        schema(ingest_schema, version).assertValid(root_of(made.text))
        assert made.report.ok


@pytest.mark.parametrize("version", DUMP_VERSIONS)
@pytest.mark.parametrize("static", [False, True])
@pytest.mark.parametrize("per", ["file", "entry", "folder"])
def test_dump_file_is_what_the_schema_of_each_release_asks_for(
    complete, tmp_path, version, static, per
):
    complete_file(tmp_path / "b.nxs", {"entry/entry_identifier": "b"})
    options = {"icat_version": version, "with_static": static, "dataset_per": per}
    with nxtool.export.icat(tmp_path, format="icatdata", **options) as made:
        schema(dump_schema, version).assertValid(root_of(made.text))


def test_ingest_file_says_what_the_file_says(complete):
    with nxtool.export.icat(complete) as made:
        data = root_of(made.text).find("data")
    dataset = data.find("dataset")
    assert {child.tag: child.text for child in dataset if child.text} == {
        "name": "scan_0001",
        "description": "Micelles in water, 5 %",
        "startDate": "2026-01-05T10:00:00+01:00",
        "endDate": "2026-01-05T11:00:00+01:00",
    }
    assert dict(dataset.find("sample").attrib) == {"name": "SDS 5 %"}
    assert dict(data.find("datasetTechnique/technique").attrib) == {"pid": "PaNET:PaNET01188"}
    assert dict(data.find("datasetInstrument/instrument").attrib) == {"pid": "10.5442/NI000001"}
    found = {
        one.find("type").get("name"): (one.find("type").get("units"), one)
        for one in data.iter("datasetParameter")
    }
    units, temperature = found["sample/temperature"]
    assert (units, temperature.findtext("numericValue")) == ("K", "293.15")
    units, time = found["detector/count_time"]
    values = [time.findtext(name) for name in ("numericValue", "rangeBottom", "rangeTop")]
    assert (units, values) == ("s", ["2.0", "1.0", "4.0"])
    assert found["source/probe"][0] == "N/A"
    assert {one.find("dataset").get("ref") for _, one in found.values()} == {dataset.get("id")}


def test_elements_are_flat_so_that_a_second_ingest_can_compare(complete):
    with nxtool.export.icat(complete, format="icatdata", with_static=True) as made:
        nested = [one.tag for one in root_of(made.text).find("data").iterfind("*/*/*")]
    assert nested == []


def test_old_release_gets_technique_and_instrument_as_parameters(complete):
    with nxtool.export.icat(complete, format="icatdata", icat_version="4.10") as made:
        data = root_of(made.text).find("data")
        told = [item.message for item in made.report if item.code == "X11"]
    texts = {
        one.find("type").get("name"): one.findtext("stringValue")
        for one in data.iter("datasetParameter")
    }
    assert texts["technique"] == "small angle x-ray scattering"
    assert texts["instrument"] == "mySpot beamline"
    assert data.find("datasetTechnique") is None
    assert [text for text in told if "links no technique" in text]


def test_static_objects_are_made_once_for_many_datasets(complete, tmp_path):
    complete_file(tmp_path / "b.nxs", {"entry/entry_identifier": "b"})
    with nxtool.export.icat(tmp_path, format="icatdata", with_static=True) as made:
        tags = [one.tag for data in root_of(made.text).iter("data") for one in data]
    assert {tag: tags.count(tag) for tag in ("facility", "sample", "user", "dataset")} == {
        "facility": 1, "sample": 1, "user": 1, "dataset": 2,
    }  # fmt: skip


def test_yaml_says_the_same_as_xml(complete):
    options = {"with_static": True, "icat_version": "6.2"}
    with nxtool.export.icat(complete, format="icatdata", **options) as made:
        data = root_of(made.text).find("data")
    with nxtool.export.icat(complete, format="icatdata-yaml", **options) as made:
        (chunk,) = yaml.safe_load_all(made.text)
    tags = [one.tag for one in data]
    assert {entity: len(objects) for entity, objects in chunk.items()} == {
        tag: tags.count(tag) for tag in tags
    }
    (dataset,) = chunk["dataset"].values()
    names = {one.tag for one in data.find("dataset")}
    assert set(dataset) == names
    assert dataset["fileCount"] == 1
    assert dataset["sample"] in chunk["sample"]


def test_unique_key_is_written_as_python_icat_does():
    facility = Thing("facility", {"name": "ESNF"})
    related = {"facility": facility}
    investigation = Thing("investigation", {"name": "08100122-EF", "visitId": "1.1-P"}, related)
    dataset = Thing("dataset", {"name": "e201215"}, {"investigation": investigation})
    assert dataset.key == (
        "Dataset_investigation-(facility-(name-ESNF)_name-08100122=2DEF_visitId-1=2E1=2DP)"
        "_name-e201215"
    )


@given(st.text())
def test_quoted_text_of_a_key_is_that_of_python_icat(text):
    helper = pytest.importorskip("icat.helper")
    assert quoted(text) == helper.simpleqp_quote(text)
    assert helper.simpleqp_unquote(quoted(text)) == text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    st.dictionaries(
        st.sampled_from(
            ["entry/title", "entry/sample/name", "entry/sample/description", "entry/user/name",
             "entry/program_name", "entry/instrument/name", "entry/entry_identifier"]
        ),
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=300),
    )
)  # fmt: skip
def test_whatever_the_texts_are_the_schema_takes_it(tmp_path, changes):
    path = complete_file(tmp_path / "any.nxs", changes)
    options = {"with_static": True, "icat_version": "6.2", "truncate": True}
    values = {"investigation.name": "x", "facility.name": "F"}
    with nxtool.export.icat(path, format="icatdata", values=values, **options) as made:
        schema(dump_schema, "6.2").assertValid(root_of(made.text))
        assert faults(made, tmp_path / "dump.xml") == []
    with nxtool.export.icat(path, truncate=True) as made:
        schema(ingest_schema, "1.1").assertValid(root_of(made.text))
        if made.report.ok:
            assert faults(made, tmp_path / "ingest.xml") == []


def faults(made: Any, path: Path) -> list[str]:
    """What our own lint says of an export."""
    made.write(path, overwrite=True)
    return [item.message for item in lint(path).at_least("warning")]


def test_quote_in_a_reference_is_refused_because_the_client_cannot_look_it_up(tmp_path):
    path = complete_file(tmp_path / "a.nxs", {"entry/sample/name": "O'Hara"})
    with nxtool.export.icat(path) as made:
        assert [item.path for item in made.report if item.code == "X16"] == ["/entry/sample/name"]
    with nxtool.export.icat(path, format="icatdata") as made:
        assert made.report.ok


def test_investigation_must_be_known(tmp_path):
    path = complete_file(tmp_path / "a.nxs", {"entry/experiment_identifier": None})
    with pytest.raises(NxtoolError, match=r"investigation\.name is missing"):
        nxtool.export.icat(path, format="icatdata")


def test_file_is_written_whole_or_not_at_all(complete, tmp_path):
    target = tmp_path / "out.xml"
    with nxtool.export.icat(complete) as made:
        made.write(target)
        with pytest.raises(NxtoolError, match="exists"):
            made.write(target)
        made.write(target, overwrite=True)
        assert target.read_text() == made.text
        with pytest.raises(NxtoolError, match="no such folder"):
            made.write(tmp_path / "gone" / "out.xml")
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".nxs"] == ["out.xml"]


def test_format_without_a_place_tells_what_is_lost(tmp_path):
    path = complete_file(tmp_path / "a.nxs", {"entry/identifier_doi": "10.5442/X"})
    with nxtool.export.icat(path, ingest_version="1.0") as made:
        told = {item.path for item in made.report if item.code == "X11"}
    assert told == {"/entry/identifier_doi", "/entry/sample/name"}


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_files(tmp_path):
    paths = []
    for number in range(24):
        paths.append(tmp_path / f"{number}.nxs")
        complete_file(paths[-1], {"entry/entry_identifier": f"scan {number}"})

    def peak(count: int) -> int:
        tracemalloc.start()
        with nxtool.export.icat(paths[:count], format="icatdata", with_static=True) as made:
            made.write(tmp_path / "out.xml", overwrite=True)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(2)
    assert peak(24) < peak(4) + 20 * 20_000  # notes and names are kept, data sets are not


def test_real_nxmx_file_has_the_mandatory_fields_of_desy_and_esrf(corpus):
    path = corpus / "nexus" / "Therm_6_2.nxs"
    given = {
        "investigation.name": "nt21004", "instrument.name": "i03", "instrument.fullName": "I03",
        "sampleType.molecularFormula": "unknown",
    }  # fmt: skip
    options = {"values": given, "timezone": "Europe/London"}
    with nxtool.export.icat(path, "desy", format="icatdata", with_static=True, **options) as made:
        schema(dump_schema, "5.0").assertValid(root_of(made.text))
        assert made.report.ok
    with nxtool.export.icat(path, format="esrf", **options) as made:
        assert made.report.ok
        assert "<tns:startDate>2019-02-14T14:25:57+00:00</tns:startDate>" in made.text


def test_every_real_file_gives_valid_xml_or_a_clear_error(corpus):
    judge, refused = schema(ingest_schema, "1.1"), []
    for path in sorted((corpus / "nexus").rglob("*.*")):
        if not path.is_file():
            continue
        try:
            options = {"dataset_per": "entry", "timezone": "UTC", "truncate": True}
            with nxtool.export.icat(path, **options) as made:
                judge.assertValid(root_of(made.text))
        except NxtoolError as error:
            refused.append((path, str(error)))
    assert len(refused) < 8
    assert [text for path, text in refused if str(path) not in text] == []


def test_names_of_the_esrf_are_found_by_class_and_converted(complete, tmp_path):
    pytest.importorskip("icat_esrf_definitions")
    with nxtool.export.icat(complete, format="esrf") as made:
        root = root_of(made.text)
    space = {"tns": "http://www.esrf.fr/icat"}
    found = {
        one.findtext("tns:name", namespaces=space): one.findtext("tns:value", namespaces=space)
        for one in root.iterfind("tns:parameter", space)
    }
    assert found["InstrumentBeam_incident_energy"] == "12.4"
    assert found["Sample_name"] == "SDS 5 %"
    assert found["definition"] == "SAXS"
    assert found["technique_pid"] == "https://w3id.org/PaN/ESRFET#SAXS"
    assert root.findtext("tns:name", namespaces=space) == "Micelles in water, 5 %"
    assert root.findtext("tns:location", namespaces=space) == str(tmp_path)


def test_file_for_the_esrf_holds_one_dataset(complete, tmp_path):
    pytest.importorskip("icat_esrf_definitions")
    complete_file(tmp_path / "b.nxs", {"entry/entry_identifier": "b"})
    with pytest.raises(NxtoolError, match="holds one dataset"):
        nxtool.export.icat(tmp_path, format="esrf")
    with nxtool.export.icat(tmp_path, format="esrf", dataset_per="folder") as made:
        assert made.report.ok


def test_mandatory_names_of_the_esrf_are_all_mapped():
    definitions = pytest.importorskip("icat_esrf_definitions")
    from nxtool.export.esrf import _OF_DATASET

    root = etree.parse(str(Path(definitions.__file__).with_name("hdf5_cfg.xml"))).getroot()
    mandatory = {one.text[2:-1] for one in root.iter() if one.get("ESRF_mandatory")}
    assert len(mandatory) == 6
    assert mandatory <= set(_OF_DATASET)


def test_input_is_never_changed(complete):
    before = complete.read_bytes()
    with nxtool.export.icat(complete, format="icatdata", with_static=True, checksums=True):
        pass
    assert complete.read_bytes() == before
    with h5py.File(complete) as file:
        assert file["entry/title"][()] == b"Micelles in water, 5 %"


def test_page_about_exports_has_the_codes_of_the_table():
    root = Path(__file__).parents[2]
    script = runpy.run_path(str(root / "docs" / "make_rules.py"))
    page = (root / "docs" / "icat.md").read_text(encoding="utf-8")
    assert page == script["export_page"](page), "run `make rules`"


@pytest.mark.parametrize("form", ["icatingest", "icatdata"])
def test_dataset_without_a_name_is_refused(complete, tmp_path, form):
    own = tmp_path / "own.yaml"
    own.write_text("nxtool_mapping: 1\nextends: default\nvalues: {dataset.name: null}\n")
    with pytest.raises(NxtoolError, match=r"dataset\.name is missing"):
        nxtool.export.icat(complete, str(own), format=form)


def test_people_of_other_letters_stay_apart(tmp_path):
    changes = {
        "entry/user/facility_user_id": None, "entry/user/name": "李雷",
        "entry/second@NX_class": "NXuser", "entry/second/name": "韩梅梅",
    }  # fmt: skip
    path = complete_file(tmp_path / "a.nxs", changes)
    with nxtool.export.icat(path, format="icatdata", with_static=True) as made:
        root = root_of(made.text)
    assert {one.text for one in root.iterfind(".//user/name")} == {"李雷", "韩梅梅"}


def test_files_of_one_name_are_told_apart(tmp_path):
    path = complete_file(tmp_path / "a.nxs")
    with h5py.File(path, "a") as file:
        for place in ("d1/data.h5", "d2/data.h5"):
            (tmp_path / place).parent.mkdir()
            (tmp_path / place).touch()
            file[f"entry/{place[:2]}"] = h5py.ExternalLink(place, "/x")
    with nxtool.export.icat(path, format="icatdata") as made:
        root = root_of(made.text)
    names = [one.text for one in root.iterfind(".//datafile/name")]
    assert names == ["a.nxs", "d1/data.h5", "d2/data.h5"]
    assert root.findtext(".//dataset/fileCount") == "3"


@pytest.mark.parametrize("name", ["a\x01b.nxs", "a\nb.nxs", "a\udcff.nxs"])
def test_file_whose_name_xml_cannot_hold_is_told(tmp_path, name):
    path = complete_file(tmp_path / "a.nxs").rename(tmp_path / name)
    with nxtool.export.icat(path, format="icatdata") as made:
        assert root_of(made.text).find(".//datafile") is None
        assert "X14" in {item.code for item in made.report}


def test_instrument_of_which_only_the_identifier_is_known_is_named_by_it(tmp_path):
    path = complete_file(tmp_path / "a.nxs", {
        "entry/instrument/name": None, "entry/instrument/name@short_name": None,
    })  # fmt: skip
    with nxtool.export.icat(path, format="icatdata", with_static=True) as made:
        root = root_of(made.text)
    assert schema(dump_schema, "5.0").validate(root)
    assert root.findtext(".//instrument/name") == "10.5442/NI000001"
