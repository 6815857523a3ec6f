"""`nxtool recover`: files that a killed writer left, opened again and cut to what is whole."""

from __future__ import annotations

from pathlib import Path

import click

from nxtool.cli import options
from nxtool.cli.output import show
from nxtool.config import schema_for
from nxtool.report.recover import recovered_lines
from nxtool.stream.recover import recover as recover_file


@click.command(no_args_is_help=True)
@click.argument("files", nargs=-1, required=True, type=options.file_here)
@options.definitions_folders
@click.option("-q", "--quiet", is_flag=True, help="Print only what is wrong.")
@options.no_color
def recover(files: tuple[Path, ...], folders: tuple[Path, ...], quiet: bool) -> None:
    """Mend FILES whose writer was killed: nxtool listen, or a live run of Bluesky.

    They open again, end with the last rows that are whole, and say that the run is incomplete. A
    run of Bluesky whose documents lie beside it is made anew of them. A file that is being written
    is left alone. To go on writing instead, start nxtool listen again.

    Exit code: 0 all recovered, 2 some could not be.
    """
    schema = schema_for(folders)
    for path in files:
        found = recover_file(path, schema)
        if not quiet:
            show(recovered_lines(found))
