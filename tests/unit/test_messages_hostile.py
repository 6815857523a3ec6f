"""Damaged and hostile bytes are Undecodable or a message, in bounded time and memory."""

import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("streaming_data_types", reason="ess-streaming-data-types is not installed")
from nxtool.messages.decode import decode
from nxtool.messages.schemas import SCHEMAS
from nxtool.messages.wire import Reader, Undecodable
from tests.examples import many
from tests.messageoracle import MESSAGES, oracle

LETTERS = st.sampled_from(sorted(SCHEMAS))


def reason(buffer):
    """Why bytes are no message; None when they are one. Other exceptions than Undecodable pass."""
    try:
        decode(buffer)
    except Undecodable as trouble:
        return trouble.reason
    return None


@pytest.mark.parametrize("schema", sorted(SCHEMAS))
def test_truncated_and_changed_messages_raise_nothing_else(schema):
    @settings(max_examples=6)
    @given(MESSAGES[schema], st.data())
    def check(pair, data):
        buffer = pair[0]
        for stop in range(len(buffer)):
            reason(buffer[:stop])
        for at in range(len(buffer)):
            reason(buffer[:at] + bytes([data.draw(st.integers(0, 255))]) + buffer[at + 1 :])

    check()


@many(300)
@given(LETTERS, st.binary(max_size=200), st.integers(0, 255))
def test_random_bytes_with_known_letters_raise_nothing_else(letters, tail, root):
    reason(struct.pack("<I", root) + letters.encode() + tail)


@many(300)
@given(LETTERS, st.lists(st.integers(0, 48).map(lambda n: 2 * n), max_size=80))
def test_small_offsets_raise_nothing_else(letters, numbers):
    """Small numbers are offsets that lead somewhere: tables in tables, vectors on vectors."""
    reason(struct.pack(f"<I4s{len(numbers)}H", 16, letters.encode(), *numbers))


def table_to_itself(count):
    """A da00 message of `count` variables, all the same, whose axes are all the same strings."""
    head = struct.pack("<I4s", 32, b"da00")
    of_root = struct.pack("<HHHHH", 10, 8, 0, 0, 4) + b"\0" * 2
    of_variable = struct.pack("<HH6H", 16, 8, 0, 0, 0, 0, 0, 4)[:16]
    variable = 40 + 4 + 4 * count
    root = struct.pack("<iI", 32 - 8, 4)
    buffer = head + of_root + b"\0" * (32 - 8 - len(of_root)) + root
    vtable = variable + 8 + 4 + 4 * count + 8
    axes = variable + 8
    text = axes + 4 + 4 * count
    buffer += struct.pack("<I", count)
    buffer += b"".join(struct.pack("<I", variable - (44 + 4 * n)) for n in range(count))
    buffer += struct.pack("<iI", variable - vtable, 4)
    buffer += struct.pack("<I", count)
    buffer += b"".join(struct.pack("<I", text - (axes + 4 + 4 * n)) for n in range(count))
    return buffer + struct.pack("<I4s", 3, b"abc") + of_variable


def test_the_message_that_refers_to_itself_is_one():
    (variable,) = Reader(table_to_itself(1)).root(SCHEMAS["da00"])["variables"]
    assert variable["axes"] == ("abc",)


def test_references_to_the_same_bytes_are_bounded():
    buffer = table_to_itself(20_000)  # of which all would be 400 million strings
    tracemalloc.start()
    try:
        with pytest.raises(Undecodable, match="160080 bytes refer to themselves too often"):
            decode(buffer)
        assert tracemalloc.get_traced_memory()[1] < 64 * len(buffer)
    finally:
        tracemalloc.stop()


def test_lengths_beyond_the_message_allocate_nothing():
    buffer = bytearray(oracle.serialise_ev44("a", 1, [1], [0], [7, 7], [7, 7]))
    at = buffer.index(struct.pack("<III", 2, 7, 7))
    buffer[at : at + 4] = b"\xff\xff\xff\xff"
    with pytest.raises(Undecodable, match="lies outside"):
        decode(bytes(buffer))


@pytest.mark.parametrize("shape", [(2, 4), (-1, -6), (2**62, 4), (0, 6), (1, -1)])
def test_shapes_that_do_not_fit_are_undecodable(shape):
    buffer = oracle.serialise_ad00("cam", 1, 2, np.zeros((2, 3), "u2"))
    for old, new in ((2, shape[0]), (3, shape[1])):
        place = buffer.rindex(struct.pack("<q", old))
        buffer = buffer[:place] + struct.pack("<q", new) + buffer[place + 8 :]
    with pytest.raises(Undecodable, match="6 values do not have the shape"):
        decode(buffer)


@pytest.mark.parametrize("which", [0, 11, -1, 127])
def test_unknown_types_are_undecodable(which):
    from streaming_data_types.dataarray_da00 import Variable

    buffer = oracle.serialise_da00("a", 1, [Variable("x", np.zeros(3, "u1"))])
    found = [
        buffer[:at] + struct.pack("b", which) + buffer[at + 1 :]
        for at in range(len(buffer))
        if buffer[at] == 2
    ]
    reasons = {reason(changed) for changed in found}
    known = {11}  # a string
    assert (f"values of type {which} are not known" in reasons) == (which not in known)


def test_times_after_2262_are_undecodable():
    with pytest.raises(Undecodable, match="18446744073709551615 ns is no time before"):
        decode(oracle.serialise_ep00(2**64 - 1, 1, "a"))
    with pytest.raises(Undecodable, match="times after the year 2262"):
        decode(oracle.serialise_tdct("a", np.array([1, 2**63], "u8")))


def test_text_that_is_no_utf8_is_undecodable():
    buffer = oracle.serialise_al00("abc", 1, alarm(1), "hot").replace(b"hot", b"\xb5ot")
    with pytest.raises(Undecodable, match="is not UTF-8"):
        decode(buffer)


def alarm(severity):
    from streaming_data_types.alarm_al00 import Severity

    return Severity(severity)
