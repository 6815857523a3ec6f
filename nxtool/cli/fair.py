"""`nxtool fair`: how findable, accessible, interoperable and reusable files are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from nxtool.cli import options
from nxtool.cli.output import say_error, show, write
from nxtool.config import schema_for
from nxtool.errors import FileUnreadable
from nxtool.fair.answers import Fairness
from nxtool.fair.judge import fairness
from nxtool.report.fair import fair_json, fair_lines, table_json, table_lines
from nxtool.schema.compile import Schema

BELOW = 1
FAILED = 2


@click.command(no_args_is_help=True)
@click.argument("files", metavar="FILE...", nargs=-1, type=options.file_here)
@click.option(
    "--min",
    "least",
    type=click.IntRange(0, 100),
    default=None,
    metavar="PERCENT",
    help="Exit code 1 where a file has less.",
)
@click.option(
    "--checksums", is_flag=True, help="Compare checksums, too: reads what they are about."
)
@options.definitions_folders
@options.text_or_json
@click.option("-q", "--quiet", is_flag=True, help="Print no report; the exit code tells.")
@click.option("--list", "table", is_flag=True, help="Show all checks and leave.")
@options.no_color
@click.pass_context
def fair(
    ctx: click.Context,
    files: tuple[Path, ...],
    least: int | None,
    checksums: bool,
    folders: tuple[Path, ...],
    form: str,
    quiet: bool,
    table: bool,
) -> None:
    """Ask how findable, accessible, interoperable and reusable NeXus files are.

    Questions to be answered yes or no, with points; what does not apply does not count. Exit code:
    0 fine, 1 a file is below --min, 2 a file could not be read.
    """
    if table:
        _show_table(form)
        return
    if not files:
        raise click.UsageError("Missing argument 'FILE...'.")
    shown = "" if quiet else form
    results = _judged(files, schema_for(folders), shown, checksums=checksums)
    if shown == "json":
        write(fair_json(results, least))
    ctx.exit(_code(results, least or 0))


def _show_table(form: str) -> None:
    if form == "json":
        write(table_json())
    else:
        show(table_lines())


def _judged(
    files: Sequence[Path], schema: Schema, shown: str, *, checksums: bool
) -> list[Fairness | tuple[str, str]]:
    """The answers about each file, printed as they come if shown as text; of one that cannot be
    judged its name and why."""
    results: list[Fairness | tuple[str, str]] = []
    for file in files:
        try:
            result = fairness(file, schema, checksums=checksums)
        except FileUnreadable as error:
            say_error(error)
            results.append((str(file), error.message))
            continue
        if shown == "text":
            show(fair_lines(result))
        results.append(result)
    return results


def _code(results: Sequence[Fairness | tuple[str, str]], least: int) -> int:
    judged = [result for result in results if isinstance(result, Fairness)]
    if len(judged) < len(results):
        return FAILED
    return BELOW if any(result.percent < least for result in judged) else 0
