"""Chunks encoded outside HDF5: bit for bit what HDF5 reads, and what it would have written."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nxtool.build.chunkwriter import ChunkWriter
from nxtool.build.pieces import pieces_of
from nxtool.storage import bytedelta
from nxtool.storage.codecs import StoredChunk, chunk_codec, stored_filters, user_options
from nxtool.storage.pluginlib import THREAD_SAFE, plugin_filter
from nxtool.storage.spec import BYTEDELTA, NAMES, create_options, parse_filter
from tests.filtermatrix import CHUNKS, DTYPES, SHAPE, filled

BY_HDF5 = ("lzf", "szip", "zfp-reversible")
FAST = [name for name in NAMES if name not in BY_HDF5]


@pytest.fixture
def memory():
    with h5py.File("memory", "w", driver="core", backing_store=False) as file:
        yield file


def created(file, name, dtype, shape=SHAPE, chunks=CHUNKS, path="x"):
    options = create_options(parse_filter(name), np.dtype(dtype))
    return file.create_dataset(path, shape, dtype, chunks=chunks, **options)


def write(dataset, values, threads=2, name="none"):
    codec = chunk_codec(dataset, parse_filter(name))
    assert codec is not None
    done = []
    with ChunkWriter(lambda _: None, threads) as writer:
        writer.write(dataset, codec, pieces_of([(0, values)], codec.chunks), done.append)
    return done


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_type_of_number_is_encoded_for_every_filter(memory, dtype):
    codecs = {
        name: chunk_codec(created(memory, name, dtype, path=name), parse_filter(name))
        for name in FAST
    }
    assert [name for name, codec in codecs.items() if codec is None] == []


@pytest.mark.parametrize("name", FAST)
def test_no_chunk_is_stored_raw_that_the_filter_makes_smaller(memory, name):
    dataset = created(memory, name, "<u2")
    write(dataset, filled("<u2"), name=name)
    count = dataset.id.get_num_chunks()
    assert [dataset.id.get_chunk_info(index).filter_mask for index in range(count)] == [0] * 6


@pytest.mark.parametrize("name", [name for name in FAST if name != "gzip"])
def test_chunks_are_the_bytes_hdf5_itself_writes(memory, name):
    values = filled("<u2")
    ours, theirs = (created(memory, name, "<u2", path=path) for path in ("ours", "theirs"))
    write(ours, values)
    theirs[...] = values
    memory.flush()
    assert ours.id.read_direct_chunk((8, 16, 0)) == theirs.id.read_direct_chunk((8, 16, 0))


@pytest.mark.parametrize("name", BY_HDF5)
def test_other_filters_are_left_to_hdf5(memory, name):
    assert chunk_codec(created(memory, name, "<f4")) is None


@pytest.mark.parametrize("dtype", ["S4", h5py.string_dtype(), [("a", "i4")], np.longdouble])
def test_other_values_are_left_to_hdf5(memory, dtype):
    assert chunk_codec(memory.create_dataset("x", SHAPE, dtype, chunks=CHUNKS)) is None


def test_contiguous_data_has_no_codec(memory):
    assert chunk_codec(memory.create_dataset("x", SHAPE, "u2")) is None


def test_number_stored_otherwise_than_in_memory_is_left_to_hdf5(memory):
    short = h5py.h5t.STD_U16LE.copy()
    short.set_precision(12)
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_chunk(CHUNKS)
    made = h5py.h5d.create(memory.id, b"x", short, h5py.h5s.create_simple(SHAPE), plist)
    assert chunk_codec(h5py.Dataset(made)) is None


@pytest.mark.parametrize("name", ["none", "gzip:1", "gzip:9", "zstd", "blosc2-zstd"])
def test_what_is_encoded_decodes(memory, name):
    codec = chunk_codec(created(memory, name, ">f4"))
    values = filled(">f4", CHUNKS)
    assert codec.decode(codec.encode(values)).tobytes() == values.tobytes()


@pytest.mark.parametrize("name", ["none", "gzip", "zstd", "bitshuffle-lz4", "blosc-lz4"])
def test_damaged_chunk_is_no_values(memory, name):
    codec = chunk_codec(created(memory, name, "<u2"))
    assert codec.decode(StoredChunk(b"\x00" * 40, 0)) is None


@pytest.mark.parametrize("rows", [64, 128])
def test_chunk_the_filter_cannot_shrink_is_stored_raw_and_says_so(memory, rows):
    dataset = created(memory, "blosc-lz4", "u1", (rows, 64), (64, 64))
    values = np.random.default_rng(0).integers(0, 256, (rows, 64), dtype="u1")
    write(dataset, values)
    memory.flush()
    assert dataset[()].tobytes() == values.tobytes()
    assert dataset.id.get_chunk_info(0).filter_mask == 1


@pytest.mark.parametrize("name", FAST)
def test_options_asked_for_again_are_stored_the_same(memory, name):
    first = stored_filters(created(memory, name, "<u2"))
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_chunk(CHUNKS)
    for one in first:
        plist.set_filter(one.number, one.flags, user_options(one.number, one.options))
    space = h5py.h5s.create_simple(SHAPE)
    again = h5py.h5d.create(memory.id, b"again", h5py.h5t.STD_U16LE, space, plist)
    assert stored_filters(h5py.Dataset(again)) == first


def test_empty_dataset_has_no_chunks(memory):
    dataset = memory.create_dataset("x", (0, 4), "u2", chunks=(1, 4), maxshape=(None, 4))
    assert write(dataset, np.empty((0, 4), "u2")) == []
    assert dataset.id.get_num_chunks() == 0


def test_without_isal_gzip_is_written_by_zlib(tmp_path):
    script = textwrap.dedent("""
        import sys
        sys.modules["isal"] = None
        import h5py, numpy as np
        from nxtool.storage.codecs import chunk_codec
        with h5py.File(sys.argv[1], "w") as file:
            values = np.arange(64, dtype="u2").reshape(8, 8)
            data = file.create_dataset("x", (8, 8), "u2", chunks=(8, 8), compression=4)
            chunk = chunk_codec(data).encode(values)
            data.id.write_direct_chunk((0, 0), chunk.data, chunk.mask)
            assert (data[()] == values).all()
    """)
    command = [sys.executable, "-W", "error", "-c", script, str(tmp_path / "a.h5")]
    environment = {"PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, done.stderr) == (0, "")


def test_codec_is_given_up_where_hdf5_lacks_the_filter(tmp_path):
    script = textwrap.dedent("""
        import sys, h5py, hdf5plugin
        from nxtool.storage.codecs import chunk_codec
        with h5py.File(sys.argv[1], "w") as file:
            data = file.create_dataset("x", (8, 8), "u2", chunks=(8, 8), **hdf5plugin.Zstd())
            assert chunk_codec(data) is not None
        h5py.h5z.unregister_filter(32004)
        with h5py.File(sys.argv[2]) as file:
            assert chunk_codec(file["x"]) is None
    """)
    with h5py.File(tmp_path / "lz4.h5", "w") as file:
        created(file, "lz4", "<u2")
    paths = [str(tmp_path / "a.h5"), str(tmp_path / "lz4.h5")]
    command = [sys.executable, "-W", "error", "-c", script, *paths]
    environment = {"PYTHONPATH": ":".join(sys.path), "HDF5_PLUGIN_PATH": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, done.stderr) == (0, "")


def test_filter_that_is_not_safe_in_threads_is_not_given():
    assert 32017 not in THREAD_SAFE
    assert plugin_filter(32017, ()) is None


@st.composite
def layouts(draw):
    """A shape with chunks that fit into it."""
    shape = draw(st.lists(st.integers(1, 9), min_size=1, max_size=4).map(tuple))
    chunks = tuple(draw(st.integers(1, length)) for length in shape)
    return shape, chunks


@settings(deadline=None, max_examples=60)
@given(
    layouts(),
    st.sampled_from(["none", "gzip", "bitshuffle-lz4", "blosc2-lz4", "zstd", BYTEDELTA]),
)
def test_any_shape_in_any_chunks_reads_back(layout, name):
    shape, chunks = layout
    values = np.arange(np.prod(shape), dtype=">i4").reshape(shape)
    with h5py.File("memory", "w", driver="core", backing_store=False) as file:
        dataset = created(file, name, ">i4", shape, chunks)
        done = write(dataset, values, name=name)
        assert dataset[()].tobytes() == values.tobytes()
    assert sum(done) == values.nbytes


def delta_codec(dataset):
    return chunk_codec(dataset, parse_filter(BYTEDELTA))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(70_001,), (3, 199, 211)])
def test_chunk_of_many_blocks_with_byte_delta_reads_back_through_hdf5(memory, dtype, shape):
    values = np.resize(filled(dtype), shape).astype(dtype)
    dataset = created(memory, BYTEDELTA, dtype, shape, shape)
    chunk = delta_codec(dataset).encode(values)
    dataset.id.write_direct_chunk((0,) * len(shape), chunk.data, chunk.mask)
    assert dataset[()].tobytes() == values.tobytes()
    assert delta_codec(dataset).decode(chunk).tobytes() == values.tobytes()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(1024,), (64, 64), (1, 64, 64), (2, 2, 2, 2, 512)])
def test_byte_delta_is_used_for_every_type_and_rank(memory, dtype, shape):
    dataset = created(memory, BYTEDELTA, dtype, (*shape[:-1], 9999), shape)
    values = (np.arange(np.prod(shape)) // 7).astype(dtype).reshape(shape)
    delta, plain = delta_codec(dataset), chunk_codec(dataset)
    assert delta.encode(values).data.tobytes() != plain.encode(values).data.tobytes()


def test_byte_delta_is_smaller_where_values_change_smoothly(memory):
    dataset = created(memory, BYTEDELTA, "<u2", (200, 200), (200, 100))
    steps = np.random.default_rng(5).integers(-40, 40, 20_000)
    values = (30_000 + np.cumsum(steps)).astype("<u2").reshape(200, 100)
    delta, plain = delta_codec(dataset).encode(values), chunk_codec(dataset).encode(values)
    assert delta.data.nbytes < 0.9 * plain.data.nbytes


def test_chunk_byte_delta_cannot_shrink_is_stored_raw(memory):
    dataset = created(memory, BYTEDELTA, "u1", (128, 64), (64, 64))
    values = np.random.default_rng(0).integers(0, 256, (128, 64), dtype="u1")
    write(dataset, values, name=BYTEDELTA)
    memory.flush()
    assert dataset[()].tobytes() == values.tobytes()
    assert [dataset.id.get_chunk_info(index).filter_mask for index in (0, 1)] == [1, 1]


def test_byte_delta_in_many_threads_gives_what_one_gives(memory):
    values = filled("<f4", (400, 37, 41))
    datasets = [created(memory, BYTEDELTA, "<f4", values.shape, path=str(n)) for n in (1, 8)]
    for threads, dataset in zip((1, 8), datasets, strict=True):
        write(dataset, values, threads, BYTEDELTA)
    one, many = ([data.id.read_direct_chunk((at, 0, 0)) for at in (0, 8, 392)] for data in datasets)
    assert one == many
    assert datasets[1][()].tobytes() == values.tobytes()


def test_library_with_another_layout_is_left_alone(memory, monkeypatch):
    dataset = created(memory, BYTEDELTA, "<u2", (5, 16, 41), (3, 16, 41))
    monkeypatch.setattr(bytedelta, "_DEFAULTS", ())
    bytedelta._known_library.cache_clear()
    values = filled("<u2", (3, 16, 41))
    try:
        delta = delta_codec(dataset).encode(values)
    finally:
        bytedelta._known_library.cache_clear()
    assert delta.data.tobytes() == chunk_codec(dataset).encode(values).data.tobytes()
