"""Partitions of topics read from given offsets, in batches. No consumer group is needed.

What waits in the client is bounded in bytes: while we write, it stops to fetch.
"""

from __future__ import annotations

import fnmatch
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal, TypeVar

from nxtool.errors import NxtoolError
from nxtool.sources.extras import load
from nxtool.stream.kafka.address import Address
from nxtool.stream.offsets import Arrived

MOST: Final = 10_000
"""So many messages are taken at once, of large ones fewer."""
BATCH: Final = 64 << 20
"""How many bytes a batch should have at most."""
QUEUE: Final = 64 << 10
"""How many KiB wait in the client."""
PATIENCE: Final = 10.0
"""So many seconds an answer of the broker may take."""
WAIT: Final = 0.1
LEEWAY_MS: Final = 10_000
"""Messages come later than what they tell of: so much earlier is looked for the first one."""

From = Literal["earliest", "latest", "time"]
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Begin:
    """Where to begin in partitions that are new: their first message, after their last, or those
    of a time in ms since 1970."""

    kind: From = "earliest"
    time_ms: int = 0


class Consumer:
    """Reads from brokers: `find` topics, `begin`, then `fetch` again and again, `close`.

    `ended` are partitions of which all was read, `reached` those of which that was so once;
    `stamps` the latest time of a message by partition, in ms; `trouble` is what the client last
    complained of, empty while all is well.
    """

    def __init__(self, address: Address, settings: Mapping[str, str], group: str = "") -> None:
        self._kafka: Any = load("confluent_kafka", "listening to Kafka", "kafka")
        self._address = address
        self._group = group
        self._size = 1.0
        self.ended: set[str] = set()
        self.reached: set[str] = set()
        self.stamps: dict[str, int] = {}
        self.trouble = ""
        self._next: dict[str, int] = {}
        try:
            self._consumer = self._kafka.Consumer(self._settings(settings))
        except self._kafka.KafkaException as error:
            hint = "check the settings of the client"
            raise NxtoolError(f"Kafka: {_text(error)}", hint=hint) from error

    def _settings(self, more: Mapping[str, str]) -> dict[str, Any]:
        return {
            "group.id": self._group or "nxtool",
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "error",
            "enable.partition.eof": True,
            "queued.max.messages.kbytes": QUEUE,
            "max.partition.fetch.bytes": 8 << 20,
            "reconnect.backoff.max.ms": 1000,
            "log_level": 0,
            "error_cb": self._complain,
            **more,
            "bootstrap.servers": self._address.brokers,
        }

    def _complain(self, error: Any) -> None:
        self.trouble = str(error.str())

    def find(self, wanted: Sequence[str]) -> dict[str, int]:
        """The topics that are wanted, patterns among them, with their number of partitions.

        Raises:
            NxtoolError: no broker answers, or there is no such topic.
        """
        try:
            known = self._consumer.list_topics(timeout=PATIENCE).topics
        except self._kafka.KafkaException as error:
            message = f"no broker answers at {self._address.brokers}"
            raise NxtoolError(message, hint="check host and port; is it running?") from error
        found: dict[str, int] = {}
        for name in wanted:
            matching = fnmatch.filter(sorted(known), name)
            if not matching:
                listed = ", ".join(n for n in sorted(known) if not n.startswith("__"))[:300]
                message = f"{self._address.brokers}: there is no topic {name}"
                raise NxtoolError(message, hint=f"there is {listed or 'none'}")
            found |= {topic: len(known[topic].partitions) for topic in matching}
        return found

    def first(self, names: Iterable[str], begin: Begin) -> dict[str, int]:
        """The offsets to begin at, by `topic/partition`. A broker that is restarted just now is
        waited for.

        Raises:
            NxtoolError: no broker answers.
        """
        return {name: self._patiently(partial(self._first, name, begin)) for name in names}

    def _patiently(self, ask: Callable[[], Answer]) -> Answer:
        """The answer of a broker, which is asked for a while."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with suppress(NxtoolError):
                return ask()
            time.sleep(WAIT)
        return ask()

    def _first(self, name: str, begin: Begin) -> int:
        low, high = self.bounds(name)
        if begin.kind == "time":
            moment = max(0, begin.time_ms - LEEWAY_MS)
            asked = self._partition(name, moment)
            found = self._asked(lambda: self._consumer.offsets_for_times([asked], PATIENCE))[0]
            return int(found.offset) if found.offset >= 0 else high
        return low if begin.kind == "earliest" else high

    def bounds(self, name: str) -> tuple[int, int]:
        """The first offset of a partition, and the one after its last; raises NxtoolError."""
        where = self._partition(name)
        low, high = self._asked(lambda: self._consumer.get_watermark_offsets(where, PATIENCE))
        return int(low), int(high)

    def _asked(self, ask: Any) -> Any:
        try:
            found = ask()
        except self._kafka.KafkaException as error:
            message = f"{self._address.brokers}: {_text(error)}"
            raise NxtoolError(message, hint="try again when the broker is well") from error
        if found is None:
            raise NxtoolError(f"{self._address.brokers}: no answer in {PATIENCE:.0f} s")
        return found

    def _partition(self, name: str, offset: int = 0) -> Any:
        topic, _, partition = name.rpartition("/")
        return self._kafka.TopicPartition(topic, int(partition), offset)

    def begin(self, positions: Mapping[str, int]) -> None:
        """Read partitions from these offsets on."""
        self._next = dict(positions)
        self._consumer.assign([self._partition(name, n) for name, n in positions.items()])

    def fetch(self) -> list[Arrived]:
        """What came meanwhile, by topic; after a while nothing.

        Raises:
            NxtoolError: a partition cannot be read from where the file goes on.
        """
        wanted = max(1, min(MOST, int(BATCH / self._size)))
        by_topic: dict[str, list[Any]] = defaultdict(list)
        for message in self._consumer.consume(wanted, WAIT):
            if message.error() is None:
                by_topic[message.topic()].append(message)
            else:
                self._meet(message)
        if by_topic:
            self.trouble = ""
        return [self._arrived(topic, messages) for topic, messages in by_topic.items()]

    def _arrived(self, topic: str, messages: list[Any]) -> Arrived:
        values = [message.value() or b"" for message in messages]
        self._size = max(1.0, sum(map(len, values)) / len(values))
        partitions = [message.partition() for message in messages]
        for partition, message in dict(zip(partitions, messages, strict=True)).items():
            name = f"{topic}/{partition}"
            self.ended.discard(name)
            self._next[name] = message.offset() + 1
            self.stamps[name] = max(self.stamps.get(name, 0), message.timestamp()[1])
        return Arrived(topic, partitions, [message.offset() for message in messages], values)

    def _meet(self, message: Any) -> None:
        """An error in the place of a message: the end of a partition, or that it is not there."""
        error, code = message.error(), self._kafka.KafkaError
        name = f"{message.topic()}/{message.partition()}"
        if error.code() == code._PARTITION_EOF:
            self._note_end(name)
        elif error.code() in (code._AUTO_OFFSET_RESET, code.OFFSET_OUT_OF_RANGE):
            self._begin_anew(name, self._next[name])
        else:
            self.trouble = str(error.str())

    def _note_end(self, name: str) -> None:
        self.ended.add(name)
        self.reached.add(name)

    def look_for_ends(self, positions: Mapping[str, int]) -> None:
        """Ask for the ends of partitions that were not reached: some brokers do not tell."""
        try:
            for name, position in positions.items():
                if name not in self.ended and self.bounds(name)[1] <= position:
                    self._note_end(name)
        except NxtoolError as error:
            self.trouble = error.message

    def _begin_anew(self, name: str, offset: int) -> None:
        """Go on where the partition begins now, as what was between is deleted there.

        Raises:
            NxtoolError: it ends before where we are.
        """
        low, high = self._patiently(lambda: self.bounds(name))
        if offset >= low:
            message = f"{name}: ends at offset {high}, but the file goes on at {offset}"
            raise NxtoolError(message, hint="the topic was made anew: record to another file")
        self._consumer.incremental_unassign([self._partition(name)])
        self._consumer.incremental_assign([self._partition(name, low)])

    def lag(self, positions: Mapping[str, int]) -> int:
        """How many messages wait at the brokers, as far as that is known."""
        behind = 0
        for name, position in positions.items():
            found = self._consumer.get_watermark_offsets(self._partition(name), cached=True)
            behind += max(0, found[1] - position) if found else 0
        return behind

    def commit(self, positions: Mapping[str, int]) -> None:
        """Tell the group how far the file is, for those who watch; nothing without a group."""
        if self._group:
            where = [self._partition(name, offset) for name, offset in positions.items()]
            self._consumer.commit(offsets=where, asynchronous=True)

    def close(self) -> None:
        """Leave the brokers."""
        self._consumer.close()


def _text(error: Any) -> str:
    """What a KafkaException says."""
    inner = error.args[0] if error.args else error
    return str(inner.str()) if hasattr(inner, "str") else str(inner)
