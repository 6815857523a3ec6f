"""Judging a file in another process: one that makes the HDF5 library crash or loop takes no window
with it.

The process is this module, started anew: nothing of a program that draws and waits is copied.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from nxtool.errors import FileUnreadable, NxtoolError
from nxtool.validate import messages
from nxtool.validate.workers import Workers

if TYPE_CHECKING:
    from nxtool.findings import Findings
    from nxtool.validate.workers import Judge

_HERE = "nxtool.viewing.apart"


class Judging:
    """A file being judged; `stop` ends that."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._process = subprocess.Popen(  # noqa: S603 - our own module, no shell
            [sys.executable, "-m", _HERE, str(path.resolve())],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def verdict(self, seconds: float | None = None) -> Findings | FileUnreadable | None:
        """What is found; None where that is not known after so many seconds (None: however many
        it takes), or where it was stopped. To be called again only after None."""
        try:
            told, _ = self._process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            return None
        if not told:
            return None if self._process.returncode < 0 else self._lost()
        return messages.verdict_of(told)

    def _lost(self) -> FileUnreadable:
        hint = f"nxtool validate {self._path} tells more"
        return FileUnreadable(f"{self._path}: could not be judged", hint=hint)

    def stop(self) -> None:
        """End it, if it goes on."""
        with suppress(ProcessLookupError):
            self._process.kill()


def _judge() -> Judge:
    # after the fork: it loads h5py
    from nxtool.openpmd.recognising import make_judge
    from nxtool.validate.visit import Options

    return make_judge((), Options())


def main(file: str) -> None:
    """Judge a file, and write what is found as one line to standard output."""
    try:
        with Workers(_judge) as workers:
            found = next(iter(workers.judged([file])))
    except NxtoolError as error:
        found = FileUnreadable(error.message, hint=error.hint)
    line = messages.problem(found) if isinstance(found, FileUnreadable) else messages.verdict(found)
    sys.stdout.buffer.write(line)


if __name__ == "__main__":
    main(sys.argv[1])
