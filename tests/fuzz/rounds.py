"""A process that feeds one target, started by `python -m tests.fuzz` again and again.

    python -m tests.fuzz.rounds TARGET FOLDER SECONDS     fuzz, with FOLDER/corpus
    python -m tests.fuzz.rounds TARGET FOLDER FILE        one input: what becomes of it

Crashes that are exceptions are kept in FOLDER/crashes, one for each place in our code, and do not
end the round; what ends the process is kept there by libFuzzer.
"""

from __future__ import annotations

import faulthandler
import resource
import sys
import tempfile
from pathlib import Path
from typing import Any

import atheris

from nxtool.validate.workers import end_when_hanging
from tests.fuzz.target import MOST_MIB, MOST_SECONDS, Take, Target, crash_of, smallest, target_of


def fuzz(name: str, folder: Path, seconds: int, scratch: Path) -> None:
    """Feed the target; does not return."""
    # modules that are loaded later, when they are needed, are instrumented too
    with atheris.instrument_imports(include=["nxtool"]):
        target = target_of(name)
        take = target.prepared(scratch)
        flags = _flags(folder, seconds, target)
        atheris.Setup(
            [name, *flags],
            lambda data: _keep(take, data, folder / "crashes"),
            **_mutator(target),
        )
        atheris.Fuzz()


def _mutator(target: Target) -> dict[str, Any]:
    mended = getattr(target, "mended", None)
    if mended is None:
        return {}  # that of libFuzzer itself, which leaks nothing
    return {"custom_mutator": lambda data, most, _seed: mended(atheris.Mutate(data, most))}


def _flags(folder: Path, seconds: int, target: Target) -> list[str]:
    words = folder / "words"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.WORDS))
    return [
        str(folder / "corpus"), f"-artifact_prefix={folder / 'crashes'}/", f"-dict={words}",
        f"-max_total_time={seconds}", f"-timeout={MOST_SECONDS}", f"-rss_limit_mb={MOST_MIB}",
        f"-max_len={target.LONGEST}", "-print_final_stats=1",
    ]  # fmt: skip


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


def _keep(take: Take, data: bytes, crashes: Path) -> None:
    found = crash_of(take, data)
    if found and not (crashes / f"{found[0]}.txt").exists():
        name, text = found
        (crashes / f"{name}.input").write_bytes(smallest(take, data))
        (crashes / f"{name}.txt").write_text(text)


def once(name: str, file: Path, scratch: Path) -> int:
    """Give one input to the target; the exit code: 0 fine, 1 a crash of ours.

    The process dies by a signal where a library crashes, or does not come to an end.
    """
    faulthandler.enable()
    faulthandler.dump_traceback_later(6 * MOST_SECONDS, exit=True)
    take = target_of(name).prepared(scratch)
    end_when_hanging(MOST_SECONDS)
    found = crash_of(take, file.read_bytes())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(found[1] if found else f"fine, {peak} MiB")  # noqa: T201 - it is read
    return 1 if found or peak > MOST_MIB else 0


if __name__ == "__main__":
    target_name, where, what = sys.argv[1:]
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as made:  # noqa: S108
        if not what.isdecimal():
            sys.exit(once(target_name, Path(what), Path(made)))
        fuzz(target_name, Path(where), int(what), Path(made))
