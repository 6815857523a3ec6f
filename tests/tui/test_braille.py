"""Lines as text: no point is lost, gaps stay, and scaling changes nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nxtool.plotting.extent import Extent, extent_of
from nxtool_tui.braille import curve

FLOATS = st.floats(allow_subnormal=False)
VALUES = arrays(np.float64, st.integers(0, 300), elements=FLOATS)
WHOLE = arrays(np.float64, st.integers(1, 200), elements=st.integers(-1000, 1000).map(float))
SIZES = st.tuples(st.integers(1, 40), st.integers(1, 12))


def dots(lines: list[str]) -> set[tuple[int, int]]:
    """Row and column of every dot of braille text."""
    bits = {0: (0, 0), 1: (1, 0), 2: (2, 0), 3: (0, 1), 4: (1, 1), 5: (2, 1), 6: (3, 0), 7: (3, 1)}
    found = set()
    for row, line in enumerate(lines):
        for column, character in enumerate(line):
            code = 0 if character == " " else ord(character) - 0x2800
            found |= {
                (4 * row + y, 2 * column + x) for bit, (y, x) in bits.items() if code >> bit & 1
            }
    return found


@given(VALUES, SIZES, st.booleans())
def test_text_has_the_size_asked_for(values, size, ascii_only):
    lines = curve(values, width=size[0], height=size[1], ascii_only=ascii_only)
    assert [len(line) for line in lines] == [size[0]] * size[1]


@given(VALUES, SIZES)
def test_something_is_drawn_if_any_value_is_finite(values, size):
    assert bool(dots(curve(values, width=size[0], height=size[1]))) == np.isfinite(values).any()


@given(WHOLE, SIZES)
def test_the_least_and_the_greatest_value_reach_the_edges(values, size):
    rows = {row for row, _ in dots(curve(values, width=size[0], height=size[1]))}
    if values.min() < values.max():
        assert (min(rows), max(rows)) == (0, 4 * size[1] - 1)


@given(WHOLE, SIZES, st.sampled_from([0.25, 2.0, 1024.0]))
def test_scaling_changes_nothing(values, size, factor):
    small = {"width": size[0], "height": size[1]}
    if values.min() < values.max():
        assert curve(values, **small) == curve(values * factor, **small)


@given(WHOLE, SIZES)
@example(np.array([0.0, 0.0, 0.0, 1.0]), (33, 3))
def test_the_order_of_points_along_x_does_not_matter_for_their_dots(values, size):
    x = np.arange(values.size, dtype=float)
    small = {"width": size[0], "height": size[1]}
    assert curve(values, x, **small) == curve(values[::-1], x[::-1], **small)


def test_one_peak_in_a_million_values_is_seen():
    values = np.zeros(1_000_000)
    values[123_456] = 1
    top = curve(values, width=40, height=4)[0]
    assert top.count(" ") == 39


def test_a_value_that_is_not_finite_leaves_a_gap():
    values = np.array([1, 1, 1, np.nan, 1, 1, 1, np.inf, 1, 1])
    extent = Extent(0, 9, 0, 2)
    columns = {column for _, column in dots(curve(values, width=5, height=1, extent=extent))}
    assert columns == {0, 1, 2, 4, 5, 6, 8, 9}


def test_points_outside_the_extent_are_left_out():
    lines = curve(np.array([0.0, 5.0, 0.0]), width=3, height=1, extent=Extent(0, 2, 0, 1))
    assert dots(lines) == {(3, 0), (3, 5)}


def test_two_points_are_connected():
    found = dots(curve(np.array([0.0, 1.0]), width=4, height=2))
    assert {column for _, column in found} == set(range(8))
    assert {row for row, _ in found} == set(range(8))


def test_a_loop_in_x_is_drawn_on_both_branches():
    turn = np.linspace(0, 2 * np.pi, 400)
    found = dots(curve(np.sin(turn), np.cos(turn), width=10, height=5))
    middle = [row for row, column in found if column == 10]
    assert (min(middle), max(middle)) == (0, 19)


def test_ascii_has_two_dots_a_cell():
    assert curve(np.array([0.0, 1.0]), width=2, height=1, ascii_only=True) == [".'"]


@pytest.mark.parametrize("value", [0.0, 7.0, -1.79e308, 1e-300])
def test_a_constant_is_a_line_inside_the_drawing(value):
    lines = curve(np.full(9, value), width=6, height=3)
    assert lines[0].strip() + lines[2].strip() in ("", lines[1].strip(), lines[2].strip())
    assert len({row for row, _ in dots(lines)}) == 1


def test_the_whole_range_of_floats_is_drawn():
    largest = np.finfo(np.float64).max
    assert extent_of(np.array([-largest, largest])) == Extent(0, 1, -largest, largest)
    assert dots(curve(np.array([-largest, largest]), width=2, height=1)) == {
        (3, 0),
        (2, 1),
        (1, 2),
        (0, 3),
    }


def test_nothing_finite_has_no_extent():
    assert extent_of(np.array([np.nan, np.inf])) is None
    assert extent_of(np.zeros(0)) is None
