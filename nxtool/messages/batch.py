"""Many messages decoded at once: the frequent formats f144 and ev44 into columns by source.

The result is what `decode` gives message by message. f144 messages with arrays, and messages laid
out in an unusual way, are among the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.messages.block import SMALLEST, Block, Places, Span, Tables
from nxtool.messages.columns import Batch, EventColumns, LogColumns, Ragged
from nxtool.messages.decode import decode
from nxtool.messages.model import Message
from nxtool.messages.schemas import SCHEMAS
from nxtool.messages.tables import Table
from nxtool.messages.wire import Undecodable

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LOGS: Final = SCHEMAS["f144"]
_EVENTS: Final = SCHEMAS["ev44"]
_LOG_SLOTS: Final = dict(_LOGS.shown)
_EVENT_SLOTS: Final = dict(_EVENTS.shown)
_LETTERS: Final = itemgetter(slice(4, 8))
HEAD: Final = 128
"""How many bytes of an ev44 message are searched for its table, which producers put first."""
_VECTORS: Final = ("reference_time", "reference_time_index", "time_of_flight", "pixel_id")


def decode_many(buffers: Sequence[bytes]) -> Batch:
    """The messages of a batch. Columns of events refer to the bytes of their messages until they
    are joined, other columns are copies."""
    letters = np.array(list(map(_LETTERS, buffers)), "S4")
    sizes = np.fromiter(map(len, buffers), np.int64, len(buffers))
    fit = (sizes >= SMALLEST) & (sizes % 4 == 0)
    logs = tuple(_logs(buffers, np.flatnonzero(fit & (letters == b"f144"))))
    events = tuple(_events(buffers, np.flatnonzero(fit & (letters == b"ev44"))))
    done = np.zeros(len(buffers), np.bool_)
    for rows in (*(log.rows for log in logs), *(event.rows for event in events)):
        done[rows] = True
    others, undecodable = _singly(buffers, np.flatnonzero(~done).tolist())
    return Batch(logs, events, tuple(others), tuple(undecodable))


def _singly(
    buffers: Sequence[bytes], rows: list[int]
) -> tuple[list[tuple[int, Message]], list[tuple[int, Undecodable]]]:
    """The messages of these rows decoded one by one."""
    others: list[tuple[int, Message]] = []
    undecodable: list[tuple[int, Undecodable]] = []
    for row in rows:
        message = _decoded(buffers[row])
        if isinstance(message, Undecodable):
            undecodable.append((row, message))
        else:
            others.append((row, message))
    return others, undecodable


def _decoded(buffer: bytes) -> Message | Undecodable:
    try:
        return decode(buffer)
    except Undecodable as trouble:
        return trouble


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Messages with one layout: where they are in the block, their sources, and their numbers."""

    which: Places
    names: Span
    numbers: tuple[NDArray[Any], ...]
    vectors: tuple[Span, ...] = ()

    def good(self) -> _Part:
        """The part of which all is good."""
        good = self.names.good.copy()
        for vector in self.vectors:
            good &= vector.good
        return self if good.all() else self.of(good)

    def of(self, members: Any) -> _Part:
        """Some of the messages."""
        return _Part(
            self.which[members],
            self.names.of(members),
            tuple(column[members] for column in self.numbers),
            tuple(vector.of(members) for vector in self.vectors),
        )


def _joined(parts: Sequence[_Part]) -> _Part:
    """All messages of the parts, in the order they came."""
    if len(parts) == 1:
        return parts[0]
    whole = _Part(
        np.concatenate([part.which for part in parts]),
        _joined_spans([part.names for part in parts]),
        tuple(map(np.concatenate, zip(*(part.numbers for part in parts), strict=True))),
        tuple(map(_joined_spans, zip(*(part.vectors for part in parts), strict=True))),
    )
    return whole.of(np.argsort(whole.which, kind="stable"))


def _joined_spans(spans: Sequence[Span]) -> Span:
    return Span(
        np.concatenate([span.which for span in spans]),
        np.concatenate([span.start for span in spans]),
        np.concatenate([span.stop for span in spans]),
        np.concatenate([span.good for span in spans]),
    )


def _by_source(block: Block, parts: Sequence[_Part]) -> Iterator[tuple[str, _Part]]:
    """The messages of each source, in the order they came; not those whose name is no UTF-8."""
    if not parts:
        return
    whole = _joined(parts)
    strings = block.strings(whole.names)
    if not strings:
        return
    ends = {strings[0]: len(strings)}
    if strings.count(strings[0]) < len(strings):
        order, ends = _grouped(strings)
        whole = whole.of(order)
    start = 0
    for name, end in ends.items():
        source = _source(name)
        if source is not None:
            yield source, whole.of(slice(start, end))
        start = end


def _grouped(strings: Sequence[bytes]) -> tuple[Places, dict[bytes, int]]:
    """The order that puts equal strings together, and where each ends in it."""
    codes = {name: code for code, name in enumerate(dict.fromkeys(strings))}
    small = np.uint16 if len(codes) < 2**16 else np.int64  # those are sorted much faster
    of_each = np.fromiter(map(codes.__getitem__, strings), small, len(strings))
    ends = np.cumsum(np.bincount(of_each)).tolist()
    return np.argsort(of_each, kind="stable"), dict(zip(codes, ends, strict=True))


def _source(name: bytes) -> str | None:
    try:
        return name.decode()
    except UnicodeDecodeError:
        return None


def _logs(buffers: Sequence[bytes], rows: Places) -> Iterator[LogColumns]:
    """The f144 messages with scalars, by type and source."""
    block = Block([buffers[row] for row in rows.tolist()])
    parts: dict[int, list[_Part]] = defaultdict(list)
    for tables in block.roots(_LOGS):
        for which, part in _log_parts(block, tables):
            parts[which].append(part.good())
    for of_type in parts.values():
        for source, part in _by_source(block, of_type):
            time, values = part.numbers
            yield LogColumns(source, rows[part.which], time, values)


def _log_parts(block: Block, tables: Tables) -> Iterator[tuple[int, _Part]]:
    """Messages by their union's option, of those that have a scalar."""
    slot = _LOG_SLOTS["value"]
    targets = block.targets(tables, slot)
    times = _numbers(block, tables, _LOGS, _LOG_SLOTS["time_ns"])
    options = _numbers(block, tables, _LOGS, slot - 1)
    if targets is None or times is None or options is None:
        return
    names = block.spans(tables, _LOG_SLOTS["source_name"], 1)
    for which, table in _LOGS.fields[slot].detail.items():
        members = np.flatnonzero(options == which)
        if not len(members) or table.fields[0].kind != "number":
            continue
        for inner in block.tables(tables.which[members], targets[members], table):
            values = _numbers(block, inner, table, 0)
            if values is not None:
                chosen = np.searchsorted(tables.which, inner.which)
                yield which, _Part(inner.which, names.of(chosen), (times[chosen], values))


def _numbers(block: Block, tables: Tables, of: Table, slot: int) -> NDArray[Any] | None:
    return block.numbers(tables, slot, of.fields[slot].detail)


def _events(buffers: Sequence[bytes], rows: Places) -> Iterator[EventColumns]:
    """The ev44 messages by source."""
    block = Block([buffers[row] for row in rows.tolist()], HEAD)
    parts = [part.good() for tables in block.roots(_EVENTS) for part in _event_part(block, tables)]
    for source, part in _by_source(block, parts):
        messages = [block.buffers[n] for n in part.which.tolist()]
        vectors = (
            Ragged(messages, span.start, span.stop, _EVENTS.fields[_EVENT_SLOTS[name]].detail)
            for name, span in zip(_VECTORS, part.vectors, strict=True)
        )
        yield EventColumns(source, rows[part.which], part.numbers[0], *vectors)


def _event_part(block: Block, tables: Tables) -> Iterator[_Part]:
    """The messages with one layout, if their number is aligned."""
    number = _numbers(block, tables, _EVENTS, _EVENT_SLOTS["message_id"])
    if number is not None:
        vectors = (
            block.spans(tables, slot, _EVENTS.fields[slot].detail.itemsize)
            for slot in (_EVENT_SLOTS[name] for name in _VECTORS)
        )
        names = block.spans(tables, _EVENT_SLOTS["source_name"], 1)
        yield _Part(tables.which, names, (number,), tuple(vectors))
