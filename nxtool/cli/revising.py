"""`nxtool openpmd upgrade`, `downgrade` and `fix`: openPMD files revised on a copy."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import click

from nxtool.cli import options
from nxtool.cli.output import show, write

if TYPE_CHECKING:
    from nxtool.revise.model import Revised

Revise: TypeAlias = "Callable[..., Revised]"
_OPTIONS: Final = (
    click.argument("file", type=options.file_here),
    click.option(
        "-o", "--output", type=click.Path(readable=False, path_type=Path), default=None,
        metavar="FILE", help="The file to write.",
    ),
    click.option("--in-place", is_flag=True, help="Put the result in the place of FILE."),
    click.option("--overwrite", is_flag=True, help="Replace the output if it exists."),
    options.text_or_json,
    click.option("-q", "--quiet", is_flag=True, help="Print only what is wrong."),
    options.no_color,
)  # fmt: skip


def _command(chosen: Callable[[], Revise]) -> click.Command:
    """The command named and described as `chosen`, which says how files are revised."""

    def run(
        file: Path, output: Path | None, in_place: bool, overwrite: bool, form: str, quiet: bool
    ) -> None:
        if (output is None) != in_place:
            raise click.UsageError("give either -o OUT or --in-place")
        _report(chosen()(file, output, overwrite=overwrite), form, quiet=quiet)

    for option in reversed(_OPTIONS):
        run = option(run)
    made = click.command(chosen.__name__, help=inspect.getdoc(chosen), no_args_is_help=True)
    return made(run)


@_command
def upgrade() -> Revise:
    """Bring an openPMD file to the draft of version 2.0.

    Exit code: 0 written, 2 something could not be read or written.
    """
    from nxtool.revise.apply import upgrade_file

    return upgrade_file


@_command
def downgrade() -> Revise:
    """Bring an openPMD file of the draft 2.0 back to version 1.1.

    Exit code: 0 written, 2 something could not be read or written.
    """
    from nxtool.revise.apply import downgrade_file

    return downgrade_file


@_command
def fix() -> Revise:
    """Mend mechanical faults of an openPMD file: types of attributes, paths, the date.

    Exit code: 0 written, 2 something could not be read or written.
    """
    from nxtool.revise.apply import mend_file

    return mend_file


def _report(result: Revised, form: str, *, quiet: bool) -> None:
    from nxtool.report.revised import revised_json, revised_lines

    if form == "json":
        write(revised_json(result))
    elif not quiet:
        show(revised_lines(result))
