"""`nxtool convert`: a recipe, or a stored run, to a validated file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from nxtool.build import convert as building
from nxtool.build.convert import Outcome
from nxtool.build.severalruns import Job
from nxtool.cli import options, recipes, runs
from nxtool.cli.output import say_error, show
from nxtool.cli.progress import writing
from nxtool.config import schema_for
from nxtool.errors import NxtoolError
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

    RECIPE may also be a file of Bluesky documents, a folder of databroker-pack, or a run on a tiled
    server, tiled:URL#UID: a run is converted without a recipe. Where the name of the output has
    fields of a run, like -o '{scan_id}.nxs', every run of a file becomes a file of its own, with a
    recipe too.

    The result appears under its name only when it is complete and valid. Exit code: 0 written,
    1 mistakes or an invalid result, 2 something could not be read or written.
    """
    with runs.at_hand(recipe) as path:
        if to is not None:
            runs.give_back(path, output, overwrite=overwrite)
            return
        schema = schema_for(folders)
        how = _How(mode or "strict", overwrite, verify_restore, show_plan, form, verbose, quiet)
        jobs = runs.jobs_of(path, output, runs.request_of(run, assets, roots), settings)
        outcomes = [_done(job, schema, how) for job in jobs]
    found = [one.result or one.findings for one in outcomes if one is not None]
    if form != "text" and found:
        recipes.print_findings(*found, schema=schema, form=form, verbose=verbose)
    ctx.exit(max(recipes.COULD_NOT if one is None else recipes.exit_code(one) for one in outcomes))


@dataclass(frozen=True, slots=True)
class _How:
    """How files are written, and what is told of them."""

    mode: building.Check
    overwrite: bool
    verify_restore: bool
    show_plan: bool
    form: str
    verbose: bool
    quiet: bool


def _done(job: Job, schema: Schema, how: _How) -> Outcome | None:
    """What came of one file, which is told; None, with an error, where nothing did."""
    try:
        outcome = _made(job, schema, how)
    except NxtoolError as error:
        say_error(error)
        return None
    if how.form == "text":
        _report(outcome, schema, verbose=how.verbose, quiet=how.quiet)
        if outcome.written is not None and not how.quiet:
            show(kept_lines(outcome.kept, verified=how.verify_restore))
    outcome.plan = None  # it holds the run, and there may be many
    return outcome


def _made(job: Job, schema: Schema, how: _How) -> Outcome:
    """Write one file, or show its plan."""
    if how.show_plan:
        outcome = building.check(job.origin, schema, job.settings, job.output)
        recipes.print_plan(outcome, job.output or str(job.origin))
        return outcome
    with writing(quiet=how.quiet) as progress:
        return building.convert(
            job.origin,
            schema,
            output=job.output,
            settings=job.settings,
            mode=how.mode,
            overwrite=how.overwrite,
            verify_restore=how.verify_restore,
            progress=progress,
        )


def _report(outcome: Outcome, schema: Schema, *, verbose: bool, quiet: bool) -> None:
    # the plan was judged by the same rules, with places in the recipe: one report is enough
    told = _told(outcome)
    if told.at_least("warning") or (verbose and not quiet):
        recipes.print_findings(told, schema=schema, form="text", verbose=verbose)
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
