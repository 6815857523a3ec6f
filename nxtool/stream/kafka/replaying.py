"""Stored runs and messages sent to a topic at a rate, for demonstrations and tests.

Documents of runs go as bluesky-kafka sends them: msgpack of `[name, document]`. Messages come from
a file of JSON lines `{"value": BASE64, "key": BASE64, "topic": NAME, "partition": N, "time": MS}`,
of which all but `value` may be left out.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nxtool.bluesky.columns import plain
from nxtool.bluesky.documents import DocumentFile
from nxtool.build.fromrun import is_run
from nxtool.errors import NxtoolError, SourceError
from nxtool.sources.extras import load
from nxtool.stream.kafka.address import Address

_PATIENCE: Final = 30.0
_LONGEST: Final = 64 << 20


@dataclass(frozen=True, slots=True)
class Sendable:
    """A message to be sent; without a topic to the one of the address."""

    value: bytes
    key: bytes | None = None
    topic: str = ""
    partition: int = -1
    time_ms: int = 0


def stored_messages(path: Path) -> Iterator[Sendable]:
    """The messages in a file of documents, or of messages.

    Raises:
        SourceError: it cannot be read, or is neither.
        MissingExtra: msgpack is not installed.
    """
    if is_run(path):
        pack = load("msgpack", "sending documents of Bluesky", "bluesky").packb
        for one in DocumentFile(path):
            packed = pack([one.name, one.doc], use_bin_type=True, default=plain)
            yield Sendable(packed, key=b"nxtool")
        return
    try:
        with path.open("rb") as stream:
            for number, line in enumerate(iter(lambda: stream.readline(_LONGEST), b""), start=1):
                if line.strip():
                    yield _message(line, f"{path}:{number}")
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise SourceError(f"{path}: {reason}", hint="check the path") from error


def _message(line: bytes, where: str) -> Sendable:
    try:
        told = json.loads(line)
        key = told.get("key")
        return Sendable(
            base64.b64decode(told["value"], validate=True),
            None if key is None else base64.b64decode(key, validate=True),
            str(told.get("topic", "")),
            int(told.get("partition", -1)),
            int(told.get("time", 0)),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        hint = 'write lines like {"value": "AAAA"}, in Base64; or give a file of Bluesky documents'
        message = f"{where}: is no message to replay"
        raise SourceError(message, hint=hint) from None


def replay(
    messages: Iterator[Sendable],
    address: Address,
    settings: Mapping[str, str],
    *,
    rate: float = 0.0,
    is_asked: Callable[[], bool] = lambda: False,
) -> int:
    """Send messages, so many a second (0 for as fast as it goes); how many were sent.

    Raises:
        NxtoolError: no broker takes them, or the address names no topic.
    """
    kafka = load("confluent_kafka", "sending to Kafka", "kafka")
    failed: list[str] = []
    producer = kafka.Producer(
        {
            "log_level": 0, "linger.ms": 5, "message.timeout.ms": int(_PATIENCE * 1000),
            "message.max.bytes": _LONGEST, **settings, "bootstrap.servers": address.brokers,
        }
    )  # fmt: skip

    def heard(error: Any, _message: Any) -> None:
        if error is not None:
            failed.append(str(error.str()))

    count, begun = 0, time.monotonic()
    for message in messages:
        if failed or is_asked():
            break
        _wait(begun + count / rate if rate else 0.0, producer)
        _send(producer, message, address, heard)
        count += 1
    producer.flush(_PATIENCE)
    if failed:
        raise NxtoolError(f"{address.brokers}: {failed[0]}", hint="check the broker and the topic")
    return count


def _wait(until: float, producer: Any) -> None:
    """Serve the producer until a moment."""
    while (left := until - time.monotonic()) > 0:
        producer.poll(min(left, 0.1))


def _send(producer: Any, message: Sendable, address: Address, heard: Any) -> None:
    topic = message.topic or (address.topics[0] if address.topics else "")
    if not topic:
        raise NxtoolError("no topic", hint="name one: kafka://host:9092/topic")
    while True:
        try:
            producer.produce(
                topic, message.value, message.key, on_delivery=heard,
                partition=message.partition, timestamp=message.time_ms,
            )  # fmt: skip
        except BufferError:
            producer.poll(0.1)
            continue
        producer.poll(0)
        return
