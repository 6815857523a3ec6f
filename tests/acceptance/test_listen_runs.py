"""Runs of Bluesky through Kafka: replayed, listened to, each a file, once."""

import base64
import json
import os
import random
import signal
import subprocess
import sys
import time

import h5py
import pytest

from nxtool.cli import main
from tests.kafkabroker import Broker
from tests.rundocuments import NUMBER, write


@pytest.fixture
def broker(tmp_path):
    found = Broker("noida", tmp_path / "broker")
    found.start()
    found.make_topics(docs=1, msgs=2)
    yield found
    found.stop()


def run(number, events, stop=True):
    """The documents of a run, of which the first event says which run it is."""
    uid, key = f"run-{number}", f"d-{number}"
    yield "start", {"uid": uid, "time": 1.7e9, "scan_id": number, "plan_name": "count"}
    yield "descriptor", {"uid": key, "run_start": uid, "time": 1.7e9, "name": "primary",
                         "data_keys": {"x": NUMBER}}  # fmt: skip
    for n in range(1, events + 1):
        time = 1.7e9 + n
        yield "event", {"uid": f"{uid}-{n}", "descriptor": key, "time": time, "seq_num": n,
                        "data": {"x": number + n / 100}, "timestamps": {"x": time},
                        "filled": {}}  # fmt: skip
    if stop:
        yield "stop", {"uid": f"end-{number}", "run_start": uid, "time": 1.7e9 + 9,
                       "exit_status": "success"}  # fmt: skip


def replay(broker, path, *documents, topic="docs"):
    write(path, *documents)
    assert main(["replay", str(path), "--to", f"kafka://{broker.address}/{topic}", "-q"]) == 0


def listen(broker, folder, *more):
    return main(["listen", f"kafka://{broker.address}/docs", "--bluesky", "-o", str(folder),
                 "--until", "end", *more])  # fmt: skip


def values(path):
    with h5py.File(path) as file:
        return file["entry/primary/x"][:].tolist()


def test_each_run_becomes_a_file(broker, tmp_path, capsys):
    folder = tmp_path / "files"
    folder.mkdir()
    replay(broker, tmp_path / "runs.jsonl", *run(1, 3), *run(2, 2), *run(3, 2, stop=False))
    assert listen(broker, folder) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"wrote {folder / '1_run-1.nxs'}", f"wrote {folder / '2_run-2.nxs'}",
        "1 run is open still: start again to go on",
    ]  # fmt: skip
    assert values(folder / "1_run-1.nxs") == [1.01, 1.02, 1.03]
    assert main(["validate", str(folder / "2_run-2.nxs")]) == 0
    rest = list(run(3, 4))[4:]
    replay(broker, tmp_path / "rest.jsonl", *run(3, 0, stop=False), *rest)
    assert listen(broker, folder) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"wrote {folder / '3_run-3.nxs'}"
    assert values(folder / "3_run-3.nxs") == [3.01, 3.02, 3.03, 3.04]
    assert sorted(path.name for path in folder.iterdir()) == [
        "1_run-1.nxs", "2_run-2.nxs", "3_run-3.nxs", "nxtool-runs.json"
    ]  # fmt: skip


def test_messages_that_are_no_documents_are_told(broker, tmp_path, capsys):
    folder = tmp_path / "files"
    folder.mkdir()
    broker.send([("docs", 0, b"\xc1"), ("docs", 0, b"[3]"), ("docs", 0, b"\x01")])
    replay(broker, tmp_path / "runs.jsonl", *run(1, 1))
    assert listen(broker, folder, "-q") == 1
    assert [line.split(":")[0:2] for line in capsys.readouterr().err.splitlines()] == [
        ["warning", f" docs/0 offset {n}"] for n in range(3)
    ]
    assert values(folder / "1_run-1.nxs") == [1.01]


@pytest.mark.slow
def test_runs_are_there_once_though_the_program_is_killed(broker, tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    chance = random.Random(3)  # noqa: S311 - when to kill is no secret
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-m", "nxtool", "listen", f"kafka://{broker.address}/docs", "-q",
               "--bluesky", "-o", str(folder)]  # fmt: skip
    for number in range(12):
        writer = subprocess.Popen(command, env=env)
        replay(broker, tmp_path / "runs.jsonl", *run(number, 50))
        with pytest.raises(subprocess.TimeoutExpired):
            writer.wait(chance.uniform(0.3, 3))
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    assert listen(broker, folder, "-q") == 0
    names = {path.name for path in folder.iterdir()}
    assert names == {f"{n}_run-{n}.nxs" for n in range(12)} | {"nxtool-runs.json"}
    for number in range(12):
        path = folder / f"{number}_run-{number}.nxs"
        assert values(path) == [number + n / 100 for n in range(1, 51)]


def test_messages_are_replayed_as_they_are(broker, tmp_path, capsys):
    import confluent_kafka as kafka

    path = tmp_path / "messages.jsonl"
    now = int(time.time() * 1000)
    first, second = (base64.b64encode(value).decode() for value in (b"\0one", b"two"))
    lines = [{"value": first, "partition": 1, "time": now},
             {"value": second, "key": "a2V5", "partition": 1}]  # fmt: skip
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    to = f"kafka://{broker.address}/msgs"
    assert main(["replay", str(path), "--to", to, "--rate", "1000"]) == 0
    assert capsys.readouterr().out == f"sent 2 messages of {path}\n"
    consumer = kafka.Consumer(
        {"bootstrap.servers": broker.address, "group.id": "test", "log_level": 0}
    )
    consumer.assign([kafka.TopicPartition("msgs", 1, 0)])
    found = consumer.consume(2, 20)
    consumer.close()
    assert [(one.value(), one.key()) for one in found] == [(b"\0one", None), (b"two", b"key")]
    assert found[0].timestamp()[1] == now


@pytest.mark.parametrize(
    ("text", "message"),
    [('{"value": 3}\n', ":1: is no message to replay"), ("hello\n", ":1: is no message to replay")],
)
def test_other_files_are_not_replayed(text, message, tmp_path, capsys):
    path = tmp_path / "file.jsonl"
    path.write_text(text)
    assert main(["replay", str(path), "--to", "kafka://127.0.0.1:1/t"]) == 2
    assert capsys.readouterr().err.splitlines()[0] == f"error: {path}{message}"
    missing = tmp_path / "none"
    assert main(["replay", str(missing), "--to", "kafka://127.0.0.1:1/t"]) == 2
    told = f"error: {missing}: no such file or directory"
    assert capsys.readouterr().err.splitlines()[0] == told
