"""Tables and matrices of text."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import SourceError
from nxtool.sources import csvfile
from nxtool.sources.csvfile import matrix_opener, opener, split_units
from tests.examples import many
from tests.sourcedamage import read_damaged


@pytest.fixture
def table(tmp_path):
    def write(text, **options):
        file = tmp_path / "t.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return opener(options)(file)

    return write


@pytest.fixture
def matrix(tmp_path):
    def write(text, **options):
        file = tmp_path / "m.csv"
        file.write_text(text)
        return matrix_opener(options)(file).array()

    return write


def column(reader, selector):
    array = reader.array(selector)
    return array.read(0, array.info.shape[0])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", " ", "   "])
def test_the_delimiter_is_found(table, delimiter):
    rows = ["phi temp", "1 2.5", "2 3.5"]
    reader = table("\n".join(row.replace(" ", delimiter) for row in rows))
    assert list(reader.keys()) == ["phi", "temp"]
    assert column(reader, "temp").tolist() == [2.5, 3.5]


def test_whole_numbers_stay_whole(table):
    array = table("a,b\n1,1\n2,2.0\n").array("a")
    assert array.info.dtype == np.int64


def test_one_number_with_a_fraction_makes_the_column_float(table):
    values = column(table("a\n1\n2.5\n3\n"), "a")
    assert values.dtype == np.float64
    assert values.tolist() == [1, 2.5, 3]


def test_words_are_text(table):
    values = column(table("name,x\n a b ,1\nc,2\n"), "name")
    assert values.dtype == object
    assert values.tolist() == ["a b", "c"]


def test_quoted_cells_may_hold_the_delimiter(table):
    assert column(table('name,x\n"a, b",1\n'), "name").tolist() == ["a, b"]


def test_comments_and_blank_lines_are_skipped(table):
    assert column(table("# made today\n\na,b\n1,2\n# more\n3,4\n"), "b").tolist() == [2, 4]


def test_columns_without_a_header_have_numbers(table):
    reader = table("1 2\n3 4\n")
    assert list(reader.keys()) == ["1", "2"]
    assert column(reader, "2").tolist() == [2, 4]


def test_columns_with_a_header_also_have_numbers(table):
    assert column(table("a,b\n1,2\n"), "2").tolist() == [2]


@pytest.mark.parametrize("header", ["energy (eV)", "energy [eV]", "energy(eV)"])
def test_a_unit_in_the_header_is_split_off(table, header):
    reader = table(f"{header},x\n1,2\n")
    assert list(reader.keys()) == ["energy", "x"]
    assert reader.array("energy").info.units == "eV"
    assert reader.array(header).info.units == "eV"


def test_a_header_of_units_only_is_a_name():
    assert split_units("(eV)") == ("(eV)", None)


def test_a_table_with_only_a_header_has_empty_columns(table):
    assert table("a,b\n").array("a").info.shape == (0,)


def test_a_byte_order_mark_is_not_part_of_the_name(table):
    assert list(table(b"\xef\xbb\xbfa,b\n1,2\n").keys()) == ["a", "b"]


def test_text_that_is_not_utf8_is_latin1(table):
    assert table(b"angle (\xb0),b\n1,2\n").array("angle").info.units == "°"


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("a,b\n1,2\n3,x\n", "3:3", "'x' is not a number"),
        ("a,b\n1,2\n3,1_000\n", "3:3", "'1_000' is not a number"),
        ("a,b\n1,2\n\n3,\n", "4:3", "the cell is empty"),
        ("a,b\n1,2\n3\n", "3:2", "1 cell, but the first row has 2 (is the delimiter right?)"),
        ("a,b\n1,2\n3,4,5\n", "3:5", "3 cells, but the first row has 2 (is the delimiter right?)"),
        (f"a,b\n1,{10**20}\n", "2:3", f"{10**20} is no int64 (set the option dtype)"),
        ('a,b\n1,2\n3,"4\n', "3:1", "cannot be taken apart: unexpected end of data"),
        ("a,b\n1,2\n3,\0\n", "3:1", "is not text (save the file as UTF-8)"),
    ],
)  # fmt: skip
def test_a_bad_cell_is_reported_at_its_place(table, tmp_path, text, place, message):
    with pytest.raises(SourceError) as error:
        table(text).array("b")
    assert str(error.value) == f"{tmp_path}/t.csv:{place}: {message}"


def test_an_unknown_column_names_the_nearest(table, tmp_path):
    with pytest.raises(SourceError) as error:
        table("phi_deg,temp\n1,2\n").array("phideg")
    assert str(error.value) == f"{tmp_path}/t.csv: no column 'phideg' (did you mean phi_deg?)"


def test_two_columns_of_one_name_are_told_apart_by_number(table, tmp_path):
    with pytest.raises(SourceError) as error:
        table("x,y,x\n1,2,3\n").array("x")
    assert str(error.value) == (
        f"{tmp_path}/t.csv: there are 2 columns 'x' (take column 1 by its number)"
    )


def test_an_empty_file_is_refused(table, tmp_path):
    with pytest.raises(SourceError) as error:
        table("# nothing\n")
    assert str(error.value) == f"{tmp_path}/t.csv: there is no table in it"


def test_a_table_too_large_is_refused_unread(tmp_path):
    file = tmp_path / "huge.csv"
    with file.open("wb") as stream:
        stream.truncate(csvfile.LIMIT + 1)
    with pytest.raises(SourceError) as error:
        opener({})(file)
    assert str(error.value) == (
        f"{file}: 512 MiB of text are too much (the limit is 512 MiB) (convert it to HDF5 or .npy)"
    )


def test_dtype_makes_a_column_text(table):
    assert column(table("id\n1\n1b\n", dtype="str"), "id").tolist() == ["1", "1b"]


def test_header_false_makes_the_first_row_data(table):
    assert column(table("a,b\nc,d\n", header=False), "1").tolist() == ["a", "c"]


def test_an_unknown_option_is_refused(table):
    with pytest.raises(SourceError) as error:
        table("a\n1\n", skiprows=1)
    assert str(error.value) == ("format csv has no option 'skiprows' (did you mean skip_rows?)")


def test_a_matrix_is_one_array(matrix):
    array = matrix("kx ky\n1 2 3\n4 5 6.5\n", skip_rows=1)
    assert array.info.dtype == np.float64
    assert array.read(1, 2).tolist() == [[4, 5, 6.5]]


def test_a_matrix_takes_a_dtype(matrix):
    array = matrix("1,2\n3,4\n", dtype="uint16")
    assert array.info.dtype == np.uint16
    assert array.read(0, 2).tolist() == [[1, 2], [3, 4]]


def test_a_matrix_whose_values_do_not_fit_the_dtype_is_refused(matrix, tmp_path):
    with pytest.raises(SourceError) as error:
        matrix("1,2\n3,300\n", dtype="uint8")
    assert str(error.value) == f"{tmp_path}/m.csv:2:3: 300 is no uint8 (set the option dtype)"


def test_a_matrix_with_words_is_refused(matrix, tmp_path):
    with pytest.raises(SourceError) as error:
        matrix("kx,ky\n1,2\n")
    assert str(error.value) == f"{tmp_path}/m.csv:1:1: 'kx' is not a number"


@given(st.lists(st.floats(), min_size=1, max_size=20))
def test_floats_come_back_bit_for_bit(tmp_path_factory, values):
    file = tmp_path_factory.getbasetemp() / "floats.csv"
    file.write_text("x,y\n" + "".join(f"{value!r},0\n" for value in values))
    np.testing.assert_array_equal(column(opener({})(file), "x"), np.array(values))


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=20))
def test_integers_come_back_whole(tmp_path_factory, values):
    file = tmp_path_factory.getbasetemp() / "integers.csv"
    file.write_text("x;y\n" + "".join(f"{value};0\n" for value in values))
    assert column(opener({})(file), "x").tolist() == values


@many(200)
@given(st.binary(max_size=80))
def test_any_bytes_give_a_table_or_a_source_error(tmp_path_factory, content):
    file = tmp_path_factory.getbasetemp() / "any.csv"
    read_damaged(opener({}), file, content)
