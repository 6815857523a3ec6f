"""SPC files: spectra with their axes and header."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import SourceError
from nxtool.sources.spcfile import opener
from tests.examples import many
from tests.sourcedamage import read_damaged

DATE = 2026 << 20 | 1 << 16 | 5 << 11 | 10 << 6 | 30
LOG = b"INSTRUMENT = FTIR\r\nSCANS = 32\r\n\0"
Y = np.array([1, -2, 3.5], np.float32)


def spc(rows, flags=0, axes=(), exponent=-128, log=b"", xtype=1):
    """A file byte for byte as the guide of Thermo Galactic has it."""
    many = flags | (4 if len(rows) > 1 else 0)
    body = b"" if many & 64 or not axes else axes[0].tobytes()
    for number, row in enumerate(rows):
        body += struct.pack("<BbHfffiif4x", 0, exponent, number, 0.5 * number, 0, 0, len(row), 0, 0)
        body += (axes[number].tobytes() if many & 64 else b"") + row.tobytes()
    place = 512 + len(body) if log else 0
    head = struct.pack(
        "<BBBbiddiBBBBi9s9sh32s130s30si",
        *(many, 0x4B, 0, exponent, len(rows[0]), 400, 800, len(rows), xtype, 2, 4, 0, DATE),
        *(b"4 cm-1", b"lab 3", 0, b"", b"a film", b"", place),
    ).ljust(512, b"\0")
    tail = struct.pack("<IIIII44s", 64 + len(log), 4096, 64, 0, 0, b"") + log if log else b""
    return head + body + tail


@pytest.fixture
def read(tmp_path):
    def opened(content):
        (tmp_path / "a.spc").write_bytes(content)
        return opener({})(tmp_path / "a.spc")

    return opened


def test_one_spectrum_has_an_even_axis(read):
    reader = read(spc([Y], log=LOG))
    assert reader.array().info.dtype == np.float32
    assert reader.array().read(0, 9).tolist() == Y.tolist()
    assert reader.array("x").info.units == "1/cm"
    assert reader.array("x").read(0, 9).tolist() == [400, 600, 800]


def test_several_spectra_are_rows(read):
    axis = np.array([1, 2, 4], np.float32)
    reader = read(spc([Y, Y + 1], flags=128, axes=[axis], xtype=3))
    np.testing.assert_array_equal(reader.array().read(0, 2), [Y, Y + 1])
    assert reader.array("x").read(0, 9).tolist() == [1, 2, 4]
    assert reader.array("x").info.units == "nm"
    assert reader.array("z").read(0, 9).tolist() == [0, 0.5]


def test_spectra_with_axes_of_their_own_go_by_number(read):
    axes = [np.array([1, 2, 4], np.float32), np.array([7, 9], np.float32)]
    reader = read(spc([Y, Y[:2]], flags=64 | 128, axes=axes))
    assert reader.array("2").read(0, 9).tolist() == [1, -2]
    assert reader.array("2:x").read(0, 9).tolist() == [7, 9]


@pytest.mark.parametrize(("kind", "flags", "factor"), [("<i2", 1, 2.0**-12), ("<i4", 0, 2.0**-28)])
def test_whole_numbers_are_scaled_by_their_exponent(read, kind, flags, factor):
    values = np.array([1, -2, 1000], kind)
    array = read(spc([values], flags=flags, exponent=4)).array()
    assert array.info.dtype == np.float64
    assert array.read(0, 9).tolist() == (values * factor).tolist()


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("#date", "2026-01-05T10:30:00"),
        ("#comment", "a film"),
        ("#resolution", "4 cm-1"),
        ("#source", "lab 3"),
        ("#log", "INSTRUMENT = FTIR\r\nSCANS = 32"),
    ],
)
def test_the_header_is_kept(read, key, text):
    assert read(spc([Y], log=LOG)).array(key).read(0, 1)[()] == text


HINT = "(the file is truncated or damaged)"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is no SPC file of version 4B (older ones must be converted)"),
        (b"\0\x4d", "is no SPC file of version 4B (older ones must be converted)"),
        (spc([Y])[:100], f"512 bytes are due at byte 0, the file ends at 100 {HINT}"),
        (spc([Y])[:-1], f"12 bytes are due at byte 544, the file ends at 555 {HINT}"),
        (spc([Y], log=LOG)[:-1], f"32 bytes are due at byte 620, the file ends at 651 {HINT}"),
        (spc([Y, Y])[:590], f"12 bytes are due at byte 588, the file ends at 590 {HINT}"),
    ],
)  # fmt: skip
def test_damage_is_told(read, tmp_path, content, message):
    with pytest.raises(SourceError) as error:
        read(content)
    assert str(error.value) == f"{tmp_path}/a.spc: {message}"


@many(200)
@given(st.integers(0, 620), st.integers(0, 255))
def test_damage_gives_spectra_or_a_source_error(tmp_path_factory, place, byte):
    content = bytearray(spc([Y, Y], log=LOG))
    content[place] = byte
    file = tmp_path_factory.getbasetemp() / "damaged.spc"
    read_damaged(opener({}), file, content)
