"""Trouble that is no end: full disks, clocks that jump, producers that send again."""

import subprocess
import time

import h5py
import pytest

pytest.importorskip("streaming_data_types", reason="ess-streaming-data-types is not installed")
import numpy as np
import streaming_data_types as oracle

from nxtool.errors import OutputError
from nxtool.stream.recorder import Recorder
from nxtool.stream.session import Session
from tests.streamfile import arrived


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 9 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=9m", "none", folder], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("a small disk cannot be made here")
    yield folder
    subprocess.run(["umount", folder], check=True)


def events(n):
    pixels = np.arange(n * 1000, (n + 1) * 1000)
    return oracle.serialise_ev44("bank", n, [10**18 + n], [0], pixels, pixels)


def test_a_full_disk_is_told_and_the_file_goes_on_when_there_is_room(small_disk):
    filler = small_disk / "filler"
    filler.write_bytes(bytes(4 << 20))
    path = small_disk / "run.nxs"
    messages = [events(n) for n in range(900)]
    recorder = Recorder.create(path, Session())
    recorder.follow({"t/0": 0})
    place = 0
    trouble = ""
    while not trouble:
        recorder.take(arrived(messages[place : place + 10], place))
        try:
            recorder.flush(to_disk=True)
        except OutputError as error:
            trouble = error.message
        else:
            place += 10
    recorder.abandon()
    assert trouble == f"{small_disk}: the disk is full"
    assert place > 10
    filler.unlink()
    recorder = Recorder.resume(path)
    assert recorder.positions["t/0"] in (place, place + 10)
    recorder.take(arrived(messages[: place + 10]))
    recorder.finish()
    with h5py.File(path) as file:
        pixels = file["entry/t/bank/event_id"][:]
    assert np.array_equal(pixels, np.arange((place + 10) * 1000))


def f144(value, time_ns):
    return oracle.serialise_f144("a", float(value), time_ns)


def test_a_clock_that_jumps_back_loses_nothing(tmp_path):
    now, path = time.time_ns(), tmp_path / "run.nxs"
    before = [f144(n, now + n) for n in range(5)]
    after = [f144(n, now - 3_600 * 10**9 + n) for n in range(5, 10)]
    recorder = Recorder.create(path, Session())
    recorder.follow({"t/0": 0})
    recorder.take(arrived(before + after))
    recorder.finish()
    assert recorder.counts["#late"] == 5
    with h5py.File(path) as file:
        assert file["entry/t/a/value"][:].tolist() == [float(n) for n in range(10)]


def test_what_a_producer_sends_again_is_there_once(tmp_path):
    now, path = time.time_ns(), tmp_path / "run.nxs"
    sent = [f144(n, now + n) for n in range(20)]
    again = sent[:10] + sent[5:10] + sent[5:20] + sent[19:]
    recorder = Recorder.create(path, Session())
    recorder.follow({"t/0": 0})
    recorder.take(arrived(again[:17]))
    recorder.flush()
    recorder.abandon()
    recorder = Recorder.resume(path)
    recorder.take(arrived(again[17:], 17))
    recorder.finish()
    assert recorder.counts["#repeated"] == 11
    with h5py.File(path) as file:
        assert file["entry/t/a/value"][:].tolist() == [float(n) for n in range(20)]
