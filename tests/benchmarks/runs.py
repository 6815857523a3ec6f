"""How fast runs of Bluesky become files, against apstools' NXWriter, and what a live run costs.

    python tests/benchmarks/runs.py [--events 50000] [--repeat 3]

A stored run of ten numbers an event is converted by nxtool, without a recipe and validated, and its
documents are read and given to NXWriter; each in a process of its own, in turn, so that a busy
machine slows both alike. Then documents are given to the live writer, and the time that takes is
measured on the thread that gives them; another process watches when rows come. Prints medians,
ratios (median of pairs) and the largest memory. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

KEPT = 20_000
"""How many times of events are kept, so that they take no more memory in a long run."""
KEYS = [f"key{number}" for number in range(10)]
START = {"uid": "run-1", "time": 1.7e9, "plan_name": "scan", "scan_id": 1, "detectors": KEYS,
         "hints": {"dimensions": [[["key0"], "primary"]]}, "plan_type": "generator",
         "plan_args": {}, "motors": ["key0"], "versions": {"bluesky": "1.15"}}  # fmt: skip
STOP = {"uid": "end-1", "run_start": "run-1", "time": 1.7e9 + 9, "exit_status": "success",
        "num_events": {}}  # fmt: skip


def descriptor() -> dict[str, Any]:
    """A descriptor with ten numbers."""
    key = {"dtype": "number", "shape": [], "source": "sim", "units": "mm", "precision": 3,
           "lower_ctrl_limit": 0, "upper_ctrl_limit": 0}  # fmt: skip
    keys = {name: {**key, "object_name": name} for name in KEYS}
    hints = {name: {"fields": [name]} for name in KEYS}
    own = {name: [name] for name in KEYS}
    return {"uid": "d1", "run_start": "run-1", "time": 1.7e9, "name": "primary", "data_keys": keys,
            "hints": hints, "object_keys": own, "configuration": {}}  # fmt: skip


def event(number: int) -> dict[str, Any]:
    """An event of ten numbers."""
    data = {name: number + place / 10 for place, name in enumerate(KEYS)}
    stamps = dict.fromkeys(KEYS, 1.7e9 + number)
    return {"uid": f"e{number}", "descriptor": "d1", "time": 1.7e9 + number / 1000,
            "seq_num": number, "data": data, "timestamps": stamps, "filled": {}}  # fmt: skip


def documents(events: int) -> list[tuple[str, dict[str, Any]]]:
    """The documents of a run."""
    found = [event(number) for number in range(1, events + 1)]
    return [("start", START), ("descriptor", descriptor()), *(("event", one) for one in found),
            ("stop", {**STOP, "num_events": {"primary": events}})]  # fmt: skip


def by_nxtool(path: Path, target: Path) -> float:
    """Seconds that a conversion takes."""
    import nxtool

    nxtool.load_definition("NXentry")
    start = time.perf_counter()
    assert nxtool.convert(path, output=target, overwrite=True).ok
    return time.perf_counter() - start


def by_apstools(path: Path, target: Path) -> float:
    """Seconds that reading the documents and NXWriter take."""
    import logging
    import warnings

    warnings.simplefilter("ignore")
    logging.disable()
    from apstools.callbacks import NXWriter

    start = time.perf_counter()
    writer = NXWriter()
    writer.file_name, writer.warn_on_missing_content = target, False
    with path.open() as stream:
        for line in stream:
            record = json.loads(line)
            writer.receiver(record["name"], record["doc"])
    writer.wait_writer()
    assert target.exists()
    return time.perf_counter() - start


WAYS = {"nxtool": by_nxtool, "apstools": by_apstools}


def alone(way: str, path: Path, target: Path) -> tuple[float, float]:
    """Seconds and MiB of a way, in a process of its own."""
    command = [sys.executable, __file__, "--way", way, str(path), str(target)]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    seconds, memory = found.split()[-2:]
    return float(seconds), float(memory)


def compare(events: int, repeat: int, folder: Path) -> None:
    """Print rates of both ways."""
    path = folder / f"run{events}.jsonl"
    with path.open("w") as stream:
        for name, doc in documents(events):
            stream.write(json.dumps({"name": name, "doc": doc}) + "\n")
    taken: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    for _ in range(repeat):
        for way in WAYS:
            taken[way].append(alone(way, path, folder / f"{way}.nxs"))
            (folder / f"{way}.nxs").unlink()
    for way, each in taken.items():
        rate = events / statistics.median(seconds for seconds, _ in each)
        pairs = zip(taken["apstools"], each, strict=True)
        ratio = statistics.median(theirs[0] / ours[0] for theirs, ours in pairs)
        most = max(memory for _, memory in each)
        print(f"{events:9,} events, {way:9} {rate:10,.0f} events/s {ratio:6.2f}x {most:8.0f} MiB")


READER = """
import sys, time, h5py
late = []
while True:
    try:
        with h5py.File(sys.argv[1], "r", swmr=True, locking=False) as file:
            column = file["entry/primary/key0"]
            while file["entry/run_status"][()] == b"running":
                column.refresh()
                if column.shape[0]:
                    now = time.time()
                    late.append(now - column[-1])
                time.sleep(0.02)
                if late and late[-1] > 5:
                    raise SystemExit(print(max(late[:-200] or [0])))
    except (OSError, KeyError):
        time.sleep(0.02)
"""


def live(seconds: int, rate: int, folder: Path) -> None:
    """Give events to the live writer at a rate; print what that cost, when rows were seen, and how
    memory grew after the first tenth."""
    from nxtool.stream import NexusWriter

    writer = NexusWriter(directory=folder, filename="live.nxs")
    writer("start", START)
    writer("descriptor", descriptor())
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(folder / "live.nxs")], stdout=subprocess.PIPE
    )
    taken, memory = [], []
    begin = time.perf_counter()
    for number in range(1, seconds * rate + 1):
        while (wait := begin + number / rate - time.perf_counter()) > 0:
            time.sleep(wait)
        doc = event(number)
        doc["data"]["key0"] = time.time()
        start = time.perf_counter()
        writer("event", doc)
        spent = time.perf_counter() - start
        if len(taken) < KEPT:
            taken.append(spent)
        else:
            taken[number % KEPT] = spent
        if number % (seconds * rate // 10) == 0:
            memory.append(_resident())
    late = float(reader.communicate(timeout=60)[0])
    writer("stop", STOP)
    writer.close()
    assert writer.finished[0].ok, writer.errors
    taken.sort()
    middle = statistics.median(taken) * 1e6
    print(f"live, {rate:,} events/s for {seconds} s: {middle:.1f} µs an event"
          f" (99 of 100 below {taken[len(taken) * 99 // 100] * 1e6:.0f} µs, worst"
          f" {taken[-1] * 1e3:.1f} ms); a row was seen after {late:.2f} s at most;"
          f" MiB after each tenth: {' '.join(f'{one:.0f}' for one in memory)}")  # fmt: skip


def _resident() -> float:
    """The memory of this process now, in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def main() -> None:
    """Compare conversions, or be one of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, nargs="*", default=[50_000, 200_000])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=20, help="how long a run is live")
    parser.add_argument("--rate", type=int, default=1000, help="events/s of the live run")
    parser.add_argument("--way", nargs=3)
    options = parser.parse_args()
    if options.way:
        way, path, target = options.way
        seconds = WAYS[way](Path(path), Path(target))
        print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return
    with tempfile.TemporaryDirectory() as folder:
        for events in options.events:
            compare(events, options.repeat, Path(folder))
        if options.seconds:
            live(options.seconds, options.rate, Path(folder))


if __name__ == "__main__":
    main()
