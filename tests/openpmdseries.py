"""openPMD series written for tests: small, valid, and of every shape the standard allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

V_PER_M = (1.0, 1.0, -3.0, -1.0, 0.0, 0.0, 0.0)
METRE = (1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
NONE = (0.0,) * 7
LABELS = ("w", "z", "y", "x")


@dataclass(frozen=True)
class Made:
    """What a series is like. `constants` are names of components that are one value."""

    shape: tuple[int, ...] = (4, 3)
    dtype: str = "float64"
    order: str = "C"
    numbers: tuple[int, ...] = (0, 100)
    constants: frozenset[str] = frozenset({"z"})
    particles: int = 5
    unit_si: float = 1e9
    staggered: bool = False
    compressed: bool = False


def write_series(folder: Path, made: Made, *, files: bool = False) -> Path:
    """Write the series in `folder`: one file, or a file for each iteration. What names it."""
    if not files:
        path = folder / "series.h5"
        with h5py.File(path, "w") as file:
            header(file)
            for number in made.numbers:
                iteration(file, number, made)
        return path
    for number in made.numbers:
        with h5py.File(folder / f"series_{number:06d}.h5", "w") as file:
            header(file, iterationEncoding="fileBased", iterationFormat="series_%06T.h5")
            iteration(file, number, made)
    return folder / "series_%06T.h5"


def header(file: h5py.File, **changes: str) -> None:
    """The attributes of the root."""
    attributes = {
        "openPMD": "1.1.0",
        "basePath": "/data/%T/",
        "meshesPath": "fields/",
        "particlesPath": "particles/",
        "iterationEncoding": "groupBased",
        "iterationFormat": "/data/%T/",
        "author": "Ada Lovelace <ada@example.org>",
        "software": "engine",
        "softwareVersion": "1.2",
        "date": "2024-01-02 03:04:05 +0100",
        "comment": "a test",
        **changes,
    }
    texts(file, attributes)
    file.attrs["openPMDextension"] = np.uint32(0)


def texts(node: Any, attributes: Mapping[str, str]) -> None:
    """Attributes of text with a fixed length that ends with a zero, as openPMD-api writes them."""
    for name, text in attributes.items():
        kind = h5py.h5t.C_S1.copy()
        kind.set_size(len(text) + 1)
        made = h5py.h5a.create(node.id, name.encode(), kind, h5py.h5s.create(h5py.h5s.SCALAR))
        made.write(np.array(text.encode(), dtype=f"S{len(text) + 1}"))


def iteration(file: h5py.File, number: int, made: Made) -> h5py.Group:
    """One iteration with a vector, a scalar, and a species."""
    group = file.create_group(f"data/{number}")
    group.attrs["time"] = np.float64(number * 0.5)
    group.attrs["dt"] = np.float32(0.5)
    group.attrs["timeUnitSI"] = np.float64(1e-15)
    vector(group.create_group("fields/E"), number, made)
    values = np.arange(np.prod(made.shape)).reshape(made.shape).astype(made.dtype)
    rho = group["fields"].create_dataset("rho", data=values)
    mesh_attributes(rho, made, NONE)
    component(rho, made, 0.0, 1.0)
    if made.particles:
        species(group.create_group("particles/electrons"), number, made.particles)
    else:
        group.create_group("particles")
    return group


def vector(record: h5py.Group, number: int, made: Made) -> None:
    """The record E with three components."""
    mesh_attributes(record, made, V_PER_M)
    for place, name in enumerate("xyz"):
        shift = 0.5 * place / 2 if made.staggered else 0.5
        if name in made.constants:
            constant(record, name, made.shape, np.dtype(made.dtype).type(7), made.unit_si)
        else:
            values = np.arange(np.prod(made.shape)).reshape(made.shape) + number + place
            extra = {"chunks": True, "compression": "gzip"} if made.compressed else {}
            record.create_dataset(name, data=values.astype(made.dtype), **extra)
        component(record[name], made, shift, made.unit_si)


def mesh_attributes(node: Any, made: Made, powers: tuple[float, ...]) -> None:
    """What a mesh record says; lists are turned round in Fortran order."""
    rank = len(made.shape)
    turn = slice(None, None, -1 if made.order == "F" else None)
    texts(node, {"geometry": "cartesian", "dataOrder": made.order})
    node.attrs["axisLabels"] = np.array([name.encode() for name in LABELS[-rank:]][turn])
    node.attrs["gridSpacing"] = np.arange(1.0, rank + 1)[turn]
    node.attrs["gridGlobalOffset"] = np.arange(10.0, rank + 10)[turn]
    node.attrs["gridUnitSI"] = np.float64(1e-6)
    node.attrs["unitDimension"] = np.array(powers)
    node.attrs["timeOffset"] = np.float32(0.0)


def component(node: Any, made: Made, shift: float, unit_si: float) -> None:
    """What a component of a mesh says."""
    node.attrs["position"] = np.full(len(made.shape), shift)
    node.attrs["unitSI"] = np.float64(unit_si)


def constant(
    record: h5py.Group, name: str, shape: tuple[int, ...], value: Any, unit_si: float
) -> None:
    """A component that is one value."""
    group = record.create_group(name)
    group.attrs["value"] = value
    group.attrs["shape"] = np.array(shape, dtype=np.uint64)
    group.attrs["unitSI"] = np.float64(unit_si)


def species(group: h5py.Group, number: int, count: int) -> None:
    """Particles with positions, momenta, a constant charge, and patches."""
    for name, powers in (("position", METRE), ("momentum", (1.0, 1.0, -1.0, 0.0, 0.0, 0.0, 0.0))):
        record = group.create_group(name)
        record_attributes(record, powers)
        for place, axis in enumerate("xy"):
            values = np.linspace(0, 1, count, dtype=np.float32) + number + place
            record.create_dataset(axis, data=values).attrs["unitSI"] = np.float64(1e-6)
    offset = group.create_group("positionOffset")
    record_attributes(offset, METRE)
    for axis in "xy":
        constant(offset, axis, (count,), np.float64(0.0), 1.0)
    constant(group, "charge", (count,), np.float64(-1.0), 1.602176634e-19)
    record_attributes(group["charge"], (0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0))
    identity = group.create_dataset("id", data=np.arange(count, dtype=np.uint64))
    record_attributes(identity, NONE)
    identity.attrs["unitSI"] = np.float64(1.0)
    patches(group.create_group("particlePatches"), count)


def record_attributes(node: Any, powers: tuple[float, ...]) -> None:
    """What a particle record says."""
    node.attrs["unitDimension"] = np.array(powers)
    node.attrs["timeOffset"] = np.float32(0.0)


def patches(group: h5py.Group, count: int) -> None:
    """One patch with all particles."""
    group["numParticles"] = np.array([count], dtype=np.uint64)
    group["numParticlesOffset"] = np.array([0], dtype=np.uint64)
    for name, value in (("offset", 0.0), ("extent", 1e6)):
        part = group.create_group(name)
        part.attrs["unitDimension"] = np.array(METRE)
        for axis in "xy":
            part.create_dataset(axis, data=np.array([value])).attrs["unitSI"] = np.float64(1.0)
