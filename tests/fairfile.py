"""A small NeXus file to which every question of `nxtool fair` answers yes, and ways to spoil it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np

ORCID = "https://orcid.org/0000-0002-1825-0097"
UUID = "6f1c2a53-64b7-4c3e-9d8a-2b0f6f0f3c11"


def complete(path: Path) -> Path:
    """Write the file at `path`, and `other.h5` beside it, to which it links."""
    with h5py.File(path.with_name("other.h5"), "w") as other:
        other["values"] = np.arange(3)
    with h5py.File(path, "w") as file:
        file.attrs.update(
            {"default": "entry", "file_time": "2026-01-31T14:00:00+01:00",
             "HDF5_Version": "1.14.5", "NeXus_release": "v2026.01"}
        )  # fmt: skip
        entry(file, "entry")
    return path


def group(parent: h5py.Group, name: str, nx_class: str, /, **fields: Any) -> h5py.Group:
    """A group of a class, with fields."""
    made = parent.create_group(name)
    made.attrs["NX_class"] = nx_class
    for key, value in fields.items():
        made[key] = value
    return made


def put(parent: h5py.Group, name: str, value: Any, /, **attributes: Any) -> h5py.Dataset:
    """A field with attributes, in the place of the one there."""
    if name in parent:
        del parent[name]
    parent[name] = value
    parent[name].attrs.update(attributes)
    return parent[name]


def entry(file: h5py.File, name: str) -> None:
    """An entry after NXfluo with everything that is asked for."""
    made = group(
        file, name, "NXentry",
        title="Fluorescence of a coin", experiment_identifier="20260131", end_time=later(1),
        entry_identifier_uuid=UUID, start_time=later(0),
    )  # fmt: skip
    made.attrs["default"] = "data"
    put(made, "definition", "NXfluo", version="v2026.01")
    put(made, "program_name", "daq", version="2.1")
    _people(made)
    _instrument(made)
    group(made, "sample", "NXsample", name="Roman coin", chemical_formula="Ag")
    monitor = group(made, "monitor", "NXmonitor", mode="timer", data=np.int64(1))
    put(monitor, "preset", 1.0, units="s")
    _surroundings(made)
    data = group(made, "data", "NXdata")
    data.attrs.update({"signal": "data", "axes": ["energy"]})
    for key in ("data", "energy"):
        data[key] = made[f"instrument/fluorescence/{key}"]


def later(hours: int) -> str:
    """A time with zone."""
    return f"2026-01-31T{12 + hours}:00:00+01:00"


def _people(made: h5py.Group) -> None:
    group(made, "user_1", "NXuser", name="Ada", role="principal_investigator", ORCID=ORCID)
    group(made, "user_2", "NXuser", name="Max", role="local_contact")


def _instrument(made: h5py.Group) -> None:
    instrument = group(made, "instrument", "NXinstrument", name="P06")
    put(instrument, "identifier_pid", "10.1234/beamline", type="DOI")
    source = {"type": "Synchrotron X-ray Source", "name": "PETRA III", "probe": "x-ray"}
    group(instrument, "source", "NXsource", **source)
    monochromator = group(instrument, "monochromator", "NXmonochromator")
    put(monochromator, "wavelength", 1.0, units="angstrom")
    detector = group(instrument, "fluorescence", "NXdetector")
    detector.create_dataset("data", data=np.arange(8), chunks=(4,), compression="gzip")
    put(detector, "energy", np.arange(8.0), units="keV")


def _surroundings(made: h5py.Group) -> None:
    """What NXentry has no place of its own for, history, and a link to another file."""
    group(made, "about", "NXcollection", license="CC-BY-4.0", funding="grant 12")
    made["about/other"] = h5py.ExternalLink("other.h5", "/values")
    process = group(made, "process", "NXprocess", program="fit", version="1.0")
    recipe = np.frombuffer(b"peaks: 3\n", "u1")
    checksum = hashlib.sha256(recipe.tobytes()).hexdigest()
    group(process, "recipe", "NXnote", data=recipe, checksum=checksum, algorithm="sha256")


def answers(result: Any) -> Mapping[str, str]:
    """The verdict by code."""
    return {answer.check.code: answer.verdict for answer in result.answers}
