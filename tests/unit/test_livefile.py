"""A file that is written live, killed at any moment, read meanwhile, and continued."""

import io
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import FileUnreadable, OutputError
from nxtool.schema.compile import default_schema
from nxtool.stream.growing import growing_dataset
from nxtool.stream.livefile import LiveFile
from nxtool.stream.overlay import Overlay, finish_change
from nxtool.stream.recover import recover
from nxtool.stream.superblock import lookup3, mend_superblock

WRITER = Path(__file__).parents[1] / "livewriter.py"


def start(path, every, steps=100_000):
    """A writer that makes a new dataset after so many checkpoints."""
    return subprocess.Popen(
        [sys.executable, str(WRITER), str(path), str(steps), str(every)],
        stdout=subprocess.PIPE, text=True, bufsize=1,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip


def kill(writer, checkpoints, delay):
    """Kill a writer some time after so many checkpoints; the rows of the last it told of."""
    told = [writer.stdout.readline() for _ in range(checkpoints)]
    assert told[-1], "the writer ended by itself"
    end = time.perf_counter() + delay
    while time.perf_counter() < end:
        pass
    writer.send_signal(signal.SIGKILL)
    rest = writer.stdout.read().split()
    writer.wait()
    writer.stdout.close()
    return int(rest[-1] if rest else told[-1])


def check(file, rows):
    """Every dataset has its own rows, up to these."""
    found = 0
    for group in file["entry"].values():
        for name, dataset in group.items():
            if name.startswith("from_"):
                begin = int(name.split("_")[1])
                assert np.array_equal(dataset[: rows - begin], np.arange(begin, rows)), name
                found += 1
    return found


def run(tmp_path, kills, every, seed):
    """Kill and continue a file again and again; after each kill it is as at its last checkpoint."""
    chance = random.Random(seed)  # noqa: S311 - when to kill is no secret
    path = tmp_path / "run.nxs"
    told = 0
    for _ in range(kills):
        told = kill(start(path, every), chance.randint(1, 12), chance.random() * 0.02)
        live, noted = LiveFile.resume(path)
        assert noted["source"] >= told
        assert check(live.file, noted["source"]) == len(live.columns) > 0
        live.close()
        with h5py.File(path) as file:
            check(file, noted["source"])


@pytest.mark.parametrize("every", [1, 1000], ids=["while it is changed", "while it is flushed"])
def test_killed_writers_leave_all_that_was_noted(tmp_path, every):
    run(tmp_path, 3, every, seed=every)


@pytest.mark.slow
@pytest.mark.parametrize("every", [1, 2, 1000])
def test_killed_writers_leave_all_that_was_noted_many_times(tmp_path, every):
    run(tmp_path, 40, every, seed=every)


READER = """
import sys, h5py
file = h5py.File(sys.argv[1], "r", swmr=True, libver="latest", locking=False)
for line in sys.stdin:
    file["entry/x"].refresh()
    print(file["entry/x"][:].tolist(), flush=True)
"""


def test_rows_are_visible_while_the_file_is_written(tmp_path):
    path = tmp_path / "run.nxs"
    live = LiveFile.create(path)
    with live.change({}) as file:
        growing_dataset(file.create_group("entry"), "x", "i8")
    reader = subprocess.Popen([sys.executable, "-c", READER, str(path)], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True, bufsize=1)  # fmt: skip
    seen = []
    for count in (2, 3):
        live.columns["/entry/x"].append(np.arange(count))
        live.flush({})
        reader.stdin.write("look\n")
        seen.append(reader.stdout.readline())
    with live.change({}) as file:  # a reader does not keep the writer out
        growing_dataset(file["entry"], "y", "f8")
    reader.communicate()
    live.close()
    assert seen == ["[0, 1]\n", "[0, 1, 0, 1, 2]\n"]


def test_one_file_has_one_writer(tmp_path):
    path = tmp_path / "run.nxs"
    live = LiveFile.create(path)
    with live.change({}):
        pass
    with pytest.raises(OutputError) as caught:
        LiveFile.resume(path)
    assert caught.value.message == f"{path}: another process is writing it"
    live.close()
    with pytest.raises(OutputError) as caught:
        LiveFile.create(path)
    assert caught.value.message == f"{path}: exists already"
    LiveFile.resume(path)[0].close()


def written(path, positions, act):
    """A file with a dataset, in which a change is begun; it is let go of."""
    live = LiveFile.create(path)
    with live.change({"source": 1}) as file:
        growing_dataset(file.create_group("entry"), "x", "f8")
    try:
        with live.change(positions) as file:
            act(file)
    finally:
        live.abandon()


def fail(file):
    del file["entry/x"]
    raise ZeroDivisionError


def test_a_change_that_fails_changes_nothing(tmp_path):
    path = tmp_path / "run.nxs"
    with pytest.raises(ZeroDivisionError):
        written(path, {"source": 2}, fail)
    live, noted = LiveFile.resume(path)
    assert (noted["source"], "x" in live.file["entry"]) == (2, True)
    live.close()


def test_a_change_that_was_decided_is_finished_later(tmp_path, monkeypatch):
    path = tmp_path / "run.nxs"
    monkeypatch.setattr("nxtool.stream.overlay.finish_change", interrupt)
    with pytest.raises(KeyboardInterrupt):
        written(path, {"source": 2}, lambda file: file.create_dataset("entry/y", data=3))
    live, _ = LiveFile.resume(path)
    assert live.file["entry/y"][()] == 3
    live.close()
    assert sorted(tmp_path.iterdir()) == [path]


def test_a_change_that_is_half_done_is_finished_before_a_file_is_recovered(tmp_path, monkeypatch):
    path = tmp_path / "run.nxs"
    monkeypatch.setattr("nxtool.stream.overlay.finish_change", interrupt)
    with pytest.raises(KeyboardInterrupt):
        written(path, {"source": 2}, lambda file: file.create_dataset("entry/y", data=range(9000)))
    with path.open("ab") as stream:
        stream.write(b"\0" * 50_000)  # the writer was killed when the file had grown
    recover(path, default_schema())
    with h5py.File(path) as file:
        assert file["entry/y"][-1] == 8999
    assert sorted(tmp_path.iterdir()) == [path]


def interrupt(_path):
    raise KeyboardInterrupt


def test_damaged_changes_are_not_done(tmp_path):
    path = tmp_path / "run.nxs"
    live = LiveFile.create(path)
    with live.change({}) as file:
        file.create_group("entry")
    live.close()
    beside = tmp_path / ".run.nxs.change"
    beside.write_bytes(b"nothing of the kind")
    before = path.read_bytes()
    with pytest.raises(FileUnreadable) as caught:
        LiveFile.resume(path)
    assert (
        caught.value.message == f"{beside}: a change of the file that was not finished is damaged"
    )
    assert path.read_bytes() == before


@given(st.lists(st.tuples(st.integers(0, 20_000), st.binary(max_size=9000)), max_size=6))
def test_an_overlay_is_as_the_file_would_be(tmp_path_factory, writes):
    path = tmp_path_factory.mktemp("overlay") / "file"
    plain = io.BytesIO(bytes(range(256)) * 40)
    path.write_bytes(plain.getvalue())
    overlay = Overlay(path)
    for place, data in writes:
        for stream in (plain, overlay):
            stream.seek(place)
            stream.write(data)
    overlay.seek(0)
    assert overlay.read() == plain.getvalue()
    overlay.close()
    assert path.read_bytes() == bytes(range(256)) * 40


@given(st.binary(max_size=80))
def test_the_checksum_is_that_of_hdf5(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("sum") / "file.h5"
    with h5py.File(path, "w", libver="latest") as file:
        file.attrs["data"] = np.frombuffer(data, "u1")
    head = path.read_bytes()[:48]
    assert lookup3(head[:44]) == int.from_bytes(head[44:], "little")


@given(st.integers(0, 47), st.integers(1, 255))
def test_superblocks_that_are_damaged_are_not_mended(tmp_path_factory, place, change):
    path = tmp_path_factory.mktemp("damage") / "file.h5"
    with h5py.File(path, "w", libver="latest"):
        pass
    data = bytearray(path.read_bytes())
    data[place] ^= change
    path.write_bytes(data)
    if place == 8:
        return  # of another version: that is not looked at
    with pytest.raises(FileUnreadable):
        mend_superblock(path)
    assert path.read_bytes() == data


def test_a_superblock_left_open_is_mended(tmp_path):
    path = tmp_path / "file.h5"
    with h5py.File(path, "w", libver="latest") as file:
        file["x"] = 3
    data = bytearray(path.read_bytes())
    data[11] = 5
    data[28:36] = (100).to_bytes(8, "little")
    data[44:48] = lookup3(bytes(data[:44])).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(OSError, match="Unable"):
        h5py.File(path)
    assert mend_superblock(path)
    assert not mend_superblock(path)
    with h5py.File(path) as file:
        assert file["x"][()] == 3


def test_a_change_of_a_file_that_was_replaced_is_forgotten(tmp_path, monkeypatch):
    path = tmp_path / "run.nxs"
    with monkeypatch.context() as patch:
        patch.setattr("nxtool.stream.overlay.finish_change", interrupt)
        with pytest.raises(KeyboardInterrupt):
            written(path, {}, lambda file: file.create_dataset("entry/y", data=3))
    with h5py.File(tmp_path / "other.h5", "w", libver="latest") as file:
        file["other"] = np.arange(5000)
    (tmp_path / "other.h5").replace(path)
    before = path.read_bytes()
    assert finish_change(path)
    assert path.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == [path]
