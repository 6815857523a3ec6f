"""What the official XSD does not say about the entities of ICAT, written down as tables.

The dump schema names attributes and relations, but neither unique keys nor lengths, and it calls
every many-to-one relation optional. Entities that a version lacks are simply not looked up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

DEFAULT_LENGTH: Final = 255
LENGTHS: Final[Mapping[str, int]] = {
    "Affiliation.fullReference": 1023,
    "Affiliation.name": 511,
    "DataCollectionParameter.stringValue": 4000,
    "DataPublication.description": 4000,
    "DataPublication.subject": 1023,
    "Datafile.location": 511,
    "DatafileParameter.stringValue": 4000,
    "Dataset.location": 511,
    "DatasetParameter.stringValue": 4000,
    "Facility.description": 1023,
    "FundingReference.acknowledgement": 1023,
    "Instrument.description": 4000,
    "Investigation.summary": 4000,
    "InvestigationParameter.stringValue": 4000,
    "Publication.fullReference": 511,
    "PublicStep.field": 32,
    "PublicStep.origin": 32,
    "RelatedItem.fullReference": 1023,
    "Rule.crudFlags": 4,
    "Rule.what": 1024,
    "SampleParameter.stringValue": 4000,
    "SampleType.safetyInformation": 4000,
    "Study.description": 4000,
}

# Attributes that the XSD calls optional and the catalogue requires, and the other way round.
REQUIRED_ATTRIBUTES: Final = frozenset({"InvestigationGroup.role", "InvestigationUser.role"})
NULLABLE_ATTRIBUTES: Final = frozenset({"RelatedItem.relatedItemType", "RelatedItem.title"})

# What stands where nothing was sent; booleans are false then.
DEFAULTS: Final[Mapping[str, int]] = {
    "Dataset.fileCount": 0,
    "Dataset.fileSize": 0,
    "Investigation.fileCount": 0,
    "Investigation.fileSize": 0,
}

NULLABLE_RELATIONS: Final = frozenset(
    {
        "DataPublication.type",
        "Datafile.datafileFormat",
        "Dataset.sample",
        "Job.inputDataCollection",
        "Job.outputDataCollection",
        "Rule.grouping",
        "Sample.type",
        "Shift.instrument",
        "Study.user",
    }
)

# The XSD still has the name that the relation had before the entity was released.
RENAMED: Final[Mapping[str, str]] = {"DataPublicationFunding.publication": "dataPublication"}

# Schemas before 4.10 do not say to what some relations lead.
REFERRED: Final[Mapping[str, str]] = {
    "DataCollectionDatafile.dataCollection": "dataCollection",
    "DataCollectionDataset.dataCollection": "dataCollection",
    "DataCollectionParameter.dataCollection": "dataCollection",
    "Job.inputDataCollection": "dataCollection",
    "Job.outputDataCollection": "dataCollection",
    "StudyInvestigation.study": "study",
}

# One-to-many relations whose other end cannot be told from the entity alone.
INVERSES: Final[Mapping[str, str]] = {
    "DataCollection.jobsAsInput": "inputDataCollection",
    "DataCollection.jobsAsOutput": "outputDataCollection",
    "Datafile.destDatafiles": "destDatafile",
    "Datafile.sourceDatafiles": "sourceDatafile",
}

UNIQUE: Final[Mapping[str, tuple[str, ...]]] = {
    "Affiliation": ("user", "name"),
    "Application": ("facility", "name", "version"),
    "DataCollectionDatafile": ("dataCollection", "datafile"),
    "DataCollectionDataset": ("dataCollection", "dataset"),
    "DataCollectionInvestigation": ("dataCollection", "investigation"),
    "DataCollectionParameter": ("dataCollection", "type"),
    "DataPublication": ("facility", "pid"),
    "DataPublicationDate": ("publication", "dateType"),
    "DataPublicationFunding": ("dataPublication", "funding"),
    "DataPublicationType": ("facility", "name"),
    "DataPublicationUser": ("publication", "user", "contributorType"),
    "Datafile": ("dataset", "name"),
    "DatafileFormat": ("facility", "name", "version"),
    "DatafileParameter": ("datafile", "type"),
    "Dataset": ("investigation", "name"),
    "DatasetInstrument": ("dataset", "instrument"),
    "DatasetParameter": ("dataset", "type"),
    "DatasetTechnique": ("dataset", "technique"),
    "DatasetType": ("facility", "name"),
    "Facility": ("name",),
    "FacilityCycle": ("facility", "name"),
    "FundingReference": ("funderName", "awardNumber"),
    "Grouping": ("name",),
    "Instrument": ("facility", "name"),
    "InstrumentScientist": ("user", "instrument"),
    "Investigation": ("facility", "name", "visitId"),
    "InvestigationFacilityCycle": ("facilityCycle", "investigation"),
    "InvestigationFunding": ("investigation", "funding"),
    "InvestigationGroup": ("grouping", "investigation", "role"),
    "InvestigationInstrument": ("investigation", "instrument"),
    "InvestigationParameter": ("investigation", "type"),
    "InvestigationType": ("name", "facility"),
    "InvestigationUser": ("user", "investigation", "role"),
    "Keyword": ("name", "investigation"),
    "ParameterType": ("facility", "name", "units"),
    "PermissibleStringValue": ("value", "type"),
    "PublicStep": ("origin", "field"),
    "RelatedDatafile": ("sourceDatafile", "destDatafile"),
    "RelatedItem": ("publication", "identifier"),
    "Sample": ("investigation", "name"),
    "SampleParameter": ("sample", "type"),
    "SampleType": ("facility", "name", "molecularFormula"),
    "Shift": ("investigation", "startDate", "endDate"),
    "StudyInvestigation": ("study", "investigation"),
    "Subject": ("dataPublication", "name"),
    "Technique": ("name",),
    "User": ("name",),
    "UserGroup": ("user", "grouping"),
}
