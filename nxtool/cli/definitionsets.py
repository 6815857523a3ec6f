"""`nxtool definitions add|sets|remove|diff`: other sets of definitions."""

from __future__ import annotations

import json
from pathlib import Path

import click

from nxtool.cli import options
from nxtool.cli.output import show, write
from nxtool.nxdl import sets
from nxtool.nxdl.catalogue import Catalogue, folder_label
from nxtool.report.printable import printable
from nxtool.report.terminal import line, styled


@click.command(no_args_is_help=True)
@click.argument("source", metavar="FOLDER|ZIP|URL")
@click.option("--name", default="", help="What to call the set.  [default: its release]")
@options.no_color
def add(source: str, name: str) -> None:
    """Keep another release, or a facility's own definitions, as a set.

    `--definitions NAME` of every command then uses it. Nothing is fetched from the network but a
    URL given here.
    """
    kept = sets.add(source, name)
    number = len(Catalogue([kept.folder]).files)
    show([line(styled(kept.name, "title"), f"  {number} definitions  {kept.folder}")])


@click.command("sets")
@options.text_or_json
@options.no_color
def list_sets(form: str) -> None:
    """List the sets that are kept."""
    found = sets.kept_sets()
    if form == "json":
        entries = [
            {
                "name": kept.name,
                "release": printable(kept.release),
                "definitions": len(Catalogue([kept.folder]).files),
                "folder": printable(str(kept.folder)),
            }
            for kept in found
        ]
        write(json.dumps(entries, indent=2) + "\n")
        return
    if not found:
        click.echo("no sets are kept; `nxtool definitions add` keeps one", err=True)
    for kept in found:
        number = len(Catalogue([kept.folder]).files)
        told = f"  {kept.release or 'no release'}  {number} definitions  {kept.folder}"
        show([line(styled(kept.name, "title"), told)])


@click.command(no_args_is_help=True)
@click.argument("name")
@options.no_color
def remove(name: str) -> None:
    """Forget a kept set."""
    sets.remove(name)


@click.command(no_args_is_help=True)
@click.argument("old")
@click.argument("new")
@click.argument("file", required=False, type=click.Path(readable=False, path_type=Path))
@options.text_or_json
@options.no_color
def diff(old: str, new: str, file: Path | None, form: str) -> None:
    """Say what changed from one set of definitions to another.

    OLD and NEW are kept sets, folders, or `official`. With FILE: only what changes for this file,
    and the findings that come and go.
    """
    from nxtool.report import definitiondiff as report
    from nxtool.schema.difference import differences
    from nxtool.validate.byrelease import compare

    catalogues = sets.catalogue_of(old), sets.catalogue_of(new)
    labels = [_label(catalogue) for catalogue in catalogues]
    if file is None:
        changes = differences(*catalogues)
        if form == "json":
            write(report.diff_json(changes, *labels))
        else:
            show(report.diff_lines(changes, *labels))
        return
    comparison = compare(file, *catalogues)
    if form == "json":
        write(report.comparison_json(comparison, str(file), *labels))
    else:
        show(report.comparison_lines(comparison, str(file), *labels))


def _label(catalogue: Catalogue) -> str:
    folder = catalogue.folders[0]
    kept = next((kept.name for kept in sets.kept_sets() if kept.folder == folder), "")
    return kept or folder_label(folder)
