"""`nxtool check`: everything about a recipe short of writing."""

from __future__ import annotations

from pathlib import Path

import click

from nxtool.build import convert as building
from nxtool.build.severalruns import recipe_jobs
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
    outcomes = []
    for job in recipe_jobs(recipe, "", settings):
        outcome = building.check(job.origin, schema, job.settings)
        if show_plan and form == "text":
            recipes.print_plan(outcome, job.output or str(recipe))
        outcomes.append(outcome)
    found = [outcome.findings for outcome in outcomes]
    recipes.print_findings(*found, schema=schema, form=form, verbose=verbose)
    ctx.exit(max(map(recipes.exit_code, outcomes)))
