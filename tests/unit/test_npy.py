"""NumPy files come back as they are, and pickles never."""

import os
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nxtool.errors import SourceError
from nxtool.sources.npy import archive_opener, opener
from tests.sourcedamage import read_damaged

ARRAYS = hnp.arrays(
    st.one_of(hnp.integer_dtypes(), hnp.unsigned_integer_dtypes(), hnp.floating_dtypes()),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=1, max_side=4),
)


@given(ARRAYS, st.integers(0, 4), st.integers(0, 4))
def test_arrays_come_back_bit_for_bit(tmp_path_factory, values, start, stop):
    file = tmp_path_factory.getbasetemp() / "a.npy"
    np.save(file, values)
    array = opener({})(file).array()
    found = array.read(start, stop)
    assert (array.info.shape, array.info.dtype) == (values.shape, values.dtype)
    np.testing.assert_array_equal(found, values[start:stop] if values.ndim else values)


def test_the_extent_is_the_data(tmp_path):
    values = np.arange(6, dtype=">i4").reshape(2, 3)
    np.save(tmp_path / "a.npy", values)
    (extent,) = opener({})(tmp_path / "a.npy").array().info.extents
    assert (tmp_path / "a.npy").read_bytes()[extent.offset :] == values.tobytes()
    assert extent.size == values.nbytes


@pytest.mark.parametrize("order", ["C", "F"])
def test_a_file_that_was_cut_meanwhile_is_an_error_and_no_crash(tmp_path, order):
    file = tmp_path / "a.npy"
    np.save(file, np.asarray(np.ones((100, 5000)), order=order))
    array = opener({})(file).array()
    os.truncate(file, 1000)
    with pytest.raises(SourceError) as error:
        array.read(50, 60)
    assert str(error.value) == (
        f"{file}: is shorter than when it was opened (does another program still write it?)"
    )


def test_text_comes_as_str(tmp_path):
    np.save(tmp_path / "a.npy", np.array(["a", "bc"]))
    assert opener({})(tmp_path / "a.npy").array().read(0, 2).dtype == object


def test_a_pickle_is_refused(tmp_path):
    np.save(tmp_path / "a.npy", np.array([{}], dtype=object))
    with pytest.raises(SourceError) as error:
        opener({})(tmp_path / "a.npy")
    assert error.value.message == (
        f"{tmp_path}/a.npy: is no sound .npy file: "
        "Array can't be memory-mapped: Python objects in dtype."
    )


def test_a_pickle_in_an_archive_is_refused(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.array([{}], dtype=object))
    reader = archive_opener({})(tmp_path / "a.npz")
    with pytest.raises(SourceError) as error:
        reader.array("x")
    reader.close()
    assert error.value.message == (
        f"{tmp_path}/a.npz: x cannot be read: "
        "Object arrays cannot be loaded when allow_pickle=False"
    )


def test_members_of_an_archive_have_names(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", x=np.arange(3), y=np.array(2.5))
    reader = archive_opener({})(tmp_path / "a.npz")
    assert list(reader.keys()) == ["x", "y"]
    assert reader.array("x").read(1, 3).tolist() == [1, 2]
    assert reader.array("y").read(0, 1)[()] == 2.5
    with pytest.raises(SourceError) as error:
        reader.array("z")
    reader.close()
    assert str(error.value) == f"{tmp_path}/a.npz: no array 'z' (there is x, y)"


@given(st.integers(0, 200), st.integers(0, 127), st.integers(0, 255))
def test_damage_gives_an_array_or_a_source_error(tmp_path_factory, size, place, byte):
    file = tmp_path_factory.getbasetemp() / "damaged.npy"
    np.save(file, np.arange(9))
    content = bytearray(file.read_bytes())
    content[place] = byte
    read_damaged(opener({}), file, content[:size])


def test_a_damaged_archive_is_told(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", b"nothing like an array")
    reader = archive_opener({})(tmp_path / "a.npz")
    with pytest.raises(SourceError) as error:
        reader.array()
    reader.close()
    assert error.value.message.startswith(f"{tmp_path}/a.npz: x cannot be read: ")
