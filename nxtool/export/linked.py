"""What datasets are made of in the words of schema.org: people, instruments, values, actions.

Nodes are nested. Those that are the same thing in several datasets have an `@id`: an address on
the web where there is one, or else `#kind-name`. Terms: https://schema.org.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from typing import Final

from nxtool.export.addresses import iri, local
from nxtool.export.jsontext import Json, filled
from nxtool.export.licenses import SCHEME, License, license_of
from nxtool.export.notes import note
from nxtool.export.people import contributors, creators, email_of, orcid_of
from nxtool.export.record import Parameter, Person, Record
from nxtool.export.techniques import Technique
from nxtool.export.transforms import slug
from nxtool.export.unitcodes import ucum_of
from nxtool.export.values import Number
from nxtool.findings import Finding

PANET: Final = "http://purl.org/pan-science/PaNET/PaNET.owl"


def own_doi(record: Record) -> str:
    """The DOI of the dataset, not that of a publication about it, in which NXcite is."""
    value, cited = record.values.get("dataset.doi"), record.values.get("publication.doi")
    if value is None or (cited is not None and value.path and value.path == cited.path):
        return ""
    return value.text if iri(value.text).startswith("https://doi.org/") else ""


def published(record: Record) -> str:
    """The day or year of publication as it was given; empty where it is no ISO date."""
    text = record.text("dataset.published")
    return text if re.fullmatch(r"\d{4}(-\d\d){0,2}(T\S+)?", text, re.ASCII) else ""


def period(record: Record) -> str:
    """Start and end of the measurement as one range; `..` where one of them is not known."""
    start, end = record.text("dataset.startDate"), record.text("dataset.endDate")
    return f"{start or '..'}/{end or '..'}" if start or end else ""


def title(record: Record) -> str:
    """What people call the dataset."""
    targets = ("dataset.description", "investigation.title", "dataset.name")
    return next((text for target in targets if (text := record.text(target))), "")


def keywords(record: Record) -> list[str]:
    """The keywords, each once."""
    words = re.split(r"[;,]", record.text("keyword.name"))
    return list(dict.fromkeys(word.strip() for word in words if word.strip()))


def _short(record: Record, entity: str) -> str:
    """The short name of a thing, where it is more than its name in plain letters."""
    name = record.text(f"{entity}.name")
    return name if name != slug(record.text(f"{entity}.fullName") or name) else ""


def left_out(record: Record, placed: Iterable[str], where: str) -> Iterator[Finding]:
    """A note for each value of the file that `where` has no place for."""
    known = {"technique.definition", "technique.probe", *placed}
    told = {record.text(target) for target in known}
    for target, value in record.values.items():
        if value.path and target not in known and value.text not in told:
            yield note("X11", value.path, f"{target} has no place in {where}")


def dataset_node(record: Record) -> Json:
    """What any document says of a dataset; files and `@id` are up to it."""
    about = title(record)
    summary = record.text("investigation.summary")
    name, kind = record.text("dataset.name"), record.text("dataset.type")
    return filled({
        "@type": "Dataset",
        "name": about,
        "description": summary or about,
        "alternateName": name if name != about else "",
        "identifier": iri(own_doi(record)),
        "schemaVersion": _schema(record),
        "keywords": [*keywords(record), *([f"{kind} data"] if kind else [])],
        "license": license_node(license_of(record)),
        "creator": [person_node(person) for person in creators(record)],
        "contributor": [person_node(person) for person, _ in contributors(record)],
        "publisher": organization_node(record),
        "temporalCoverage": period(record),
        "isPartOf": project_node(record),
        "citation": publication_node(record),
        "measurementTechnique": [technique_node(one) for one in record.techniques],
        "variableMeasured": [property_node(one) for one in record.parameters],
    })  # fmt: skip


PLACED: Final = (
    "dataset.name", "dataset.description", "dataset.startDate", "dataset.endDate", "dataset.doi",
    "dataset.type", "dataset.published", "dataset.creators", "investigation.name",
    "investigation.title", "investigation.summary", "investigation.visitId", "investigation.doi",
    "instrument.name", "instrument.fullName", "instrument.pid", "instrument.type",
    "facility.name", "facility.fullName", "facility.url", "sample.name", "sample.pid",
    "sampleType.name", "sampleType.molecularFormula", "publication.doi",
    "publication.fullReference", "software.name", "software.version", "license.name",
    "license.url", "keyword.name", "datafileFormat.version",
)  # fmt: skip
"""What `dataset_node` and `action_node` have a place for."""


def person_node(person: Person) -> Json:
    """A person, known by the ORCID iD."""
    number = orcid_of(person)
    known = f"https://orcid.org/{number}" if number else local("person", person.name)
    works = person.affiliation
    return filled({
        "@id": known,
        "@type": "Person",
        "name": person.name,
        "email": email_of(person),
        "affiliation": _named("Organization", "organization", works) if works else "",
    })  # fmt: skip


def organization_node(record: Record) -> Json:
    """The facility; empty where none is known."""
    name = record.text("facility.fullName") or record.text("facility.name")
    url = iri(record.text("facility.url"))
    if not name:
        return {}
    more = {"alternateName": _short(record, "facility"), "url": url}
    return {**_named("Organization", "organization", name, url), **filled(more)}


def license_node(found: License | None) -> Json:
    """A licence; empty where none is known."""
    if found is None:
        return {}
    page = found.url or (f"{SCHEME}{found.spdx}" if found.spdx else "")
    node = _named("CreativeWork", "license", found.name, page)
    return {**node, **filled({"identifier": found.spdx})}


def technique_node(technique: Technique) -> Json:
    """A technique as a term of PaNET."""
    return {**_named("DefinedTerm", "", technique.name, technique.iri), "inDefinedTermSet": PANET}


def project_node(record: Record) -> Json:
    """The investigation that the dataset belongs to; empty where none is known."""
    number = record.text("investigation.name")
    if not number:
        return {}
    known = iri(record.text("investigation.doi"))
    node = _named("CreativeWork", "investigation", number, known)
    visit = record.said("investigation.visitId")
    words = f"visit {visit.text}" if visit else ""
    return {**node, "identifier": number, **filled({"description": words})}


def publication_node(record: Record) -> Json:
    """The publication that the file cites; empty where there is none."""
    known, text = iri(record.text("publication.doi")), record.text("publication.fullReference")
    if not (known or text):
        return {}
    return _named("ScholarlyArticle", "publication", text or known, known)


def instrument_node(record: Record) -> Json:
    """The instrument; empty where none is known."""
    pid = record.text("instrument.pid")
    name = record.text("instrument.fullName") or record.text("instrument.name") or pid
    if not name:
        return {}
    node = _named("IndividualProduct", "instrument", name, iri(pid))
    kind, short = record.text("instrument.type"), _short(record, "instrument")
    return {**node, **filled({"identifier": pid, "alternateName": short, "description": kind})}


def sample_node(record: Record) -> Json:
    """The sample; empty where none is known."""
    pid = record.text("sample.pid")
    name = record.text("sample.name") or pid
    if not name:
        return {}
    what = (record.text("sampleType.name"), record.text("sampleType.molecularFormula"))
    text = ", ".join(dict.fromkeys(word for word in what if word))
    node = _named("Thing", "sample", name, iri(pid))
    return {**node, **filled({"identifier": pid, "description": text})}


def software_node(record: Record) -> Json:
    """The program that wrote the data; empty where none is known."""
    name, version = record.text("software.name"), record.text("software.version")
    if not name:
        return {}
    known = local("software", f"{name} {version}".strip())
    node = _named("SoftwareApplication", "software", name, known)
    return {**node, **filled({"softwareVersion": version})}


def action_node(record: Record) -> Json:
    """The measurement: when, with what, on what. People are only referred to."""
    return filled({
        "@type": "CreateAction",
        "name": f"Measurement of {title(record)}",
        "startTime": record.text("dataset.startDate"),
        "endTime": record.text("dataset.endDate"),
        "agent": [{"@id": person_node(one)["@id"]} for one in creators(record)],
        "instrument": [one for one in (instrument_node(record), software_node(record)) if one],
        "object": sample_node(record),
    })  # fmt: skip


def property_node(parameter: Parameter) -> Json:
    """A measured value; of an array the mean with the least and the largest."""
    value = parameter.value
    node: Json = {"@type": "PropertyValue", "name": parameter.name}
    if not isinstance(value, Number):
        return filled({**node, "description": parameter.about, "value": value})
    code = ucum_of(value.units)
    return filled({
        **node,
        "description": parameter.about,
        "value": finite(value.value),
        "minValue": finite(value.low),
        "maxValue": finite(value.high),
        "unitText": value.units,
        "unitCode": f"ucum:{code}" if code else "",
    })  # fmt: skip


def finite(value: float | None) -> float | None:
    """A number that JSON can hold, else None."""
    return value if value is not None and math.isfinite(value) else None


def overflowed(record: Record) -> Iterator[Finding]:
    """Notes on numbers that became infinite when they were converted or summed."""
    for parameter in record.parameters:
        value = parameter.value
        if isinstance(value, Number):
            parts = (value.value, value.low, value.high, value.deviation)
            if any(part is not None and not math.isfinite(part) for part in parts):
                yield note("X08", parameter.path, f"{parameter.name}: is not finite, and left out")


def _schema(record: Record) -> str:
    """The application definition and its version."""
    words = (record.text("technique.definition"), record.text("datafileFormat.version"))
    return " ".join(word for word in words if word)


def _named(kind: str, prefix: str, name: str, known: str = "") -> Json:
    return {"@id": known or local(prefix, name), "@type": kind, "name": name}
