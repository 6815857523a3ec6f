"""`nxtool definitions lint`: for those who write definitions."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from nxtool.cli import options
from nxtool.cli.output import say_error, show, write
from nxtool.errors import DefinitionError
from nxtool.findings import Findings


@click.command(no_args_is_help=True)
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(readable=False, path_type=Path),
    metavar="FILE.nxdl.xml...",
)
@options.definitions_folders
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
    folders: tuple[Path, ...],
    form: str,
    fail_on: Literal["error", "warning", "never"],
) -> None:
    """Judge NXDL files: the XML schema, what they state, what they inherit.

    Exit code: 0 no errors, 1 errors, 2 a file could not be read.
    """
    from nxtool.lint.judge import Linter
    from nxtool.nxdl.sets import folders_of
    from nxtool.report.definitionlint import lint_json, lint_lines

    linter = Linter(tuple(folders_of(folders)))
    judged: list[Findings] = []
    code = 0
    for path in files:
        try:
            judged.append(linter.judge(path))
        except DefinitionError as error:
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
