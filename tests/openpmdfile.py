"""A valid openPMD file of a particle-in-cell simulation, with the extension ED-PIC, as HDF5.

Two fields, a density, and electrons with patches; what may be constant is, in part. All text is of
fixed length. `write` makes it, `edpic=False` without the extension.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np

LENGTH = (1, 0, 0, 0, 0, 0, 0)
NONE = (0,) * 7
DIMENSIONS = {
    "E": (1, 1, -3, -1, 0, 0, 0),
    "B": (0, 1, -2, -1, 0, 0, 0),
    "rho": (-3, 0, 1, 1, 0, 0, 0),
    "position": LENGTH,
    "positionOffset": LENGTH,
    "momentum": (1, 1, -1, 0, 0, 0, 0),
    "charge": (0, 0, 1, 1, 0, 0, 0),
    "mass": (0, 1, 0, 0, 0, 0, 0),
    "weighting": NONE,
    "id": NONE,
}
PATCHES = 2


def write(
    path: Path,
    numbers: Sequence[int] = (0, 100),
    *,
    edpic: bool = True,
    side: int = 4,
    particles: int = 6,
) -> Path:
    """Write the file, fields of `side` times `side` values and so many particles."""
    with h5py.File(path, "w", libver=("v108", "v110")) as file:
        _root(file, edpic)
        for number in numbers:
            group = file.create_group(f"data/{number}")
            group.attrs.update(
                time=np.float64(number), dt=np.float64(1), timeUnitSI=np.float64(1e-15)
            )
            _fields(group.create_group("fields"), edpic, side)
            _electrons(group.create_group("particles/electrons"), edpic, particles, side)
    return path


def text(value: str) -> np.bytes_:
    """Text of fixed length, as the standard wants it."""
    return np.bytes_(value)


def _root(file: h5py.File, edpic: bool) -> None:
    told = {
        "openPMD": "1.1.0",
        "basePath": "/data/%T/",
        "meshesPath": "fields/",
        "particlesPath": "particles/",
        "iterationEncoding": "groupBased",
        "iterationFormat": "/data/%T/",
        "author": "Ada Lovelace <ada@example.org>",
        "software": "engine",
        "softwareVersion": "1.0",
        "date": "2026-01-05 10:00:00 +0100",
    }
    for name, value in told.items():
        file.attrs[name] = text(value)
    file.attrs["openPMDextension"] = np.uint32(edpic)


def _fields(group: h5py.Group, edpic: bool, side: int) -> None:
    if edpic:
        group.attrs["fieldSolver"] = text("Yee")
        group.attrs["fieldBoundary"] = np.array(["periodic"] * 4, dtype="S8")
        group.attrs["particleBoundary"] = np.array(["periodic"] * 4, dtype="S8")
        group.attrs["currentSmoothing"] = text("none")
        group.attrs["chargeCorrection"] = text("none")
    values = np.linspace(0, 1, side * side).reshape(side, side)
    for name in ("E", "B"):
        record = group.create_group(name)
        _mesh(record, name, edpic)
        for component in "xy":
            record[component] = values
            _component(record[component], position=True)
        _constant(record.create_group("z"), 0.0, (side, side))
        _component(record["z"], position=True)
    group["rho"] = values
    _mesh(group["rho"], "rho", edpic)
    _component(group["rho"], position=True)


def _mesh(record: h5py.Group | h5py.Dataset, name: str, edpic: bool) -> None:
    _record(record, name)
    record.attrs["geometry"] = text("cartesian")
    record.attrs["dataOrder"] = text("C")
    record.attrs["axisLabels"] = np.array(["y", "x"], dtype="S1")
    record.attrs["gridSpacing"] = np.array([1.0, 2.0])
    record.attrs["gridGlobalOffset"] = np.array([0.0, 0.0])
    record.attrs["gridUnitSI"] = np.float64(1e-6)
    if edpic:
        record.attrs["fieldSmoothing"] = text("none")


def _record(record: h5py.Group | h5py.Dataset, name: str) -> None:
    record.attrs["unitDimension"] = np.array(DIMENSIONS[name], dtype="f8")
    record.attrs["timeOffset"] = np.float64(0)


def _component(component: h5py.Group | h5py.Dataset, *, position: bool = False) -> None:
    component.attrs["unitSI"] = np.float64(1)
    if position:
        component.attrs["position"] = np.array([0.0, 0.5])


def _constant(group: h5py.Group, value: float, shape: tuple[int, ...]) -> None:
    group.attrs["value"] = np.float64(value)
    group.attrs["shape"] = np.array(shape, dtype="u8")


def _electrons(group: h5py.Group, edpic: bool, count: int, side: int) -> None:
    if edpic:
        group.attrs["particleShape"] = np.float64(3)
        group.attrs["particleSmoothing"] = text("none")
        for name, word in (
            ("currentDeposition", "Esirkepov"),
            ("particlePush", "Boris"),
            ("particleInterpolation", "uniform"),
        ):
            group.attrs[name] = text(word)
    place = np.linspace(0, side, count, endpoint=False)
    for name, scale in (("position", 1.0), ("momentum", 1e-20)):
        for component in "xy":
            group[f"{name}/{component}"] = place * scale
            _component(group[f"{name}/{component}"])
    for component in "xy":
        offset = group.create_group(f"positionOffset/{component}")
        _constant(offset, 0.0, (count,))
        _component(offset)
    group["weighting"] = np.arange(1.0, count + 1)
    group["id"] = np.arange(count, dtype="u8")
    for name, value in (("charge", -1.6e-19), ("mass", 9.1e-31)):
        _constant(group.create_group(name), value, (count,))
    for name in ("weighting", "id", "charge", "mass"):
        _component(group[name])
    for name in group:
        _record(group[name], name)
        if edpic:
            weighted = name in ("weighting", "charge", "mass", "momentum")
            group[name].attrs["macroWeighted"] = np.uint32(name == "weighting")
            group[name].attrs["weightingPower"] = np.float64(weighted)
    _patches(group.create_group("particlePatches"), count, side)


def _patches(group: h5py.Group, count: int, side: int) -> None:
    half = count // PATCHES
    group["numParticles"] = np.array([half, count - half], dtype="u8")
    group["numParticlesOffset"] = np.array([0, half], dtype="u8")
    for name, values in (("offset", [0.0, side / 2]), ("extent", [side / 2, side / 2])):
        for component in "xy":
            group[f"{name}/{component}"] = np.array(values)
            _component(group[f"{name}/{component}"])
        group[name].attrs["unitDimension"] = np.array(LENGTH, dtype="f8")
