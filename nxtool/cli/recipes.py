"""What the commands about recipes share: options, printing of outcomes, exit codes."""

from __future__ import annotations

from typing import Final

import click

from nxtool.build.convert import Outcome
from nxtool.cli import options
from nxtool.cli.output import current_terminal, show, write
from nxtool.findings import Findings
from nxtool.nxdl.catalogue import folder_label
from nxtool.report.plan import plan_lines
from nxtool.report.reporting import MILD_FORMS, Form, Shown, make_reporter
from nxtool.schema.compile import Schema

FINE, FINDINGS, COULD_NOT = 0, 1, 2

recipe_argument: Final = click.argument("recipe", type=options.file_here)
settings: Final = click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE",
    help="Change a value of the recipe: entry.sample.name=x; may be repeated.",
)  # fmt: skip
output: Final = click.option(
    "-o", "--output", default="", metavar="FILE", help="The file to write, instead of the recipe's."
)
show_plan: Final = click.option(
    "--plan", "show_plan", is_flag=True, help="Print what would be written, and write nothing."
)


def exit_code(outcome: Outcome) -> int:
    """0 fine, 1 findings, 2 where sources could not be read."""
    if outcome.could_not:
        return COULD_NOT
    return FINE if outcome.ok else FINDINGS


def print_plan(outcome: Outcome, target: str) -> None:
    """The plan as a tree; nothing where the recipe was too wrong to plan."""
    if outcome.plan is not None:
        show(plan_lines(outcome.plan, target))


def print_findings(*findings: Findings, schema: Schema, form: str, verbose: bool) -> None:
    """Findings about a recipe or a file, or several, in one report."""
    shown = Shown("info" if verbose or form in MILD_FORMS else "warning")
    labels = [folder_label(folder) for folder in schema.catalogue.folders]
    reporter = make_reporter(form, Form(shown, current_terminal(), labels, detailed=verbose))
    for one in findings:
        write(reporter.file(one))
    write(reporter.end())
