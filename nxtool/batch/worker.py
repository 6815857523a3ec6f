"""`python -m nxtool.batch.worker FD`: a process of `LocalPool`, which answers calls on a socket.

It ends when the other side does, or when it is asked to (SIGTERM): it gives up what it is at
between two blocks of work, so that no half file stays. Ctrl-C is for the other side to act on.
"""

from __future__ import annotations

import signal
import sys
from multiprocessing.connection import Connection
from types import FrameType


class _Asked:
    """Whether this process is asked to end, or the other side of `line` is no more."""

    def __init__(self, line: Connection) -> None:
        self._line = line
        self.to_end = False
        self.is_busy = False

    def note(self, _number: int, _frame: FrameType | None) -> None:
        self.to_end = True
        if not self.is_busy:
            raise SystemExit(0)

    def stop_if_asked(self, _path: str = "", _count: int = 0) -> None:
        if self.to_end or self._line.poll():  # nothing is said to a process that works
            raise SystemExit(0)


def serve(line: Connection) -> None:
    """Answer calls until the other side is gone."""
    asked = _Asked(line)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, asked.note)
    while True:
        try:
            function, arguments = line.recv()
        except (EOFError, OSError):
            return
        asked.is_busy = True
        answer = function(*arguments, asked.stop_if_asked)
        asked.stop_if_asked()
        asked.is_busy = False
        try:
            line.send(answer)
        except OSError:
            return


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
