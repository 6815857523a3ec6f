"""Documents on their way from the thread that makes them to the one that writes them.

To hand one over never waits for the disk of the files: what is too much for memory goes to a
temporary file, and is taken from there when there is room again. The order is kept.
"""

from __future__ import annotations

import io
import json
import tempfile
import threading
from collections import deque
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from nxtool.bluesky.columns import plain

Doc = Mapping[str, Any]
AT_ONCE: Final = 4096
"""How many documents are taken at once."""


class Backlog:
    """A queue whose memory is bounded by `most_bytes`. `waiting` counts the documents that were put
    and are not `done`."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._bytes = 0
        self._items: deque[tuple[str, Doc, int]] = deque()
        self._spill: io.FileIO | None = None
        self._spilled = 0
        self._place = 0
        self._changed = threading.Condition()
        self.waiting = 0
        self.most_waiting = 0

    def put(self, name: str, doc: Doc) -> None:
        """Add a document; nothing waits where that fails."""
        size = weight(doc)
        with self._changed:
            if self._spilled or (self._items and self._bytes + size > self._most):
                self._put_aside(name, doc)
            else:
                self._items.append((name, doc, size))
                self._bytes += size
            self.waiting += 1
            self.most_waiting = max(self.most_waiting, self.waiting)
            if len(self._items) + self._spilled == 1:
                self._changed.notify_all()

    def _put_aside(self, name: str, doc: Doc) -> None:
        line = json.dumps([name, doc], default=plain).encode() + b"\n"
        if self._spill is None:
            self._spill = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed when read
        end = self._spill.seek(0, 2)
        try:
            written = 0
            while written < len(line):
                written += self._spill.write(line[written:])
        except OSError:  # half a line would be taken for the beginning of the next one
            self._spill.truncate(end)
            raise
        self._spilled += 1

    def take(self, seconds: float) -> list[tuple[str, Doc]]:
        """The next documents; none when none came for so long."""
        with self._changed:
            if not self._items and not self._spilled:
                self._changed.wait(seconds)
            if not self._items:
                self._take_back()
            taken = [self._items.popleft() for _ in range(min(AT_ONCE, len(self._items)))]
            self._bytes -= sum(size for _, _, size in taken)
            return [(name, doc) for name, doc, _ in taken]

    def _take_back(self) -> None:
        """Move documents from the file to memory, as many as are taken at once."""
        if not self._spilled or self._spill is None:
            return
        self._spill.seek(self._place)
        reader = io.BufferedReader(self._spill)
        for _ in range(min(AT_ONCE, self._spilled)):
            line = reader.readline()
            self._place += len(line)
            name, doc = json.loads(line)
            self._items.append((name, doc, len(line)))
            self._bytes += len(line)
            self._spilled -= 1
            if self._bytes > self._most:
                break
        reader.detach()
        if not self._spilled:
            self._spill.close()
            self._spill, self._place = None, 0

    def done(self, count: int) -> None:
        """Note that so many documents, taken before, are dealt with."""
        with self._changed:
            self.waiting -= count
            self._changed.notify_all()

    def join(self, seconds: float | None = None) -> bool:
        """Wait until all documents are dealt with; False where that took too long."""
        with self._changed:
            return self._changed.wait_for(lambda: self.waiting == 0, seconds)


def weight(value: Any) -> int:
    """About how many bytes a document takes; quickly, so of a long list the first item counts."""
    if isinstance(value, dict):
        return 64 + sum(64 + weight(one) for one in value.values())
    if isinstance(value, str | bytes):
        return 50 + len(value)
    if isinstance(value, np.ndarray):
        return 100 + value.nbytes
    if isinstance(value, list | tuple):
        return 56 + len(value) * (8 + (weight(value[0]) if value else 0))
    return 32
