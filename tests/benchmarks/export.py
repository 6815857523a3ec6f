"""How long exports take, and whether memory grows with the number of files.

    python tests/benchmarks/export.py [--files 1000]

Prints process times of one file and of many in one call, and the most memory of a hundred and of
all; ratios count, for machines differ.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.exportfile import complete_file


def measured(*arguments: object) -> tuple[float, float]:
    """Seconds and MiB of one run of the command line."""
    command = [sys.executable, "-m", "nxtool", "export", *map(str, arguments)]
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def main() -> None:
    """Make files, export them, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    count = parser.parse_args().files
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "some").mkdir()
        for number in range(count):
            place = (
                folder / "some" / f"{number:05}.nxs"
                if number < 100
                else folder / f"{number:05}.nxs"
            )
            complete_file(place, {"entry/entry_identifier": f"scan {number}"})
        print(
            f"{'format':16}{'one file':>12}{'100 files':>12}{f'{count} files':>12}"
            f"{'ms a file':>11}{'MiB of 100':>12}{'MiB of all':>12}"
        )
        for form in ("icatingest", "icatdata", "icatdata-yaml"):
            options = ["icat", "--format", form, "-q"]
            one, _ = measured(*options, folder / "some" / "00000.nxs")
            some, memory = measured(*options, folder / "some")
            all_, more = measured(*options, folder)
            each = 1000 * (all_ - one) / (count - 1)
            print(
                f"{form:16}{one:10.2f} s{some:10.2f} s{all_:10.2f} s{each:11.1f}"
                f"{memory:12.1f}{more:12.1f}"
            )


if __name__ == "__main__":
    main()
