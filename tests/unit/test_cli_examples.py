"""Examples in the help: every command has some, and what they say can be typed."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from contextlib import suppress

import click
import pytest
from click.testing import CliRunner

from nxtool.cli.commands import COMMANDS, command_line
from nxtool.cli.examples import EXAMPLES

LINES = [line for lines in EXAMPLES.values() for line in lines]


def parse(words: Sequence[str]) -> None:
    """Let click read the words after `nxtool`, without running anything."""
    command: click.Command = command_line
    context = click.Context(command_line)
    rest = list(words)
    while isinstance(command, click.Group):
        found = command.get_command(context, rest.pop(0))
        assert found is not None
        command = found
    with suppress(click.exceptions.Exit):  # of --explain, which answers and leaves
        command.make_context(command.name, rest)


def test_every_command_has_examples() -> None:
    assert set(EXAMPLES) == set(COMMANDS)


@pytest.mark.parametrize("line", LINES)
def test_an_example_can_be_typed(line: str) -> None:
    program, *words = shlex.split(line)
    assert program == "nxtool"
    parse(words)


def test_examples_are_of_their_command_and_fit_a_terminal() -> None:
    strange = [
        line
        for name, lines in EXAMPLES.items()
        for line in lines
        if line.split()[:2] != ["nxtool", name] or len(line) > 90
    ]
    assert strange == []


def test_examples_stand_at_the_end_of_the_help() -> None:
    done = CliRunner().invoke(command_line, ["restore", "--help"])
    assert done.stdout.endswith(
        "\n\n  Examples:\n    nxtool restore scan.nxs --list\n    nxtool restore scan.nxs -o back\n"
    )


def test_a_command_itself_is_not_changed() -> None:
    from nxtool.cli.restore import restore

    assert restore.epilog is None
