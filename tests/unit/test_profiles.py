"""Profiles: which filter for which kind of data."""

from __future__ import annotations

import json

import h5py
import hdf5plugin  # noqa: F401 - registers the filters
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.cli import main
from nxtool.errors import FilterError
from nxtool.storage.filterfacts import grade
from nxtool.storage.profiles import KINDS, PROFILES, choose_filter, kind_of
from nxtool.storage.spec import create_options, parse_filter

H5WASM = {1, 2, 4, 307, 32000, 32001, 32004, 32008, 32013, 32015, 32026}
"""Built in, or among the packages of h5wasm-plugins."""

TYPES = ["b1", "i1", ">u2", "i4", "u8", "f2", "f4", ">f8", "c8", "S7", "V3", "u1,>f8"]


@pytest.mark.parametrize(
    ("dtype", "rank", "kind"),
    [
        ("u2", 3, "counts"),
        ("i8", 2, "counts"),
        ("b1", 2, "counts"),
        ("i8", 1, "times"),
        ("f4", 1, "floats"),
        ("c16", 3, "floats"),
        ("S7", 1, "records"),
        ("u1,f8", 2, "records"),
    ],
)
def test_kind_is_seen_from_type_and_rank(dtype, rank, kind):
    assert kind_of(np.dtype(dtype), rank) == kind


def test_image_is_smooth_where_most_of_a_sample_is_bright():
    image = np.full((10, 10), 900, dtype="u2")
    image[:4] = 0
    assert kind_of(image.dtype, 3, image) == "smooth"
    image[4:6] = 3
    assert kind_of(image.dtype, 3, image) == "counts"
    assert kind_of(np.dtype("f4"), 3, image) == "floats"


@pytest.mark.parametrize(
    ("text", "filter_"),
    [
        ("archive", "blosc2-zstd:5"),
        ("archive:smooth", "zstd:7"),
        (" Fast ", "bitshuffle-lz4"),
        ("portable", "gzip:4"),
        ("h5wasm", "bitshuffle-lz4"),
        ("auto:counts", "blosc2-zstd:1"),
        ("auto:smooth", "blosc2-bytedelta:1"),
        ("auto:floats", "blosc2-bytedelta:1"),
        ("auto:times", "zstd:3"),
        ("zstd:9", "zstd:9"),
    ],
)
def test_word_of_a_recipe_is_a_profile_or_a_filter(text, filter_):
    assert choose_filter(text, np.dtype("u2"), 3).text == filter_


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("archiv", "'archiv' is not a filter (did you mean archive? profiles are auto, archive, "
         "fast, portable, h5wasm)"),
        ("archive:5", "'archive:5' names no kind of data (kinds are counts, smooth, floats, "
         "times, records)"),
    ],
)  # fmt: skip
def test_wrong_word_is_told_with_what_there_is(text, message):
    with pytest.raises(FilterError) as told:
        choose_filter(text, np.dtype("u2"), 3)
    assert str(told.value) == message


@given(st.sampled_from(list(PROFILES)), st.sampled_from(TYPES), st.integers(1, 3), st.data())
def test_every_profile_keeps_every_type(name, dtype, rank, data):
    shape = (5, 16, 16)[-rank:]
    size = np.dtype(dtype).itemsize * int(np.prod(shape))
    values = np.frombuffer(data.draw(st.binary(min_size=size, max_size=size)), np.uint8)
    values = (values % 2 if dtype == "b1" else values).view(dtype).reshape(shape)
    options = create_options(choose_filter(name, values.dtype, rank), values.dtype)
    with h5py.File("x", "w", driver="core", backing_store=False) as file:
        dataset = file.create_dataset("x", data=values, chunks=shape, **options)
        file.flush()
        assert dataset[()].tobytes() == values.tobytes()


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_has_a_lossless_filter_for_every_kind(name):
    filters = PROFILES[name].filters
    assert list(filters) == list(KINDS)
    assert all(parse_filter(word).lossless for word in filters.values())


def filters_of(name):
    """The numbers of all filters of a profile, with options as asked for."""
    for word in PROFILES[name].filters.values():
        options = create_options(parse_filter(word), np.dtype("f4"))
        with h5py.File("x", "w", driver="core", backing_store=False) as file:
            plist = file.create_dataset("x", (64, 64), "f4", **options).id.get_create_plist()
            yield from (plist.get_filter(i) for i in range(plist.get_nfilters()))


def test_portable_files_need_no_plugin():
    assert {number for number, *_ in filters_of("portable")} == {1, 2}


def test_filters_for_browsers_are_those_of_h5wasm():
    assert {number for number, *_ in filters_of("h5wasm")} <= H5WASM


@pytest.mark.parametrize("name", PROFILES)
def test_no_profile_needs_what_only_one_program_reads(name):
    assert {grade(number, options)[0] for number, _, options, _ in filters_of(name)} <= {"A", "B"}


def test_profiles_are_listed_with_their_filters(capsys):
    assert main(["filters", "profiles", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    listed = {one["name"]: one["filters"] for one in document["profiles"]}
    assert listed == {name: dict(profile.filters) for name, profile in PROFILES.items()}
    assert document["kinds"] == KINDS
    assert main(["filters", "profiles"]) == 0
    assert capsys.readouterr().out.startswith(
        "auto      small and quick, with hdf5plugin\n  counts  blosc2-zstd:1\n"
    )
