"""Documents of small runs, written by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

START = ("start", {"uid": "run-1", "time": 1.7e9, "plan_name": "scan", "sample": {"name": "LaB6"}})
STOP = ("stop", {"uid": "end-1", "run_start": "run-1", "time": 1.7e9 + 9, "exit_status": "success"})
NUMBER = {"dtype": "number", "shape": [], "source": "sim"}


def descriptor(
    keys: dict[str, Any] | None = None, uid: str = "d1", name: str = "primary", **more: Any
) -> tuple[str, dict[str, Any]]:
    """A descriptor; without keys there is one number, `x` in mm."""
    keys = {"x": {**NUMBER, "units": "mm"}} if keys is None else keys
    doc = {"uid": uid, "run_start": "run-1", "time": 1.7e9, "name": name, "data_keys": keys}
    return "descriptor", {**doc, **more}


def event(number: int, uid: str = "d1", **data: Any) -> tuple[str, dict[str, Any]]:
    """An event, a second after the one before."""
    time = 1.7e9 + number
    stamps = dict.fromkeys(data, time)
    doc = {"uid": f"e{number}", "descriptor": uid, "time": time, "seq_num": number}
    return "event", {**doc, "data": data, "timestamps": stamps, "filled": {}}


def page(numbers: list[int], uid: str = "d1", **data: list[Any]) -> tuple[str, dict[str, Any]]:
    """A page of events."""
    times = [1.7e9 + number for number in numbers]
    stamps = dict.fromkeys(data, times)
    doc = {"uid": [f"e{n}" for n in numbers], "descriptor": uid, "time": times}
    return "event_page", {**doc, "seq_num": numbers, "data": data, "timestamps": stamps}


def write(path: Path, *documents: tuple[str, Any]) -> Path:
    """The documents in a file, a line each."""
    lines = (json.dumps({"name": name, "doc": doc}) + "\n" for name, doc in documents)
    path.write_text("".join(lines))
    return path
