"""The loop between a consumer and a recorder: read, keep, and make it last once a second."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from nxtool.stream.kafka.consumer import Begin, Consumer
from nxtool.stream.kafka.ending import Progress, Until, is_over
from nxtool.stream.offsets import Arrived

EVERY: Final = 1.0
"""So often, in seconds, rows are made visible and lasting."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How listening goes: numbers since the file began by name, rows per second of late, messages
    that wait at the brokers, bytes read, the latest time by source in ns, and what is wrong."""

    counts: Mapping[str, int]
    rate: float
    lag: int
    received: int
    last: Mapping[str, int]
    positions: Mapping[str, int] = field(default_factory=dict)
    trouble: str = ""


class Keeper(Protocol):
    """What keeps messages: `Recorder`, or one for runs. `positions` are the next offsets by
    `topic/partition`, `counts` numbers by name, `last` the latest time by source in ns."""

    positions: dict[str, int]
    counts: Counter[str]
    last: dict[str, int]

    def follow(self, partitions: dict[str, int]) -> None: ...
    def take(self, arrived: Arrived) -> None: ...
    def flush(self, *, to_disk: bool = False) -> None: ...
    def end_at(self, stop: int) -> None: ...


Watch = Callable[[Snapshot], None]


class Listener:
    """Reads partitions into a file until it is over."""

    def __init__(self, recorder: Keeper, consumer: Consumer, until: Until, watch: Watch) -> None:
        self._recorder = recorder
        self._consumer = consumer
        self._until = until
        self._watch = watch
        self._received = 0
        self._heard = self._flushed = time.monotonic()
        self._rows = 0

    def begin(self, topics: Mapping[str, int], begin: Begin) -> None:
        """Begin where the file ends; in partitions it does not know, where `begin` says.

        Raises:
            NxtoolError: no broker answers.
        """
        recorder = self._recorder
        names = [f"{topic}/{n}" for topic, count in topics.items() for n in range(count)]
        new = [name for name in names if recorder.positions.get(name, -1) < 0]
        recorder.follow(self._consumer.first(new, begin))
        self._consumer.begin({name: recorder.positions[name] for name in names})
        self._names = names
        self._rows = recorder.counts["#rows"]

    def run(self, is_asked: Callable[[], bool]) -> bool:
        """Listen until it is over, or `is_asked` to end; False in that case.

        Raises:
            NxtoolError: the disk is full, or a partition cannot be read on.
        """
        self._heard = time.monotonic()
        while not is_asked():
            arrived = self._consumer.fetch()
            for one in arrived:
                self._received += sum(map(len, one.values))
                self._recorder.take(one)
            now = time.monotonic()
            if arrived:
                self._heard = now
            if self._is_over(now, idle=not arrived):
                return True
            if now - self._flushed >= EVERY:
                self.flush(now)
        return False

    def end_at(self, time_ms: int) -> None:
        """End when all of before this time came, in ms since 1970; later rows are not wanted."""
        self._until = Until("time", time_ms=time_ms)
        self._recorder.end_at(time_ms * 1_000_000)

    def _is_over(self, now: float, *, idle: bool) -> bool:
        consumer, kind = self._consumer, self._until.kind
        if idle and kind in ("end", "time") and not consumer.trouble:
            consumer.look_for_ends({name: self._recorder.positions[name] for name in self._names})
        ended = consumer.reached if kind == "end" else consumer.ended
        clock = int(time.time() * 1000)
        progress = Progress(ended, consumer.stamps, now - self._heard, clock)
        return is_over(self._until, self._names, progress)

    def flush(self, now: float) -> None:
        """Make what came visible and lasting, and tell of it."""
        recorder = self._recorder
        recorder.flush(to_disk=True)
        self._consumer.commit(recorder.positions)
        rows = recorder.counts["#rows"]
        rate = (rows - self._rows) / max(now - self._flushed, 1e-9)
        self._flushed, self._rows = now, rows
        self._watch(
            Snapshot(
                dict(recorder.counts), rate, self._consumer.lag(recorder.positions),
                self._received, dict(recorder.last), dict(recorder.positions),
                self._consumer.trouble,
            )
        )  # fmt: skip
