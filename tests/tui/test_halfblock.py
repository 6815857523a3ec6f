"""Images as text: sizes, order of brightness, gaps, and colours that grow lighter evenly."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from nxtool_tui.halfblock import (
    LETTERS,
    Cells,
    colour_map,
    coloured,
    lettered,
    limits_of,
    resampled,
)
from tests.tui.test_theme import BLINDNESS, lab, linear

IMAGES = arrays(
    np.float64,
    array_shapes(min_dims=2, max_dims=2, max_side=20),
    elements=st.floats(allow_subnormal=False),
)
SIZES = st.tuples(st.integers(1, 30), st.integers(1, 12))


@given(IMAGES, SIZES, st.booleans())
def test_every_row_has_the_width_asked_for(values, size, log):
    limits = limits_of(values, log=log) or (1.0, 2.0)
    small = {"width": size[0], "height": size[1], "limits": limits, "log": log}
    rows = coloured(values, **small)
    assert [sum(len(cell.text) for cell in row) for row in rows] == [size[0]] * size[1]
    assert [len(line) for line in lettered(values, **small)] == [size[0]] * size[1]


@given(IMAGES, SIZES)
def test_means_stay_between_the_least_and_the_greatest_value(values, size):
    found = resampled(values, size[1], size[0])
    finite = values[np.isfinite(values)]
    drawn = found[np.isfinite(found)]
    if drawn.size:
        finite, drawn = finite / 4, drawn / 4  # there is room above the largest
        room = 1e-9 * np.abs(finite).max()
        assert finite.min() - room <= drawn.min()
        assert drawn.max() <= finite.max() + room
    assert bool(finite.size) or not drawn.size


@given(IMAGES)
def test_limits_are_finite_and_in_order(values):
    limits = limits_of(values)
    if limits is None:
        assert not np.isfinite(values).any()
    else:
        assert np.isfinite(limits).all()
        assert limits[0] <= limits[1]


def test_an_image_of_its_own_size_is_not_changed():
    values = np.arange(12.0).reshape(4, 3)
    assert resampled(values, 4, 3).tolist() == values.tolist()


def test_pixels_are_means_of_finite_values():
    values = np.array([[1, 3, 5, np.nan], [1, 3, np.inf, np.nan]])
    assert str(resampled(values, 1, 2).tolist()) == "[[2.0, 5.0]]"
    assert str(resampled(values, 1, 4).tolist()) == "[[1.0, 3.0, 5.0, nan]]"


def test_one_hot_pixel_does_not_set_the_limits():
    values = np.arange(1000.0).reshape(20, 50)
    values[3, 3] = 1e9
    low, high = limits_of(values)
    assert 0 <= low < 20
    assert 980 < high < 1000


def test_a_logarithm_counts_positive_values_only():
    values = np.array([[-5.0, 0.0, 1.0, 100.0]])
    assert limits_of(values, log=True) == (1, 100)
    assert limits_of(-np.abs(values), log=True) is None
    assert lettered(values, width=4, height=1, limits=(1, 100), log=True) == [" ..@"]


def test_brighter_values_have_later_letters():
    values = np.arange(float(len(LETTERS)))[None, :]
    limits = (0.0, len(LETTERS) - 1.0)
    assert lettered(values, width=len(LETTERS), height=1, limits=limits) == [LETTERS]


def test_a_cell_shows_two_pixels_one_above_the_other():
    values = np.array([[0.0, 0.0, np.nan, np.nan], [1.0, 1.0, 1.0, np.nan]])
    first, last = colour_map()[0], colour_map()[-1]
    assert coloured(values, width=4, height=1, limits=(0, 1)) == [
        [Cells("▀▀", first, last), Cells("▄", last), Cells(" ")]
    ]
    assert coloured(values[::-1], width=4, height=1, limits=(0, 1)) == [
        [Cells("▀▀", last, first), Cells("▀", last), Cells(" ")]
    ]


def test_a_constant_image_is_drawn():
    values = np.full((2, 2), 7.0)
    assert limits_of(values) == (7, 7)
    assert lettered(values, width=2, height=1, limits=(7, 7)) == [".."]


def test_colours_grow_lighter_evenly_for_everybody():
    seen = np.array([linear(colour) for colour in colour_map()[::15]])
    for matrix in (np.eye(3), *(np.array(m) for m in BLINDNESS.values())):
        lightness = np.array([lab(matrix @ light)[0] for light in seen])
        assert (np.diff(lightness) > 1).all()
        assert np.diff(lightness).max() < 3 * np.diff(lightness).mean()
