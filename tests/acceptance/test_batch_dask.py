"""Batches on a Dask cluster whose workers are killed at random moments."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from nxtool.batch.model import Result, Task
from nxtool.batch.planning import plan
from nxtool.batch.running import run
from nxtool.batch.work import perform
from tests.batchfiles import counted, hidden, make_raw, verdicts, wish
from tests.daskcluster import Cluster, cluster_of
from tests.samecontent import content

pytest.importorskip("distributed", reason="needs the extra dask")

MANY: Final = int(os.environ.get("NXTOOL_BATCH_FILES", "400"))
"""How many files the long test makes; 10,000 take about half an hour on two processors."""


def under_fire(results: Iterator[Result], cluster: Cluster, moments: set[int]) -> Iterator[Result]:
    """The results; a worker is killed when as many are there as each of `moments` says."""
    for number, result in enumerate(results):
        if number in moments:
            cluster.kill_one()
        yield result


def assert_like_serial(tasks: list[Task], serial: list[Task]) -> None:
    """File by file the same content, or none."""
    for one, other in zip(tasks, serial, strict=True):
        assert one.output is not None
        assert other.output is not None
        assert one.output.exists() == other.output.exists(), one.name
        if one.output.exists():
            assert content(one.output) == content(other.output), one.name


def batch_under_fire(folder: Path, count: int, chunk: int, kills: int) -> None:
    """Convert `count` files, 5 % of them damaged, on workers of which `kills` are killed."""
    bad = make_raw(folder, count)
    assert len(bad) == count // 20
    tasks, serial = plan(wish(folder)), plan(wish(folder, out="serial"))
    moments = set(random.sample(range(0, count, chunk), kills))
    with cluster_of(2) as cluster:
        executor = f"dask:{cluster.address}"
        results = list(under_fire(run(tasks, executor, chunk=chunk), cluster, moments))
        assert counted(perform(task) for task in serial) == {
            "good": count - len(bad), "unreadable": len(bad),
        }  # fmt: skip
        assert verdicts(results) == verdicts(map(perform, serial))
        again = list(run(tasks, executor, chunk=chunk))
    assert len(results) == count
    assert all(result.was_done for result in again)
    assert verdicts(again) == verdicts(results)
    assert hidden(folder) == []
    assert_like_serial(tasks, serial)


@pytest.mark.slow
def test_killed_workers_lose_nothing(tmp_path: Path) -> None:
    batch_under_fire(tmp_path, 120, 10, 1)


@pytest.mark.slow
def test_many_files_on_workers_that_are_killed(tmp_path: Path) -> None:
    batch_under_fire(tmp_path, MANY, min(50, MANY // 20), min(12, MANY // 100))
