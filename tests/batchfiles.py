"""A folder of small raw files, some of them damaged, and a recipe for each of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import h5py
import numpy as np

from nxtool.batch.model import Manner, Result
from nxtool.batch.planning import Wish

ROOT = Path(__file__).parents[1]
RECIPE = """\
nxtool: 1
definition: NXentry
defaults: {timezone: UTC}
vars: {sample: none}
sources:
  raw: raw.h5
entry:
  title: "scan of ${sample}"
  $plot: {signal: data/counts, axes: [data/x]}
  data(NXdata):
    counts: {from: "raw:/counts", units: counts}
    x: {from: "raw:/x", units: mm}
"""
PYTHONPATH = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))
"""With it, programs of other packages find this nxtool."""


def make_raw(folder: Path, count: int, damaged: int = 20) -> list[Path]:
    """So many raw files in `folder`/raw, one of every `damaged` cut short, and the recipe; the
    damaged ones."""
    raw = folder / "raw"
    raw.mkdir(parents=True)
    (folder / "scan.nx.yaml").write_text(RECIPE)
    model = folder / "model.h5"
    with h5py.File(model, "w") as file:
        file["counts"] = np.arange(50)
        file["x"] = np.linspace(0.0, 1.0, 50)
    content, bad = model.read_bytes(), []
    places = content.find(np.arange(50).tobytes())
    for number in range(count):
        path = raw / f"scan{number:05}.h5"
        counts = (np.arange(50) + number).tobytes()
        path.write_bytes(content[:places] + counts + content[places + len(counts) :])
        if number % damaged == 7:
            path.write_bytes(path.read_bytes()[:700])
            bad.append(path)
    return bad


def wish(folder: Path, manner: Manner | None = None, out: str = "out") -> Wish:
    """To convert all raw files of `folder`."""
    return Wish(
        "convert", [str(folder / "raw" / "*.h5")], recipe=folder / "scan.nx.yaml", source="raw",
        output=str(folder / out / "{stem}.nxs"), manner=manner or Manner(),
    )  # fmt: skip


def verdicts(results: Iterable[Result]) -> dict[str, str]:
    """The verdict by the name of the file without its folder."""
    return {Path(result.name).name: result.verdict for result in results}


def counted(results: Iterable[Result]) -> Mapping[str, int]:
    """How many results there are of each verdict, and how many were known."""
    found: dict[str, int] = {}
    for result in results:
        found[result.verdict] = found.get(result.verdict, 0) + 1
        if result.was_done:
            found["was_done"] = found.get("was_done", 0) + 1
    return found


def hidden(folder: Path) -> list[Path]:
    """What unfinished work left."""
    return [path for path in folder.rglob("*") if path.name.endswith(".part")]


def die(number: int, _stop: object) -> None:
    """What a worker does that crashes."""
    os.kill(os.getpid(), number)


def number_of_process(_stop: object) -> int:
    """Which worker does it."""
    return os.getpid()
