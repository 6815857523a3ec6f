"""Checksums of source files, computed in the background while the values are written."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Final

import numpy as np

from nxtool.build.chunkwriter import threads_here
from nxtool.build.data import TEXT, Array
from nxtool.build.plan import Plan
from nxtool.sources.hashing import sha256

AT_ONCE: Final = 4
"""How many files are read at a time: more only make a disk seek."""


class Hashes:
    """SHA-256 of files, one row a file: a `FieldData`."""

    def __init__(self, files: tuple[Path, ...]) -> None:
        self.files = files
        self._begun: list[Future[str]] = []

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self.files),)

    @property
    def dtype(self) -> np.dtype[np.object_]:
        return TEXT

    @property
    def rows(self) -> int:
        return 1

    def begin(self, pool: ThreadPoolExecutor, stopped: Event) -> None:
        """Let `pool` compute them, until `stopped` is set; `read` then waits for the results."""
        self._begun = [pool.submit(sha256, file, stopped.is_set) for file in self.files]

    def finished(self) -> dict[Path, str]:
        """The checksums there are already, by file."""
        pairs = zip(self.files, self._begun, strict=False)
        good = ((f, one) for f, one in pairs if one.done() and not one.cancelled())
        found = {f: one.result() for f, one in good if one.exception() is None}
        return {file: text for file, text in found.items() if text}

    def read(self, start: int, stop: int) -> Array:
        files = self.files[start:stop]
        found = np.empty(len(files), dtype=object)
        if self._begun:
            found[:] = [future.result() for future in self._begun[start:stop]]
        else:
            found[:] = [sha256(file) for file in files]
        return found


@contextmanager
def begun(plan: Plan) -> Iterator[None]:
    """The checksums of `plan` are computed during the block; what is left at its end is not."""
    stopped = Event()
    threads = min(AT_ONCE, threads_here())
    with ThreadPoolExecutor(threads, thread_name_prefix="nxtool-sha256") as pool:
        try:
            for field in plan.fields:
                if isinstance(field.data, Hashes):
                    field.data.begin(pool, stopped)
            yield
        finally:
            stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)
