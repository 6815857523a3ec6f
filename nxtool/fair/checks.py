"""The table of questions: the only list of codes, points and advice.

Sources: Wilkinson et al. (2016), "The FAIR Guiding Principles", by their numbers (F1 to R1.3);
the recommendations of ExPaNDS for photon and neutron data (D2.7, doi:10.5281/zenodo.6821676);
the NeXus manual.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Letter = Literal["F", "A", "I", "R"]
LETTERS: Final[Mapping[Letter, str]] = {
    "F": "Findable",
    "A": "Accessible",
    "I": "Interoperable",
    "R": "Reusable",
}


@dataclass(frozen=True, slots=True)
class Check:
    """A yes/no question: what a yes is worth, why one asks, what to do when the answer is no.

    `source` is the principle, and the place in the standard. `hint` marks questions of courtesy
    rather than of the principles; they are worth a point.
    """

    code: str
    points: int
    title: str
    why: str
    fix: str
    source: str
    hint: bool = False

    @property
    def letter(self) -> Letter:
        """The letter of FAIR it serves."""
        return next(letter for letter in LETTERS if self.code.startswith(letter))


_CHECKS: Final = (
    # findable
    Check("F01", 6, "Does the entry have a globally unique, persistent identifier?",
          "Without one nobody can cite the data or tell two copies from two measurements.",
          "Write entry_identifier_uuid, or identifierNAME with type DOI, Hdl or ARK in NXentry.",
          "F1; NXentry, NXobject/identifierNAME"),
    Check("F02", 4, "Is the proposal or experiment identified?",
          "Catalogues find the data of an experiment by the number of its proposal.",
          "Write the proposal number as experiment_identifier.",
          "F3; NXentry/experiment_identifier"),
    Check("F03", 3, "Does the title say something (10 characters or more)?",
          "The title is what a search lists.",
          "Write a title that tells sample and measurement.",
          "F2; NXentry/title"),
    Check("F04", 3, "Does the instrument have a persistent identifier?",
          "Names of beamlines change; an identifier leads to what the instrument was.",
          "Write identifierNAME with its type in NXinstrument, for instance a DOI of PIDINST.",
          "F1, R1.2; NXobject/identifierNAME"),
    Check("F05", 3, "Is the sample named?",
          "Data are searched by sample.",
          "Write NXsample/name; where there was no sample, NXsample/type `none`.",
          "F2; NXsample/name"),
    Check("F06", 3, "Does the sample have an identifier or a chemical formula?",
          "A name like `s3` means nothing outside the laboratory.",
          "Write identifierNAME (an IGSN, the number in your database) or chemical_formula.",
          "F1, F2; NXsample"),
    Check("F07", 3, "Are there users, each with name and role?",
          "Credit and questions need a person.",
          "Write an NXuser with name and role for everyone who took part.",
          "R1.2; NXuser"),
    Check("F08", 3, "Is there a principal investigator?",
          "Catalogues grant access through one responsible person.",
          "Give one NXuser the role `principal_investigator`.",
          "R1.2; NXuser/role"),
    Check("F09", 4, "Is somebody identified by ORCID, and is every ORCID valid?",
          "Names are ambiguous; an ORCID is one person. Its last digit is a checksum.",
          "Write NXuser/ORCID as https://orcid.org/0000-0002-1825-0097; compare with the person's.",
          "F1, I3; NXuser/ORCID, ISO 7064 MOD 11-2"),
    # accessible
    Check("A01", 5, "Can all values be read here with registered filters?",
          "Values behind a private filter are lost when its program is.",
          "`nxtool filters check` names the datasets; `nxtool repack` stores them otherwise.",
          "A1.1; HDF Group, registered filter plugins"),
    Check("A02", 5, "Is every other file the data need there, in the file's folder or below?",
          "A link that leads elsewhere breaks when the file is delivered.",
          "Put the files beside this one and link to them by name, or copy their data into it.",
          "A1; NeXus manual, Links"),
    Check("A03", 1, "Are links to other files free of absolute paths?",
          "An absolute path is right on one computer only, and may tell who worked there.",
          "Write links relative to the file.",
          "A1; HDF5, H5Lcreate_external", hint=True),
    Check("A04", 1, "Are the users' entries free of e-mail addresses?",
          "Published files are read by all, spammers too; an ORCID leads to a person as well.",
          "Remove e-mail addresses of people who did not consent, for instance by `nxtool edit`.",
          "A1.2; GDPR, article 5", hint=True),
    # interoperable
    Check("I01", 5, "Does the file name an application definition that is known?",
          "The definition tells programs where to find what.",
          "Write the name of an application definition as NXentry/definition.",
          "I1, R1.3; NXentry/definition"),
    Check("I02", 2, "Is the version of the definition given?",
          "Definitions change; the version says which one was meant.",
          "Write the release or version as attribute `version` of definition.",
          "R1.3; NXentry/definition@version"),
    Check("I03", 4, "Is the technique known as a term of PaNET?",
          "Catalogues of many facilities search by the same terms.",
          "Name a definition that stands for a technique, or write the IRI of the PaNET term as "
          "identifier_technique with type PURL in NXentry.",
          "I2; PaNET"),
    Check("I04", 3, "Is the probe given?",
          "X-rays, neutrons or electrons: without it the numbers mean nothing.",
          "Write NXsource/probe.",
          "I2, R1; NXsource/probe"),
    Check("I05", 5, "Do all numbers that need a unit have one that can be read?",
          "A number without a unit is no measurement.",
          "Write the attribute units; `1` for a mere ratio. `nxtool validate` shows what fits.",
          "I1, R1; NeXus manual, Data units"),
    Check("I06", 6, "Is the file free of errors by its definitions?",
          "Programs that rely on the definition fail on errors.",
          "`nxtool validate` shows them all.",
          "I1, R1.3; NXDL"),
    Check("I07", 4, "Does the chain of `default` lead to a plot?",
          "The first look at data is a plot nobody has to configure.",
          "Write default in the root and in NXentry, and signal in NXdata.",
          "I1; NeXus manual, Find the plottable data"),
    Check("I08", 2, "Does the root tell time of writing, HDF5 and NeXus versions?",
          "Who reads the file in ten years must know by what rules it was written.",
          "Write file_time, HDF5_Version and NeXus_release as attributes of the root.",
          "I1, R1.2; NXroot"),
    # reusable
    Check("R01", 6, "Is the licence given, as SPDX identifier or https URL?",
          "Without a licence nobody may reuse the data.",
          "Write `license` (CC-BY-4.0, CC0-1.0) in an NXcollection of the entry, with its URL.",
          "R1.1; SPDX licence list"),
    Check("R02", 3, "Is the start given with date, time and zone?",
          "Without a zone nobody can match the data with logs.",
          "Write start_time like 2026-01-31T12:00:00+01:00.",
          "R1.2; NXentry/start_time"),
    Check("R03", 2, "Is the end given with date, time and zone?",
          "It tells whether the measurement was finished.",
          "Write end_time like 2026-01-31T13:00:00+01:00.",
          "R1.2; NXentry/end_time"),
    Check("R04", 3, "Is the facility or source named?",
          "It tells whom to ask, and what beam to expect.",
          "Write NXsource/name.",
          "R1.2; NXsource/name"),
    Check("R05", 2, "Is the program that wrote the data named, with its version?",
          "Faults of programs are known by version.",
          "Write program_name with the attribute version in NXentry.",
          "R1.2; NXentry/program_name"),
    Check("R06", 3, "Does an NXprocess tell how processed data were made?",
          "Nobody can repeat or trust what has no history.",
          "Write an NXprocess with program, version and date.",
          "R1.2; NXprocess"),
    Check("R07", 3, "Are there checksums, and do they agree?",
          "Only a checksum tells that bytes are still those that were measured.",
          "Convert with nxtool, which records them, or put FILE.sha256 beside the file; when one "
          "does not agree, copy the file again.",
          "R1.2; NXnote/checksum, sha256sum"),
    Check("R08", 3, "Is a related publication or the funding named?",
          "It leads from the data to what was learned from them.",
          "Write an NXcite with doi, or a field `funding` in an NXcollection.",
          "I3, F3; NXcite"),
)  # fmt: skip

CHECKS: Final[Mapping[str, Check]] = {check.code: check for check in _CHECKS}
"""The checks by code, in the order in which they are told."""
