"""`nxtool check`: everything about a recipe short of writing."""

from __future__ import annotations

from pathlib import Path

import click

from nxtool.build import convert as building
from nxtool.cli import options, recipes
from nxtool.config import schema_for


@click.command(no_args_is_help=True)
@recipes.recipe_argument
@recipes.settings
@recipes.show_plan
@options.definitions_folders
@options.report_form
@click.option("-v", "--verbose", is_flag=True, help="Show notes too.")
@options.no_color
@click.pass_context
def check(
    ctx: click.Context,
    recipe: Path,
    settings: tuple[str, ...],
    show_plan: bool,
    folders: tuple[Path, ...],
    form: str,
    verbose: bool,
) -> None:
    """Check a recipe against its definition and its sources; write nothing.

    Bluesky runs may be missing that are still to come: what refers to them is checked in form.

    Exit code: 0 a valid file can be written, 1 mistakes, 2 the recipe or a source cannot be read.
    """
    schema = schema_for(folders)
    outcome = building.check(recipe, schema, settings)
    if show_plan and form == "text":
        recipes.print_plan(outcome, str(recipe))
    recipes.print_findings(outcome.findings, schema, form, verbose=verbose)
    ctx.exit(recipes.exit_code(outcome))
