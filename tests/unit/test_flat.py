"""Datasets as bytes: in order, nothing converted, bounded."""

from __future__ import annotations

from math import prod

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.hdf5.flat import BLOCK_BYTES, LARGEST_CHUNK, slabs
from nxtool.hdf5.opening import Hdf5File
from nxtool.nodeview import Unreadable


@pytest.fixture
def flat(tmp_path):
    """Writes a file by a function, and gives a dataset of it as bytes."""
    opened = []

    def make(write, path="/x"):
        with h5py.File(tmp_path / "a.h5", "w") as file:
            write(file)
        opened.append(Hdf5File(tmp_path / "a.h5"))
        return opened[-1].flat(path)

    yield make
    for file in opened:
        file.close()


def refusal(flat, write, path="/x"):
    with pytest.raises(Unreadable) as caught:
        flat(write, path)
    return str(caught.value)


def joined(data, start, length):
    return b"".join(block.tobytes() for block in data.blocks(start, length))


@pytest.mark.parametrize(
    "values",
    [
        np.arange(105, dtype=">u2").reshape(5, 7, 3),
        np.array([[1.5, np.nan], [-0.0, np.inf]], dtype="<f4"),
        np.array([1 + 2j, 3], dtype="c8"),
        np.array([True, False, True]),
        np.float64(2.5),
        np.empty((0, 3)),
    ],
    ids=["big endian", "float", "complex", "boolean", "scalar", "empty"],
)
def test_bytes_are_those_in_memory(flat, values):
    data = flat(lambda file: file.create_dataset("x", data=values))
    assert data.size == values.nbytes
    assert joined(data, 0, data.size) == values.tobytes()


def test_chunks_and_filters_make_no_difference(flat):
    values = np.arange(600, dtype="u2").reshape(20, 30)
    data = flat(lambda file: file.create_dataset("x", data=values, chunks=(7, 4), compression=3))
    assert joined(data, 62, 900) == values.tobytes()[62:962]


def test_no_block_is_larger_than_the_limit(flat):
    values = np.zeros((3, BLOCK_BYTES - 1000), dtype="u1")
    data = flat(lambda file: file.create_dataset("x", data=values))
    sizes = [block.nbytes for block in data.blocks(0, data.size)]
    assert (sum(sizes), max(sizes) <= BLOCK_BYTES) == (values.nbytes, True)


def test_a_size_without_values_is_refused(flat):
    def write(file):
        file.create_dataset("x", shape=(10**9, 10**9), dtype="u1", chunks=(1, 10**6))

    assert refusal(flat, write) == "/x: claims values, but holds none"


def test_a_chunk_too_large_to_decode_is_refused(flat):
    def write(file):
        file.create_dataset("x", shape=(LARGEST_CHUNK + 1,), dtype="u1", chunks=True)
        del file["x"]
        file.create_dataset("x", shape=(2**31,), dtype="u1", chunks=(LARGEST_CHUNK + 1,))

    assert refusal(flat, write) == "/x: its chunks are too large"


def test_texts_are_refused_since_they_are_pointers(flat):
    assert refusal(flat, lambda file: file.create_dataset("x", data=["a"])) == (
        "/x: holds no plain numbers"
    )


def test_values_of_other_files_are_refused(flat, tmp_path):
    (tmp_path / "secret").write_bytes(b"0123456789")

    def write(file):
        place = [(str(tmp_path / "secret"), 0, 10)]
        file.create_dataset("x", shape=(10,), dtype="u1", external=place)

    assert refusal(flat, write) == "/x: its values lie in other files"


def test_a_virtual_dataset_is_refused(flat):
    def write(file):
        layout = h5py.VirtualLayout(shape=(4,), dtype="u1")
        layout[:] = h5py.VirtualSource("other.h5", "y", shape=(4,))
        file.create_virtual_dataset("x", layout)

    assert refusal(flat, write) == "/x: its values lie in other files"


def test_a_missing_dataset_is_told(flat):
    assert refusal(flat, lambda file: None).startswith("/x: ")


@pytest.mark.parametrize(
    ("start", "length", "message"),
    [
        (8, 4, "/x: has no bytes 8 to 12"),
        (-2, 4, "/x: has no bytes -2 to 2"),
        (1, 2, "/x: bytes 1 to 3 cut an element"),
        (2, 3, "/x: bytes 2 to 5 cut an element"),
    ],
)
def test_bytes_that_do_not_exist_are_refused(flat, start, length, message):
    data = flat(lambda file: file.create_dataset("x", data=np.arange(5, dtype="u2")))
    with pytest.raises(Unreadable) as caught:
        list(data.blocks(start, length))
    assert str(caught.value) == message


def test_a_damaged_chunk_is_told(flat, tmp_path):
    values = np.arange(4000, dtype="u2")

    def write(file):
        made = file.create_dataset("x", data=values, chunks=(4000,), compression=3)
        made.id.write_direct_chunk((0,), b"no zlib stream")

    data = flat(write)
    with pytest.raises(Unreadable):
        list(data.blocks(0, data.size))


@given(st.data())
def test_slabs_are_the_elements_asked_for_in_order(data):
    shape = tuple(data.draw(st.lists(st.integers(1, 5), min_size=1, max_size=4)))
    start = data.draw(st.integers(0, prod(shape)))
    count = data.draw(st.integers(0, prod(shape) - start))
    most = data.draw(st.integers(1, 20))
    numbers = np.arange(prod(shape)).reshape(shape)
    parts = [
        numbers[tuple(slice(at, at + size) for at, size in zip(*slab, strict=True))].reshape(-1)
        for slab in slabs(shape, start, count, most)
    ]
    assert all(1 <= len(part) <= most for part in parts)
    assert [n for part in parts for n in part.tolist()] == list(range(start, start + count))
