"""Tasks done in a process of their own, below the process of an engine that calls in threads.

A crash of libhdf5 or a timeout then ends only that process, and not a worker of the engine with
all it holds. Nor does it matter what the engine's other threads do: Dask's look at the frames of
running calls now and then, which keeps HDF5 files open for a moment longer than the code says.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from nxtool.batch.localpool import LocalPool
from nxtool.batch.model import Result, Task
from nxtool.batch.work import perform_all

MOST: Final = 64
"""How many calls of one process are done at the same time; as many processes are started."""


def perform_apart(tasks: Sequence[Task]) -> list[Result]:
    """The results of `tasks`, done by a process that waits for the next ones afterwards.

    Raises:
        WorkerDied: it died over them.
    """
    results: list[Result] = _pool().submit(perform_all, tasks).result()
    return results


@lru_cache(maxsize=1)
def _pool() -> LocalPool:
    """The processes of this one; they end when it does."""
    return LocalPool(MOST)
