"""`nxtool export`: NeXus files to catalogues."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nxtool.cli.exportoptions import Reading, Writing, export, reading, writing
from nxtool.cli.groups import NamingGroup

if TYPE_CHECKING:
    from nxtool.export.mapping import CatalogueMapping
    from nxtool.export.run import Writer

ICAT_FORMATS = ("icatingest", "icatdata", "icatdata-yaml", "esrf")


@click.group("export", cls=NamingGroup, no_args_is_help=True)
def group() -> None:
    """Write what NeXus files say in the words of a catalogue.

    Values that are left out, cut or converted are told on stderr with their paths in the file.
    """


@group.command(no_args_is_help=True, short_help="Write an ingest file for ICAT, or for the ESRF.")
@click.option(
    "--format", "form", type=click.Choice(ICAT_FORMATS), default="icatingest", show_default=True,
    help="For IngestReader; for icatingest.py (-o x.yaml means YAML); for pyicat-plus.",
)  # fmt: skip
@click.option(
    "--ingest-version", type=click.Choice(["1.0", "1.1"]), default="1.1", show_default=True,
    help="Of the format icatingest.",
)  # fmt: skip
@click.option(
    "--icat-version", type=click.Choice(["4.4", "4.7", "4.10", "5.0", "6.2"]), default="5.0",
    show_default=True, help="Of the server that icatdata is for.",
)  # fmt: skip
@click.option(
    "--with-static", is_flag=True,
    help="Make facility, instrument, types, users and the investigation too (icatdata).",
)  # fmt: skip
@writing
@reading
@click.pass_context
def icat(
    ctx: click.Context,
    reading: Reading,
    writing: Writing,
    form: Any,
    ingest_version: Any,
    icat_version: Any,
    *,
    with_static: bool,
) -> None:
    """Write an ingest file for ICAT; folders stand for the HDF5 files in them.

    Exit code: 0 fine, 1 ICAT would refuse it (nothing is written), 2 a file or a value is missing.
    """
    if form == "icatdata" and writing.output and writing.output.suffix in (".yaml", ".yml"):
        form = "icatdata-yaml"

    def make_writer() -> Writer:
        from nxtool.export.api import icat_writer

        return icat_writer(form, ingest_version, icat_version, with_static=with_static)

    def load(name: str) -> CatalogueMapping:
        from nxtool.export.api import icat_mapping

        return icat_mapping(name, form)

    with_files = form in ("icatdata", "icatdata-yaml")
    ctx.exit(export(reading, writing, make_writer, load, with_files=with_files))


@group.command(no_args_is_help=True, short_help="Write datasets and data blocks for SciCat.")
@click.option(
    "--api", type=click.Choice(["v3", "v4"]), default="v4", show_default=True,
    help="Whose names: those of SciCat's API v3, or of v4 (today's backend).",
)  # fmt: skip
@writing
@reading
@click.pass_context
def scicat(ctx: click.Context, reading: Reading, writing: Writing, api: Any) -> None:
    """Write datasets and their data blocks for SciCat, as JSON.

    SciCat asks for an owner group, which no file knows: --set scicat.ownerGroup=p123.
    """

    def make_writer() -> Writer:
        from nxtool.export.scicatdata import ScicatWriter

        return ScicatWriter(api)

    ctx.exit(export(reading, writing, make_writer, unique_names=False))


@group.command(no_args_is_help=True, short_help="Write what DataCite asks for.")
@writing
@reading
@click.pass_context
def datacite(ctx: click.Context, reading: Reading, writing: Writing) -> None:
    """Write what DataCite asks for before it gives a DOI, as JSON of its schema 4.5."""

    def make_writer() -> Writer:
        from nxtool.export.datacitejson import DataciteWriter

        return DataciteWriter()

    ctx.exit(export(reading, writing, make_writer, unique_names=False))


@group.command(no_args_is_help=True, short_help="Write the metadata of an RO-Crate.")
@click.option(
    "--root", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER",
    help="The folder that becomes the crate; else the innermost that all files are in.",
)  # fmt: skip
@writing
@reading
@click.pass_context
def rocrate(ctx: click.Context, reading: Reading, writing: Writing, root: Path | None) -> None:
    """Write the metadata of an RO-Crate: -o FOLDER/ro-crate-metadata.json."""

    def make_writer() -> Writer:
        from nxtool.export.crate import CrateWriter, crate_root

        return CrateWriter(root or crate_root(list(reading.files)))

    ctx.exit(export(reading, writing, make_writer, unique_names=False))


@group.command(no_args_is_help=True, short_help="Write JSON-LD for web pages.")
@writing
@reading
@click.pass_context
def jsonld(ctx: click.Context, reading: Reading, writing: Writing) -> None:
    """Write datasets in the words of schema.org, as JSON-LD for web pages."""

    def make_writer() -> Writer:
        from nxtool.export.schemaorg import JsonldWriter

        return JsonldWriter()

    ctx.exit(export(reading, writing, make_writer, unique_names=False))
