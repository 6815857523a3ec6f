"""Where tasks are done: on this machine, on a Dask cluster, by Slurm. The engines are theirs.

local, local:4             processes on this machine, one a processor or so many
dask:tcp://HOST:PORT       workers of a Dask scheduler (extra `dask`)
slurm, slurm:KEY=VALUE,…   jobs by submitit (extra `slurm`), with parameters of submitit
array, array:3/16          this job's share of a job array; the third of 16 shares, from 0
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

from nxtool.batch.apart import perform_apart
from nxtool.batch.localpool import LocalPool
from nxtool.batch.work import perform_all
from nxtool.errors import NxtoolError
from nxtool.sources.extras import load

T = TypeVar("T")
CHUNK: Final = 50
"""How many tasks are handed over at once where that costs something: a process needs 0.2 s to load
h5py, and a scheduler a moment for each."""
USUAL: Final = "local, local:N, dask:tcp://HOST:PORT, slurm, array"
_SHARE: Final = re.compile(r"(\d{1,9})/(\d{1,9})")
_ADDRESS: Final = re.compile(r"(tcp|tls|wss?)://[^\s/]+:\d{1,5}")
_PATIENCE: Final = 10
"""How many seconds a scheduler has to answer."""
_MANY: Final = 1024
"""More processes than this on one machine are a slip of the hand."""


class Executor(Protocol):
    """What of `concurrent.futures.Executor` is needed."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]: ...
    def shutdown(self, wait: bool = True) -> None: ...


@dataclass(frozen=True, slots=True)
class Crew:
    """Who does the tasks, and how many are handed over at once; what is submitted in `together`
    may become one job. `unit` is called with tasks and gives their results."""

    executor: Executor
    chunk: int = 1
    unit: Callable[..., Any] = perform_all
    together: Callable[[], AbstractContextManager[Any]] = nullcontext


@dataclass(frozen=True, slots=True)
class Share:
    """Which tasks are done here: each whose number, divided by `count`, leaves `index`."""

    index: int = 0
    count: int = 1

    def of(self, tasks: Sequence[T]) -> Sequence[T]:
        """The tasks of this share."""
        return tasks[self.index :: self.count]


def share_of(name: str, environment: Mapping[str, str] | None = None) -> Share:
    """The share that an executor's name means; all but `array` do everything.

    Raises:
        NxtoolError: this process is not in a job array, or there is no such share.
    """
    kind, _, rest = name.partition(":")
    if kind != "array":
        return Share()
    share = _share(rest) if rest else _slurm_share(environment or os.environ)
    if share.index >= share.count:
        hint = "shares are counted from 0"
        raise NxtoolError(f"there is no share {share.index} of {share.count}", hint=hint)
    return share


def _share(text: str) -> Share:
    match = _SHARE.fullmatch(text)
    if match is None:
        raise NxtoolError(f"{text!r} is no share of an array", hint="array:3/16, counted from 0")
    return Share(int(match[1]), int(match[2]))


def _slurm_share(environment: Mapping[str, str]) -> Share:
    try:
        number, first, step, count = (
            int(environment.get(f"SLURM_ARRAY_TASK_{word}", usual))
            for word, usual in (("ID", ""), ("MIN", "0"), ("STEP", "1"), ("COUNT", ""))
        )
    except ValueError:
        hint = "call it in a script for `sbatch --array=0-15`, or say which share: array:3/16"
        raise NxtoolError("this is no job of a Slurm array", hint=hint) from None
    step = max(step, 1)
    index, rest = divmod(number - first, step)
    last = int(environment.get("SLURM_ARRAY_TASK_MAX") or first + step * (count - 1))
    if rest or not 0 <= index < count or (last - first) // step + 1 != count:
        hint = "number its jobs evenly, as in `sbatch --array=0-15`, or say which share: array:3/16"
        raise NxtoolError(f"job {number} of this Slurm array is no share of {count}", hint=hint)
    return Share(index, count)


def check_name(name: str) -> None:
    """Raises `NxtoolError` where there is no such executor."""
    if name.partition(":")[0] not in _KINDS:
        raise NxtoolError(f"there is no executor {name!r}", hint=f"one of {USUAL}")


@contextmanager
def crew_of(name: str) -> Iterator[Crew]:
    """The crew that is meant by `name`, for the time of the block; an error in it ends the work.

    Raises:
        NxtoolError: there is no such executor, or it cannot be reached.
        MissingExtra: its package is not installed.
    """
    check_name(name)
    kind, _, rest = name.partition(":")
    with _KINDS[kind](rest) as crew:
        try:
            yield crew
        except BaseException:
            crew.executor.shutdown(wait=False)
            raise
        crew.executor.shutdown()


@contextmanager
def _local(text: str) -> Iterator[Crew]:
    jobs = _processors()
    if text:
        jobs = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    if not 1 <= jobs <= _MANY:
        raise NxtoolError(f"local:{text} is no number of processes", hint="local:4, or local")
    yield Crew(LocalPool(jobs))


@contextmanager
def _array(_text: str) -> Iterator[Crew]:
    """The processors that Slurm gives to this job do its share."""
    given = os.environ.get("SLURM_CPUS_PER_TASK", "1")
    yield Crew(LocalPool(int(given) if given.isdigit() and given != "0" else 1))


@contextmanager
def _dask(text: str) -> Iterator[Crew]:
    if not _ADDRESS.fullmatch(text):
        message = f"{text!r} is no address of a scheduler"
        raise NxtoolError(message, hint="dask:tcp://HOST:8786")
    distributed = load("distributed", "running on a Dask cluster", "dask")
    safe = distributed.Security().get_connection_args("client")["ssl_context"]
    if text.startswith(("tls:", "wss:")) and safe is None:
        hint = (
            "write it into Dask's settings: distributed.comm.tls.ca-file, .client.cert, .client.key"
        )
        raise NxtoolError(f"{text}: no certificate is set", hint=hint)
    try:
        client = distributed.Client(text, set_as_default=False, timeout=_PATIENCE)
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise NxtoolError(
            f"{text}: no Dask scheduler answers: {reason}",
            hint="is `dask scheduler` running there?",
        ) from error
    with client:
        yield Crew(client.get_executor(pure=False), CHUNK, perform_apart)


@contextmanager
def _slurm(text: str) -> Iterator[Crew]:
    from nxtool.batch.slurm import SlurmJobs

    jobs = SlurmJobs(load("submitit", "running by Slurm", "slurm"), text)
    yield Crew(jobs, CHUNK, together=jobs.together)


def _processors() -> int:
    """How many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


_KINDS: Final[Mapping[str, Callable[[str], AbstractContextManager[Crew]]]] = {
    "local": _local,
    "array": _array,
    "dask": _dask,
    "slurm": _slurm,
}
