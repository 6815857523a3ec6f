"""Lossy filters with a bound: what they keep, what they tell, and what they refuse."""

from __future__ import annotations

import hashlib
import json
from io import BytesIO

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nxtool.build.data import Literal
from nxtool.build.lossy import Coded
from nxtool.build.plan import Plan, PlannedField, PlannedGroup
from nxtool.build.write import write_plan
from nxtool.errors import FilterError, SourceError
from nxtool.storage.bounded import CODERS, Bounded, bounded_codec
from nxtool.storage.measure import Measure, distance
from tests.examples import many

SMOOTH = np.cumsum(np.random.default_rng(2).normal(0, 1, (6, 40, 50)), axis=2) * 10

NOISE = np.random.default_rng(3).normal(0, 1e11, (6, 40, 50)).astype("f4")


@pytest.fixture
def written(tmp_path):
    """Writes values behind a lossy filter; the values and what the record tells of them."""

    def write(values, bounded, chunks=(2, 40, 50)):
        field = PlannedField("/x", Coded(Literal(values), bounded, "/x"), chunks=chunks)
        write_plan(Plan(PlannedGroup("/", "NXroot", children={"x": field})), tmp_path / "x.h5")
        with h5py.File(tmp_path / "x.h5") as file:
            return file["x"][()], json.loads(file["x"].attrs["nxtool_lossy"])

    return write


@pytest.mark.parametrize("method", CODERS)
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("chunks", [(2, 40, 50), (4, 17, 23), (1, 40, 50)])
def test_record_tells_the_error_that_is_measured(written, method, dtype, chunks):
    values = SMOOTH.astype(dtype)
    back, told = written(values, Bounded(method, 0.05), chunks)
    moved = distance(values, back)
    size = np.abs(values.astype("f8"))
    assert 0 < moved.max() <= 0.05
    assert told == {
        "method": method,
        "bound_abs": 0.05,
        "bound": "0.05",
        "max_abs_error": moved.max(),
        "max_rel_error": (moved / size).max(),
        "rmse": pytest.approx(np.sqrt(np.mean(moved**2)), rel=1e-12),
        "chunks": int(np.prod([-(-a // b) for a, b in zip(values.shape, chunks, strict=True)])),
        "chunks_stored_raw": 0,
        "sha256_before": hashlib.sha256(values.tobytes()).hexdigest(),
        "nxtool": told["nxtool"],
        "hdf5plugin": told["hdf5plugin"],
    }


def test_chunk_that_is_not_within_the_bound_is_stored_as_it_was(written):
    values = NOISE.copy()
    values[:2] /= 1e6
    back, told = written(values, Bounded("zfp", 200))
    assert np.array_equal(back[2:], values[2:])
    assert 0 < distance(values, back).max() == told["max_abs_error"] <= 200
    assert (told["chunks"], told["chunks_stored_raw"]) == (3, 2)


def test_only_chunk_that_is_not_within_the_bound_stops_the_writing(written):
    with pytest.raises(FilterError) as error:
        written(NOISE, Bounded("zfp", 200), (6, 40, 50))
    assert str(error.value) == (
        "/x: zfp cannot keep all values within 200 "
        "(take a larger bound or smaller chunks, or leave this field lossless)"
    )


@pytest.mark.parametrize("method", CODERS)
@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_stop_the_writing(written, method, odd):
    values = SMOOTH.copy()
    values[3, 4, 5] = odd
    with pytest.raises(SourceError) as error:
        written(values, Bounded(method, 0.05))
    assert str(error.value) == (
        f"/x: holds not-a-number or infinity, which {method} would spoil "
        "(use bitround, or leave this field lossless)"
    )


@pytest.mark.parametrize(
    ("bounded", "dtype", "message"),
    [
        (
            Bounded("sz3", 0.1),
            "f2",
            "sz3 is for float32 and float64 and integers, not float16 "
            "(leave this field lossless, or use sigbits for integers)",
        ),
        (
            Bounded("sperr", 0.1),
            "i4",
            "sperr is for float32 and float64, not int32 "
            "(leave this field lossless, or use sigbits for integers)",
        ),
        (
            Bounded("zfp", 0.1),
            ">f4",
            "zfp does not know the byte order of >f4 (write dtype: float32)",
        ),
        (
            Bounded("zfp", float("nan")),
            "f4",
            "zfp needs a bound above 0 (like bound: 0.001)",
        ),
    ],
)
def test_what_a_filter_would_spoil_is_refused(bounded, dtype, message):
    with pytest.raises(FilterError) as error:
        bounded.check(np.dtype(dtype))
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("method", "chunks", "limits"),
    [
        ("zfp", (2, 2, 2, 2, 2), "1 to 4"),
        ("sz3", (1, 1), "1 to 4"),
        ("sperr", (1, 900), "2 to 3"),
    ],
)
def test_chunks_a_filter_does_not_take_are_refused(method, chunks, limits):
    with pytest.raises(FilterError) as error:
        Bounded(method, 0.1).check_chunks(chunks)
    assert str(error.value) == (
        f"{method} needs chunks with {limits} axes longer than 1, not {list(chunks)} "
        "(give another shape under chunks, or take another method)"
    )


KINDS = {
    "smooth": lambda random, shape: np.cumsum(random.normal(size=shape), axis=-1),
    "noise": lambda random, shape: random.normal(size=shape),
    "spikes": lambda random, shape: random.pareto(0.3, size=shape),
    "flat": lambda random, shape: np.full(shape, random.normal()),
    "steps": lambda random, shape: random.integers(-3, 3, size=shape),
}
CASES = st.fixed_dictionaries(
    {
        "method": st.sampled_from(CODERS),
        "dtype": st.sampled_from(["f4", "f8"]),
        "kind": st.sampled_from(sorted(KINDS)),
        "seed": st.integers(0, 2**32),
        "shape": st.tuples(st.integers(1, 3), st.integers(2, 40), st.integers(2, 40)),
        "scale": st.integers(-12, 12),
        "bound": st.floats(1e-9, 1e3),
    }
)


def _check_bound(method, dtype, kind, seed, shape, scale, bound):
    """A chunk is within the bound or as it was, and HDF5 reads what was measured."""
    values = KINDS[kind](np.random.default_rng(seed), shape) * 10.0**scale
    values = np.clip(values, -1e30, 1e30).astype(dtype)
    bounded = Bounded(method, bound)
    image = BytesIO()
    with h5py.File(image, "w") as file:
        whole = (2 * shape[0], *shape[1:])
        dataset = file.create_dataset(
            "x", whole, dtype, chunks=shape, **bounded.create_options()
        )  # fmt: skip
        codec = bounded_codec(dataset, bounded)
        chunk = codec.encode(values)
        dataset.id.write_direct_chunk((0, 0, 0), chunk.data, chunk.mask)
    with h5py.File(image) as file:  # opened again: HDF5 remembers a filter mask only then
        moved = distance(values, file["x"][: shape[0]])
    assert codec.measure.max_abs_error == moved.max() <= bound
    assert codec.measure.raw == (chunk.mask != 0)


@given(CASES)
@many(200)
def test_no_value_moves_farther_than_the_bound(case):
    _check_bound(**case)


@pytest.mark.slow
@given(CASES)
@settings(max_examples=10_000)
def test_no_value_of_ten_thousand_arrays_moves_farther_than_the_bound(case):
    _check_bound(**case)


@pytest.mark.parametrize("dtype", ["i1", "i8", "u8", "u2"])
def test_distance_of_whole_numbers_is_exact(dtype):
    limits = np.iinfo(dtype)
    old = np.array([limits.min, limits.max, limits.max], dtype)
    new = np.array([limits.max, limits.max - 1, limits.max], dtype)
    assert distance(old, new).tolist() == [float(int(limits.max) - int(limits.min)), 1.0, 0.0]


def test_measure_does_not_depend_on_the_order():
    blocks = [np.random.default_rng(n).normal(size=50) for n in range(20)]
    one, other = Measure(), Measure()
    for block in blocks:
        one.add(block, np.abs(block), block.size)
    for block in reversed(blocks):
        other.add(block, np.abs(block), block.size)
    assert one.told() == other.told()


def test_measure_counts_what_was_kept_as_it_was():
    measure = Measure()
    measure.add(np.ones(3), np.full(3, 2.0), 3)
    measure.add_raw(9)
    assert measure.told() == {"max_abs_error": 2.0, "max_rel_error": 2.0, "rmse": 1.0}
    assert measure.raw == 1


def test_relative_error_of_next_to_nothing_is_not_told(written):
    values = SMOOTH.copy()
    values[0, 0, :9] = 5e-324
    _, told = written(values, Bounded("zfp", 30.0))
    assert 0 < told["max_abs_error"] <= 30
    assert told["max_rel_error"] is None
