"""Small files that claim or ask for a lot: refused or bounded, with a clear message."""

from __future__ import annotations

import io
import signal
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from nxtool.hdf5.visiting import DEEPEST
from nxtool.stream.superblock import lookup3

MANY = 300
BILLIONS = 2**31 - 1


def entry_of(file: h5py.File) -> h5py.Group:
    """A group that every judge takes for an entry."""
    entry = file.create_group("entry")
    entry.attrs["NX_class"] = "NXentry"
    return entry


@pytest.fixture
def deep(tmp_path: Path) -> Path:
    """Groups in groups, a thousand of them."""
    path = tmp_path / "deep.nxs"
    with h5py.File(path, "w", libver="latest") as file:
        group = entry_of(file)
        for _ in range(1000):
            group = group.create_group("g")
    return path


@pytest.mark.parametrize(
    "command",
    [
        ("filters", "check", "FILE"),
        ("show", "--lossy", "FILE"),
        ("repack", "FILE", "-o", "OUT"),
        ("sources", "FILE"),
        ("recover", "FILE"),
    ],
    ids=" ".join,
)
def test_groups_without_end_are_refused(nxtool, deep, command):
    if command[0] == "recover":
        with h5py.File(deep, "r+") as file:
            file["entry"].create_group("nxtool_stream/checkpoint")
    names = {"FILE": str(deep), "OUT": str(deep.with_name("out.h5"))}
    done = nxtool(*(names.get(word, word) for word in command))
    assert done.err == (
        f"error: {deep}: has more than {DEEPEST} levels of groups\n"
        "  → is it damaged, or made to do harm?\n"
    )
    assert done.code == 2
    assert [path.name for path in deep.parent.iterdir()] == ["deep.nxs"]


def test_groups_without_end_are_judged_and_shown_as_far_as_one_looks(nxtool, deep):
    assert nxtool("validate", deep).code == 0
    lines = nxtool("show", deep).out.splitlines()
    assert lines[-2].strip(" │└─") == "… 1 more"


def test_many_attributes_are_all_there(nxtool, tmp_path):
    path, out = tmp_path / "many.h5", tmp_path / "out.h5"
    with h5py.File(path, "w", libver="latest") as file:
        for number in range(MANY):
            file.attrs[f"a{number:03}"] = number
        file.attrs["long"] = "x" * 200_000
    assert nxtool("repack", path, "-q", "-o", out).code == 0
    for one in (path, out):
        lines = nxtool("show", "-a", one).out.splitlines()
        values = [line.partition("@")[2] for line in lines if "@" in line]
        assert values == [*(f"a{n:03} = {n}" for n in range(MANY)), f"long = {'x' * 200}…"]


@pytest.fixture
def claims(tmp_path: Path) -> Path:
    """A text of 2 GB of which nothing is stored, as many texts, and a chunk of 2 GB in 3 bytes."""
    path = tmp_path / "claims.nxs"
    with h5py.File(path, "w") as file:
        entry = entry_of(file)
        entry.create_dataset("title", (), f"S{BILLIONS}")
        entry.create_dataset("texts", (BILLIONS,), "S1", chunks=(1000,))
        bomb = entry.create_dataset(
            "bomb", (1,), "u1", chunks=(BILLIONS,), maxshape=(None,), compression="gzip"
        )
        bomb.id.write_direct_chunk((0,), b"zip")
    return path


def test_claims_are_shown_and_not_read(nxtool, claims):
    assert nxtool("validate", claims).code == 0
    shown = nxtool("show", claims).out
    assert "texts  string [2147483647]" in shown
    assert "title  string" in shown
    reasons = {
        "title": f"its values of {BILLIONS} bytes each are too large",
        "bomb": "its chunks are too large",
    }
    for name, reason in reasons.items():
        done = nxtool("edit", claims, "--set", f"/entry/{name}=1", "--dry-run")
        assert done.out.splitlines()[0] == (
            f"--set /entry/{name}=1: error: /entry/{name} cannot be read: {reason} [R02]   "
            "→ only metadata is edited"
        )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("title", f"holds {BILLIONS} bytes of text [R05]   → the most is 1073741824"),
        ("texts", f"holds {BILLIONS} texts [R05]   → the most is 10000000"),
    ],
)
def test_texts_that_no_memory_holds_are_no_source(nxtool, claims, name, message):
    recipe = claims.with_name("scan.nx.yaml")
    recipe.write_text(
        f"nxtool: 1\ndefinition: NXentry\noutput: out.nxs\nsources: {{f: {claims.name}}}\n"
        f"entry:\n  title: {{from: 'f:/entry/{name}'}}\n"
    )
    done = nxtool("convert", recipe)
    assert done.code == 2
    assert done.out.splitlines()[0] == (f"{recipe}:6:20: error: {claims}: /entry/{name} {message}")


def test_links_in_circles_end(nxtool, tmp_path):
    path = tmp_path / "cycle.nxs"
    with h5py.File(path, "w") as file:
        entry = entry_of(file)
        entry["again"] = entry
        entry["top"] = file["/"]
        entry["soft"] = h5py.SoftLink("/entry/soft")
        entry["itself"] = h5py.ExternalLink(path.name, "/entry")
        entry["outside"] = h5py.ExternalLink(path.name, "/entry/outside")
    for command in (["validate"], ["show"], ["show", "--lossy"], ["filters", "check"], ["fair"]):
        assert nxtool(*command, path).code in (0, 1)
    assert nxtool("repack", path, "-q", "-o", tmp_path / "out.h5").code == 0
    assert nxtool("show", path).out.splitlines()[1:-1] == [
        "└─ entry  NXentry",
        "   ├─ again  NXentry  ↺ see /entry",
        "   ├─ itself  NXentry  → cycle.nxs:/entry  ↺ see /entry",
        "   ├─ outside  ✗  → cycle.nxs:/entry/outside  'cycle.nxs' has no '/entry/outside'",
        "   ├─ soft  ✗  → /entry/soft  '/entry/soft' does not exist",
        "   └─ top  ↺ see /",
    ]


# other sources


def npy(shape: str) -> bytes:
    head = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head


def test_an_array_of_ten_terabytes_is_refused(nxtool, tmp_path):
    path = tmp_path / "a.npy"
    path.write_bytes(npy("(1250000000000,)"))
    done = nxtool("sources", path)
    assert done.err == (
        f"error: {path}: is no sound .npy file: mmap length is greater than file size\n"
    )


def test_an_archive_that_unpacks_without_end_is_refused(nxtool, tmp_path):
    path = tmp_path / "a.eln"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x/ro-crate-metadata.json", bytes(65 << 20))
    done = nxtool("sources", path)
    assert done.err == f"error: {path}: x/ro-crate-metadata.json has more than 64 MiB\n"


def test_an_archive_that_leads_out_of_itself_is_refused(nxtool, tmp_path):
    path = tmp_path / "a.eln"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x/ro-crate-metadata.json", "{}")
        archive.writestr("x/../../evil.txt", "x")
    done = nxtool("sources", path)
    assert done.err == f"error: {path}: member 'x/../../evil.txt' leads out of it\n"


def test_a_device_is_no_source(nxtool, tmp_path):
    path = tmp_path / "zero.raw"
    path.symlink_to("/dev/zero")
    done = nxtool("sources", path)
    assert done.err == f"error: {path}: is a device or a pipe\n  → name a file\n"


def test_an_array_packed_in_an_archive_is_read_only_when_it_fits(nxtool, tmp_path):
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.npy", npy("(1250000000000,)"))
        good = io.BytesIO()
        np.save(good, np.arange(3))
        archive.writestr("b.npy", good.getvalue())
    lines = nxtool("sources", path).out.splitlines()
    assert lines[0] == f"{path}  npz, 1 file"
    assert lines[1].startswith(f"  a  {path}: a cannot be read: Unable to allocate ")
    assert lines[2].split() == ["b", "int64", "[3]"]


@pytest.fixture
def waiting(tmp_path: Path) -> Path:
    """A damaged file that says it has a writer, for whom libhdf5 waits."""
    path = tmp_path / "waiting.h5"
    with h5py.File(path, "w", libver="latest") as file:
        file.create_group("g")
    data = bytearray(path.read_bytes())
    data[11] = 5  # open, for readers beside the writer
    struct.pack_into("<I", data, 44, lookup3(bytes(data[:44])))
    data[data.rindex(b"OHDR") + 8] ^= 0xFF
    path.write_bytes(data)
    return path


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="commands run apart on Linux only")
def test_a_file_for_which_hdf5_waits_is_given_up(waiting):
    command = [sys.executable, "-m", "nxtool", "show", str(waiting)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == (
        "error: nothing happened for 60 s\n"
        "  → is a file damaged, or the disk away? nxtool validate FILE tells\n"
    )
    assert done.returncode == 2


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="commands run apart on Linux only")
def test_a_command_that_hdf5_keeps_ends_when_it_is_asked_to(waiting):
    command = [sys.executable, "-m", "nxtool", "show", str(waiting)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(10)  # it is at it
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
    assert err == "interrupted\n"
    assert process.returncode == 130
