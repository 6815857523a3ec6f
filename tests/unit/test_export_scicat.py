"""SciCat: what stands in the documents, and that scitacean takes them as a server would."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path
from typing import Any

import pytest

import nxtool
from nxtool.export.record import Parameter, Person, Record, Value
from nxtool.export.scicatdata import ScicatWriter
from nxtool.export.values import Number
from tests.exportfile import complete_file

GROUP = {"scicat.ownerGroup": "p241"}
V3_RAW = {
    "accessGroups", "contactEmail", "creationLocation", "creationTime", "dataFormat",
    "datasetName", "description", "endTime", "instrumentId", "keywords", "license",
    "numberOfFiles", "orcidOfOwner", "owner", "ownerEmail", "ownerGroup", "principalInvestigator",
    "proposalId", "runNumber", "sampleId", "scientificMetadata", "size", "sourceFolder",
    "techniques", "type", "usedSoftware",
}  # fmt: skip
"""What API v3 takes of what we may know, of a raw dataset."""
V3_DERIVED = V3_RAW - {
    "creationLocation", "dataFormat", "endTime", "instrumentId", "principalInvestigator",
    "sampleId",
} | {"inputDatasets", "investigator", "jobParameters"}  # fmt: skip


@pytest.fixture
def complete(tmp_path: Path) -> Path:
    return complete_file(tmp_path / "scan.nxs")


def document(files: Any, **options: Any) -> dict[str, Any]:
    values = {**GROUP, **options.pop("values", {})}
    with nxtool.export.scicat(files, values=values, **options) as made:
        assert made.report.ok
        return json.loads(made.text)


def notes(files: Any, **options: Any) -> list[tuple[str, str]]:
    values = {**GROUP, **options.pop("values", {})}
    with nxtool.export.scicat(files, values=values, **options) as made:
        return [(note.code, note.message) for note in made.report]


def added(record: Record) -> tuple[dict[str, Any], list[str]]:
    """The document and the messages of a record, without a file."""
    writer, stream = ScicatWriter(), io.BytesIO()
    told = writer.add(record)
    writer.finish(stream)
    writer.close()
    return json.loads(stream.getvalue()), [note.message for note in told]


def small_record(**values: str) -> Record:
    """A record with all that SciCat asks for."""
    person = Person("Ada", "/entry/user", role="PI", email="ada@example.org")
    texts = {
        "dataset.name": "scan", "dataset.endDate": "2026-01-05T11:00:00Z",
        "dataset.location": "/data/p241", "facility.name": "BESSY", **GROUP, **values,
    }  # fmt: skip
    return Record("a.nxs:/entry", {k: Value(v) for k, v in texts.items()}, people=(person,))


def test_raw_dataset_is_what_scitaceans_model_of_an_upload_knows(complete):
    model = pytest.importorskip("scitacean.model", reason="scitacean needs Python 3.11")
    made = document(complete)["dataset"]
    assert set(made) <= set(model.UploadDataset.model_fields)
    taken = model.UploadDataset(**made)
    assert taken.orcidOfOwner == "https://orcid.org/0000-0002-1825-0097"
    assert taken.techniques == [
        model.UploadTechnique(
            pid="http://purl.org/pan-science/PaNET/PaNET01188",
            name="small angle x-ray scattering",
        )
    ]


def test_derived_dataset_is_what_scitaceans_model_of_an_upload_knows(complete):
    model = pytest.importorskip("scitacean.model", reason="scitacean needs Python 3.11")
    values = {"dataset.type": "processed", "scicat.inputDatasets": "20.500/a; 20.500/b"}
    made = document(complete, values=values)["dataset"]
    assert set(made) <= set(model.UploadDataset.model_fields)
    taken = model.UploadDataset(**made)
    assert (taken.type, [str(one) for one in taken.inputDatasets]) == (
        "derived",
        ["20.500/a", "20.500/b"],
    )
    assert (taken.usedSoftware, taken.jobParameters) == (["Bluesky 1.15"], {})


def test_a_client_uploads_the_dataset_and_its_files(complete):
    scitacean = pytest.importorskip("scitacean", reason="scitacean needs Python 3.11")
    from scitacean import model
    from scitacean.testing.client import FakeClient
    from scitacean.testing.transfer import FakeFileTransfer

    made = document(complete, checksums=True)
    address = {"url": "https://scicat.example.org/api/v3", "token": "any"}
    client = FakeClient.from_token(**address, file_transfer=FakeFileTransfer())
    given = model.DownloadDataset(**made["dataset"])
    dataset = scitacean.Dataset.from_download_model(given).as_new()
    dataset.creation_time, dataset.source_folder = given.creationTime, given.sourceFolder
    stored = client.datasets[client.upload_new_dataset_now(dataset).pid]
    assert (stored.datasetName, stored.ownerGroup) == ("scan_0001", "p241")
    assert stored.scientificMetadata["beam/energy"] == {"value": 12.4, "unit": "keV"}
    block = model.UploadOrigDatablock(datasetId=stored.pid, **made["origDatablock"])
    client.scicat.create_orig_datablock(block)
    (kept,) = client.orig_datablocks[stored.pid]
    (file,) = kept.dataFileList
    assert (file.path, file.size, kept.size) == ("scan.nxs", *[complete.stat().st_size] * 2)
    assert stored.numberOfFiles == 1


def test_names_of_api_v3(complete):
    made = document(complete, api="v3")["dataset"]
    assert set(made) <= V3_RAW
    names = ("principalInvestigator", "proposalId", "sampleId", "instrumentId", "numberOfFiles")
    assert [made[name] for name in names] == [
        "Ada Lovelace", "241-001-ST", "SDS 5 %", "10.5442/NI000001", 1,
    ]  # fmt: skip
    start = {"value": "2026-01-05T10:00:00+01:00", "unit": ""}
    assert made["scientificMetadata"]["start_time"] == start


def test_what_derived_datasets_of_api_v3_have_no_name_for_is_kept(complete):
    values = {"dataset.type": "derived", "scicat.inputDatasets": "20.500/a"}
    made = document(complete, api="v3", values=values)["dataset"]
    assert set(made) <= V3_DERIVED
    assert made["investigator"] == "Ada Lovelace"
    kept = made["scientificMetadata"]
    names = ("sample/name", "instrument/name", "instrument/pid", "start_time")
    assert [kept[name]["value"] for name in names] == [
        "SDS 5 %", "mySpot beamline", "10.5442/NI000001", "2026-01-05T10:00:00+01:00",
    ]  # fmt: skip


def test_names_of_api_v4(complete):
    made = document(complete, values={"scicat.runNumber": "17"})["dataset"]
    names = (
        "principalInvestigators", "proposalIds", "sampleIds", "instrumentIds", "startTime",
        "endTime", "runNumber", "creationLocation", "contactEmail", "owner",
    )  # fmt: skip
    assert [made[name] for name in names] == [
        ["Ada Lovelace"], ["241-001-ST"], ["SDS 5 %"], ["10.5442/NI000001"],
        "2026-01-05T10:00:00+01:00", "2026-01-05T11:00:00+01:00", "17", "/BESSY/MYSPOT",
        "ada@example.org", "Ada Lovelace",
    ]  # fmt: skip


def test_arrays_are_kept_as_mean_ends_and_deviation(complete):
    kept = document(complete)["dataset"]["scientificMetadata"]
    names = [name for name in kept if name.startswith("sample/magnetic_field")]
    assert [(name, kept[name]["value"], kept[name]["unit"]) for name in names] == [
        ("sample/magnetic_field", 1.0, "T"),
        ("sample/magnetic_field_min", 0.0, "T"),
        ("sample/magnetic_field_max", 2.0, "T"),
        ("sample/magnetic_field_std", math.sqrt(2 / 3), "T"),
    ]


def test_files_have_checksums_only_where_they_are_asked_for(complete):
    plain, summed = (document(complete, checksums=ask)["origDatablock"] for ask in (False, True))
    assert "chkAlg" not in plain
    assert "chk" not in plain["dataFileList"][0]
    assert summed["chkAlg"] == "sha256"
    assert len(summed["dataFileList"][0]["chk"]) == 64


def test_all_that_is_missing_is_told_at_once(tmp_path):
    nobody = dict.fromkeys(("name", "role", "email"))
    changes = {f"entry/user/{name}": value for name, value in nobody.items()}
    path = complete_file(tmp_path / "a.nxs", changes)
    with pytest.raises(nxtool.NxtoolError) as error:
        nxtool.export.scicat(path)
    role = "looked for at NXuser/name with the role principal_investigator"
    assert str(error.value) == (
        f"{path}:/entry: scicat.principalInvestigator ({role}), "
        "scicat.contactEmail (looked for at NXuser/email), "
        "scicat.owner (looked for at NXuser/name), scicat.ownerGroup are missing "
        "(give --set scicat.principalInvestigator=… --set scicat.contactEmail=… "
        "--set scicat.owner=… --set scicat.ownerGroup=…, or write it into the file "
        "(by its recipe, or `nxtool edit`))"
    )


def test_a_local_contact_is_no_principal_investigator(tmp_path):
    path = complete_file(tmp_path / "a.nxs", {"entry/user/role": "local_contact"})
    with pytest.raises(nxtool.NxtoolError, match=r"scicat\.principalInvestigator"):
        nxtool.export.scicat(path, values=GROUP)


@pytest.mark.parametrize(
    "role", ["PI", "principal investigator", "Proposer; Principal_Investigator"]
)
def test_roles_of_a_principal_investigator(tmp_path, role):
    path = complete_file(tmp_path / "a.nxs", {"entry/user/role": role})
    assert document(path)["dataset"]["principalInvestigators"] == ["Ada Lovelace"]


def test_a_derived_dataset_needs_its_inputs(complete):
    with pytest.raises(nxtool.NxtoolError, match=r"scicat\.inputDatasets is missing"):
        nxtool.export.scicat(complete, values={**GROUP, "dataset.type": "derived"})


def test_an_unknown_type_becomes_raw_and_is_told(complete):
    values = {"dataset.type": "simulated"}
    assert document(complete, values=values)["dataset"]["type"] == "raw"
    told = "dataset.type: SciCat knows raw and derived, 'simulated' becomes raw"
    assert ("X20", told) in notes(complete, values=values)


def test_what_was_given_wins(complete):
    values = {
        "scicat.owner": "P. Group", "scicat.contactEmail": "group@example.org",
        "scicat.accessGroups": "a; b", "scicat.creationLocation": "/HZB/BESSY/MYSPOT",
        "dataset.location": "/data/p241/raw",
    }  # fmt: skip
    made = document(complete, values=values)["dataset"]
    names = ("owner", "contactEmail", "accessGroups", "creationLocation", "sourceFolder")
    assert [made[name] for name in names] == [
        "P. Group", "group@example.org", ["a", "b"], "/HZB/BESSY/MYSPOT", "/data/p241/raw",
    ]  # fmt: skip


@pytest.mark.parametrize("target", ["scicat.owner", "scicat.principalInvestigator"])
def test_an_owner_who_is_given_has_no_address_of_another(complete, target):
    about = ("orcidOfOwner", "ownerEmail")
    mine = document(complete)["dataset"]
    assert set(about) <= set(mine)
    assert set(about).isdisjoint(document(complete, values={target: "P. Group"})["dataset"])
    same = document(complete, values={target: mine["owner"]})["dataset"]
    assert [same[name] for name in about] == [mine[name] for name in about]


def test_a_source_folder_must_be_absolute(complete):
    values = {"dataset.location": "raw/p241"}
    assert document(complete, values=values)["dataset"]["sourceFolder"] == str(complete.parent)
    told = "dataset.location: 'raw/p241' is not absolute, and not used"
    assert ("X07", told) in notes(complete, values=values)


def test_an_address_that_is_none_is_left_out(tmp_path):
    path = complete_file(tmp_path / "a.nxs", {"entry/user/email": "ada at <example>"})
    made = document(path, values={"scicat.contactEmail": "desk@example.org"})["dataset"]
    assert "ownerEmail" not in made
    told = notes(path, values={"scicat.contactEmail": "desk@example.org"})
    assert ("X10", "'ada at <example>' is no e-mail address") in told


def test_dots_and_dollars_do_not_get_into_names():
    record = small_record()
    names = ("det.1/distance", "$where", "det_1/distance")
    record.parameters = tuple(Parameter(name, Number(1.0, "mm"), "/p") for name in names)
    made, told = added(record)
    kept = made["dataset"]["scientificMetadata"]
    assert list(kept) == ["det_1/distance", "_where", "det_1/distance_2"]
    assert told == [
        f"{old!r} becomes {new!r}: SciCat's names" for old, new in zip(names, kept, strict=True)
    ]


def test_numbers_that_are_not_finite_are_left_out():
    record = small_record()
    broken = Number(1.0, "K", 0.0, math.inf, math.nan)
    record.parameters = (Parameter("t", broken, "/p"), Parameter("u", Number(math.nan, ""), "/q"))
    made, told = added(record)
    assert list(made["dataset"]["scientificMetadata"]) == ["t", "t_min"]
    assert told == [f"{name}: is not finite" for name in ("t_max", "t_std", "u")]


def test_several_datasets_are_a_list(complete, tmp_path):
    other = complete_file(tmp_path / "b.nxs", {"entry/entry_identifier": "b"})
    made = document([complete, other])
    assert [one["dataset"]["datasetName"] for one in made] == ["scan_0001", "b"]


def test_a_folder_is_one_dataset_with_all_its_files(complete, tmp_path):
    complete_file(tmp_path / "b.nxs", {"entry/sample/temperature": 30.0})
    made = document(tmp_path, dataset_per="folder")
    files = made["origDatablock"]["dataFileList"]
    assert [file["path"] for file in files] == ["b.nxs", "scan.nxs"]
    assert made["dataset"]["sourceFolder"] == str(tmp_path)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Größe µ 李 🜁", "Größe µ 李 🜁"),
        ('"},{"x": 1', '"},{"x": 1'),
        ("</script>\\u0000", "</script>\\u0000"),
        ("a\x01b\nc\x1b", "a b c"),
    ],
)
def test_texts_of_strangers_stay_texts(tmp_path, text, kept):
    path = complete_file(tmp_path / "a.nxs", {"entry/sample/name": text})
    assert document(path)["dataset"]["sampleIds"] == [kept]
