"""Fuzz one decoder for so many minutes of CPU time:

    python -m tests.fuzz TARGET --minutes 30 [--folder .cache/fuzz]

It needs `pip install atheris`. Below the folder stay TARGET/corpus, from which a next time goes on,
TARGET/crashes, and TARGET/library: inputs on which a library of others crashes or hangs. The exit
code is 1 where there are crashes. See docs/hardening.md.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import resource
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.target import NAMES, target_of

ROUND: int = 240
"""Seconds until a new process is started: what Python keeps is not taken for a leak."""
STILL: int = 60
"""Seconds in which a process that works uses a processor at least once."""


@dataclass
class Tally:
    """What was done so far; `seconds` of CPU time."""

    seconds: float = 0.0
    inputs: int = 0
    coverage: int = 0

    def add(self, seconds: float, log: str) -> None:
        """Count a round."""
        self.seconds += seconds
        self.inputs += max(map(int, re.findall(r"^#(\d+)", log, re.MULTILINE)), default=0)
        self.coverage = max(map(int, re.findall(r"cov: (\d+)", log)), default=self.coverage)

    def __str__(self) -> str:
        return f"{self.seconds / 60:.1f} min CPU, {self.inputs} inputs, coverage {self.coverage}"


def main() -> int:
    """Fuzz as the arguments say."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("target", choices=NAMES)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--folder", type=Path, default=Path(".cache/fuzz"))
    given = parser.parse_args()
    folder = given.folder.resolve() / given.target
    _prepare(given.target, folder)
    tally = Tally()
    while tally.seconds < given.minutes * 60:
        before = _used()
        left = given.minutes * 60 - tally.seconds
        log = _child(given.target, folder, str(max(5, min(ROUND, int(left)))))
        tally.add(_used() - before, log)
        _judge_deaths(given.target, folder)
        _say(f"{given.target}: {tally}, {_found(folder)}")
    return 1 if any((folder / "crashes").iterdir()) else 0


def _prepare(name: str, folder: Path) -> None:
    for part in ("corpus", "crashes", "library"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for seed in target_of(name).seeds():
        digest = hashlib.sha256(seed).hexdigest()[:16]
        (folder / "corpus" / f"seed-{digest}").write_bytes(seed)


def _used() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _child(name: str, folder: Path, what: str) -> str:
    """Run a round; what it printed, which stays in the folder as `last.log`."""
    command = [sys.executable, "-m", "tests.fuzz.rounds", name, str(folder), what]
    log = folder / "last.log"
    with log.open("wb") as stream:
        child = subprocess.Popen(command, stdout=stream, stderr=subprocess.STDOUT)
        _wait(child)
    return log.read_text(errors="replace")


def _wait(child: subprocess.Popen[bytes]) -> None:
    """Wait until a round ends. One that stands still is ended: what libFuzzer does when a library
    crashes may wait for ever for a lock that the library held."""
    before = -1
    while not _has_ended(child):
        fields = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])  # of user and system
        if ticks == before:
            child.kill()
        before = ticks


def _has_ended(child: subprocess.Popen[bytes]) -> bool:
    """Whether it has, after a while."""
    with suppress(subprocess.TimeoutExpired):
        child.wait(STILL)
    return child.returncode is not None


def _judge_deaths(name: str, folder: Path) -> None:
    """Look again at inputs that ended a round: whose fault is it, and is it one?"""
    for file in sorted((folder / "crashes").glob("*-*")):
        if file.suffix in (".input", ".txt"):
            continue
        command = [sys.executable, "-m", "tests.fuzz.rounds", name, str(folder), str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        text = f"exit code {done.returncode}\n{done.stdout}{done.stderr}"
        if done.returncode == 0:
            _say(f"{name}: {file.name} is not repeated: {done.stdout.strip()}")
            file.unlink()
        else:
            place = folder / ("library" if done.returncode < 0 else "crashes") / file.stem
            file.rename(place.with_suffix(".input"))
            place.with_suffix(".txt").write_text(text)


def _found(folder: Path) -> str:
    ours, others = (sorted((folder / part).glob("*.txt")) for part in ("crashes", "library"))
    names = f" ({', '.join(one.stem for one in ours)})" if ours else ""
    return f"{len(ours)} crashes{names}, {len(others)} of a library"


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - it is a program


if __name__ == "__main__":
    sys.exit(main())
