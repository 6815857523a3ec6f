"""Slices as pictures: no peak is lost, gaps stay, sizes are bounded, pixels have their colours."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from nxtool.plotting.colours import colour_map
from nxtool.plotting.frame import outer_edges, value_ticks
from nxtool.plotting.imagepicture import image_picture
from nxtool.plotting.linepicture import MOST, line_picture
from nxtool.plotting.plottable import Label, Slice
from nxtool.plotting.png import palette_png

COUNTS, ANGLE = Label("counts"), Label("angle", "deg")


def line(values, along=None, errors=None, **how) -> str | None:
    x = np.arange(len(values), dtype=float) if along is None else along
    bars = None if errors is None else np.asarray(errors, dtype=float)
    shown = Slice(np.asarray(values, dtype=float), (x,), errors=bars)
    return line_picture(shown, COUNTS, ANGLE, **how)


def image(values, *along, **how) -> str | None:
    shown = np.asarray(values, dtype=float)
    axes = along or tuple(np.arange(size, dtype=float) for size in shown.shape)
    return image_picture(Slice(shown, axes), COUNTS, (Label("y"), Label("x")), **how)


def words(svg: str) -> list[str]:
    return re.findall(r">([^<>\n]+)</text>", svg)


def test_long_labels_are_cut_in_their_names_to_the_room_there_is():
    shown = Slice(np.array([0.0, 1.0]), (np.array([0.0, 1.0]),))
    svg = line_picture(shown, Label("a" * 200, "counts"), Label("b" * 200, "mm"), log=True)
    assert svg is not None
    across, upwards = words(svg)[-2:]
    assert (len(across), across[-6:]) == (73, "b… (mm)"[-6:])
    assert (len(upwards), upwards[-16:]) == (45, "a… (counts) (log)"[-16:])
    wide = image_picture(
        Slice(np.eye(2), (np.array([0.0, 1.0]), np.array([0.0, 9.0]))),
        Label("a" * 200, "u" * 200), (Label("b" * 200, "mm"), Label("c" * 200, "mm")),
    )  # fmt: skip
    assert wide is not None
    assert [len(word) for word in words(wide) if "…" in word] == [74, 59, 59]


def test_labels_that_have_room_are_whole():
    assert Label("energy", "eV").within(20, " (log)") == "energy (eV) (log)"
    assert Label("energy [eV]", "eV").within(11) == "energy [eV]"
    assert Label("energy", "eV").within(10) == "ener… (eV)"


def curve(svg: str) -> list[list[tuple[float, float]]]:
    """The points of each piece of the curve."""
    path = re.search(r'class="curve" d="([^"]*)"', svg)
    assert path is not None
    pieces = [piece for piece in path[1].split("M") if piece]
    return [[tuple(map(float, xy.split(" "))) for xy in piece.split("L")] for piece in pieces]


def test_a_line_has_ticks_and_labels_with_units():
    svg = line([0, 5, 10])
    assert svg is not None
    assert words(svg) == [
        "0.0", "0.5", "1.0", "1.5", "2.0", "0", "2", "4", "6", "8", "10", "angle (deg)", "counts",
    ]  # fmt: skip


def test_values_that_are_not_finite_leave_gaps():
    svg = line([1, 2, np.nan, 3, 4, np.inf, 5])
    assert svg is not None
    assert [len(piece) for piece in curve(svg)] == [2, 2, 1]


def test_the_peak_of_a_million_values_is_seen_in_a_small_picture():
    values = np.zeros(1_000_000)
    values[123_456] = 1
    svg = line(values)
    assert svg is not None
    heights = [y for piece in curve(svg) for _, y in piece]
    assert (min(heights), max(heights)) == (18.0, 366.0)
    assert len(svg) < 60_000


def test_a_cloud_of_points_is_drawn_by_columns():
    count = 40_000
    along = np.tile(np.arange(100.0), count // 100)
    svg = line(np.arange(float(count)) % 7, along)
    assert svg is not None
    assert svg.count("V") == 100
    assert len(svg) < 20 * MOST


def test_without_a_finite_value_there_is_no_picture():
    assert line([np.nan, np.inf]) is None
    assert image([[np.nan]]) is None
    assert line([-1, 0], log=True) is None
    assert image([[-1.0, 0.0]], log=True) is None


def test_a_logarithm_has_ticks_at_decades():
    svg = line([1, 10, 100, 1000], log=True)
    assert svg is not None
    assert words(svg)[-6:] == ["1", "10", "100", "1000", "angle (deg)", "counts (log)"]


def bars(svg: str) -> list[tuple[float, float, float]]:
    """The error bars: across, upper end, lower end."""
    path = re.search(r'class="errors" d="([^"]*)"', svg)
    pieces = re.findall(r"M(\S+) (\S+)V([-.0-9]+)", path[1]) if path else []
    return [(float(x), float(upper), float(lower)) for x, upper, lower in pieces]


def test_each_value_with_an_error_has_a_bar_around_it():
    svg = line([10, 20, 30, 20], errors=[5, 0, np.nan, 10])
    assert svg is not None
    points = [point for piece in curve(svg) for point in piece]
    drawn = bars(svg)
    assert [x for x, _, _ in drawn] == [points[0][0], points[3][0]]
    for (_, upper, lower), (_, y) in zip(drawn, (points[0], points[3]), strict=True):
        assert (upper + lower) / 2 == pytest.approx(y, abs=0.1)
    assert (drawn[1][2] - drawn[1][1]) == pytest.approx(2 * (drawn[0][2] - drawn[0][1]), abs=0.2)


def test_no_error_makes_a_line_flat():
    svg = line([1, 2, 3, 4], errors=[0.1, 0.1, 0.1, 1e9])
    assert svg is not None
    heights = [y for piece in curve(svg) for _, y in piece]
    assert max(heights) - min(heights) > 170
    assert bars(svg)[-1][1:] == (18.0, 366.0)


def test_of_a_logarithm_a_bar_below_zero_goes_to_the_floor():
    svg = line([1, 10, 100], errors=[0.5, 20, np.nan], log=True)
    assert svg is not None
    (_, _, above), (_, _, floor) = bars(svg)
    assert (above < 366, floor) == (True, 366.0)


def test_bars_of_a_million_values_are_few():
    svg = line(np.zeros(1_000_000), errors=np.ones(1_000_000))
    assert svg is not None
    assert 1000 < len(bars(svg)) < 1500


NUMBERS = st.floats(allow_subnormal=False)


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=50))
def test_any_line_is_a_picture_of_finite_numbers(pairs):
    values, errors = np.array(pairs).T
    for log in (False, True):
        svg = line(values, errors=errors, log=log)
        assert svg is None or re.search(r"\b(nan|inf)\b", re.sub(r">[^<]*<", "><", svg)) is None


IMAGES = arrays(
    np.float64,
    array_shapes(min_dims=2, max_dims=2, max_side=8),
    elements=st.floats(allow_subnormal=False),
)


@given(IMAGES)
def test_any_image_is_a_picture_of_finite_numbers(values):
    for log in (False, True):
        svg = image(values, log=log)
        assert svg is None or re.search(r"\b(nan|inf)\b", re.sub(r">[^<]*<", "><", svg)) is None


def test_an_image_of_equal_units_is_to_scale():
    svg = image(np.arange(20_000.0).reshape(100, 200))
    assert svg is not None
    size = re.search(r'<image [^>]*width="([\d.]+)" height="([\d.]+)"', svg)
    assert size is not None
    assert float(size[1]) / float(size[2]) == pytest.approx(2, abs=0.01)


def test_few_pixels_have_a_tick_each():
    svg = image(np.eye(3), np.array([0.5, 1.5, 2.5]), np.arange(3.0))
    assert svg is not None
    assert words(svg)[:7] == ["0", "1", "2", "0.5", "1.5", "2.5", "x"]


def pixels(svg: str) -> np.ndarray:
    """The image in a picture, as red, green, blue and opacity."""
    images = pytest.importorskip("PIL.Image", reason="pillow is not installed")
    found = re.search(r'href="data:image/png;base64,([^"]*)"', svg)
    assert found is not None
    return np.asarray(images.open(io.BytesIO(base64.b64decode(found[1]))).convert("RGBA"))


def test_the_first_row_is_on_top_and_what_is_no_number_is_transparent():
    svg = image([[0.0, 1.0], [2.0, np.nan]])
    assert svg is not None
    seen = pixels(svg)
    first, last = (bytes.fromhex(colour[1:]) for colour in (colour_map()[0], colour_map()[-1]))
    assert (seen[0, 0].tobytes(), seen[1, 0].tobytes()) == (first + b"\xff", last + b"\xff")
    assert seen[1, 1, 3] == 0


@given(
    arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=9), elements=st.integers(0, 3))
)
def test_png_is_read_back_by_pillow(values):
    images = pytest.importorskip("PIL.Image", reason="pillow is not installed")
    colours = bytes(range(9))
    read = images.open(io.BytesIO(palette_png(values, colours)))
    table = np.array([[0, 1, 2, 255], [3, 4, 5, 255], [6, 7, 8, 255], [0, 0, 0, 0]])
    assert np.array_equal(np.asarray(read), values)
    assert np.array_equal(np.asarray(read.convert("RGBA")), table[values])


def test_pixels_reach_half_a_step_beyond_their_coordinates():
    assert outer_edges(np.array([1.0, 2.0, 3.0])) == (0.5, 3.5)
    assert outer_edges(np.array([3.0, 2.0, 1.0])) == (3.5, 0.5)
    assert outer_edges(np.array([1.0, 2.2, 3.0])) == (0.5, 3.5)
    for uneven in ([1, 2, 4], [1, np.nan, 3], [1], [2, 2]):
        assert outer_edges(np.array(uneven, dtype=float)) is None


def test_ticks_of_a_falling_axis_fall():
    assert value_ticks(2, 0, 2) == [(1.0, "0"), (0.5, "1"), (0.0, "2")]
