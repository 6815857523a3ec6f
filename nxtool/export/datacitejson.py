"""Datasets as DataCite takes them for a DOI: metadata schema 4.5 as JSON.

Source: https://datacite-metadata-schema.readthedocs.io/en/4.5; the form is that of the REST API.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Final

from nxtool.export.addresses import format_of, iri
from nxtool.export.jsontext import Json, JsonSpool, filled
from nxtool.export.licenses import SCHEME, license_of
from nxtool.export.linked import (
    PANET,
    PLACED,
    keywords,
    left_out,
    own_doi,
    period,
    published,
    title,
)
from nxtool.export.notes import note
from nxtool.export.people import contributors, creators, doubtful, orcid_of, parts_of_name
from nxtool.export.record import MissingValue, Person, Record
from nxtool.export.transforms import doi
from nxtool.findings import Finding

KERNEL: Final = "http://datacite.org/schema/kernel-4"
_ORCID: Final = "https://orcid.org"
_RELATED: Final = (
    ("publication.doi", "References", ""),
    ("instrument.pid", "IsCollectedBy", "Instrument"),
    ("sample.pid", "References", "PhysicalObject"),
    ("investigation.doi", "IsPartOf", ""),
)
"""Identifiers of other things, how the dataset is related to them, and what they are."""
_NAMES: Final = (("dataset.name", "dataset"), ("investigation.name", "proposal"))
_METHODS: Final = (
    ("investigation.visitId", "visit"), ("instrument.fullName", "instrument"),
    ("instrument.name", "short name of the instrument"), ("instrument.type", "kind of instrument"),
    ("sample.name", "sample"), ("sampleType.molecularFormula", "formula of the sample"),
    ("software.name", "written by"), ("software.version", "version"),
    ("datafileFormat.version", "version of the definition"),
)  # fmt: skip
_NO_PLACE: Final = (
    "publication.fullReference", "facility.url", "sampleType.name",
)  # fmt: skip


class DataciteWriter:
    """Takes records one by one and writes the file at the end; several become a list."""

    def __init__(self) -> None:
        self._spool = JsonSpool()

    def close(self) -> None:
        """Give back temporary files."""
        self._spool.close()

    def add(self, record: Record) -> list[Finding]:
        """One more dataset; notes on what has no place.

        Raises:
            MissingValue: creator, title, publisher or year is not known.
        """
        year, notes = _year(record)
        related, odd = _related(record)
        missing = dict(_missing(record, year))
        if missing:
            raise MissingValue(record.source, missing)
        self._spool.add(_document(record, year, related))
        return [*notes, *odd, *_left_out(record), *doubtful(record)]

    def finish(self, target: IO[bytes]) -> None:
        """Write the whole file to `target`."""
        self._spool.pour_all(target)


def _document(record: Record, year: str, related: list[Json]) -> Json:
    known = own_doi(record)
    kind = record.text("dataset.type")
    return filled({
        "schemaVersion": KERNEL,
        "doi": doi(known) if known else "",
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": f"{kind} NeXus data".strip()},
        "creators": [_person(person) for person in creators(record)],
        "titles": [{"title": title(record)}],
        "publisher": {"name": record.text("facility.fullName")},
        "publicationYear": year,
        "subjects": list(_subjects(record)),
        "contributors": [
            {**_person(person), "contributorType": role} for person, role in contributors(record)
        ],
        "dates": list(_dates(record)),
        "alternateIdentifiers": list(_alternates(record)),
        "relatedIdentifiers": related,
        "sizes": list(_sizes(record)),
        "formats": _formats(record),
        "rightsList": list(_rights(record)),
        "descriptions": list(_descriptions(record)),
    })  # fmt: skip


def _missing(record: Record, year: str) -> Iterator[tuple[str, str]]:
    """What DataCite asks for and is not known, with the places looked at."""
    if not creators(record):
        yield "dataset.creators", "looked for at NXuser/name"
    if not title(record):
        yield "dataset.description", ""
    if not record.text("facility.fullName"):
        yield "facility.fullName", "the publisher"
    if not year:
        yield "dataset.published", "the year; no date is known"


def _person(person: Person) -> Json:
    name, number = parts_of_name(person.name), orcid_of(person)
    identifier = {
        "nameIdentifier": f"{_ORCID}/{number}",
        "nameIdentifierScheme": "ORCID",
        "schemeUri": _ORCID,
    }
    return filled({
        "name": str(name),
        "nameType": "Personal",
        "givenName": name.given,
        "familyName": name.family if name.given else "",
        "nameIdentifiers": [identifier] if number else [],
        "affiliation": [{"name": person.affiliation}] if person.affiliation else [],
    })  # fmt: skip


def _year(record: Record) -> tuple[str, list[Finding]]:
    """The year of publication as given, or else that of the measurement, or empty."""
    if given := published(record):
        return given[:4], []
    for target in ("dataset.endDate", "dataset.startDate"):
        if text := record.text(target):
            told = f"publicationYear is {text[:4]!r}, from {target}"
            return text[:4], [note("X23", record.values[target].path or "/", told)]
    return "", []


def _subjects(record: Record) -> Iterator[Json]:
    for technique in record.techniques:
        yield {
            "subject": technique.name,
            "subjectScheme": "PaNET",
            "schemeUri": PANET,
            "valueUri": technique.iri,
        }
    yield from ({"subject": word} for word in keywords(record))


def _dates(record: Record) -> Iterator[Json]:
    if span := period(record):
        start, end = (part.replace("..", "") for part in span.split("/"))
        known = f"{start}/{end}" if start and end else start or end
        yield {"date": known, "dateType": "Collected"}
    if given := published(record):
        yield {"date": given, "dateType": "Issued"}


def _alternates(record: Record) -> Iterator[Json]:
    for target, kind in _NAMES:
        if text := record.text(target):
            yield {"alternateIdentifier": text, "alternateIdentifierType": kind}


def _related(record: Record) -> tuple[list[Json], list[Finding]]:
    found: list[Json] = []
    notes: list[Finding] = []
    for target, relation, kind in _RELATED:
        text = record.text(target)
        if not text:
            continue
        address = iri(text)
        if not address:
            path = record.values[target].path or "/"
            notes.append(
                note("X11", path, f"{target}: {text!r} is neither a DOI nor a web address")
            )
            continue
        bare = address.startswith("https://doi.org/")
        found.append(filled({
            "relatedIdentifier": doi(address) if bare else address,
            "relatedIdentifierType": "DOI" if bare else "URL",
            "relationType": relation,
            "resourceTypeGeneral": kind,
        }))  # fmt: skip
    return found, notes


def _sizes(record: Record) -> Iterator[str]:
    if count := len(record.files):
        yield f"{count} file{'s' if count > 1 else ''}"
        yield f"{sum(file.size for file in record.files)} bytes"


def _formats(record: Record) -> list[str]:
    found = (format_of(file, first=index == 0) for index, file in enumerate(record.files))
    return list(dict.fromkeys(one for one in found if one))


def _rights(record: Record) -> Iterator[Json]:
    if found := license_of(record):
        scheme = {
            "rightsIdentifier": found.spdx,
            "rightsIdentifierScheme": "SPDX",
            "schemeUri": SCHEME,
        }
        page = found.url
        yield filled({"rights": found.name, "rightsUri": page, **(scheme if found.spdx else {})})


def _descriptions(record: Record) -> Iterator[Json]:
    summary = record.text("investigation.summary")
    if text := summary or record.text("dataset.description"):
        yield {"description": text, "descriptionType": "Abstract"}
    found = ((record.said(target), label) for target, label in _METHODS)
    words = [f"{label}: {value.text}" for value, label in found if value]
    if words:
        yield {"description": "; ".join(words), "descriptionType": "Methods"}


def _left_out(record: Record) -> Iterator[Finding]:
    """What DataCite does not ask for; the parameters in one note."""
    mine = [target for target in PLACED if target not in _NO_PLACE]
    mine += [target for target in record.values if target.startswith("scicat.")]
    mine += [target for target, _, _ in _RELATED]
    yield from left_out(record, mine, "DataCite")
    if count := len(record.parameters):
        told = "1 parameter has" if count == 1 else f"{count} parameters have"
        yield note("X11", "/", f"{told} no place in DataCite")
