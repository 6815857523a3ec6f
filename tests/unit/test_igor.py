"""Igor waves and experiments: values, scales, units and notes."""

import struct
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nxtool.errors import MissingExtra, SourceError
from nxtool.sources.igor import experiment_opener, opener
from tests.examples import many
from tests.sourcedamage import read_damaged

pytest.importorskip("igor2")

TYPES = {
    "i1": 0x08, "u1": 0x48, "i2": 0x10, "u2": 0x50, "i4": 0x20, "u4": 0x60, "f4": 2, "f8": 4,
    "c8": 3, "c16": 5,
}  # fmt: skip
NOTE = b"[SES]\rDate=05/01/2026\rPass Energy=20\rExcitation: 55.5\rComments=\r"
VALUES = np.arange(6, dtype="<f4").reshape(2, 3)
NAMED = (b"cts", (b"eV", b"deg"))


def wave(values, note=NOTE, units=NAMED, name=b"cut"):
    """A binary wave of version 5, byte for byte as Igor's technical note 3 has it."""
    order = ">" if values.dtype.str[0] == ">" else "<"
    data = values.tobytes(order="F")
    data_units, axis_units = units
    long = [unit if len(unit) > 3 else b"" for unit in (data_units, *axis_units, b"", b"")][:5]
    short = [unit if len(unit) <= 3 else b"" for unit in (data_units, *axis_units, b"", b"")][:5]
    sides = (*values.shape, 0, 0, 0)[:4]
    header = struct.pack(
        f"{order}4sIIihh6sh32sii4i4d4d4s16shhdd4s16s16s4s64shhhccii2xh4s4s",
        *(b"", 0, 3850000000, values.size, TYPES[values.dtype.str[1:]], 0, b"", 1, name, 0, 0),
        *(*sides, 0.5, 2, 0, 0, 1, -1, 0, 0, short[0].ljust(4, b"\0")),
        b"".join(unit.ljust(4, b"\0") for unit in (*short[1:], b"")[:4]),
        *(0, 0, 0, 0, b"", b"", b"", b"", b"", 0, 0, 0, b"\0", b"\0", 0, 0, 0, b"", b""),
    )
    sizes = (len(note), len(long[0]), *(len(unit) for unit in (*long[1:], b"")[:4]), 0, 0, 0, 0)
    start = struct.pack(f"{order}ii12i", 320 + len(data), 0, *sizes, *(0,) * (12 - len(sizes)))
    start += bytes(60 - len(start))
    total = sum(struct.unpack(f"{order}192h", struct.pack(f"{order}hh", 5, 0) + start + header))
    start = struct.pack(f"{order}hH", 5, -total & 0xFFFF) + start
    return start + header + data + note + b"".join(long)


def record(kind, content):
    return struct.pack("<Hhi", kind, 1 if kind == 9 else 5, len(content)) + content


def experiment(*waves):
    folder = b"run_1".ljust(32, b"\0")
    inside = b"".join(record(3, one) for one in waves[1:])
    return record(3, waves[0]) + record(9, folder) + inside + record(10, b"")


@pytest.fixture
def read(tmp_path):
    def opened(content, name="a.ibw"):
        (tmp_path / name).write_bytes(content)
        return (opener if name == "a.ibw" else experiment_opener)({})(tmp_path / name)

    return opened


@many(60)
@given(
    st.sampled_from(sorted(TYPES)).flatmap(
        lambda kind: st.sampled_from("<>").flatmap(
            lambda order: hnp.arrays(order + kind, hnp.array_shapes(max_dims=4, max_side=4))
        )
    )
)
def test_values_come_back_as_written(tmp_path_factory, values):
    file = tmp_path_factory.getbasetemp() / "round.ibw"
    file.write_bytes(wave(values))
    array = opener({})(file).array()
    assert (array.info.shape, array.info.dtype) == (values.shape, values.dtype)
    np.testing.assert_array_equal(array.read(0, len(values)), values)


@pytest.mark.parametrize(
    ("selector", "units", "value"),
    [
        ("", "cts", VALUES.tolist()),
        ("axis(0)", "eV", [1, 1.5]),
        ("axis(1)", "deg", [-1, 1, 3]),
        ("#note", None, NOTE.decode()),
        ("#Date", None, "05/01/2026"),
        ("#Pass Energy", None, 20),
        ("#Excitation", None, 55.5),
    ],
)
def test_a_wave_gives_values_scales_and_its_note(read, selector, units, value):
    array = read(wave(VALUES)).array(selector)
    assert array.info.units == units
    assert array.read(0, 9).tolist() == value


def test_long_units_are_read(read):
    reader = read(wave(VALUES, units=(b"counts/s", (b"kinetic eV", b"deg"))))
    units = [reader.array(name).info.units for name in ("", "axis(0)", "axis(1)")]
    assert units == ["counts/s", "kinetic eV", "deg"]


def test_keys_name_what_there_is_beside_the_values(read):
    assert list(read(wave(VALUES)).keys()) == [
        *("axis(0)", "axis(1)", "#note", "#Date", "#Pass Energy", "#Excitation"),
    ]


def test_waves_of_an_experiment_go_by_their_path(read):
    content = experiment(wave(VALUES), wave(VALUES[:1], name=b"other", note=b""))
    reader = read(content, "a.pxp")
    assert list(reader.keys()) == [
        *("cut", "cut:axis(0)", "cut:axis(1)", "cut:#note", "cut:#Date", "cut:#Pass Energy"),
        *("cut:#Excitation", "run_1/other", "run_1/other:axis(0)", "run_1/other:axis(1)"),
        "run_1/other:#note",
    ]
    assert reader.array("run_1/other").read(0, 1).tolist() == [[0, 1, 2]]


def test_a_wrong_name_is_told_with_the_nearest(read, tmp_path):
    with pytest.raises(SourceError) as error:
        read(wave(VALUES)).array("#Dat")
    assert str(error.value) == f"{tmp_path}/a.ibw: no array '#Dat' (did you mean #Date?)"


@pytest.mark.parametrize("size", [0, 1, 5, 60, 100, 390, 400])
def test_a_truncated_wave_is_refused_without_a_word_elsewhere(read, tmp_path, size, capfd):
    with pytest.raises(SourceError) as error:
        read(wave(VALUES)[:size])
    assert error.value.message in (
        f"{tmp_path}/a.ibw: is no Igor wave",
        f"{tmp_path}/a.ibw: a wave claims {344 + len(NOTE)} of {size} bytes",
    )
    assert capfd.readouterr() == ("", "")


def test_a_note_that_is_cut_off_is_told(read, tmp_path):
    with pytest.raises(SourceError) as error:
        read(wave(VALUES)[:-1])
    assert error.value.message.startswith(f"{tmp_path}/a.ibw: igor2 cannot read it: not enough")


@pytest.mark.parametrize("size", [0, 4, 500, -1])
def test_a_truncated_experiment_is_refused(read, tmp_path, size):
    with pytest.raises(SourceError) as error:
        read(experiment(wave(VALUES))[:size], "a.pxp")
    assert str(error.value) == (
        f"{tmp_path}/a.pxp: is no packed experiment (the file is truncated or damaged)"
    )


def test_an_experiment_without_waves_is_refused(read, tmp_path):
    with pytest.raises(SourceError) as error:
        read(record(9, b"empty") + record(10, b""), "a.pxp")
    assert str(error.value) == f"{tmp_path}/a.pxp: there is no wave in it"


@many(200)
@given(st.integers(0, 460), st.integers(0, 255), st.booleans())
def test_damage_gives_values_or_a_source_error(tmp_path_factory, place, byte, packed):
    content = bytearray(experiment(wave(VALUES)) if packed else wave(VALUES))
    content[place] = byte
    file = tmp_path_factory.getbasetemp() / "damaged.ibw"
    read_damaged((experiment_opener if packed else opener)({}), file, content)


def test_without_igor2_it_is_said_what_to_install(read, monkeypatch):
    monkeypatch.setitem(sys.modules, "igor2.binarywave", None)
    with pytest.raises(MissingExtra) as error:
        read(wave(VALUES))
    assert str(error.value) == (
        "reading the wave a.ibw needs an optional package (pip install 'nxtool[igor]')"
    )
