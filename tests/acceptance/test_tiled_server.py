"""Runs of a real RunEngine on a real tiled server, converted as they come back."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import warnings

import h5py
import pytest

import nxtool as library
from tests.blueskyruns import record, store

pytestmark = pytest.mark.slow

CONFIGURATION = """\
authentication: {{allow_anonymous_access: true, single_user_api_key: secret}}
trees:
  - path: /
    tree: catalog
    args:
      uri: "sqlite:///{folder}/catalog.db"
      writable_storage: ["{folder}/data", "duckdb:///{folder}/tables.duckdb"]
      readable_storage: ["{readable}"]
      init_if_not_exists: true
media_types:
  BlueskyRun:
    application/json-seq: bluesky_tiled_plugins.exporters:json_seq_exporter
"""
RUNNING = b"Uvicorn running"


@pytest.fixture(scope="module", autouse=True)
def _directly():
    """Loopback is reached directly, whatever proxy this machine has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("no_proxy", "127.0.0.1")
        patch.setenv("NO_PROXY", "127.0.0.1")
        yield


@pytest.fixture(scope="module")
def readable(tmp_path_factory):
    """Where detectors write."""
    return tmp_path_factory.mktemp("detectors")


@pytest.fixture(scope="module")
def server(_directly, tmp_path_factory, readable):
    """The URL of a server on loopback."""
    pytest.importorskip("tiled.server", reason="tiled[server] is not installed")
    pytest.importorskip("bluesky_tiled_plugins", reason="bluesky-tiled-plugins is not installed")
    folder = tmp_path_factory.mktemp("tiled")
    (folder / "config.yml").write_text(CONFIGURATION.format(folder=folder, readable=readable))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tiled", "serve", "config", folder / "config.yml"]
    process = subprocess.Popen(
        [*map(str, command), "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    told = _until_running(process.stdout)
    rest = threading.Thread(target=process.stdout.read)
    rest.start()
    try:
        if RUNNING not in told[-1]:
            pytest.skip(f"tiled does not start: {b''.join(told)[-300:].decode()}")
        yield f"http://127.0.0.1:{port}/api/v1"
    finally:
        process.terminate()
        process.wait()
        rest.join()
        process.stdout.close()


def _until_running(lines):
    """What a server says until it answers, or ends."""
    told = [b""]
    for line in lines:
        told.append(line)
        if RUNNING in line:
            break
    return told


def stored(server, documents):
    """Put the documents of a run on a server; its uid."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of tiled, about Python
        from bluesky_tiled_plugins import TiledWriter
        from tiled.client import from_uri

        client = from_uri(server, api_key="secret")
        write = TiledWriter(client)
        for name, doc in documents:
            write(name, doc)
        client.context.close()
    return documents[0][1]["uid"]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ["scan", "baseline", "grid_snaked", "async_grid", "list_scan"])
def test_a_run_on_a_server_is_converted_as_one_in_a_file(nxtool, server, readable, tmp_path, kind):
    documents = record(kind, readable)
    uid = stored(server, documents)
    code, out, err = nxtool("convert", f"tiled:{server}#{uid}", "-o", tmp_path / "tiled.nxs")
    assert (code, err) == (0, ""), out
    assert library.validate(tmp_path / "tiled.nxs").ok
    nxtool("convert", store(documents, "lines", tmp_path), "-o", tmp_path / "file.nxs")
    with h5py.File(tmp_path / "tiled.nxs") as one, h5py.File(tmp_path / "file.nxs") as other:
        for name, group in other["entry"].items():
            if group.attrs.get("NX_class") == b"NXdata" or name.startswith("primary"):
                for key, values in group.items():
                    assert (one["entry"][name][key][()] == values[()]).all(), (name, key)
        assert one["entry/entry_identifier"][()].decode() == uid


@pytest.mark.filterwarnings("ignore")
def test_the_documents_of_a_server_can_be_stored(nxtool, server, readable, tmp_path):
    uid = stored(server, record("scan", readable))
    target = tmp_path / "run.jsonl"
    code, _, err = nxtool("convert", f"tiled:{server}#{uid}", "--to", "jsonl", "-o", target)
    assert (code, err) == (0, "")
    code, _, err = nxtool("convert", target, "-o", tmp_path / "run.nxs")
    assert (code, err) == (0, "")


@pytest.mark.filterwarnings("ignore")
def test_a_run_that_the_server_does_not_have_is_told(nxtool, server, tmp_path):
    code, _, err = nxtool("convert", f"tiled:{server}#nothing", "-o", tmp_path / "run.nxs")
    assert (code, err) == (
        2,
        f"error: tiled:{server}#nothing: the server says 404 Not Found\n"
        "  → is the uid complete, and at the top of the tree? Else write #PATH/UID\n",
    )
