"""Filters of a dataset asked for again: the same options in the file, and values that come back."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from h5py import h5d, h5p, h5s, h5t, h5z

from nxtool.errors import FilterError
from nxtool.storage.pipeline import KNOWN, ask_again, filters_of, set_filter
from nxtool.storage.spec import NAMES, create_options, parse_filter

VALUES = np.arange(64 * 48).reshape(64, 48) % 50
CHUNKS = (32, 48)


@pytest.fixture
def memory():
    with h5py.File("memory", "w", driver="core", backing_store=False) as file:
        yield file


def made_again(file, dataset, chunks):
    """A dataset whose filters were asked for by what is stored with another."""
    plist = dataset.id.get_create_plist()
    assert {one.number for one in filters_of(plist)} <= KNOWN
    ask_again(plist)
    plist.set_chunk(chunks)
    space, kind = dataset.id.get_space(), dataset.id.get_type()
    made = h5py.Dataset(h5d.create(file.id, b"again%d" % len(file), kind, space, plist))
    made[...] = VALUES
    file.flush()
    assert np.array_equal(made[()], VALUES)
    return filters_of(made.id.get_create_plist())


def low(file, number, options=()):
    """A dataset with a filter of HDF5 that h5py does not offer by name."""
    plist = h5p.create(h5p.DATASET_CREATE)
    plist.set_chunk(CHUNKS)
    plist.set_filter(number, h5z.FLAG_OPTIONAL, options)
    space = h5s.create_simple(VALUES.shape)
    return h5py.Dataset(h5d.create(file.id, b"x", h5t.NATIVE_INT32, space, plist))


@pytest.mark.parametrize("name", [name for name in NAMES if name != "zfp-reversible"])
@pytest.mark.parametrize("dtype", ["u1", "<u2", ">i4", "f8"])
def test_filter_asked_for_again_is_the_same(memory, name, dtype):
    options = create_options(parse_filter(name), np.dtype(dtype))
    dataset = memory.create_dataset("x", VALUES.shape, dtype, chunks=CHUNKS, **options)
    before = filters_of(dataset.id.get_create_plist())
    assert made_again(memory, dataset, CHUNKS) == before
    other = made_again(memory, dataset, (16, 24))
    assert [(one.number, one.flags) for one in other] == [(one.number, one.flags) for one in before]


@pytest.mark.parametrize(("number", "options"), [(3, ()), (5, ()), (6, (2, 0))])
def test_filter_of_hdf5_itself_asked_for_again_is_the_same(memory, number, options):
    dataset = low(memory, number, options)
    assert made_again(memory, dataset, CHUNKS) == filters_of(dataset.id.get_create_plist())


@pytest.mark.parametrize("name", NAMES)
def test_filter_is_set_as_h5py_sets_it(memory, name):
    spec, dtype = parse_filter(name), np.dtype("<f4")
    by_h5py = memory.create_dataset(
        "x", VALUES.shape, dtype, chunks=CHUNKS, **create_options(spec, dtype)
    )
    plist = h5p.create(h5p.DATASET_CREATE)
    plist.set_chunk(CHUNKS)
    plist.set_deflate(3)
    set_filter(plist, spec, dtype)
    kind, space = h5t.py_create(dtype), h5s.create_simple(VALUES.shape)
    ours = h5d.create(memory.id, b"y", kind, space, plist)
    assert filters_of(ours.get_create_plist()) == filters_of(by_h5py.id.get_create_plist())


def test_filter_that_does_not_take_a_type_is_refused():
    plist = h5p.create(h5p.DATASET_CREATE)
    with pytest.raises(FilterError) as error:
        set_filter(plist, parse_filter("zfp-reversible"), np.dtype("u2"))
    assert error.value.message == "zfp-reversible cannot store uint16"
