"""What validating openPMD costs, against openPMD-validator.

    python tests/benchmarks/openpmd.py [--iterations 100] [--repeat 5] [--folder DIR]

Makes a file of a particle-in-cell simulation (25 MB with 100 iterations), then runs in turn, pair
by pair, each in a process of its own: `openPMD_check_h5 -e` of openPMD-validator and
`nxtool validate`. Prints seconds on the clock and CPU seconds, the medians and their ratio; nothing
is asserted. As after an installation, code is compiled and definitions were read before.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def make_file(path: Path, iterations: int) -> None:
    sys.path.insert(0, str(ROOT))
    from tests.openpmdfile import write

    write(path, range(0, 100 * iterations, 100), side=60, particles=2000)


def environment(folder: Path) -> dict[str, str]:
    """The variables of an installed nxtool that has its caches in `folder`."""
    told = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return {
        **told,
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tui"))),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "PYTHONPYCACHEPREFIX": str(folder / "code"),
    }


def measure(command: list[str], variables: dict[str, str]) -> tuple[float, float]:
    """Seconds on the clock and CPU seconds of one process, which must find no error."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        command, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command[0]} failed: {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - begun, usage.ru_utime + usage.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--iterations", type=int, default=100)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=None)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        path = folder / "data.h5"
        make_file(path, given.iterations)
        commands = {
            "openPMD-validator": [
                str(Path(sys.executable).with_name("openPMD_check_h5")), "-e", "-i", str(path),
            ],
            "nxtool": [sys.executable, "-m", "nxtool", "validate", str(path)],
        }  # fmt: skip
        print(f"{given.iterations} iterations, {path.stat().st_size / 1e6:.1f} MB")
        report(commands, environment(folder), given.repeat)


def report(commands: dict[str, list[str]], variables: dict[str, str], repeat: int) -> None:
    """Run the commands in turn and print what they took; the first round only warms up."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for round_ in range(repeat + 1):
        for name, command in commands.items():
            taken = measure(command, variables)
            if round_:
                times[name].append(taken)
    peer, ours = (times[name] for name in commands)
    for place, what in enumerate(("clock", "CPU")):
        medians = [statistics.median(pair[place] for pair in runs) for runs in (peer, ours)]
        ratios = [mine[place] / theirs[place] for mine, theirs in zip(ours, peer, strict=True)]
        print(
            f"{what:>6}: openPMD-validator {medians[0]:.2f} s, nxtool {medians[1]:.2f} s, "
            f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        )


if __name__ == "__main__":
    main()
