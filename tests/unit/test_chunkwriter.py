"""The order of chunks, errors and interruptions on the way, and chunks copied as they are."""

from __future__ import annotations

import threading

import h5py
import numpy as np
import pytest

from nxtool.build.chunkwriter import (
    ROOM_BYTES,
    ChunkWriter,
    chunks_to_copy,
    chunks_to_recode,
    threads_here,
)
from nxtool.build.data import Sourced
from nxtool.build.pieces import Piece, offsets_of, pieces_of
from nxtool.errors import SourceError
from nxtool.sources.model import ChunkSource, SourceSpec
from nxtool.sources.opener import open_source
from nxtool.storage.codecs import ChunkCodec, chunk_codec
from nxtool.storage.spec import create_options, parse_filter

FRAMES = np.arange(20 * 32 * 16, dtype="<u2").reshape(20, 32, 16)
FRAME = (1, 32, 16)


@pytest.fixture
def memory():
    with h5py.File("memory", "w", driver="core", backing_store=False) as file:
        yield file


def created(file, compression="bitshuffle-lz4", path="x", dtype="<u2", chunks=FRAME):
    options = create_options(parse_filter(compression), np.dtype(dtype))
    return file.create_dataset(path, FRAMES.shape, dtype, chunks=chunks, **options)


class Step:
    """A filter that gives the bytes as they are, after `tell` was called with the first one."""

    def __init__(self, tell):
        self.tell = tell

    def encode(self, data):
        return data if self.tell(int(data[0])) is not False else None

    decode = encode


def numbered(count):
    return [Piece((i, 0), np.full((1, 4), i, dtype="u1")) for i in range(count)]


def ours(tell, *, optional=False):
    return ChunkCodec([(Step(tell), optional)], (1, 4), np.dtype("u1"))


def encoding_threads():
    return [one.name for one in threading.enumerate() if one.name.startswith("nxtool-encode")]


def test_chunks_are_stored_in_their_order_however_long_each_takes(memory):
    last_begun = threading.Event()
    stored = []

    def tell(number):
        if number == 0:
            last_begun.wait(10)  # the first is done when others are
        if number == 3:
            last_begun.set()

    dataset = memory.create_dataset("x", (20, 4), "u1", chunks=(1, 4))
    with ChunkWriter(lambda _: None, 2) as writer:
        writer.write(dataset, ours(tell), numbered(20), stored.append)
    assert dataset[:, 0].tolist() == list(range(20))
    offsets = [dataset.id.get_chunk_info_by_coord((i, 0)).byte_offset for i in range(20)]
    assert offsets == sorted(offsets)
    assert stored == [4] * 20


def test_few_chunks_wait_at_a_time(memory):
    given, stored, most = 0, 0, 0

    def pieces():
        nonlocal given, most
        for piece in numbered(50):
            given += 1
            most = max(most, given - stored)
            yield piece

    def done(_):
        nonlocal stored
        stored += 1

    dataset = memory.create_dataset("x", (50, 4), "u1", chunks=(1, 4))
    with ChunkWriter(lambda _: None, 3) as writer:
        writer.write(dataset, ours(lambda _: None), pieces(), done)
    assert most <= 6


def test_error_of_an_encoder_ends_the_writing_and_its_threads(memory):
    def tell(number):
        if number == 7:
            raise MemoryError

    dataset = memory.create_dataset("x", (20, 4), "u1", chunks=(1, 4))
    with pytest.raises(MemoryError), ChunkWriter(lambda _: None, 2) as writer:
        writer.write(dataset, ours(tell), numbered(20), lambda _: None)
    assert encoding_threads() == []
    assert dataset.id.get_num_chunks() == 7


def test_interruption_between_chunks_leaves_no_thread(memory):
    def interrupt(_):
        raise KeyboardInterrupt

    dataset = memory.create_dataset("x", (20, 4), "u1", chunks=(1, 4))
    with pytest.raises(KeyboardInterrupt), ChunkWriter(lambda _: None, 2) as writer:
        writer.write(dataset, ours(lambda _: None), numbered(20), interrupt)
    assert encoding_threads() == []


def test_chunk_a_filter_declines_is_written_by_hdf5(memory):
    dataset = memory.create_dataset("x", (5, 4), "u1", chunks=(1, 4))
    with ChunkWriter(lambda _: None, 2) as writer:
        writer.write(dataset, ours(lambda number: number != 3), numbered(5), lambda _: None)
    assert dataset[:, 0].tolist() == [0, 1, 2, 3, 4]


def test_chunk_an_optional_filter_declines_is_stored_raw_and_says_so(memory):
    dataset = created(memory, chunks=(1, 32, 16))
    codec = ChunkCodec([(Step(lambda _: False), True)], FRAME, np.dtype("<u2"))
    with ChunkWriter(lambda _: None, 2) as writer:
        writer.write(dataset, codec, pieces_of([(0, FRAMES)], FRAME), lambda _: None)
    assert dataset.id.get_chunk_info(3).filter_mask == 1
    assert np.array_equal(dataset[()], FRAMES)


def test_room_is_asked_for_before_chunks_are_stored(memory):
    asked = []
    dataset = created(memory, "none")
    with ChunkWriter(asked.append, 2) as writer:
        pieces = pieces_of([(0, FRAMES)], FRAME)
        writer.write(dataset, chunk_codec(dataset), pieces, lambda _: None)
    assert asked == [ROOM_BYTES]


def test_there_are_as_many_threads_as_processors():
    assert threads_here() >= 1


# copies of chunks


@pytest.fixture
def source(tmp_path):
    """Gives an open source over files written by a function."""
    opened = []

    def make(pattern, *fills):
        for number, fill in enumerate(fills):
            with h5py.File(tmp_path / f"s_{number}.h5", "w") as file:
                fill(file)
        opened.append(open_source(SourceSpec(pattern), tmp_path))
        array = opened[-1].array("/x")
        return Sourced(array, array.info.dtype)

    yield make
    for one in opened:
        one.close()


def copied(dataset, data):
    found = chunks_to_copy(dataset, data)
    assert isinstance(found, ChunkSource)
    done = []
    with ChunkWriter(lambda _: None) as writer:
        writer.copy(dataset, found, data, done.append)
    return done


def fill(compression, values=FRAMES, **options):
    return lambda file: created(file, compression, **options).__setitem__(
        slice(0, len(values)), values
    )


@pytest.mark.parametrize(
    "compression", ["none", "gzip", "bitshuffle-lz4", "bitshuffle-zstd", "blosc2-zstd", "lzf"]
)
@pytest.mark.parametrize("chunks", [FRAME, (3, 20, 16)])
def test_chunks_are_copied_as_they_are(memory, source, tmp_path, compression, chunks):
    data = source("s_0.h5", fill(compression, chunks=chunks))
    dataset = created(memory, compression, chunks=chunks)
    assert sum(copied(dataset, data)) == FRAMES.nbytes
    assert np.array_equal(dataset[()], FRAMES)
    with h5py.File(tmp_path / "s_0.h5", locking=False) as file:
        assert dataset.id.read_direct_chunk((0, 0, 0)) == file["x"].id.read_direct_chunk((0, 0, 0))


def test_chunks_that_were_never_written_come_as_the_fill_value(memory, source):
    data = source("s_0.h5", fill("gzip", FRAMES[:4]))
    dataset = created(memory, "gzip")
    copied(dataset, data)
    assert np.array_equal(dataset[:4], FRAMES[:4])
    assert not dataset[4:].any()


def test_chunks_of_a_stack_are_copied(memory, source):
    data = source("s_*.h5", *[fill_part(part) for part in (FRAMES[:10], FRAMES[10:])])
    dataset = created(memory, "bitshuffle-lz4")
    copied(dataset, data)
    assert np.array_equal(dataset[()], FRAMES)


def fill_part(values, **changes):
    options = {"chunks": FRAME, **create_options(parse_filter("bslz4"), values.dtype), **changes}
    return lambda file: file.create_dataset("x", data=values, **options)


def test_one_frame_a_file_is_copied(memory, source):
    frames = [fill_part(frame, chunks=FRAME[1:]) for frame in FRAMES]
    dataset = created(memory, "bitshuffle-lz4")
    copied(dataset, source("s_*.h5", *frames))
    assert np.array_equal(dataset[()], FRAMES)


@pytest.mark.parametrize(
    ("source_options", "wanted"),
    [
        ({"compression": "gzip:4"}, {"compression": "gzip:5"}),
        ({"compression": "gzip"}, {"compression": "none"}),
        ({"compression": "bslz4"}, {"compression": "bszstd"}),
        ({"compression": "gzip"}, {"compression": "gzip", "chunks": (2, 32, 16)}),
        ({"compression": "gzip"}, {"compression": "gzip", "dtype": ">u2"}),
    ],
)
def test_chunks_stored_otherwise_are_not_copied(memory, source, source_options, wanted):
    data = source("s_0.h5", fill(**source_options))
    assert chunks_to_copy(created(memory, **wanted), data) is None


def test_values_that_are_changed_on_the_way_are_not_copied(memory, source):
    plain = source("s_0.h5", fill("gzip"))
    assert chunks_to_copy(
        created(memory, "gzip"), Sourced(plain.array, plain.dtype, factor=2.0)
    ) is (None)


def test_stack_whose_files_differ_in_filters_is_not_copied(memory, source):
    data = source("s_*.h5", fill_part(FRAMES[:10]), fill_part(FRAMES[10:], compression=32015))
    assert chunks_to_copy(created(memory, "bitshuffle-lz4"), data) is None


def test_stack_with_chunks_across_files_is_not_copied(memory, source):
    parts = [fill_part(part, chunks=(4, 32, 16)) for part in (FRAMES[:10], FRAMES[10:])]
    dataset = created(memory, "bitshuffle-lz4", chunks=(4, 32, 16))
    assert chunks_to_copy(dataset, source("s_*.h5", *parts)) is None


# chunks decoded and encoded


def recoded(dataset, data, threads=2):
    codec, recoding, done = chunk_codec(dataset), chunks_to_recode(dataset, data), []
    assert recoding is not None
    with ChunkWriter(lambda _: None, threads) as writer:
        offsets = offsets_of(dataset.shape, dataset.chunks)
        writer.recode(dataset, codec, recoding, offsets, done.append)
    return done


WORDS = ("none", "gzip", "zstd", "bitshuffle-lz4", "blosc2-zstd", "lz4", "bzip2")


@pytest.mark.parametrize("before", WORDS[1:])
@pytest.mark.parametrize("after", WORDS)
@pytest.mark.parametrize("chunks", [FRAME, (3, 20, 9)])
def test_recoded_chunks_are_those_of_the_ordinary_way(memory, source, before, after, chunks):
    data = source("s_0.h5", fill(before, chunks=chunks))
    ours, theirs = (created(memory, after, path, chunks=chunks) for path in "ab")
    assert sum(recoded(ours, data)) == FRAMES.nbytes
    codec = chunk_codec(theirs)
    with ChunkWriter(lambda _: None, 1) as writer:
        writer.write(theirs, codec, pieces_of([(0, FRAMES)], chunks), lambda _: None)
    stored = [
        [dataset.id.read_direct_chunk(at) for at in offsets_of(FRAMES.shape, chunks)]
        for dataset in (ours, theirs)
    ]
    assert stored[0] == stored[1]
    assert np.array_equal(ours[()], FRAMES)


def test_chunks_of_a_stack_are_recoded(memory, source):
    frames = [fill_part(frame, chunks=FRAME[1:]) for frame in FRAMES]
    dataset = created(memory, "zstd")
    recoded(dataset, source("s_*.h5", *frames))
    assert np.array_equal(dataset[()], FRAMES)


def test_chunks_nobody_wrote_are_recoded_as_the_fill_value(memory, source):
    dataset = created(memory, "zstd")
    recoded(dataset, source("s_0.h5", fill("gzip", FRAMES[:4])))
    assert np.array_equal(dataset[:4], FRAMES[:4])
    assert not dataset[4:].any()


def test_chunk_stored_raw_at_the_source_is_recoded(memory, source):
    noise = np.random.default_rng(0).integers(0, 65536, FRAMES.shape, dtype="<u2")
    dataset = created(memory, "gzip")
    recoded(dataset, source("s_0.h5", fill("blosc-lz4", noise)))
    assert np.array_equal(dataset[()], noise)


def test_damaged_chunk_is_told_as_hdf5_tells_it(memory, source, tmp_path):
    def damaged(file):
        fill("bitshuffle-lz4")(file)
        file["x"].id.write_direct_chunk((7, 0, 0), b"\x00" * 40)

    data, dataset = source("s_0.h5", damaged), created(memory, "gzip")
    with pytest.raises(SourceError) as error:
        recoded(dataset, data)
    assert str(error.value).startswith(f"{tmp_path / 's_0.h5'}: /x cannot be read: ")
    assert encoding_threads() == []
    assert dataset.id.get_num_chunks() == 7


def test_interruption_while_recoding_leaves_no_thread(memory, source):
    data, dataset = source("s_0.h5", fill("zstd")), created(memory, "gzip")
    codec, recoding = chunk_codec(dataset), chunks_to_recode(dataset, data)
    offsets = offsets_of(FRAMES.shape, FRAME)

    def interrupt(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), ChunkWriter(lambda _: None, 2) as writer:
        writer.recode(dataset, codec, recoding, offsets, interrupt)
    assert encoding_threads() == []


def test_few_recoded_chunks_are_in_memory_at_a_time(memory, source):
    data, dataset = source("s_0.h5", fill("zstd")), created(memory, "gzip")
    recoding, read, stored, most = chunks_to_recode(dataset, data), 0, 0, 0

    def raw(offset):
        nonlocal read, most
        read += 1
        most = max(most, read - stored)
        return recoding.raw(offset)

    def done(_):
        nonlocal stored
        stored += 1

    with ChunkWriter(lambda _: None, 3) as writer:
        offsets = offsets_of(FRAMES.shape, FRAME)
        writer.recode(dataset, chunk_codec(dataset), recoding._replace(raw=raw), offsets, done)
    assert most <= 6


@pytest.mark.parametrize(
    ("source_options", "wanted"),
    [
        ({"compression": "gzip"}, {"compression": "zstd", "chunks": (2, 32, 16)}),
        ({"compression": "gzip"}, {"compression": "zstd", "dtype": ">u2"}),
        ({"compression": "none"}, {"compression": "zstd"}),
        ({"compression": "lzf"}, {"compression": "zstd"}),
    ],
)
def test_chunks_threads_cannot_decode_are_read_by_hdf5(memory, source, source_options, wanted):
    data = source("s_0.h5", fill(**source_options))
    assert chunks_to_recode(created(memory, **wanted), data) is None
