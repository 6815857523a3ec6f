"""SIF files of Andor cameras: frames where they lie, wavelengths, header."""

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import MissingExtra, SourceError
from nxtool.sources.siffile import opener
from tests.examples import many
from tests.sourcedamage import read_damaged

pytest.importorskip("sif_parser")

FRAMES = np.arange(12, dtype="<f4").reshape(2, 2, 3)


def sif(frames=FRAMES, calibration="400 0.5 0 0"):
    """A file of version 65559 as sif-parser takes it apart, for want of a published format."""
    count, height, width = frames.shape
    lines = [
        b"Andor Technology Multi-Channel File",
        b"65538 1",
        b"65559 0 0 1 1540956289 -70 " + b" " * 10 + b"0 0.1 0.2 0.3 1 \0 0.4 1e-06 0 1 2 0 0 3 "
        + b"0 " * 16 + b"7 rest",
        b"DV420",
        b"1024 256",
        b"5",
        b"a.sif \n65538 2",
        b"ok",
        b"65538 " + b" " * 8 + b"0.05 0.06",
        *[b"skipped"] * 8,
        b"SR303i Shamrock x",
        b"65539 " + calibration.encode(),
        *(b"0 1 0 0", b"0 1 0 0", b"0", b"422", b"13", b"13"),
        b"5\nPixel6\nCounts5\nPixel65541 0 0 0 0 " + f"{count} 1 {frames.size} {height * width} "
        .encode() + f"65538 1 {height} {width} 1 1 1".encode(),
        *[b"0"] * count,
    ]  # fmt: skip
    return b"\n".join(lines) + b"\n" + frames.tobytes()


@pytest.fixture
def read(tmp_path):
    def opened(content):
        (tmp_path / "a.sif").write_bytes(content)
        return opener({})(tmp_path / "a.sif")

    return opened


@pytest.mark.parametrize("frames", [FRAMES, FRAMES[:1]])
def test_frames_come_back_where_they_lie(read, tmp_path, frames):
    array = read(sif(frames)).array()
    expected = frames if len(frames) > 1 else frames[0]
    assert (array.info.shape, array.info.dtype) == (expected.shape, "<f4")
    np.testing.assert_array_equal(array.read(0, 2), expected)
    (extent,) = array.info.extents
    content = (tmp_path / "a.sif").read_bytes()
    assert content[extent.offset : extent.offset + extent.size] == frames.tobytes()


def test_the_wavelength_and_the_header_are_told(read):
    reader = read(sif())
    assert reader.array("x").read(0, 9).tolist() == [400.5, 401, 401.5]
    assert reader.array("#ExposureTime").read(0, 1)[()] == 0.1
    assert reader.array("#DetectorType").read(0, 1)[()] == "DV420"


def test_without_calibration_there_is_no_wavelength(read):
    assert "x" not in list(read(sif(calibration="0 0 0 0")).keys())


@pytest.mark.parametrize("size", [0, 10, 40, 200, 350])
def test_a_truncated_header_is_refused_and_not_waited_for(read, tmp_path, size):
    with pytest.raises(SourceError) as error:
        read(sif()[:size])
    assert error.value.message.startswith(f"{tmp_path}/a.sif: sif_parser cannot read it: ")


def test_missing_pixels_are_told(read, tmp_path):
    with pytest.raises(SourceError) as error:
        read(sif()[:-1])
    assert str(error.value) == (
        f"{tmp_path}/a.sif: sif_parser cannot read it: mmap length is greater than file size"
    )


@many(200)
@given(st.integers(0, 10**6), st.integers(0, 255))
def test_damage_gives_frames_or_a_source_error(tmp_path_factory, place, byte):
    content = bytearray(sif())
    content[place % len(content)] = byte
    file = tmp_path_factory.getbasetemp() / "damaged.sif"
    read_damaged(opener({}), file, content)


def test_without_sif_parser_it_is_said_what_to_install(read, monkeypatch):
    monkeypatch.setitem(sys.modules, "sif_parser", None)
    with pytest.raises(MissingExtra) as error:
        read(b"")
    assert str(error.value) == (
        "reading the spectrum a.sif needs an optional package (pip install 'nxtool[spectra]')"
    )
