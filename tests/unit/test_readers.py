"""Files of the builder as other programs read them: plain h5py, HDF5's tools, h5wasm."""

from __future__ import annotations

import fcntl
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

from nxtool.build.convert import convert
from nxtool.build.data import Literal
from nxtool.build.plan import Plan, PlannedField, PlannedGroup
from nxtool.build.write import write_plan
from nxtool.demo import make_raw_data
from nxtool.schema.compile import default_schema
from nxtool.storage.profiles import choose_filter
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


TELL_BY_H5WASM = textwrap.dedent("""
    import { createHash } from "node:crypto";
    const h5wasm = await import("h5wasm/node");
    const plugins = await import("h5wasm-plugins");
    plugins.install_local_plugins(await h5wasm.ready);
    const file = new h5wasm.File(process.argv[2], "r");
    const told = {};
    const plain = value => typeof value === "bigint" ? Number(value)
        : typeof value === "string" || typeof value === "number" ? value
        : Array.from(value, plain);
    function tell(value) {
        if (!ArrayBuffer.isView(value) || value.length < 64) return plain(value);
        const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
        return createHash("sha256").update(bytes).digest("hex");
    }
    function walk(group) {
        for (const name of group.keys()) {
            const item = group.get(name);
            if (item.type === "Group") walk(item);
            else told[item.path] = [Array.from(item.shape), tell(item.value)];
        }
    }
    walk(file);
    let plot = file;
    while (plot.attrs.default) plot = plot.get(plot.attrs.default.value);
    const signal = plot.attrs.signal ? plot.get(plot.attrs.signal.value).path : null;
    console.log(JSON.stringify({told, signal}));
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_h5wasm_reads_records_text_and_flags_of_its_profile(tmp_path, request):
    count = 2000
    values = {
        "complex": (np.arange(count) * 1j + 1).astype("<c8"),
        "flags": np.arange(count).reshape(40, 50) % 3 == 0,
        "records": np.array([(i, i / 2) for i in range(count)], [("a", "<i4"), ("b", "<f8")]),
        "text": np.array([f"s{i}".encode() for i in range(count)], "S6"),
    }
    told = told_by_h5wasm(write_by_profile(tmp_path / "kinds.h5", values), request)["told"]
    assert told == {
        "/complex": [[count], [[1, i] for i in range(count)]],
        "/flags": [[40, 50], sum_of(values["flags"])],
        "/records": [[count], [[i, i / 2] for i in range(count)]],
        "/text": [[count], [f"s{i}" for i in range(count)]],
    }


def write_by_profile(path, values):
    """A file of these arrays behind the filters of the profile, each in several chunks."""
    root = PlannedGroup("/", "NXroot")
    for name, array in values.items():
        spec = choose_filter("h5wasm", array.dtype, array.ndim)
        chunks = tuple(size // 2 for size in array.shape)
        root.children[name] = PlannedField(
            f"/{name}", Literal(array), compression=spec, chunks=chunks
        )
    write_plan(Plan(root), path)
    with h5py.File(path) as file:
        assert {name for name, data in file.items() if not data.filter_ids} == set()
    return path


@pytest.mark.slow
@pytest.mark.parametrize("filters", ["as it is", "h5wasm"])
@pytest.mark.parametrize("name", ["tomo", "mx"])
def test_h5wasm_reads_what_the_demo_writes(tmp_path, request, name, filters):
    folder = tmp_path / "demo"
    recipe = next(path for path in make_raw_data(folder) if path.name.startswith(name))
    if filters == "h5wasm":
        recipe.write_text(recipe.read_text().replace("bitshuffle-lz4", "h5wasm"))
    assert convert(recipe, default_schema()).written
    path = folder / f"{name}.nxs"
    with h5py.File(path) as file:
        wanted = dict(told_by_h5py(file))
    told = told_by_h5wasm(path, request)
    assert told["told"] == wanted
    assert told["signal"] == "/entry/data/data"
    assert len(wanted) > 30


def told_by_h5wasm(path, request):
    """What h5wasm reads: shape and values of every dataset, long ones as a checksum; and the path
    of the default plot's signal, as viewers find it."""
    packages = npm_packages(request.config.cache.mkdir("h5wasm"))
    script = packages / f"tell-{os.getpid()}.mjs"
    script.write_text(TELL_BY_H5WASM)
    try:
        return json.loads(output_of(["node", script, path]))
    finally:
        script.unlink()


def told_by_h5py(group):
    """The same, by name."""
    for item in group.values():
        if isinstance(item, h5py.Group):
            yield from told_by_h5py(item)
            continue
        value = item[()]
        if h5py.check_string_dtype(item.dtype) is not None:
            plain = item.asstr()[()] if not item.shape else item.asstr()[()].tolist()
        else:
            plain = sum_of(value) if value.size >= 64 else value.ravel().tolist()
            plain = plain if item.shape else plain[0]
        yield item.name, [list(item.shape), plain]


def npm_packages(folder: Path) -> Path:
    """The folder with h5wasm and its plug-ins, installed if they are not there yet."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed (apt-get install nodejs npm)")
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run in several processes
        if not (folder / "node_modules" / "h5wasm-plugins").is_dir():
            install(folder)
    return folder


def install(folder: Path) -> None:
    command = ["npm", "install", "--no-audit", "--no-fund", "--fetch-retries=0"]
    done = subprocess.run(
        [*command, "--prefix", str(folder), *NPM_PACKAGES],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"npm cannot install h5wasm: {done.stderr.strip()[-200:]}")
