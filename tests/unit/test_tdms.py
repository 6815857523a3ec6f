"""TDMS files: channels, times and properties."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nxtool.errors import MissingExtra, SourceError
from nxtool.sources.tdms import opener
from tests.examples import many
from tests.sourcedamage import read_damaged

nptdms = pytest.importorskip("nptdms")

VOLTS = np.arange(8, dtype=np.float32)
WAVE = {"unit_string": "V", "wf_increment": 0.5, "wf_start_offset": 1.0}


def write(path):
    channel = nptdms.ChannelObject
    moments = np.array(["2026-01-05T10:00:00"], dtype="datetime64[us]")
    with nptdms.TdmsWriter(path) as writer:
        writer.write_segment(
            [
                nptdms.RootObject({"operator": "A. Person", "run": 7}),
                nptdms.GroupObject("laser", {"power": 1.5}),
                channel("laser", "volts", VOLTS[:5], WAVE),
                channel("laser", "names", ["a", "bc"]),
                channel("laser", "count", np.arange(3, dtype=np.int16)),
                channel("laser", "moment", moments),
            ]
        )
        writer.write_segment([channel("laser", "volts", VOLTS[5:])])
    return path


@pytest.fixture
def file(tmp_path):
    return write(tmp_path / "a.tdms")


@pytest.fixture
def reader(file):
    opened = opener({})(file)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("selector", "dtype", "units", "value"),
    [
        ("laser/volts", np.float32, "V", VOLTS.tolist()),
        ("laser/volts:time", np.float64, "s", [1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5]),
        ("laser/names", object, None, ["a", "bc"]),
        ("laser/count", np.int16, None, [0, 1, 2]),
        ("laser/moment", object, None, ["2026-01-05T10:00:00.000000"]),
        ("#operator", object, None, "A. Person"),
        ("#run", np.int64, None, 7),
        ("laser:#power", np.float64, None, 1.5),
        ("laser/volts:#unit_string", object, None, "V"),
    ],
)
def test_channels_times_and_properties_are_found(reader, selector, dtype, units, value):
    array = reader.array(selector)
    assert (array.info.dtype, array.info.units) == (dtype, units)
    assert array.read(0, 99).tolist() == value


def test_a_channel_is_read_piece_by_piece(reader):
    array = reader.array("laser/volts")
    assert array.read(4, 6).tolist() == [4, 5]
    assert array.read(6, 4).tolist() == []


def test_keys_name_channels_then_properties(reader):
    assert list(reader.keys()) == [
        *("laser/volts", "laser/volts:time", "laser/names", "laser/count", "laser/moment"),
        *("#operator", "#run", "laser:#power", "laser/volts:#unit_string"),
        *("laser/volts:#wf_increment", "laser/volts:#wf_start_offset"),
    ]


def test_a_wrong_name_is_told_with_the_nearest(reader, file):
    with pytest.raises(SourceError) as error:
        reader.array("laser/volt")
    assert str(error.value) == (
        f"{file}: no channel 'laser/volt' (did you mean laser/volts,"
        " laser/volts:time, laser/count?)"
    )


@settings(max_examples=30)
@given(
    hnp.arrays(
        st.sampled_from(["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"]),
        st.integers(1, 30),
    )
)
def test_values_come_back_bit_for_bit(tmp_path_factory, values):
    file = tmp_path_factory.getbasetemp() / "round.tdms"
    with nptdms.TdmsWriter(file) as writer:
        writer.write_segment([nptdms.ChannelObject("g", "c", values)])
    reader = opener({})(file)
    found = reader.array().read(0, len(values))
    reader.close()
    assert found.dtype == values.dtype
    np.testing.assert_array_equal(found, values)


def test_a_file_cut_off_anywhere_is_refused_without_a_word_elsewhere(file, capfd):
    content = file.read_bytes()
    whole = 0
    for size in range(len(content)):
        file.write_bytes(content[:size])
        try:
            opener({})(file).close()
            whole += 1
        except SourceError:
            pass
    assert whole == 1  # the end of the first segment
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no segment of TDMS where one is due (the file is truncated or damaged)"),
        (b"x" * 99, "no segment of TDMS where one is due (the file is truncated or damaged)"),
        (
            b"TDSm" + bytes(8) + b"\x05" + bytes(15),
            "its last segment should end at byte 33, the file ends at 28"
            " (the file is truncated or damaged)",
        ),
        (b"TDSm" + bytes(8) + b"\xff" * 8 + bytes(8), "its last segment was never finished"),
    ],
)
def test_what_is_no_whole_file_is_told(tmp_path, content, message):
    (tmp_path / "a.tdms").write_bytes(content)
    with pytest.raises(SourceError) as error:
        opener({})(tmp_path / "a.tdms")
    assert str(error.value) == f"{tmp_path}/a.tdms: {message}"


@many(150)
@given(st.integers(0, 2000), st.integers(0, 255))
def test_damage_gives_channels_or_a_source_error(tmp_path_factory, place, byte):
    file = write(tmp_path_factory.getbasetemp() / "damaged.tdms")
    content = bytearray(file.read_bytes())
    content[place % len(content)] = byte
    read_damaged(opener({}), file, content)


def test_without_nptdms_it_is_said_what_to_install(file, monkeypatch):
    monkeypatch.setitem(sys.modules, "nptdms", None)
    with pytest.raises(MissingExtra) as error:
        opener({})(file)
    assert str(error.value) == (
        "reading the measurement a.tdms needs an optional package (pip install 'nxtool[daq]')"
    )
