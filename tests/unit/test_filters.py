from __future__ import annotations

import h5py
import hdf5plugin
import pytest

from nxtool.storage.filters import REGISTERED, available, filter_name, how_to_get, missing_message


def test_every_filter_of_the_installed_plugin_package_is_in_the_table():
    brought = set(hdf5plugin.FILTERS.values())
    assert {number for number, known in REGISTERED.items() if known.package == "hdf5plugin"} == (
        brought
    )


@pytest.mark.parametrize(
    ("filter_id", "name"),
    [
        (1, "deflate"),
        (32008, "bitshuffle"),
        (32026, "Blosc2"),
        (33000, "private filter 33000"),
        (32100, "unknown filter 32100"),
    ],
)
def test_filter_has_a_name(filter_id, name):
    assert filter_name(filter_id) == name


@pytest.mark.parametrize(
    "filter_id", [number for number, known in REGISTERED.items() if known.builtin]
)
def test_built_in_filters_are_available(filter_id):
    assert available(filter_id)


def test_plugins_are_available_and_unknown_filters_are_not():
    assert [available(number) for number in (32008, 32001, 40000)] == [True, True, False]


PLUGIN_HINT = (
    "pip install hdf5plugin, or conda install -c conda-forge hdf5plugin; for h5dump, MATLAB "
    "and IDL set HDF5_PLUGIN_PATH to what "
    "`python -c 'import hdf5plugin; print(hdf5plugin.PLUGIN_PATH)'` prints; "
    "all metadata can be read without it"
)


@pytest.mark.parametrize(
    ("asked", "line", "hint"),
    [
        (
            ("/entry/data/data", 32008, "bitshuffle; see https://…", "lz4"),
            "/entry/data/data: the values are behind HDF5 filter 32008 (bitshuffle, lz4), "
            "missing here",
            PLUGIN_HINT,
        ),
        (
            ("/a", 32020, ""),
            "/a: the values are behind HDF5 filter 32020 (VBZ), missing here",
            "pip install vbz-h5py-plugin; all metadata can be read without it",
        ),
        (
            ("/a", 40001, "secret\0junk"),
            "/a: the values are behind HDF5 filter 40001 (secret), missing here",
            "no Python package brings it: ask who wrote the file; all metadata can be read",
        ),
        (
            ("/a", 40001, ""),
            "/a: the values are behind HDF5 filter 40001 (private filter 40001), missing here",
            "no Python package brings it: ask who wrote the file; all metadata can be read",
        ),
    ],
)
def test_missing_filter_is_named_with_the_way_to_get_it(asked, line, hint):
    assert missing_message(*asked) == f"{line}; {hint}"
    assert how_to_get(asked[1]) == hint


def test_filters_of_the_corpus_are_in_the_table(corpus):
    found = set()

    def note(_name, node):
        if isinstance(node, h5py.Dataset):
            plist = node.id.get_create_plist()
            found.update(plist.get_filter(index)[0] for index in range(plist.get_nfilters()))

    for path in sorted((corpus / "filters").rglob("*.h5")):
        with h5py.File(path) as file:
            file.visititems(note)
    assert found
    assert found <= set(REGISTERED)
