"""Domains of HSDS and files in S3, from servers that run on loopback for the time of the tests."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from tests import remoteservers, validfiles
from tests.hdf5equal import differences

pytestmark = pytest.mark.slow
HOME = "hdf5://home/test_user1"
RECIPE = """\
nxtool: 1
definition: NXmonopd
output: powder.nxs
defaults: {timezone: Europe/Berlin}
provenance: {embed: none}
sources:
  raw: RAW
entry:
  title: {from: "raw:/a@note"}
  start_time: 2026-01-05T10:00:00
  end_time: 2026-01-05T10:30:00
  instrument:
    source: {name: Laboratory X, type: Fixed Tube X-ray, probe: x-ray}
    crystal: {wavelength: "[1.5406] angstrom"}
    detector:
      polar_angle: {from: "raw:/a/angle"}
      data: {from: "raw:/a/pattern[20:220]"}
  sample:
    name: {from: "raw:/a/name"}
    rotation_angle: 0 deg
  monitor:
    mode: timer
    preset: {from: "raw:/a/preset", units: s}
    integral: 1.0
"""


@pytest.fixture(scope="module")
def hsds() -> Iterator[Mapping[str, str]]:
    with remoteservers.hsds() as found:
        yield found


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    with remoteservers.s3(tmp_path_factory.mktemp("s3")) as found:
        yield found


def python(settings: Mapping[str, str], *arguments: object, cwd: Path | None = None) -> Any:
    """A program of Python in this environment."""
    return subprocess.run(
        [sys.executable, *map(str, arguments)], env=dict(settings), cwd=cwd, capture_output=True,
        text=True, check=False,
    )  # fmt: skip


def nxtool(settings: Mapping[str, str], *arguments: object, cwd: Path | None = None) -> Any:
    return python(settings, "-m", "nxtool", *arguments, cwd=cwd)


def uploaded(settings: Mapping[str, str], file: Path) -> str:
    """The address of a copy of a file as a domain."""
    address = f"{HOME}/{file.name}"
    done = python(settings, "-m", "tests.hsdscopy", file, address, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr
    return address


def stored(settings: Mapping[str, str], file: Path) -> str:
    """The address of a copy of a file in a bucket."""
    code = (
        "import s3fs, sys\n"
        "files = s3fs.S3FileSystem()\n"
        "files.mkdir('bucket') if not files.exists('bucket') else None\n"
        "files.put(sys.argv[1], sys.argv[2])\n"
    )
    address = f"s3://bucket/deep/{file.name}"
    done = python(settings, "-c", code, file, address)
    assert done.returncode == 0, done.stderr
    return address


def valid(path: Path) -> None:
    with h5py.File(path, "w") as file:
        validfiles.build("NXtomo", "everything", file=file)


def without_what_is_required(path: Path) -> None:
    valid(path)
    with h5py.File(path, "r+") as file:
        entry = file["entry"]
        del entry["definition"]
        entry["definition"] = "NXtomo"
        detector = next(
            node for node in entry["instrument"].values()
            if node.attrs.get("NX_class") == "NXdetector"
        )  # fmt: skip
        del detector["image_key"]
        entry["title"][()] = ""


def odd(path: Path) -> None:
    """Types, links and units that are wrong, or rare."""
    with h5py.File(path, "w") as file:
        entry = file.create_group("entry")
        entry.attrs.update({"NX_class": "NXentry", "small": np.arange(3, dtype=">i2"), "yes": True})
        entry.attrs["nothing"] = np.array([np.nan, np.inf])
        entry.attrs["fixed"] = np.bytes_("four")
        data = entry.create_group("data")
        data.attrs.update({"NX_class": "NXdata", "signal": "counts", "axes": ["x"]})
        counts = data.create_dataset(
            "counts", data=np.arange(100, dtype="u4").reshape(10, 10), chunks=(5, 10),
            compression="gzip",
        )  # fmt: skip
        counts.attrs["units"] = "counts"
        data["x"] = np.linspace(0, 1, 10, dtype=">f4")
        data["x"].attrs["units"] = "seconds of arc"
        data["flags"] = np.array([True, False])
        data["phases"] = np.array([1 + 2j])
        data["words"] = np.array(["one", "größer"], dtype=h5py.string_dtype())
        data["fixed"] = np.array([b"abc", b"d"])
        data["table"] = np.zeros(3, dtype=[("a", "i4"), ("b", "f8")])
        data["empty"] = np.zeros((0, 3))
        entry["again"] = counts
        entry["soft"] = h5py.SoftLink("/entry/data/counts")
        entry["twice"] = h5py.SoftLink("soft")
        entry["nowhere"] = h5py.SoftLink("/nowhere")
        entry["start_time"] = "yesterday"


FILES: dict[str, Callable[[Path], None]] = {
    "valid.nxs": valid, "required.nxs": without_what_is_required, "odd.nxs": odd
}  # fmt: skip


def findings(settings: Mapping[str, str], name: object) -> list[Any]:
    done = nxtool(settings, "validate", "--format", "json", name)
    assert done.returncode in (0, 1), done.stderr
    found: list[Any] = json.loads(done.stdout)["files"][0]["findings"]
    return found


@pytest.mark.parametrize("name", FILES)
def test_a_domain_is_judged_as_the_file_it_was_made_of(hsds, tmp_path, name):
    FILES[name](tmp_path / name)
    expected = findings(hsds, tmp_path / name)
    assert findings(hsds, uploaded(hsds, tmp_path / name)) == expected
    assert any(one["severity"] == "error" for one in expected) == (name != "valid.nxs")


def test_a_domain_is_shown_as_the_file_it_was_made_of(hsds, tmp_path):
    odd(tmp_path / "shown.nxs")
    address = uploaded(hsds, tmp_path / "shown.nxs")
    here = nxtool(hsds, "show", "-a", "shown.nxs", cwd=tmp_path)
    there = nxtool(hsds, "show", "-a", address)
    assert there.stdout.replace(address, "shown.nxs") == here.stdout.replace(", 2.3:1", "")


def test_a_domain_asks_for_many_objects_at_a_time(hsds, tmp_path):
    with h5py.File(tmp_path / "many.nxs", "w") as file:
        for number in range(300):
            file[f"entry/note_{number}"] = f"text {number}"
    address = uploaded(hsds, tmp_path / "many.nxs")
    done = nxtool(hsds, "show", address)
    assert done.stdout.count("= text") == 300


def raw_file(path: Path) -> Path:
    with h5py.File(path, "w") as file:
        values = np.random.default_rng(1).poisson(5, 240).astype("i4")
        file.create_dataset("a/pattern", data=values, chunks=(50,), compression="gzip")
        file["a/pattern"].attrs["units"] = "counts"
        file["a/angle"] = np.linspace(5, 60, 200)
        file["a/angle"].attrs["units"] = "deg"
        file["a/name"] = "LaB6"
        file["a/preset"] = np.float32(1.25)
        file["a"].attrs["note"] = "lanthanum hexaboride"
    return path


def converted(settings: Mapping[str, str], folder: Path, raw: object, name: str) -> Path:
    (folder / f"{name}.nx.yaml").write_text(RECIPE.replace("RAW", str(raw)))
    done = nxtool(settings, "convert", f"{name}.nx.yaml", "-o", f"{name}.nxs", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    return folder / f"{name}.nxs"


@pytest.mark.parametrize(("server", "put"), [("hsds", uploaded), ("s3", stored)])
def test_what_lies_elsewhere_is_a_source_of_a_recipe(request, tmp_path, server, put):
    settings = request.getfixturevalue(server)
    raw = raw_file(tmp_path / "raw.h5")
    here = converted(settings, tmp_path, raw, "here")
    there = converted(settings, tmp_path, put(settings, raw), "there")
    told = [name for name in differences(here, there) if "@file_" not in name]
    assert [name for name in told if "pattern" not in name and "chunk" not in name] == []


@pytest.mark.parametrize(
    ("changes", "address", "message", "hint"),
    [
        ({}, f"{HOME}/none.h5", "there is no such domain",
         "check the address; hsls shows what there is"),
        ({}, HOME, "is a folder", "hsls shows what is in it"),
        ({"HS_PASSWORD": "wrong"}, f"{HOME}/x.h5", "the server says 401 Unauthorized",
         "check HS_USERNAME and HS_PASSWORD, or run hsconfigure"),
        ({"HS_ENDPOINT": ""}, f"{HOME}/x.h5", "no HSDS server is set",
         "set HS_ENDPOINT, HS_USERNAME and HS_PASSWORD, or run hsconfigure"),
        ({"HS_ENDPOINT": "http://127.0.0.1:1"}, f"{HOME}/x.h5",
         "http://127.0.0.1:1 does not answer", "is it up, and HS_ENDPOINT right?"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["validate", "show"])
def test_a_domain_that_cannot_be_had_is_told(hsds, command, changes, address, message, hint):
    done = nxtool({**hsds, **changes}, command, address)
    assert (done.returncode, done.stderr) == (2, f"error: {address}: {message}\n  → {hint}\n")


def test_a_web_server_that_is_no_hsds_is_told(hsds, tmp_path):
    (tmp_path / "about").write_text("welcome")
    with remoteservers.WebServer(tmp_path) as web:
        (tmp_path / "index").write_text("welcome")
        done = nxtool({**hsds, "HS_ENDPOINT": f"{web.url}/index?"}, "validate", f"{HOME}/x.h5")
    message = f"{web.url}/index does not answer as HSDS does"
    expected = f"error: {HOME}/x.h5: {message}\n  → is HS_ENDPOINT right?\n"
    assert (done.returncode, done.stderr) == (2, expected)


def test_a_domain_that_goes_away_is_an_error_and_no_finding(hsds, tmp_path):
    odd(tmp_path / "away.nxs")
    address = uploaded(hsds, tmp_path / "away.nxs")
    code = (
        "import sys\n"
        "from nxtool.errors import FileUnreadable\n"
        "from nxtool.remote.opening import open_root\n"
        "with open_root(sys.argv[1]) as root:\n"
        "    entry = root.child('entry')\n"
        "    root._domain._server._connection._endpoint = 'http://127.0.0.1:1'\n"
        "    try:\n"
        "        entry.child('data').child('x').read()\n"
        "    except FileUnreadable as error:\n"
        "        print(error)\n"
    )
    done = python(hsds, "-c", code, address)
    told = "http://127.0.0.1:1 does not answer (is it up, and HS_ENDPOINT right?)"
    assert done.stdout == f"{address}: {told}\n"


@pytest.mark.parametrize("command", ["validate", "show"])
def test_a_server_that_is_silent_can_be_interrupted(hsds, command):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = {**hsds, "HS_ENDPOINT": f"http://127.0.0.1:{silent.getsockname()[1]}"}
        process = subprocess.Popen(
            [sys.executable, "-m", "nxtool", command, f"{HOME}/x.h5"], env=settings,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        with silent.accept()[0]:
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=60)
    assert (process.returncode, told.strip()) == (130, "interrupted")


def test_a_limit_of_time_holds_for_a_silent_server(hsds):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = {**hsds, "HS_ENDPOINT": f"http://127.0.0.1:{silent.getsockname()[1]}"}
        done = nxtool(settings, "validate", "--timeout", "1", f"{HOME}/x.h5")
    told = f"error: {HOME}/x.h5: not done after 1 s\n  → --timeout gives more time\n"
    assert (done.returncode, done.stderr) == (2, told)


@pytest.mark.parametrize("name", FILES)
def test_a_file_in_s3_is_judged_as_it_is_here(s3, tmp_path, name):
    FILES[name](tmp_path / name)
    assert findings(s3, stored(s3, tmp_path / name)) == findings(s3, tmp_path / name)


@pytest.mark.parametrize(
    ("changes", "address", "message", "hint"),
    [
        ({}, "s3://bucket/none.h5", "there is no such file", "check the address"),
        ({}, "s3://bucket", "names no file", "write s3://bucket/scan.h5"),
        ({"AWS_ACCESS_KEY_ID": ""}, "s3://bucket/x.h5", "no credentials are set",
         "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or FSSPEC_S3_ANON=true for public data"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "s3://bucket/x.h5",
         "the server does not answer", "is it up, and the address right?"),
    ],
)  # fmt: skip
def test_a_file_in_s3_that_cannot_be_had_is_told(s3, tmp_path, changes, address, message, hint):
    valid(tmp_path / "there.nxs")
    stored(s3, tmp_path / "there.nxs")
    done = nxtool({**s3, **changes}, "validate", address)
    assert (done.returncode, done.stderr) == (2, f"error: {address}: {message}\n  → {hint}\n")
