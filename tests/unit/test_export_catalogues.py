"""What SciCat, DataCite, RO-Crate and JSON-LD have in common: the functions and their limits."""

from __future__ import annotations

import gc
import io
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from datacite import schema45
from rocrate.rocrate import ROCrate

import nxtool
from nxtool.export.crate import CrateWriter
from nxtool.export.datacitejson import DataciteWriter
from nxtool.export.people import contributors, creators, email_of, orcid_of
from nxtool.export.record import Parameter, Person, Record, Value
from nxtool.export.run import Writer
from nxtool.export.schemaorg import JsonldWriter
from nxtool.export.scicatdata import ScicatWriter
from nxtool.export.values import Number
from tests.exportfile import complete_file
from tests.linkednodes import described, empties, references

NAMES = ("scicat", "datacite", "rocrate", "jsonld")
GIVEN = {"scicat.ownerGroup": "p241", "license.name": "CC0-1.0"}
WRITERS: dict[str, Callable[[], Writer]] = {
    "scicat": ScicatWriter,
    "datacite": DataciteWriter,
    "rocrate": lambda: CrateWriter(Path("/data")),
    "jsonld": JsonldWriter,
}


def record(number: int) -> Record:
    texts = {
        "dataset.name": f"scan_{number}", "dataset.endDate": "2026-01-05T11:00:00Z",
        "dataset.location": "/data", "facility.name": "BESSY", "facility.fullName": "Ring",
        "dataset.description": 8000 * "x", **GIVEN,
    }  # fmt: skip
    person = Person("Ada", "/entry/user", role="PI", email="ada@example.org")
    made = Record(f"{number}.nxs:/entry", {key: Value(text) for key, text in texts.items()})
    made.people = (person,)
    names = [f"motor_{index}/position" for index in range(50)]
    made.parameters = tuple(Parameter(name, Number(1.5, "mm"), "/p") for name in names)
    return made


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_many_datasets_need_no_more_memory_than_few(name):
    writer = WRITERS[name]()
    for number in range(200):  # enough to fill what is kept in memory
        writer.add(record(number))
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for number in range(200, 400):
        writer.add(record(number))
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    stream = io.BytesIO()
    writer.finish(stream)
    writer.close()
    assert b"scan_399" in stream.getvalue()
    assert grown < 200 * 500  # the least of the documents has 8000 bytes


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("per", ["file", "folder"])
def test_the_file_written_is_the_text_told(tmp_path, name, per):
    complete_file(tmp_path / "a.nxs")
    complete_file(tmp_path / "b.nxs", {"entry/entry_identifier": "b"})
    with getattr(nxtool.export, name)(tmp_path, dataset_per=per, values=GIVEN) as made:
        made.write(tmp_path / "out.json")
        assert (tmp_path / "out.json").read_text(encoding="utf-8") == made.text


@pytest.mark.parametrize("name", NAMES)
def test_a_target_that_does_not_exist_is_refused(tmp_path, name):
    path = complete_file(tmp_path / "a.nxs")
    with pytest.raises(nxtool.NxtoolError, match=r"no target 'scicat\.group'"):
        getattr(nxtool.export, name)(path, values={"scicat.group": "p241"})


@pytest.mark.parametrize("name", NAMES)
def test_a_date_without_time_zone_is_an_error_unless_one_is_given(tmp_path, name):
    path = complete_file(tmp_path / "a.nxs", {"entry/start_time": "2026-01-05T10:00:00"})
    export: Any = getattr(nxtool.export, name)
    with export(path, values=GIVEN) as made:
        assert not made.report.ok
    with export(path, values=GIVEN, timezone="Europe/Berlin") as made:
        assert (made.report.ok, "2026-01-05T10:00:00+01:00" in made.text) == (True, True)


def test_nothing_that_judges_exports_is_loaded_to_make_them(tmp_path):
    path = complete_file(tmp_path / "a.nxs")
    script = (
        "import sys, nxtool, nxtool.export as e\n"
        f"for name in {NAMES}:\n"
        f"    getattr(e, name)({str(path)!r}, values={GIVEN}).close()\n"
        "judges = {'scitacean', 'pydantic', 'datacite', 'rocrate', 'requests', 'jsonschema'}\n"
        "print(sorted(judges & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def taken_by_scitacean(text: str) -> None:
    model = pytest.importorskip("scitacean.model", reason="scitacean needs Python 3.11")
    made = json.loads(text)
    for one in made if isinstance(made, list) else [made]:
        model.UploadDataset(**one["dataset"])
        model.UploadOrigDatablock(datasetId="20.500/a", **one["origDatablock"])


def taken_by_datacite(text: str) -> None:
    made = json.loads(text)
    for one in made if isinstance(made, list) else [made]:
        schema45.validator.validate(one)


def taken_by_rocrate(text: str) -> None:
    made = json.loads(text)
    known = {one["@id"] for one in made["@graph"]}
    assert references(made) - known == {"https://w3id.org/ro/crate/1.2"}
    assert empties(made) == []
    assert {entity.id for entity in ROCrate(made).get_entities()} == known


def taken_as_a_graph(text: str) -> None:
    made = json.loads(text)
    assert references(made) <= described(made)
    assert empties(made) == []


@pytest.mark.parametrize(
    ("name", "judge"),
    [
        ("scicat", taken_by_scitacean),
        ("datacite", taken_by_datacite),
        ("rocrate", taken_by_rocrate),
        ("jsonld", taken_as_a_graph),
    ],
)
def test_every_real_file_is_taken_or_refused_with_its_name(corpus, name, judge):
    given = {
        **GIVEN, "scicat.owner": "O", "scicat.contactEmail": "a@example.org",
        "scicat.principalInvestigator": "P", "scicat.creationLocation": "/x",
        "dataset.creators": "A B", "facility.fullName": "F", "dataset.published": "2026",
    }  # fmt: skip
    taken, refused = 0, []
    for path in sorted((corpus / "nexus").rglob("*.*")):
        if not path.is_file():
            continue
        options = {"values": given, "dataset_per": "entry", "timezone": "UTC"}
        try:
            with getattr(nxtool.export, name)(path, **options) as made:
                judge(made.text)
            taken += 1
        except nxtool.NxtoolError as error:
            refused.append((path, str(error)))
    assert taken > 30
    assert [text for path, text in refused if str(path) not in text] == []


def people(*members: tuple[str, str]) -> Record:
    return Record("a", people=tuple(Person(name, "/", role=role) for name, role in members))


def test_principal_investigators_come_first_and_nobody_twice():
    found = people(("B", "proposer"), ("A", "PI"), ("B", "participant"), ("C", "local_contact"))
    assert [person.name for person in creators(found)] == ["A", "B"]
    assert [(person.name, kind) for person, kind in contributors(found)] == [("C", "ContactPerson")]


def test_those_who_helped_are_creators_where_nobody_else_is_named():
    found = people(("C", "local contact"))
    assert ([one.name for one in creators(found)], contributors(found)) == (["C"], ())


def test_identifiers_that_are_not_valid_are_not_used():
    person = Person("A", "/", email="a@b", orcid="0000-0002-1825-0098")
    assert (email_of(person), orcid_of(person)) == ("", "")
