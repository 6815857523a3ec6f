"""`nxtool openpmd upgrade`, `downgrade` and `fix`: openPMD files revised on a copy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from nxtool.cli import options
from nxtool.cli.output import show, write

if TYPE_CHECKING:
    from nxtool.revise.model import Revised

F = TypeVar("F", bound=Callable[..., Any])
_OPTIONS: Final = (
    click.argument("file", type=click.Path(readable=False, path_type=Path)),
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


def _shared(command: F) -> F:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command(no_args_is_help=True)
@_shared
def upgrade(
    file: Path, output: Path | None, in_place: bool, overwrite: bool, form: str, quiet: bool
) -> None:
    """Bring an openPMD file to the draft of version 2.0.

    Exit code: 0 written, 2 something could not be read or written.
    """
    from nxtool.revise.apply import upgrade_file

    _check(output, in_place=in_place)
    _report(upgrade_file(file, output, overwrite=overwrite), form, quiet=quiet)


@click.command(no_args_is_help=True)
@_shared
def downgrade(
    file: Path, output: Path | None, in_place: bool, overwrite: bool, form: str, quiet: bool
) -> None:
    """Bring an openPMD file of the draft 2.0 back to version 1.1.

    Exit code: 0 written, 2 something could not be read or written.
    """
    from nxtool.revise.apply import downgrade_file

    _check(output, in_place=in_place)
    _report(downgrade_file(file, output, overwrite=overwrite), form, quiet=quiet)


@click.command(no_args_is_help=True)
@_shared
def fix(
    file: Path, output: Path | None, in_place: bool, overwrite: bool, form: str, quiet: bool
) -> None:
    """Mend mechanical faults of an openPMD file: types of attributes, paths, the date.

    Exit code: 0 written, 2 something could not be read or written.
    """
    from nxtool.revise.apply import mend_file

    _check(output, in_place=in_place)
    _report(mend_file(file, output, overwrite=overwrite), form, quiet=quiet)


def _check(output: Path | None, *, in_place: bool) -> None:
    if (output is None) != in_place:
        raise click.UsageError("give either -o OUT or --in-place")


def _report(result: Revised, form: str, *, quiet: bool) -> None:
    from nxtool.report.revised import revised_json, revised_lines

    if form == "json":
        write(revised_json(result))
    elif not quiet:
        show(revised_lines(result))
