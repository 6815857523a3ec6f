"""Tests of what HSDS says in JSON, in our words: types, shapes and values, sound and not."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.hdf5.types import element_type as hdf5_type
from nxtool.hdf5.types import is_readable
from nxtool.remote import domaintypes
from nxtool.remote.objects import attributes_of, links_of

INT = {"class": "H5T_INTEGER", "base": "H5T_STD_I32LE"}
FLOAT = {"class": "H5T_FLOAT", "base": "H5T_IEEE_F64LE"}
BIG = {"class": "H5T_FLOAT", "base": "H5T_IEEE_F32BE"}
TEXT = {"class": "H5T_STRING", "length": "H5T_VARIABLE", "charSet": "H5T_CSET_UTF8"}
FIXED = {"class": "H5T_STRING", "length": 4, "charSet": "H5T_CSET_ASCII"}
BOOL = {
    "class": "H5T_ENUM", "base": {"class": "H5T_INTEGER", "base": "H5T_STD_I8LE"},
    "members": [{"name": "FALSE", "value": 0}, {"name": "TRUE", "value": 1}],
}  # fmt: skip
COMPLEX = {
    "class": "H5T_COMPOUND", "fields": [{"name": "r", "type": FLOAT}, {"name": "i", "type": FLOAT}]
}  # fmt: skip
TABLE = {
    "class": "H5T_COMPOUND", "fields": [{"name": "a", "type": INT}, {"name": "b", "type": FLOAT}]
}  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["class", "base", "length", "fields", "members", "mapping", "dims"]),
            inner | st.sampled_from(["H5T_ENUM", "H5T_COMPOUND", "H5T_INTEGER", "H5S_SIMPLE"]),
            max_size=4,
        )
    ),
)


@pytest.mark.parametrize(
    ("told", "dtype"),
    [
        (INT, "i4"), (FLOAT, "f8"), (BIG, ">f4"), (BOOL, "?"), (COMPLEX, "c16"),
        ("H5T_STD_U16BE", ">u2"), ({"class": "H5T_INTEGER", "base": "H5T_STD_I8LE"}, "i1"),
        (TEXT, h5py.string_dtype()), (FIXED, "S4"), (TABLE, [("a", "i4"), ("b", "f8")]),
    ],
)  # fmt: skip
def test_a_type_is_that_of_hdf5(told, dtype):
    expected = hdf5_type(h5py.h5t.py_create(np.dtype(dtype), logical=True))
    assert domaintypes.element_type(told) == expected


@pytest.mark.parametrize(
    ("value", "told", "shape", "expected"),
    [
        ("größer", TEXT, (), "größer"),
        (["a", "b"], TEXT, (2,), ["a", "b"]),
        ([["a"], ["b"]], TEXT, (2, 1), ["a", "b"]),
        (None, TEXT, (), ""),
        (1.5, FLOAT, (), np.float64(1.5)),
        ([float("nan"), 2], FLOAT, (2,), np.array([np.nan, 2.0])),
        ([[1, 2], [3, 4]], INT, (2, 2), np.array([[1, 2], [3, 4]], "i4")),
        (True, BOOL, (), np.bool_(True)),
        ([[1, 2]], COMPLEX, (1,), np.array([1 + 2j])),
    ],
)
def test_a_value_in_json_is_decoded(value, told, shape, expected):
    element = domaintypes.element_type(told)
    found = domaintypes.from_json(value, told, element, shape)
    np.testing.assert_array_equal(found, expected)
    assert getattr(found, "dtype", None) == getattr(expected, "dtype", None)


@given(st.lists(st.text(), max_size=5))
def test_texts_in_bytes_are_given_back(texts):
    raw = b"".join(len(t.encode()).to_bytes(4, "little") + t.encode() for t in texts)
    element = domaintypes.element_type(TEXT)
    found = domaintypes.from_bytes(raw, TEXT, element, (len(texts),))
    assert [one.decode() for one in found] == texts


@given(st.binary(max_size=40), st.sampled_from([INT, BIG, TEXT, FIXED, BOOL, COMPLEX]))
def test_bytes_that_do_not_fit_are_a_value_error_or_values(raw, told):
    element = domaintypes.element_type(told)
    try:
        found = domaintypes.from_bytes(raw, told, element, (3,))
    except ValueError:
        return
    assert found.shape == (3,)


@given(JSON, JSON, JSON)
def test_nonsense_is_refused(told, shape, value):
    element = domaintypes.element_type(told)
    try:
        lengths = domaintypes.shape_of(shape)
        if lengths is not None and is_readable(element):
            domaintypes.from_json(value, told, element, lengths)
    except (ValueError, TypeError, KeyError, IndexError, OverflowError):
        pass


@given(JSON)
def test_links_and_attributes_may_be_anything(told):
    assert isinstance(links_of({"links": told}), dict)
    assert isinstance(attributes_of({"attributes": told}), dict)


def test_names_come_in_the_order_of_hdf5():
    listed = [{"title": name, "id": "g-1"} for name in ("b", "Z", "ä", "a")]
    assert list(links_of({"links": listed})) == ["Z", "a", "b", "ä"]
