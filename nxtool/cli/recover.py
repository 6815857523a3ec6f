"""`nxtool recover`: files whose writer was killed."""

from __future__ import annotations

from pathlib import Path

import click

from nxtool.cli import options
from nxtool.cli.output import show
from nxtool.report.listening import recovered_lines
from nxtool.stream.recover import recover as make_whole


@click.command(no_args_is_help=True)
@click.argument("file", type=click.Path(readable=False, path_type=Path))
@click.option("-q", "--quiet", is_flag=True, help="Print only what is wrong.")
@options.no_color
def recover(file: Path, quiet: bool) -> None:
    """Make a file whole that was written live, and whose writer was killed.

    It becomes what it was at its last checkpoint, and says that it is incomplete. `nxtool listen`
    does the same by itself when it continues a file. Exit code: 0 done, 2 it could not be.
    """
    found = make_whole(file)
    if not quiet:
        show(recovered_lines(found, file))
