"""Command lines that are killed at any moment, as cheaply as can be.

`Killer` starts this module as a program. It runs the first command line of each command itself, and
every one in a fork of itself, where all is loaded already. Whoever a killed process leaves behind
becomes a child of that program, which waits for them before it answers.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

PR_SET_CHILD_SUBREAPER = 36


class Killer:
    """The program that starts and kills; use it in a `with` block."""

    def __init__(self) -> None:
        root = Path(__file__).parents[1]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.killing"], stdin=subprocess.PIPE, text=True,
            stdout=subprocess.PIPE, cwd=root, env=environment,
        )  # fmt: skip

    def run(
        self, arguments: Sequence[object], after: float | None = None, *, alone: bool = False
    ) -> tuple[int, float]:
        """The exit code of a command line, -9 where it was killed, and how many seconds it took.

        It is killed `after` so many seconds with all it started, or `alone`; None means never.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        asked = {"arguments": [str(one) for one in arguments], "after": after, "alone": alone}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        code, seconds = json.loads(self._process.stdout.readline())
        return code, seconds

    def __enter__(self) -> Killer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._process.communicate()


def _serve() -> None:
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    from nxtool.cli import main

    warm = set()
    for line in sys.stdin:
        asked = json.loads(line)
        command = asked["arguments"][0]
        if command not in warm:
            _quietly(main, asked["arguments"])  # forks find all modules and definitions loaded
            warm.add(command)
        print(json.dumps(_answer(main, asked)), flush=True)  # noqa: T201 - the protocol


def _quietly(main: Any, arguments: Sequence[str]) -> int:
    """Run a command line in this process; its exit code."""
    kept = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        return int(main(arguments))
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(nowhere)
        os.close(kept)


def _answer(main: Any, asked: dict[str, Any]) -> tuple[int, float]:
    started = time.monotonic()
    pid = os.fork()
    if pid == 0:
        code = 3
        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
            os.setpgid(0, 0)
            code = _quietly(main, asked["arguments"])
        finally:
            os._exit(code)
    if asked["after"] is not None and not _ends(pid, asked["after"]):
        for victim in [pid, *([] if asked["alone"] else _below(pid))]:
            os.kill(victim, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    seconds = time.monotonic() - started
    while _reap():
        pass
    return os.waitstatus_to_exitcode(status), seconds


def _ends(pid: int, seconds: float) -> bool:
    """Whether the process ends within so many seconds; it stays to be waited for."""
    deadline = time.monotonic() + seconds
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        signal.sigtimedwait([signal.SIGCHLD], left)
    return True


def _below(pid: int) -> list[int]:
    """The processes that a process started, and those that these did."""
    found = []
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, tasks.read_text().split()):
            found += [child, *_below(child)]
    return found


def _reap() -> bool:
    """Wait for a process that was left behind; False where there is none."""
    try:
        os.waitpid(-1, 0)
    except ChildProcessError:
        return False
    return True


if __name__ == "__main__":
    _serve()
