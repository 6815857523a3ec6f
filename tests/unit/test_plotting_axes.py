"""Ticks are round, in order, inside the range, and their labels differ."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from nxtool.plotting.axes import labels, number, readings, ticks

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@given(NUMBERS, NUMBERS, st.integers(1, 30))
def test_ticks_are_few_in_order_and_inside(one, other, count):
    low, high = sorted((one, other))
    found = ticks(low, high, count)
    assert len(found) <= count + 2
    room = (high / 2 - low / 2) * 1e-6
    assert all(low - room <= value <= high + room for value in found)
    assert all(a < b for a, b in itertools.pairwise(found))


@given(st.integers(-(10**6), 10**6), st.integers(1, 10**6), st.integers(1, 30))
def test_labels_of_ticks_differ(low, length, count):
    words = labels(ticks(low / 1000, (low + length) / 1000, count))
    assert len(set(words)) == len(words)
    assert all(len(word.removeprefix("-")) <= 9 for word in words)


def test_ticks_are_round():
    assert ticks(0.03, 0.98, 5) == [0.2, 0.4, 0.6, 0.8]
    assert ticks(-1, 1, 4) == [-1, -0.5, 0, 0.5, 1]
    assert ticks(8200, 8600, 2) == [8200, 8400, 8600]
    assert ticks(5, 5, 4) == [5]


def test_labels_have_as_many_digits_as_are_needed():
    assert labels([0.0, 0.05, 0.1]) == ["0.00", "0.05", "0.10"]
    assert labels([1e-9, 2e-9]) == ["1e-09", "2e-09"]
    assert labels([3.0]) == ["3"]


def test_numbers_are_short():
    assert [number(x) for x in (0.1234567, 1234.0, 1e9, -0.5)] == [
        "0.12346",
        "1234",
        "1e+09",
        "-0.5",
    ]


def test_readings_tell_a_hundredth_of_what_they_differ_by():
    assert readings([0.086, 5.418, 10.234]) == ["0.09", "5.42", "10.23"]
    assert readings([0.0, 682.0, 1998.0]) == ["0", "682", "1998"]
    assert readings([1e-9, 2e-9]) == ["1e-09", "2e-09"]
    assert readings([3.0]) == ["3"]


@given(st.lists(st.floats(), max_size=6))
def test_any_numbers_can_be_read_off(values):
    words = readings(values)
    assert len(words) == len(values)
    assert all(len(word) <= 18 for word in words)
