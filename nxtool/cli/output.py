"""What commands print: results to stdout, errors and progress to stderr."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import click

from nxtool.errors import NxtoolError, OutputError

if TYPE_CHECKING:
    from nxtool.report.terminal import Line, Terminal

BATCH: Final = 500
"""How many lines are written at once."""


class PipeClosed(Exception):
    """Whoever read our output does so no more. (click would turn a BrokenPipeError into exit
    code 1, which means findings.)"""


def write(text: str) -> None:
    """Write `text` to stdout as it is, now: findings about one file appear before the next is
    read. Raises `PipeClosed`, or `OutputError` where it cannot be written."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError as error:
        raise PipeClosed from error
    except OSError as error:
        forget_stdout()
        reason = (error.strerror or "cannot be written").lower()
        raise OutputError(f"standard output: {reason}", hint="write to another place") from error


def forget_stdout() -> None:
    """Nobody gets it any more; without this Python complains again when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def show(lines: Iterable[Line]) -> None:
    """Write lines to stdout, wrapped and coloured as the terminal can. Raises `PipeClosed`."""
    from nxtool.report.terminal import render

    terminal, rest = current_terminal(), iter(lines)
    while batch := list(itertools.islice(rest, BATCH)):
        write(render(batch, terminal))


def current_terminal() -> Terminal:
    """What stdout can show, and `--no-color` allows."""
    from nxtool.report.terminal import terminal_of

    return terminal_of(sys.stdout, color=click.get_current_context().color is not False)


def say_error(error: NxtoolError) -> None:
    """Print an error and its next step to stderr."""
    from nxtool.report.printable import printable

    where = f"{error.mark}: " if error.mark else ""
    sys.stdout.flush()
    click.echo(f"error: {printable(where + error.message)}", err=True)
    if error.hint:
        click.echo(f"  → {printable(error.hint)}", err=True)
