"""Charts fit the room they are given, and images keep their proportions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from rich.cells import cell_len

from nxtool.plotting.plottable import Label, Slice
from nxtool_tui.chart import MIN_HEIGHT, MIN_WIDTH, Style, chart

SHAPES = array_shapes(min_dims=1, max_dims=2, max_side=30)
VALUES = arrays(np.float64, SHAPES, elements=st.floats(allow_subnormal=False))
STYLES = st.builds(Style, st.booleans(), st.booleans(), st.booleans())


def slice_of(values: np.ndarray, scale: float = 1) -> Slice:
    return Slice(values, tuple(np.arange(n) * scale for n in values.shape))


@given(VALUES, STYLES, st.integers(1, 120), st.integers(1, 50), st.text(max_size=200))
def test_charts_fit_their_room(values, style, width, height, name):
    axes = [Label(name, "mm")] * values.ndim
    found = chart(slice_of(values, 1e-3), Label(name), axes, style, width, height)
    if isinstance(found, str):
        return
    assert (width, height) >= (MIN_WIDTH, MIN_HEIGHT)
    assert len(found) <= height
    assert max(sum(cell_len(cell.text) for cell in row) for row in found) <= width


@pytest.mark.parametrize(
    ("shape", "units", "cells"),
    [
        ((100, 100), "mm", (36, 18)),
        ((100, 200), "mm", (72, 18)),
        ((100, 400), "mm", (76, 9)),
        ((100, 100), "eV", (76, 18)),
        ((4, 4000), "mm", (77, 18)),
    ],
)
def test_images_are_to_scale_where_units_are_equal(shape, units, cells):
    axes = [Label("y", "mm"), Label("x", units)]
    style = Style(ascii_only=True)
    found = chart(slice_of(np.ones(shape), 1), Label("z"), axes, style, 80, 23)
    drawn = [row[1].text for row in found if len(row) == 2 and row[1].text.strip("0123456789 ")]
    drawn = [text for text in drawn if set(text) == {"."}]
    assert (len(drawn[0]), len(drawn)) == cells
