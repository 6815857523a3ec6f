from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.storage.chunks import (
    CROSS_CHUNK,
    LARGE_FRAME,
    MIB,
    SLAB,
    STREAM_CHUNK,
    TINY,
    chunk_shape,
)
from tests.examples import many


@pytest.mark.parametrize(
    ("shape", "itemsize", "frame_axes", "chunks"),
    [
        ((1000, 1062, 1028), 2, 2, (1, 1062, 1028)),
        ((3, 100, 1062, 1028), 2, 2, (1, 1, 1062, 1028)),
        ((10, 4000, 4000), 2, 2, (1, 1000, 4000)),
        ((10, 2167, 2070), 4, 2, (1, 723, 2070)),
        ((4000, 4000), 2, 2, (1000, 4000)),
        ((1000, 1000), 2, 2, (1000, 1000)),
        ((2, 3, 9_000_000), 1, 2, (1, 1, 4_500_000)),
        ((1_000_000,), 8, 0, (125_000,)),
        ((10_000,), 8, 0, (10_000,)),
        ((1000, 2048), 4, 1, (125, 2048)),
        ((40, 50, 2048), 4, 1, (2, 50, 2048)),
        ((500, 64, 64), 2, 2, (1, 64, 64)),
        ((5000, 16, 16), 2, 2, (1667, 16, 16)),
        ((), 8, 0, None),
        ((100,), 8, 0, None),
        ((64 * 128 - 1,), 8, 0, None),
        ((64 * 128,), 8, 0, (64 * 128,)),
        ((10, 0, 5), 8, 2, None),
        ((1000, 1000), 2, 5, (1000, 1000)),
    ],
)
def test_chunk_shape(shape, itemsize, frame_axes, chunks):
    assert chunk_shape(shape, itemsize, frame_axes) == chunks


def test_asking_for_a_filter_chunks_a_small_dataset_but_never_a_tiny_one():
    asked = [chunk_shape((count,), 1, 0, filtered=True) for count in (TINY, TINY - 1)]
    assert asked == [(TINY,), None]


@given(
    st.lists(st.integers(1, 5000), max_size=4).map(tuple),
    st.sampled_from([1, 2, 4, 8, 16]),
    st.integers(0, 4),
)
@many(100)
def test_chunks_lie_inside_the_dataset_and_keep_to_their_size(shape, itemsize, frame_axes):
    chunks = chunk_shape(shape, itemsize, frame_axes)
    if chunks is None:
        assert math.prod(shape) * itemsize < 64 * 1024
        return
    assert len(chunks) == len(shape)
    assert all(1 <= chunk <= length for chunk, length in zip(chunks, shape, strict=True))
    assert math.prod(chunks) * itemsize <= max(LARGE_FRAME, STREAM_CHUNK)


def test_stream_chunks_hold_about_a_mebibyte():
    chunks = chunk_shape((123_456_789,), 8, 0)
    assert chunks is not None
    assert 0.99 * MIB < chunks[0] * 8 <= MIB


@pytest.mark.parametrize(
    ("shape", "itemsize", "access", "chunks"),
    [
        ((48, 1062, 1028), 2, "balanced", (4, 266, 206)),
        ((48, 1062, 1028), 2, "pixel", (48, 76, 69)),
        ((1000, 1062, 1028), 2, "balanced", (16, 133, 115)),
        ((1000, 1062, 1028), 2, "pixel", (61, 63, 65)),
        ((40, 50, 2048), 4, "pixel", (40, 9, 342)),
        ((200, 200, 512, 512), 2, "pixel", (1, 200, 35, 37)),
        ((4000, 4000), 2, "balanced", (500, 500)),
        ((4000, 4000), 2, "pixel", (4000, 65)),
        ((64, 64, 64), 4, "pixel", (64, 32, 64)),
        ((1_000_000,), 8, "pixel", (125_000,)),
        ((100, 50), 2, "pixel", None),
        ((10, 0, 5), 8, "balanced", None),
    ],
)
def test_chunk_shape_by_access(shape, itemsize, access, chunks):
    axes = 2 if len(shape) > 1 else 0
    assert chunk_shape(shape, itemsize, axes, access=access) == chunks


@given(
    st.lists(st.integers(1, 3000), min_size=2, max_size=5).map(tuple),
    st.sampled_from([1, 2, 8, 16]),
    st.sampled_from(["pixel", "balanced"]),
)
@many(100)
def test_chunks_across_frames_are_small_and_their_rows_fit_in_memory(shape, itemsize, access):
    chunks = chunk_shape(shape, itemsize, 2, access=access)
    if chunks is None:
        return
    assert all(1 <= chunk <= length for chunk, length in zip(chunks, shape, strict=True))
    assert math.prod(chunks) * itemsize <= 1.5 * CROSS_CHUNK
    row = math.prod(shape[1:]) * itemsize
    assert chunks[0] == 1 or chunks[0] * row <= SLAB


@given(st.integers(20, 2000), st.integers(200, 2000), st.integers(200, 2000))
@many(100)
def test_balanced_chunks_cost_both_ways_alike(frames, rows, columns):
    chunks = chunk_shape((frames, rows, columns), 2, 2, access="balanced")
    one_frame = math.ceil(rows / chunks[1]) * math.ceil(columns / chunks[2])
    one_pixel = math.ceil(frames / chunks[0])
    assert one_frame < 4 * one_pixel + 4
    assert one_pixel < 4 * one_frame + 4
