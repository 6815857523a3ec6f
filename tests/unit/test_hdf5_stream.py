"""Tests of nxtool.hdf5.stream: files that are no files here, which lead to no other file."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from nxtool.errors import FileUnreadable
from nxtool.hdf5.stream import Hdf5Stream
from nxtool.nodeview import Broken, Unreadable, is_field, node_at

NAME = "https://host/scan.h5"


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A file that refers to others, which are there."""
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["data"] = np.arange(4)
    (tmp_path / "raw.bin").write_bytes(bytes(range(4)))
    layout = h5py.VirtualLayout((4,), "i8")
    layout[:] = h5py.VirtualSource(tmp_path / "other.h5", "data", (4,))
    own = h5py.VirtualLayout((4,), "i8")
    own[:] = h5py.VirtualSource(".", "plain", (4,))
    with h5py.File(tmp_path / "main.h5", "w") as file:
        file["plain"] = np.arange(4)
        file["link"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "/data")
        file.create_virtual_dataset("virtual", layout)
        file.create_virtual_dataset("own", own)
        raw = [(str(tmp_path / "raw.bin"), 0, 4)]
        file.create_dataset("external", shape=(4,), dtype="u1", external=raw)
    return tmp_path / "main.h5"


def opened(path: Path) -> Hdf5Stream:
    return Hdf5Stream(io.BytesIO(path.read_bytes()), NAME)


def test_values_are_those_of_the_file(made):
    with opened(made) as file:
        plain = node_at(file.root, "/plain")
        assert is_field(plain)
        assert plain.read().tolist() == [0, 1, 2, 3]


def test_an_external_link_is_not_followed(made):
    with opened(made) as file:
        where = str(made.parent / "other.h5")
        told = f"{where!r} is another file, which is not opened from a remote one"
        assert file.root.child("link") == Broken(told, dangling=True, missing_file=where)


@pytest.mark.parametrize(("name", "source"), [("virtual", "other.h5"), ("external", "raw.bin")])
def test_values_in_other_files_are_not_read(made, name, source):
    with opened(made) as file:
        node = node_at(file.root, name)
        assert is_field(node)
        with pytest.raises(Unreadable) as caught:
            node.read()
    where = str(made.parent / source)
    told = f"its values lie in {where!r}, which is not opened from a remote file"
    assert str(caught.value) == told


def test_a_virtual_dataset_of_the_file_itself_is_read(made):
    with opened(made) as file:
        own = node_at(file.root, "own")
        assert is_field(own)
        assert own.read().tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", f"{NAME}: is not an HDF5 file (check the format)"),
        (b"<html>", f"{NAME}: is not an HDF5 file (check the format)"),
        (b"\x0e\x03\x13\x01 and more",
         f"{NAME}: is an HDF4 file, not HDF5 (convert it with h4toh5 or nxconvert)"),
    ],
)  # fmt: skip
def test_what_is_no_hdf5_is_told(content, told):
    with pytest.raises(FileUnreadable) as caught:
        Hdf5Stream(io.BytesIO(content), NAME)
    assert str(caught.value) == told


@pytest.mark.parametrize("part", [0.2, 0.5, 0.9])
def test_a_truncated_stream_is_told(made, part):
    whole = made.read_bytes()
    with pytest.raises(FileUnreadable) as caught:
        Hdf5Stream(io.BytesIO(whole[: int(len(whole) * part)]), NAME)
    size = int(len(whole) * part)
    assert caught.value.message == f"{NAME}: is truncated: has {size} of {len(whole)} bytes"


def test_an_object_that_outlives_the_file_does_no_harm(made):
    code = (
        "import ctypes, io, pathlib, sys\n"
        "from nxtool.hdf5.stream import Hdf5Stream\n"
        "kept = []\n"
        "for _ in range(3):\n"
        "    stream = io.BytesIO(pathlib.Path(sys.argv[1]).read_bytes())\n"
        "    with Hdf5Stream(stream, 'x') as file:\n"
        "        kept.append((file.root, file.root.child('plain')))\n"
        "ctypes.pythonapi.Py_IncRef(ctypes.py_object(kept))  # nothing takes it apart\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(made)], check=False, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
