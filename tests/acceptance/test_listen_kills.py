"""Writers killed at random, brokers that go away, disks that are full: every row is there once."""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time

import h5py
import numpy as np
import pytest

pytest.importorskip("streaming_data_types", reason="ess-streaming-data-types is not installed")
import streaming_data_types as oracle

from nxtool.cli import main
from nxtool.stream.livefile import LiveFile
from tests.kafkabroker import Broker

PARTITIONS = 3
EVENTS = 1000


@pytest.fixture(params=["noida", "tansu"])
def broker(request, tmp_path):
    found = Broker(request.param, tmp_path / "broker")
    found.start()
    found.make_topics(logs=PARTITIONS, det=2)
    yield found
    found.stop()


ONE_BROKER = pytest.mark.parametrize("broker", ["noida"], indirect=True)


def logs(first, last, now):
    """f144 messages, in a partition for each source."""
    for n in range(first, last):
        source = n % PARTITIONS
        yield "logs", source, oracle.serialise_f144(f"m{source}", float(n), now + n)


def events(first, last, now):
    """ev44 messages of many events each, in two partitions of one source."""
    for n in range(first, last):
        pixels = np.arange(n * EVENTS, (n + 1) * EVENTS)
        yield "det", n % 2, oracle.serialise_ev44("bank", n, [now + n], [0], pixels, pixels)


def start(broker, path, *more):
    command = [sys.executable, "-m", "nxtool", "listen", f"kafka://{broker.address}/logs,det",
               "-o", str(path), "-q", *more]  # fmt: skip
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)


def kill_later(writer, seconds):
    """Kill a writer after a while; it must not have ended by itself."""
    try:
        writer.wait(seconds)
    except subprocess.TimeoutExpired:
        writer.send_signal(signal.SIGKILL)
    told = writer.communicate()[1]
    assert writer.returncode == -signal.SIGKILL, told


def record_with_kills(broker, path, *, kills, count, pulses, restarts=()):
    """Send all while writers come and are killed; then let one finish."""
    chance = random.Random(7)  # noqa: S311 - when to kill is no secret
    now = time.time_ns()
    for turn in range(kills):
        part = [round(turn * n / kills) for n in (count, pulses)]
        following = [round((turn + 1) * n / kills) for n in (count, pulses)]
        writer = start(broker, path)
        if turn in restarts:
            broker.stop()
            broker.start()
        broker.send(logs(part[0], following[0], now))
        broker.send(events(part[1], following[1], now))
        kill_later(writer, chance.uniform(0.2, 2.5))
    code = main(["listen", f"kafka://{broker.address}/logs,det", "-o", str(path), "--until", "end",
                 "-q"])  # fmt: skip
    assert code == 0


def check(path, count, pulses):
    """Every row is there, once, in the order of its partition."""
    with h5py.File(path) as file:
        for source in range(PARTITIONS):
            values = file[f"entry/logs/m{source}/value"][:]
            assert np.array_equal(values, np.arange(source, count, PARTITIONS))
        bank = file["entry/det/bank"]
        pixels = bank["event_id"][:]
        assert len(pixels) == bank["events"][()] == pulses * EVENTS
        assert np.array_equal(np.sort(pixels), np.arange(pulses * EVENTS))
        assert np.array_equal(bank["event_index"], np.arange(pulses) * EVENTS)
        assert len(file["entry/nxtool_stream/gaps/first"]) == 0
        assert file["entry/nxtool_stream/run_status"].asstr()[()] == "complete"


@pytest.mark.parametrize("broker", ["tansu"], indirect=True)
@pytest.mark.slow
def test_writers_that_are_killed_lose_and_double_nothing(broker, tmp_path):
    path = tmp_path / "run.nxs"
    record_with_kills(broker, path, kills=3, count=3000, pulses=30)
    check(path, 3000, 30)


@pytest.mark.slow
def test_many_rows_are_there_once_after_many_kills_and_restarts_of_the_broker(broker, tmp_path):
    path = tmp_path / "run.nxs"
    # what tansu has is gone when it ends
    restarts = range(5, 55, 10) if broker.kind == "noida" else ()
    record_with_kills(
        broker, path, kills=55, count=300_000, pulses=1000, restarts=restarts
    )  # fmt: skip
    check(path, 300_000, 1000)


@pytest.mark.slow
def test_a_writer_waits_for_a_broker_that_is_away(tmp_path):
    broker = Broker("noida", tmp_path / "broker")
    broker.start()
    try:
        broker.make_topics(logs=PARTITIONS, det=2)
        now = time.time_ns()
        broker.send(logs(0, 300, now))
        path = tmp_path / "run.nxs"
        writer = start(broker, path, "--until", "idle:8s")
        broker.stop()
        broker.start()
        broker.send(logs(300, 600, now))
        assert writer.wait(60) == 0, writer.stderr.read()
        writer.stderr.close()
        with h5py.File(path) as file:
            values = [file[f"entry/logs/m{n}/value"][:] for n in range(PARTITIONS)]
        assert np.array_equal(np.sort(np.concatenate(values)), np.arange(600))
    finally:
        broker.stop()


@pytest.mark.slow
@ONE_BROKER
def test_being_asked_to_end_leaves_a_file_that_is_whole(broker, tmp_path):
    path, status = tmp_path / "run.nxs", tmp_path / "status.json"
    broker.send(logs(0, 300, time.time_ns()))
    writer = start(broker, path, "--status-json", str(status))
    while not status.exists():
        assert writer.poll() is None, writer.stderr.read()
    writer.send_signal(signal.SIGTERM)
    assert writer.communicate() == (None, "")
    assert writer.returncode == 0
    with h5py.File(path) as file:
        assert file["entry/nxtool_stream/run_status"].asstr()[()] == "interrupted"
        assert "end_time" in file["entry"]
    assert main(["validate", str(path)]) == 0


@pytest.mark.slow
@ONE_BROKER
def test_a_second_writer_is_refused(broker, tmp_path):
    path, status = tmp_path / "run.nxs", tmp_path / "status.json"
    first = start(broker, path, "--status-json", str(status))
    while not status.exists():
        assert first.poll() is None, first.stderr.read()
    second = start(broker, path)
    assert second.communicate()[1].splitlines()[0] == (
        f"error: {path}: another process is writing it"
    )
    assert second.returncode == 2
    first.send_signal(signal.SIGINT)
    first.communicate()
    assert first.returncode == 0


@pytest.mark.slow
@ONE_BROKER
def test_files_of_killed_writers_are_recovered(broker, tmp_path, capsys):
    path, status = tmp_path / "run.nxs", tmp_path / "status.json"
    broker.send(logs(0, 300, time.time_ns()))
    writer = start(broker, path, "--status-json", str(status))
    while not status.exists():
        assert writer.poll() is None, writer.stderr.read()
    kill_later(writer, 0)
    assert main(["recover", str(path)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == f"recovered {path}  as at its last checkpoint"
    with h5py.File(path) as file:
        assert file["entry/nxtool_stream/run_status"].asstr()[()] == "incomplete"
    live, noted = LiveFile.resume(path)
    live.close()
    assert sum(noted[f"logs/{n}"] for n in range(PARTITIONS)) == noted["#messages"]
    assert main(["validate", str(path)]) == 0


def listened(broker, path):
    return main(["listen", f"kafka://{broker.address}/logs,det", "-o", str(path), "--until", "end",
                 "-q", "--resume"])  # fmt: skip


@ONE_BROKER
def test_a_topic_that_was_made_anew_does_not_go_into_the_same_file(broker, tmp_path, capsys):
    path = tmp_path / "run.nxs"
    broker.send(logs(0, 300, time.time_ns()))
    assert listened(broker, path) == 0
    broker.stop()
    shutil.rmtree(broker.folder / "data")
    broker.start()
    broker.make_topics(logs=PARTITIONS, det=2)
    broker.send(logs(0, 30, time.time_ns()))
    assert listened(broker, path) == 2
    told = capsys.readouterr().err.splitlines()
    assert re.fullmatch(r"error: logs/\d: ends at offset 10, but the file goes on at 100", told[0])
    assert told[1] == "  → the topic was made anew: record to another file"
