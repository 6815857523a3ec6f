"""`nxtool definitions`: the NeXus definitions at hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import click

from nxtool.cli import options
from nxtool.cli.definitionlint import lint
from nxtool.cli.definitionsets import add, diff, list_sets, remove
from nxtool.cli.groups import NamingGroup
from nxtool.cli.output import current_terminal, say_error, write
from nxtool.cli.output import show as print_lines
from nxtool.config import schema_for
from nxtool.errors import DefinitionError
from nxtool.nxdl import doctext
from nxtool.nxdl.catalogue import Catalogue
from nxtool.nxdl.elements import Definition
from nxtool.nxdl.search import search as find
from nxtool.report import definitiontext
from nxtool.report.definitiontree import definition_tree
from nxtool.report.printable import printable
from nxtool.schema.lookup import find_concept

TEXT_WIDTH = 80


@click.group(cls=NamingGroup, no_args_is_help=True)
def definitions() -> None:
    """List, search and read the NeXus definitions."""


for command in (add, list_sets, remove, diff, lint):
    definitions.add_command(command)


@definitions.command("list")
@click.option(
    "--kind",
    type=click.Choice(["application", "base", "all"]),
    default="application",
    show_default=True,
    help="Which to list.",
)
@options.definitions_folders
@options.text_or_json
@options.no_color
def list_(
    kind: Literal["application", "base", "all"], folders: tuple[Path, ...], form: str
) -> None:
    """List the definitions at hand."""
    catalogue = schema_for(folders).catalogue
    found = [item for item in catalogue if kind in ("all", item.category)]
    _print(found, catalogue, form)


@definitions.command(no_args_is_help=True)
@click.argument("words", nargs=-1, required=True)
@options.definitions_folders
@options.text_or_json
@options.no_color
def search(words: tuple[str, ...], folders: tuple[Path, ...], form: str) -> None:
    """Find definitions by words, best first: `search small angle`."""
    catalogue = schema_for(folders).catalogue
    found = find(catalogue, " ".join(words))
    if not found:
        hint = "use fewer or other words; `nxtool definitions list` shows all"
        say_error(DefinitionError(f"no definition has all of: {' '.join(words)}", hint=hint))
        click.get_current_context().exit(1)
    _print(found, catalogue, form)


@definitions.command(no_args_is_help=True)
@click.argument("name")
@options.definitions_folders
@options.no_color
def show(name: str, folders: tuple[Path, ...]) -> None:
    """Show what a definition, or a concept of it, says.

    NAME is a definition or a path into it: NXmx/ENTRY/INSTRUMENT/DETECTOR/distance.
    """
    schema = schema_for(folders)
    width = min(current_terminal().width or TEXT_WIDTH, TEXT_WIDTH)
    if "/" in name.strip("/") or "@" in name:
        print_lines(definitiontext.concept_lines(find_concept(schema, name), width))
    else:
        definition = schema.catalogue[name.strip("/")]
        print_lines(definitiontext.definition_lines(schema, definition, width))


@definitions.command(no_args_is_help=True)
@click.argument("name")
@click.option(
    "--level",
    type=click.Choice(["required", "recommended", "all"]),
    default="all",
    show_default=True,
    help="The mildest requirement to show.",
)
@click.option(
    "--base-classes",
    is_flag=True,
    help="Show also what the base classes add.  [depth 3 unless told]",
)
@click.option("--depth", type=click.IntRange(min=1), help="How many levels to show.")
@options.definitions_folders
@options.no_color
def tree(
    name: str,
    level: Literal["required", "recommended", "all"],
    base_classes: bool,
    depth: int | None,
    folders: tuple[Path, ...],
) -> None:
    """Show what a definition asks for, as a tree."""
    schema = schema_for(folders)
    selection = definitiontext.Selection(schema.catalogue[name], level, base_classes)
    print_lines(definition_tree(schema, selection, depth))


def _print(found: Sequence[Definition], catalogue: Catalogue, form: str) -> None:
    if form == "text":
        print_lines(definitiontext.list_lines(found, catalogue))
        return
    entries = [
        {
            "name": item.name,
            "category": item.category,
            "extends": item.extends,
            "origin": printable(catalogue.origin(item.name)),
            "summary": printable(doctext.first_sentence(item.doc)),
            "deprecated": item.deprecated,
        }
        for item in found
    ]
    write(json.dumps(entries, indent=2) + "\n")
