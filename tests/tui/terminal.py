"""The program in a terminal of its own: a pseudo-terminal, keys that are typed, what is drawn.

Text is looked for in all that was drawn so far, escapes taken out; where it stands is not known.
"""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PATIENCE: Final = 60.0
"""Seconds after which what was not drawn will not be."""
_ESCAPE: Final = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[P_\]][^\x1b\x07]*(?:\x07|\x1b\\)|.)")


class Terminal:
    """A running `nxtool` with the terminal it draws on."""

    def __init__(self, pid: int, descriptor: int) -> None:
        self.pid = pid
        self._descriptor = descriptor
        self._drawn = b""

    def type(self, keys: str) -> None:
        """Press keys, one after the other."""
        os.write(self._descriptor, keys.encode())

    def wait_for(self, *texts: str) -> None:
        """Return when all texts have been drawn; what was drawn up to then is forgotten."""
        end = time.monotonic() + PATIENCE
        while not all(text.encode() in (seen := _ESCAPE.sub(b"", self._drawn)) for text in texts):
            assert time.monotonic() < end, f"{texts} were not drawn, but {seen[-2000:]!r}"
            self._read()
        self._drawn = b""

    def wait_until(self, look: Callable[[], object], due: object) -> None:
        """Return when `look` finds what is due."""
        end = time.monotonic() + PATIENCE
        while (found := look()) != due:
            assert time.monotonic() < end, f"found {found!r} instead of {due!r}"
            self._read()

    def kill(self) -> None:
        """End the process as `kill -9` does."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)

    def wait(self) -> int:
        """The exit code, when the process has ended."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            self._read()
        raise AssertionError("the program did not end")

    def _read(self) -> None:
        ready, _, _ = select.select([self._descriptor], [], [], 0.05)
        if ready:
            with suppress(OSError):  # the other side is closed
                self._drawn += os.read(self._descriptor, 1 << 16)


@contextmanager
def started(*arguments: str, folder: Path, columns: int = 80, rows: int = 24) -> Iterator[Terminal]:
    """`nxtool` with these arguments in `folder`; it is killed at the end if it still runs."""
    pid, descriptor = os.forkpty()
    if pid == 0:
        _become(arguments, folder)
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    terminal = Terminal(pid, descriptor)
    try:
        yield terminal
    finally:
        with suppress(ProcessLookupError, ChildProcessError):
            terminal.kill()
        os.close(descriptor)


def _become(arguments: tuple[str, ...], folder: Path) -> None:
    """Replace this process by nxtool."""
    os.chdir(folder)
    variables = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "PYTHONIOENCODING": "utf-8"}
    path = os.pathsep.join([str(ROOT), str(ROOT / "tui")])
    environment = {**os.environ, **variables, "PYTHONPATH": path}
    environment.pop("NO_COLOR", None)
    os.execve(sys.executable, [sys.executable, "-m", "nxtool", *arguments], environment)  # noqa: S606
