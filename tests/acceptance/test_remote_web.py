"""HDF5 files behind a URL, read by the parts that are needed from a web server on loopback."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.remoteservers import DIRECT, WebServer

pytest.importorskip("fsspec", reason="needs the extra remote")
pytest.importorskip("aiohttp", reason="needs the extra remote")
LARGE = 64 << 20


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in DIRECT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[WebServer]:
    with WebServer(tmp_path) as server:
        yield server


def test_findings_are_those_of_the_file(nxtool, valid, invalid, web):
    for file in (valid, invalid):
        here = nxtool("validate", "--format", "json", file)
        there = nxtool("validate", "--format", "json", f"{web.url}/{file.name}")
        of_here, of_there = (json.loads(one.out)["files"][0] for one in (here, there))
        assert of_there["findings"] == of_here["findings"]
        assert (there.code, of_there["file"]) == (here.code, f"{web.url}/{file.name}")


@pytest.mark.slow
def test_a_file_is_shown_as_it_is_here(nxtool, valid, web, monkeypatch):
    monkeypatch.chdir(valid.parent)
    there = nxtool("show", f"{web.url}/valid.nxs")
    assert there.out.replace(f"{web.url}/", "") == nxtool("show", "valid.nxs").out


def test_of_a_large_file_only_parts_are_read(nxtool, valid, web):
    with h5py.File(valid, "r+") as file:
        file.create_dataset("entry/data/large", data=np.zeros(LARGE, dtype="u1"), chunks=(1 << 20,))
    assert nxtool("validate", f"{web.url}/valid.nxs").code == 0
    assert web.given < LARGE // 8


def test_secrets_of_an_address_are_not_shown(nxtool, valid, web):
    place = web.url.removeprefix("http://")
    address = f"http://me:word@{place}/{valid.name}?signature=1"
    done = nxtool("validate", address, f"{web.url}/x?k=1")
    shown = f"{web.url}/{valid.name}: valid NeXus"
    told = f"error: {web.url}/x: the server says 404 Not Found\n  → check the address\n"
    assert (done.out.startswith(shown), done.err) == (True, told)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("status", "said", "hint"),
    [
        (401, "401 Unauthorized", "put user and password into ~/.netrc"),
        (403, "403 Forbidden", "may you read it? A signed link may have expired"),
        (503, "503 Service Unavailable", "try again later, or ask who runs it"),
    ],
)
def test_what_a_server_refuses_is_told(nxtool, valid, web, status, said, hint):
    web.status = status
    address = f"{web.url}/{valid.name}"
    done = nxtool("validate", address)
    assert done.err == f"error: {address}: the server says {said}\n  → {hint}\n"
    assert done.code == 2


OPENED = """
from nxtool.errors import FileUnreadable
from nxtool.remote.ranged import RangedFile
try:
    RangedFile("http://127.0.0.1:1/scan.h5")
except FileUnreadable as error:
    print(error.hint)
"""


def test_what_could_not_be_opened_says_nothing_when_it_goes():
    # Python 3.13 tells of exceptions in that moment, others in development mode
    command = (sys.executable, "-X", "dev", "-c", OPENED)
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("is it up, and the address right?\n", "")


def test_a_server_that_is_not_there_is_told(nxtool):
    done = nxtool("validate", "http://127.0.0.1:1/scan.h5")
    told = "the server does not answer\n  → is it up, and the address right?"
    assert (done.code, done.err) == (2, f"error: http://127.0.0.1:1/scan.h5: {told}\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        (b"<html>please log in</html>", "is not an HDF5 file", "check the format"),
        (b"<?xml version='1.0'?>", "is an XML file, not HDF5",
         "NeXus XML files must be converted with nxconvert -h5"),
        (b"", "is empty", "was the writer stopped?"),
    ],
)  # fmt: skip
def test_what_is_no_hdf5_is_told(nxtool, web, content, message, hint):
    (web.folder / "scan.h5").write_bytes(content)
    done = nxtool("validate", f"{web.url}/scan.h5")
    told = f"error: {web.url}/scan.h5: {message}\n  → {hint}\n"
    assert (done.code, done.err) == (2, told)


@pytest.mark.slow
def test_a_truncated_file_is_told(nxtool, valid, web):
    size = valid.stat().st_size
    valid.write_bytes(valid.read_bytes()[:-100])
    done = nxtool("validate", f"{web.url}/{valid.name}")
    told = f"is truncated: has {size - 100} of {size} bytes"
    hint = "the writer was stopped or the copy is not complete"
    assert done.err == f"error: {web.url}/{valid.name}: {told}\n  → {hint}\n"


def scattered(path: Path) -> Path:
    """A file whose title lies behind so much data that it takes several requests."""
    with h5py.File(path, "w") as file:
        entry = file.create_group("entry")
        entry.attrs["NX_class"] = "NXentry"
        entry["filling"] = np.zeros(4 << 20, dtype="u1")
        entry["filling"][...] = 1
        entry["title"] = "a scan"
    return path


@pytest.mark.parametrize("command", ["validate", "show"])
def test_a_connection_that_breaks_is_an_error_and_no_finding(nxtool, web, command):
    file = scattered(web.folder / "scan.h5")
    web.cut_after = 600_000
    done = nxtool(command, f"{web.url}/{file.name}")
    told = f"error: {web.url}/scan.h5: the connection broke off\n  → try again\n"
    assert (done.code, done.err) == (2, told)


def test_a_server_that_gives_whole_files_only_is_told(nxtool, web):
    file = scattered(web.folder / "scan.h5")
    web.whole = True
    done = nxtool("show", f"{web.url}/{file.name}")
    told = "the server gives whole files only, not the parts that are needed"
    assert done.err == f"error: {web.url}/scan.h5: {told}\n  → download it first\n"


@pytest.mark.slow
def test_a_server_that_gives_another_part_is_told(nxtool, web):
    with h5py.File(web.folder / "scan.h5", "w") as file:
        file["data"] = np.arange(200_000)
        file["text"] = "at the end"
    web.shift = 8
    done = nxtool("show", f"{web.url}/scan.h5")
    told = (
        f"error: {web.url}/scan.h5: cannot be read: the server gives another part than was asked"
        " for\n  → is it up, and the address right?\n"
    )
    assert (done.code, done.err) == (2, told)


@pytest.mark.parametrize(
    ("leads_to", "what"),
    [
        ("/scan.h5?secret", "from address to address without end"),
        ("file:///etc/passwd", "to what is no address of the web"),
        ("http://[secret", "to what is no address of the web"),
    ],
)
def test_a_server_that_leads_nowhere_is_told(nxtool, web, leads_to, what):
    web.leads_to = leads_to
    done = nxtool("show", f"{web.url}/scan.h5")
    told = f"error: {web.url}/scan.h5: the server leads {what}\n"
    assert (done.code, done.err) == (2, f"{told}  → is it up, and the address right?\n")


def test_a_small_file_needs_no_parts(nxtool, valid, web):
    web.whole = True
    assert nxtool("validate", f"{web.url}/{valid.name}").code == 0


@pytest.mark.slow
@pytest.mark.parametrize("command", ["validate", "show"])
def test_a_silent_server_can_be_interrupted(web, command):
    scattered(web.folder / "scan.h5")
    web.cut_after, web.silent = 1, True
    process = subprocess.Popen(
        [sys.executable, "-m", "nxtool", command, f"{web.url}/scan.h5"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert web.cut.wait(60)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert (process.returncode, told.strip()) == (130, "interrupted")


@pytest.mark.parametrize(
    ("module", "what"),
    [("fsspec", "reading from an address"), ("aiohttp", "reading from a web server")],
)
def test_a_missing_library_names_the_extra(nxtool, monkeypatch, web, valid, module, what):
    monkeypatch.setitem(sys.modules, module, None)
    done = nxtool("validate", f"{web.url}/{valid.name}")
    told = f"error: {what} needs an optional package\n  → pip install 'nxtool[remote]'\n"
    assert (done.code, done.err) == (2, told)


def test_a_missing_client_of_hsds_names_the_extra(nxtool, monkeypatch):
    monkeypatch.setitem(sys.modules, "h5pyd.httpconn", None)
    monkeypatch.setitem(sys.modules, "h5pyd", None)
    done = nxtool("validate", "hdf5://home/me/scan.h5")
    told = "error: reading from HSDS needs an optional package\n  → pip install 'nxtool[hsds]'\n"
    assert (done.code, done.err) == (2, told)


def test_only_hdf5_is_read_from_an_address(nxtool, web):
    (web.folder / "scan.csv").write_text("a,b\n1,2\n")
    done = nxtool("sources", "--as", "csv", f"{web.url}/scan.csv")
    told = f"error: {web.url}/scan.csv: only HDF5 is read from there\n  → download it first\n"
    assert (done.code, done.err) == (2, told)


def test_sources_of_an_address_are_listed(nxtool, valid, web):
    done = nxtool("sources", f"{web.url}/{valid.name}:/entry/data")
    expected = "  /entry/data/counts  int64 [50]\n  /entry/data/x       float64 [50]  mm\n"
    assert done.out.partition("\n")[2] == expected


def test_secrets_of_a_source_are_not_listed(nxtool, valid, web):
    place = web.url.removeprefix("http://")
    done = nxtool("sources", f"http://me:word@{place}/{valid.name}?signature=1")
    assert done.out.startswith(f"{web.url}/{valid.name}  hdf5")


def test_a_new_recipe_elsewhere_keeps_the_address_of_a_source(nxtool, valid, web, tmp_path):
    (tmp_path / "recipes").mkdir()
    recipe = tmp_path / "recipes" / "scan.nx.yaml"
    source = f"raw={web.url}/{valid.name}"
    done = nxtool("new", "--definition", "NXxas", "--source", source, "-o", recipe)
    assert done.code == 0
    assert f'raw: "{web.url}/{valid.name}"\n' in recipe.read_text()


@pytest.mark.slow
def test_reports_and_baselines_name_the_address(nxtool, invalid, web, tmp_path):
    address = f"{web.url}/{invalid.name}"
    sarif = json.loads(nxtool("validate", "--format", "sarif", address).out)
    place = sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == address
    known = tmp_path / "known.json"
    assert nxtool("validate", "--write-baseline", known, address).code == 0
    assert list(json.loads(known.read_text())["files"]) == [address]
    assert nxtool("validate", "--baseline", known, address).code == 0
