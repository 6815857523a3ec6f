"""`nxtool template`: a recipe to fill in."""

from __future__ import annotations

from pathlib import Path

import click

from nxtool.cli import options
from nxtool.cli.generated import deliver, output_file
from nxtool.config import schema_for
from nxtool.schema.outline import LEVELS, Level
from nxtool.schema.template import template


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
@options.definitions_folders
@output_file
@options.no_color
def command(
    definition: str,
    level: Level,
    base_classes: bool,
    folders: tuple[Path, ...],
    output: Path | None,
) -> None:
    """Print a recipe for an application definition, to be filled in.

    What must be given stands there as null, with its type, unit, choices and meaning; what may
    be given is commented out.
    """
    schema = schema_for(folders)
    text = template(schema, definition, level, base_classes=base_classes)
    deliver(text, output, replace=False)
