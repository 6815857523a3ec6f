"""Jobs as ESS sends them to file writers: start (pl72), stop (6s4t), and what a writer answers.

Writers that share a pool of jobs are one consumer group, so that one of them takes each job. Jobs
are hostile input: files stay in the folder given, and no broker is asked but those given.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from nxtool import __version__
from nxtool.errors import NxtoolError
from nxtool.messages.decode import decode
from nxtool.messages.encode import Encodable, encode
from nxtool.messages.model import Answer, FinishedWriting, RunStart, RunStop, Status
from nxtool.messages.wire import Undecodable
from nxtool.sources.extras import load
from nxtool.stream.kafka.consumer import Begin
from nxtool.stream.kafka.ending import Until
from nxtool.stream.kafka.job import Job, Recorded, listen
from nxtool.stream.kafka.listening import Listener, Watch
from nxtool.stream.structure import parse_structure

EVERY_MS: Final = 2000
"""So often a writer says that it is alive."""
GROUP: Final = "nxtool-jobs"
START, SET_STOP = 0, 1
SUCCESS, FAILURE = 0, 1
_CREATED, _WRONG = 201, 400
_WAIT: Final = 0.2

Told = Callable[[Job, "Recorded | NxtoolError"], bool]
"""Is given what came of a job, and says whether its file is as it should be."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Where jobs come from: the `template` has brokers, client settings and a folder as output;
    `topic` is the pool, `control` where to answer if a job does not say."""

    template: Job
    topic: str
    control: str = ""
    service_id: str = ""

    @property
    def name(self) -> str:
        """How this writer calls itself."""
        return self.service_id or f"nxtool-{socket.gethostname()}-{os.getpid()}"


class Voice:
    """Tells a control topic what a writer does: answers, and signs of life while `beat` is
    called."""

    def __init__(self, pool: Pool, producer: Any) -> None:
        self._pool = pool
        self._producer = producer
        self._next = 0.0
        self.topic = pool.control or pool.topic
        self.state: dict[str, Any] = {"state": "idle"}

    def say(self, message: Encodable) -> None:
        """Send a message."""
        self._producer.produce(self.topic, encode(message))
        self._producer.poll(0)

    def beat(self) -> None:
        """Say that this writer is alive, if it is time to."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + EVERY_MS / 1000
            self.say(
                Status(
                    "nxtool", __version__, self._pool.name, socket.gethostname(), os.getpid(),
                    EVERY_MS, json.dumps(self.state),
                )
            )  # fmt: skip

    def answer(
        self, job_id: str, action: int, code: int, text: str = "", *, stop_ms: int = 0,
        command_id: str = "",
    ) -> None:  # fmt: skip
        """Answer a command."""
        outcome = SUCCESS if code < _WRONG else FAILURE
        name = self._pool.name
        self.say(Answer(name, job_id, action, outcome, code, stop_ms, text, command_id))

    def become(self, state: Mapping[str, Any]) -> None:
        """Do something else from now on, and say so."""
        self.state = dict(state)
        self._next = 0.0
        self.beat()

    def close(self) -> None:
        """See that all was sent."""
        self._producer.flush(5)


class Commands:
    """Follows the control topic of a job from its end on."""

    def __init__(self, kafka: Any, settings: Mapping[str, Any], job_id: str, voice: Voice) -> None:
        self._job_id = job_id
        self._voice = voice
        self._consumer = kafka.Consumer({**settings, "group.id": f"{GROUP}-{job_id}"})
        known = self._consumer.list_topics(voice.topic, timeout=10).topics[voice.topic]
        places = [kafka.TopicPartition(voice.topic, n) for n in known.partitions]
        for place in places:
            place.offset = self._consumer.get_watermark_offsets(place, 10)[1]
        self._consumer.assign(places)

    def obey(self, listener: Listener | None) -> None:
        """Do what was asked meanwhile, and show that this writer is alive."""
        self._voice.beat()
        for found in _messages(self._consumer, 0.0):
            if not isinstance(found, RunStop) or found.job_id != self._job_id:
                continue
            stop_ms = found.stop_time_ms or int(time.time() * 1000)
            if listener is not None:
                listener.end_at(stop_ms)
            self._voice.state["stop_time"] = stop_ms
            self._voice.answer(
                self._job_id, SET_STOP, _CREATED, stop_ms=stop_ms, command_id=found.command_id
            )

    def close(self) -> None:
        """Leave the brokers."""
        self._consumer.close()


def _messages(consumer: Any, seconds: float) -> list[Any]:
    """The messages that came; what cannot be decoded is for others."""
    found = []
    for message in consumer.consume(100, seconds):
        if message.error() is None:
            try:
                found.append(decode(message.value() or b""))
            except Undecodable:
                continue
    return found


def serve(pool: Pool, watch: Watch, told: Told, is_asked: Callable[[], bool]) -> None:
    """Take jobs one after the other, until asked to end.

    Raises:
        NxtoolError: no broker answers, or there is no such topic.
    """
    kafka = load("confluent_kafka", "taking jobs from Kafka", "kafka")
    template = pool.template
    settings = {
        "log_level": 0, **template.settings, "bootstrap.servers": template.address.brokers,
    }  # fmt: skip
    consumer = kafka.Consumer(
        {**settings, "group.id": template.group or GROUP, "auto.offset.reset": "latest"}
    )
    voice = Voice(pool, kafka.Producer(settings))
    try:
        _require_topic(consumer, kafka, pool)
        _join(consumer, pool.topic)
        while not is_asked():
            if consumer.assignment():
                voice.beat()
            for message in _messages(consumer, _WAIT):
                if isinstance(message, RunStart) and message.service_id in ("", pool.name):
                    _Work(kafka, settings, pool, voice).run(message, watch, told, is_asked)
    finally:
        consumer.close()
        voice.close()


def _join(consumer: Any, topic: str) -> None:
    """Join the group; jobs count from the moment on at which this writer is of it."""

    def begin(consumer: Any, partitions: list[Any]) -> None:
        known = consumer.committed(partitions, timeout=10)
        for place in known:
            if place.offset < 0:
                place.offset = consumer.get_watermark_offsets(place, 10)[1]
        consumer.assign(known)

    consumer.subscribe([topic], on_assign=begin)


def _require_topic(consumer: Any, kafka: Any, pool: Pool) -> None:
    try:
        known = consumer.list_topics(timeout=10).topics
    except kafka.KafkaException as error:
        message = f"no broker answers at {pool.template.address.brokers}"
        raise NxtoolError(message, hint="check host and port; is it running?") from error
    for topic in filter(None, (pool.topic, pool.control)):
        if topic not in known:
            raise NxtoolError(f"{pool.template.address.brokers}: there is no topic {topic}")


class _Work:
    """One job."""

    def __init__(self, kafka: Any, settings: Mapping[str, Any], pool: Pool, voice: Voice) -> None:
        self._kafka = kafka
        self._settings = settings
        self._pool = pool
        self._voice = voice
        self._listener: Listener | None = None

    def run(self, start: RunStart, watch: Watch, told: Told, is_asked: Callable[[], bool]) -> None:
        """Answer, write, and tell of the end."""
        voice, before = self._voice, self._voice.topic
        voice.topic = start.control_topic or before
        commands = None
        try:
            job = job_of(start, self._pool.template)
            commands = Commands(self._kafka, self._settings, start.job_id, voice)
        except (NxtoolError, self._kafka.KafkaException) as error:
            voice.answer(start.job_id, START, _WRONG, str(error))
            voice.topic = before
            return
        voice.answer(start.job_id, START, _CREATED)
        voice.become(
            {
                "state": "writing", "job_id": start.job_id, "file_being_written": job.output.name,
                "start_time": start.start_time_ms, "stop_time": start.stop_time_ms,
            }
        )  # fmt: skip
        try:
            self._write(job, start, commands, watch, told, is_asked)
        finally:
            commands.close()
            voice.become({"state": "idle"})
            voice.topic = before

    def _write(
        self, job: Job, start: RunStart, commands: Commands, watch: Watch, told: Told,
        is_asked: Callable[[], bool],
    ) -> None:  # fmt: skip
        def asked() -> bool:
            commands.obey(self._listener)
            return is_asked()

        result: Recorded | NxtoolError
        try:
            result = listen(job, watch, asked, self._take)
        except NxtoolError as error:
            result = error
        is_good = told(job, result)
        text = str(result) if isinstance(result, NxtoolError) else None
        counts = {} if isinstance(result, NxtoolError) else dict(result.counts)
        told_of = json.dumps({name.strip("#"): count for name, count in counts.items()})
        self._voice.say(
            FinishedWriting(
                self._pool.name, start.job_id, not is_good, job.output.name, told_of, text
            )
        )

    def _take(self, listener: Listener) -> None:
        self._listener = listener


def job_of(start: RunStart, template: Job) -> Job:
    """The job that a message asks for, in the folder of the template.

    Raises:
        NxtoolError: it names no file in that folder, or its structure is none.
    """
    folder = template.output
    target = folder / start.filename
    inside = target.resolve().is_relative_to(folder.resolve())
    if not start.filename or not inside or target.suffix == "" or target.name.startswith("."):
        message = f"{start.filename[:200]!r} is no file below {folder}"
        raise NxtoolError(message, hint="name it like run_7.nxs")
    stop = start.stop_time_ms
    return replace(
        template,
        output=target,
        structure=parse_structure(start.nexus_structure, "nexus_structure"),
        begin=Begin("time", start.start_time_ms) if start.start_time_ms else Begin("latest"),
        until=Until("time", time_ms=stop) if stop else Until(),
    )


def folder_of(path: Path) -> Path:
    """The folder for files of jobs.

    Raises:
        NxtoolError: it is none.
    """
    if not path.is_dir():
        raise NxtoolError(f"{path}: is no folder", hint="with --jobs, -o is a folder for files")
    return path
