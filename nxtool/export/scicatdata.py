"""Datasets for SciCat: what its API takes to make a dataset, and the list of its files.

API v3 names one person, proposal, sample and instrument where v4 lists them, and has fewer names
for derived datasets. Sources: the models of scitacean (v4) and pyscicat (v3), the data transfer
objects of SciCat's backend.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Final, Literal

from nxtool.export.jsontext import Json, JsonSpool, filled
from nxtool.export.licenses import license_of
from nxtool.export.linked import keywords, left_out
from nxtool.export.mapping import TARGETS
from nxtool.export.notes import note
from nxtool.export.people import (
    creators,
    doubtful,
    email_of,
    is_email,
    orcid_of,
    principals,
)
from nxtool.export.record import DataFile, MissingValue, Person, Record
from nxtool.export.scicatvalues import ScientificMetadata
from nxtool.findings import Finding

Api = Literal["v3", "v4"]
APIS: Final[tuple[Api, ...]] = ("v3", "v4")
_DERIVED: Final = frozenset({"derived", "processed", "reduced", "analysed", "analyzed"})
_SINGLE: Final = {
    "proposalIds": "proposalId", "sampleIds": "sampleId", "instrumentIds": "instrumentId",
}  # fmt: skip
"""Lists of v4 of which v3 knows one."""
_PRINCIPAL: Final = "scicat.principalInvestigator"
_LEADING: Final = "NXuser/name with the role principal_investigator"
_NOWHERE: Final = frozenset({"investigation.type", "dataset.published"})


class ScicatWriter:
    """Takes records one by one and writes the file at the end; several become a list."""

    def __init__(self, api: Api = "v4") -> None:
        self.api = api
        self._spool = JsonSpool()

    def close(self) -> None:
        """Give back temporary files."""
        self._spool.close()

    def add(self, record: Record) -> list[Finding]:
        """One more dataset; notes on what was changed or has no place.

        Raises:
            MissingValue: something is not known that SciCat asks for.
        """
        maker = _Maker(record, self.api)
        document = {"dataset": maker.dataset(), "origDatablock": maker.files(), "attachments": []}
        if maker.missing:
            raise MissingValue(record.source, maker.missing)
        self._spool.add(document)
        placed = [target for target in TARGETS if target not in _NOWHERE]
        return [*maker.notes, *left_out(record, placed, "SciCat"), *doubtful(record)]

    def finish(self, target: IO[bytes]) -> None:
        """Write the whole file to `target`."""
        self._spool.pour_all(target)


class _Maker:
    """Makes the documents of one record."""

    def __init__(self, record: Record, api: Api) -> None:
        self.record = record
        self.notes: list[Finding] = []
        self.missing: dict[str, str] = {}
        self.api = api
        self.type = self._type()
        self.lead = self._lead()

    def dataset(self) -> Json:
        """What SciCat calls a dataset."""
        parts = {("v3", "raw"): self._raw_v3, ("v3", "derived"): self._derived_v3}
        special = parts.get((self.api, self.type), self._current)()
        known = license_of(self.record)
        owner = self._owning()
        base = {
            "contactEmail": self._email(),
            "creationTime": self._time(),
            "owner": self._owner(),
            "ownerGroup": self._group(),
            "sourceFolder": self._folder(),
            "type": self.type,
            "accessGroups": _listed(self.record.text("scicat.accessGroups")),
            "datasetName": self.record.text("dataset.name"),
            "description": self.record.text("dataset.description"),
            "keywords": keywords(self.record),
            "license": (known.spdx or known.name) if known else "",
            "orcidOfOwner": orcid_of(owner) if owner else "",
            "ownerEmail": email_of(owner) if owner else "",
            "runNumber": self.record.text("scicat.runNumber"),
            "techniques": [{"pid": one.iri, "name": one.name} for one in self.record.techniques],
        }
        whole = {**filled(base), **special}
        return {**whole, **filled({"scientificMetadata": self._measured(whole)})}

    def files(self) -> Json:
        """What SciCat calls the original data block; the server knows the dataset it is of."""
        listed = list(self._listed_files())
        summed = any("chk" in file for file in listed)
        return {
            "size": sum(file.size for file in self.record.files),
            **({"chkAlg": "sha256"} if summed else {}),
            "dataFileList": listed,
        }

    def _current(self) -> Json:
        """What v4 calls by its own names."""
        record = self.record
        made = {
            "principalInvestigators": self._investigators(),
            "creationLocation": self._location(),
            "dataFormat": "NeXus",
            "startTime": record.text("dataset.startDate"),
            "endTime": record.text("dataset.endDate"),
            "proposalIds": _one(record.text("investigation.name")),
            "sampleIds": _one(record.text("sample.pid") or record.text("sample.name")),
            "instrumentIds": _one(record.text("instrument.pid") or record.text("instrument.name")),
            "usedSoftware": _one(self._software()),
        }
        if self.type == "derived":
            return {**filled(made), **self._derivation()}
        self._need(made["principalInvestigators"], _PRINCIPAL, _LEADING)
        self._need(made["creationLocation"], "scicat.creationLocation")
        return filled(made)

    def _raw_v3(self) -> Json:
        current = self._current()
        made = {one: current.pop(many)[0] for many, one in _SINGLE.items() if many in current}
        current.pop("startTime", None)
        leads = "; ".join(current.pop("principalInvestigators"))
        return {**current, **made, **self._sums(), "principalInvestigator": leads}

    def _derived_v3(self) -> Json:
        made = {"proposalId": self.record.text("investigation.name"), **self._sums()}
        leads = self._investigators()
        self._need(leads, _PRINCIPAL, _LEADING)
        return {**filled(made), **self._derivation(), "investigator": "; ".join(leads)}

    def _derivation(self) -> Json:
        """What derived datasets must tell besides."""
        inputs = _listed(self.record.text("scicat.inputDatasets"))
        self._need(inputs, "scicat.inputDatasets")
        software = self._software()
        self._need(software, "software.name")
        return {"inputDatasets": inputs, "usedSoftware": [software], "jobParameters": {}}

    def _measured(self, whole: Json) -> Json:
        """The scientific metadata: the parameters, and what has no place in `whole`."""
        made = ScientificMetadata()
        made.add(self.record, frozenset(_texts(whole)))
        self.notes += made.notes
        return made.values

    def _need(self, found: object, target: str, places: str = "") -> None:
        """Remember what is missing, for all of it is told at once."""
        if not found:
            self.missing[target] = f"looked for at {places}" if places else ""

    def _type(self) -> Literal["raw", "derived"]:
        text = self.record.text("dataset.type").lower()
        if text in _DERIVED:
            return "derived"
        if text not in ("", "raw"):
            told = f"dataset.type: SciCat knows raw and derived, {text!r} becomes raw"
            self.notes.append(note("X20", self.record.values["dataset.type"].path or "/", told))
        return "raw"

    def _lead(self) -> Person | None:
        """Who answers for the dataset, None where nobody is named."""
        return next(iter((*principals(self.record), *creators(self.record))), None)

    def _investigators(self) -> list[str]:
        given = _listed(self.record.text(_PRINCIPAL))
        names = given or [person.name for person in principals(self.record)]
        return list(dict.fromkeys(names))

    def _group(self) -> str:
        """Who may see the dataset, which no file knows."""
        name = self.record.text("scicat.ownerGroup")
        self._need(name, "scicat.ownerGroup")
        return name

    def _owner(self) -> str:
        given = self.record.text("scicat.owner") or "; ".join(self._investigators())
        name = given or (self.lead.name if self.lead else "")
        self._need(name, "scicat.owner", "NXuser/name")
        return name

    def _owning(self) -> Person | None:
        """The person that `owner` names first; None where the name was given, and the file knows
        nobody of that name."""
        given = _listed(self.record.text("scicat.owner") or self.record.text(_PRINCIPAL))
        if not given:
            return self.lead
        return next((person for person in self.record.people if person.name == given[0]), None)

    def _email(self) -> str:
        """The address given, or that of the one who answers for the dataset, or of anybody."""
        given = self.record.text("scicat.contactEmail")
        if given and all(is_email(part.strip()) for part in given.split(";")):
            return given
        if given:
            self.notes.append(note("X10", "/", f"scicat.contactEmail: {given!r} is no address"))
        people = (*([self.lead] if self.lead else []), *self.record.people)
        found = next((email for person in people if (email := email_of(person))), "")
        self._need(found, "scicat.contactEmail", "NXuser/email")
        return found

    def _time(self) -> str:
        """When the data were there: the end of the measurement, or what is nearest to it."""
        for target in ("dataset.endDate", "dataset.startDate"):
            if text := self.record.text(target):
                return text
        times = [file.modified for file in self.record.files]
        self._need(times, "dataset.endDate")
        latest = max(times, default="")
        self.notes.append(note("X23", "/", f"creationTime is {latest}, when the file was changed"))
        return latest

    def _location(self) -> str:
        if given := self.record.text("scicat.creationLocation"):
            return given
        parts = (self.record.text("facility.name"), self.record.text("instrument.name"))
        return "".join(f"/{part}" for part in parts if part)

    def _software(self) -> str:
        words = (self.record.text("software.name"), self.record.text("software.version"))
        return " ".join(word for word in words if word) if words[0] else ""

    def _folder(self) -> str:
        """The folder of the files on the server: as said, or else where they lie now."""
        text = self.record.text("dataset.location")
        if PurePosixPath(text).is_absolute() or PureWindowsPath(text).is_absolute():
            return text
        if text:
            told = f"dataset.location: {text!r} is not absolute, and not used"
            self.notes.append(note("X07", self.record.values["dataset.location"].path or "/", told))
        self._need(self.record.files, "dataset.location")
        return self._root().as_posix() if self.record.files else ""

    def _root(self) -> Path:
        return self.record.files[0].path.resolve().parent

    def _listed_files(self) -> Iterator[Json]:
        for file in self.record.files:
            listed = {"path": self._path(file), "size": file.size, "time": file.modified}
            yield {**listed, **filled({"chk": file.sha256})}

    def _path(self, file: DataFile) -> str:
        for whole in (file.path.resolve(), file.path.absolute()):
            if whole.is_relative_to(self._root()):
                return whole.relative_to(self._root()).as_posix()
        return file.name

    def _sums(self) -> Json:
        files = self.record.files
        return {"size": sum(file.size for file in files), "numberOfFiles": len(files)}


def _one(text: str) -> list[str]:
    return [text] if text else []


def _listed(text: str) -> list[str]:
    """The parts of a text between semicolons."""
    return [part.strip() for part in text.split(";") if part.strip()]


def _texts(value: object) -> Iterator[str]:
    """The texts in a document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
