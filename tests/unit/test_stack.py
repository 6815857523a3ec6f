"""Stacks of alike files are one array."""

import h5py
import numpy as np
import pytest
import tifffile

from nxtool.errors import SourceError
from nxtool.sources.model import SourceSpec
from nxtool.sources.opener import open_source

FRAME = np.arange(6, dtype=np.uint16).reshape(2, 3)


def write_h5(folder, *pieces, units=None):
    for number, piece in enumerate(pieces):
        with h5py.File(folder / f"p_{number}.h5", "w") as file:
            file["data"] = piece
            if units:
                file["data"].attrs["units"] = units[number]


def write_tiff(folder, *images):
    for number, image in enumerate(images):
        tifffile.imwrite(folder / f"f_{number}.tif", image, metadata=None)


def whole(folder, path, selector="", **options):
    with open_source(SourceSpec(path, **options), folder) as source:
        array = source.array(selector)
        values = array.read(0, array.info.shape[0])
        assert values.shape == array.info.shape
        assert values.dtype == array.info.dtype
        return values


def error_of(folder, path, **options):
    with pytest.raises(SourceError) as error:
        whole(folder, path, **options)
    return str(error.value)


def test_frames_get_a_new_axis(tmp_path):
    write_tiff(tmp_path, *(FRAME + number for number in range(12)))
    values = whole(tmp_path, "f_*.tif")
    assert values.shape == (12, 2, 3)
    assert values[:, 0, 0].tolist() == list(range(12))


def test_one_match_of_a_glob_is_a_stack_of_one(tmp_path):
    write_tiff(tmp_path, FRAME)
    assert whole(tmp_path, "f_*.tif").shape == (1, 2, 3)


def test_a_plain_path_is_no_stack(tmp_path):
    write_tiff(tmp_path, FRAME)
    assert whole(tmp_path, "f_0.tif").shape == (2, 3)


@pytest.mark.parametrize(
    ("shape", "joined"), [((), (2,)), ((4,), (8,)), ((4, 3), (2, 4, 3)), ((4, 3, 2), (8, 3, 2))]
)
def test_pieces_are_joined_by_their_rank(tmp_path, shape, joined):
    piece = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    write_h5(tmp_path, piece, piece + 100)
    values = whole(tmp_path, "p_*.h5")
    assert values.shape == joined
    assert values.ravel().tolist() == [*piece.ravel(), *(piece + 100).ravel()]


def test_pieces_may_differ_in_length(tmp_path):
    write_h5(tmp_path, np.arange(3), np.arange(3, 3), np.arange(3, 7))
    with open_source(SourceSpec("p_*.h5"), tmp_path) as source:
        assert source.array().read(2, 5).tolist() == [2, 3, 4]


def test_slices_count_in_the_stack(tmp_path):
    write_tiff(tmp_path, *(FRAME + number for number in range(5)))
    assert whole(tmp_path, "f_*.tif", "[1:3, 0, 0]").tolist() == [1, 2]


def test_a_stack_tells_where_its_pieces_lie(tmp_path):
    write_h5(tmp_path, FRAME, FRAME)
    with open_source(SourceSpec("p_*.h5:/data"), tmp_path) as source:
        places = source.array().info.locations
    assert [(place.file.name, place.dataset, place.shape) for place in places] == [
        ("p_0.h5", "/data", (2, 3)),
        ("p_1.h5", "/data", (2, 3)),
    ]


def test_a_stack_of_images_is_the_bytes_of_its_files(tmp_path):
    write_tiff(tmp_path, FRAME, FRAME + 1)
    with open_source(SourceSpec("f_*.tif"), tmp_path) as source:
        extents = source.array().info.extents
    raw = b"".join(part.file.read_bytes()[part.offset :][: part.size] for part in extents)
    assert raw == FRAME.tobytes() + (FRAME + 1).tobytes()


def test_a_header_value_is_one_a_frame(tmp_path):
    for number in range(3):
        tags = [(65000, 4, 1, number, True)]
        tifffile.imwrite(tmp_path / f"f_{number}.tif", FRAME, metadata=None, extratags=tags)
    assert whole(tmp_path, "f_*.tif", "#65000").tolist() == [0, 1, 2]


def test_another_dtype_is_refused(tmp_path):
    write_tiff(tmp_path, FRAME, FRAME.astype(np.uint8))
    assert error_of(tmp_path, "f_*.tif") == (
        f"{tmp_path}/f_1.tif: holds uint8, but f_0.tif holds uint16"
        " (the files of a stack must be alike)"
    )


def test_another_shape_is_refused(tmp_path):
    write_tiff(tmp_path, FRAME, FRAME, FRAME.T.copy())
    assert error_of(tmp_path, "f_*.tif") == (
        f"{tmp_path}/f_2.tif: the shape is (3, 2), but that of f_0.tif is (2, 3)"
        " (the files of a stack must be alike)"
    )


def test_another_unit_is_refused(tmp_path):
    write_h5(tmp_path, FRAME, FRAME, units=("mm", "m"))
    assert error_of(tmp_path, "p_*.h5") == (
        f"{tmp_path}/p_1.h5: the unit is m, but that of p_0.h5 is mm"
    )


def test_the_number_of_frames_expected_is_checked(tmp_path):
    write_tiff(tmp_path, FRAME, FRAME)
    assert error_of(tmp_path, "f_*.tif", expect=3) == (
        f"{tmp_path}: 2 rows in 2 files, expected 3 "
        "(look for files that are missing or too many, or correct expect)"
    )
    assert whole(tmp_path, "f_*.tif", expect=2).shape == (2, 2, 3)


def test_a_lost_frame_is_refused_unless_skipped(tmp_path):
    write_tiff(tmp_path, FRAME, FRAME, FRAME)
    (tmp_path / "f_1.tif").unlink()
    assert error_of(tmp_path, "f_*.tif") == (
        f"{tmp_path}: the series f_0.tif to f_2.tif lacks number 1"
        " (write `missing: skip` if that is meant)"
    )
    assert whole(tmp_path, "f_*.tif", missing="skip").shape == (2, 2, 3)


def test_a_file_that_changes_meanwhile_is_refused(tmp_path):
    write_tiff(tmp_path, *[FRAME] * 9)
    with open_source(SourceSpec("f_*.tif"), tmp_path) as source:
        array = source.array()
        write_tiff(tmp_path, FRAME.T.copy())
        with pytest.raises(SourceError) as error:
            array.read(0, 1)
    assert str(error.value) == f"{tmp_path}/f_0.tif: changed while it was read"


def test_tables_are_joined_end_to_end(tmp_path):
    (tmp_path / "a_1.csv").write_text("x,y\n1,a\n2,b\n")
    (tmp_path / "a_2.csv").write_text("x,y\n3,c\n")
    assert whole(tmp_path, "a_*.csv", "x").tolist() == [1, 2, 3]
    assert whole(tmp_path, "a_*.csv", "y").tolist() == ["a", "b", "c"]


def test_matrices_are_stacked(tmp_path):
    (tmp_path / "cut_1.csv").write_text("e k\n1 2\n3 4\n")
    (tmp_path / "cut_2.csv").write_text("e k\n5 6\n7 8\n")
    options = {"format": "matrix", "options": {"skip_rows": 1}}
    assert whole(tmp_path, "cut_*.csv", **options).tolist() == [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]


def test_a_real_stack_is_what_fabio_reads(corpus):
    fabio = pytest.importorskip("fabio")
    folder = corpus / "raw"
    values = whole(folder, "test_file[0-4].tif", expect=5)
    for number, frame in enumerate(values):
        with fabio.open(str(folder / f"test_file{number}.tif")) as image:
            np.testing.assert_array_equal(frame, image.data)
