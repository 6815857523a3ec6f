"""Values as colours: limits, means, gaps."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from nxtool.plotting.colours import MISSING, levels_of, limits_of, resampled

IMAGES = arrays(
    np.float64,
    array_shapes(min_dims=2, max_dims=2, max_side=20),
    elements=st.floats(allow_subnormal=False),
)
SIZES = st.tuples(st.integers(1, 30), st.integers(1, 12))


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


def test_what_is_not_finite_has_no_colour_and_zero_the_first_of_a_logarithm():
    values = np.array([[np.inf, -np.inf, np.nan, 0, 1, 100, 1000]])
    for log in (False, True):
        levels = levels_of(values, (1, 100), 5, log=log)
        assert levels.tolist() == [[MISSING, MISSING, MISSING, 0, 0, 4, 4]]


def test_one_hot_pixel_does_not_set_the_limits():
    values = np.arange(1000.0).reshape(20, 50)
    values[3, 3] = 1e9
    low, high = limits_of(values)
    assert 0 <= low < 20
    assert 980 < high < 1000


def test_pixels_a_detector_has_no_value_for_do_not_set_the_limits():
    values = np.arange(100.0).reshape(10, 10)
    values[:, 3:6] = 65535
    assert limits_of(values) == (1, 98)
    assert limits_of(np.full((2, 2), 65535.0)) == (65535, 65535)
