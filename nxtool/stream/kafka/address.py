"""Addresses of brokers and topics: `kafka://host:port,host:port/topic,topic`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nxtool.errors import NxtoolError

SCHEME: Final = "kafka://"
_BROKER: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?")
_TOPIC: Final = re.compile(r"[A-Za-z0-9._*?\[\]-]{1,249}")
_HINT: Final = "write it like kafka://host:9092/topic"


@dataclass(frozen=True, slots=True)
class Address:
    """`brokers` as Kafka's clients take them, and topics or patterns of them."""

    brokers: str
    topics: tuple[str, ...] = ()


def parse_address(text: str) -> Address:
    """An address.

    >>> parse_address("kafka://a:9092,b/motors,det_*")
    Address(brokers='a:9092,b', topics=('motors', 'det_*'))

    Raises:
        NxtoolError: it is none.
    """
    if not text.startswith(SCHEME):
        raise NxtoolError(f"{text[:80]!r} is no address of Kafka", hint=_HINT)
    brokers, _, topics = text[len(SCHEME) :].partition("/")
    for broker in brokers.split(","):
        if not _BROKER.fullmatch(broker):
            raise NxtoolError(f"{broker[:80]!r} is no address of a broker", hint=_HINT)
    return Address(brokers, parse_topics(topics))


def parse_topics(text: str) -> tuple[str, ...]:
    """Topics with commas between; none of an empty text. Raises NxtoolError."""
    topics = tuple(topic.strip() for topic in text.split(",") if topic.strip())
    for topic in topics:
        if not _TOPIC.fullmatch(topic):
            raise NxtoolError(f"{topic[:80]!r} is no name of a topic", hint=_HINT)
    return topics


def read_client_settings(path: Path) -> dict[str, str]:
    """Settings of the client from a file with `name=value` lines, as librdkafka names them.

    Raises:
        NxtoolError: it cannot be read, or a line is something else.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise NxtoolError(f"{path}: cannot be read", hint="check the path") from error
    found = {}
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if text and not text.startswith("#"):
            name, equals, value = text.partition("=")
            if not equals:
                message = f"{path}:{number}: no setting"
                raise NxtoolError(message, hint="write name=value, as security.protocol=sasl_ssl")
            found[name.strip()] = value.strip()
    return found
