"""`nxtool definitions lint`: for those who write definitions."""

from __future__ import annotations

from pathlib import Path

import click

from nxtool.cli import options
from nxtool.cli.linting import FailOn, fail_on_option, judge_files


@click.command(no_args_is_help=True)
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=options.file_here,
    metavar="FILE.nxdl.xml...",
)
@options.definitions_folders
@options.text_or_json
@fail_on_option
@options.no_color
@click.pass_context
def lint(
    ctx: click.Context,
    files: tuple[Path, ...],
    folders: tuple[Path, ...],
    form: str,
    fail_on: FailOn,
) -> None:
    """Judge NXDL files: the XML schema, what they state, what they inherit.

    Exit code: 0 no errors, 1 errors, 2 a file could not be read.
    """
    from nxtool.lint.codes import CODES
    from nxtool.lint.judge import Linter
    from nxtool.nxdl.sets import folders_of

    linter = Linter(tuple(folders_of(folders)))
    titles = {code: entry.title for code, entry in CODES.items()}
    ctx.exit(
        judge_files(files, linter.judge, form, fail_on, "nxtool.definitions.lint", titles)
    )  # fmt: skip
