"""`nxtool convert`: a recipe, or a stored run, to a validated file."""

from __future__ import annotations

from pathlib import Path

import click

from nxtool.build import convert as building
from nxtool.build.convert import Outcome
from nxtool.cli import options, recipes, runs
from nxtool.cli.output import show
from nxtool.cli.progress import writing
from nxtool.config import schema_for
from nxtool.findings import Findings
from nxtool.report.archive import kept_lines
from nxtool.report.terminal import line, styled
from nxtool.report.units import bytes_text
from nxtool.schema.compile import Schema


@click.command(no_args_is_help=True)
@recipes.recipe_argument
@recipes.output
@recipes.settings
@click.option("--overwrite", is_flag=True, help="Replace the output if it exists.")
@click.option(
    "--allow-invalid",
    "mode",
    flag_value="allow-invalid",
    help="Write the file even if it is not valid; the file says so.",
)
@click.option(
    "--no-validate",
    "mode",
    flag_value="off",
    help="Do not validate the written file; the file says so.",
)
@click.option(
    "--verify-restore",
    is_flag=True,
    help="Restore the raw files from the result in memory, and compare them.",
)
@runs.options
@recipes.show_plan
@options.definitions_folders
@options.report_form
@click.option("-v", "--verbose", is_flag=True, help="Show notes too.")
@click.option("-q", "--quiet", is_flag=True, help="Print only what is wrong.")
@options.no_color
@click.pass_context
def convert(
    ctx: click.Context,
    recipe: Path,
    output: str,
    settings: tuple[str, ...],
    overwrite: bool,
    mode: building.Check | None,
    verify_restore: bool,
    run: str,
    assets: str,
    roots: tuple[str, ...],
    to: str | None,
    show_plan: bool,
    folders: tuple[Path, ...],
    form: str,
    verbose: bool,
    quiet: bool,
) -> None:
    """Convert raw data as a recipe says, and validate the result.

    RECIPE may also be a file of Bluesky documents: a run is converted without a recipe. The result
    appears under its name only when it is complete and valid. Exit code: 0 written, 1 mistakes or
    an invalid result, 2 something could not be read or written.
    """
    if to is not None:
        runs.give_back(recipe, output, overwrite=overwrite)
        return
    schema = schema_for(folders)
    origin = runs.origin_of(recipe, output, runs.request_of(run, assets, roots))
    if show_plan:
        outcome = building.check(origin, schema, settings, output)
        recipes.print_plan(outcome, output or str(recipe))
    else:
        with writing(quiet=quiet) as progress:
            outcome = building.convert(
                origin,
                schema,
                output=output,
                settings=settings,
                mode=mode or "strict",
                overwrite=overwrite,
                verify_restore=verify_restore,
                progress=progress,
            )
    _report(outcome, schema, form, verbose=verbose, quiet=quiet)
    if outcome.written is not None and form == "text" and not quiet:
        show(kept_lines(outcome.kept, verified=verify_restore))
    ctx.exit(recipes.exit_code(outcome))


def _report(outcome: Outcome, schema: Schema, form: str, *, verbose: bool, quiet: bool) -> None:
    if form != "text":
        recipes.print_findings(outcome.result or outcome.findings, schema, form, verbose=verbose)
        return
    # the plan was judged by the same rules, with places in the recipe: one report is enough
    told = _told(outcome)
    if told.at_least("warning") or (verbose and not quiet):
        recipes.print_findings(told, schema, form, verbose=verbose)
    if outcome.written is not None and not quiet:
        size = bytes_text(outcome.written.stat().st_size)
        note = "" if outcome.result is not None else ", not validated"
        show(
            [
                line(
                    styled("wrote ", "good"),
                    styled(str(outcome.written), "title"),
                    f"  {size}{note}",
                )
            ]
        )


def _told(outcome: Outcome) -> Findings:
    """Findings about the recipe, and those the written file alone could show."""
    known = {(item.code, item.path) for item in outcome.findings}
    more = outcome.result.items if outcome.result is not None else []
    new = [item for item in more if (item.code, item.path) not in known]
    merged = Findings(outcome.findings.file, [*outcome.findings.items, *new])
    merged.definitions = outcome.findings.definitions
    return merged
