"""A Dask cluster of separate worker processes that are killed on demand.

    python tests/daskcluster.py WORKERS

Prints the address of its scheduler. For each line on stdin it kills one of its workers, any of
them, and prints a line; it ends when stdin does.
"""

from __future__ import annotations

import logging
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.batchfiles import PYTHONPATH


class Cluster:
    """The running program."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.address = self._line()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def kill_one(self) -> None:
        """Kill a worker; another takes its place."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        assert self._line() == "killed"


@contextmanager
def cluster_of(workers: int) -> Iterator[Cluster]:
    """A cluster for the time of the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.daskcluster", str(workers)],
        cwd=Path(__file__).parents[1], env={**os.environ, "PYTHONPATH": PYTHONPATH},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        yield Cluster(process)


def main() -> None:
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=int(sys.argv[1]), threads_per_worker=1, processes=True,
        dashboard_address=":0", silence_logs=logging.CRITICAL,
    ) as cluster:  # fmt: skip
        print(cluster.scheduler_address, flush=True)  # noqa: T201  # that is its answer
        for _ in sys.stdin:
            kill_any([nanny.pid for nanny in cluster.workers.values() if is_up(nanny)])
            print("killed", flush=True)  # noqa: T201


def is_up(nanny: Any) -> bool:
    """Whether its worker has started: of one that dies before, a nanny does not start another."""
    from distributed.core import Status

    return nanny.process is not None and nanny.process.status == Status.running


def kill_any(pids: list[int | None]) -> None:
    """Kill one of the processes, if there is one."""
    living = [pid for pid in pids if pid]
    if living:
        with suppress(ProcessLookupError):
            os.kill(random.choice(living), signal.SIGKILL)  # noqa: S311  # any will do


if __name__ == "__main__":
    main()
