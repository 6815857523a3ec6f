"""What the records of a batch say, without doing anything."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from nxtool.batch.model import SUFFIX, Result, Task
from nxtool.batch.sidecar import read_record
from nxtool.errors import FileUnreadable, NxtoolError


def results_below(folder: Path) -> Iterator[Result]:
    """The results on record in `folder` and below it, in the order of their names.

    Raises:
        NxtoolError: there is no such folder, or no record in it.
    """
    if not folder.is_dir():
        raise NxtoolError(f"{folder}: no such folder", hint="name that of the outputs, or --state")
    empty = True
    for path in _records(folder):
        empty = False
        yield _result(path, str(path)[: -len(SUFFIX)])
    if empty:
        raise NxtoolError(f"{folder}: no batch has left a record here", hint="check the path")


def results_of(tasks: Iterable[Task]) -> Iterator[Result]:
    """The results on record of `tasks`; of those never begun too."""
    return (_result(task.record, task.name) for task in tasks)


def _records(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(place, name) for name in sorted(names) if name.endswith(SUFFIX))


def _result(path: Path, name: str) -> Result:
    try:
        record = read_record(path)
    except FileUnreadable as error:
        return Result(name, "failed", error.message, error.hint)
    if record is None:
        return Result(name, "failed", f"{name}: not done yet", "run the batch")
    if record.result is None:
        message = f"{record.output or record.input}: begun, not done"
        return Result(record.output or record.input, "failed", message, "run the batch again")
    return record.result
