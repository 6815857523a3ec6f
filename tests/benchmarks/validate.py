"""What validating costs, against a bare scan that reads every attribute.

    python tests/benchmarks/validate.py [--groups 20000] [--entries 1] [--repeat 3]

Makes a file of many small NXpositioner-like groups, then runs in turn, each in a process of its
own: `visititems` reading all attributes (the bare scan), and `nxtool validate`. Prints CPU seconds
(user and system), peak memory and ratios; nothing is asserted. As after an installation, code is
compiled and definitions were read before.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

SCAN = """\
import sys, h5py
with h5py.File(sys.argv[1], "r") as file:
    def visit(name, item):
        dict(item.attrs)
    file.visititems(visit)
"""


def make_file(path: Path, groups: int, entries: int) -> None:
    """Groups with five fields each, four of them with attributes, spread over entries."""
    import h5py

    with h5py.File(path, "w", libver=("v108", "v110")) as file:
        file.attrs["NX_class"] = "NXroot"
        for number in range(entries):
            entry = file.create_group(f"entry_{number}")
            entry.attrs["NX_class"] = "NXentry"
            entry["title"] = "many positioners"
            instrument = entry.create_group("instrument")
            instrument.attrs["NX_class"] = "NXinstrument"
            for index in range(groups // entries):
                _positioner(instrument, index)


def _positioner(instrument: object, index: int) -> None:
    group = instrument.create_group(f"motor_{index:05d}")  # type: ignore[attr-defined]
    group.attrs["NX_class"] = "NXpositioner"
    group["name"] = f"m{index}"
    group["description"] = "a motor"
    for name, unit in (("value", "mm"), ("target_value", "mm"), ("velocity", "mm/s")):
        group[name] = float(index)
        group[name].attrs["units"] = unit


def apart(work: Callable[..., None], *arguments: object) -> None:
    """Do `work` in a process of its own: the peak of a child counts what its parent has loaded."""
    process = multiprocessing.get_context("spawn").Process(target=work, args=arguments)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(process.exitcode)


def environment(folder: Path) -> dict[str, str]:
    """The variables of an installed nxtool that has its caches in `folder`."""
    told = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return {
        **told,
        "XDG_CACHE_HOME": str(folder / "cache"),
        "PYTHONPYCACHEPREFIX": str(folder / "code"),
    }


def measure(command: list[str], variables: dict[str, str]) -> dict[str, float]:
    """CPU seconds and peak memory (MiB) of one process; findings are no failure."""
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=variables
    )
    _, error = process.stderr.read(), None  # type: ignore[union-attr]
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        raise SystemExit(f"{command} failed: {status} {error}")
    return {"cpu s": usage.ru_utime + usage.ru_stime, "peak MiB": usage.ru_maxrss / 1024}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--groups", type=int, default=20000)
    parser.add_argument("--entries", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        small, large = Path(name) / "small.nxs", Path(name) / "large.nxs"
        apart(make_file, small, 4, 1)
        apart(make_file, large, options.groups, options.entries)
        variables = environment(Path(name))
        python = sys.executable
        validate = [python, "-m", "nxtool", "validate", "-q"]
        pairs = {
            "large": ([*validate, str(large)], [python, "-c", SCAN, str(large)]),
            "small": ([*validate, str(small)], [python, "-c", "import h5py"]),
        }
        measure([*validate, str(small)], variables)
        for label, (ours, bare) in pairs.items():
            compare(label, ours, bare, options.repeat, variables)


def compare(
    label: str, ours: list[str], bare: list[str], repeat: int, variables: dict[str, str]
) -> None:
    """Run both in turn and print the first run of each and the median ratio of CPU time."""
    runs = [(measure(ours, variables), measure(bare, variables)) for _ in range(repeat)]
    ratio = statistics.median(one["cpu s"] / other["cpu s"] for one, other in runs)
    print(label, json.dumps({"nxtool": runs[0][0], "bare": runs[0][1]}), f"ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
