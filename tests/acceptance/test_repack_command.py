"""`nxtool repack` as people call it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.filetold import told

FRAMES = np.random.default_rng(3).poisson(1, (40, 200, 200)).astype("u2")


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """A file with frames in small chunks, as h5py guesses them."""
    path = tmp_path / "scan.nxs"
    with h5py.File(path, "w") as file:
        data = file.create_dataset("entry/data/counts", data=FRAMES, compression="gzip")
        file["entry/alias"] = data
        data.attrs["units"] = "counts"
    return path


@pytest.fixture
def folder(tmp_path: Path, scan: Path):
    """What is in the folder, to see that nothing was left."""
    return lambda: {one.name for one in tmp_path.iterdir()}


def test_file_is_repacked_and_told_in_sizes(nxtool, scan, tmp_path):
    out = tmp_path / "out.nxs"
    done = nxtool(
        "repack", scan, "-o", out, "--profile", "archive", "--chunks", "frame", "--verify"
    )
    before, after = scan.stat().st_size, out.stat().st_size
    assert done.code == 0
    assert done.out == (
        f"wrote {out}  {before / 1024:.1f} KiB before, {after / 1024:.1f} KiB after, "
        f"ratio {before / after:.2f}\n  1 dataset stored anew, 0 as before; all read back and "
        "compared\n"
    )
    assert done.err == ""
    assert told(out) == told(scan)
    with h5py.File(out) as file:
        assert file["entry/alias"].chunks == (1, 200, 200)


def test_summary_comes_as_json_too(nxtool, scan, tmp_path):
    out = tmp_path / "out.nxs"
    done = nxtool("repack", scan, "-o", out, "--filter", "zstd:3", "--format", "json")
    before, after = scan.stat().st_size, out.stat().st_size
    assert json.loads(done.out) == {
        "schema": "nxtool.repack", "schema_version": 1, "source": str(scan), "target": str(out),
        "bytes_before": before, "bytes_after": after, "ratio": round(before / after, 4),
        "datasets_renewed": 1, "datasets_kept": 0, "verified": False, "notes": [],
    }  # fmt: skip


def test_quiet_says_nothing(nxtool, scan, tmp_path):
    assert nxtool("repack", scan, "-o", tmp_path / "o.h5", "-q", "--profile", "fast") == (0, "", "")


def test_file_is_repacked_in_its_own_place(nxtool, scan, folder):
    before, names = told(scan), folder()
    assert nxtool("repack", scan, "--in-place", "--profile", "portable").code == 0
    assert told(scan) == before
    assert folder() == names


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no.nxs", "-o", "o.nxs"],
         "error: no.nxs: No such file or directory\n  → check the path\n"),
        (["scan.nxs", "-o", "scan.nxs"],
         "error: scan.nxs: is the input\n  → --in-place repacks the file itself\n"),
        (["scan.nxs", "-o", "link.nxs"],
         "error: link.nxs: is the input\n  → --in-place repacks the file itself\n"),
        (["scan.nxs", "-o", "there.nxs"],
         "error: there.nxs: exists already\n  → name another file with -o, or add --overwrite\n"),
        (["scan.nxs", "-o", "no/o.nxs"],
         "error: {folder}/no: no such folder\n  → create it, or choose another with -o\n"),
        (["text.nxs", "-o", "o.nxs"],
         "error: text.nxs: is not an HDF5 file\n  → check the format\n"),
        (["cut.nxs", "-o", "o.nxs"],
         "error: cut.nxs: is truncated: has {half} of {size} bytes\n"
         "  → the writer was stopped or the copy is not complete\n"),
        (["scan.nxs", "-o", "o.nxs", "--only", "/nope"],
         "error: scan.nxs: no dataset fits '/nope'\n"
         "  → * stands for any part of a path: '/entry/*/data'\n"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_told_and_leaves_nothing(
    nxtool, scan, folder, tmp_path, monkeypatch, arguments, message
):
    monkeypatch.chdir(tmp_path)
    Path("text.nxs").write_text("no HDF5")
    Path("there.nxs").write_text("dear")
    Path("link.nxs").symlink_to("scan.nxs")
    size = scan.stat().st_size
    Path("cut.nxs").write_bytes(scan.read_bytes()[: size // 2])
    before = folder()
    done = nxtool("repack", *arguments, "--profile", "archive")
    expected = message.format(folder=tmp_path, size=size, half=size // 2)
    assert done == (2, "", expected)
    assert folder() == before
    assert Path("there.nxs").read_text() == "dear"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--profile", "archiv", "-o", "o.nxs"],
         "Invalid value for '--profile': 'archiv' is not one of 'auto', 'archive', 'fast', "
         "'portable', 'h5wasm'."),
        (["--profile", "archive"], "give either -o OUT or --in-place"),
        (["--in-place", "-o", "o.nxs"], "give either -o OUT or --in-place"),
        (["--profile", "fast", "--filter", "gzip", "-o", "o.nxs"],
         "give either --profile or --filter"),
        (["--chunks", "3,4", "-o", "o.nxs"],
         "Invalid value for '--chunks': '3,4' is not one of 'frame', 'pixel', 'balanced', 'keep'."),
    ],
)  # fmt: skip
def test_wrong_use_is_told(nxtool, scan, folder, arguments, message):
    before = folder()
    done = nxtool("repack", scan, *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[-1] == f"Error: {message}"
    assert folder() == before


def test_unknown_filter_is_told_with_those_there_are(nxtool, scan, tmp_path):
    done = nxtool("repack", scan, "-o", tmp_path / "o.nxs", "--filter", "gzp")
    assert done.code == 2
    assert done.err.startswith(
        "error: 'gzp' is not a filter\n  → did you mean gzip? known are none, gzip, "
    )


def test_folder_without_permission_is_told(nxtool, scan, tmp_path):
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(0o500)
    if os.access(locked, os.W_OK):
        pytest.skip("this user may write anywhere")
    done = nxtool("repack", scan, "-o", locked / "o.nxs", "--profile", "fast")
    assert done == (
        2, "", f"error: {locked}: no permission to write\n  → choose another with -o\n"
    )  # fmt: skip


@pytest.mark.parametrize("chosen", [(), ("--filter", "none"), ("--profile", "fast")])
def test_full_disk_is_told_and_leaves_nothing(nxtool, scan, small_disk, chosen):
    done = nxtool("repack", scan, "-o", small_disk / "o.nxs", *chosen)
    message = f"{small_disk}: the disk is full\n  → free some space, or choose another with -o"
    assert done == (2, "", f"error: {message}\n")
    assert list(small_disk.iterdir()) == []


def test_output_is_replaced_only_if_asked_for(nxtool, scan, tmp_path):
    out = tmp_path / "o.nxs"
    out.write_text("old")
    assert nxtool("repack", scan, "-o", out, "--overwrite", "--profile", "fast").code == 0
    assert told(out) == told(scan)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interruption_leaves_nothing_and_the_file_as_it_was(tmp_path, number):
    path = tmp_path / "big.h5"
    noise = np.random.default_rng(1).integers(0, 99, (1000, 1000), dtype="i8")
    with h5py.File(path, "w") as file:
        data = file.create_dataset("x", (60, 1000, 1000), "i8", chunks=(1, 1000, 1000))
        for index in range(60):
            data[index] = noise
    size = path.stat().st_size
    command = [sys.executable, "-m", "nxtool", "repack", str(path), "--in-place"]
    running = subprocess.Popen(
        [*command, "--filter", "bzip2"], stderr=subprocess.PIPE, text=True, cwd=tmp_path
    )
    while running.poll() is None and not list(tmp_path.glob(".*.part")):
        time.sleep(0.01)  # until writing has begun
    running.send_signal(number)
    assert running.communicate()[1] == "\ninterrupted\n"
    assert running.returncode == 130
    assert [one.name for one in tmp_path.iterdir()] == ["big.h5"]
    assert path.stat().st_size == size
