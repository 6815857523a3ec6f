"""A bar on stderr for work on many files: how many are done, and how long the rest may take.

It has no thread of its own, for processes are forked while it is shown.
"""

from __future__ import annotations

import sys
import time
from typing import Final

PATIENCE: Final = 0.8
"""Work shorter than this many seconds needs no bar."""
_WIDTH: Final = 30


class FileBar:
    """Shown on a terminal only, and only where there is more than one file."""

    def __init__(self, total: int, *, quiet: bool) -> None:
        self._shown = total > 1 and not quiet and sys.stderr.isatty()
        self._total = total
        self._done = 0
        self._started = time.monotonic()

    def clear(self) -> None:
        """Take the bar away, before something else is printed or at the end."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def skip(self) -> None:
        """One file less is to be done: it was before. Time is counted from now on."""
        self._total -= 1
        self._started = time.monotonic()

    def advance(self) -> None:
        """One more file is done."""
        self._done += 1
        seconds = time.monotonic() - self._started
        if self._shown and seconds > PATIENCE and self._done < self._total:
            sys.stderr.write("\r\x1b[K" + bar_text(self._done, self._total, seconds))
            sys.stderr.flush()


def bar_text(done: int, total: int, seconds: float) -> str:
    """The bar when `done` of `total` files took so many seconds.

    >>> bar_text(10, 40, 65.0)
    '[=======                       ] 10/40 files, 3:15 left'
    """
    full = "=" * (_WIDTH * done // total)
    minutes, rest = divmod(round(seconds / done * (total - done)), 60)
    return f"[{full:<{_WIDTH}}] {done}/{total} files, {minutes}:{rest:02} left"
