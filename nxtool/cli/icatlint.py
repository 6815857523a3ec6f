"""`nxtool icat lint`: files for ICAT servers, judged whoever wrote them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from nxtool.cli import options
from nxtool.cli.output import say_error, show, write
from nxtool.errors import FileUnreadable
from nxtool.export.icatmodel import VERSIONS, Version
from nxtool.findings import Findings

if TYPE_CHECKING:
    from nxtool.icatlint.xsd import Schema


@click.command(no_args_is_help=True)
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(readable=False, path_type=Path),
    metavar="FILE.xml...",
)  # fmt: skip
@click.option(
    "--icat-version",
    type=click.Choice(VERSIONS),
    help="Release of the server the files are for.  [default: what a file says, else 5.0]",
)
@click.option(
    "--xsd",
    type=click.Path(readable=False, path_type=Path),
    metavar="FILE",
    help="Validate by this XML schema too, such as /usr/share/icat/ingest-11.xsd.",
)
@options.text_or_json
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "never"]),
    default="error",
    show_default=True,
    help="What makes the exit code 1.",
)
@options.no_color
@click.pass_context
def lint(
    ctx: click.Context,
    files: tuple[Path, ...],
    icat_version: Version | None,
    xsd: Path | None,
    form: str,
    fail_on: Literal["error", "warning", "never"],
) -> None:
    """Judge icatingest and icatdata files beyond their XML schema.

    Exit code: 0 no errors, 1 errors, 2 a file could not be read.
    """
    from nxtool.report.icatlint import lint_json, lint_lines

    schema = _schema(xsd)
    judged: list[Findings] = []
    code = 0
    for path in files:
        try:
            judged.append(_judged(path, icat_version, schema))
        except FileUnreadable as error:
            say_error(error)
            code = 2
            continue
        if fail_on != "never" and judged[-1].at_least(fail_on):
            code = max(code, 1)
    if form == "json":
        write(lint_json(judged))
    else:
        show(lint_lines(judged))
    ctx.exit(code)


def _schema(xsd: Path | None) -> Schema | None:
    """The schema asked for; None where none is."""
    if xsd is None:
        return None
    from nxtool.icatlint.xsd import load_schema

    return load_schema(xsd)


def _judged(path: Path, version: Version | None, schema: Schema | None) -> Findings:
    """The faults of a file, those by the schema first."""
    from nxtool.icatlint.judge import lint as judge

    found = judge(path, version)
    if schema is not None:
        from nxtool.icatlint.xsd import judge_by_schema

        found.items[:0] = judge_by_schema(path, schema)
    return found
