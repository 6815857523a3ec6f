"""What an ICAT server holds: entities, how long their texts may be, what must be unique.

No XSD says any of it, so a server refuses what its own schema calls valid. Source: the entity
classes of icat.server 6.2; which release knows which attribute: the schemas of python-icat.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

Version = Literal["4.4", "4.7", "4.10", "5.0", "6.2"]
VERSIONS: Final[tuple[Version, ...]] = ("4.4", "4.7", "4.10", "5.0", "6.2")
"""Releases of ICAT that have a schema of their own, oldest first."""
TEXT: Final = 255
"""How many characters a text may have unless said otherwise."""

_NONE: Final[Mapping[str, int]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Entity:
    """One kind of object of ICAT, as its dump format calls it.

    `key` are the attributes and relations that together must be unique, `required` the attributes
    that must be there, `lengths` the limits other than `TEXT`. `since` is the first release.
    """

    name: str
    key: tuple[str, ...]
    required: tuple[str, ...] = ()
    lengths: Mapping[str, int] = field(default_factory=lambda: _NONE)
    since: Version = "4.4"

    def limit(self, attribute: str) -> int:
        """How many characters `attribute` may have."""
        return self.lengths.get(attribute, TEXT)


_PARAMETER: Final = MappingProxyType({"stringValue": 4000})
_ENTITIES: Final = (
    Entity("affiliation", ("user", "name"), ("name",), since="5.0"),
    Entity("application", ("facility", "name", "version"), ("name", "version")),
    Entity("dataCollection", ()),
    Entity("dataCollectionDatafile", ("dataCollection", "datafile")),
    Entity("dataCollectionDataset", ("dataCollection", "dataset")),
    Entity("dataCollectionInvestigation", ("dataCollection", "investigation"), since="5.0"),
    Entity("dataCollectionParameter", ("dataCollection", "type"), (), _PARAMETER),
    Entity("dataPublication", ("facility", "pid"), ("pid", "title"), since="5.0"),
    Entity("dataPublicationDate", ("publication", "dateType"), ("date", "dateType"), since="5.0"),
    Entity("dataPublicationFunding", ("publication", "funding"), since="5.0"),
    Entity("dataPublicationType", ("facility", "name"), ("name",), since="5.0"),
    Entity(
        "dataPublicationUser", ("publication", "user", "contributorType"), ("contributorType",),
        since="5.0",
    ),
    Entity("datafile", ("dataset", "name"), ("name",), MappingProxyType({"location": 511})),
    Entity("datafileFormat", ("facility", "name", "version"), ("name", "version")),
    Entity("datafileParameter", ("datafile", "type"), (), _PARAMETER),
    Entity(
        "dataset", ("investigation", "name"), ("name", "complete"),
        MappingProxyType({"location": 511}),
    ),
    Entity("datasetInstrument", ("dataset", "instrument"), since="5.0"),
    Entity("datasetParameter", ("dataset", "type"), (), _PARAMETER),
    Entity("datasetTechnique", ("dataset", "technique"), since="5.0"),
    Entity("datasetType", ("facility", "name"), ("name",)),
    Entity("facility", ("name",), ("name",), MappingProxyType({"description": 1023})),
    Entity("facilityCycle", ("facility", "name"), ("name",)),
    Entity(
        "fundingReference", ("funderName", "awardNumber"), ("funderName", "awardNumber"),
        since="5.0",
    ),
    Entity("grouping", ("name",), ("name",)),
    Entity(
        "instrument", ("facility", "name"), ("name",), MappingProxyType({"description": 4000})
    ),
    Entity("instrumentScientist", ("user", "instrument")),
    Entity(
        "investigation", ("facility", "name", "visitId"), ("name", "visitId", "title"),
        MappingProxyType({"summary": 4000}),
    ),
    Entity("investigationFacilityCycle", ("facilityCycle", "investigation"), since="5.0"),
    Entity("investigationFunding", ("investigation", "funding"), since="5.0"),
    Entity("investigationGroup", ("grouping", "investigation", "role"), ("role",)),
    Entity("investigationInstrument", ("investigation", "instrument")),
    Entity("investigationParameter", ("investigation", "type"), (), _PARAMETER),
    Entity("investigationType", ("facility", "name"), ("name",)),
    Entity("investigationUser", ("user", "investigation", "role"), ("role",)),
    Entity("job", ()),
    Entity("keyword", ("name", "investigation"), ("name",)),
    Entity("parameterType", ("facility", "name", "units"), ("name", "units", "valueType")),
    Entity("permissibleStringValue", ("value", "type"), ("value",)),
    Entity("publicStep", ("origin", "field"), ("origin", "field")),
    Entity("publication", (), ("fullReference",), MappingProxyType({"fullReference": 511})),
    Entity("relatedDatafile", ("sourceDatafile", "destDatafile"), ("relation",)),
    Entity(
        "relatedItem", ("publication", "identifier"),
        ("identifier", "relatedItemType", "relationType", "title"), since="5.0",
    ),
    Entity("rule", (), ("crudFlags", "what")),
    Entity("sample", ("investigation", "name"), ("name",)),
    Entity("sampleParameter", ("sample", "type"), (), _PARAMETER),
    Entity(
        "sampleType", ("facility", "name", "molecularFormula"), ("name", "molecularFormula"),
        MappingProxyType({"safetyInformation": 4000}),
    ),
    Entity("shift", ("investigation", "startDate", "endDate"), ("startDate", "endDate")),
    Entity("study", (), ("name",)),
    Entity("studyInvestigation", ("study", "investigation")),
    Entity("subject", ("dataPublication", "name"), ("name",), since="6.2"),
    Entity("technique", ("name",), ("name",), since="5.0"),
    Entity("user", ("name",), ("name",)),
    Entity("userGroup", ("user", "grouping")),
)  # fmt: skip
ENTITIES: Final[Mapping[str, Entity]] = {entity.name: entity for entity in _ENTITIES}
UNMEASURED: Final = frozenset(
    {
        "affiliation", "dataPublication", "dataPublicationDate", "dataPublicationType",
        "dataPublicationUser", "fundingReference", "job", "publicStep", "relatedItem", "rule",
        "shift", "study", "subject",
    }
)  # fmt: skip
"""Entities whose lengths were not looked up: no text of theirs can be called too long."""

_SINCE: Final[Mapping[str, Version]] = {
    "user.email": "4.7",
    "user.orcidId": "4.7",
    "user.affiliation": "4.10",
    "user.familyName": "4.10",
    "user.givenName": "4.10",
    "instrument.pid": "4.10",
    "parameterType.pid": "4.10",
    "sample.pid": "4.10",
    "dataset.fileCount": "5.0",
    "dataset.fileSize": "5.0",
    "investigation.fileCount": "5.0",
    "investigation.fileSize": "5.0",
}


def limit(target: str) -> int:
    """How many characters the text at `target` (`dataset.name`) may have."""
    entity, _, attribute = target.partition(".")
    known = ENTITIES.get(entity)
    return known.limit(attribute) if known else TEXT


def knows(version: Version, entity: str, attribute: str = "") -> bool:
    """Whether ICAT `version` has the entity, and the attribute of it.

    >>> knows("4.7", "technique"), knows("4.10", "sample", "pid")
    (False, True)
    """
    since = _SINCE.get(f"{entity}.{attribute}", ENTITIES[entity].since)
    return VERSIONS.index(version) >= VERSIONS.index(since)
