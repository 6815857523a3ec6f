"""Rounded numbers: as netCDF-C rounds them, within their bound, and nothing else touched."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from nxtool.errors import FilterError
from nxtool.schema.recipewords import LOSSY
from nxtool.storage.bounded import CODERS
from nxtool.storage.quantize import COUNTED, DIGITS, MANTISSA, Quantizer
from tests.examples import many

NETCDF_NAMES = {"bitround": "BitRound", "bitgroom": "BitGroom", "granularbr": "GranularBitRound"}
RNG = np.random.default_rng(2)


def some_floats(dtype):
    """Values of many sizes, among them zeros, not-a-number, and powers of two and ten."""
    values = (RNG.normal(size=20_000) * 10.0 ** RNG.integers(-30, 30, 20_000)).astype(dtype)
    values[:5], values[5:8], values[8:12] = 0, -0.0, np.nan
    values[20:60], values[60:100] = 10.0 ** np.arange(-20, 20), -(2.0 ** np.arange(-20, 20))
    return values


def keeps(method, size):
    return range(1, (MANTISSA if method == "bitround" else DIGITS)[size] + 1)


BY_NETCDF = """
import sys
import netCDF4, numpy
values, results = numpy.load(sys.argv[1]), {}
for method, keep in zip(sys.argv[3::2], map(int, sys.argv[4::2])):
    with netCDF4.Dataset(sys.argv[2] + ".nc", "w") as file:
        file.createDimension("x", len(values))
        options = {"significant_digits": keep, "quantize_mode": method, "zlib": True}
        file.createVariable("x", values.dtype, ("x",), **options)[:] = values
    with netCDF4.Dataset(sys.argv[2] + ".nc") as file:
        file.set_auto_mask(False)
        (name,) = (name for name in file["x"].ncattrs() if name.startswith("_Quantize"))
        results[f"{keep} {name} {file['x'].getncattr(name)}"] = file["x"][:]
numpy.savez(sys.argv[2], **results)
"""
"""In a process of its own: netCDF4 brings another HDF5 library."""


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("method", NETCDF_NAMES)
def test_floats_are_rounded_as_netcdf_rounds_them(tmp_path, method, dtype):
    if find_spec("netCDF4") is None:
        pytest.skip("netCDF4 is not installed")
    values = some_floats(dtype)
    np.save(tmp_path / "in.npy", values)
    asked = [str(one) for keep in keeps(method, values.itemsize)
             for one in (NETCDF_NAMES[method], keep)]  # fmt: skip
    command = [sys.executable, "-W", "ignore", "-c", BY_NETCDF, tmp_path / "in.npy"]
    subprocess.run([*command, tmp_path / "out.npz", *asked], check=True)
    # up to 4.9 netCDF takes -0.0 for a number that can be rounded
    known, nothing = ~np.isnan(values) & (values != 0), values == 0
    with np.load(tmp_path / "out.npz") as results:
        assert len(results) == len(asked) // 2
        for told, theirs in results.items():
            keep, name, number = told.split()
            quantizer = Quantizer(method, int(keep))
            ours = quantizer.quantized(values)
            assert ours[known].tobytes() == theirs[known].tobytes(), keep
            assert ours[nothing].tobytes() == values[nothing].tobytes()
            assert np.isnan(ours[np.isnan(values)]).all()
            assert quantizer.attributes == {name: int(number)}


@given(st.data())
@many(200)
def test_no_value_moves_beyond_the_bound(data):
    method = data.draw(st.sampled_from(list(NETCDF_NAMES)))
    dtype = np.dtype(data.draw(st.sampled_from(["<f4", ">f4", "f8"])))
    keep = data.draw(st.sampled_from(list(keeps(method, dtype.itemsize))))
    large = float(np.finfo(dtype).max) / 4
    floats = st.floats(-large, large, width=dtype.itemsize * 8)
    values = data.draw(arrays.arrays(dtype, st.integers(0, 20), elements=floats))
    quantizer = Quantizer(method, keep)
    rounded = quantizer.quantized(values)
    assert rounded.dtype == values.dtype
    moved = np.abs(rounded.astype("f8") - values.astype("f8"))
    assert (moved <= quantizer.bound(values)).all()
    assert (rounded[values == 0] == 0).all()


@pytest.mark.parametrize("dtype", ["f4", "f8", ">f8"])
@pytest.mark.parametrize("keep", [1, 2, 3, 5])
def test_numbers_too_small_for_all_bits_are_within_the_bound(dtype, keep):
    tiny = float(np.finfo(dtype).tiny)
    values = (tiny * np.concatenate([RNG.random(20_000), [0.1, 0.1000000175, 1, 2]])).astype(dtype)
    quantizer = Quantizer("granularbr", keep)
    moved = np.abs(quantizer.quantized(values).astype("f8") - values.astype("f8"))
    assert (moved <= quantizer.bound(values)).all()


@pytest.mark.parametrize("method", NETCDF_NAMES)
def test_what_is_not_finite_stays(method):
    values = np.array([np.inf, -np.inf, np.nan, 1.2345], "f4")
    rounded = Quantizer(method, 2).quantized(values)
    assert rounded[:3].tobytes() == values[:3].tobytes()
    assert rounded[3] != values[3]


@pytest.mark.parametrize("method", NETCDF_NAMES)
def test_rounding_in_parts_is_rounding_in_one(method):
    values = some_floats("f4")[:1001].reshape(-1, 7)
    quantizer = Quantizer(method, 3)
    parts = [quantizer.quantized(values[i : i + 5], i * 7) for i in range(0, len(values), 5)]
    assert np.concatenate(parts).tobytes() == quantizer.quantized(values).tobytes()


@pytest.mark.parametrize(
    ("value", "rounded"),
    [(0, 0), (7, 7), (8, 8), (9, 10), (10, 10), (17, 16), (19, 20), (1000, 1024), (65533, 57344),
     (65534, 65534), (65535, 65535)],
)  # fmt: skip
def test_whole_numbers_keep_three_bits_and_marks_of_the_detector(value, rounded):
    values = np.array([value], "u2")
    quantizer = Quantizer("sigbits", 3)
    assert quantizer.quantized(values).tolist() == [rounded]


@given(st.data())
@many(200)
def test_whole_numbers_stay_within_the_bound(data):
    dtype = np.dtype(data.draw(st.sampled_from(["u1", "i1", "<u2", ">i2", "u4", "i4", "u8", "i8"])))
    keep = data.draw(st.integers(1, dtype.itemsize * 8 - 1))
    values = data.draw(arrays.arrays(dtype, st.integers(0, 20)))
    rounded = Quantizer("sigbits", keep).quantized(values)
    assert rounded.dtype == dtype
    for old, new in zip(values.tolist(), rounded.tolist(), strict=True):
        assert abs(new - old) * 2**keep <= abs(old)
        if abs(old) < 2**keep:
            assert new == old
        assert (new < 0) == (old < 0)


@pytest.mark.parametrize(
    ("method", "keep", "dtype", "message"),
    [
        ("bitround", 3, "i4", "bitround is for float32 and float64, not int32"),
        ("granularbr", 3, "f2", "granularbr is for float32 and float64, not float16"),
        ("sigbits", 3, "f4", "sigbits is for integers, not float32"),
        ("bitround", 24, "f4", "bitround keeps from 1 to 23 bits of float32"),
        ("bitgroom", 0, "f8", "bitgroom keeps from 1 to 15 digits of float64"),
        ("sigbits", 16, "u2", "sigbits keeps from 1 to 15 bits of uint16"),
    ],
)
def test_what_does_not_fit_a_type_is_refused(method, keep, dtype, message):
    with pytest.raises(FilterError) as error:
        Quantizer(method, keep).check(np.dtype(dtype))
    assert error.value.message == message


def test_schema_of_recipes_names_the_same_methods():
    assert (*COUNTED, *CODERS) == LOSSY
