"""The formats that a file can be exported to: for whom, how the command calls them, what they ask.

Each maker loads the writer when it is called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nxtool.export.api import icat_writer
from nxtool.export.crate import NAME, CrateWriter, crate_root
from nxtool.export.datacitejson import DataciteWriter
from nxtool.export.schemaorg import JsonldWriter
from nxtool.export.scicatdata import ScicatWriter

if TYPE_CHECKING:
    from nxtool.export.api import IcatFormat
    from nxtool.export.run import Writer
    from nxtool.viewing.exporting import Choices


@dataclass(frozen=True, slots=True)
class Format:
    """One format: who reads it, the subcommand of `nxtool export`, what the name of a file ends
    with, and the writer. `asks` are the names of choices that only some formats have, `without`
    the sections of a preview that the format has no place for."""

    name: str
    about: str
    command: str
    ending: str
    make: Callable[[Choices], Writer]
    asks: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    whole_name: str = ""
    """The name of the file where it is the same for all."""

    @property
    def mapping(self) -> str:
        """The mapping that is used where none is chosen."""
        return "esrf" if self.name == "esrf" else "default"


def _icat(
    name: IcatFormat, about: str, ending: str, without: tuple[str, ...], *asks: str
) -> Format:
    def make(choices: Choices) -> Writer:
        return icat_writer(
            name, choices.ingest_version, choices.icat_version, with_static=choices.with_static
        )

    return Format(name, about, "icat", ending, make, asks, without)


_DUMP: Final = ("icat_version", "with_static", "checksums")
_FORMATS: Final = (
    _icat(
        "icatingest", "ICAT: python-icat's IngestReader", ".icat.xml", ("people", "files"),
        "ingest_version",
    ),
    _icat("icatdata", "ICAT: icatingest.py -f XML", ".icat.xml", (), *_DUMP),
    _icat("icatdata-yaml", "ICAT: icatingest.py -f YAML", ".icat.yaml", (), *_DUMP),
    _icat(
        "esrf", "ICAT of the ESRF: icat-store-from-file", ".esrf.xml",
        ("people", "files"),
    ),
    Format(
        "scicat", "SciCat: datasets and data blocks", "scicat", ".scicat.json",
        lambda choices: ScicatWriter(choices.api), ("api", "checksums"),
    ),
    Format(
        "datacite", "DataCite: what a DOI asks for", "datacite", ".datacite.json",
        lambda choices: DataciteWriter(), without=("parameters",),
    ),
    Format(
        "rocrate", "RO-Crate: the metadata of a folder", "rocrate", "",
        lambda choices: CrateWriter(crate_root([choices.file])), ("checksums",),
        whole_name=NAME,
    ),
    Format(
        "jsonld", "schema.org: JSON-LD for web pages", "jsonld", ".jsonld",
        lambda choices: JsonldWriter(), ("checksums",),
    ),
)  # fmt: skip
FORMATS: Final[Mapping[str, Format]] = {one.name: one for one in _FORMATS}
"""By name, those for ICAT first."""
