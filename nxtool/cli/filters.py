"""`nxtool filters`: HDF5 filters, here and in files."""

from __future__ import annotations

from pathlib import Path

import click

from nxtool.cli import options
from nxtool.cli.filterbench import bench
from nxtool.cli.groups import NamingGroup
from nxtool.cli.output import say_error, write
from nxtool.cli.output import show as print_lines
from nxtool.errors import NxtoolError
from nxtool.hdf5.filteruse import DatasetFilters, filters_in
from nxtool.report import filteruse, profiletable

FINDINGS = 1
FAILED = 2


@click.group(cls=NamingGroup, no_args_is_help=True)
def filters() -> None:
    """List HDF5 filters and profiles, and look at what files use."""


filters.add_command(bench)


@filters.command("list")
@options.text_or_json
@options.no_color
def list_(form: str) -> None:
    """List all registered filters: what they keep, who reads them, what to install."""
    if form == "json":
        write(filteruse.list_json())
    else:
        print_lines(filteruse.list_lines())


@filters.command()
@options.text_or_json
@options.no_color
def profiles(form: str) -> None:
    """List the profiles: which filter each picks for which kind of data.

    A recipe names one under `compression`, `nxtool repack` with --profile.
    """
    if form == "json":
        write(profiletable.profiles_json())
    else:
        print_lines(profiletable.profile_lines())


@filters.command(no_args_is_help=True)
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=options.file_here,
)
@options.text_or_json
@options.no_color
@click.pass_context
def check(ctx: click.Context, files: tuple[Path, ...], form: str) -> None:
    """Say of each dataset what filters it is behind, and whether it can be read.

    The letter is how sure one is to read it in ten years: A by any HDF5, B by several independent
    programs, C by one program that is kept up, D by luck. Exit code: 0 fine, 1 something is
    missing, lost without a record or stored raw, 2 a file could not be read.
    """
    results: list[tuple[str, list[DatasetFilters], str]] = []
    code = 0
    for file in files:
        try:
            datasets = filters_in(file)
        except NxtoolError as error:
            say_error(error)
            code = FAILED
            results.append((str(file), [], error.message))
            continue
        if _amiss(datasets):
            code = max(code, FINDINGS)
        if form == "text":
            print_lines(filteruse.check_lines(str(file), datasets))
        results.append((str(file), datasets, ""))
    if form == "json":
        write(filteruse.check_json(results))
    ctx.exit(code)


def _amiss(datasets: list[DatasetFilters]) -> bool:
    return any(item.severity != "note" for one in datasets for item in one.problems())
