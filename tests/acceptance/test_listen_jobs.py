"""`nxtool listen --jobs`: commands of the ESS, and what is answered."""

import json
import os
import signal
import subprocess
import sys
import time

import h5py
import pytest

pytest.importorskip("streaming_data_types", reason="ess-streaming-data-types is not installed")
import streaming_data_types as oracle

from nxtool.messages.decode import decode
from nxtool.messages.model import Answer, FinishedWriting, Status
from tests.kafkabroker import Broker
from tests.streamfile import structure_of

PATIENCE = 30


@pytest.fixture
def broker(tmp_path):
    found = Broker("noida", tmp_path / "broker")
    found.start()
    found.make_topics(pool=1, control=1, motors=1)
    yield found
    found.stop()


@pytest.fixture
def writer(broker, tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    command = [sys.executable, "-m", "nxtool", "listen", f"kafka://{broker.address}", "-q", "-o",
               str(folder), "--jobs", "pool", "--control-topic", "control",
               "--service-id", "w1"]  # fmt: skip
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    process = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)
    yield process
    process.send_signal(signal.SIGTERM)
    assert process.communicate() == (None, "")
    assert process.returncode == 0


class Control:
    """The control topic, read from its beginning."""

    def __init__(self, address):
        import confluent_kafka as kafka

        self._consumer = kafka.Consumer(
            {"bootstrap.servers": address, "group.id": "test", "log_level": 0}
        )
        self._consumer.assign([kafka.TopicPartition("control", 0, 0)])

    def next(self, fits):
        """The next message that fits."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            message = self._consumer.poll(0.5)
            if message is not None and message.error() is None:
                found = decode(message.value())
                if fits(found):
                    return found
        pytest.fail("no such message came")

    def close(self):
        self._consumer.close()


@pytest.fixture
def control(broker):
    found = Control(broker.address)
    yield found
    found.close()


def start(broker, control, **more):
    """Ask for a job when the writer has joined its group; the answer."""
    given = {
        "job_id": "j1", "filename": "run_1.nxs", "start_time": 0, "stop_time": None,
        "run_name": "run", "nexus_structure": structure_of(
            ("f144", {"topic": "motors", "source": "m", "dtype": "double"})
        ),
        "service_id": "w1", "instrument_name": "i", "broker": "elsewhere:9092", "metadata": "",
        "control_topic": "control",
    } | more  # fmt: skip
    control.next(lambda one: isinstance(one, Status))
    broker.send([("pool", 0, oracle.serialise_pl72(**given))])
    return control.next(lambda one: isinstance(one, Answer))


@pytest.mark.slow
def test_a_job_is_started_stopped_and_finished(broker, writer, control, tmp_path):
    now = time.time_ns()
    answer = start(broker, control, start_time=now // 10**6 - 1000)
    assert (answer.job_id, answer.action, answer.outcome, answer.status_code) == ("j1", 0, 0, 201)
    writing = control.next(lambda one: isinstance(one, Status) and "writing" in one.status_json)
    assert json.loads(writing.status_json)["file_being_written"] == "run_1.nxs"
    broker.send(("motors", 0, oracle.serialise_f144("m", n, now + n)) for n in range(10))
    later = oracle.serialise_f144("m", 99, now + 10**12)
    stop = now // 10**6 + 1
    broker.send([("control", 0, oracle.serialise_6s4t("j1", "run", "w1", "c1", stop)),
                 ("motors", 0, later)])  # fmt: skip
    stopped = control.next(lambda one: isinstance(one, Answer))
    assert (stopped.action, stopped.outcome, stopped.command_id) == (1, 0, "c1")
    done = control.next(lambda one: isinstance(one, FinishedWriting))
    assert (done.job_id, done.error_encountered, done.file_name) == ("j1", False, "run_1.nxs")
    with h5py.File(tmp_path / "files" / "run_1.nxs") as file:
        assert file["entry/log/value"][:].tolist() == [float(n) for n in range(10)]
    idle = control.next(lambda one: isinstance(one, Status) and "idle" in one.status_json)
    assert idle.service_id == "w1"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"filename": "../run.nxs"}, "'../run.nxs' is no file below "),
        ({"nexus_structure": "{}"}, "nexus_structure: is no nexus_structure: it has no children"),
    ],
)
def test_a_job_that_cannot_be_done_is_refused(broker, writer, control, tmp_path, more, message):
    answer = start(broker, control, **more)
    assert (answer.action, answer.outcome, answer.status_code) == (0, 1, 400)
    assert answer.message.startswith(message)
    assert not list(tmp_path.rglob("*.nxs"))
