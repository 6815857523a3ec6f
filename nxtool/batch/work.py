"""The unit of a batch: a function from a task to its result that may be called again at any time.

Whatever is known from the record of an earlier call is not done again. The output gets its name
when it is complete; the record says "begun" before and tells the result after, so that a call that
is cut off anywhere leaves nothing half, and the next one knows that the output is of a batch.
"""

from __future__ import annotations

import os
import signal
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Final, TypeGuard

from nxtool import __version__
from nxtool.batch.actions import Done, Job, Tell, job_of, verdict_on
from nxtool.batch.model import Print, Result, Task
from nxtool.batch.prints import (
    asked,
    digest,
    here,
    moment_of,
    print_of,
    print_since,
    same,
    versions,
)
from nxtool.batch.sidecar import Record, read_record, write_record
from nxtool.errors import FileUnreadable, NxtoolError, OutputError
from nxtool.findings import SEVERITIES, Findings
from nxtool.recipe.checks import CollectedError

SHOWN: Final = 20
"""How many findings about a file are kept in its record; the rest is counted."""
_LASTING: Final = ("good", "invalid", "unreadable")


def no_stop(_path: str, _count: int) -> None:
    """Between blocks of work, go on."""


def perform_all(tasks: Sequence[Task], tell: Tell = no_stop) -> list[Result]:
    """The results of `tasks`, one done after the other."""
    return [perform(task, tell) for task in tasks]


def perform(task: Task, tell: Tell = no_stop) -> Result:
    """The result of `task`, which is done unless that was before. Wrong input never raises; what
    `tell` raises comes through."""
    started = time.monotonic()
    try:
        with _limited(task.manner.timeout):
            return _performed(task, tell, started)
    except NxtoolError as error:
        return noted(task, _troubled(task, error))
    except Exception as error:  # like `cli.main`: one task must not end the others
        traceback.print_exc()
        text = f"nxtool has a bug: {traceback.format_exception_only(error)[-1].strip()}"
        hint = "please report it with the lines on stderr"
        return noted(task, Result(task.name, "failed", text, hint))


def standing(task: Task) -> Result | None:
    """The result of `task` where its record still holds, None where there is something to do.

    It holds while recipe, settings, nxtool, what was read and what was written are the same.
    """
    try:
        record = read_record(task.record)
        return None if record is None else _still(task, record, job_of(task))
    except NxtoolError:
        return None  # what is wrong is told when it is done


def forget(task: Task) -> None:
    """Let the record of `task` hold no more, but say still that the output is of a batch.

    Raises:
        OutputError: it cannot be written.
    """
    record = _record_of(task)
    if record is not None:
        write_record(task.record, replace(record, result=None))


def _still(task: Task, record: Record, job: Job) -> Result | None:
    if record.result is None or record.result.verdict not in _LASTING:
        return None
    if job.elsewhere and record.result.verdict != "good":
        return None  # a server that was away may be back
    if record.asked != asked(task, job.recipe):
        return None
    if (record.versions or {}).get("nxtool") != __version__:
        return None
    if [print.path for print in record.inputs] != [str(file) for file in job.files]:
        return None
    if not all(map(same, job.files, record.inputs)):
        return None
    if task.output is not None and not _output_holds(task, record.written):
        return None
    return replace(record.result, was_done=True)


def _output_holds(task: Task, written: Print | None) -> bool:
    """Whether the output is what was written: absent where nothing was."""
    if task.output is None or written is None:
        return not _is_there(task.output)
    return same(task.output, written)


def _performed(task: Task, tell: Tell, started: float) -> Result:
    job = job_of(task)
    before = _record_of(task)
    known = _still(task, before, job) if before is not None else None
    if known is not None:
        return known
    _make_way(task, before)
    moments = {file: moment_of(file) for file in job.files}
    record = _begun(task, job)
    write_record(task.record, record)
    checksums: Mapping[Path, str] = {}
    try:
        done = job.do(tell)
        result = _told(task, done)
        checksums = done.known
    except NxtoolError as error:
        result = _troubled(task, error)
    result = replace(result, seconds=_since(started))
    written = print_of(task.output) if _is_there(task.output) else None
    inputs = tuple(print_since(moment, file, checksums) for file, moment in moments.items())
    write_record(
        task.record,
        replace(record, inputs=inputs, written=written, result=result, finished=_now()),
    )
    return result


def _is_there(output: Path | None) -> TypeGuard[Path]:
    """Whether there is something of that name; not where it is no name at all, too long, say."""
    try:
        return output is not None and output.exists()
    except OSError:
        return False


def _begun(task: Task, job: Job) -> Record:
    host, pid = here()
    return Record(
        task.action, str(task.input), str(task.output or ""), asked(task, job.recipe),
        digest(job.recipe) if job.recipe else "", versions=versions(), host=host, pid=pid,
    )  # fmt: skip


def _make_way(task: Task, before: Record | None) -> None:
    """Make the folder of the output, and take away what a killed call left there.

    Raises:
        OutputError: the folder cannot be made, or the output is of someone else.
    """
    if task.output is None:
        return
    try:
        task.output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or "cannot be made").lower()
        raise OutputError(f"{task.output.parent}: {reason}", hint="choose another -o") from error
    if _is_there(task.output) and task.output.is_dir():
        raise OutputError(f"{task.output}: is a folder", hint="name a file: -o 'out/{stem}.nxs'")
    if before is not None:
        _clear(task, before)
    elif _is_there(task.output) and not task.manner.overwrite:
        message = f"{task.output}: exists already, and no batch made it"
        raise OutputError(message, hint="--overwrite replaces it")


def _record_of(task: Task) -> Record | None:
    """The record of an earlier call; None also where there is something else in its place."""
    try:
        record = read_record(task.record)
    except FileUnreadable:
        return None
    return record if record is not None and record.output == str(task.output or "") else None


def _clear(task: Task, before: Record) -> None:
    """Take away the unfinished file of a call that was killed."""
    host, pid = here()
    if before.result is not None or task.output is None or before.pid == pid:
        return
    if before.host == host and _lives(before.pid):
        return
    task.output.with_name(f".{task.output.name}.{before.pid}.part").unlink(missing_ok=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _told(task: Task, done: Done) -> Result:
    counts: dict[str, int] = {word: done.findings.count(word) for word in SEVERITIES}
    worst = tuple(done.findings)[:SHOWN]
    return Result(task.name, done.verdict, "", "", counts, worst)


def _troubled(task: Task, error: NxtoolError) -> Result:
    """The result where an error kept the task from being done."""
    if isinstance(error, CollectedError):
        return _told(task, Done("invalid", Findings(task.name, list(error.problems))))
    where = f"{error.mark}: " if error.mark else ""
    return Result(task.name, verdict_on(error), where + error.message, error.hint)


def noted(task: Task, result: Result) -> Result:
    """`result`, of a task that could not be worked on, put on record where that can be.

    The output of someone else gets no record: it would be taken for that of a batch.
    """
    before = _record_of(task)
    if before is not None:
        _clear(task, before)
    elif _is_there(task.output):
        return result
    host, pid = here()
    record = Record(
        task.action, str(task.input), str(task.output or ""), host=host, pid=pid, result=result,
        finished=_now(),
    )  # fmt: skip
    with suppress(OutputError):  # the disk is full, say: the result is told all the same
        write_record(task.record, record)
    return result


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """End this process when the block takes longer: nothing less ends a call of a library."""
    if not seconds:
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
