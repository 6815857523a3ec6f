"""Commands in processes of their own, with children that misbehave as libraries do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from nxtool.cli.apart import HANG_SECONDS, LIMITS, LONG_SECONDS, Patience, ended_apart, limit
from nxtool.cli.commands import COMMANDS
from nxtool.errors import NxtoolError

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells enough")
HINT = "is a file damaged, or the disk away? nxtool validate FILE tells"
PATIENCE = Patience(hang=0.5, idle=30, end=0.2, tick=0.05)


def outcome(command: Callable[[], int], patience: Patience = PATIENCE) -> str:
    """What a program says that runs this apart: an exit code, or what is raised.

    It is a fork of this process, so it has one thread, as the command line has then.
    """
    hears, says = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(says, told(command, patience).encode())
        os._exit(0)
    os.close(says)
    with os.fdopen(hears) as heard:
        said = heard.read()
    os.waitpid(pid, 0)
    return said


def told(command: Callable[[], int], patience: Patience) -> str:
    try:
        code = ended_apart(patience)
        if code is None:
            os._exit(command())
    except (NxtoolError, KeyboardInterrupt) as error:
        return str(error) or "interrupted"
    return str(code)


def crash() -> int:
    os.kill(os.getpid(), signal.SIGTRAP)
    return 0


def killed() -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def hang() -> int:
    return sum(range(10**15))  # one call that never comes back to the interpreter


def work() -> int:
    end = time.process_time() + 1.2
    while time.process_time() < end:
        pass
    return 1


def wait() -> int:
    time.sleep(1)
    return 1


def sleep_in_a_library() -> int:
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGVTALRM])
    time.sleep(600)
    return 0


@pytest.mark.parametrize("code", [0, 1, 2, 130])
def test_the_exit_code_is_that_of_the_child(code: int) -> None:
    assert outcome(lambda: code) == str(code)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (
            crash,
            "the HDF5 library crashes (SIGTRAP) (is a file damaged? nxtool validate FILE tells)",
        ),
        (killed, "nxtool was killed (is there enough memory?)"),
        (hang, f"the HDF5 library does not come to an end (0.5 s) ({HINT})"),
    ],
)
def test_a_child_that_does_not_end_by_itself_is_told(command: Callable[[], int], told: str) -> None:
    assert outcome(command) == told


def test_a_child_that_sleeps_within_a_library_is_ended() -> None:
    patience = PATIENCE._replace(idle=0.3)
    assert outcome(sleep_in_a_library, patience) == f"nothing happened for 0.3 s ({HINT})"


def test_a_child_that_is_asked_while_it_ends_ends_well() -> None:
    script = """
import sys, time
from nxtool.cli.apart import Patience, ended_apart

class Slow:
    def __del__(self, sleep=time.sleep):
        sleep(0.5)

slow = Slow()  # goes when Python has given back the signals
code = ended_apart(Patience(hang=10, tick=0.05))
if code is None:
    sys.exit(1)
print(code)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("1\n", "")


def test_a_child_that_works_or_waits_in_python_has_all_the_time_it_needs() -> None:
    assert outcome(work) == "1"
    assert outcome(wait, PATIENCE._replace(idle=0.3)) == "1"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_child_is_asked_to_end_when_the_parent_is(number: signal.Signals) -> None:
    def asked() -> int:
        signal.pthread_sigmask(signal.SIG_BLOCK, [number])
        os.kill(os.getppid(), number)
        signal.sigwait([number])
        return 7

    assert outcome(asked) == "7"


def test_a_child_that_was_asked_to_end_is_not_asked_again() -> None:
    asked = []

    def group() -> int:
        signal.signal(signal.SIGTERM, lambda *_: asked.append(time.monotonic()))
        os.kill(os.getppid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.5)
        return len(asked)

    assert outcome(group, PATIENCE._replace(end=30)) == "1"


def test_a_child_that_cannot_hear_it_is_ended() -> None:
    def deaf() -> int:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.kill(os.getppid(), signal.SIGTERM)
        return wait_long()

    assert outcome(deaf) == "interrupted"


def test_a_child_does_not_outlive_its_parent() -> None:
    def orphaned() -> int:
        os.kill(os.getppid(), signal.SIGKILL)
        return wait_long()

    assert outcome(orphaned) == ""  # all ends of the pipe are closed


def wait_long() -> int:
    time.sleep(600)
    return 0


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("show a.nxs", HANG_SECONDS),
        ("filters check a.nxs", HANG_SECONDS),
        ("filters bench a.nxs", LONG_SECONDS),
        ("repack a.nxs -o b.nxs", LONG_SECONDS),
        ("validate a.nxs", None),
        ("show --help", None),
        ("", None),
    ],
)
def test_commands_that_read_files_of_strangers_run_apart(line: str, seconds: float | None) -> None:
    assert limit(line.split()) == seconds


def test_only_commands_that_there_are_run_apart() -> None:
    assert {words.split()[0] for words in LIMITS} <= COMMANDS.keys()
