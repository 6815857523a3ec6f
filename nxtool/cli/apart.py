"""Commands that run in a process of their own, because they read files of strangers.

libhdf5 may crash on a damaged file, loop for ever, or sleep longer and longer to wait for a writer
that is gone; nothing in the same process can help then, not even Ctrl-C. So this process forks
before anything is loaded, which costs milliseconds: the child is the command, and the parent waits
for it. Now and then it asks whether the child still comes back to Python. `validate`, `batch` and
the terminal interface judge files in processes of their own, and go without.
"""

from __future__ import annotations

import atexit
import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Final, NamedTuple

from nxtool.errors import NxtoolError

HANG_SECONDS: Final = 20.0
LONG_SECONDS: Final = 600.0
"""Of CPU time in one call of a library: to read a few values, or to compress a large chunk."""
LIMITS: Final = {
    "check": LONG_SECONDS,
    "convert": LONG_SECONDS,
    "edit": LONG_SECONDS,
    "export": HANG_SECONDS,
    "fair": HANG_SECONDS,
    "filters": LONG_SECONDS,
    "filters check": HANG_SECONDS,
    "new": LONG_SECONDS,
    "openpmd": LONG_SECONDS,
    "recover": LONG_SECONDS,
    "repack": LONG_SECONDS,
    "restore": LONG_SECONDS,
    "show": HANG_SECONDS,
    "sources": LONG_SECONDS,
}
"""The commands that run apart, by the first words of a command line."""
IDLE_SECONDS: Final = 60.0
END_SECONDS: Final = 10.0
"""What a child that was asked to end has for it."""
INTERRUPTED: Final = 130
_TICK: Final = 5.0
_TO_END: Final = (signal.SIGINT, signal.SIGTERM)
_WAITED_FOR: Final = (*_TO_END, signal.SIGCHLD)
_PING: Final = signal.SIGVTALRM
_ANSWER: Final = b"."
_MOMENT: Final = 0.2
"""In so many seconds whoever signals all processes of a group has done so."""
_PR_SET_PDEATHSIG: Final = 1


class Patience(NamedTuple):
    """How long a child may go without coming back to Python: `hang` seconds of CPU time of its
    main thread, or `idle` seconds without any. It is asked every `tick` seconds, and ended
    `end` seconds after it was asked to end."""

    hang: float
    idle: float = IDLE_SECONDS
    end: float = END_SECONDS
    tick: float = _TICK


def limit(arguments: list[str]) -> float | None:
    """The seconds of CPU time a call of a library may take, or None for a command that stays."""
    if "--help" in arguments:
        return None
    return LIMITS.get(" ".join(arguments[:2]), LIMITS.get("".join(arguments[:1])))


def ended_apart(patience: Patience) -> int | None:
    """Fork. None in the child, which goes on; in the parent the exit code, once the child ended.

    Raises:
        NxtoolError: in the parent, where the child crashed, or was ended because it hung.
    """
    here = os.getpid()
    hears, says = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _WAITED_FOR)
    pid = os.fork()
    if pid == 0:
        os.close(hears)
        _become_child(here, says)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return None
    os.close(says)
    try:
        return _Parent(pid, hears, patience).exit_code()
    finally:
        os.close(hears)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _become_child(parent: int, says: int) -> None:
    """Answer when asked, tell of each signal, and end with the parent, whatever ends it."""
    import ctypes

    def answer(_number: int, _frame: FrameType | None) -> None:
        with suppress(OSError):  # a pipe full of answers is one; Python runs this when it can
            os.write(says, _ANSWER)

    signal.signal(_PING, answer)
    # Python gives its signals back before it has ended, and a question would then end the child
    atexit.register(signal.signal, _PING, signal.SIG_IGN)
    signal.set_wakeup_fd(says, warn_on_full_buffer=False)  # which needs no Python
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(INTERRUPTED)


class _Seen(NamedTuple):
    """The CPU seconds of the child's main thread, whether it is stopped, and when that was."""

    used: float
    stopped: bool
    time: float


class _Parent:
    """Waits for a child."""

    def __init__(self, pid: int, hears: int, patience: Patience) -> None:
        self._pid = pid
        self._hears = hears
        self._patience = patience
        self._asked_to_end: float | None = None
        self._answered = self._stirred = self._look()

    def exit_code(self) -> int:
        """What the child ended with; raises for what it did not choose itself."""
        trouble: NxtoolError | None = None
        while True:
            signalled = signal.sigtimedwait(_WAITED_FOR, self._patience.tick)
            ended, status = os.waitpid(self._pid, os.WNOHANG)
            if ended:
                code = os.waitstatus_to_exitcode(status)
                break
            if signalled is not None and signalled.si_signo in _TO_END:
                self._pass_on(signalled.si_signo)
            elif self._asked_to_end is None:
                trouble = trouble or self._trouble()
                if trouble:
                    os.kill(self._pid, signal.SIGKILL)
            elif time.monotonic() - self._asked_to_end > self._patience.end:
                os.kill(self._pid, signal.SIGKILL)
        if code < 0:
            if self._asked_to_end is not None:
                raise KeyboardInterrupt
            raise trouble or _fallen(code)
        return code

    def _pass_on(self, number: int) -> None:
        """The child is asked to end, unless it was: a terminal, `timeout` and schedulers ask both,
        and who is asked twice ends without cleaning up."""
        if self._asked_to_end is None:
            self._asked_to_end = time.monotonic()
            time.sleep(_MOMENT)
            if number not in self._heard():
                os.kill(self._pid, number)

    def _trouble(self) -> NxtoolError | None:
        """Why the child is to be ended, if it is; else it is asked once more."""
        seen = self._look()
        if _ANSWER in self._heard() or seen.stopped:
            self._answered = self._stirred = seen
        if seen.used > self._stirred.used:
            self._stirred = seen
        hint = "is a file damaged, or the disk away? nxtool validate FILE tells"
        if seen.used - self._answered.used > self._patience.hang:
            what = f"the HDF5 library does not come to an end ({self._patience.hang:g} s)"
            return NxtoolError(what, hint=hint)
        if seen.time - self._stirred.time > self._patience.idle:
            return NxtoolError(f"nothing happened for {self._patience.idle:g} s", hint=hint)
        os.kill(self._pid, _PING)
        return None

    def _heard(self) -> bytes:
        """What the child said since: answers, and the numbers of signals that reached it."""
        with suppress(BlockingIOError):
            return os.read(self._hears, 4096)
        return b""

    def _look(self) -> _Seen:
        # of the main thread alone: others may compress while it waits for them
        text = Path(f"/proc/{self._pid}/task/{self._pid}/stat").read_text()
        fields = text.rpartition(")")[2].split()
        used = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return _Seen(used, fields[0] in "Tt", time.monotonic())


def _fallen(code: int) -> NxtoolError:
    """Why a child died of a signal."""
    if code == -signal.SIGKILL:
        return NxtoolError("nxtool was killed", hint="is there enough memory?")
    name = signal.Signals(-code).name
    hint = "is a file damaged? nxtool validate FILE tells"
    return NxtoolError(f"the HDF5 library crashes ({name})", hint=hint)
