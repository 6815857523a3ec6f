"""Datasets that grow row by row, and the checkpoint that counts the rows."""

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.stream.checkpoint import lay_out, read_checkpoint
from nxtool.stream.growing import Growing, growing_dataset
from nxtool.stream.livefile import LiveFile
from nxtool.stream.superblock import mend_superblock

GZIP = {"compression": "gzip", "shuffle": True}


@given(
    st.lists(st.tuples(st.sampled_from(["append", "write", "cut"]), st.integers(0, 40))),
    st.sampled_from([(), (3,)]),
    st.sampled_from([{}, GZIP]),
    st.sampled_from([1, 8]),
)
def test_rows_are_those_that_were_appended(tmp_path_factory, steps, row, filters, rows_a_chunk):
    path = tmp_path_factory.mktemp("rows") / "x.h5"
    expected = np.zeros((0, *row))
    file = h5py.File(path, "w", libver="latest")
    column = Growing(
        growing_dataset(file, "x", "f8", row, rows_a_chunk=rows_a_chunk, filters=filters)
    )
    for number, (what, count) in enumerate([*steps, ("write", 0)]):
        if what == "append":
            values = np.full((count, *row), number + 0.5)
            column.append(values)
            expected = np.concatenate([expected, values])
            continue
        column.write()
        file.close()
        file = h5py.File(path, "r+")
        column.attach(file["x"])
        assert np.array_equal(file["x"][()], expected)
        if what == "cut":
            expected = expected[:count]
            column.cut(len(expected))
            assert column.rows == len(expected)
    file.close()


@pytest.mark.parametrize("filters", [{}, GZIP], ids=["plain", "filtered"])
def test_slow_columns_do_not_fill_the_disk(tmp_path, filters):
    path = tmp_path / "run.nxs"
    live = LiveFile.create(path)
    with live.change({}) as file:
        growing_dataset(file.create_group("entry"), "x", "f8", filters=filters)
    for value in np.random.default_rng(1).normal(size=500):
        live.columns["/entry/x"].append(np.array([value]))
        live.flush({})
    live.close()
    assert path.stat().st_size < 120_000


def test_whole_chunks_pass_the_filters(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w", libver="latest") as file:
        dataset = growing_dataset(file, "x", "i8", rows_a_chunk=100, filters=GZIP)
        column = Growing(dataset)
        for count in (50, 400):
            column.append(np.arange(count))
            column.write()
        chunks = [dataset.id.get_chunk_info(number) for number in range(5)]
    assert [chunk.filter_mask for chunk in chunks] == [3, 0, 0, 0, 3]


def test_a_checkpoint_that_was_not_written_whole_leaves_the_one_before(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w", libver="latest") as file:
        checkpoint = lay_out(file.create_group("home"), ["/x", "/y"])
        checkpoint.write({"/x": 1, "/y": 2})
        checkpoint.write({"/x": 3, "/y": 4})
        assert read_checkpoint(file, "home") == {"/x": 3, "/y": 4}
        file["home/values"][0, 1] = 5
        assert read_checkpoint(file, "home") == {"/x": 1, "/y": 2}


def test_names_added_later_keep_the_numbers_of_others(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w", libver="latest") as file:
        home = file.create_group("home")
        lay_out(home, ["/x"]).write({"/x": 7})
        lay_out(home, ["/y", "/x"])
        assert read_checkpoint(file, "home") == {"/y": -1, "/x": 7}


def test_small_structures_lie_in_whole_pages(tmp_path):
    path = tmp_path / "run.nxs"
    live = LiveFile.create(path)
    with live.change({}):
        pass
    live.close()
    with h5py.File(path) as file:
        made = file.id.get_create_plist()
        assert made.get_file_space_strategy()[0] == h5py.h5f.FSPACE_STRATEGY_PAGE
        assert made.get_file_space_page_size() == 4096


def test_a_last_page_that_is_not_whole_is_mended(tmp_path):
    path = tmp_path / "run.nxs"
    live = LiveFile.create(path)
    with live.change({}) as file:
        growing_dataset(file.create_group("entry"), "x", "i8")
    live.columns["/entry/x"].append(np.arange(5))
    live.flush({"source": 5})
    left = path.read_bytes()
    live.close()
    assert not any(left[-100:])
    path.write_bytes(left[:-100])
    assert mend_superblock(path)
    with h5py.File(path) as file:
        assert file["entry/x"][()].tolist() == [0, 1, 2, 3, 4]
