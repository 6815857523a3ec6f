"""Images that fabio reads: frames and headers as they are, damage always told."""

import logging

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
