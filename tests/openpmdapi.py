"""What openPMD-api writes and reads, in processes of their own: it speaks to stderr itself."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

WRITE = """
import sys
import numpy as np
import openpmd_api as io


def grid(mesh):
    mesh.axis_labels, mesh.grid_spacing, mesh.grid_global_offset = [*"yx"], [1.0, 2.0], [0.0] * 2


def fields(iteration):
    mesh = iteration.meshes["E"]
    mesh.set_unit_dimension({io.Unit_Dimension.L: 1, io.Unit_Dimension.M: 1})
    grid(mesh)
    values = np.arange(12.0).reshape(3, 4)
    for name in "xyz":
        part = mesh[name]
        part.reset_dataset(io.Dataset(values.dtype, values.shape))
        part.make_constant(3.0) if name == "z" else part.store_chunk(values)
        part.position = [0.0, 0.5]
    rho = iteration.meshes["rho"]
    grid(rho)
    part = rho[io.Mesh_Record_Component.SCALAR]
    part.reset_dataset(io.Dataset(values.dtype, values.shape))
    part.store_chunk(values)


def particles(iteration):
    species = iteration.particles["electrons"]
    values, number = np.arange(5.0), np.arange(5, dtype="u8")
    for name in "xy":
        for record in ("position", "positionOffset"):
            part = species[record][name]
            part.reset_dataset(io.Dataset(values.dtype, values.shape))
            part.make_constant(0.0) if record == "positionOffset" else part.store_chunk(values)
    part = species["id"][io.Record_Component.SCALAR]
    part.reset_dataset(io.Dataset(number.dtype, number.shape))
    part.store_chunk(number)
    patches = species.particle_patches
    for name in ("numParticles", "numParticlesOffset"):
        part = patches[name][io.Record_Component.SCALAR]
        part.reset_dataset(io.Dataset(np.dtype("uint64"), [1]))
        part.store(0, np.uint64(5 if name == "numParticles" else 0))
    for record, value in (("offset", 0.0), ("extent", 5.0)):
        for name in "xy":
            part = patches[record][name]
            part.reset_dataset(io.Dataset(np.dtype("float64"), [1]))
            part.store(0, np.float64(value))


def write(name, encoding, version, numbers):
    series = io.Series(name, io.Access.create)
    if encoding is not io.Iteration_Encoding.file_based:
        series.set_iteration_encoding(encoding)
    series.set_openPMD(version)
    series.author = "Ada Lovelace <ada@example.org>"
    for number in numbers:
        iteration = series.write_iterations()[number]
        iteration.set_time(float(number)).set_dt(1.0)
        fields(iteration)
        particles(iteration)
        iteration.close()
    series.close()


for suffix in sys.argv[2:]:
    for version in ("1.0.0", "1.0.1", "1.1.0", "2.0.0"):
        top = f"{sys.argv[1]}/{version}"
        write(f"{top}_groups.{suffix}", io.Iteration_Encoding.group_based, version, (0, 100))
        write(f"{top}_files_%06T.{suffix}", io.Iteration_Encoding.file_based, version, (0, 100))
        write(f"{top}_variables.{suffix}", io.Iteration_Encoding.variable_based, version, (0,))
"""
READ = """
import json, os, sys, tempfile
import openpmd_api as io


def read(path):
    series = io.Series(path, io.Access.read_only)
    for _, iteration in series.iterations.items():
        iteration.time, iteration.dt, iteration.time_unit_SI
        for _, mesh in iteration.meshes.items():
            mesh.geometry, mesh.axis_labels, mesh.grid_spacing, mesh.grid_global_offset
            mesh.grid_unit_SI, mesh.unit_dimension
            records(series, mesh)
            for _, component in mesh.items():
                component.position
        for _, species in iteration.particles.items():
            for _, record in species.items():
                record.unit_dimension
                records(series, record)
            for _, record in species.particle_patches.items():
                for _, component in record.items():
                    component.shape
    series.close()


def records(series, record):
    for _, component in record.items():
        component.shape, component.dtype, component.unit_SI, component[()]
        series.flush()


for path in sys.argv[1:]:
    heard, usual, error = tempfile.TemporaryFile(), os.dup(2), ""
    os.dup2(heard.fileno(), 2)
    try:
        read(path)
    except BaseException as told:
        error = f"{type(told).__name__}: {told}"
    os.dup2(usual, 2)
    os.close(usual)
    heard.seek(0)
    print(json.dumps([error, heard.read().decode(errors="replace")]), flush=True)
"""


def write(folder: Path, suffixes: Sequence[str]) -> None:
    """One series of each version and encoding, in every one of these formats."""
    subprocess.run(
        [sys.executable, "-c", WRITE, str(folder), *suffixes], check=True, capture_output=True
    )


def read(paths: Sequence[Path]) -> list[tuple[str, str]]:
    """What each file makes openPMD-api raise, and say; a crash is something it raises."""
    told: list[tuple[str, str]] = []
    while len(told) < len(paths):
        rest = [str(path) for path in paths[len(told) :]]
        process = subprocess.run(
            [sys.executable, "-c", READ, *rest], check=False, capture_output=True, text=True
        )
        told += [(error, said) for error, said in map(json.loads, process.stdout.splitlines())]
        if len(told) < len(paths):
            told.append((f"ended with {process.returncode}", ""))
    return told
