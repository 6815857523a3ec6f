"""HDF5 files: datasets and attributes by name, as they are."""

import h5py
import hdf5plugin
import numpy as np
import pytest

from nxtool.errors import SourceError
from nxtool.sources.hdf5file import opener
from nxtool.sources.model import Hdf5Location

FRAMES = np.arange(24, dtype=">u2").reshape(4, 2, 3)


@pytest.fixture
def written(tmp_path):
    """Give a function that fills a file and opens it."""
    readers = []

    def write(fill, **options):
        with h5py.File(tmp_path / "a.h5", "w") as file:
            fill(file)
        readers.append(opener(options)(tmp_path / "a.h5"))
        return readers[-1]

    yield write
    for reader in readers:
        reader.close()


def one_set(file):
    file["entry/data"] = FRAMES
    file["entry/data"].attrs["units"] = "counts"


def error_of(reader, selector=""):
    with pytest.raises(SourceError) as error:
        reader.array(selector)
    return str(error.value)


def test_a_dataset_keeps_dtype_shape_and_unit(written):
    array = written(one_set).array("/entry/data")
    assert (array.info.shape, array.info.dtype, array.info.units) == ((4, 2, 3), ">u2", "counts")
    np.testing.assert_array_equal(array.read(1, 3), FRAMES[1:3])


def test_the_place_of_a_dataset_is_told(written, tmp_path):
    info = written(one_set).array("entry/data").info
    assert info.locations == (Hdf5Location(tmp_path / "a.h5", "/entry/data", (4, 2, 3)),)


def test_chunks_and_filters_are_told(written):
    def fill(file):
        file.create_dataset("x", data=FRAMES, chunks=(1, 2, 3), compression=hdf5plugin.LZ4(0))

    info = written(fill).array("/x").info
    assert (info.chunks, info.rows, info.filters) == ((1, 2, 3), 1, ((32004, (0,)),))


def test_keys_are_the_datasets(written):
    def fill(file):
        file["b/c"] = 1
        file["a"] = 2

    assert list(written(fill).keys()) == ["/a", "/b/c"]


def test_the_only_dataset_needs_no_name(written):
    assert written(one_set).array().info.shape == (4, 2, 3)


def test_several_datasets_need_a_name(written, tmp_path):
    def fill(file):
        file["a"], file["b"] = 1, 2

    assert error_of(written(fill)) == (
        f"{tmp_path}/a.h5: holds 2 datasets, so one must be named (there is /a, /b)"
    )


def test_a_dataset_named_with_the_file_is_where_selectors_start(written):
    reader = written(one_set, dataset="/entry/data")
    assert reader.array().info.shape == (4, 2, 3)
    assert reader.array("@units").read(0, 1)[()] == "counts"


def test_a_group_named_with_the_file_is_where_selectors_start(written):
    assert written(one_set, dataset="/entry").array("data").info.shape == (4, 2, 3)


def test_an_attribute_is_an_array(written):
    def fill(file):
        one_set(file)
        file["entry"].attrs["axes"] = ["x", "y"]
        file.attrs["version"] = 3

    reader = written(fill)
    assert reader.array("/entry@axes").read(0, 2).tolist() == ["x", "y"]
    assert reader.array("/@version").read(0, 1)[()] == 3


def test_a_dataset_with_an_at_in_its_name_is_found(written):
    def fill(file):
        file["a@b"] = 7

    assert written(fill).array("/a@b").read(0, 1)[()] == 7


@pytest.mark.parametrize(
    "stored", ["Å", np.bytes_("Å".encode()), np.bytes_("Å".encode("latin-1"))], ids=str
)
def test_text_is_str(written, stored):
    def fill(file):
        file["one"] = stored
        file["many"] = [stored, stored]

    reader = written(fill)
    assert reader.array("/one").read(0, 1)[()] == "Å"
    assert reader.array("/many").read(0, 2).tolist() == ["Å", "Å"]


def test_a_wrong_name_is_told_with_the_nearest(written, tmp_path):
    assert error_of(written(one_set), "/entry/dta") == (
        f"{tmp_path}/a.h5: no dataset '/entry/dta' (did you mean /entry/data?)"
    )


def test_a_wrong_attribute_is_told_with_the_nearest(written, tmp_path):
    assert error_of(written(one_set), "/entry/data@unit") == (
        f"{tmp_path}/a.h5: /entry/data: no attribute 'unit' (did you mean units?)"
    )


def test_a_group_is_no_data(written, tmp_path):
    assert error_of(written(one_set), "/entry") == (
        f"{tmp_path}/a.h5: /entry is a group (there is /entry/data)"
    )


def test_a_datatype_is_no_data(written, tmp_path):
    def fill(file):
        file["kind"] = np.dtype("f4")

    assert error_of(written(fill), "/kind") == (
        f"{tmp_path}/a.h5: /kind is a datatype, not a dataset"
    )


def test_an_attribute_of_a_huge_size_is_refused(tmp_path):
    path = tmp_path / "big.h5"
    with h5py.File(path, "w", libver="latest") as file:
        space = h5py.h5s.create_simple((1 << 22,))
        h5py.h5a.create(file.id, b"big", h5py.h5t.NATIVE_DOUBLE, space)
    reader = opener({})(path)
    message = error_of(reader, "/@big")
    reader.close()
    assert message == f"{path}: /@big claims 33554432 bytes, too many for an attribute"


def test_a_broken_link_is_told(written, tmp_path):
    def fill(file):
        file["x"] = h5py.ExternalLink("gone.h5", "/x")

    assert error_of(written(fill), "/x").startswith(f"{tmp_path}/a.h5: the link /x leads nowhere: ")


def test_behind_an_external_link_the_place_is_that_of_the_data(written, tmp_path):
    with h5py.File(tmp_path / "b.h5", "w") as other:
        other["inside/x"] = FRAMES

    def fill(file):
        file["link"] = h5py.ExternalLink("b.h5", "/inside/x")

    array = written(fill).array("/link")
    assert array.info.locations == (Hdf5Location(tmp_path / "b.h5", "/inside/x", (4, 2, 3)),)
    np.testing.assert_array_equal(array.read(0, 4), FRAMES)


def test_references_are_refused(written, tmp_path):
    def fill(file):
        file["x"] = np.array([file.ref], dtype=h5py.ref_dtype)

    assert error_of(written(fill)) == (
        f"{tmp_path}/a.h5: /x holds references or lists of varying length"
        " (only numbers, text and compounds of them can be read)"
    )


def test_a_null_dataspace_is_refused(written, tmp_path):
    def fill(file):
        file["x"] = h5py.Empty("f4")

    assert error_of(written(fill)) == f"{tmp_path}/a.h5: /x is empty (a null dataspace)"


def test_a_filter_that_is_not_there_is_named(written, tmp_path):
    def fill(file):
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_chunk((4,))
        plist.set_filter(h5py.h5z.FILTER_DEFLATE, h5py.h5z.FLAG_OPTIONAL, (1,))
        h5py.h5d.create(file.id, b"x", h5py.h5t.NATIVE_INT32, h5py.h5s.create_simple((4,)), plist)

    written(fill).close()
    path = tmp_path / "a.h5"
    content = path.read_bytes()
    message = b"\x01\x00\x08\x00\x01\x00\x01\x00deflate\x00"
    assert content.count(message) == 1
    path.write_bytes(content.replace(message, b"\x0f\x27\x08\x00\x01\x00\x01\x00deflate\x00"))
    reader = opener({})(path)
    assert error_of(reader) == (
        f"{path}: /x: the values are behind HDF5 filter 9999 (unknown filter 9999), missing here; "
        "no Python package brings it: ask who wrote the file; all metadata can be read"
    )
    reader.close()


def test_a_unit_in_an_array_of_one_is_the_unit(written):
    def fill(file):
        file["x"] = np.zeros(3)
        file["x"].attrs["units"] = ["mm"]

    assert written(fill).array("x").info.units == "mm"


def test_a_virtual_dataset_is_read_where_hdf5_finds_its_file(written, tmp_path):
    def fill(file):
        layout = h5py.VirtualLayout((4,), "f4")
        layout[:] = h5py.VirtualSource("/gone/50%%beam.h5", "/x", (4,))
        file.create_virtual_dataset("v", layout)

    with h5py.File(tmp_path / "50%beam.h5", "w") as file:
        file["x"] = np.arange(4, dtype="f4")
    assert written(fill).array("v").read(0, 4).tolist() == [0, 1, 2, 3]


def test_a_virtual_dataset_without_its_file_is_refused(written, tmp_path):
    def fill(file):
        layout = h5py.VirtualLayout((4,), "f4")
        layout[:] = h5py.VirtualSource("gone.h5", "/x", (4,))
        file.create_virtual_dataset("v", layout)

    assert error_of(written(fill)) == (
        f"{tmp_path}/a.h5: /v is virtual, and its file gone.h5 is missing"
    )


def test_a_file_of_another_kind_is_told(tmp_path):
    (tmp_path / "a.h5").write_text("no HDF5 at all")
    with pytest.raises(SourceError) as error:
        opener({})(tmp_path / "a.h5")
    assert str(error.value) == f"{tmp_path}/a.h5: is not an HDF5 file (check the format)"


def test_a_truncated_file_is_told(written, tmp_path):
    written(one_set).close()
    path = tmp_path / "a.h5"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(SourceError) as error:
        opener({})(path)
    size = path.stat().st_size
    assert error.value.message == f"{path}: is truncated: has {size} of {size + 20} bytes"


def test_a_damaged_chunk_is_told(written, tmp_path):
    def fill(file):
        file.create_dataset("x", data=np.arange(1000), chunks=(1000,), compression="gzip")

    written(fill).close()
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        file["x"].id.write_direct_chunk((0,), b"no deflate stream")
    reader = opener({})(tmp_path / "a.h5")
    with pytest.raises(SourceError) as error:
        reader.array().read(0, 10)
    reader.close()
    assert error.value.message.startswith(f"{tmp_path}/a.h5: /x cannot be read: ")
    assert error.value.message.endswith(" (HDF5 filters 1)")


def test_every_dataset_of_a_real_file_can_be_read(corpus):
    reader = opener({})(corpus / "raw" / "AgBehenate_228.hdf5")
    shapes = [reader.array(name).read(0, 1).shape for name in reader.keys()]  # noqa: SIM118
    reader.close()
    assert len(shapes) == 102
