"""Jobs of Slurm by submitit, behind the interface of `concurrent.futures`.

Whether a job is done is seen by its result file, and whether it is lost by `squeue`: accounting
(`sacct`), which submitit would ask, is not there everywhere. Scripts, logs and results are in the
folder `.nxtool-slurm`, which the nodes must see too.
"""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from pickle import UnpicklingError
from threading import Event, Lock, Thread
from typing import Any, Final

import nxtool
from nxtool.batch.localpool import WorkerDied
from nxtool.errors import NxtoolError

FOLDER: Final = ".nxtool-slurm"
LOOK: Final = 1.0
"""How many seconds pass between two looks at the result files."""
ASK: Final = 10
"""How many looks pass before Slurm is asked which jobs it knows."""
_LOST_AFTER: Final = 2
"""How often Slurm must not know a job: its result may be on its way through a network disk."""
_DAMAGED: Final = (OSError, EOFError, UnpicklingError, ImportError, AttributeError, ValueError)
"""What comes of a result file that is cut off or of another nxtool."""
_COMMON: Final = ("name", "timeout_min", "mem_gb", "nodes", "cpus_per_task")
"""Parameters that submitit knows for every cluster; the others are Slurm's own."""


class SlurmJobs:
    """One job for each call, those submitted in one `together` as an array."""

    def __init__(self, submitit: Any, text: str) -> None:
        """With the parameters in `text`: `partition=short,timeout_min=60`.

        Raises:
            NxtoolError: Slurm is not on this machine, or there is no such parameter.
        """
        self._executor = _executor(submitit, parameters(text))
        self._fresh: list[_Job] = []
        self._open: list[_Job] = []
        self._lock = Lock()  # jobs are added by one thread and taken away by another
        self._ended = Event()
        self._watch = Thread(target=self._look, daemon=True, name="nxtool-slurm")

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is submitted in the block becomes one array of jobs.

        Raises:
            NxtoolError: Slurm does not take it.
        """
        try:
            with self._executor.batch():
                yield
        except RuntimeError as error:
            reason = " ".join(str(error).split())
            raise NxtoolError(f"Slurm takes no job: {reason}", hint="try `sinfo`") from error
        with self._lock:
            self._open += self._fresh
        self._fresh = []
        if not self._watch.is_alive():
            self._watch.start()

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """Call a function of a module with `arguments` in a job; to be used in `together`."""
        future: Future[Any] = Future()
        self._fresh.append(_Job(self._executor.submit(function, *arguments), future))
        return future

    def shutdown(self, wait: bool = True) -> None:
        """Stop looking, and, unless `wait`, cancel the jobs that are not done."""
        self._ended.set()
        if self._watch.is_alive():
            self._watch.join()
        for job in self._open if not wait else ():
            job.job.cancel(check=False)

    def _look(self) -> None:
        looks = 0
        while not self._ended.wait(LOOK):
            looks += 1
            known = _known_jobs() if looks % ASK == 0 else None
            with self._lock:
                jobs = list(self._open)
            for job in jobs:
                job.settle(known)
            with self._lock:
                self._open = [job for job in self._open if not job.future.done()]


class _Job:
    def __init__(self, job: Any, future: Future[Any]) -> None:
        self.job = job
        self.future = future
        self._missed = 0

    def settle(self, known: set[str] | None) -> None:
        """Give the future its result, or the reason why there is none; `known` are the jobs that
        Slurm knows, None where it was not asked."""
        if self.future.done():
            return
        if self.job.paths.result_pickle.exists():
            self._take_result()
        elif known is not None:
            self._missed = 0 if self.job.job_id in known else self._missed + 1
            if self._missed >= _LOST_AFTER:
                where = f"job {self.job.job_id} is gone; its log is {self.job.paths.stderr}"
                self.future.set_exception(WorkerDied(where))

    def _take_result(self) -> None:
        try:
            error = self.job.exception()
            result = self.job.result() if error is None else None
        except _DAMAGED as damage:
            error = WorkerDied(f"the result of job {self.job.job_id} cannot be read: {damage}")
        if error is None:
            self.future.set_result(result)
        else:
            self.future.set_exception(error)


def _known_jobs() -> set[str] | None:
    """The numbers of all jobs that wait or run, None where Slurm does not answer."""
    command = ["squeue", "--noheader", "--array", "--format=%i"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError:
        return None
    return set(done.stdout.split()) if done.returncode == 0 else None


def parameters(text: str) -> dict[str, Any]:
    """The parameters of submitit that `text` stands for.

    >>> parameters("partition=short,timeout_min=60")
    {'slurm_partition': 'short', 'timeout_min': 60}

    Raises:
        NxtoolError: a part of it is no `KEY=VALUE`.
    """
    found: dict[str, Any] = {}
    for part in filter(None, text.split(",")):
        key, sign, value = part.partition("=")
        if not sign or not key.isidentifier():
            raise NxtoolError(f"{part!r} is no KEY=VALUE", hint="slurm:partition=short,mem_gb=4")
        name = key if key in _COMMON else f"slurm_{key}"
        found[name] = int(value) if value.isascii() and value.isdigit() else value
    return found


def _executor(submitit: Any, wanted: dict[str, Any]) -> Any:
    logging.getLogger("submitit").setLevel(logging.ERROR)  # it would tell of sacct again and again
    home = Path(nxtool.__file__).parents[1]
    setup = [f'export PYTHONPATH="{home}${{PYTHONPATH:+:$PYTHONPATH}}"']
    try:
        executor = submitit.AutoExecutor(Path(FOLDER).absolute(), cluster="slurm")
        executor.update_parameters(**{"name": "nxtool", "slurm_setup": setup, **wanted})
    except RuntimeError as error:
        hint = "run it where sbatch is, or use local:N"
        raise NxtoolError("there is no Slurm on this machine", hint=hint) from error
    except (NameError, TypeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise NxtoolError(f"slurm: {reason}", hint="partition, timeout_min, mem_gb, …") from error
    return executor
