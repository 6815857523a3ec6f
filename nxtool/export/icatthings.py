"""A record as objects of ICAT, each with what identifies it: what the dump formats are made of."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from nxtool.export.icatmodel import ENTITIES, Version, knows
from nxtool.export.notes import note
from nxtool.export.record import DataFile, Parameter, Person, Record
from nxtool.export.transforms import slug
from nxtool.export.values import Number
from nxtool.findings import Finding

Plain = str | int | float | bool
ORDER: Final = (
    "user", "technique", "facility", "instrument", "parameterType", "investigationType",
    "sampleType", "datasetType", "datafileFormat", "investigation", "investigationInstrument",
    "investigationUser", "sample", "dataset", "datasetTechnique", "datasetInstrument",
    "datasetParameter", "datafile",
)  # fmt: skip
"""The order that the schemas of all releases ask for, of what is made here."""
OF_ONE_DATASET: Final = frozenset(
    {"dataset", "datasetTechnique", "datasetInstrument", "datasetParameter", "datafile"}
)
"""What no two datasets share."""
_CHARACTERS: Final = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


@dataclass(frozen=True, slots=True)
class Thing:
    """An object of ICAT: attributes, and relations to other objects.

    `exists` says that the server has it already, so it is only referred to.
    """

    entity: str
    attributes: Mapping[str, Plain]
    relations: Mapping[str, Thing] = field(default_factory=dict)
    exists: bool = False

    @property
    def key(self) -> str:
        """The unique key as python-icat writes it.

        >>> Thing("technique", {"name": "x-ray"}).key
        'Technique_name-x=2Dray'
        """
        return f"{self.entity[0].upper()}{self.entity[1:]}_{self._parts()}"

    def _parts(self) -> str:
        parts = []
        for name in ENTITIES[self.entity].key:
            if related := self.relations.get(name):
                parts.append(f"{name}-({related._parts()})")
            elif name in self.attributes:
                parts.append(f"{name}-{quoted(str(self.attributes[name]))}")
        return "_".join(parts)

    @property
    def lookup(self) -> dict[str, str]:
        """Attributes by which the server finds the object: its PID, or what makes it unique."""
        if pid := self.attributes.get("pid"):
            return {"pid": str(pid)}
        found: dict[str, str] = {}
        for name in ENTITIES[self.entity].key:
            if related := self.relations.get(name):
                found |= {f"{name}.{inner}": text for inner, text in related.lookup.items()}
            elif name in self.attributes:
                found[name] = str(self.attributes[name])
        return found


def quoted(text: str) -> str:
    """`text` as it stands in a unique key: letters and digits, all else as `=` and two digits."""
    return "".join(
        chr(byte) if chr(byte) in _CHARACTERS else f"={byte:02X}" for byte in text.encode()
    )


def kept_date(text: str) -> str:
    """A date as the server keeps it, with no more than milliseconds: a second ingest compares.

    >>> kept_date("2026-01-05T10:00:00.123456+01:00")
    '2026-01-05T10:00:00.123+01:00'
    """
    return re.sub(r"(\.\d{3})\d+", r"\1", text)


def objects_of(
    record: Record, version: Version, *, static: bool
) -> tuple[list[Thing], list[Finding]]:
    """The objects of a record in the order in which they must be made, and notes.

    With `static` the objects that datasets refer to (facility, instrument, types, users, the
    investigation) are made too; without, the server must have them.

    Raises:
        MissingValue: the investigation, or with `static` the facility, is not known.
    """
    maker = _Maker(record, version, static=static)
    things = sorted(maker.things(), key=lambda thing: ORDER.index(thing.entity))
    return list({thing.key: thing for thing in things}.values()), maker.notes


class _Maker:
    def __init__(self, record: Record, version: Version, *, static: bool) -> None:
        self.record = record
        self.version = version
        self.static = static
        self.notes: list[Finding] = []
        self.files = list(self._nameable())
        self.facility = self._facility()
        self.investigation = self._investigation()
        self.instrument = self._instrument()
        self.sample = self._sample()
        self.dataset = self._dataset()

    def _nameable(self) -> Iterator[DataFile]:
        """The files whose names XML can hold, and the server keep."""
        most = ENTITIES["datafile"].limit("location")
        for file in self.record.files:
            location = str(file.path)
            if not location.isprintable():
                told = f"{location!r} has characters that XML cannot hold"
                self.notes.append(note("X14", "/", told, "rename the file"))
            elif len(location) > most:
                told = f"datafile.location may have {most} characters, {location} has more"
                self.notes.append(note("X14", "/", told, "export from a folder nearer to it"))
            else:
                yield file

    def things(self) -> Iterator[Thing]:
        """What is to be made, in any order."""
        if self.static:
            yield from self._statics()
        if self.sample:
            yield self.sample
        yield self.dataset
        if knows(self.version, "datasetTechnique"):
            yield from self._techniques()
        for parameter in (*self.record.parameters, *self._words()):
            its_type = self._parameter_type(parameter)
            if self.static:
                yield its_type
            related = {"dataset": self.dataset, "type": its_type}
            yield Thing("datasetParameter", values_of(parameter), related)
        yield from self._datafiles()
        self._left_out()
        self._quotes()

    def _statics(self) -> Iterator[Thing]:
        yield from [self.facility] if self.facility else []
        yield self.investigation
        yield from (self.investigation.relations["type"], self.dataset.relations["type"])
        if self.sample and (sample_type := self.sample.relations.get("type")):
            yield sample_type
        if self.instrument:
            yield self.instrument
            related = {"investigation": self.investigation, "instrument": self.instrument}
            yield Thing("investigationInstrument", {}, related)
        for person in self.record.people:
            user = self._user(person)
            yield user
            related = {"investigation": self.investigation, "user": user}
            yield Thing("investigationUser", {"role": person.role}, related)

    def _thing(self, entity: str, attributes: Mapping[str, Plain], **relations: Thing) -> Thing:
        """An object with what this release knows of it; the facility where it has one."""
        known = {
            name: value
            for name, value in attributes.items()
            if value != "" and knows(self.version, entity, name)
        }
        if self.facility is not None and "facility" in ENTITIES[entity].key:
            relations["facility"] = self.facility
        return Thing(entity, known, relations, exists=not self.static)

    def _texts(self, entity: str, *names: str) -> dict[str, Plain]:
        return {name: self.record.text(f"{entity}.{name}") for name in names}

    def _facility(self) -> Thing | None:
        """The facility; without `static` it is not needed to find the other objects."""
        if not self.static:
            return None
        name = self.record.need("facility.name", "--facility NAME")
        more = self._texts("facility", "fullName", "url")
        return Thing("facility", {"name": name, **{k: v for k, v in more.items() if v}})

    def _investigation(self) -> Thing:
        name = self.record.need("investigation.name", "--investigation NAME")
        visit = self.record.text("investigation.visitId") or "1"
        if not self.static:
            found: dict[str, Plain] = {"name": name, "visitId": visit}
            return Thing("investigation", found, exists=True)
        texts = {"name": name, "visitId": visit}
        more = self._texts("investigation", "summary", "doi")
        title = self.record.text("investigation.title") or name
        kind = self.record.text("investigation.type") or "experiment"
        its_type = self._thing("investigationType", {"name": kind})
        return self._thing("investigation", {**texts, **more, "title": title}, type=its_type)

    def _instrument(self) -> Thing | None:
        texts = self._texts("instrument", "name", "fullName", "pid", "type")
        texts["name"] = texts["name"] or texts["pid"]
        return self._thing("instrument", texts) if texts["name"] else None

    def _sample(self) -> Thing | None:
        name = self.record.text("sample.name")
        if not name:
            return None
        texts = {"name": name, "pid": self.record.text("sample.pid")}
        related = {"investigation": self.investigation}
        formula = self.record.text("sampleType.molecularFormula")
        if self.static and formula:
            named = {"name": self.record.text("sampleType.name") or formula}
            related["type"] = self._thing("sampleType", {**named, "molecularFormula": formula})
        elif formula:
            path = self.record.values["sampleType.molecularFormula"].path or "/"
            self.notes.append(note("X11", path, "the type of the sample needs --with-static"))
        known = {
            key: text for key, text in texts.items() if text and knows(self.version, "sample", key)
        }
        return Thing("sample", known, related)

    def _dataset(self) -> Thing:
        self.record.need("dataset.name")
        names = ("name", "description", "startDate", "endDate", "doi", "location")
        texts = self._texts("dataset", *names)
        texts |= {name: kept_date(str(texts[name])) for name in ("startDate", "endDate")}
        known: dict[str, Plain] = {name: text for name, text in texts.items() if text}
        sizes = {
            "fileCount": len(self.files),
            "fileSize": sum(file.size for file in self.files),
        }
        if self.files and knows(self.version, "dataset", "fileCount"):
            known |= sizes
        kind = self._thing("datasetType", {"name": self.record.text("dataset.type") or "raw"})
        related = {"investigation": self.investigation, "type": kind}
        if self.sample:
            related["sample"] = self.sample
        return Thing("dataset", {"complete": False, **known}, related)

    def _techniques(self) -> Iterator[Thing]:
        for one in self.record.techniques:
            technique = self._thing("technique", {"name": one.name, "pid": one.pid})
            if self.static:
                yield technique
            related = {"dataset": self.dataset, "technique": technique}
            yield Thing("datasetTechnique", {}, related)
        if self.instrument:
            related = {"dataset": self.dataset, "instrument": self.instrument}
            yield Thing("datasetInstrument", {}, related)

    def _words(self) -> Iterator[Parameter]:
        """Technique and instrument as text, for releases that know no other way."""
        if knows(self.version, "datasetTechnique"):
            return
        names = "; ".join(technique.name for technique in self.record.techniques)
        instrument = self.record.text("instrument.fullName") or self.record.text("instrument.name")
        for name, text in (("technique", names), ("instrument", instrument)):
            if text:
                told = f"ICAT {self.version} links no {name} to a dataset: it becomes a parameter"
                self.notes.append(note("X11", "/", told))
                yield Parameter(name, text, "", "STRING")

    def _parameter_type(self, parameter: Parameter) -> Thing:
        texts: dict[str, Plain] = {
            "name": parameter.name,
            "units": parameter.units,
            "valueType": parameter.kind,
            "applicableToDataset": True,
            "description": parameter.about,
        }
        return self._thing("parameterType", texts)

    def _user(self, person: Person) -> Thing:
        names = {"fullName": person.name, "affiliation": person.affiliation}
        account = person.account or slug(person.name).lower()
        if account == slug(""):  # of other letters nothing is left, and people must differ
            account = person.name
        more = {"name": account, "email": person.email, "orcidId": person.orcid}
        return self._thing("user", {**names, **more})

    def _datafiles(self) -> Iterator[Thing]:
        version = self.record.text("datafileFormat.version") or "unknown"
        made: dict[str, Plain] = {"name": "NeXus", "version": version, "type": "application/x-hdf5"}
        kind = self._thing("datafileFormat", made)
        if self.static and self.files:
            yield kind
        names = Counter(file.name for file in self.files)
        for file in self.files:
            texts: dict[str, Plain] = {
                "name": file.name if names[file.name] == 1 else self._place(file),
                "location": str(file.path),
                "fileSize": file.size,
                "datafileModTime": file.modified,
            }
            if file.sha256:
                texts["checksum"] = f"sha256:{file.sha256}"
            # a server need not know the format, so without `static` none is named
            related = {"datafileFormat": kind} if self.static else {}
            yield Thing("datafile", texts, {**related, "dataset": self.dataset})

    def _place(self, file: DataFile) -> str:
        """The path of a file from the folder of the first one, by which those of one name
        differ."""
        return os.path.relpath(file.path.absolute(), self.files[0].path.absolute().parent)

    def _left_out(self) -> None:
        for target in ("publication.doi", "publication.fullReference"):
            if self.record.text(target):
                path = self.record.values[target].path or "/"
                told = f"{target}: a second ingest would double it, for ICAT gives it no unique key"
                self.notes.append(note("X11", path, told))

    def _quotes(self) -> None:
        """python-icat does not escape quotes where it looks for an object by attributes."""
        referred = [self.investigation, self.instrument] if not self.static else []
        for thing in filter(None, referred):
            if any("'" in text for text in thing.lookup.values()):
                target = f"{thing.entity}.name"
                path = self.record.values[target].path if target in self.record.values else ""
                hint = "python-icat does not escape it; give the name without, with --set"
                self.notes.append(
                    note("X16", path or "/", f"{target}: a quote in a reference", hint)
                )


def values_of(parameter: Parameter) -> dict[str, Plain]:
    """The value of a parameter as ICAT's attributes."""
    value = parameter.value
    if not isinstance(value, Number):
        if parameter.kind == "DATE_AND_TIME":
            return {"dateTimeValue": kept_date(value)}
        return {"stringValue": value}
    parts = {
        "error": value.deviation,
        "numericValue": value.value,
        "rangeBottom": value.low,
        "rangeTop": value.high,
    }
    return {name: number for name, number in parts.items() if number is not None}
