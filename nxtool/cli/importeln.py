"""`nxtool import-eln`: what a lab notebook says, as a recipe."""

from __future__ import annotations

from pathlib import Path

import click

from nxtool.build.elnfile import recipe_from_eln
from nxtool.cli import options
from nxtool.cli.generated import deliver, output_file
from nxtool.config import schema_for
from nxtool.errors import RecipeError
from nxtool.report.printable import printable
from nxtool.yamltree.nodes import MapNode, kind_of
from nxtool.yamltree.yamlfile import parse, read_text


@click.command(no_args_is_help=True)
@click.argument("file", type=options.file_here)
@click.option(
    "--definition", required=True, metavar="NXname", help="The application definition to follow."
)
@options.definitions_folders
@output_file
@options.no_color
def command(file: Path, definition: str, folders: tuple[Path, ...], output: Path | None) -> None:
    """Turn FILE, the YAML of a lab notebook (NOMAD, pynxtools), into a recipe.

    `{value: 200, unit: mm}` becomes `200 mm`. Names that the definition does not know stay in the
    recipe as comments, and are counted on stderr. `nxtool check` tells what is still missing.
    """
    root = parse(read_text(file), str(file))
    if not isinstance(root, MapNode):
        hint = "write name: value"
        message = f"a notebook is a mapping of names to values, not {kind_of(root)}"
        raise RecipeError(message, hint=hint, mark=root.mark)
    made = recipe_from_eln(schema_for(folders), definition, root)
    deliver(made.text, output, replace=False)
    click.echo(f"{made.taken} values taken over, {len(made.kept)} kept as comments", err=True)
    for name in made.kept:
        click.echo(f"  comment: {printable(name)}", err=True)
