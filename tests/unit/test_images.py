"""Images that fabio reads: frames and headers as they are, damage always told."""

import gzip
import logging
import sys
import zlib

import numpy as np
import pytest

from nxtool.errors import SourceError
from nxtool.sources.images import opener
from nxtool.sources.model import SourceSpec
from nxtool.sources.opener import open_source

fabio = pytest.importorskip("fabio")

FRAME = np.arange(12, dtype=np.uint16).reshape(3, 4)


@pytest.fixture
def edf(tmp_path):
    """The path of an EDF file with three frames."""
    from fabio.edfimage import EdfImage

    image = EdfImage(data=FRAME, header={"exposure": "0.5", "sample": "a"})
    for number in (1, 2):
        image.append_frame(data=FRAME + number, header={"exposure": str(number), "sample": "b"})
    image.write(str(tmp_path / "a.edf"))
    image.close()
    return tmp_path / "a.edf"


@pytest.fixture
def reader(edf):
    opened = opener({})(edf)
    yield opened
    opened.close()


def test_all_frames_count(reader):
    array = reader.array()
    assert (array.info.shape, array.info.dtype) == ((3, 3, 4), np.uint16)
    np.testing.assert_array_equal(array.read(1, 3), [FRAME + 1, FRAME + 2])


def test_the_pixels_of_an_edf_file_are_where_it_is_told(reader, edf):
    content = edf.read_bytes()
    places = reader.array().info.extents
    pixels = [content[one.offset : one.offset + one.size] for one in places]
    assert pixels == [(FRAME + number).tobytes() for number in range(3)]


def edf_like(tmp_path, header, pixels):
    """The extents of an EDF file with this header and these bytes behind it."""
    text = f"{{\nDataType = UnsignedShort ;\nDim_1 = 4 ;\nDim_2 = 3 ;\n{header}\n"
    path = tmp_path / "b.edf"
    path.write_bytes(text.ljust(510).encode() + b"}\n" + pixels)
    reader = opener({})(path)
    try:
        array = reader.array()
        np.testing.assert_array_equal(array.read(0, 3), FRAME)
        return [(one.offset, one.size) for one in array.info.extents]
    finally:
        reader.close()


def test_pixels_in_another_byte_order_have_no_place(tmp_path):
    big, little = FRAME.astype(">u2").tobytes(), FRAME.astype("<u2").tobytes()
    here = [edf_like(tmp_path, "ByteOrder = LowByteFirst ;", little),
            edf_like(tmp_path, "ByteOrder = HighByteFirst ;", big)]  # fmt: skip
    assert here == ([[(512, 24)], []] if sys.byteorder == "little" else [[], [(512, 24)]])


def test_packed_pixels_have_no_place(tmp_path):
    header = "ByteOrder = LowByteFirst ;\nCompression = ZCompression ;\nSize = {size} ;"
    packed = zlib.compress(FRAME.astype("<u2").tobytes())
    assert edf_like(tmp_path, header.replace("{size}", str(len(packed))), packed) == []


def test_a_file_that_is_packed_as_a_whole_has_no_places(edf, tmp_path):
    path = tmp_path / "a.edf.gz"
    path.write_bytes(gzip.compress(edf.read_bytes()))
    reader = opener({})(path)
    assert (reader.array().info.shape, reader.array().info.extents) == ((3, 3, 4), ())
    reader.close()


def test_images_of_other_formats_have_no_places(corpus):
    reader = opener({})(corpus / "raw" / "test_file.cbf")
    assert reader.array().info.extents == ()
    reader.close()


def test_header_values_are_one_a_frame(reader):
    assert reader.array("#exposure").read(0, 3).tolist() == [0.5, 1, 2]
    assert reader.array("#sample").read(0, 3).tolist() == ["a", "b", "b"]


def test_a_wrong_header_key_is_told_with_the_nearest(reader, edf):
    with pytest.raises(SourceError) as error:
        reader.array("#exposur")
    assert str(error.value) == f"{edf}: no header key '#exposur' (did you mean #exposure?)"


def test_missing_pixels_are_told(edf):
    edf.write_bytes(edf.read_bytes()[:-3])
    reader = opener({})(edf)
    with pytest.raises(SourceError) as error:
        reader.array().read(0, 3)
    reader.close()
    assert error.value.message.startswith(f"{edf}: fabio cannot read it: ")


def test_the_log_of_fabio_is_left_as_it_was(reader):
    logger = logging.getLogger("fabio")
    before = (logger.propagate, list(logger.handlers))
    reader.array().read(0, 1)
    assert (logger.propagate, list(logger.handlers)) == before


def test_a_real_cbf_is_what_fabio_reads(corpus):
    folder = corpus / "raw"
    with open_source(SourceSpec("test_file.cbf"), folder) as source:
        values = source.array().read(0, 195)
    with fabio.open(str(folder / "test_file.cbf")) as image:
        np.testing.assert_array_equal(values, image.data)


@pytest.mark.parametrize("size", [10, 1000, 5000, 50000])
def test_a_truncated_cbf_is_told(corpus, tmp_path, size):
    file = tmp_path / "a.cbf"
    file.write_bytes((corpus / "raw" / "test_file.cbf").read_bytes()[:size])
    with pytest.raises(SourceError) as error:
        opener({})(file).array().read(0, 195)
    assert error.value.message.startswith(f"{file}: ")


def test_a_cbf_of_another_packing_is_refused(corpus, tmp_path):
    content = (corpus / "raw" / "test_file.cbf").read_bytes()
    file = tmp_path / "a.cbf"
    file.write_bytes(content.replace(b"x-CBF_BYTE_OFFSET", b"x-CBF_PACKED"))
    with pytest.raises(SourceError) as error:
        opener({})(file)
    assert str(error.value) == f"{file}: a CBF file whose data are not packed by byte offset"
