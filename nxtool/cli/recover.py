"""`nxtool recover`: files that a killed writer left, opened again and cut to what is whole."""

from __future__ import annotations

from pathlib import Path

import click

from nxtool.cli import options
from nxtool.cli.output import say_error, show
from nxtool.cli.recipes import COULD_NOT, FINE
from nxtool.config import schema_for
from nxtool.errors import NxtoolError
from nxtool.report.recover import recovered_lines
from nxtool.schema.compile import Schema
from nxtool.stream.recover import recover as recover_file


@click.command(no_args_is_help=True)
@click.argument("files", nargs=-1, required=True, type=options.file_here)
@options.definitions_folders
@click.option("-q", "--quiet", is_flag=True, help="Print only what is wrong.")
@options.no_color
@click.pass_context
def recover(
    ctx: click.Context, files: tuple[Path, ...], folders: tuple[Path, ...], quiet: bool
) -> None:
    """Mend FILES whose writer was killed: nxtool listen, or a live run of Bluesky.

    They open again, end with the last rows that are whole, and say that the run is incomplete. A
    run of Bluesky whose documents lie beside it is made anew of them. A file that is being written
    is left alone. To go on writing instead, start nxtool listen again.

    Exit code: 0 all recovered, 2 some could not be.
    """
    schema = schema_for(folders)
    whole = [_recovered(path, schema, quiet=quiet) for path in files]
    ctx.exit(FINE if all(whole) else COULD_NOT)


def _recovered(path: Path, schema: Schema, *, quiet: bool) -> bool:
    """Mend one file, and tell; False, with an error, where it cannot be: the others still may."""
    try:
        found = recover_file(path, schema)
    except NxtoolError as error:
        say_error(error)
        return False
    if not quiet:
        show(recovered_lines(found))
    return True
