"""Exports from Python: what `nxtool export` does, as functions."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Final, Literal

from nxtool.export.collect import Wishes, wishes_of
from nxtool.export.crate import CrateWriter, crate_root
from nxtool.export.datacitejson import DataciteWriter
from nxtool.export.datasets import Exported, Manner, Per
from nxtool.export.esrf import EsrfWriter, with_names
from nxtool.export.icatdata import DumpWriter
from nxtool.export.icatingest import IngestVersion, IngestWriter
from nxtool.export.icatmodel import Version
from nxtool.export.mapping import CatalogueMapping, load_mapping
from nxtool.export.run import Writer, run, write_file
from nxtool.export.schemaorg import JsonldWriter
from nxtool.export.scicatdata import Api, ScicatWriter
from nxtool.findings import Findings

Paths = str | PathLike[str] | Sequence[str | PathLike[str]]
IcatFormat = Literal["icatingest", "icatdata", "icatdata-yaml", "esrf"]
WITH_FILES: Final[tuple[IcatFormat, ...]] = ("icatdata", "icatdata-yaml")
"""The formats that list the files of a dataset."""


class Export:
    """What an export made: `report` tells of the values left out or changed.

    `report.ok` is False where the catalogue would refuse it. It may keep temporary files: use it
    in a `with` block, or close it.
    """

    def __init__(self, writer: Writer, report: Findings) -> None:
        self._writer = writer
        self.report = report

    def __enter__(self) -> Export:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back temporary files."""
        self._writer.close()

    def write(self, path: str | PathLike[str], *, overwrite: bool = False) -> None:
        """Write the file `path`, whole or not at all.

        Raises:
            OutputError: it exists, or cannot be written.
        """
        write_file(self._writer, Path(path), overwrite=overwrite)

    @property
    def text(self) -> str:
        """The file as text."""
        stream = io.BytesIO()
        self._writer.finish(stream)
        return stream.getvalue().decode()


def icat(
    files: Paths,
    mapping: str = "",
    *,
    format: IcatFormat = "icatingest",
    ingest_version: IngestVersion = "1.1",
    icat_version: Version = "5.0",
    with_static: bool = False,
    dataset_per: Per = "file",
    entry: str = "",
    values: Mapping[str, str] | None = None,
    timezone: str | None = None,
    truncate: bool = False,
    checksums: bool = False,
) -> Export:
    """What `files`, or the HDF5 files of folders, say for ICAT.

    `mapping` is a preset or the path of a YAML file, without it `default` (`esrf` for the ESRF);
    `values` (`{"investigation.name": "mx1"}`) win over the files. See `nxtool export icat --help`
    for the rest.

    Raises:
        NxtoolError: a file cannot be read, a value that is needed is missing, the mapping is wrong.
    """
    wishes = wishes_of(values or {}, timezone, truncate=truncate)
    used = icat_mapping(mapping, format)
    manner = Manner(used, wishes, dataset_per, entry, format in WITH_FILES, checksums)
    writer = icat_writer(format, ingest_version, icat_version, with_static=with_static)
    return export(files, manner, writer)


def icat_mapping(name: str, form: IcatFormat) -> CatalogueMapping:
    """The mapping called `name`, or the usual one of a format, with the names the format knows.

    Raises:
        RecipeError: there is no such mapping, or it is wrong.
        MissingExtra: a package that holds names is not installed.
    """
    if form == "esrf":
        return with_names(load_mapping(name or "esrf"))
    return load_mapping(name or "default")


def icat_writer(
    form: IcatFormat, ingest_version: IngestVersion, icat_version: Version, *, with_static: bool
) -> Writer:
    """The writer of a format for ICAT servers."""
    if form == "esrf":
        return EsrfWriter()
    if form == "icatingest":
        return IngestWriter(ingest_version)
    return DumpWriter(icat_version, static=with_static, yaml=form == "icatdata-yaml")


def scicat(
    files: Paths,
    mapping: str = "default",
    *,
    api: Api = "v4",
    dataset_per: Per = "file",
    entry: str = "",
    values: Mapping[str, str] | None = None,
    timezone: str | None = None,
    truncate: bool = False,
    checksums: bool = False,
) -> Export:
    """What `files`, or the HDF5 files of folders, say for SciCat, as JSON.

    `api` chooses the names of a server's API. SciCat asks for an owner group, which no file
    knows: `values={"scicat.ownerGroup": "p123"}`. The rest is as for `icat`.

    Raises:
        NxtoolError: as for `icat`.
    """
    wishes = wishes_of(values or {}, timezone, truncate=truncate)
    manner = _free_manner(mapping, wishes, dataset_per, entry, checksums=checksums)
    return export(files, manner, ScicatWriter(api))


def datacite(
    files: Paths,
    mapping: str = "default",
    *,
    dataset_per: Per = "file",
    entry: str = "",
    values: Mapping[str, str] | None = None,
    timezone: str | None = None,
    truncate: bool = False,
) -> Export:
    """What `files`, or the HDF5 files of folders, say for a DOI, as JSON for DataCite.

    The arguments are those of `icat`.

    Raises:
        NxtoolError: as for `icat`.
    """
    wishes = wishes_of(values or {}, timezone, truncate=truncate)
    manner = _free_manner(mapping, wishes, dataset_per, entry)
    return export(files, manner, DataciteWriter())


def rocrate(
    files: Paths,
    mapping: str = "default",
    *,
    root: str | PathLike[str] = "",
    dataset_per: Per = "file",
    entry: str = "",
    values: Mapping[str, str] | None = None,
    timezone: str | None = None,
    truncate: bool = False,
    checksums: bool = False,
) -> Export:
    """What `files`, or the HDF5 files of folders, say as the metadata of an RO-Crate.

    It is the file `ro-crate-metadata.json` of the folder `root`, from which the paths in it
    count; without `root` that is the innermost folder that all files are in. The rest is as for
    `icat`.

    Raises:
        NxtoolError: as for `icat`.
    """
    wishes = wishes_of(values or {}, timezone, truncate=truncate)
    manner = _free_manner(mapping, wishes, dataset_per, entry, checksums=checksums)
    folder = Path(root) if root else crate_root(_paths(files))
    return export(files, manner, CrateWriter(folder))


def jsonld(
    files: Paths,
    mapping: str = "default",
    *,
    dataset_per: Per = "file",
    entry: str = "",
    values: Mapping[str, str] | None = None,
    timezone: str | None = None,
    truncate: bool = False,
    checksums: bool = False,
) -> Export:
    """What `files`, or the HDF5 files of folders, say in the words of schema.org, as JSON-LD.

    The arguments are those of `icat`.

    Raises:
        NxtoolError: as for `icat`.
    """
    wishes = wishes_of(values or {}, timezone, truncate=truncate)
    manner = _free_manner(mapping, wishes, dataset_per, entry, checksums=checksums)
    return export(files, manner, JsonldWriter())


def _free_manner(
    mapping: str, wishes: Wishes, per: Per, entry: str, *, checksums: bool = False
) -> Manner:
    """The manner for catalogues that take two datasets of one name."""
    used = load_mapping(mapping)
    return Manner(used, wishes, per, entry, checksums=checksums, unique_names=False)


def export(files: Paths, manner: Manner, writer: Writer) -> Export:
    """The datasets of `files` in `writer`, and what is to be told of them."""
    paths = _paths(files)
    report = Findings(str(paths[0]) if len(paths) == 1 else f"{len(paths)} files")

    def tell(exported: Exported) -> None:
        report.extend(exported.notes)

    try:
        run(paths, manner, writer, tell)
    except BaseException:
        writer.close()
        raise
    return Export(writer, report)


def _paths(files: Paths) -> list[Path]:
    return [Path(one) for one in ([files] if isinstance(files, str | PathLike) else files)]
