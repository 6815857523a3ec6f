"""The command line: one file a command, loaded when it is called.

Exit codes: 0 fine, 1 findings at or above `--fail-on`, 2 could not do it (wrong use, unreadable
file, or a bug of ours), 130 interrupted, 141 when the reader of a pipe went away.
"""

from __future__ import annotations

import errno
import gc
import io
import os
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import TextIO

import click

from nxtool.cli.commands import command_line
from nxtool.cli.output import PipeClosed, forget_stdout, say_error
from nxtool.errors import NxtoolError

FAILED = 2
INTERRUPTED = 130
_NO_NAMES = (errno.ENAMETOOLONG, errno.ELOOP)
"""What no file can be called, wherever that is noticed first."""
MAX_SHOWN = 200
COLLECT_AFTER = 100_000
"""How many new objects call for a search for cycles: ours are few, and a process is short."""
PIPE_CLOSED = 141
"""What a shell reports for a program that was stopped by SIGPIPE."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line with `arguments` (default: those of the process); the exit code."""
    gc.set_threshold(COLLECT_AFTER)
    # no command multiplies matrices; threads that wait for some cost as much as a small file
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _interrupt)
    sys.stdout = sys.stdout or _nowhere()  # None where the caller closed them
    sys.stderr = sys.stderr or _nowhere()
    _write_anything(sys.stdout)
    _write_anything(sys.stderr)
    try:
        ended = _ended_apart() if arguments is None else None
        return _run(arguments) if ended is None else ended
    except NxtoolError as error:
        say_error(error)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except PipeClosed:
        forget_stdout()
        return PIPE_CLOSED
    except Exception as error:  # the one place where a bug may surface
        if isinstance(error, OSError) and error.errno in _NO_NAMES:
            shown = str(error.filename)[:MAX_SHOWN]
            say_error(NxtoolError(f"{shown}: {error.strerror}", hint="give another name"))
            return FAILED
        traceback.print_exc()
        click.echo("this is a bug in nxtool: please report it with the lines above", err=True)
    return FAILED


def _ended_apart() -> int | None:
    """The exit code of a command that ran in a process of its own; None where it is to run here."""
    if sys.platform != "linux":  # which has /proc
        return None
    from nxtool.cli import apart

    seconds = apart.limit(sys.argv[1:])
    return None if seconds is None else apart.ended_apart(apart.Patience(seconds))


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Being asked to end is like Ctrl-C: clean up and go."""
    raise KeyboardInterrupt


def _run(arguments: Sequence[str] | None) -> int:
    result = command_line.main(arguments, prog_name="nxtool", standalone_mode=False)
    return result if isinstance(result, int) else 0


def _write_anything(stream: TextIO) -> None:
    """Let names that the encoding of the stream cannot express come out as escapes."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
