"""What many small datasets cost: h5py's ordinary interface, the builder, a series of one template.

    python tests/benchmarks/small.py [--datasets 20000] [--repeat 5]

A number with a unit, over and over, a hundred in a group. Prints the median of microseconds per
dataset of each way, and how many times faster than h5py it is as the median of ratios within a
run; nothing is asserted. A series is made by looking through its template once; each file of it
is patched, and every 37th dataset compared.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np

from nxtool.build.data import Literal
from nxtool.build.disk import LIBVER
from nxtool.build.plan import Plan, PlannedField, PlannedGroup
from nxtool.build.series import Series
from nxtool.build.write import write_plan

GROUP = 100
"""How many datasets are in a group."""
WAYS = ("h5py, by paths", "h5py, by groups", "builder", "first of series", "next of series")


def by_h5py(path: Path, count: int, *, by_path: bool) -> None:
    """Each dataset made from its group, or from the file by its path."""
    with h5py.File(path, "x", libver=LIBVER) as file:
        for index in range(count):
            if index % GROUP == 0:
                group = file.create_group(f"g{index}")
                group.attrs["NX_class"] = "NXcollection"
            parent, name = (file, f"{group.name}/x{index}") if by_path else (group, f"x{index}")
            parent.create_dataset(name, data=float(index)).attrs["units"] = "mm"


def planned(count: int) -> Plan:
    root = PlannedGroup("/", "NXroot")
    for start in range(0, count, GROUP):
        group = root.children[f"g{start}"] = PlannedGroup(f"/g{start}", "NXcollection")
        for index in range(start, min(start + GROUP, count)):
            data, path = Literal(np.array(float(index))), f"{group.path}/x{index}"
            group.children[f"x{index}"] = PlannedField(path, data, {"units": "mm"})
    return Plan(root)


def timed(action: Callable[[], object], count: int) -> float:
    """Microseconds per dataset."""
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) / count * 1e6


def run(folder: Path, count: int, number: int) -> tuple[float, ...]:
    """The cost of each way, one after the other."""
    plan = planned(count)
    files = [folder / f"{number}-{way}.h5" for way in range(5)]
    values = {field.path: float(-index) for index, field in enumerate(plan.fields)}
    write_plan(plan, files[4])
    series = Series(files[4], values)
    return (
        timed(lambda: by_h5py(files[0], count, by_path=True), count),
        timed(lambda: by_h5py(files[1], count, by_path=False), count),
        timed(lambda: write_plan(plan, files[2]), count),
        timed(lambda: Series(files[2], values).write(files[3], values), count),
        timed(lambda: series.write(files[3], values, overwrite=True), count),
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--datasets", type=int, default=20_000)
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        rows = [run(Path(name), options.datasets, number) for number in range(options.repeat)]
    print(f"{options.datasets} datasets with units, medians of {options.repeat}")
    for place, way in enumerate(
        ("h5py, by paths", "h5py, by groups", "builder", "first of series", "next of series")
    ):
        cost = statistics.median(row[place] for row in rows)
        gain = statistics.median(row[0] / row[place] for row in rows)
        print(f"  {way:<16} {cost:8.1f} µs per dataset, {gain:6.1f} times as fast as the first")


if __name__ == "__main__":
    main()
