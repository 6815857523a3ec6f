"""Judging files in other processes, so that no file can take the program down or keep it waiting.

libhdf5 may crash on a damaged file, or loop for ever; nothing in the same process can help then.
A worker is a fork of this process, made before h5py is loaded here, so it costs milliseconds, and
this process can load what it needs for the report while the worker loads the definitions. A
worker that dies is replaced; the file it was at is unreadable. A worker that stays inside one
call of a library for `HANG_SECONDS` of CPU time ends itself; one that sleeps for `IDLE_SECONDS`
without using any is ended.
"""

from __future__ import annotations

import os
import select
import signal
import time
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Final, NoReturn, Protocol

from nxtool.errors import FileUnreadable, MissingExtra, NxtoolError
from nxtool.findings import Findings
from nxtool.remote.address import named
from nxtool.validate import messages

HANG_SECONDS: Final = 20.0
IDLE_SECONDS: Final = 60.0
"""libhdf5 sleeps longer and longer before it reads again what a writer may be changing."""
AHEAD: Final = 64
"""How many files may be judged while an earlier one is not finished: what is held is bounded."""
_BLOCK: Final = 1 << 20
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_OF_PROCESS: Final = 2
"""How Linux names the CPU clock of another process: `~pid << 3 | 2` (CPUCLOCK_SCHED)."""
_STIR: Final = 0.01
"""Less CPU time than this is nothing, in seconds."""

Verdict = Findings | FileUnreadable


class Judge(Protocol):
    """Gives findings about a file, or raises `FileUnreadable`."""

    @property
    def definitions(self) -> Sequence[str]: ...
    def __call__(self, file: str) -> Findings: ...


@dataclass(slots=True)
class _Worker:
    """A process, the pipes to and from it, and the file it is at."""

    pid: int
    asks: int
    tells: int
    heard: bytearray = field(default_factory=bytearray)
    greeted: bool = False
    number: int = -1
    file: str = ""
    deadline: float = float("inf")
    used: float = 0.0
    stirred: float = 0.0

    def ask(self, number: int, file: str, deadline: float) -> None:
        self.number, self.file, self.deadline = number, file, deadline
        self.stirred = time.monotonic()
        try:
            os.write(self.asks, messages.question(file))
        except BrokenPipeError:
            return  # it is dead, which shows when it is heard

    def hear(self) -> list[bytes] | None:
        """The complete lines it said; None when it said its last."""
        block = os.read(self.tells, _BLOCK)
        if not block:
            return None
        self.heard += block
        if b"\n" not in block:
            return []
        *lines, rest = bytes(self.heard).split(b"\n")
        self.heard = bytearray(rest)
        return lines

    def idle(self) -> float:
        """For how many seconds it has been seen to use no CPU time."""
        used = time.clock_gettime(~self.pid << 3 | _OF_PROCESS)
        if used - self.used > _STIR:
            self.used, self.stirred = used, time.monotonic()
        return time.monotonic() - self.stirred

    def end(self) -> int:
        """Stop it; how it ended, as `os.waitstatus_to_exitcode` says."""
        os.close(self.asks)
        os.close(self.tells)
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self.end()


class Workers:
    """Up to `jobs` processes that judge files; use it in a `with` block.

    `make_judge` is called once in each. `timeout` seconds are given to each file, 0 for no limit;
    `hang` seconds of CPU time to each call of a library, `idle` seconds to one that sleeps.
    """

    def __init__(
        self,
        make_judge: Callable[[], Judge],
        *,
        jobs: int = 1,
        timeout: float = 0.0,
        hang: float = HANG_SECONDS,
        idle: float = IDLE_SECONDS,
    ) -> None:
        self._make_judge = make_judge
        self._hang = hang
        self._idle_limit = idle
        self._jobs = jobs
        self._timeout = timeout
        self._workers: list[_Worker] = []
        self.definitions: list[str] = []

    def __enter__(self) -> Workers:
        """Start the first worker; it goes on while this process does something else."""
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        while self._workers:
            self._workers.pop().kill()

    def judged(self, files: Iterable[str]) -> Iterator[Verdict]:
        """What is found in each file, in their order.

        From the first one on, `definitions` says which sets of definitions are used.

        Raises:
            NxtoolError: a worker cannot begin, for instance for want of definitions.
        """
        waiting, done, given = enumerate(files), dict[int, Verdict](), 0
        todo = next(waiting, None)
        while todo is not None or done or self._busy():
            while todo is not None and todo[0] < given + AHEAD and (worker := self._idle()):
                worker.ask(*todo, self._deadline())
                todo = next(waiting, None)
            for worker in self._speaking():
                self._listen(worker, done)
            self._give_up(done)
            while given in done:
                yield done.pop(given)
                given += 1

    def _busy(self) -> list[_Worker]:
        return [worker for worker in self._workers if worker.file]

    def _idle(self) -> _Worker | None:
        """A worker without work, a new one if need be; None when there are enough."""
        for worker in self._workers:
            if not worker.file:
                return worker
        return self._start() if len(self._workers) < self._jobs else None

    def _deadline(self) -> float:
        return time.monotonic() + self._timeout if self._timeout else float("inf")

    def _speaking(self) -> list[_Worker]:
        """Busy workers with something to hear; waits for the first, or until one is overdue."""
        busy = self._busy()
        poll = select.poll()
        for worker in busy:
            poll.register(worker.tells, select.POLLIN)
        deadline = min((worker.deadline for worker in busy), default=0.0)
        wait = min(max(0.0, deadline - time.monotonic()), self._idle_limit / 4)
        ready = {fd for fd, _ in poll.poll(wait * 1000)}
        return [worker for worker in busy if worker.tells in ready]

    def _give_up(self, done: dict[int, Verdict]) -> None:
        """End the workers that are late or asleep."""
        for worker in self._busy():
            late = worker.deadline <= time.monotonic()
            if late or worker.idle() > self._idle_limit:
                self._workers.remove(worker)
                worker.kill()
                done[worker.number] = (
                    _late(worker.file, self._timeout)
                    if late
                    else _asleep(worker.file, self._idle_limit)
                )

    def _listen(self, worker: _Worker, done: dict[int, Verdict]) -> None:
        lines = worker.hear()
        if lines is None:
            self._workers.remove(worker)
            done[worker.number] = _fallen(worker.file, worker.end(), self._hang)
            return
        if lines and not worker.greeted:
            self.definitions = messages.definitions_of(lines.pop(0))
            worker.greeted = True
        if lines:
            done[worker.number] = messages.verdict_of(lines[0])
            worker.file, worker.deadline = "", float("inf")

    def _start(self) -> _Worker:
        hears, asks = os.pipe()
        tells, says = os.pipe()
        # no Ctrl-C before the worker is one: it would do what this process does then
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            pid = _fork()
            if pid == 0:
                # what others are asked must end when this process does, not when the worker does
                of_parent = [asks, tells, *(fd for w in self._workers for fd in (w.asks, w.tells))]
                for fd in of_parent:
                    os.close(fd)
                _become_worker(self._make_judge, hears, says, self._hang)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.close(hears)
        os.close(says)
        self._workers.append(_Worker(pid, asks, tells))
        return self._workers[-1]


def _fork() -> int:
    """Like `os.fork`; threads of numerical libraries, idle here, are no reason to warn."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _become_worker(make_judge: Callable[[], Judge], hears: int, says: int, hang: float) -> NoReturn:
    """Serve until there is nothing more to hear. Never returns into what the parent was doing."""
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        end_when_hanging(hang)
        with os.fdopen(hears, "rb") as requests, os.fdopen(says, "wb") as replies:
            serve(make_judge, requests, replies)
        code = 0
    except Exception:  # like `cli.main` for this process
        traceback.print_exc()
    finally:
        os._exit(code)


def end_when_hanging(seconds: float) -> None:
    """End this process when it is busy for so many CPU seconds without coming back to Python.

    Python handles a signal only between its own instructions, so a handler that runs tells that
    there is no hang, and winds the clock again whose end nothing handles.
    """

    def wind(_number: int, _frame: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, seconds)

    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.signal(signal.SIGVTALRM, wind)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_VIRTUAL, min(1.0, seconds / 4), min(1.0, seconds / 4))


def serve(make_judge: Callable[[], Judge], requests: Iterable[bytes], replies: BinaryIO) -> None:
    """Answer the file names in `requests`, a line each, with a line each in `replies`."""
    try:
        judge = make_judge()
    except NxtoolError as error:
        _say(replies, messages.problem(error))
        return
    _say(replies, messages.greeting(judge.definitions))
    for request in requests:
        _say(replies, _answer(judge, messages.file_of(request)))


def _say(replies: BinaryIO, text: bytes) -> None:
    replies.write(text)
    replies.flush()


def _answer(judge: Judge, file: str) -> bytes:
    try:
        return messages.verdict(judge(file))
    except (FileUnreadable, MissingExtra) as error:
        return messages.problem(error)
    except Exception as error:  # like `cli.main` for this process
        text = (
            f"{named(file)}: nxtool has a bug: {traceback.format_exception_only(error)[-1].strip()}"
        )
        traceback.print_exc()
        hint = "please report it with the lines above"
        return messages.problem(NxtoolError(text, hint=hint))


def _late(file: str, seconds: float) -> FileUnreadable:
    return FileUnreadable(
        f"{named(file)}: not done after {seconds:g} s", hint="--timeout gives more time"
    )


def _asleep(file: str, seconds: float) -> FileUnreadable:
    return FileUnreadable(
        f"{named(file)}: nothing happened for {seconds:g} s",
        hint="is it damaged, or the disk away?",
    )


def _fallen(file: str, code: int, hang: float) -> FileUnreadable:
    """Why the worker that was at `file` is no more."""
    if code == -signal.SIGPROF:
        what = f"the HDF5 library does not come to an end with it ({hang:g} s)"
    elif code == -signal.SIGKILL:
        return FileUnreadable(
            f"{named(file)}: judging it was killed", hint="is there enough memory?"
        )
    elif code < 0:
        what = f"the HDF5 library crashes on it ({signal.Signals(-code).name})"
    else:
        what = f"judging it ended early (exit code {code})"
    return FileUnreadable(f"{named(file)}: {what}", hint="is it damaged?")
