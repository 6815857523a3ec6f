"""Ctrl-C and being asked to end, at a moment when it is safe.

Python drops an exception that a signal raises inside a weak-reference callback, of which h5py has
many: a conversion would go on. So while a file is written the first signal is only noted, and
raised between two blocks; a second one is raised at once.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def postponed() -> Iterator[Callable[[], None]]:
    """Gives a function to call between blocks, which raises `KeyboardInterrupt` if one is due."""
    asked = 0

    def note(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        asked += 1
        if asked > 1:
            raise KeyboardInterrupt

    def stop_if_asked() -> None:
        if asked:
            raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield stop_if_asked
        return
    before = [signal.signal(number, note) for number in SIGNALS]
    try:
        yield stop_if_asked
    finally:
        for number, handler in zip(SIGNALS, before, strict=True):
            signal.signal(number, handler)


@contextmanager
def asked() -> Iterator[Callable[[], bool]]:
    """Gives a function that says whether to end was asked for; asked twice, `KeyboardInterrupt`."""
    with postponed() as stop_if_asked:

        def is_asked() -> bool:
            try:
                stop_if_asked()
            except KeyboardInterrupt:
                return True
            return False

        yield is_asked
