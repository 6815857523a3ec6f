"""What writing chunks through threads gains, against h5py with the same filter and its like.

    python tests/benchmarks/write.py [--mib 64] [--repeat 5] [--kinds counts16,tomo16]

Seeded data of six kinds, held in memory, is written to files in turn: by h5py, by the fast path, by
h5py's gzip-1 and as pynxtools does by default (gzip-9, chunks guessed by h5py; of a small part,
since it takes minutes). Data behind one filter is written behind another, decoded by HDF5 and by
threads. Copies of a compressed dataset run against HDF5's own H5Ocopy. Prints
medians of GB/s, ratios of size, and the gain as the median of pairs; nothing is asserted.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import hdf5plugin  # noqa: F401  registers its filters
import numpy as np

from nxtool.build.chunkwriter import ChunkWriter, chunks_to_copy, chunks_to_recode, threads_here
from nxtool.build.data import Sourced
from nxtool.build.pieces import offsets_of, pieces_of
from nxtool.sources.model import SourceSpec
from nxtool.sources.opener import open_source
from nxtool.storage.chunks import chunk_shape
from nxtool.storage.codecs import chunk_codec
from nxtool.storage.spec import create_options, parse_filter

COMPRESSIONS = (
    "none", "gzip:1", "gzip:4", "bitshuffle-lz4", "bitshuffle-zstd:1", "blosc2-zstd:1", "zstd:3",
    "blosc2-bytedelta:1",
)  # fmt: skip
RECODINGS = (
    ("gzip:4", "bitshuffle-lz4"),
    ("gzip:4", "blosc2-zstd:1"),
    ("zstd:3", "gzip:4"),
    ("blosc2-zstd:1", "bitshuffle-lz4"),
    ("bitshuffle-lz4", "blosc2-zstd:1"),
)
MIB = 1024 * 1024
COPIED_TIMES = 8
"""How often the data is in the file that is copied: a copy takes milliseconds."""
GUESSED_PART = 4 * MIB
"""How much of the data the slowest way gets."""


def counts(dtype: str, size: int) -> np.ndarray:
    """Photon counts: mostly zeros, rings, spots, and gaps at the highest value."""
    noise = np.random.default_rng(1)
    rows, columns = np.indices((1062, 1028))
    radius = np.hypot(rows - 531, columns - 514)
    rate = 0.02 + 1.3 * np.exp(-radius / 90) + 0.4 * (np.cos(radius / 25) > 0.97)
    frames = []
    for _ in range(max(1, size // (rate.size * np.dtype(dtype).itemsize))):
        frame = noise.poisson(rate).astype(dtype)
        frame[noise.integers(0, 1062, 120), noise.integers(0, 1028, 120)] += 900
        frame[514:531] = np.iinfo(dtype).max
        frames.append(frame)
    return np.stack(frames)


def tomography(size: int) -> np.ndarray:
    """Absorption of a few blobs, with the noise of a camera."""
    noise = np.random.default_rng(2)
    rows, columns = np.indices((2048, 2048)) / 2048
    blobs = sum(
        np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / 0.02) for y, x in noise.random((6, 2))
    )
    mean = 30_000 * np.exp(-0.4 * blobs)
    count = max(1, size // (mean.size * 2))
    frames = [mean + np.sqrt(2 * mean) * noise.standard_normal(mean.shape) for _ in range(count)]
    return np.stack(frames).astype("u2")


def field(size: int) -> np.ndarray:
    """A smooth random field in single precision, with small noise."""
    noise = np.random.default_rng(3)
    count = max(1, size // (512 * 512 * 4))
    steps = noise.standard_normal((count, 512, 512)).astype("f4")
    return np.cumsum(np.cumsum(steps, axis=1), axis=2, dtype="f4")


def detector_ids(size: int) -> np.ndarray:
    """Pixels of neutron events: half anywhere, half around a peak."""
    noise = np.random.default_rng(4)
    count = size // 4
    peak = noise.normal(500_000, 3000, count)
    return np.where(noise.random(count) < 0.5, noise.integers(0, 1_000_000, count), peak).astype(
        "i4"
    )


def event_times(size: int) -> np.ndarray:
    """Nanoseconds of events, sorted within pulses."""
    noise = np.random.default_rng(5)
    pulses = size // 8 // 2000
    inside = np.sort(noise.integers(0, 70_000_000, (pulses, 2000)), axis=1)
    return (inside + 71_428_571 * np.arange(pulses)[:, None]).reshape(-1).astype("i8")


KINDS: dict[str, Callable[[int], np.ndarray]] = {
    "counts16": lambda size: counts("u2", size),
    "counts32": lambda size: counts("u4", size),
    "tomo16": tomography,
    "field32": field,
    "event ids": detector_ids,
    "event times": event_times,
}


def create(file: h5py.File, values: np.ndarray, compression: str) -> h5py.Dataset:
    frame_axes = 2 if values.ndim > 1 else 0
    chunks = chunk_shape(values.shape, values.dtype.itemsize, frame_axes)
    options = dict(create_options(parse_filter(compression), values.dtype))
    return file.create_dataset("x", values.shape, values.dtype, chunks=chunks, **options)


def by_h5py(path: Path, values: np.ndarray, compression: str) -> None:
    with h5py.File(path, "w") as file:
        dataset = create(file, values, compression)
        rows = dataset.chunks[0]
        for start in range(0, len(values), rows):
            dataset[start : start + rows] = values[start : start + rows]


def by_threads(path: Path, values: np.ndarray, compression: str) -> None:
    with h5py.File(path, "w") as file, ChunkWriter(lambda _: None) as writer:
        dataset = create(file, values, compression)
        codec = chunk_codec(dataset, parse_filter(compression))
        assert codec is not None
        writer.write(dataset, codec, pieces_of([(0, values)], codec.chunks), lambda _: None)


def as_pynxtools(path: Path, values: np.ndarray, _: str) -> None:
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=values, compression="gzip", compression_opts=9, chunks=True)


def as_bytes(path: Path, values: np.ndarray, _: str) -> None:
    with path.open("wb") as stream:
        values.tofile(stream)


Way = Callable[[Path, np.ndarray, str], None]


def timed(way: Way, path: Path, values: np.ndarray, compression: str) -> tuple[float, float]:
    """Seconds, and how many times smaller than in memory the result is."""
    path.unlink(missing_ok=True)
    start = time.perf_counter()
    way(path, values, compression)
    return time.perf_counter() - start, values.nbytes / path.stat().st_size


def compare(kind: str, values: np.ndarray, folder: Path, repeat: int) -> None:
    path = folder / "x.h5"
    part = values.reshape(-1)[: GUESSED_PART // values.itemsize]
    if values.ndim > 1:
        part = values[: max(1, GUESSED_PART // values[0].nbytes)]
    slow, slow_ratio = timed(as_pynxtools, path, part, "")
    slow_rate = part.nbytes / slow / 1e9
    print(f"\n{kind}: {values.shape} {values.dtype}, pynxtools' default {slow_rate:.4f} GB/s,"
          f" ratio {slow_ratio:.2f}")  # fmt: skip
    print(
        "  filter            h5py GB/s  threads GB/s   gain  vs gzip-1  vs pynxtools  vs file ratio"
    )
    for compression in COMPRESSIONS:
        rows = []
        for _ in range(repeat):
            plain, _ = timed(as_bytes, path, values, "")
            gzip, gzip_ratio = timed(by_h5py, path, values, "gzip:1")
            ordinary, _ = timed(by_h5py, path, values, compression)
            fast, ratio = timed(by_threads, path, values, compression)
            rows.append((ordinary, fast, ordinary / fast, gzip / fast, plain / fast))
        ordinary, fast, gain, gzip_gain, of_file = (
            statistics.median(column) for column in zip(*rows, strict=True)
        )
        rate = values.nbytes / fast / 1e9
        print(
            f"  {compression:<18} {values.nbytes / ordinary / 1e9:9.3f} {rate:13.3f} {gain:6.2f}"
            f" {gzip_gain:10.2f} {rate / slow_rate:13.0f} {of_file:8.2f} {ratio:6.2f}"
            f" (gzip-1 {gzip_ratio:.2f})"
        )


def copy_raw(source: Path, target: Path) -> None:
    spec = SourceSpec(f"{source.name}:/x")
    with open_source(spec, source.parent) as opened, h5py.File(target, "w") as file:
        array: Any = opened.array()
        info = array.info
        data = Sourced(array, info.dtype)
        options = {"compression": 32008, "compression_opts": (0, 2)}
        made = file.create_dataset("x", info.shape, info.dtype, chunks=info.chunks, **options)
        found = chunks_to_copy(made, data)
        assert found is not None
        with ChunkWriter(lambda _: None) as writer:
            writer.copy(made, found, data, lambda _: None)


def copy_object(source: Path, target: Path) -> None:
    with h5py.File(source, locking=False) as original, h5py.File(target, "w") as file:
        original.copy("x", file)


def compare_copies(values: np.ndarray, folder: Path, repeat: int) -> None:
    source, target = folder / "source.h5", folder / "copy.h5"
    values = np.concatenate([values] * COPIED_TIMES)
    by_threads(source, values, "bitshuffle-lz4")
    ratios = []
    for _ in range(repeat):
        times = []
        for way in (copy_object, copy_raw):
            target.unlink(missing_ok=True)
            start = time.perf_counter()
            way(source, target)
            times.append(time.perf_counter() - start)
        ratios.append(times[1] / times[0])
    print(f"\ncopy of {values.nbytes / MIB:.0f} MiB as bitshuffle-lz4:"
          f" {statistics.median(ratios):.2f} of the time of H5Ocopy")  # fmt: skip


def decode_ordinarily(data: Sourced, made: h5py.Dataset, writer: ChunkWriter) -> None:
    codec = chunk_codec(made)
    assert codec is not None
    rows = ((start, data.read(start, start + 1)) for start in range(len(made)))
    writer.write(made, codec, pieces_of(rows, codec.chunks), lambda _: None)


def decode_in_threads(data: Sourced, made: h5py.Dataset, writer: ChunkWriter) -> None:
    codec, recoding = chunk_codec(made), chunks_to_recode(made, data)
    assert codec is not None
    assert recoding is not None
    offsets = offsets_of(made.shape, made.chunks)
    writer.recode(made, codec, recoding, offsets, lambda _: None)


def compare_recoding(values: np.ndarray, folder: Path, repeat: int) -> None:
    """From one filter to another: decoded by HDF5, and by the threads that encode."""
    source, target = folder / "source.h5", folder / "recoded.h5"
    print(f"\n{values.nbytes / MIB:.0f} MiB from one filter to another, decoded by HDF5 or threads")
    for before, after in RECODINGS:
        source.unlink(missing_ok=True)
        by_threads(source, values, before)
        rows = []
        for _ in range(repeat):
            times = []
            for way in (decode_ordinarily, decode_in_threads):
                target.unlink(missing_ok=True)
                with (
                    open_source(SourceSpec(f"{source.name}:/x"), folder) as opened,
                    h5py.File(target, "w") as file,
                    ChunkWriter(lambda _: None) as writer,
                ):
                    array: Any = opened.array()
                    made = create(file, values, after)
                    start = time.perf_counter()
                    way(Sourced(array, array.info.dtype), made, writer)
                    times.append(time.perf_counter() - start)
            rows.append((*times, times[0] / times[1]))
        ordinary, fast, gain = (statistics.median(column) for column in zip(*rows, strict=True))
        print(
            f"  {before:<16} to {after:<16} {values.nbytes / ordinary / 1e9:6.3f} GB/s"
            f" {values.nbytes / fast / 1e9:6.3f} GB/s, gain {gain:5.2f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mib", type=int, default=64)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--kinds", default=",".join(KINDS), help="none for the copies alone")
    options = parser.parse_args()
    print(f"{threads_here()} threads, medians of {options.repeat}, files in a temporary folder")
    with tempfile.TemporaryDirectory() as name:
        for kind in KINDS.keys() & set(options.kinds.split(",")):
            compare(kind, KINDS[kind](options.mib * MIB), Path(name), options.repeat)
        compare_recoding(counts("u2", options.mib * MIB), Path(name), options.repeat)
        compare_copies(counts("u2", options.mib * MIB), Path(name), options.repeat)


if __name__ == "__main__":
    main()
