"""What the pages presume: raw data, files and runs, small, in a folder for each page."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import h5py
import numpy as np
import pytest

from nxtool.build.convert import convert
from nxtool.demo import make_raw_data, write_tiff
from nxtool.schema.compile import default_schema
from tests import batchfiles, exportfile, fairfile, openpmdfile, rawscan
from tests.rundocuments import NUMBER, descriptor, event, write

MORNING: Final = 1767600000
"""2026-01-05T08:00:00Z, in seconds."""
DEVICE_SCHEMA = """\
nx_model: NXmonochromatorModel
nxclass: NXmonochromator
energy: {nxclass: NX_FLOAT, value: "$post-run:events:en", attrs: {units: eV}}
"""
POINT = """\
nxtool: 1
definition: NXentry
entry:
  title: a point of a scan
  sample: {temperature: 295.0 K}
  control(NXmonitor): {integral: 100}
"""


def prepare(page: str, folder: Path) -> None:
    """Make `folder`, with what a page presumes."""
    FOLDERS.get(page, Path.mkdir)(folder)


def demo(folder: Path) -> None:
    """What `nxtool demo` leaves."""
    for recipe in make_raw_data(folder):
        assert convert(recipe, default_schema()).written


def tomography(folder: Path) -> None:
    """The demo, and its first result under other names, also in a folder `data`."""
    demo(folder)
    (folder / "data").mkdir()
    for name in ("scan.nxs", "scan_1.nxs", "scan_2.nxs", "data/scan_1.nxs", "data/scan_2.nxs"):
        shutil.copy(folder / "tomo.nxs", folder / name)


def wrong_label(folder: Path) -> None:
    """A file whose sample is misspelt, and was colder."""
    tomography(folder)
    with h5py.File(folder / "scan.nxs", "r+") as file:
        sample = file["entry/sample"]
        sample["name"][()] = "lysozym"
        sample["temperature"] = 295.0
        sample["temperature"].attrs["units"] = "K"
        sample["description"] = "in the freezer"
    (folder / "before.py").write_text("import nxtool\n")


def keys(folder: Path) -> None:
    """A file, and keys as age-keygen makes them."""
    pyrage = pytest.importorskip("pyrage", reason="pyrage is not installed")
    tomography(folder)
    identity = pyrage.x25519.Identity.generate()
    (folder / "lab.key").write_text(f"{identity}\n")
    (folder / "lab.pub").write_text(f"{identity.to_public()}\n")


def fair_file(folder: Path) -> None:
    """A file that says all that `nxtool fair` asks."""
    folder.mkdir()
    fairfile.complete(folder / "scan.nxs")


def catalogued(folder: Path) -> None:
    """A file that says all that catalogues ask."""
    demo(folder)
    exportfile.complete_file(folder / "scan.nxs")


def ingest_file(folder: Path) -> None:
    """An ingest file with two mistakes."""
    folder.mkdir()
    text = (Path(__file__).parent / "icat" / "ingest.xml").read_text(encoding="utf-8")
    text = text.replace("03:04:05+01:00", "03:04:05", 1)
    head, between, rest = text.rpartition('ref="Dataset_1"')
    assert between
    (folder / "scan.xml").write_text(f'{head}ref="Dataset_9"{rest}', encoding="utf-8")


def images(folder: Path) -> None:
    """An HDF5 file with frames, compressed."""
    folder.mkdir()
    frames = np.random.default_rng(1).poisson(3, (64, 128, 128)).astype(np.uint16)
    with h5py.File(folder / "scan.h5", "w") as file:
        file.create_dataset("entry/data", data=frames, chunks=(1, 128, 128), compression="gzip")


def raw_files(folder: Path) -> None:
    """TIFF frames, a log, and a recipe that keeps what makes them again."""
    (folder / "frames").mkdir(parents=True)
    write_tiff(folder / "frames" / "f_0.tif", np.ones((512, 512), np.uint16))
    (folder / "log.csv").write_text("angle\n" + "".join(f"{n}\n" for n in range(640)))
    for name in ("log.csv", "frames/f_0.tif"):
        os.utime(folder / name, (MORNING, MORNING))
    scan = rawscan.Scan(folder, {"frames": '"frames/f_*.tif"', "log": "log.csv"}, frames=1)
    scan.write_recipe("residual")
    recipe = scan.recipe.read_text().replace("out.nxs", "scan.nxs")
    scan.recipe.write_text(recipe.replace("value: [0], units", 'from: "log:angle[0:1]", units'))
    assert convert(scan.recipe, default_schema()).written


def points(folder: Path) -> None:
    """A recipe of one point, and the numbers of others."""
    folder.mkdir()
    (folder / "point.nx.yaml").write_text(POINT)
    (folder / "before.py").write_text("points = [(295.5, 90), (296.0, 80)]\n")


def runs(folder: Path) -> None:
    """Runs of Bluesky, a device's schema, a template of NXWriter."""
    folder.mkdir()
    first = run("6f1c2a53", 12)
    write(folder / "run.jsonl", *first)
    write(folder / "yesterday.jsonl", *first)
    write(folder / "runs.jsonl", *first, *run("9d8a2b0f", 13))
    (folder / "nx_schema_mono.yml").write_text(DEVICE_SCHEMA)
    template = [["/entry/instrument/bluesky/metadata/plan_name", "/entry/notes"]]
    (folder / "template.json").write_text(json.dumps(template))


def beamline(folder: Path) -> None:
    """The raw data of the demo, a run, and a RunEngine."""
    engine(folder.with_name("engine"))
    demo(folder)
    write(folder / "run.jsonl", *run("6f1c2a53", 12))
    shutil.copy(folder.with_name("engine") / "before.py", folder)


def run(uid: str, number: int) -> list[tuple[str, dict[str, Any]]]:
    """The documents of a scan of energy."""
    start = {"uid": uid, "time": 1.7e9, "scan_id": number, "plan_name": "scan"}
    start |= {"sample": {"name": "LaB6"}, "hints": {"dimensions": [[["mono_en"], "primary"]]}}
    told = {"mono_en": {**NUMBER, "units": "eV"}, "i0": NUMBER, "ring_current": NUMBER}
    rows = [(step, 7000.0 + step, 1e6 / (1 + step), 300.0) for step in range(1, 6)]
    events = [
        event(step, f"d-{uid}", mono_en=energy, i0=counts, ring_current=current)
        for step, energy, counts, current in rows
    ]
    stop = {"uid": f"s-{uid}", "run_start": uid, "time": 1.7e9 + 9, "exit_status": "success"}
    name, document = descriptor(told, f"d-{uid}")
    return [("start", start), (name, {**document, "run_start": uid}), *events, ("stop", stop)]


ENGINE = """\
import warnings
warnings.simplefilter("ignore")
import h5py
from bluesky import RunEngine
from bluesky.plans import scan
from ophyd.sim import det, motor
from nxtool.stream import NexusWriter
RE = RunEngine({}, context_managers=[])
"""


RUN_RECIPE = """\
nxtool: 1
definition: NXentry
sources: {run: {path: run.jsonl}}
entry: {title: {from: "run:start/plan_name"}}
"""


def engine(folder: Path) -> None:
    """A RunEngine with devices, a recipe for its runs, and a stored one."""
    pytest.importorskip("bluesky", reason="bluesky is not installed")
    pytest.importorskip("ophyd", reason="ophyd is not installed")
    folder.mkdir()
    (folder / "before.py").write_text(ENGINE)
    (folder / "xas.nx.yaml").write_text(RUN_RECIPE)
    write(folder / "run.jsonl", *run("6f1c2a53", 12))


def scripts(folder: Path) -> None:
    """What the pieces of Python of a page begin with."""
    demo(folder)
    recipe = (folder / "tomo.nx.yaml").read_text(encoding="utf-8")
    (folder / "scan.nx.yaml").write_text(recipe.replace("vars:\n", "vars:\n  run: 1\n"), "utf-8")
    message = b'{"pv": "x", "ts": 1700000000.5, "value": 3}'
    (folder / "before.py").write_text(f"payload = {message}\npayloads = [payload]\n")


def simulation(folder: Path) -> None:
    """openPMD files: one, a series, and one that lacks units."""
    folder.joinpath("simulation").mkdir(parents=True)
    for name in ("data.h5", "simulation/data_0.h5"):
        openpmdfile.write(folder / name)
    for number in (0, 100):
        openpmdfile.write(folder / f"data_{number}.h5", [number])
    numbers = (0, 100, 200)
    with h5py.File(openpmdfile.write(folder / "spoilt.h5", numbers), "r+") as file:
        for number in numbers:
            for component in ("x", "y"):
                del file[f"data/{number}/fields/E/{component}"].attrs["unitSI"]


def bridged(folder: Path) -> None:
    """A file of openPMD and one of NeXus."""
    tomography(folder)
    openpmdfile.write(folder / "simulation.h5")


def night(folder: Path) -> None:
    """Raw files of a night, one of them cut short."""
    batchfiles.make_raw(folder, 20)


FOLDERS: Final[Mapping[str, Callable[[Path], object]]] = {
    "README.md": demo,
    "docs/batch.md": night,
    "docs/bluesky.md": runs,
    "docs/ci.md": tomography,
    "docs/definitions.md": demo,
    "docs/edit.md": wrong_label,
    "docs/encryption.md": keys,
    "docs/export-catalogues.md": catalogued,
    "docs/fair.md": fair_file,
    "docs/filters.md": images,
    "docs/icat.md": catalogued,
    "docs/icat-lint.md": ingest_file,
    "docs/live-runs.md": engine,
    "docs/openpmd.md": simulation,
    "docs/openpmd-bridge.md": bridged,
    "docs/python.md": scripts,
    "docs/repack.md": tomography,
    "docs/restore.md": raw_files,
    "docs/series.md": points,
    "docs/show.md": tomography,
    "docs/tutorial-beamline.md": beamline,
    "docs/tutorial-ci.md": tomography,
    "docs/validation.md": tomography,
}
