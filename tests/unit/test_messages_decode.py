"""What ess-streaming-data-types encodes is decoded as it was given."""

import dataclasses
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("streaming_data_types", reason="ess-streaming-data-types is not installed")
from nxtool.messages.decode import decode, schema_of
from nxtool.messages.model import Json
from nxtool.messages.schemas import SCHEMAS
from nxtool.messages.tables import Table
from nxtool.messages.wire import Reader, Undecodable
from tests import messageoracle
from tests.messageoracle import built, same

FLAT = sorted(
    schema
    for schema, table in SCHEMAS.items()
    if all(field.kind in ("number", "text") for field in table.fields) and schema != "json"
)


def test_every_schema_has_messages_of_the_library():
    assert messageoracle.MESSAGES.keys() == SCHEMAS.keys()


@pytest.mark.parametrize("schema", sorted(SCHEMAS))
def test_messages_of_the_library_are_decoded(schema):
    @settings(max_examples=100 if schema == "f142" else 40)
    @given(messageoracle.MESSAGES[schema])
    def check(pair):
        buffer, expected = pair
        found = decode(buffer)
        assert same(found, expected), (found, expected)
        assert found.schema == schema_of(buffer) == schema

    check()


@pytest.mark.parametrize("schema", FLAT)
def test_left_out_fields_have_their_defaults(schema):
    fields = SCHEMAS[schema].fields
    numbers = st.integers(0, 1)
    each = (
        st.none() | (numbers if one.kind == "number" else st.text(max_size=5)) for one in fields
    )

    @given(st.tuples(*each))
    def check(values):
        found = decode(built(schema, fields, values))
        for field, value in zip(fields, values, strict=True):
            assert getattr(found, field.name) == (field.absent if value is None else value)

    check()


@pytest.mark.parametrize("schema", sorted(SCHEMAS))
def test_a_wrong_slot_is_noticed(schema):
    """Swapped slots read some message otherwise: the tests above depend on every slot."""
    fields = SCHEMAS[schema].fields
    left = set(range(len(fields) - 1))

    @settings(max_examples=60, database=None, derandomize=True)
    @given(messageoracle.MESSAGES[schema])
    def search(pair):
        right = read(pair[0], SCHEMAS[schema])
        for slot in tuple(left):
            order = [*fields[:slot], fields[slot + 1], fields[slot], *fields[slot + 2 :]]
            if not same(read(pair[0], Table(tuple(order))), right):
                left.discard(slot)

    search()
    assert not left


def read(buffer, table):
    """The values of a root table, or why there are none."""
    try:
        return Reader(buffer).root(table)
    except (Undecodable, KeyError) as trouble:
        return str(trouble)


def test_values_view_the_message():
    buffer = messageoracle.oracle.serialise_f144("a", np.arange(5))
    value = decode(buffer).value
    assert np.shares_memory(value, np.frombuffer(buffer, "u1"))
    assert not value.flags.writeable


def test_results_are_frozen():
    message = decode(messageoracle.oracle.serialise_6s4t("a"))
    with pytest.raises(dataclasses.FrozenInstanceError):
        message.job_id = "b"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b'{"pv": "a", "value": 1.5}', {"pv": "a", "value": 1.5}),
        (b" \n[1, 2]", [1, 2]),
        (b"[]", []),
    ],
)
def test_plain_json_is_decoded(text, value):
    assert same(decode(text), Json(value))


def test_json_has_no_nan_but_is_sent_with_it():
    assert np.isnan(decode(b'{"value": NaN}').value["value"])


@pytest.mark.parametrize(
    ("buffer", "reason"),
    [
        (b"", "0 bytes are no message"),
        (b"\x08\0\0\0f1", "6 bytes are no message"),
        (b"\x08\0\0\0zz99\0\0\0\0", "format zz99 is not known"),
        (b"\x08\0\0\0\xff\xfe..", "neither JSON nor a message with the letters of a format"),
        (b"\x09\0\0\0f144", "f144 message: byte 9 lies outside of 8 bytes"),
        (b'{"pv": ', "json message: Expecting value: line 1 column 8 (char 7)"),
        (b"[" * 200_000, "json message: nested too deeply"),
        (b'{"a": "\xff"}', "json message: 'utf-8' codec can't decode byte 0xff in position 7: "
                           "invalid start byte"),
    ],
)  # fmt: skip
def test_what_is_no_message_says_why(buffer, reason):
    with pytest.raises(Undecodable) as caught:
        decode(buffer)
    assert str(caught.value) == reason


def test_the_library_is_not_used():
    code = (
        "import sys, nxtool.messages.batch, nxtool.messages.encode as e\n"
        "print({'flatbuffers', 'streaming_data_types'} & sys.modules.keys())"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "set()\n"
