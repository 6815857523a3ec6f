"""TIFF files: pixels and tags as they are, damage always told."""

import struct
from contextlib import closing

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nxtool.errors import SourceError
from nxtool.sources.tiff import TiffFile, opener
from nxtool.sources.tiffheader import _frames_told
from nxtool.sources.tiffother import OtherTiff
from tests.examples import many
from tests.sourcedamage import read_damaged

PIXELS = st.sampled_from(["u1", "u2", "u4", "u8", "i1", "i2", "i4", "f2", "f4", "f8"])
IMAGES = PIXELS.flatmap(
    lambda kind: hnp.arrays(kind, hnp.array_shapes(min_dims=2, max_dims=3, max_side=6))
)
SMALL = np.arange(12, dtype=np.uint16).reshape(3, 4)


def read(file):
    reader = opener({})(file)
    array = reader.array()
    values = array.read(0, array.info.shape[0])
    reader.close()
    return values


@given(IMAGES, st.sampled_from("<>"), st.booleans(), st.sampled_from([None, 2]))
def test_pixels_come_back_as_written(tmp_path_factory, image, order, big, strip_rows):
    file = tmp_path_factory.getbasetemp() / "round.tif"
    tifffile.imwrite(
        file,
        image,
        byteorder=order,
        bigtiff=big,
        rowsperstrip=strip_rows,
        photometric="minisblack",
        metadata=None,
    )
    reader = opener({})(file)
    found = read(file)
    assert isinstance(reader, TiffFile)
    assert found.dtype == image.dtype.newbyteorder(order)
    expected = image[0] if image.ndim == 3 and len(image) == 1 else image
    np.testing.assert_array_equal(found, expected.reshape(found.shape))


def test_all_pages_count(tmp_path):
    stack = np.arange(24, dtype=np.int32).reshape(4, 2, 3)
    tifffile.imwrite(tmp_path / "a.tif", stack, photometric="minisblack")
    array = opener({})(tmp_path / "a.tif").array()
    assert array.info.shape == (4, 2, 3)
    np.testing.assert_array_equal(array.read(1, 3), stack[1:3])


def test_order_of_what_tifffile_tells_does_not_matter():
    told = '{"axes": "TYX", "truncated": true, "shape": [4, 2, 3]}\0'
    assert _frames_told(told, (2, 3)) == 4
    assert _frames_told('{"shape": "many"}', (2, 3)) == 1
    assert _frames_told("a sample", (2, 3)) == 1


@pytest.mark.parametrize("options", [{"imagej": True}, {"metadata": {"axes": "TYX"}}])
def test_frames_that_no_directory_names_count_too(tmp_path, options):
    stack = np.arange(24, dtype=np.uint16).reshape(4, 2, 3)
    file = tmp_path / "a.tif"
    tifffile.imwrite(file, stack, photometric="minisblack", truncate=True, **options)
    np.testing.assert_array_equal(read(file), stack)


def test_rows_of_a_single_page_are_read_alone(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", SMALL, rowsperstrip=2)
    array = opener({})(tmp_path / "a.tif").array()
    np.testing.assert_array_equal(array.read(1, 3), SMALL[1:3])


def test_the_extents_are_the_pixels(tmp_path):
    file = tmp_path / "a.tif"
    tifffile.imwrite(file, SMALL)
    (extent,) = opener({})(file).array().info.extents
    assert file.read_bytes()[extent.offset : extent.offset + extent.size] == SMALL.tobytes()


@pytest.mark.parametrize("options", [{"compression": "zlib"}, {"tile": (16, 16)}])
def test_packed_images_go_to_tifffile(tmp_path, options):
    stack = np.arange(3 * 32 * 32, dtype=np.uint16).reshape(3, 32, 32)
    tifffile.imwrite(tmp_path / "a.tif", stack, photometric="minisblack", **options)
    reader = opener({})(tmp_path / "a.tif")
    assert isinstance(reader, OtherTiff)
    assert reader.array().info.shape == (3, 32, 32)
    np.testing.assert_array_equal(reader.array().read(1, 3), stack[1:3])
    reader.close()


def test_colour_is_read_with_its_samples(tmp_path):
    image = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    tifffile.imwrite(tmp_path / "a.tif", image, photometric="rgb")
    reader = opener({})(tmp_path / "a.tif")
    np.testing.assert_array_equal(reader.array().read(1, 2), image[1:2])
    reader.close()


def test_tags_are_header_keys(tmp_path):
    tags = [(306, 2, 20, "2026:01:05 10:00:00", True), (65001, 12, 1, 2.5, True)]
    tifffile.imwrite(tmp_path / "a.tif", SMALL, metadata=None, extratags=tags)
    reader = opener({})(tmp_path / "a.tif")
    assert reader.array("#DateTime").read(0, 1)[()] == "2026:01:05 10:00:00"
    assert reader.array("#65001").read(0, 1)[()] == 2.5


def test_tags_of_pages_are_one_a_page(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        for number in range(3):
            tags = [(65002, 4, 1, number, True)]
            writer.write(SMALL, metadata=None, extratags=tags, contiguous=False)
    assert opener({})(tmp_path / "a.tif").array("#65002").read(0, 9).tolist() == [0, 1, 2]


def test_an_unknown_tag_names_the_nearest(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", SMALL, software="me", metadata=None)
    with pytest.raises(SourceError) as error:
        opener({})(tmp_path / "a.tif").array("#Softwar")
    assert str(error.value) == (
        f"{tmp_path}/a.tif: no header key '#Softwar' (did you mean #Software?)"
    )


def test_pages_of_different_shape_are_refused(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(SMALL)
        writer.write(SMALL[:2])
    with pytest.raises(SourceError) as error:
        opener({})(tmp_path / "a.tif")
    assert str(error.value) == (
        f"{tmp_path}/a.tif: page 2 is (2, 4) uint16, but page 1 is (3, 4) uint16"
    )


def test_missing_pixels_are_told(tmp_path):
    file = tmp_path / "a.tif"
    tifffile.imwrite(file, SMALL, metadata=None)
    size = len(file.read_bytes())
    file.write_bytes(file.read_bytes()[:-5])
    with pytest.raises(SourceError) as error:
        opener({})(file)
    assert str(error.value) == (
        f"{file}: pixels should end at byte {size}, the file ends at {size - 5}"
        " (the file is truncated or damaged)"
    )


def test_a_file_of_another_kind_is_told(tmp_path):
    (tmp_path / "a.tif").write_bytes(b"\x89PNG\r\n\x1a\n" * 4)
    with pytest.raises(SourceError) as error:
        opener({})(tmp_path / "a.tif")
    assert str(error.value) == f"{tmp_path}/a.tif: is not a TIFF file"


def test_an_image_larger_than_its_file_is_refused(tmp_path):
    entries = [(256, 4, 2**31), (257, 4, 2**31), (258, 3, 8), (273, 4, 8), (278, 4, 1)]
    body = b"".join(struct.pack("<HHII", code, kind, 1, value) for code, kind, value in entries)
    header = struct.pack("<2sHIH", b"II", 42, 8, len(entries))
    (tmp_path / "bomb.tif").write_bytes(header + body + bytes(4))
    with pytest.raises(SourceError) as error:
        opener({})(tmp_path / "bomb.tif")
    assert str(error.value) == (
        f"{tmp_path}/bomb.tif: 4611686018427387904 bytes of pixels in a file of 74"
        " (the file is truncated or damaged)"
    )


def test_directories_in_a_circle_are_refused(tmp_path):
    file = tmp_path / "a.tif"
    tifffile.imwrite(file, SMALL, metadata=None)
    content = bytearray(file.read_bytes())
    (count,) = struct.unpack_from("<H", content, 8)
    struct.pack_into("<I", content, 10 + 12 * count, 8)
    file.write_bytes(content)
    with pytest.raises(SourceError) as error:
        opener({})(file)
    assert str(error.value) == f"{file}: the directory of page 2 is that of an earlier page"


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    file = tmp_path_factory.mktemp("tiff") / "sound.tif"
    tifffile.imwrite(file, SMALL, rowsperstrip=1, description="a frame", metadata=None)
    return file.read_bytes()


def test_fewer_values_than_the_header_says_are_an_error(tmp_path, sound):
    content = bytearray(sound)
    content[42] = 0  # compression 0, which no reader of ours knows and tifffile passes over
    file = tmp_path / "cut.tif"
    file.write_bytes(content[:182])
    told = r"cut\.tif: unpacks to .*, not to \(3, 4\) \(the file is damaged\)"
    with closing(opener({})(file)) as reader, pytest.raises(SourceError, match=told):
        reader.array("").read(0, 9)


@many(300)
@given(data=st.data())
def test_damage_gives_an_array_or_a_source_error(tmp_path_factory, sound, data):
    content = bytearray(sound)
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    file = tmp_path_factory.getbasetemp() / "damaged.tif"
    read_damaged(opener({}), file, content[: data.draw(st.integers(0, len(content)))])
