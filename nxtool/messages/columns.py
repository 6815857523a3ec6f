"""Many messages of one source as columns, and what else a batch of messages held."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nxtool.messages.model import Events, LogValue, Message, Times
from nxtool.messages.wire import Undecodable

Rows = NDArray[np.int64]
"""Positions of messages in the batch, rising."""


@dataclass(frozen=True, slots=True, eq=False)
class LogColumns:
    """f144 messages with scalars of one type from one source, in the order they came."""

    source_name: str
    rows: Rows
    time_ns: Times
    values: NDArray[Any]

    def messages(self) -> Iterator[tuple[int, LogValue]]:
        """Each message with its position, as `decode` gives it."""
        for n, row in enumerate(self.rows.tolist()):
            yield row, LogValue(self.source_name, int(self.time_ns[n]), self.values[n, ...])


@dataclass(frozen=True, slots=True, eq=False)
class Ragged:
    """The vectors of many messages, still in their bytes: from byte `start` to byte `stop`."""

    buffers: Sequence[bytes]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    dtype: np.dtype[Any]

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many values each message has."""
        return (self.stop - self.start) // self.dtype.itemsize

    def joined(self) -> NDArray[Any]:
        """The values of all messages, one vector after another; copied by each call."""
        places = zip(self.buffers, self.start.tolist(), self.stop.tolist(), strict=True)
        pieces = [memoryview(buffer)[start:stop] for buffer, start, stop in places]
        return np.frombuffer(b"".join(pieces), self.dtype)

    def vectors(self) -> list[NDArray[Any]]:
        """The vector of each message, a view of it."""
        places = zip(self.buffers, self.start.tolist(), self.counts.tolist(), strict=True)
        return [np.frombuffer(buffer, self.dtype, n, start) for buffer, start, n in places]


@dataclass(frozen=True, slots=True, eq=False)
class EventColumns:
    """ev44 messages from one source, in the order they came; see `model.Events`.

    Indices of `reference_time_index` count the events of their own message.
    """

    source_name: str
    rows: Rows
    message_id: NDArray[np.int64]
    reference_time: Ragged
    reference_time_index: Ragged
    time_of_flight: Ragged
    pixel_id: Ragged

    def messages(self) -> Iterator[tuple[int, Events]]:
        """Each message with its position, as `decode` gives it."""
        vectors = zip(
            self.reference_time.vectors(),
            self.reference_time_index.vectors(),
            self.time_of_flight.vectors(),
            self.pixel_id.vectors(),
            strict=True,
        )
        for row, number, each in zip(
            self.rows.tolist(), self.message_id.tolist(), vectors, strict=True
        ):
            yield row, Events(self.source_name, number, *each)


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch decoded: every message is in one of the four, with its position in the batch."""

    logs: tuple[LogColumns, ...]
    events: tuple[EventColumns, ...]
    others: tuple[tuple[int, Message], ...]
    undecodable: tuple[tuple[int, Undecodable], ...]
