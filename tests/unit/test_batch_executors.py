"""Executors by name, and workers that die."""

from __future__ import annotations

import signal
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from nxtool.batch import slurm
from nxtool.batch.executors import Share, crew_of, share_of
from nxtool.batch.localpool import LocalPool, WorkerDied
from nxtool.batch.model import Manner
from nxtool.batch.planning import plan
from nxtool.batch.running import run
from nxtool.batch.slurm import parameters
from nxtool.batch.work import perform
from nxtool.errors import NxtoolError
from tests.batchfiles import (
    counted,
    die,
    hidden,
    make_raw,
    number_of_process,
    verdicts,
    wish,
)
from tests.samecontent import content


def test_shares_of_an_array_are_all_tasks_once() -> None:
    shares = [share_of(f"array:{number}/3").of(range(10)) for number in range(3)]
    assert sorted(task for share in shares for task in share) == list(range(10))


@pytest.mark.parametrize(
    ("first", "step", "number", "index"),
    [("0", "1", "2", 2), ("1", "1", "3", 2), ("4", "2", "8", 2)],
)
def test_slurm_says_which_share_is_meant(first: str, step: str, number: str, index: int) -> None:
    words = {"ID": number, "MIN": first, "STEP": step, "COUNT": "5"}
    known = {f"SLURM_ARRAY_TASK_{word}": text for word, text in words.items()}
    assert share_of("array", known) == Share(index, 5)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cloud", "there is no executor 'cloud' (one of local, local:N, dask:tcp://HOST:PORT,"
         " slurm, array)"),
        ("local:0", "local:0 is no number of processes (local:4, or local)"),
        ("local:many", "local:many is no number of processes (local:4, or local)"),
        ("local:99999", "local:99999 is no number of processes (local:4, or local)"),
        ("dask:", "'' is no address of a scheduler (dask:tcp://HOST:8786)"),
        ("dask:head", "'head' is no address of a scheduler (dask:tcp://HOST:8786)"),
    ],
)  # fmt: skip
def test_an_executor_that_is_none_is_refused(name: str, message: str) -> None:
    with pytest.raises(NxtoolError) as caught, crew_of(name):
        pass
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("array:3", "'3' is no share of an array (array:3/16, counted from 0)"),
        ("array:3/3", "there is no share 3 of 3 (shares are counted from 0)"),
        ("array", "this is no job of a Slurm array (call it in a script for `sbatch --array=0-15`,"
         " or say which share: array:3/16)"),
    ],
)  # fmt: skip
def test_a_share_that_is_none_is_refused(name: str, message: str) -> None:
    with pytest.raises(NxtoolError) as caught:
        share_of(name, {"PATH": ""})
    assert str(caught.value) == message


@pytest.mark.parametrize("number", ["0", "1", "5"])
def test_an_array_with_gaps_is_refused_by_each_of_its_jobs(number: str) -> None:
    words = {"ID": number, "MIN": "0", "MAX": "5", "STEP": "1", "COUNT": "3"}
    with pytest.raises(NxtoolError) as caught:
        share_of("array", {f"SLURM_ARRAY_TASK_{word}": text for word, text in words.items()})
    assert str(caught.value) == (
        f"job {number} of this Slurm array is no share of 3 (number its jobs evenly, as in"
        " `sbatch --array=0-15`, or say which share: array:3/16)"
    )


def test_parameters_of_slurm_are_those_of_submitit() -> None:
    assert parameters("partition=short,mem_gb=4,cpus_per_task=2") == {
        "slurm_partition": "short", "mem_gb": 4, "cpus_per_task": 2,
    }  # fmt: skip
    with pytest.raises(NxtoolError) as caught:
        parameters("short")
    assert str(caught.value) == "'short' is no KEY=VALUE (slurm:partition=short,mem_gb=4)"


def test_a_damaged_result_of_a_slurm_job_is_a_lost_job(tmp_path: Path) -> None:
    submitit = pytest.importorskip("submitit")
    job = submitit.core.core.Job(tmp_path, "7")
    job.wait = lambda: None
    job.paths.result_pickle.write_bytes(b"\x80\x04nothing")
    future: Future[Any] = Future()
    settled = slurm._Job(job, future)
    settled.settle(None)
    error = future.exception()
    assert isinstance(error, WorkerDied)
    assert str(error).startswith("the result of job 7 cannot be read: ")


def test_a_call_whose_process_dies_says_how_and_the_next_one_gets_another() -> None:
    pool = LocalPool(1)
    try:
        first = pool.submit(number_of_process).result()
        with pytest.raises(WorkerDied) as caught:
            pool.submit(die, signal.SIGSEGV).result()
        second = pool.submit(number_of_process).result()
    finally:
        pool.shutdown()
    assert str(caught.value) == "it was killed (SIGSEGV)"
    assert first != second


def test_results_are_the_same_here_and_in_two_processes(tmp_path: Path) -> None:
    make_raw(tmp_path, 12, damaged=10)
    one, two = plan(wish(tmp_path, out="one")), plan(wish(tmp_path, out="two"))
    assert verdicts(map(perform, one)) == verdicts(run(two, "local:2", chunk=4))
    for left, right in zip(one, two, strict=True):
        assert left.output is not None
        assert right.output is not None
        assert left.output.exists() == right.output.exists()
        if left.output.exists():
            assert content(left.output) == content(right.output)
    assert counted(run(two, "local:2")) == {"good": 11, "unreadable": 1, "was_done": 12}


class Murderous:
    """An executor whose first workers are killed while they are at something."""

    def __init__(self, victims: int) -> None:
        self._pool = LocalPool(1)
        self._victims = victims

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        if self._victims:
            self._victims -= 1
            return self._pool.submit(die, signal.SIGKILL)
        return self._pool.submit(function, *arguments)

    def shutdown(self, wait: bool = True) -> None:
        self._pool.shutdown(wait)


@pytest.mark.slow
@pytest.mark.parametrize(("victims", "expected"), [(1, {"good": 3}), (2, {"failed": 1, "good": 2})])
def test_a_lost_task_is_tried_again_alone_and_then_reported(
    tmp_path: Path, victims: int, expected: dict[str, int]
) -> None:
    make_raw(tmp_path, 3)
    tasks = plan(wish(tmp_path))
    executor = Murderous(victims)
    results = list(run(tasks, executor, chunk=3))
    executor.shutdown()
    assert counted(results) == expected
    messages = [result.message for result in results if result.verdict == "failed"]
    assert messages in (
        [],
        [f"{tasks[0].name}: two workers were lost over it: it was killed (SIGKILL)"],
    )
    assert hidden(tmp_path) == []
    assert counted(map(perform, tasks))["good"] == 3


class Gone:
    """An executor whose scheduler is no more."""

    def submit(self, _function: Callable[..., Any], /, *_arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.cancel()
        return future

    def shutdown(self, wait: bool = True) -> None:
        """Nothing is open."""


def test_a_scheduler_that_is_gone_is_not_the_fault_of_an_input(tmp_path: Path) -> None:
    make_raw(tmp_path, 1)
    tasks = plan(wish(tmp_path))
    (result,) = run(tasks, Gone())
    assert (result.verdict, result.message, result.hint) == (
        "failed", f"{tasks[0].name}: it was cancelled before it was done",
        "has the scheduler ended? Run the batch again: it goes on",
    )  # fmt: skip


def test_a_scheduler_behind_tls_needs_a_certificate() -> None:
    pytest.importorskip("distributed")
    with pytest.raises(NxtoolError) as caught, crew_of("dask:tls://localhost:8786"):
        pass
    assert str(caught.value) == (
        "tls://localhost:8786: no certificate is set (write it into Dask's settings:"
        " distributed.comm.tls.ca-file, .client.cert, .client.key)"
    )


def test_the_time_of_a_task_can_be_limited(tmp_path: Path) -> None:
    make_raw(tmp_path, 1)
    (task,) = plan(wish(tmp_path, Manner(timeout=1e-6)))
    (result,) = run([task], "local:1")
    assert (result.verdict, result.message) == (
        "failed", f"{task.name}: two workers were lost over it: the time for it was over",
    )  # fmt: skip
