"""EDF files: frames and headers as they are, damage always told."""

import gzip
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nxtool.errors import MissingExtra, SourceError
from nxtool.sources.edffile import EdfFile, opener
from tests.examples import many
from tests.sourcedamage import read_damaged

NAMES = {
    "i1": "SignedByte", "u1": "UnsignedByte", "i2": "SignedShort", "u2": "UnsignedShort",
    "i4": "SignedInteger", "u4": "UnsignedInteger", "i8": "Signed64", "u8": "Unsigned64",
    "f4": "FloatValue", "f8": "DoubleValue",
}  # fmt: skip
FRAMES = st.sampled_from(sorted(NAMES)).flatmap(
    lambda kind: st.sampled_from("<>").flatmap(
        lambda order: hnp.arrays(order + kind, hnp.array_shapes(min_dims=3, max_dims=4, max_side=4))
    )
)
STACK = np.arange(24, dtype=">u2").reshape(3, 2, 4)


def header(frame, **more):
    order = "HighByteFirst" if frame.dtype.str[0] == ">" else "LowByteFirst"
    sides = {f"Dim_{n}": side for n, side in enumerate(reversed(frame.shape), start=1)}
    keys = {"ByteOrder": order, "DataType": NAMES[frame.dtype.str[1:]], **sides, **more}
    text = "{\n" + "".join(f"{key} = {value} ;\n" for key, value in keys.items())
    return (text.ljust(510) + "}\n").encode()


def edf(stack, **more):
    return b"".join(
        header(frame, Image=number, **more) + frame.tobytes() for number, frame in enumerate(stack)
    )


@pytest.fixture
def written(tmp_path):
    def write(content):
        (tmp_path / "a.edf").write_bytes(content)
        return tmp_path / "a.edf"

    return write


def told(file):
    with pytest.raises(SourceError) as error:
        opener({})(file)
    return str(error.value).replace(f"{file}: ", "")


@given(FRAMES, st.integers(0, 4), st.integers(0, 4))
def test_pixels_come_back_as_written(tmp_path_factory, stack, start, stop):
    file = tmp_path_factory.getbasetemp() / "round.edf"
    file.write_bytes(edf(stack))
    array = opener({})(file).array()
    expected = stack if len(stack) > 1 else stack[0]
    assert (array.info.shape, array.info.dtype) == (expected.shape, expected.dtype)
    found = array.read(start, stop)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected[start:stop])


def test_the_extents_are_the_pixels(written):
    file = written(edf(STACK))
    content = file.read_bytes()
    extents = opener({})(file).array().info.extents
    assert b"".join(content[e.offset : e.offset + e.size] for e in extents) == STACK.tobytes()


def test_what_fabio_writes_is_read(tmp_path):
    from fabio.edfimage import EdfImage

    stack = STACK.astype(np.uint16)
    image = EdfImage(data=stack[0], header={"exposure": "0.5", "sample": "a"})
    image.append_frame(data=stack[1], header={"exposure": "1", "sample": "b"})
    image.write(str(tmp_path / "a.edf"))
    image.close()
    reader = opener({})(tmp_path / "a.edf")
    assert isinstance(reader, EdfFile)
    np.testing.assert_array_equal(reader.array().read(0, 2), stack[:2])
    assert reader.array("#exposure").read(0, 2).tolist() == [0.5, 1]
    assert reader.array("#sample").read(0, 2).tolist() == ["a", "b"]
    assert "#exposure" in list(reader.keys())


def test_a_block_without_pixels_is_no_frame(written):
    start = b"{\nEDF_DataFormatVersion = 2.40 ;\nEDF_BinarySize = 4 ;\n}\n1234"
    assert opener({})(written(start + edf(STACK))).array().info.shape == (3, 2, 4)


def test_padding_counts_to_the_frame(written):
    content = b"".join(header(frame, Size=20) + frame.tobytes() + b"\xff" * 4 for frame in STACK)
    array = opener({})(written(content + b"\0" * 100)).array()
    np.testing.assert_array_equal(array.read(0, 3), STACK)


def test_a_wrong_header_key_is_told_with_the_nearest(written):
    file = written(edf(STACK))
    with pytest.raises(SourceError) as error:
        opener({})(file).array("#Imag")
    assert str(error.value) == f"{file}: no header key '#Imag' (did you mean #Image?)"


DAMAGED = "(the file is truncated or damaged)"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "there is no frame in it"),
        (b"II*\0", "is not an EDF file"),
        (edf(STACK)[:-1], f"frame 3 should end at byte 1584, the file ends at 1583 {DAMAGED}"),
        (edf(STACK)[:1300], f"the header at byte 1056 has no end {DAMAGED}"),
        (edf(STACK) + b"tail", "no header at byte 1584"),
        (edf(STACK[:1], Size=15), "frame 1: has 15 bytes, but (2, 4) >u2 are 16"),
        (edf(STACK[:1], Dim_1="4.0"), "frame 1: dim_1 is '4.0', not a whole number"),
        (edf(STACK[:1], Dim_2="0"), "frame 1: an image of (0, 4) pixels"),
        (edf(STACK[:1], DataType="Complex"), "frame 1: pixels of type 'Complex'"),
        (edf(STACK[:1], ByteOrder="?"), "frame 1: byte order '?'"),
        (
            edf(STACK[:1], EDF_BinaryFileName="/etc/passwd"),
            "frame 1: its pixels are in another file (join the two)",
        ),
        (
            edf(STACK[:1], EDF_HeaderSize=1024),
            "frame 1: its header has 512 bytes, but claims 1024",
        ),
        (
            edf(STACK[:1]) + edf(STACK[:1].astype("<u2")),
            "frame 2 is (2, 4) uint16, but frame 1 is (2, 4) >u2",
        ),
    ],
)
def test_damage_is_told(written, content, message):
    assert told(written(content)) == message


def test_a_header_that_never_ends_is_not_read_for_ever(written):
    file = written(b"{" + b" " * (2 << 20))
    assert told(file) == f"the header at byte 0 has no end {DAMAGED}"


def test_a_packed_frame_goes_to_fabio(written):
    packed = gzip.compress(STACK[0].tobytes())
    file = written(header(STACK[0], Compression="GZIP", Size=len(packed)) + packed)
    reader = opener({})(file)
    np.testing.assert_array_equal(reader.array().read(0, 2), STACK[0])
    reader.close()


def test_a_packed_frame_without_fabio_says_what_to_install(written, monkeypatch):
    monkeypatch.setitem(sys.modules, "fabio", None)
    with pytest.raises(MissingExtra) as error:
        opener({})(written(header(STACK[0], Compression="GZIP")))
    assert str(error.value) == (
        "reading the EDF image (GZIP) a.edf needs an optional package"
        " (pip install 'nxtool[images]')"
    )


@many(200)
@given(st.integers(0, 2000), st.integers(0, 1583), st.integers(0, 255))
def test_damage_gives_frames_or_a_source_error(tmp_path_factory, size, place, byte):
    content = bytearray(edf(STACK))
    content[place] = byte
    file = tmp_path_factory.getbasetemp() / "damaged.edf"
    read_damaged(opener({}), file, content[:size])
