"""What messages become, by module: the names and rules of ESS' file writer.

The cases are those that its own domain tests look at, told anew.
"""

import json

import h5py
import numpy as np
import pytest

pytest.importorskip("streaming_data_types", reason="ess-streaming-data-types is not installed")
import streaming_data_types as oracle
from streaming_data_types.alarm_al00 import Severity
from streaming_data_types.area_detector_ad00 import serialise_ad00
from streaming_data_types.dataarray_da00 import Variable
from streaming_data_types.epics_connection_ep01 import ConnectionInfo

from nxtool.messages.model import Samples
from nxtool.stream.modules.model import ModuleSpec, Unfit, Window
from nxtool.stream.modules.samples import FastSamples
from nxtool.stream.recorder import Recorder
from nxtool.stream.session import Session
from tests.streamfile import SECOND, START, STOP, arrived, recorded, session_of, structure_of

LOG = {"topic": "t", "source": "a", "dtype": "double"}


@pytest.fixture(params=[False, True], ids=["at once", "continued after each batch"])
def by_structure(tmp_path, request):
    """A function that records batches by one module, in one go or killed between."""

    def record(module, config, *batches, start=START, stop=STOP, **more):
        text = structure_of((module, {"topic": "t", "source": "a", **config}), **more)
        session, fixed = session_of(text, start, stop)
        file, counts = recorded(
            tmp_path / "run.nxs", session, *batches, fixed=fixed, resume_between=request.param
        )
        return file["entry/log"], counts

    return record


def f144(value, seconds, source="a"):
    return oracle.serialise_f144(source, value, int(seconds * SECOND))


def ev44(seconds, times, pixels, source="a", index=(0,)):
    pulses = [int(one * SECOND) for one in np.atleast_1d(seconds)]
    return oracle.serialise_ev44(source, 1, pulses, list(index), times, pixels)


def epics(value, seconds):
    """An f142 message; its own package does not write texts with numpy 2."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(np, "unicode_", np.str_, raising=False)
        patch.setattr(np, "string_", np.bytes_, raising=False)
        return bytes(oracle.serialise_f142(value, "a", START + seconds * SECOND))


def json_of(value, seconds):
    return json.dumps({"pv": "a", "ts": seconds, "value": value}).encode()


def array_of(data, seconds):
    variable = Variable("x", data, axes=[])
    return oracle.serialise_da00("a", START + seconds * SECOND, [variable])


# f144


def test_the_last_value_before_the_start_is_the_first_row(by_structure):
    values = [f144(1.0, 9_000), f144(2.0, 9_990), f144(3.0, 9_980)]
    log, _ = by_structure("f144", {}, values, [f144(10.0, 10_001)])
    assert log["value"][:].tolist() == [2.0, 10.0]
    assert log["time"][:].tolist() == [9_990 * SECOND, 10_001 * SECOND]


def test_the_last_value_before_the_start_is_kept_alone(by_structure):
    log, _ = by_structure("f144", {}, [f144(1.0, 9_000)], [f144(2.0, 9_990)], [f144(0.5, 9_995)])
    assert log["value"][:].tolist() == [0.5]


def test_values_after_the_stop_are_not_written(by_structure):
    log, _ = by_structure("f144", {}, [f144(1.0, 15_000), f144(2.0, 20_000), f144(3.0, 20_001)])
    assert log["value"][:].tolist() == [1.0, 2.0]


def test_values_with_the_time_of_one_before_are_skipped(by_structure):
    values = [f144(1.0, 10_001), f144(1.0, 10_001), f144(2.0, 10_002)]
    log, counts = by_structure("f144", {}, values, values[1:])
    assert log["value"][:].tolist() == [1.0, 2.0]
    assert counts["#repeated"] == 3


def test_late_values_are_written_and_counted(by_structure):
    values = [f144(1.0, 10_005), f144(2.0, 10_003)]
    log, counts = by_structure("f144", {}, values, [f144(3.0, 10_004)])
    assert log["value"][:].tolist() == [1.0, 2.0, 3.0]
    assert counts["#late"] == 2


def test_lowest_highest_and_mean_stand_there_in_the_end(by_structure):
    log, _ = by_structure(
        "f144", {"value_units": "K"}, [f144(v, 10_001 + n) for n, v in enumerate([10, 15, 12.5])]
    )
    assert [log[f"{name}_value"][()] for name in ("minimum", "maximum", "average")] == [
        10.0, 15.0, 12.5
    ]  # fmt: skip
    assert log["average_value"].attrs["units"] == "K"


def test_there_are_no_statistics_where_nobody_wants_them(by_structure):
    log, _ = by_structure("f144", {"meta_data": False}, [f144(1.0, 10_001)])
    assert "average_value" not in log


@pytest.mark.parametrize(
    ("config", "units"), [({}, ""), ({"value_units": "m"}, "m"), ({"unit": "s"}, "s")]
)
def test_units_are_those_configured(by_structure, config, units):
    log, _ = by_structure("f144", config, [f144(1.0, 10_001)])
    assert log["value"].attrs["units"] == units


def test_datasets_are_named_and_typed_as_ever(by_structure):
    log, _ = by_structure("f144", {"dtype": "int32"}, [f144(np.int32(4), 10_001)])
    assert {name: (node.dtype.str, node.chunks) for name, node in log.items() if node.chunks} == {
        "value": ("<i4", (1024,)), "time": ("<u8", (1024,)), "cue_index": ("<i8", (1024,)),
        "cue_timestamp_zero": ("<u8", (1024,)), "alarm_message": ("|S256", (64,)),
        "alarm_severity": ("<i2", (1024,)), "alarm_time": ("<u8", (1024,)),
        "connection_status": ("<i2", (1024,)), "connection_status_time": ("<u8", (1024,)),
    }  # fmt: skip
    assert dict(log.attrs) == {
        "NX_class": "NXlog", "topic": "t", "source": "a", "writer_module": "f144 al00 ep01"
    }  # fmt: skip
    assert dict(log["time"].attrs) == {"units": "ns", "start": "1970-01-01T00:00:00Z"}


def test_other_types_become_the_one_configured_and_are_counted(by_structure):
    log, counts = by_structure("f144", {"dtype": "int32"}, [f144(1.5, 10_001), f144(2.0, 10_002)])
    assert log["value"][:].tolist() == [1, 2]
    assert counts["#converted"] == 1


def test_there_is_a_cue_after_so_many_values(by_structure):
    values = [f144(float(n), 10_001 + n) for n in range(7)]
    log, _ = by_structure("f144", {"cue_interval": 3}, values[:2], values[2:])
    assert log["cue_index"][:].tolist() == [2, 5]
    assert log["cue_timestamp_zero"][:].tolist() == [10_003 * SECOND, 10_006 * SECOND]


def test_an_array_where_a_value_is_configured_is_rejected(by_structure):
    log, counts = by_structure("f144", {}, [f144(np.array([1.0, 2.0]), 10_001), f144(3.0, 10_002)])
    assert log["value"][:].tolist() == [3.0]
    assert counts["#rejected"] == 1
    told = log.file["entry/nxtool_stream/rejected"]
    assert told["reason"][:].tolist() == [b"f144 message: an array of 2 where one value is stored"]
    assert (told["topic"][0], told["partition"][0], told["offset"][0]) == (b"t", 0, 0)


def test_messages_of_other_sources_are_counted_alone(by_structure):
    log, counts = by_structure("f144", {}, [f144(1.0, 10_001, "b"), f144(3.0, 10_002)])
    assert log["value"][:].tolist() == [3.0]
    assert counts["#unknown"] == 1


# al00, ep01


def test_alarms_and_connections_stand_beside_the_values(by_structure):
    messages = [
        oracle.serialise_al00("a", 10_001 * SECOND, Severity.MAJOR, "too hot"),
        oracle.serialise_al00("a", 10_002 * SECOND, Severity.OK, ""),
        oracle.serialise_ep01(10_003 * SECOND, ConnectionInfo.DISCONNECTED, "a"),
        f144(1.0, 10_004),
    ]
    log, _ = by_structure("f144", {}, messages)
    assert log["alarm_message"][:].tolist() == [b"too hot", b"NO ALARM MESSAGE"]
    assert log["alarm_severity"][:].tolist() == [2, 0]
    assert log["alarm_time"][:].tolist() == [10_001 * SECOND, 10_002 * SECOND]
    assert log["connection_status"][:].tolist() == [3]
    assert log["connection_status_time"][:].tolist() == [10_003 * SECOND]


def test_the_last_connection_before_the_start_is_kept(by_structure):
    messages = [
        oracle.serialise_ep01(9_000 * SECOND, ConnectionInfo.CONNECTED, "a"),
        oracle.serialise_ep01(9_500 * SECOND, ConnectionInfo.DISCONNECTED, "a"),
    ]
    log, _ = by_structure("f144", {}, messages)
    assert log["connection_status"][:].tolist() == [3]


# ev44


def test_events_run_on_and_pulses_say_where_theirs_begin(by_structure):
    one = [ev44(10_001, [1, 2, 3], [7, 8, 9]), ev44(10_002, [], []), ev44(10_003, [4, 5], [1, 2])]
    two = [ev44([10_004, 10_005], [6, 7, 8], [3, 3, 3], index=(0, 2))]
    log, _ = by_structure("ev44", {}, one, two)
    assert log["event_time_offset"][:].tolist() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert log["event_id"][:].tolist() == [7, 8, 9, 1, 2, 3, 3, 3]
    assert log["event_index"][:].tolist() == [0, 3, 5, 7]
    pulses = [10_001, 10_003, 10_004, 10_005]
    assert log["event_time_zero"][:].tolist() == [pulse * SECOND for pulse in pulses]
    assert log["events"][()] == 8


def test_events_before_the_start_and_after_the_stop_are_not_written(by_structure):
    messages = [ev44(9_999, [1], [1]), ev44(10_000, [2], [2]), ev44(20_001, [3], [3])]
    log, _ = by_structure("ev44", {}, messages)
    assert log["event_id"][:].tolist() == [2]


def test_repeated_pulses_are_written(by_structure):
    log, _ = by_structure("ev44", {}, [ev44(10_001, [1], [1]), ev44(10_001, [1], [1])])
    assert log["event_index"][:].tolist() == [0, 1]


def test_there_is_a_cue_after_so_many_events(by_structure):
    messages = [ev44(10_001 + n, [5, 6, 7], [1, 1, 1]) for n in range(4)]
    log, _ = by_structure("ev44", {"cue_interval": 5}, messages[:1], messages[1:])
    assert log["cue_index"][:].tolist() == [5, 11]
    assert log["cue_timestamp_zero"][:].tolist() == [10_002 * SECOND + 7, 10_004 * SECOND + 7]


def test_monitors_send_no_pixels(by_structure):
    log, _ = by_structure("ev44", {}, [ev44(10_001, [1, 2], [])])
    assert (len(log["event_time_offset"]), len(log["event_id"])) == (2, 0)


@pytest.mark.parametrize(
    "uneven",
    [
        ev44(2, [3, 4], [8]),
        ev44([2, 2.1], [3, 4], [8, 8]),
        ev44(2, [3, 4], [8, 8], index=()),
        ev44([], [3, 4], [8, 8], index=()),
    ],
    ids=["pixels", "pulses", "no places", "no pulses"],
)
def test_events_that_would_shift_later_ones_are_rejected_alone(by_structure, uneven):
    messages = [ev44(1, [1], [7]), uneven, ev44(3, [5], [9])]
    log, counts = by_structure("ev44", {}, messages, start=0)
    assert counts["#rejected"] == 1
    assert log["event_id"][:].tolist() == [7, 9]
    assert log["event_time_offset"][:].tolist() == [1, 5]
    assert log["event_index"][:].tolist() == [0, 1]
    assert log["event_time_zero"][:].tolist() == [SECOND, 3 * SECOND]
    assert log.file["entry/nxtool_stream/rejected/offset"][:].tolist() == [1]


def test_pulses_of_the_older_format_that_would_shift_later_ones_are_rejected(by_structure):
    def pulse(seconds, times, pixels):
        return oracle.serialise_ev42("a", 1, seconds * SECOND, times, pixels)

    messages = [pulse(1, [1], [7]), pulse(2, [3, 4], [8]), pulse(3, [5], [9])]
    log, counts = by_structure("ev42", {}, messages, start=0)
    assert log["event_id"][:].tolist() == [7, 9]
    assert counts["#rejected"] == 1
    assert log.file["entry/nxtool_stream/rejected/offset"][:].tolist() == [1]


def test_events_without_pixels_do_not_take_those_of_others(by_structure):
    batches = [ev44(1, [1], [])], [ev44(2, [2], [7]), ev44(3, [3, 4], []), ev44(4, [5], [9])]
    log, _ = by_structure("ev44", {}, *batches, [ev44(5, [6], [])], start=0)
    assert log["event_id"][:].tolist() == [-1, 7, -1, -1, 9, -1]
    assert log["event_time_offset"][:].tolist() == [1, 2, 3, 4, 5, 6]


def test_datasets_of_events_are_named_and_typed_as_ever(by_structure):
    log, _ = by_structure("ev44", {"chunk_size": 100}, [ev44(10_001, [1], [1])])
    assert {name: node.dtype.str for name, node in log.items() if node.chunks} == {
        "event_time_offset": "<i4", "event_id": "<i4", "event_time_zero": "<u8",
        "event_index": "<i8", "cue_index": "<i8", "cue_timestamp_zero": "<u8",
    }  # fmt: skip
    assert log["event_id"].chunks == (100,)
    assert log.attrs["NX_class"] == "NXevent_data"


def test_pulses_of_the_older_format_are_the_same(by_structure):
    message = oracle.serialise_ev42("a", 1, 10_001 * SECOND, [1, 2], [3, 4], None)
    log, _ = by_structure("ev42", {}, [message])
    assert log["event_id"][:].tolist() == [3, 4]
    assert log["event_time_zero"][:].tolist() == [10_001 * SECOND]


# ad00, da00, se00, tdct, f142, hs01


def test_frames_are_a_row_each(by_structure):
    frames = np.arange(24, dtype="u2").reshape(2, 3, 4)
    messages = [
        serialise_ad00("a", n, (10_001 + n) * SECOND, frame) for n, frame in enumerate(frames)
    ]
    config = {"dtype": "uint16", "array_size": [3, 4]}
    log, _ = by_structure("ad00", config, messages[:1], messages[1:])
    assert np.array_equal(log["value"], frames)
    assert log["value"].dtype == "u2"
    assert log["time"][:].tolist() == [10_001 * SECOND, 10_002 * SECOND]


def test_the_first_frame_says_what_frames_are_where_nobody_does(by_structure):
    frame = np.arange(6, dtype="i4").reshape(2, 3)
    messages = [serialise_ad00("a", 1, 10_001 * SECOND, frame),
                serialise_ad00("a", 2, 10_002 * SECOND, frame[:1])]  # fmt: skip
    log, counts = by_structure("ad00", {}, messages)
    assert log["value"].shape == (1, 2, 3)
    assert counts["#rejected"] == 1


def test_arrays_that_change_grow_and_constants_do_not(by_structure):
    messages = [
        oracle.serialise_da00("a", (10_001 + n) * SECOND, [
            Variable("counts", np.array([n, n + 1, n + 2]), ["x"], unit="counts", label="Counts"),
            Variable("x", np.array([0.5, 1.5, 2.5]), ["x"], unit="mm"),
            Variable("gain", np.float64(7.0)),
        ])
        for n in range(2)
    ]  # fmt: skip
    config = {
        "variables": [{"name": "counts", "data_type": "int32"}],
        "constants": [{"name": "x"}, {"name": "gain"}],
        "attributes": [{"name": "title", "data": "beam"}],
    }
    log, _ = by_structure("da00", config, messages[:1], messages[1:])
    assert log["counts"][:].tolist() == [[0, 1, 2], [1, 2, 3]]
    assert (log["counts"].dtype, log["counts"].attrs["axes"]) == ("i4", "time:x")
    assert log["x"][:].tolist() == [0.5, 1.5, 2.5]
    assert log["gain"][()] == 7.0
    assert log["time"][:].tolist() == [10_001 * SECOND, 10_002 * SECOND]
    assert log["counts"].attrs["long_name"] == "Counts"
    attributes = {name: np.asarray(value).tolist() for name, value in log.attrs.items()}
    assert attributes == {
        "NX_class": "NXdata", "topic": "t", "source": "a", "writer_module": "da00",
        "title": "beam", "signal": "counts", "axes": ["time", "x"],
    }  # fmt: skip


def test_fast_samples_have_a_time_each_and_messages_are_cues(by_structure):
    def sent(seconds, values, times=None):
        return oracle.serialise_se00("a", 1, seconds * SECOND, 0.5e9, 1, values, 1, times)

    given = np.array([10_003 * SECOND, 10_004 * SECOND])
    messages = [sent(10_001, np.array([1, 2])), sent(10_003, np.array([3, 4]), given)]
    log, _ = by_structure("se00", {}, messages[:1], messages)
    assert log["value"][:].tolist() == [1, 2, 3, 4]
    assert log["time"][:].tolist() == [
        10_001 * SECOND, 10_001 * SECOND + SECOND // 2, 10_003 * SECOND, 10_004 * SECOND
    ]  # fmt: skip
    assert log["cue_index"][:].tolist() == [0, 2]
    assert log["cue_timestamp_zero"][:].tolist() == [10_001 * SECOND, 10_003 * SECOND]
    assert (log["value"].dtype, log["value"].chunks) == ("i8", (4096,))


def test_the_last_sample_before_the_start_is_kept(by_structure):
    message = oracle.serialise_se00("a", 1, 9_999 * SECOND, 0.75e9, 1, np.array([1, 2, 3]), 1, None)
    log, _ = by_structure("se00", {}, [message])
    assert log["value"][:].tolist() == [2, 3]


def test_times_of_choppers_are_rows(by_structure):
    messages = [oracle.serialise_tdct("a", np.array([10_001, 10_002]) * SECOND, 1)]
    log, _ = by_structure("tdct", {}, messages, messages)
    assert log["time"][:].tolist() == [10_001 * SECOND, 10_002 * SECOND]
    assert log["cue_index"][:].tolist() == [0]


# without a structure


@pytest.fixture
def generic(tmp_path):
    """A function that records batches without a structure; gives the entry and the counts."""

    def record(*batches, session=None):
        file, counts = recorded(tmp_path / "run.nxs", session or Session(), *batches)
        return file["entry"], counts

    return record


def test_every_source_gets_a_group_below_its_topic(generic):
    entry, _ = generic([f144(1.0, 1, "motor:x"), f144(np.int16(1), 1, "motor x")],
                       [ev44(1, [1], [2], "bank"), f144(2.0, 2, "motor:x")])  # fmt: skip
    assert {name: group.attrs["source"] for name, group in entry["t"].items()} == {
        "motor_x": "motor:x", "motor_x_2": "motor x", "bank": "bank"
    }  # fmt: skip
    assert entry["t/motor_x/value"][:].tolist() == [1.0, 2.0]
    assert entry["t/motor_x_2/value"].dtype == "i2"


def test_arrays_of_values_are_rows_of_their_length(generic):
    entry, counts = generic([f144(np.array([1.0, 2.0]), 1), f144(np.array([3.0]), 2)])
    assert entry["t/a/value"][:].tolist() == [[1.0, 2.0]]
    assert counts["#rejected"] == 1


@pytest.mark.parametrize(
    ("message", "time"),
    [
        ({"pv": "x", "ts": 1.5e9, "value": 2}, 1_500_000_000 * SECOND),
        ({"source": "x", "timestamp": 1_500_000_000_000, "value": 2.0}, 1_500_000_000 * SECOND),
        ({"name": "x", "time": "2017-07-14T02:40:00Z", "val": 2}, 1_500_000_000 * SECOND),
        ([{"channel": "x", "t": 1_500_000_000 * SECOND, "v": 2}], 1_500_000_000 * SECOND),
    ],
)
def test_json_of_usual_shapes_is_understood(generic, message, time):
    entry, counts = generic([json.dumps(message).encode()])
    assert (entry["t/x/value"][:].tolist(), entry["t/x/time"][:].tolist()) == ([2.0], [time])
    assert counts["#rejected"] == 0


def test_json_of_other_kinds_is_kept_by_kind(generic):
    def sent(name, value, time, **more):
        return json.dumps({"pv": name, "ts": time, "value": value, **more}).encode()

    entry, counts = generic(
        [sent("s", "open", 1, alarm="MAJOR", units="mm"), sent("w", [1, 2.5], 1)],
        [sent("s", "shut", 2), sent("s", 3, 3), sent("w", {"a": 1}, 2), b'{"pv": "s"}', b"[3]"],
    )
    assert entry["t/s/value"][:].tolist() == [b"open", b"shut"]
    assert entry["t/s/alarm"][:].tolist() == [b"MAJOR", b""]
    assert entry["t/s/value"].attrs["units"] == "mm"
    assert entry["t/w/value"][:].tolist() == [[1.0, 2.5]]
    assert entry["nxtool_stream/rejected/reason"][:].tolist() == [
        b"json message: no time: none of ts, time, timestamp, time_ns, t",
        b"json message: JSON without names: int",
        b"json message: 3 among values of another kind",
        b"json message: {'a': 1} is no number, text, or list of numbers",
    ]
    assert counts["#rejected"] == 4


def test_what_cannot_be_decoded_is_noted_with_its_first_bytes(generic):
    entry, counts = generic([b"\x01junk that is nothing", f144(1.0, 1)])
    told = entry["nxtool_stream/rejected"]
    assert told["head"][0] == b"016a756e6b2074686174206973206e6f7468696e67"
    assert (told["size"][0], counts["#rejected"], counts["#messages"]) == (21, 1, 2)


def test_filters_are_those_asked_for(generic):
    entry, _ = generic([f144(1.0, 1)], session=Session(filters="gzip:3"))
    assert (entry["t/a/value"].compression, entry["t/a/value"].compression_opts) == ("gzip", 3)


def test_frames_of_no_size_are_rejected(generic):
    _, counts = generic([serialise_ad00("a", 1, SECOND, np.empty((0, 3), "u1"))])
    assert counts["#rejected"] == 1


# offsets


def test_messages_that_come_again_are_there_once(tmp_path):
    path = tmp_path / "run.nxs"
    recorder = Recorder.create(path, Session())
    recorder.follow({"t/0": 0, "t/1": 5})
    values = [f144(float(n), n + 1) for n in range(6)]
    recorder.take(arrived(values[:4]))
    recorder.take(arrived(values[2:6], 2))
    recorder.take(arrived(values[:2]))
    recorder.take(arrived([f144(9.0, 99)], 5, partition=1))
    recorder.flush()
    recorder.abandon()
    recorder = Recorder.resume(path)
    recorder.take(arrived(values))
    assert recorder.positions == {"t/0": 6, "t/1": 6}
    assert recorder.counts["#again"] == 10
    recorder.finish()
    with h5py.File(path) as file:
        assert file["entry/t/a/value"][:].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 9.0]


def test_offsets_that_are_left_out_are_listed(tmp_path):
    recorder = Recorder.create(tmp_path / "run.nxs", Session())
    recorder.follow({"t/0": 3})
    recorder.take(arrived([f144(1.0, 1)], 5))
    recorder.take(arrived([f144(2.0, 2)], 6))
    recorder.take(arrived([f144(3.0, 3)], 9))
    recorder.finish()
    assert recorder.counts["#gaps"] == 2
    with h5py.File(tmp_path / "run.nxs") as file:
        gaps = file["entry/nxtool_stream/gaps"]
        assert list(zip(gaps["first"][:], gaps["next"][:], strict=True)) == [(3, 5), (7, 9)]


def test_what_was_not_flushed_is_not_there_when_the_writer_is_gone(tmp_path):
    path = tmp_path / "run.nxs"
    recorder = Recorder.create(path, Session())
    recorder.follow({"t/0": 0})
    recorder.take(arrived([f144(1.0, 1)]))
    recorder.flush()
    recorder.take(arrived([f144(2.0, 2)], 1))
    recorder.abandon()
    recorder = Recorder.resume(path)
    assert recorder.positions == {"t/0": 1}
    recorder.take(arrived([f144(1.0, 1), f144(2.0, 2)]))
    recorder.finish()
    with h5py.File(path) as file:
        assert file["entry/t/a/value"][:].tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (epics("abc", 1), epics(1.5, 0)),
        (json_of(10**400, 1), json_of(1.0, 0)),
        (json_of([10**400], 1), json_of([1.0], 0)),
        (json_of(2.0, "9999-12-31T00:00:00Z"), json_of(1.0, 0)),
        (json_of(2.0, "0001-01-01T00:00:00+23:59"), json_of(1.0, 0)),
        (json_of(2.0, -5), json_of(1.0, 0)),
        (array_of("ab", 1), array_of(np.array(1.0), 0)),
    ],
    ids=["text", "large", "large in a list", "after 2262", "before 1677", "before 1970", "da00"],
)
def test_what_cannot_become_what_is_stored_is_rejected_alone(generic, first, second):
    entry, counts = generic([second], [first])
    assert (counts["#rejected"], counts["#rows"]) == (1, 1)
    assert len(entry["nxtool_stream/rejected/reason"]) == 1


@pytest.mark.parametrize("batches", [1, 2], ids=["in one batch", "in the next batch"])
def test_an_empty_array_at_first_does_not_refuse_those_after_it(generic, batches):
    nothing, something = [json_of([], 1), f144(np.array([]), 1, "b")], [json_of([1.0, 2.0], 2)]
    something += [f144(np.array([3.0]), 2, "b"), f144(np.array([4.0]), 3, "b")]
    parts = [nothing, something] if batches == 2 else [nothing + something]
    entry, counts = generic(*parts)
    assert entry["t/a/value"][:].tolist() == [[1.0, 2.0]]
    assert entry["t/b/value"][:].tolist() == [[3.0], [4.0]]
    assert counts["#rejected"] == 2


def test_a_source_that_says_nothing_for_long_is_refused_for_good(generic):
    entry, counts = generic(*([json_of([], n)] for n in range(20)), [json_of([1.0], 21)])
    assert "t" not in entry or "a" not in entry["t"]
    assert counts["#rejected"] == 21


@pytest.mark.parametrize("apart", [1e300, 1e308, -1e308])
def test_samples_that_are_too_far_apart_are_rejected(apart):
    values = np.arange(40)
    message = Samples("a", 0, START, apart, 1, values, None, 0)
    with pytest.raises(Unfit, match="ns apart"):
        FastSamples(ModuleSpec("se00", "t", "a", "/entry/a"), Window()).add(message)
