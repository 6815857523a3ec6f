"""Parquet tables: columns with their types and units."""

import datetime
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nxtool.errors import MissingExtra, SourceError
from nxtool.sources import parquet
from nxtool.sources.parquet import opener
from tests.sourcedamage import read_damaged

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

UTC = datetime.timezone.utc
TABLE = {
    "energy [keV]": pa.array([8.0, 9.5], pa.float32()),
    "count": pa.array([1, 2], pa.uint16()),
    "name": pa.array(["a", "b"]),
    "mode": pa.array(["x", "x"]).dictionary_encode(),
    "on": pa.array([True, False]),
    "gap": pa.array([1.5, None]),
    "hole": pa.array([1, None]),
    "time": pa.array([datetime.datetime(2026, 1, 5, 10, tzinfo=UTC)] * 2, pa.timestamp("s", "UTC")),
    "clock": pa.array([datetime.datetime(2026, 1, 5, 10)] * 2, pa.timestamp("ms")),  # noqa: DTZ001
    "lists": pa.array([[1], [2, 3]]),
}


@pytest.fixture
def file(tmp_path):
    fields = [
        pa.field(name, values.type, metadata={"units": "1"} if name == "count" else None)
        for name, values in TABLE.items()
    ]
    table = pa.table(list(TABLE.values()), schema=pa.schema(fields))
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=1)
    return tmp_path / "a.parquet"


@pytest.fixture
def reader(file):
    opened = opener({})(file)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("column", "dtype", "units", "values"),
    [
        ("energy", np.float32, "keV", [8, 9.5]),
        ("energy [keV]", np.float32, "keV", [8, 9.5]),
        ("count", np.uint16, "1", [1, 2]),
        ("name", object, None, ["a", "b"]),
        ("mode", object, None, ["x", "x"]),
        ("on", np.bool_, None, [True, False]),
        ("time", object, None, ["2026-01-05T10:00:00.000Z"] * 2),
        ("clock", object, None, ["2026-01-05T10:00:00.000"] * 2),
    ],
)
def test_a_column_keeps_its_type_and_unit(reader, column, dtype, units, values):
    array = reader.array(column)
    assert (array.info.dtype, array.info.units) == (dtype, units)
    assert array.read(0, 2).tolist() == values


def test_a_missing_float_is_not_a_number(reader):
    np.testing.assert_array_equal(reader.array("gap").read(0, 2), [1.5, np.nan])


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("hole", "column hole lacks 1 of 2 values"),
        ("lists", "column lists holds list<element: int64>, not numbers or text"),
        ("cout", "no column 'cout' (did you mean count?)"),
    ],
)
def test_what_is_no_column_of_values_is_told(reader, file, column, message):
    with pytest.raises(SourceError) as error:
        reader.array(column)
    assert str(error.value) == f"{file}: {message}"


@given(
    hnp.arrays(
        st.one_of(
            hnp.integer_dtypes(endianness="="),
            hnp.unsigned_integer_dtypes(endianness="="),
            hnp.floating_dtypes(endianness="=", sizes=(32, 64)),
        ),
        st.integers(1, 20),
    )
)
def test_columns_come_back_bit_for_bit(tmp_path_factory, values):
    file = tmp_path_factory.getbasetemp() / "round.parquet"
    pq.write_table(pa.table({"x": values}), file)
    reader = opener({})(file)
    found = reader.array().read(0, len(values))
    reader.close()
    assert found.dtype == values.dtype
    np.testing.assert_array_equal(found, values)


def test_a_long_text_that_comes_often_is_in_memory_once(tmp_path):
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 5000), pa.array(["x" * (1 << 20)]))
    pq.write_table(pa.table({"x": column}), tmp_path / "a.parquet", store_schema=False)
    assert (tmp_path / "a.parquet").stat().st_size < 1 << 20
    reader = opener({})(tmp_path / "a.parquet")
    values = reader.array().read(0, 5000)
    reader.close()
    assert len({id(value) for value in values}) == 1


def test_a_column_of_too_many_values_is_refused(file, monkeypatch):
    monkeypatch.setattr(parquet, "LIMIT", 1 << 20)
    few_bytes = pa.table({"x": pa.array(np.zeros(200_000))})
    pq.write_table(few_bytes, file, compression="zstd")
    assert file.stat().st_size < 1 << 14
    reader = opener({})(file)
    with pytest.raises(SourceError) as error:
        reader.array("x")
    reader.close()
    assert str(error.value) == f"{file}: column x is larger than 1 MiB"


@pytest.mark.parametrize("size", [0, 3, 100, -1])
def test_a_truncated_file_is_refused(file, size):
    file.write_bytes(file.read_bytes()[:size])
    with pytest.raises(SourceError) as error:
        opener({})(file)
    assert error.value.message.startswith(f"{file}: pyarrow cannot read it: ")


@given(st.integers(0, 4000), st.integers(0, 255))
def test_damage_gives_columns_or_a_source_error(tmp_path_factory, place, byte):
    file = tmp_path_factory.getbasetemp() / "damaged.parquet"
    pq.write_table(pa.table({"x": [1, 2], "y": ["a", "b"]}), file)
    content = bytearray(file.read_bytes())
    content[place % len(content)] = byte
    read_damaged(opener({}), file, content)


def test_without_pyarrow_it_is_said_what_to_install(file, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(MissingExtra) as error:
        opener({})(file)
    assert str(error.value) == (
        "reading the table a.parquet needs an optional package (pip install 'nxtool[tables]')"
    )
