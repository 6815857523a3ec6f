"""Many messages decoded at once are those decoded one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("streaming_data_types", reason="ess-streaming-data-types is not installed")
from nxtool.messages.batch import decode_many
from nxtool.messages.decode import decode
from nxtool.messages.wire import Undecodable
from tests import messageoracle
from tests.examples import many
from tests.messageoracle import MESSAGES, oracle, same

FREQUENT = st.one_of(MESSAGES["f144"], MESSAGES["ev44"]).map(lambda pair: pair[0])
ANY = messageoracle.ANY.map(lambda pair: pair[0])


def one_by_one(buffers):
    """The results of decode by position."""
    return {row: result(buffer) for row, buffer in enumerate(buffers)}


def result(buffer):
    """The message, or why it cannot be decoded."""
    try:
        return decode(buffer)
    except Undecodable as trouble:
        return str(trouble)


def at_once(buffers):
    """The results of decode_many in the same form; no message may be there twice."""
    batch = decode_many(buffers)
    found = [pair for columns in (*batch.logs, *batch.events) for pair in columns.messages()]
    found += batch.others
    found += [(row, str(trouble)) for row, trouble in batch.undecodable]
    assert len(found) == len(buffers)
    return dict(found)


@many(60)
@given(st.lists(st.one_of(FREQUENT, ANY, st.binary(max_size=80)), max_size=12))
def test_batches_are_what_one_by_one_gives(buffers):
    assert same(dict(sorted(at_once(buffers).items())), one_by_one(buffers))


@many(60)
@given(st.lists(FREQUENT, min_size=1, max_size=3), st.data())
def test_damaged_batches_are_what_one_by_one_gives(buffers, data):
    damaged = list(buffers)
    for buffer in buffers:
        for _ in range(4):
            changed = bytearray(buffer)
            for _ in range(data.draw(st.integers(1, 3))):
                changed[data.draw(st.integers(0, len(buffer) - 1))] = data.draw(st.integers(0, 255))
            damaged.append(bytes(changed))
    assert same(dict(sorted(at_once(damaged).items())), one_by_one(damaged))


def test_every_byte_of_a_message_set_to_anything():
    log = oracle.serialise_f144("motor", np.float32(1.5), 10**18)
    event = oracle.serialise_ev44("bank", 3, [1], [0], [1, 2], [3, 4])
    for buffer in (log, event):
        damaged = [
            buffer[:at] + bytes([value]) + buffer[at + 1 :]
            for at in range(len(buffer))
            for value in (0, 1, 2, 3, 4, 7, 8, 40, 127, 128, 255)
        ]
        assert same(dict(sorted(at_once(damaged).items())), one_by_one(damaged))


def test_logs_are_columns_by_source_in_the_order_they_came():
    buffers = [
        oracle.serialise_f144(name, np.float64(value), time)
        for name, value, time in [("a", 1, 10), ("b", 0, 11), ("a", 0, 9), ("a", 3, 0), ("b", 5, 4)]
    ]
    first, second = decode_many(buffers).logs
    assert (first.source_name, second.source_name) == ("a", "b")
    assert (first.rows.tolist(), second.rows.tolist()) == ([0, 2, 3], [1, 4])
    assert (first.time_ns.tolist(), second.time_ns.tolist()) == ([10, 9, 0], [11, 4])
    assert (first.values.tolist(), second.values.tolist()) == ([1, 0, 3], [0, 5])


def test_types_of_values_are_kept_apart():
    buffers = [oracle.serialise_f144("a", value) for value in (np.int16(1), np.float32(2))]
    assert [log.values.dtype.name for log in decode_many(buffers).logs] == ["int16", "float32"]


def test_events_are_joined_in_the_order_they_came():
    buffers = [
        oracle.serialise_ev44("bank", n, [n], [0], np.arange(n), np.arange(n) + 10)
        for n in (2, 0, 3)
    ]
    (events,) = decode_many(buffers).events
    assert events.message_id.tolist() == [2, 0, 3]
    assert events.reference_time.joined().tolist() == [2, 0, 3]
    assert events.time_of_flight.counts.tolist() == [2, 0, 3]
    assert events.time_of_flight.joined().tolist() == [0, 1, 0, 1, 2]
    assert events.pixel_id.joined().tolist() == [10, 11, 10, 11, 12]


def test_usual_messages_are_all_in_columns():
    buffers = [oracle.serialise_f144(f"motor{n % 7}", np.int32(n % 3), n) for n in range(50)]
    buffers += [oracle.serialise_ev44("bank" * (n % 4), n, [n], [0], [n], [n]) for n in range(50)]
    batch = decode_many(buffers)
    assert (batch.others, batch.undecodable) == ((), ())
    assert (len(batch.logs), len(batch.events)) == (7, 4)


def test_an_empty_batch_is_empty():
    batch = decode_many([])
    assert (batch.logs, batch.events, batch.others, batch.undecodable) == ((), (), (), ())


def test_more_layouts_than_are_looked_for_at_once():
    """Every row has a vtable of its own: sizes stated for the table differ."""
    buffer = oracle.serialise_ev44("bank", 3, [1] * 40, [0], [1, 2], [3, 4])
    at = int.from_bytes(buffer[:4], "little") - 16 + 2
    grown = [buffer[:at] + (36 + n).to_bytes(2, "little") + buffer[at + 2 :] for n in range(40)]
    found = at_once(grown)
    assert same(dict(sorted(found.items())), one_by_one(grown))
    assert len(decode_many(grown).others) > 0
