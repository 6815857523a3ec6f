"""`nxtool template`: a recipe to fill in."""

from __future__ import annotations

from pathlib import Path

import click

from nxtool.build.fromfile import recipe_from_file
from nxtool.build.fromspec import recipe_from_spec
from nxtool.cli import options
from nxtool.cli.generated import deliver, output_file, relative_to
from nxtool.config import schema_for
from nxtool.report.printable import printable
from nxtool.schema.outline import LEVELS, Level
from nxtool.schema.template import template
from nxtool.sources.formats import format_of


@click.command(no_args_is_help=True)
@click.argument("definition", metavar="DEFINITION")
@click.option(
    "--level",
    type=click.Choice(list(LEVELS)),
    default="required",
    show_default=True,
    help="How much to show: what must, should or may be there.",
)
@click.option(
    "--base-classes",
    is_flag=True,
    help="Show what base classes offer, too; most useful with --level all.",
)
@click.option(
    "--from", "source", metavar="FILE", default=None,
    type=options.file_here,
    help="Fill it in with what a NeXus file has, or with the scans of a SPEC file.",
)  # fmt: skip
@click.option("--entry", default="", metavar="NAME", help="The entry of FILE, if not the first.")
@options.definitions_folders
@output_file
@options.no_color
def command(
    definition: str,
    level: Level,
    base_classes: bool,
    source: Path | None,
    entry: str,
    folders: tuple[Path, ...],
    output: Path | None,
) -> None:
    """Print a recipe for an application definition, to be filled in.

    What must be given stands there as null, with its type, unit, choices and meaning; what may
    be given is commented out. With --from it has what FILE has: single values to edit, arrays by
    reference to FILE, and null for what the definition asks for besides. The definition NXentry
    asks for nothing.
    """
    schema = schema_for(folders)
    if source is None:
        text = template(schema, definition, level, base_classes=base_classes)
        deliver(text, output, replace=False)
        return
    if base_classes:
        raise click.UsageError("--base-classes does not go with --from")
    folder = output.parent if output is not None else Path()
    named = relative_to(source, folder)
    if source.is_file() and format_of(source) == "spec":
        if definition != "NXentry":
            raise click.UsageError("a SPEC file becomes entries of their own: say NXentry")
        deliver(recipe_from_spec(source, named=named), output, replace=False)
        return
    found = recipe_from_file(
        schema, definition, source, named=named, level=level, entry=entry, folder=folder
    )
    deliver(found.text, output, replace=False)
    for name in found.missing:
        click.echo(f"to be filled in: {printable(name)}", err=True)
    for words in found.left:
        click.echo(f"left out: {printable(words)}", err=True)
