from __future__ import annotations

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import FilterError
from nxtool.storage.spec import NAMES, FilterSpec, create_options, parse_filter
from tests.examples import many


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("none", FilterSpec("none", None, "none")),
        ("gzip", FilterSpec("gzip", 4, "gzip:4")),
        (" GZip:9 ", FilterSpec("gzip", 9, "gzip:9")),
        ("lzf", FilterSpec("lzf", None, "lzf")),
        ("szip", FilterSpec("szip", None, "szip")),
        ("bitshuffle", FilterSpec("bitshuffle-lz4", None, "bitshuffle-lz4")),
        ("bitshuffle-zstd:3", FilterSpec("bitshuffle-zstd", 3, "bitshuffle-zstd:3")),
        ("blosc-lz4:5", FilterSpec("blosc-lz4", 5, "blosc-lz4:5")),
        ("blosc-zstd", FilterSpec("blosc-zstd", 5, "blosc-zstd:5")),
        ("blosc2-blosclz", FilterSpec("blosc2-blosclz", 5, "blosc2-blosclz:5")),
        ("blosc2-bytedelta", FilterSpec("blosc2-bytedelta", 1, "blosc2-bytedelta:1")),
        ("zstd:3", FilterSpec("zstd", 3, "zstd:3")),
        ("lz4", FilterSpec("lz4", None, "lz4")),
        ("bzip2:9", FilterSpec("bzip2", 9, "bzip2:9")),
        ("zfp-reversible", FilterSpec("zfp-reversible", None, "zfp-reversible")),
    ],
)
def test_recipe_text_names_a_filter(text, spec):
    assert parse_filter(text) == spec


@pytest.mark.parametrize("name", NAMES)
def test_canonical_text_is_read_back_unchanged(name):
    assert parse_filter(parse_filter(name).text) == parse_filter(name)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "gzp",
            "'gzp' is not a filter (did you mean gzip? known are " + ", ".join(NAMES) + ")",
        ),
        ("sz3", "'sz3' is not a filter (known are " + ", ".join(NAMES) + ")"),
        (
            "gzip:12",
            "'gzip:12': the level of gzip is a number from 0 to 9 (for instance gzip:4)",
        ),
        (
            "zstd:",
            "'zstd:': the level of zstd is a number from 1 to 22 (for instance zstd:3)",
        ),
        ("lzf:3", "'lzf:3': lzf has no level (write lzf)"),
    ],
)
def test_wrong_filter_is_refused_with_the_choice(text, message):
    with pytest.raises(FilterError) as caught:
        parse_filter(text)
    assert str(caught.value) == message


@given(st.text(max_size=60) | st.from_regex(r"(gzip|zstd|blosc2-lz4):[0-9²-]{0,6}", fullmatch=True))
@many(100)
def test_any_text_is_a_filter_or_refused(text):
    try:
        spec = parse_filter(text)
    except FilterError:
        return
    assert parse_filter(spec.text) == spec


RECORD = np.dtype([("a", "i4"), ("b", "f8")])
DTYPES = ["u1", "i1", "u2", "i2", ">u2", "i4", ">i4", "u8", "f2", "f4", "f8", "?", "c8", "S5"]
REFUSED = {
    "szip": {"f2", "c8", "S5", "record"},
    "zfp-reversible": {"u1", "i1", "u2", "i2", ">u2", "f2", "?", "c8", "S5", "record"},
}


def _sample(dtype):
    """Three frames of 40 x 50, smooth enough for every codec to gain something."""
    array = np.zeros((3, 40, 50), dtype)
    if array.dtype.names is None:
        array[1] = (np.arange(50) % 7).astype(dtype)
    else:
        array["b"][1] = np.linspace(-1, 1, 50)
    return array


@pytest.mark.parametrize("dtype", [*DTYPES, RECORD], ids=[*DTYPES, "record"])
@pytest.mark.parametrize("name", [name for name in NAMES if name != "none"])
def test_filter_keeps_every_bit_or_refuses(name, dtype, request):
    spec, array = parse_filter(name), _sample(dtype)
    if request.node.callspec.id.split("-")[-1] in REFUSED.get(name, ()):
        with pytest.raises(FilterError):
            create_options(spec, array.dtype)
        return
    with h5py.File("x.h5", "w", driver="core", backing_store=False) as file:
        options = create_options(spec, array.dtype)
        dataset = file.create_dataset("x", data=array, chunks=(1, 40, 50), **options)
        masks = []
        dataset.id.chunk_iter(lambda chunk: masks.append(chunk.filter_mask))
        assert masks == [0, 0, 0]
        assert dataset[()].tobytes() == array.tobytes()
        assert dataset.dtype == array.dtype


@pytest.mark.parametrize("name", ["zfp-reversible", "gzip", "szip", "blosc2-zstd"])
def test_not_a_number_and_extremes_are_kept(name):
    values = [np.nan, np.inf, -np.inf, -0.0, 1e300, 5e-324, 1.0, 2.0]
    array = np.array(values * 512)
    with h5py.File("x.h5", "w", driver="core", backing_store=False) as file:
        options = create_options(parse_filter(name), array.dtype)
        dataset = file.create_dataset("x", data=array, chunks=(2048,), **options)
        assert dataset[()].tobytes() == array.tobytes()


def test_refusal_names_a_way_out():
    with pytest.raises(FilterError) as caught:
        create_options(parse_filter("zfp-reversible"), np.dtype("u2"))
    assert str(caught.value) == (
        "zfp-reversible cannot store uint16 "
        "(use gzip, zstd or bitshuffle, which keep every fixed-size type)"
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "dtype", [h5py.string_dtype(), h5py.vlen_dtype(np.int32), np.dtype("U5"), np.dtype("O")]
)
def test_elements_of_variable_length_are_never_filtered(name, dtype):
    assert create_options(parse_filter(name), dtype) == {}


@pytest.mark.parametrize(
    ("text", "dtype", "options"),
    [
        ("none", "u2", {}),
        ("gzip:4", "u2", {"compression": "gzip", "compression_opts": 4, "shuffle": True}),
        ("gzip:4", "u1", {"compression": "gzip", "compression_opts": 4}),
        ("lzf", "f4", {"compression": "lzf", "shuffle": True}),
        ("zstd:3", "f4", {"compression": 32015, "compression_opts": (3,), "shuffle": True}),
        ("bitshuffle", "u2", {"compression": 32008, "compression_opts": (0, 2)}),
        (
            "blosc2-zstd:5",
            "u2",
            {"compression": 32026, "compression_opts": (0, 0, 0, 0, 5, 2, 5)},
        ),
        (
            "blosc2-bytedelta",
            "u2",
            {"compression": 32026, "compression_opts": (0, 0, 0, 0, 1, 1, 5)},
        ),
    ],
)
def test_options_for_h5py(text, dtype, options):
    assert create_options(parse_filter(text), np.dtype(dtype)) == options
