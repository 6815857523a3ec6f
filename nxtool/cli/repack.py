"""`nxtool repack`: a file stored anew with other filters and chunks."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click

from nxtool.cli import options
from nxtool.cli.output import show, write
from nxtool.cli.progress import writing
from nxtool.repack.apply import repack_file
from nxtool.repack.choice import Chunks, Request
from nxtool.report.repack import repack_json, repack_lines
from nxtool.storage.chunks import Access
from nxtool.storage.profiles import PROFILES
from nxtool.storage.spec import parse_filter


@click.command(no_args_is_help=True)
@click.argument("file", type=options.file_here)
@click.option(
    "-o",
    "--output",
    type=click.Path(readable=False, path_type=Path),
    default=None,
    metavar="FILE",
    help="The file to write.",
)
@click.option("--in-place", is_flag=True, help="Put the result in the place of FILE.")
@click.option("--overwrite", is_flag=True, help="Replace the output if it exists.")
@click.option(
    "--profile",
    type=click.Choice(list(PROFILES)),
    default=None,
    help="Choose a filter for each dataset by the kind of its data.",
)
@click.option(
    "--filter",
    "filter_",
    default=None,
    metavar="NAME[:LEVEL]",
    help="One filter for all, as in recipes: gzip:6, bitshuffle-lz4, none.",
)
@click.option(
    "--chunks",
    type=click.Choice([*get_args(Access), "keep"]),
    default="keep",
    show_default=True,
    help="Shape chunks for reading frame by frame, pixel by pixel, or both.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="PATH",
    help="Only datasets whose path fits; * is any part of it. May be repeated.",
)
@click.option("--verify", is_flag=True, help="Read everything back and compare it bit for bit.")
@click.option(
    "--keep-unreadable",
    is_flag=True,
    help="Copy chunks whose filter is missing here as they are.",
)
@options.text_or_json
@click.option("-q", "--quiet", is_flag=True, help="Print only what is wrong.")
@options.no_color
def repack(
    file: Path,
    output: Path | None,
    in_place: bool,
    overwrite: bool,
    profile: str | None,
    filter_: str | None,
    chunks: Chunks,
    only: tuple[str, ...],
    verify: bool,
    keep_unreadable: bool,
    form: str,
    quiet: bool,
) -> None:
    """Store the datasets of an HDF5 file with other filters and chunks, and keep all else.

    Links, attributes, references, types and properties stay as they are, in any HDF5 file. With
    neither --profile nor --filter the filters stay too. Datasets behind a lossy filter are left
    alone, unless --filter is given. The file appears under its name only when it is complete.
    Exit code: 0 written, 2 something could not be read or written.
    """
    if (output is None) != in_place:
        raise click.UsageError("give either -o OUT or --in-place")
    if profile and filter_:
        raise click.UsageError("give either --profile or --filter")
    request = Request(
        filter=parse_filter(filter_) if filter_ else None,
        profile=profile or "",
        chunks=chunks,
        only=only,
        keep_unreadable=keep_unreadable,
    )
    with writing(quiet=quiet) as begin:
        outcome = repack_file(
            file, output, request, overwrite=overwrite, verify=verify, begin=begin
        )  # fmt: skip
    if form == "json":
        write(repack_json(outcome))
    elif not quiet:
        show(repack_lines(outcome))
