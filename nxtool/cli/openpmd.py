"""`nxtool openpmd`: openPMD files and NeXus; each command is loaded when it is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import click

from nxtool.cli.commands import Command, LazyGroup

COMMANDS: Final[Mapping[str, Command]] = {
    "to-nexus": Command("nxtool.cli.bridging:to_nexus", "Make NeXus of an openPMD file."),
    "from-nexus": Command("nxtool.cli.bridging:from_nexus", "Make openPMD of a NeXus file."),
    "upgrade": Command("nxtool.cli.revising:upgrade", "Bring a file to the draft 2.0."),
    "downgrade": Command("nxtool.cli.revising:downgrade", "Bring a file back to openPMD 1.1."),
    "fix": Command("nxtool.cli.revising:fix", "Mend mechanical faults of an openPMD file."),
}


@click.group(cls=LazyGroup, commands_table=COMMANDS, no_args_is_help=True)
def openpmd() -> None:
    """Bridge openPMD and NeXus, and revise openPMD files."""
