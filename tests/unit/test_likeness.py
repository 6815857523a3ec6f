"""How alike images look, against the formula window by window, and what bench tells of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.bench import likeness
from nxtool.bench.comparison import Comparison
from nxtool.bench.likeness import SIDE, Likeness, ssim

NOISE = np.random.default_rng(8)
IMAGE = NOISE.normal(500, 40, (19, 23))


def by_formula(old, new, span):
    """The SSIM of each window as the paper has it, slowly."""
    first, second = (0.01 * span) ** 2, (0.03 * span) ** 2
    found = []
    for row in range(old.shape[0] - SIDE + 1):
        for column in range(old.shape[1] - SIDE + 1):
            place = np.s_[row : row + SIDE, column : column + SIDE]
            x, y = (image[place].astype(float).ravel() for image in (old, new))
            (vx, common), (_, vy) = np.cov(x, y)
            found.append(
                (2 * x.mean() * y.mean() + first)
                * (2 * common + second)
                / ((x.mean() ** 2 + y.mean() ** 2 + first) * (vx + vy + second))
            )
    return np.array(found)


def mean(old, new, span):
    likeness = Likeness(span)
    likeness.add(old, new)
    return likeness.mean


@given(st.integers(0, 2**32), st.sampled_from(["u1", "u2", "i4", "f4", "f8"]), st.booleans())
def test_windows_score_what_the_formula_gives(seed, dtype, is_far):
    noise = np.random.default_rng(seed)
    old = (noise.integers(0, 90, (9, 12)) + 100 * is_far).astype(dtype)
    new = (old + noise.integers(0, 9, old.shape)).astype(dtype)
    assert ssim(old, new, 90.0) == pytest.approx(by_formula(old, new, 90.0), abs=1e-12)


def test_equal_images_are_alike():
    assert mean(IMAGE, IMAGE.copy(), 300.0) == 1


def test_one_even_image_shifted_to_another_differs_by_the_means_alone():
    one, other = np.full((9, 9), 3.0), np.full((9, 9), 4.0)
    expected = (2 * 3 * 4 + 0.01) / (3 * 3 + 4 * 4 + 0.01)
    assert mean(one, other, 10.0) == pytest.approx(expected)


def test_pattern_turned_over_scores_below_zero():
    pattern = np.indices((9, 9)).sum(axis=0) % 2
    assert mean(9 + pattern, 10 - pattern, 1.0) < -0.9


def test_mean_is_over_all_windows_of_all_frames(monkeypatch):
    frames = NOISE.normal(size=(2, 3, 40, 30))
    spoilt = frames + NOISE.normal(0, 0.3, frames.shape)
    pairs = zip(frames.reshape(-1, 40, 30), spoilt.reshape(-1, 40, 30), strict=True)
    expected = np.mean([by_formula(one, other, 6.0).mean() for one, other in pairs])
    assert mean(frames, spoilt, 6.0) == pytest.approx(expected)
    monkeypatch.setattr(likeness, "_AT_ONCE", 100)
    assert mean(frames, spoilt, 6.0) == pytest.approx(expected)


def test_windows_with_values_that_are_not_finite_do_not_count():
    old, new = IMAGE.copy(), IMAGE + 1
    old[0, 0], new[18, 22] = np.nan, np.inf
    clean = by_formula(IMAGE, IMAGE + 1, 300.0).reshape(13, 17)
    clean[0, 0] = clean[12, 16] = np.nan
    assert mean(old, new, 300.0) == pytest.approx(np.nanmean(clean))


def test_values_far_from_zero_lose_no_digits():
    old = (IMAGE * 100).astype("u8") + 2**51
    new = old + NOISE.integers(0, 9, old.shape, dtype="u8")
    near = by_formula(old - 2**51, new - 2**51, 30_000.0)
    far = ssim(old, new, 30_000.0)
    assert far.size == near.size
    assert (far > near - 1e-9).all()


@pytest.mark.parametrize(
    ("old", "span"),
    [
        (np.zeros(50), 1.0),
        (np.zeros((3, 6, 50)), 1.0),
        (np.zeros((9, 9)), 0.0),
        (np.zeros((9, 9), "c8"), 1.0),
        (np.full((9, 9), np.nan), 1.0),
    ],
)
def test_what_has_no_windows_or_no_span_has_no_likeness(old, span):
    assert mean(old, old, span) is None


def compared(before, after):
    comparison = Comparison(10.0)
    for one, other in zip(np.array_split(before, 2), np.array_split(after, 2), strict=True):
        comparison.add(one, other)
    return comparison.errors("lossy: {}", 1)


def test_shift_of_the_mean_and_change_of_the_sum_have_a_sign():
    before = np.array([2, 2, 4, 12], dtype="u2")
    errors = compared(before, np.array([2, 0, 4, 9], dtype="u2"))
    assert (errors.mean_shift, errors.sum_change) == (-1.25, -0.25)


def test_counts_that_only_moved_keep_their_sum():
    errors = compared(np.array([5, 0, 1], dtype="u8"), np.array([4, 1, 1], dtype="u8"))
    assert (errors.mean_shift, errors.sum_change, errors.max_abs_error) == (0, 0, 1)


def test_sum_of_nothing_that_becomes_something_changes_without_end():
    errors = compared(np.array([1.0, -1.0]), np.array([1.0, -2.0]))
    assert (errors.mean_shift, errors.sum_change) == (-0.5, -np.inf)


def test_what_is_not_finite_is_compared_too():
    before = np.array([np.nan, np.inf, 1.0, -np.inf])
    assert compared(before, before.copy()).keeps_others
    assert not compared(before, np.array([np.nan, np.inf, 1.0, np.inf])).keeps_others
