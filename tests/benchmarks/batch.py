"""Throughput of a batch of small files, as a ratio to converting one after the other.

    python tests/benchmarks/batch.py [--files 1000] [--executor local:1 local:2 dask] [--repeat 3]

Prints files a second of a loop over `nxtool.convert` in this process, of the same with records
(`perform`), and of each executor, starting its processes included; then a second call of the last,
which finds everything done. Ratios are medians of those within a run; nothing is asserted. `dask`
stands for a cluster of two workers that is there already.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from nxtool.api import convert
from nxtool.batch.model import Task
from nxtool.batch.planning import plan
from nxtool.batch.running import run
from nxtool.batch.work import perform
from tests.batchfiles import make_raw, wish
from tests.daskcluster import cluster_of


def plain(tasks: list[Task]) -> None:
    """A loop as one would write it."""
    for task in tasks:
        assert task.output is not None
        task.output.parent.mkdir(exist_ok=True)
        convert(task.input, output=task.output, settings=task.settings)


def rate(action: Callable[[], object], count: int) -> float:
    """Files a second."""
    start = time.perf_counter()
    action()
    return count / (time.perf_counter() - start)


def measured(folder: Path, executors: dict[str, str], number: int) -> Iterator[tuple[str, float]]:
    """What each way gives, one after the other."""

    def tasks(way: str) -> list[Task]:
        return plan(wish(folder, out=f"{number}-{way.replace(':', '-')}"))

    serial = tasks("plain")
    count = len(serial)
    yield "convert in a loop", rate(lambda: plain(serial), count)
    recorded = tasks("recorded")
    yield "perform in a loop", rate(lambda: list(map(perform, recorded)), count)
    for name, executor in executors.items():
        spread = tasks(name)
        yield name, rate(lambda: list(run(spread, executor)), count)  # noqa: B023  # called at once
    yield "again, all done", rate(lambda: list(run(spread, executor)), count)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--executor", nargs="+", default=["local:1", "local:2", "dask"])
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        make_raw(Path(name), options.files, damaged=options.files + 8)
        executors = {
            text: f"dask:{stack.enter_context(cluster_of(2)).address}" if text == "dask" else text
            for text in options.executor
        }
        rows = [dict(measured(Path(name), executors, n)) for n in range(options.repeat)]
    print(f"{options.files} small files, medians of {options.repeat}")
    for way in rows[0]:
        files = statistics.median(row[way] for row in rows)
        ratio = statistics.median(row[way] / row["convert in a loop"] for row in rows)
        print(f"  {way:<18} {files:8.1f} files/s, {ratio:6.2f} times the loop")


if __name__ == "__main__":
    main()
