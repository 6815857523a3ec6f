"""The table of commands, and a click group that loads a command when it is called.

`nxtool --help` prints the table alone, so it imports neither h5py, numpy nor lxml.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from copy import copy
from typing import Any, Final, NamedTuple

import click
from click.shell_completion import CompletionItem

from nxtool import __version__
from nxtool.cli.examples import epilog
from nxtool.cli.groups import NamingGroup
from nxtool.cli.options import no_color


class Command(NamedTuple):
    """Where a command is (`module:attribute`), and its line in the help."""

    target: str
    help: str


COMMANDS: Final[Mapping[str, Command]] = {
    "demo": Command("nxtool.cli.demo:demo", "Try the main job on data made for it."),
    "convert": Command("nxtool.cli.convert:convert", "Convert raw data as a recipe says."),
    "listen": Command("nxtool.cli.listen:listen", "Record messages from Kafka into a file, live."),
    "replay": Command("nxtool.cli.replay:replay", "Send stored runs and messages to Kafka."),
    "sources": Command("nxtool.cli.sources:sources", "List what raw data files offer."),
    "new": Command("nxtool.cli.new:command", "Begin a recipe from a few answers."),
    "template": Command("nxtool.cli.template:command", "Print a recipe to fill in."),
    "import-eln": Command("nxtool.cli.importeln:command", "Turn the YAML of an ELN into a recipe."),
    "schema": Command("nxtool.cli.schema:command", "Print a JSON Schema of recipes, for editors."),
    "tui": Command("nxtool.cli.tui:tui", "Write, build and view files in the terminal."),
    "check": Command("nxtool.cli.check:check", "Check a recipe; write nothing."),
    "validate": Command("nxtool.cli.validate:validate", "Judge NeXus and openPMD files."),
    "show": Command("nxtool.cli.show:show", "Show what is in a file."),
    "fair": Command("nxtool.cli.fair:fair", "Ask how FAIR files are, with points."),
    "edit": Command("nxtool.cli.edit:edit", "Change metadata of a file, and record it there."),
    "restore": Command("nxtool.cli.restore:restore", "Give back the raw files in a file."),
    "recover": Command("nxtool.cli.recover:recover", "Mend files whose writer was killed."),
    "filters": Command(
        "nxtool.cli.filters:filters", "List HDF5 filters, check those in files, try them on data."
    ),
    "repack": Command(
        "nxtool.cli.repack:repack", "Store a file anew with other filters and chunks."
    ),
    "export": Command("nxtool.cli.export:group", "Write what files say for ICAT and catalogues."),
    "openpmd": Command("nxtool.cli.openpmd:openpmd", "Bridge openPMD and NeXus; revise openPMD."),
    "icat": Command("nxtool.cli.icat:icat", "Check files for ICAT, and push to a server."),
    "batch": Command("nxtool.cli.batch:group", "Do the same with many files, here or elsewhere."),
    "seal": Command("nxtool.cli.sealing:seal", "Encrypt a whole file for those who have the key."),
    "open": Command("nxtool.cli.sealing:unseal", "Decrypt a sealed file."),
    "definitions": Command(
        "nxtool.cli.definitions:definitions", "List, search and read the NeXus definitions."
    ),
}


class LazyGroup(NamingGroup):
    """A group whose commands stand in a table."""

    def __init__(self, *args: Any, commands_table: Mapping[str, Command], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table = commands_table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command called `cmd_name`, loaded now, with its examples."""
        if cmd_name not in self.table:
            return None
        module, _, attribute = self.table[cmd_name].target.partition(":")
        command: click.Command = copy(getattr(importlib.import_module(module), attribute))
        command.epilog = epilog(cmd_name)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Names and options that begin so, without loading anything."""
        found = [
            CompletionItem(name, help=command.help)
            for name, command in self.table.items()
            if name.startswith(incomplete)
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table as help, without loading anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.help) for name, command in self.table.items()])


@click.group(
    cls=LazyGroup,
    commands_table=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, "-V", "--version", message="nxtool %(version)s")
@no_color
def command_line() -> None:
    """Write, check and export NeXus and openPMD files.

    Exit codes: 0 fine, 1 findings, 2 could not do it.
    """
