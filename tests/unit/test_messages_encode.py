"""What is encoded here is decoded by ess-streaming-data-types, and by ourselves."""

import datetime as dt

import pytest
from hypothesis import given, settings

pytest.importorskip("streaming_data_types", reason="ess-streaming-data-types is not installed")
from nxtool.messages.decode import decode
from nxtool.messages.encode import encode
from nxtool.messages.model import Answer, FinishedWriting, Status
from tests.messageoracle import MESSAGES, oracle

ANSWER = Answer("writer", "job", 1, 0, 201, 1_700_000_000_000, "done", "command")


@given(MESSAGES["x5f2"])
def test_the_library_reads_status(pair):
    one = pair[1]
    assert tuple(oracle.deserialise_x5f2(encode(one))) == (
        one.software_name, one.software_version, one.service_id, one.host_name, one.process_id,
        one.update_interval_ms, one.status_json,
    )  # fmt: skip


@given(MESSAGES["wrdn"])
def test_the_library_reads_what_was_written(pair):
    one = pair[1]
    assert tuple(oracle.deserialise_wrdn(encode(one))) == (
        one.service_id, one.job_id, one.error_encountered, one.file_name, one.metadata, one.message,
    )  # fmt: skip


def test_the_library_reads_answers():
    found = oracle.deserialise_answ(encode(ANSWER))
    assert found == (
        "writer", "job", "command", 1, 0, "done", 201,
        dt.datetime(2023, 11, 14, 22, 13, 20, tzinfo=dt.timezone.utc),
    )  # fmt: skip


@pytest.mark.parametrize("schema", ["answ", "x5f2", "wrdn"])
def test_what_is_encoded_is_decoded(schema):
    @settings(max_examples=50)
    @given(MESSAGES[schema])
    def check(pair):
        assert decode(encode(pair[1])) == pair[1]

    check()


def test_numbers_are_aligned():
    buffer = encode(ANSWER)
    assert buffer.index(ANSWER.stop_time_ms.to_bytes(8, "little")) % 8 == 0
    assert len(buffer) % 4 == 0


def test_numbers_that_do_not_fit_are_refused():
    status = Status("nxtool", "1", "id", "host", -1, 2000, "{}")
    with pytest.raises(ValueError, match=r"^process_id cannot be -1: "):
        encode(status)


def test_none_leaves_a_string_out():
    message = FinishedWriting("id", "job", error_encountered=False, file_name="a.nxs", message="")
    assert decode(encode(message)) == message
