"""MRC files: pixels where they lie, and their header."""

import struct
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nxtool.errors import MissingExtra, SourceError
from nxtool.sources.mrc import opener
from tests.examples import many
from tests.sourcedamage import read_damaged

mrcfile = pytest.importorskip("mrcfile")

STACK = np.arange(24, dtype=np.int16).reshape(2, 3, 4)


def write(path, values=STACK):
    with mrcfile.new(path, data=values, overwrite=True) as file:
        file.voxel_size = 1.5
        file.add_label("a test")
    return path


@pytest.fixture
def file(tmp_path):
    return write(tmp_path / "a.mrc")


@settings(max_examples=30)
@given(
    hnp.arrays(
        st.sampled_from(["i1", "i2", "u2", "f2", "f4", "c8"]),
        hnp.array_shapes(min_dims=2, max_dims=3, min_side=1, max_side=4),
        elements=st.integers(0, 100),
    )
)
def test_pixels_come_back_as_written(tmp_path_factory, values):
    file = write(tmp_path_factory.getbasetemp() / "round.mrc", values)
    array = opener({})(file).array()
    assert (array.info.shape, array.info.dtype) == (values.shape, values.dtype)
    np.testing.assert_array_equal(array.read(0, len(values)), values)


def test_big_endian_stays_big_endian(file):
    content = bytearray(file.read_bytes())
    words = struct.unpack("<56i", content[:224])
    content[:224] = struct.pack(">56i", *words)
    content[212:216] = b"\x11\x11\0\0"
    content[208:212] = b"MAP "
    content[216:224] = bytes(4) + struct.pack(">i", 0)
    content[1024:] = STACK.astype(">i2").tobytes()
    file.write_bytes(content)
    array = opener({})(file).array()
    assert array.info.dtype == ">i2"
    np.testing.assert_array_equal(array.read(0, 2), STACK)


def test_the_extent_is_the_data(file):
    (extent,) = opener({})(file).array().info.extents
    assert file.read_bytes()[extent.offset :] == STACK.tobytes()


@pytest.mark.parametrize(
    ("key", "units", "value"),
    [("#nx", None, 4), ("#dmax", None, 23), ("#voxel_size", "angstrom", [1.5, 1.5, 1.5])],
)
def test_the_header_is_kept(file, key, units, value):
    array = opener({})(file).array(key)
    assert array.info.units == units
    assert array.read(0, 3).tolist() == value


def test_labels_are_text(file):
    label = opener({})(file).array("#label").read(0, 1)[()]
    assert label.splitlines()[1] == "a test"


def test_a_wrong_key_is_told_with_the_nearest(file):
    with pytest.raises(SourceError) as error:
        opener({})(file).array("#nsym")
    assert str(error.value) == f"{file}: no header key '#nsym' (did you mean #nsymbt, #ny?)"


@pytest.mark.parametrize(
    ("change", "size"), [(slice(0, -1), 1071), (slice(0, 1024), 1024), (slice(0, None), 1073)]
)
def test_a_file_of_another_length_is_refused(file, change, size):
    file.write_bytes((file.read_bytes() + b"x" * (size == 1073))[change])
    with pytest.raises(SourceError) as error:
        opener({})(file)
    assert str(error.value) == (
        f"{file}: (2, 3, 4) int16 from 1024 on should end at byte 1072, the file ends at {size}"
        " (the file is truncated or damaged)"
    )


@pytest.mark.parametrize("size", [0, 100, 1023])
def test_a_truncated_header_is_refused(file, size):
    file.write_bytes(file.read_bytes()[:size])
    with pytest.raises(SourceError) as error:
        opener({})(file)
    assert str(error.value) == (
        f"{file}: mrcfile cannot read it: Couldn't read enough bytes for MRC header"
    )


@many(150)
@given(st.integers(0, 1071), st.integers(0, 255))
def test_damage_gives_pixels_or_a_source_error(tmp_path_factory, place, byte):
    file = write(tmp_path_factory.getbasetemp() / "damaged.mrc")
    content = bytearray(file.read_bytes())
    content[place] = byte
    read_damaged(opener({}), file, content)


def test_without_mrcfile_it_is_said_what_to_install(file, monkeypatch):
    monkeypatch.setitem(sys.modules, "mrcfile", None)
    with pytest.raises(MissingExtra) as error:
        opener({})(file)
    assert str(error.value) == (
        "reading the image a.mrc needs an optional package (pip install 'nxtool[em]')"
    )
