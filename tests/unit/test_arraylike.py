"""Arrays that scripts hand over, of whatever make, as arrays of a source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import SourceError
from nxtool.sources.arraylike import LazyArray, array_of, is_array
from nxtool.sources.memory import MemoryArray, MemorySource


class Chunked:
    """What dask offers: a shape, a type, chunks, and slices that are computed when they are asked
    for. `asked` tells which were."""

    def __init__(self, values: np.ndarray[Any, Any], rows: int) -> None:
        self.values = values
        self.shape, self.dtype = values.shape, values.dtype
        whole, rest = divmod(len(values), rows)
        self.chunks = ((rows,) * whole + ((rest,) if rest else ()), *((n,) for n in self.shape[1:]))
        self.asked: list[tuple[int, int]] = []

    def __getitem__(self, rows: slice) -> Chunked:
        self.asked.append((rows.start, rows.stop))
        return Chunked(self.values[rows], len(self.values))

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray[Any, Any]:
        return self.values


class Column:
    """What pandas offers: a column at hand."""

    def __init__(self, values: np.ndarray[Any, Any]) -> None:
        self.values = values
        self.shape, self.dtype = values.shape, values.dtype

    def __getitem__(self, key: object) -> object:
        raise AssertionError("labels are not rows")

    def __array__(self) -> np.ndarray[Any, Any]:
        return self.values

    def to_numpy(self) -> np.ndarray[Any, Any]:
        return self.values


def refusal(value: Any) -> str:
    with pytest.raises(SourceError) as caught:
        array_of(value)
    return str(caught.value)


def test_arrays_are_told_from_plain_values() -> None:
    arrays = [np.zeros(3), np.array(1), Column(np.zeros(2)), Chunked(np.zeros(4), 2)]
    plain = [1, 1.5, "text", b"text", None, [1, 2], {"a": 1}, np.float32(1), np.str_("a")]
    assert [is_array(value) for value in arrays] == [True] * 4
    assert [is_array(value) for value in plain] == [False] * 9


def test_a_numpy_array_keeps_type_and_values() -> None:
    values = np.arange(6, dtype=">u2").reshape(2, 3)[::-1]
    array = array_of(values)
    assert isinstance(array, MemoryArray)
    assert (array.info.dtype, array.info.shape) == (np.dtype(">u2"), (2, 3))
    assert array.read(1, 2).tolist() == [[0, 1, 2]]


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (np.array(["a", "Grün"]), ["a", "Grün"]),
        (np.array([b"a", "Grün".encode()]), ["a", "Grün"]),
        (np.array(["a", b"b"], dtype=object), ["a", "b"]),
        (np.array(["2026-01-05T10:00"], dtype="M8[s]"), ["2026-01-05T10:00:00"]),
    ],
)
def test_text_and_dates_become_text(values: np.ndarray[Any, Any], texts: list[str]) -> None:
    array = array_of(values)
    assert array.info.dtype == np.dtype(object)
    assert array.read(0, len(values)).tolist() == texts


def test_a_column_is_taken_whole() -> None:
    assert array_of(Column(np.arange(3))).read(0, 3).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.ma.masked_less(np.arange(3), 1),
         "a masked array has gaps (fill them: array.filled(value))"),
        (np.zeros(2, dtype=[("a", "i4")]),
         "an array of [('a', '<i4')] cannot be stored "
         "(numbers of up to 8 bytes, booleans, text and dates can)"),
        (np.zeros(2, dtype=np.longdouble),
         "an array of float128 cannot be stored "
         "(numbers of up to 8 bytes, booleans, text and dates can)"),
        (np.array([1, None], dtype=object),
         "an array of objects holds a int (give numbers or text)"),
        (np.array([b"\xff"]), "bytes that are not UTF-8 cannot be stored as text"),
        (np.array(["a\0b"], dtype=object),
         r"'a\x00b' cannot be stored as text (give UTF-8 without zeros)"),
    ],
)  # fmt: skip
def test_what_a_file_cannot_hold_is_refused(value: Any, message: str) -> None:
    assert refusal(value) == message


@given(st.integers(1, 20), st.integers(1, 7), st.integers(1, 9))
def test_a_lazy_array_reads_each_chunk_once(length: int, rows: int, step: int) -> None:
    values = np.arange(length * 2).reshape(length, 2)
    chunked = Chunked(values, rows)
    array = array_of(chunked)
    assert isinstance(array, LazyArray)
    parts = [array.read(start, start + step) for start in range(0, length, step)]
    assert np.concatenate(parts).tolist() == values.tolist()
    if step <= rows:
        assert len(chunked.asked) <= -(-length // min(rows, length))


def test_a_dataset_of_h5py_brings_its_unit_and_chunks(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        dataset = file.create_dataset("x", data=np.arange(20.0).reshape(10, 2), chunks=(4, 2))
        dataset.attrs["units"] = "mm"
        array = array_of(dataset)
        assert (array.info.units, array.info.rows, array.info.shape) == ("mm", 4, (10, 2))
        assert array.read(3, 6).tolist() == [[6, 7], [8, 9], [10, 11]]


def test_text_of_a_dataset_of_h5py_is_text(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"] = ["a", "Grün"]
        file["y"] = "one"
        assert array_of(file["x"]).read(0, 2).tolist() == ["a", "Grün"]
        assert array_of(file["y"]).read(0, 1).tolist() == "one"


def test_an_array_that_changes_is_told() -> None:
    chunked = Chunked(np.arange(4), 2)
    array = array_of(chunked)
    chunked.values = np.arange(4.0)
    with pytest.raises(SourceError) as caught:
        array.read(0, 2)
    assert str(caught.value) == (
        "the array gave float64 [2], not int64 [2] (does it change while it is read?)"
    )


def test_a_source_in_memory_gives_arrays_by_name_and_slice() -> None:
    with MemorySource({"a": array_of(np.arange(6)), "b": array_of(np.zeros(2))}) as source:
        assert list(source.keys()) == ["a", "b"]
        assert source.array("a[1:3]").read(0, 9).tolist() == [1, 2]
        with pytest.raises(SourceError, match=r"^memory: no array 'c' \(there is a, b\)$"):
            source.array("c")


def test_a_source_in_memory_counts_its_rows() -> None:
    source = MemorySource({"": array_of(np.arange(6))}, expect=7)
    with pytest.raises(SourceError) as caught:
        source.array()
    assert str(caught.value) == "6 rows in memory, expected 7 (correct the array, or expect)"
