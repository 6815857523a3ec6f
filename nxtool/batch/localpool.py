"""Processes on this machine that do tasks, behind the interface of `concurrent.futures`.

Each is a program of its own, `python -m nxtool.batch.worker`: no fork of ours, so that it matters
neither what threads this process has nor whether its main module can be imported twice. One that
dies takes only the call it was at, which ends with `WorkerDied`; the next call starts another.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from queue import LifoQueue
from typing import Any, Final

import nxtool

GRACE: Final = 30.0
"""How many seconds a process has to give up what it is at when it is asked to end."""


class WorkerDied(Exception):
    """The process that worked on a task is no more; the message says how it ended."""


class LocalPool:
    """Up to `jobs` processes."""

    def __init__(self, jobs: int) -> None:
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="nxtool-batch")
        self._idle: LifoQueue[_Worker | None] = LifoQueue()  # running ones before new ones
        self._workers: set[_Worker] = set()
        self._closing = False
        for _ in range(jobs):
            self._idle.put(None)

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """Call a function of a module with `arguments` and, as the last one, a function that it
        calls between blocks of work, which raises where the process is asked to end."""
        return self._threads.submit(self._call, function, arguments)

    def _call(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        worker = self._idle.get()
        try:
            if worker is None:
                worker = self._start()
            return worker.call(function, arguments)
        except WorkerDied:
            if worker is not None:
                self._workers.discard(worker)
                worker = None
            raise
        finally:
            self._idle.put(worker)

    def _start(self) -> _Worker:
        if self._closing:
            raise WorkerDied("the batch is ending")
        worker = _Worker()
        self._workers.add(worker)
        return worker

    def shutdown(self, wait: bool = True) -> None:
        """End the processes, after all calls or, unless `wait`, at once: what they are at is given
        up without a trace."""
        self._closing = not wait
        self._threads.shutdown(wait=wait, cancel_futures=not wait)
        workers = list(self._workers)
        for worker in workers:
            worker.ask_to_end()
        for worker in workers:
            worker.end()


class _Worker:
    """One process, and the line to it."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            number = theirs.fileno()
            command = [sys.executable, "-m", "nxtool.batch.worker", str(number)]
            self._process = subprocess.Popen(  # noqa: S603  # this very Python, with our module
                command, pass_fds=[number], env=_environment(), stdin=subprocess.DEVNULL
            )
        self._line = Connection(ours.detach())

    def call(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """What `function` gives back there. Raises `WorkerDied`."""
        try:
            self._line.send((function, arguments))
            return self._line.recv()
        except (EOFError, OSError) as error:
            self._line.close()
            raise WorkerDied(_ending(self._process.wait())) from error

    def ask_to_end(self) -> None:
        self._process.terminate()

    def end(self) -> None:
        """Wait until it has ended, and make it end if need be."""
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            pass
        finally:
            self._process.kill()
            self._process.wait()


def _environment() -> dict[str, str]:
    """That of this process, in which the same nxtool is found."""
    home = str(Path(nxtool.__file__).parents[1])
    known = os.environ.get("PYTHONPATH", "")
    path = os.pathsep.join(filter(None, (home, known)))
    return {**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"}


def _ending(code: int) -> str:
    """How a process ended.

    >>> _ending(-9), _ending(3)
    ('it was killed (SIGKILL)', 'it ended with exit code 3')
    """
    if code == -signal.SIGALRM:
        return "the time for it was over"
    if code < 0:
        return f"it was killed ({signal.Signals(-code).name})"
    return f"it ended with exit code {code}"
