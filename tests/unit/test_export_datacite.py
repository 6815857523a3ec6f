"""DataCite: what stands in the metadata of a DOI, and that DataCite's schema takes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from datacite import schema45
from lxml import etree

import nxtool
from nxtool.export.addresses import iri
from nxtool.export.people import parts_of_name
from tests.exportfile import complete_file

RICH = {
    "entry/license": "CC BY 4.0",
    "entry/cite@NX_class": "NXcite",
    "entry/cite/doi": "10.1000/paper",
    "entry/helper@NX_class": "NXuser",
    "entry/helper/name": "Dr. Jan van der Waals",
    "entry/helper/role": "local_contact",
}
NAMESPACE = {"d": "http://datacite.org/schema/kernel-4"}


@pytest.fixture
def rich(tmp_path: Path) -> Path:
    return complete_file(tmp_path / "scan.nxs", RICH)


def document(files: Any, **options: Any) -> Any:
    with nxtool.export.datacite(files, **options) as made:
        return json.loads(made.text)


def messages(files: Any, **options: Any) -> list[str]:
    with nxtool.export.datacite(files, **options) as made:
        return [f"{note.code} {note.message}" for note in made.report if note.code != "X20"]


def check(made: dict[str, Any]) -> None:
    """DataCite's schema, with the reason where it refuses."""
    schema45.validator.validate(made)


def test_what_datacites_schema_asks_for(rich):
    check(document(rich))


def test_a_schema_that_takes_everything_would_prove_nothing(rich):
    made = document(rich)
    for broken in ({**made, "publicationYear": 2026}, {**made, "creators": []}):
        assert not schema45.validate(broken)


def test_as_xml_it_says_the_same(rich):
    root = etree.fromstring(schema45.tostring(document(rich)).encode())

    def texts(path: str) -> list[str]:
        found = root.xpath(path, namespaces=NAMESPACE)
        return [one if isinstance(one, str) else one.text for one in found]

    found = {
        path: texts(path)
        for path in (
            "//d:creatorName", "//d:nameIdentifier", "//d:title", "//d:publisher",
            "//d:publicationYear", "//d:resourceType/@resourceTypeGeneral", "//d:date",
            "//d:subject/@valueURI", "//d:contributorName", "//d:rights/@rightsIdentifier",
            "//d:format",
        )
    }  # fmt: skip
    assert list(found.values()) == [
        ["Lovelace, Ada"], ["https://orcid.org/0000-0002-1825-0097"], ["Micelles in water, 5 %"],
        ["Berlin Storage Ring"], ["2026"], ["Dataset"],
        ["2026-01-05T10:00:00+01:00/2026-01-05T11:00:00+01:00"],
        ["http://purl.org/pan-science/PaNET/PaNET01188"], ["van der Waals, Jan"], ["CC-BY-4.0"],
        ["application/x-hdf5"],
    ]  # fmt: skip


def test_people_who_helped_are_contributors(rich):
    made = document(rich)
    assert [person["name"] for person in made["creators"]] == ["Lovelace, Ada"]
    (helper,) = made["contributors"]
    assert (helper["name"], helper["contributorType"]) == ("van der Waals, Jan", "ContactPerson")


def test_a_publication_that_is_cited_does_not_lend_its_doi(rich):
    made = document(rich)
    assert "doi" not in made
    assert made["relatedIdentifiers"][0] == {
        "relatedIdentifier": "10.1000/paper",
        "relatedIdentifierType": "DOI",
        "relationType": "References",
    }


@pytest.mark.parametrize(
    "written", ["10.1002/(A)17<16::B>3.0", "https://doi.org/10.1002/(A)17%3C16::B%3E3.0"]
)
def test_a_doi_is_told_as_it_was_registered(tmp_path, written):
    cited = {"entry/cite@NX_class": "NXcite", "entry/cite/doi": written}
    made = document(complete_file(tmp_path / "a.nxs", cited))
    (found,) = (one for one in made["relatedIdentifiers"] if one["relationType"] == "References")
    assert found["relatedIdentifier"] == "10.1002/(A)17<16::B>3.0"


@pytest.mark.parametrize(
    "written", ["10.1002/(A)17<16::B>3.0", "https://doi.org/10.1002/(A)17%3C16::B%3E3.0"]
)
def test_the_address_of_a_doi_is_encoded_once(written):
    assert iri(written) == "https://doi.org/10.1002/(A)17%3C16::B%3E3.0"


def test_the_doi_of_the_dataset(tmp_path):
    doi = {"entry/identifier_doi": "https://doi.org/10.5442/data.1"}
    made = document(complete_file(tmp_path / "a.nxs", {**RICH, **doi}))
    check(made)
    assert made["doi"] == "10.5442/data.1"


def test_date_of_publication_that_was_given(rich):
    made = document(rich, values={"dataset.published": "2027-03-01"})
    check(made)
    assert made["publicationYear"] == "2027"
    assert made["dates"][1] == {"date": "2027-03-01", "dateType": "Issued"}


def test_creators_that_were_given(rich):
    made = document(rich, values={"dataset.creators": "Curie, Marie; Ada Lovelace"})
    check(made)
    assert [person["name"] for person in made["creators"]] == ["Curie, Marie", "Lovelace, Ada"]
    assert "nameIdentifiers" in made["creators"][1]


def test_a_licence_that_spdx_does_not_know_is_told_in_words(tmp_path):
    path = complete_file(tmp_path / "a.nxs", {"entry/license": "ask us"})
    made = document(path)
    check(made)
    assert made["rightsList"] == [{"rights": "ask us"}]


def test_all_that_is_missing_is_told_at_once(tmp_path):
    gone = (
        "entry/user/name", "entry/instrument/source/name", "entry/start_time", "entry/end_time",
        "entry/instrument/source/name@short_name",
    )  # fmt: skip
    path = complete_file(tmp_path / "a.nxs", dict.fromkeys(gone))
    with pytest.raises(nxtool.NxtoolError) as error:
        document(path)
    assert str(error.value) == (
        f"{path}:/entry: dataset.creators (looked for at NXuser/name), "
        "facility.fullName (the publisher), dataset.published (the year; no date is known) "
        "are missing (give --set dataset.creators=… --set facility.fullName=… "
        "--set dataset.published=…, or write it into the file (by its recipe, or `nxtool edit`))"
    )


def test_what_has_no_place_is_told(tmp_path):
    changes = {
        "entry/sample/identifier_igsn": "IGSN 12",
        "entry/user/ORCID": "0000-0000-0000-0000",
        "entry/collection_identifier": None,
    }
    path = complete_file(tmp_path / "a.nxs", changes)
    told = [text for text in messages(path) if text.startswith(("X10", "X11"))]
    assert sorted(told) == [
        "X10 orcid: '0000-0000-0000-0000' has check digit 0, it must be 1",
        "X11 9 parameters have no place in DataCite",
        "X11 sample.pid: 'IGSN 12' is neither a DOI nor a web address",
    ]


def test_several_datasets_are_a_list(rich, tmp_path):
    other = complete_file(tmp_path / "b.nxs", {"entry/entry_identifier": "b", "entry/title": "B"})
    made = document([rich, other])
    for one in made:
        check(one)
    assert [one["titles"][0]["title"] for one in made] == ["Micelles in water, 5 %", "B"]


def test_a_keyword_twice_is_one_subject(rich):
    made = document(rich, values={"keyword.name": "micelles; SAXS, micelles"})
    check(made)
    assert [one["subject"] for one in made["subjects"][1:]] == ["micelles", "SAXS"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Größe µ 李 🜁", "Größe µ 李 🜁"),
        ("<b>&amp;]]></b>", "<b>&amp;]]></b>"),
        ('"},{', '"},{'),
        ("a\x01b\x1b[31m", "a b [31m"),
    ],
)
def test_texts_of_strangers_stay_texts(tmp_path, text, kept):
    changes = {"entry/title": text, "entry/user/name": text, "entry/user/affiliation": text}
    made = document(complete_file(tmp_path / "a.nxs", changes))
    check(made)
    etree.fromstring(schema45.tostring(made).encode())
    assert made["titles"] == [
        {"title": " ".join(text.replace("\x01", " ").replace("\x1b", " ").split())}
    ]


@pytest.mark.parametrize(
    ("name", "family", "given"),
    [
        ("Curie, Marie", "Curie", "Marie"),
        ("Prof. Dr. Johannes Diderik van der Waals", "van der Waals", "Johannes Diderik"),
        ("Drew Barrymore", "Barrymore", "Drew"),
        ("Stephen King", "King", "Stephen"),
        ("Henning von der Heide", "von der Heide", "Henning"),
        ("Alexandr Novak", "Novak", "Alexandr"),
        ("Ing-Marie Jonsson", "Jonsson", "Ing-Marie"),
        ("Dr.-Ing. Jan Muster", "Muster", "Jan"),
        ("Dr-Ing Jan Muster", "Muster", "Jan"),
        ("Ing. Jan Muster", "Muster", "Jan"),
        ("Dipl.-Ing. Eva Bauer", "Bauer", "Eva"),
        ("Plato", "Plato", ""),
        ("Dr.", "Dr.", ""),
        (",", ",", ""),
    ],
)
def test_parts_of_a_name(name, family, given):
    parts = parts_of_name(name)
    assert (parts.family, parts.given) == (family, given)
