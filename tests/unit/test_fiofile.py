"""FIO files: columns with their types, parameters and comments."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import SourceError
from nxtool.sources.fiofile import opener
from tests.examples import many
from tests.sourcedamage import read_damaged

TEXT = """\
!
! Comments
!
%c
ascan exp_dmy01 0 1 2 0.1
user p09user Acquisition started at Mon Jan 05 10:00:00 2026
!
! Parameter
!
%p
ENERGY = 8980.5
SAMPLE = LaB6 = NIST
COUNT = 3
!
! Data
!
%d
 Col 1 exp_dmy01 DOUBLE
 Col 2 counts INTEGER
 Col 3 ratio FLOAT
 Col 4 shutter BOOLEAN
 Col 5 file STRING
 0 10 0.1 True a_1.tif
 0.5 11 nan 0 a_2.tif
! Acquisition ended at Mon Jan 05 10:00:10 2026
"""


@pytest.fixture
def fio(tmp_path):
    def write(text=TEXT):
        (tmp_path / "a.fio").write_text(text)
        return opener({})(tmp_path / "a.fio")

    return write


@pytest.mark.parametrize(
    ("column", "dtype", "values"),
    [
        ("exp_dmy01", np.float64, [0, 0.5]),
        ("counts", np.int64, [10, 11]),
        ("ratio", np.float32, [np.float32(0.1), np.nan]),
        ("shutter", np.bool_, [True, False]),
        ("file", np.object_, ["a_1.tif", "a_2.tif"]),
    ],
)
def test_a_column_has_the_type_the_file_states(fio, column, dtype, values):
    array = fio().array(column)
    assert array.info.dtype == dtype
    np.testing.assert_array_equal(array.read(0, 9), np.array(values, dtype=dtype))


@pytest.mark.parametrize(
    ("selector", "value"),
    [
        ("#ENERGY", 8980.5),
        ("#COUNT", 3),
        ("#SAMPLE", "LaB6 = NIST"),
        (
            "#comments",
            "ascan exp_dmy01 0 1 2 0.1\n"
            "user p09user Acquisition started at Mon Jan 05 10:00:00 2026",
        ),
    ],
)
def test_parameters_and_comments_are_header_keys(fio, selector, value):
    assert fio().array(selector).read(0, 1)[()] == value


def test_keys_name_columns_parameters_and_comments(fio):
    assert list(fio().keys()) == [
        *("exp_dmy01", "counts", "ratio", "shutter", "file"),
        *("#ENERGY", "#SAMPLE", "#COUNT", "#comments"),
    ]


def test_an_aborted_scan_has_empty_columns(fio):
    reader = fio("%d\n Col 1 x DOUBLE\n")
    assert reader.array("x").info.shape == (0,)


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ("count", "no column 'count' (did you mean counts?)"),
        ("#ENERGI", "no parameter '#ENERGI' (did you mean #ENERGY?)"),
    ],
)
def test_a_wrong_name_is_told_with_the_nearest(fio, tmp_path, selector, message):
    with pytest.raises(SourceError) as error:
        fio().array(selector)
    assert str(error.value) == f"{tmp_path}/a.fio: {message}"


def test_a_name_of_two_columns_is_refused(fio, tmp_path):
    reader = fio("%d\n Col 1 x DOUBLE\n Col 2 x DOUBLE\n1 2\n")
    with pytest.raises(SourceError) as error:
        reader.array("x")
    assert str(error.value) == f"{tmp_path}/a.fio: there are 2 columns 'x'"


CUT = "the line is damaged or cut off"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x\n", "1:1: stands before %c, %p and %d (is this a FIO file?)"),
        ("%p\nENERGY\n", f"2:1: a parameter without '=' ({CUT})"),
        ("%d\n Col 1 x COMPLEX\n", "2:1: columns of type COMPLEX are not known"),
        ("%d\n Col 1 x DOUBLE\n 1 2\n", f"3:1: 2 values, but 1 columns ({CUT})"),
        ("%d\n Col 1 x DOUBLE\n 1,5\n", f"3:1: '1,5' is no float64, the type of column x ({CUT})"),
        ("%d\n Col 1 x FLOAT\n 1e39\n", f"3:1: '1e39' is no float32, the type of column x ({CUT})"),
        ("%d\n Col 1 x INTEGER\n 1.5\n", f"3:1: '1.5' is no int64, the type of column x ({CUT})"),
        ("%d\n Col 1 x BOOLEAN\n 2\n", f"3:1: '2' is no bool, the type of column x ({CUT})"),
        ("%c\n\0\n", "2:1: is not text"),
    ],
)
def test_a_damaged_line_is_told_with_its_place(fio, tmp_path, text, message):
    with pytest.raises(SourceError) as error:
        fio(text)
    assert str(error.value) == f"{tmp_path}/a.fio:{message}"


def test_a_file_without_a_section_is_refused(fio, tmp_path):
    with pytest.raises(SourceError) as error:
        fio("! nothing\n")
    assert str(error.value) == f"{tmp_path}/a.fio: there is no section %c, %p or %d in it"


@many(200)
@given(st.integers(0, len(TEXT)), st.integers(0, len(TEXT) - 1), st.integers(0, 255))
def test_damage_gives_columns_or_a_source_error(tmp_path_factory, size, place, byte):
    content = bytearray(TEXT.encode())
    content[place] = byte
    file = tmp_path_factory.getbasetemp() / "damaged.fio"
    read_damaged(opener({}), file, content[:size])
