"""JSON-LD: what stands in it, by a schema of our own and by what a reader of graphs needs."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import nxtool
from nxtool.export.record import Parameter, Record, Value
from nxtool.export.schemaorg import JsonldWriter
from nxtool.export.unitcodes import ucum_of
from nxtool.export.values import Number
from tests.exportfile import COMPLETE, complete_file
from tests.linkednodes import described, empties, nodes, references

RICH = {
    "entry/license": "CC0-1.0",
    "entry/cite@NX_class": "NXcite",
    "entry/cite/doi": "10.1000/paper",
    "entry/cite/description": "Lovelace 2025",
    "entry/keywords": "micelles",
}
IRI = {"type": "string", "pattern": '^(https?://[^\\s<>"]+|#[A-Za-z0-9._~%-]+)$'}
DATE = {
    "type": "string",
    "pattern": "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(Z|[+-]\\d\\d:\\d\\d)$",
}
TEXT = {"type": "string", "minLength": 1}


def thing(kind: str, **properties: Any) -> dict[str, Any]:
    """The schema of a node: its type, and all that it may have."""
    known = {"@id": IRI, "@type": {"const": kind}, "name": TEXT, **properties}
    return {"properties": known, "required": ["@type", "name"], "additionalProperties": False}


PERSON = thing("Person", email=TEXT, affiliation=thing("Organization"))
DATASET = thing(
    "Dataset",
    description=TEXT,
    alternateName=TEXT,
    identifier=IRI,
    schemaVersion=TEXT,
    keywords={"type": "array", "items": TEXT},
    license=thing("CreativeWork", identifier=TEXT),
    creator={"type": "array", "minItems": 1, "items": PERSON},
    contributor={"type": "array", "items": PERSON},
    publisher=thing("Organization", alternateName=TEXT, url=IRI),
    temporalCoverage={"type": "string", "pattern": "^[^/]+/[^/]+$"},
    isPartOf=thing("CreativeWork", identifier=TEXT, description=TEXT),
    citation=thing("ScholarlyArticle"),
    measurementTechnique={
        "type": "array",
        "items": thing("DefinedTerm", inDefinedTermSet=IRI),
    },
    variableMeasured={
        "type": "array",
        "items": thing(
            "PropertyValue",
            description=TEXT,
            value={"type": ["number", "string"]},
            minValue={"type": "number"},
            maxValue={"type": "number"},
            unitText=TEXT,
            unitCode={"type": "string", "pattern": "^ucum:\\S+$"},
        ),
    },
    datePublished=TEXT,
    dateModified=DATE,
    distribution={
        "type": "array",
        "items": thing(
            "DataDownload",
            contentUrl={"type": "string", "pattern": "^[A-Za-z0-9._~%/-]+$"},
            contentSize={"type": "string", "pattern": "^\\d+ B$"},
            encodingFormat={"type": "string", "pattern": "^\\w+/[\\w.+-]+$"},
            dateModified=DATE,
            sha256={"type": "string", "pattern": "^[0-9a-f]{64}$"},
        ),
    },
    **{
        "@context": {"const": ["https://schema.org/", {"prov": "http://www.w3.org/ns/prov#"}]},
        "prov:wasGeneratedBy": thing(
            "CreateAction",
            startTime=DATE,
            endTime=DATE,
            agent={"type": "array", "items": {"required": ["@id"], "maxProperties": 1}},
            instrument={
                "type": "array",
                "items": {
                    "anyOf": [
                        thing(
                            "IndividualProduct",
                            identifier=TEXT,
                            alternateName=TEXT,
                            description=TEXT,
                        ),
                        thing("SoftwareApplication", softwareVersion=TEXT),
                    ]
                },
            },
            object=thing("Thing", identifier=TEXT, description=TEXT),
        ),
    },
)
SCHEMA = Draft202012Validator({"type": "object", **DATASET})


@pytest.fixture
def rich(tmp_path: Path) -> Path:
    return complete_file(tmp_path / "scan.nxs", RICH)


def document(files: Any, **options: Any) -> dict[str, Any]:
    with nxtool.export.jsonld(files, **options) as made:
        assert made.report.ok
        return json.loads(made.text)


def check(made: dict[str, Any]) -> None:
    """The rules of our schema and of JSON-LD."""
    SCHEMA.validate(made)
    assert references(made) <= described(made)
    assert empties(made) == []
    assert all("@type" in node for node in nodes(made) if set(node) != {"@id"})


def of_record(*parameters: Parameter) -> tuple[dict[str, Any], list[str]]:
    """The document and the messages of a record with these parameters."""
    writer, stream = JsonldWriter(), io.BytesIO()
    record = Record("a", {"dataset.name": Value("a")}, parameters=parameters)
    told = writer.add(record)
    writer.finish(stream)
    writer.close()
    return json.loads(stream.getvalue()), [f"{note.code} {note.message}" for note in told]


def measured(made: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in made["variableMeasured"] if one["name"] == name)


def test_the_document_keeps_the_rules(rich):
    check(document(rich, checksums=True))


def test_rules_that_nothing_breaks_would_prove_nothing(rich):
    made = document(rich)
    made["creator"][0]["email"] = ""
    made["prov:wasGeneratedBy"]["agent"] = [{"@id": "#nobody"}]
    assert not SCHEMA.is_valid(made)
    assert references(made) - described(made) == {"#nobody"}
    assert empties(made) == [("email", "")]


def test_values_have_units_that_machines_know(rich):
    made = document(rich)
    assert measured(made, "beam/energy") == {
        "@type": "PropertyValue", "name": "beam/energy",
        "description": "energy of the incident beam",
        "value": 12.4, "unitText": "keV", "unitCode": "ucum:keV",
    }  # fmt: skip
    field = measured(made, "sample/magnetic_field")
    assert (field["value"], field["minValue"], field["maxValue"]) == (1.0, 0.0, 2.0)


def test_what_is_said_of_the_dataset(rich):
    made = document(rich)
    assert (made["name"], made["description"], made["license"]["@id"], made["citation"]["@id"]) == (
        "Micelles in water, 5 %",
        "How micelles grow",
        "https://creativecommons.org/publicdomain/zero/1.0/",
        "https://doi.org/10.1000/paper",
    )
    assert made["temporalCoverage"] == "2026-01-05T10:00:00+01:00/2026-01-05T11:00:00+01:00"
    assert made["measurementTechnique"][0]["@id"].endswith("PaNET01188")
    assert "@id" not in made


def test_a_dataset_with_a_doi_is_called_by_it(tmp_path):
    changes = {**RICH, "entry/identifier_doi": "10.5442/data.1"}
    made = document(complete_file(tmp_path / "a.nxs", changes))
    check(made)
    assert made["@id"] == made["identifier"] == "https://doi.org/10.5442/data.1"


def test_several_datasets_are_a_graph(rich, tmp_path):
    other = complete_file(tmp_path / "b.nxs", {"entry/entry_identifier": "b"})
    made = document([rich, other])
    assert set(made) == {"@context", "@graph"}
    for one in made["@graph"]:
        check(one)
    assert [one["alternateName"] for one in made["@graph"]] == ["scan_0001", "b"]


def test_a_file_that_says_little_makes_a_small_document(tmp_path):
    gone = [place for place in COMPLETE if place != "entry@NX_class"]
    made = document(complete_file(tmp_path / "a.nxs", dict.fromkeys(gone)))
    assert (references(made), empties(made)) == (set(), [])
    assert made["name"] == "a"
    assert "creator" not in made


def test_one_end_of_the_measurement_is_enough(tmp_path):
    path = complete_file(tmp_path / "a.nxs", {**RICH, "entry/end_time": None})
    made = document(path)
    check(made)
    assert made["temporalCoverage"] == "2026-01-05T10:00:00+01:00/.."


def test_numbers_that_are_not_finite_are_left_out():
    broken = Number(math.inf, "K", -1.0, math.nan)
    made, told = of_record(Parameter("t", broken, "/entry/t"))
    assert measured(made, "t") == {
        "@type": "PropertyValue", "name": "t", "minValue": -1.0,
        "unitText": "K", "unitCode": "ucum:K",
    }  # fmt: skip
    assert told == ["X08 t: is not finite, and left out"]


def test_nought_is_a_value():
    made, _ = of_record(Parameter("t", Number(0.0, "K"), "/entry/t"))
    assert measured(made, "t")["value"] == 0.0


@pytest.mark.parametrize(
    ("unit", "code"),
    [
        ("Å", "Ao"), ("angstrom", "Ao"), ("1/s", "/s"), ("Hz", "Hz"), ("°C", "Cel"),
        ("degC", "Cel"), ("electronvolt", "eV"), ("µm", "um"), ("counts", ""), ("nonsense", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_codes_of_units(unit, code):
    assert ucum_of(unit) == code


@pytest.mark.parametrize("text", ["Größe µ 李 🜁", "</script><b>", '"},{"@id": "x"'])
def test_texts_of_strangers_stay_texts(tmp_path, text):
    places = ("entry/title", "entry/user/name", "entry/sample/name", "entry/license")
    made = document(complete_file(tmp_path / "a.nxs", dict.fromkeys(places, text)))
    check(made)
    assert (made["name"], made["creator"][0]["name"], made["license"]["name"]) == (text,) * 3


def test_no_text_of_a_file_ends_the_script_that_carries_the_document(tmp_path):
    title = "a </script><!-- <script>"
    path = complete_file(tmp_path / "a.nxs", {"entry/title": title})
    with nxtool.export.jsonld(path) as made:
        made.write(tmp_path / "a.jsonld")
    text = (tmp_path / "a.jsonld").read_text(encoding="utf-8")
    assert "<" not in text
    assert json.loads(text)["name"] == title
