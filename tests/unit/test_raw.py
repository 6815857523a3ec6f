"""Raw binary files are what the author says, to the byte."""

import numpy as np
import pytest

from nxtool.errors import SourceError
from nxtool.sources.raw import opener

OPTIONS = {"dtype": ">u2", "shape": [2, 3], "offset": 5}
VALUES = np.arange(6, dtype=">u2").reshape(2, 3)


@pytest.fixture
def file(tmp_path):
    (tmp_path / "a.raw").write_bytes(b"head:" + VALUES.tobytes())
    return tmp_path / "a.raw"


def test_values_come_back_as_stated(file):
    array = opener(OPTIONS)(file).array()
    assert (array.info.shape, array.info.dtype) == ((2, 3), ">u2")
    np.testing.assert_array_equal(array.read(1, 2), VALUES[1:2])


def test_the_extent_is_the_data(file):
    (extent,) = opener(OPTIONS)(file).array().info.extents
    assert (extent.offset, extent.size) == (5, 12)


def test_another_size_is_refused(file):
    with pytest.raises(SourceError) as error:
        opener({**OPTIONS, "offset": 4})(file)
    assert str(error.value) == f"{file}: has 17 bytes, but (2, 3) >u2 from 4 on are 16"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dtype": "object"}, "format raw needs a dtype, not 'object'"),
        ({"dtype": None}, "format raw needs a dtype, not None"),
        ({"shape": None}, "format raw needs a shape, not None"),
        ({"shape": [2, -1]}, "format raw needs a shape, not [2, -1]"),
        ({"offset": -1}, "option offset is -1"),
        ({"endian": "big"}, "format raw has no option 'endian'"),
    ],
)
def test_a_wrong_option_is_refused(change, message):
    with pytest.raises(SourceError) as error:
        opener({**OPTIONS, **change})
    assert error.value.message == message
