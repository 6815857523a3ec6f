"""Files of the builder as other programs read them: plain h5py, HDF5's tools, h5wasm."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import h5py
import hdf5plugin
import numpy as np
import pytest

from nxtool.storage.spec import NAMES
from tests.filtermatrix import DTYPES, write_matrix

PRINT_SUMS = textwrap.dedent("""
    import sys, hashlib, json, h5py, hdf5plugin
    with h5py.File(sys.argv[1]) as file:
        sums = {name: [data.dtype.str, hashlib.sha256(data[()].tobytes()).hexdigest()]
                for name, data in file.items()}
    print(json.dumps(sums))
""")

NPM_PACKAGES = ("h5wasm@0.8.11", "h5wasm-plugins@0.2.1")
PRINT_SUMS_OF_H5WASM = textwrap.dedent("""
    import { createHash } from "node:crypto";
    const h5wasm = await import("h5wasm/node");
    const plugins = await import("h5wasm-plugins");
    plugins.install_local_plugins(await h5wasm.ready);
    const file = new h5wasm.File(process.argv[2], "r");
    const sums = {};
    for (const name of file.keys()) {
        const values = file.get(name).value;
        const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
        sums[name] = createHash("sha256").update(bytes).digest("hex");
    }
    console.log(JSON.stringify(sums));
""")


@pytest.fixture(scope="module")
def matrix(tmp_path_factory):
    """The path of a file with every filter and type, and its values."""
    path = tmp_path_factory.mktemp("matrix") / "matrix.h5"
    return path, write_matrix(path, NAMES)


@pytest.fixture(scope="module")
def for_tools(tmp_path_factory):
    """As `matrix`, without LZF: that filter is in h5py alone."""
    path = tmp_path_factory.mktemp("matrix") / "tools.h5"
    return path, write_matrix(path, [name for name in NAMES if name != "lzf"])


def sum_of(values):
    return hashlib.sha256(values.tobytes()).hexdigest()


def output_of(command, **environment):
    done = subprocess.run(
        [str(word) for word in command],
        capture_output=True, text=True, check=False, env={**os.environ, **environment},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def tool(name):
    """A program of the package hdf5-tools, which finds the filters of hdf5plugin."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed (apt-get install hdf5-tools)")
    return found


PLUGINS = {"HDF5_PLUGIN_PATH": str(hdf5plugin.PLUGIN_PATH)}


def test_plain_h5py_reads_every_filter_and_type_bit_by_bit_in_a_fresh_process(matrix):
    path, wanted = matrix
    told = json.loads(output_of([sys.executable, "-W", "error", "-c", PRINT_SUMS, path]))
    assert told == {name: [data.dtype.str, sum_of(data)] for name, data in wanted.items()}
    assert len(told) > len(DTYPES) * (len(NAMES) - 2)


@pytest.mark.slow
def test_h5dump_gives_the_bytes_of_every_filter_and_type(for_tools, tmp_path):
    path, wanted = for_tools
    program, out = tool("h5dump"), tmp_path / "values"
    for name, values in wanted.items():
        output_of([program, "-d", f"/{name}", "-b", "FILE", "-o", out, path], **PLUGINS)
        assert out.read_bytes() == values.tobytes(), name


@pytest.mark.slow
def test_h5repack_takes_every_filter_away_and_keeps_the_values(for_tools, tmp_path):
    path, wanted = for_tools
    plain = tmp_path / "plain.h5"
    output_of([tool("h5repack"), "-f", "NONE", path, plain], **PLUGINS)
    with h5py.File(plain) as file:
        assert {name for name, data in file.items() if data.filter_ids} == set()
        assert {name: data[()].tobytes() for name, data in file.items()} == {
            name: values.tobytes() for name, values in wanted.items()
        }


@pytest.mark.slow
def test_h5wasm_reads_what_its_profile_writes(tmp_path, request):
    packages = npm_packages(request.config.cache.mkdir("h5wasm"))
    path, script = tmp_path / "profile.h5", packages / "sums.mjs"
    dtypes = [dtype for dtype in DTYPES if np.dtype(dtype).kind in "iuf" and dtype != "<f2"]
    wanted = write_matrix(path, ["h5wasm"], dtypes, ranks=(1, 3))
    script.write_text(PRINT_SUMS_OF_H5WASM)
    told = json.loads(output_of(["node", script, path]))
    native = {name: data.astype(data.dtype.newbyteorder("=")) for name, data in wanted.items()}
    assert told == {name: sum_of(data) for name, data in native.items()}


def npm_packages(folder: Path) -> Path:
    """The folder with h5wasm and its plug-ins, installed if they are not there yet."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed (apt-get install nodejs npm)")
    if not (folder / "node_modules" / "h5wasm-plugins").is_dir():
        command = ["npm", "install", "--no-audit", "--no-fund", "--fetch-retries=0"]
        done = subprocess.run(
            [*command, "--prefix", str(folder), *NPM_PACKAGES],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            pytest.skip(f"npm cannot install h5wasm: {done.stderr.strip()[-200:]}")
    return folder
