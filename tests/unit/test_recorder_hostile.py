"""Whatever comes as messages, a recording goes on, and its file is valid."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("streaming_data_types", reason="ess-streaming-data-types is not installed")
import h5py

from nxtool.stream.recorder import Recorder
from nxtool.stream.session import Session
from nxtool.validate.api import validate
from tests import messageoracle
from tests.streamfile import arrived

MESSAGES = messageoracle.ANY.map(lambda pair: pair[0])
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers(-(2**70), 2**70) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["pv", "ts", "value", "alarm", "units", "x"]), inner, max_size=5
        )
    ),
).map(lambda value: messageoracle.plainjson.dumps(value).encode())
BATCHES = st.lists(
    st.lists(MESSAGES | JSON | st.binary(max_size=60), max_size=8), min_size=1, max_size=3
)


@settings(max_examples=5)
@given(BATCHES)
def test_any_messages_make_a_valid_file(tmp_path_factory, batches):
    path = tmp_path_factory.mktemp("hostile") / "run.nxs"
    recorder = Recorder.create(path, Session())
    recorder.follow({"t/0": 0})
    offset = 0
    for batch in batches:
        recorder.take(arrived(batch, offset))
        offset += len(batch)
        recorder.flush()
        recorder.abandon()
        recorder = Recorder.resume(path)
        assert recorder.positions == {"t/0": offset if offset else 0}
    recorder.finish()
    assert recorder.counts["#messages"] == offset
    with h5py.File(path) as file:
        told = len(file["entry/nxtool_stream/rejected/offset"])
    assert told == recorder.counts["#rejected"]
    assert [str(item) for item in validate(path).at_least("error")] == []
