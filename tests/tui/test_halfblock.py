"""Images as text: sizes, order of brightness, gaps, and colours that grow lighter evenly."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from nxtool.plotting.colours import colour_map, limits_of
from nxtool_tui.halfblock import LETTERS, Cells, coloured, lettered
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
