"""`nxtool icat`: what has to do with ICAT servers; each command is loaded when it is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import click

from nxtool.cli.commands import Command, LazyGroup

COMMANDS: Final[Mapping[str, Command]] = {
    "lint": Command("nxtool.cli.icatlint:lint", "Judge ICAT ingest files beyond their schema."),
    "push": Command("nxtool.cli.icatpush:push", "Put datasets on an ICAT server."),
}


@click.group(cls=LazyGroup, commands_table=COMMANDS, no_args_is_help=True)
def icat() -> None:
    """Check and push ICAT ingest files."""
