"""RO-Crate: what stands in the metadata, and that rocrate reads all of it back."""

from __future__ import annotations

import json
import os
import re
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import h5py
import pytest
from rocrate.rocrate import ROCrate

import nxtool
from nxtool.export.crate import flattened
from tests.exportfile import complete_file
from tests.linkednodes import described, empties, references

LICENSE = {"entry/license": "CC BY 4.0"}
NAME = "ro-crate-metadata.json"


@pytest.fixture
def complete(tmp_path: Path) -> Path:
    return complete_file(tmp_path / "scan.nxs", LICENSE)


def document(files: Any, **options: Any) -> dict[str, Any]:
    with nxtool.export.rocrate(files, **options) as made:
        return json.loads(made.text)


def entities(made: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = {one["@id"]: one for one in made["@graph"]}
    assert len(found) == len(made["@graph"]), "an entity stands there twice"
    return found


def of_type(made: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [one for one in made["@graph"] if one["@type"] == name]


def crate(folder: Path, files: Any, **options: Any) -> ROCrate:
    """The crate as rocrate reads it from the folder."""
    with nxtool.export.rocrate(files, **options) as made:
        made.write(folder / NAME)
    return ROCrate(folder)


def test_rocrate_reads_every_entity_back(complete, tmp_path):
    read = crate(tmp_path, complete, checksums=True)
    written = entities(json.loads((tmp_path / NAME).read_text()))
    assert {entity.id for entity in read.get_entities()} == set(written)
    assert {entity.id: entity.type for entity in read.get_entities()} == {
        known: one["@type"] for known, one in written.items()
    }
    assert (read.version, read.name) == ("1.2", "Micelles in water, 5 %")


def test_rocrate_finds_the_file_and_its_properties(complete, tmp_path):
    read = crate(tmp_path, complete, checksums=True)
    (file,) = read.data_entities
    assert Path(file.source) == complete
    assert (file["contentSize"], file["encodingFormat"], file["sha256"]) == (
        str(complete.stat().st_size),
        "application/x-hdf5",
        sha256(complete.read_bytes()).hexdigest(),
    )


def test_the_measurement_leads_from_people_and_instrument_to_the_file(complete, tmp_path):
    read = crate(tmp_path, complete)
    (action,) = read.root_dataset["mentions"]
    assert (action.type, action["startTime"], action["endTime"]) == (
        "CreateAction",
        "2026-01-05T10:00:00+01:00",
        "2026-01-05T11:00:00+01:00",
    )
    (agent,) = action["agent"]
    assert (agent.id, agent["name"]) == ("https://orcid.org/0000-0002-1825-0097", "Ada Lovelace")
    instrument, program = action["instrument"]
    assert (instrument.id, instrument.type, program["softwareVersion"]) == (
        "https://doi.org/10.5442/NI000001",
        "IndividualProduct",
        "1.15",
    )
    assert (action["object"]["name"], action["result"][0].id) == ("SDS 5 %", "scan.nxs")


def test_what_the_specification_asks_of_the_root(complete):
    root = entities(document(complete))["./"]
    assert {"name", "description", "datePublished", "license"} <= set(root)
    assert root["license"] == {"@id": "https://creativecommons.org/licenses/by/4.0/"}
    assert root["measurementTechnique"] == [{"@id": "http://purl.org/pan-science/PaNET/PaNET01188"}]


def test_every_reference_is_described_and_nothing_is_nested(complete, tmp_path):
    complete_file(tmp_path / "b.nxs", {**LICENSE, "entry/entry_identifier": "b"})
    made = document(tmp_path)
    outside = {"https://w3id.org/ro/crate/1.2"}
    assert references(made) - set(entities(made)) == outside
    assert described(made) == set(entities(made))
    assert empties(made) == []


def test_several_datasets_are_parts_of_one_crate(complete, tmp_path):
    changes = {**LICENSE, "entry/entry_identifier": "b", "entry/title": "B"}
    other = complete_file(tmp_path / "b.nxs", changes)
    read = crate(tmp_path, [complete, other])
    assert {entity.id for entity in read.data_entities} == {"scan.nxs", "b.nxs"}
    found = entities(json.loads((tmp_path / NAME).read_text()))
    assert found["./"]["name"] == "2 datasets"
    assert [found[name]["name"] for name in ("#dataset-1", "#dataset-2")] == [
        "Micelles in water, 5 %",
        "B",
    ]
    assert [one["@id"] for one in found["./"]["hasPart"]] == [
        "scan.nxs", "b.nxs", "#dataset-1", "#dataset-2",
    ]  # fmt: skip
    assert len(of_type({"@graph": [*found.values()]}, "Person")) == 1


def test_entries_of_one_file_share_it(tmp_path):
    path = complete_file(tmp_path / "a.nxs", LICENSE)
    with h5py.File(path, "a") as file:
        file.copy("entry", "second")
        file["second/entry_identifier"][()] = "scan_0002"
    made = document(path, dataset_per="entry")
    assert [one["@id"] for one in of_type(made, "File")] == ["a.nxs"]
    members = [one for one in of_type(made, "Dataset") if one["@id"] != "./"]
    assert [one["hasPart"] for one in members] == [[{"@id": "a.nxs"}]] * 2


@pytest.mark.parametrize(
    "name",
    ["a b.nxs", "50%.nxs", "größe.nxs", "a#b?c.nxs", "http:x.nxs", "[1]&'\".nxs"],
)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_names_of_files_are_relative_uris(tmp_path, name):
    folder = tmp_path / "run 1"
    folder.mkdir()
    path = complete_file(folder / name, LICENSE)
    (file,) = of_type(document(path, root=tmp_path), "File")
    parts = urlsplit(file["@id"])
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("", "", "", "")
    assert re.fullmatch(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+", file["@id"])
    assert tmp_path / unquote(file["@id"]) == path


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes on Linux alone")
def test_a_name_that_is_no_utf8_is_kept_in_the_uri(tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.nxs"))
    complete_file(tmp_path / "a.nxs", LICENSE).rename(path)
    (file,) = of_type(document(path), "File")
    assert (file["@id"], file["name"]) == ("%FF.nxs", "?.nxs")


def test_files_outside_the_crate_are_told_and_left_out(complete, tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    with nxtool.export.rocrate(complete, root=inside) as made:
        assert of_type(json.loads(made.text), "File") == []
        told = [note.message for note in made.report if note.code == "X14"]
    assert told == [f"{complete} lies outside the folder of the crate"]


def test_the_root_is_the_folder_that_all_files_are_in(tmp_path):
    paths = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        changes = {**LICENSE, "entry/entry_identifier": name}
        paths.append(complete_file(tmp_path / name / "scan.nxs", changes))
    assert {one["@id"] for one in of_type(document(paths), "File")} == {"a/scan.nxs", "b/scan.nxs"}


def test_licence_and_date_are_asked_for(tmp_path):
    gone = ("entry/start_time", "entry/end_time")
    path = complete_file(tmp_path / "a.nxs", dict.fromkeys(gone))
    with pytest.raises(nxtool.NxtoolError) as error:
        document(path)
    assert str(error.value) == (
        f"{path}:/entry: license.name, dataset.published (no date is known) are missing "
        "(give --set license.name=… --set dataset.published=…, or write it into the file (by its "
        "recipe, or `nxtool edit`))"
    )


def test_identifiers_of_strangers_become_no_addresses(tmp_path):
    hostile = 'http://x/"><script>'
    changes = {
        **LICENSE,
        "entry/instrument/identifier_pid": hostile,
        "entry/user/ORCID": hostile,
        "entry/user/name": "Ünal <b>",
        "entry/license_url": "javascript:alert(1)",
    }
    made = document(complete_file(tmp_path / "a.nxs", changes))
    assert [one["@id"] for one in of_type(made, "Person")] == ["#person-%C3%9Cnal%20%3Cb%3E"]
    assert [one["@id"] for one in of_type(made, "IndividualProduct")] == [
        "#instrument-mySpot%20beamline"
    ]
    assert {one["@id"] for one in of_type(made, "CreativeWork")} == {
        NAME, "https://creativecommons.org/licenses/by/4.0/", "#investigation-241-001-ST",
    }  # fmt: skip


def test_flattening_keeps_references_and_numbers_what_has_no_name():
    node = {"@id": "a", "one": {"@id": "b"}, "two": [{"x": 1}, {"@id": "c", "y": {"z": 2}}]}
    assert flattened(node, "#n") == [
        {"@id": "a", "one": {"@id": "b"}, "two": [{"@id": "#n-1"}, {"@id": "c"}]},
        {"@id": "#n-1", "x": 1},
        {"@id": "c", "y": {"@id": "#n-3"}},
        {"@id": "#n-3", "z": 2},
    ]
