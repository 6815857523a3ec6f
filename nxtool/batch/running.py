"""Tasks handed to a crew, and their results as they come.

What is done already is known without handing it over. Where a piece of work is lost, with the
process that was at it, each of its tasks is tried once more, alone; then it is reported.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import nullcontext
from queue import SimpleQueue
from typing import Any, Literal

from nxtool.batch.executors import Crew, Executor, check_name, crew_of, share_of
from nxtool.batch.model import Result, Task
from nxtool.batch.work import forget, noted, standing

Piece = Sequence[Task]
Redo = Literal["", "bad", "all"]


def run(
    tasks: Sequence[Task], executor: str | Executor = "local", *, chunk: int = 0, redo: Redo = ""
) -> Generator[Result, None, None]:
    """The results of `tasks` as they come, known ones first.

    `executor` is as on the command line, or one with the interface of `concurrent.futures`, which
    stays open. `chunk` tasks are handed over at once, 0 for what suits the executor. `redo` lets
    records of bad results, or of all, not count.

    Raises:
        NxtoolError: there is no such executor, or it cannot be reached.
    """
    rest: list[Task] = []
    if isinstance(executor, str):
        check_name(executor)
        tasks = share_of(executor).of(tasks)
    for task in tasks:
        known = None if redo == "all" else standing(task)
        if known is None or (redo == "bad" and known.verdict != "good"):
            if redo:
                forget(task)
            rest.append(task)
        else:
            yield known
    if rest:
        hired = crew_of(executor) if isinstance(executor, str) else nullcontext(Crew(executor))
        with hired as crew:
            yield from _worked(rest, crew, chunk or crew.chunk)


def _worked(tasks: Sequence[Task], crew: Crew, chunk: int) -> Iterator[Result]:
    """The results of `tasks` as `crew` does them, `chunk` at once."""
    done: SimpleQueue[tuple[Future[Any], Piece, bool]] = SimpleQueue()
    open_pieces = 0

    def hand_over(piece: Piece, *, again: bool) -> None:
        nonlocal open_pieces
        open_pieces += 1
        future = crew.executor.submit(crew.unit, piece)
        future.add_done_callback(lambda future: done.put((future, piece, again)))

    with crew.together():
        for piece in _pieces(tasks, chunk):
            hand_over(piece, again=False)
    while open_pieces:
        future, piece, again = done.get()
        open_pieces -= 1
        error = _error(future)
        if error is None:
            yield from future.result()
        elif again:
            yield _lost(piece[0], error)
        else:
            with crew.together():
                for task in piece:
                    hand_over([task], again=True)


def _error(future: Future[Any]) -> BaseException | None:
    """Why there are no results, None where there are some."""
    try:
        return future.exception()
    except CancelledError as error:
        return error


def _pieces(tasks: Piece, size: int) -> Iterator[Piece]:
    return (tasks[start : start + size] for start in range(0, len(tasks), size))


def _lost(task: Task, error: BaseException) -> Result:
    """The result of a task that was lost twice, put on record."""
    if isinstance(error, CancelledError):
        message = f"{task.name}: it was cancelled before it was done"
        hint = "has the scheduler ended? Run the batch again: it goes on"
    else:
        reason = " ".join(str(error).split()) or type(error).__name__
        message = f"{task.name}: two workers were lost over it: {reason}"
        hint = "is the input damaged, or too large for the memory?"
    return noted(task, Result(task.name, "failed", message, hint))
