"""One filter tried on a sample: its size, the time to encode and decode it, and whether it kept it.

Filters that nxtool runs outside HDF5's lock are timed so, on one processor and on all; the others
through HDF5 in memory, as they would be written.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any, Final, Protocol

import h5py
import numpy as np

from nxtool.bench.sample import Array, Sample
from nxtool.errors import FilterError
from nxtool.storage.codecs import StoredChunk, chunk_codec
from nxtool.storage.spec import create_options, parse_filter

_MEMORY: Final = "nxtool-bench"
_MOST_ROUNDS: Final = 9
FAULTS: Final = (OSError, RuntimeError, ValueError)


@dataclass(frozen=True, slots=True)
class Speed:
    """Gigabytes of values in a second: the median of several rounds and its quartiles."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Errors:
    """What a lossy filter did to the values; `psnr` in decibels, infinite where nothing was lost.

    `ssim` is the mean of `nxtool.bench.likeness` over images, None where there are none.
    `mean_shift` is by how much the mean moved, `sum_change` by which part of itself the sum of all
    values did, infinite where a sum of zero did; 0 says that counts are kept. `keeps_others` says
    that not-a-number and infinities stayed. `recipe` is what a field says to have it, `filter_id`
    the filter a reader needs.
    """

    max_abs_error: float
    max_rel_error: float
    rmse: float
    psnr: float
    ssim: float | None
    mean_shift: float
    sum_change: float
    keeps_others: bool
    recipe: str
    filter_id: int


@dataclass(frozen=True, slots=True)
class Trial:
    """What a filter did to a sample.

    `ratio` is the size of the values over that of the stored bytes. `write` and `read` are on all
    processors, `write_one` and `read_one` on one. `is_exact` says that every bit came back;
    `errors` are those of a filter that was asked to be lossy.
    """

    filter: str
    ratio: float
    write: Speed
    read: Speed
    write_one: Speed
    read_one: Speed
    cpu_per_tb: float
    """Seconds of a processor to write 10^12 bytes."""
    is_exact: bool
    in_parallel: bool
    errors: Errors | None = None

    @property
    def is_as_asked(self) -> bool:
        """False where a filter lost something without being asked."""
        return self.is_exact or self.errors is not None


class Coder(Protocol):
    """What encodes and decodes chunks."""

    def encode(self, values: Array) -> StoredChunk | None: ...
    def decode(self, chunk: StoredChunk) -> Array | None: ...


def try_filter(word: str, sample: Sample, seconds: float, threads: int) -> Trial | str:
    """The filter `word` of a recipe on the sample, for about `seconds`; why not, if it refuses."""
    try:
        spec = parse_filter(word)
        with memory_dataset(sample, create_options(spec, sample.dtype)) as dataset:
            codec = chunk_codec(dataset, spec)
            if codec is not None:
                return by_codec(word, codec, sample, seconds, threads)
            return _by_hdf5(word, dataset, sample, seconds)
    except FilterError as error:
        return error.message
    except FAULTS as error:
        return str(error)


@contextmanager
def memory_dataset(sample: Sample, options: Mapping[str, Any]) -> Iterator[h5py.Dataset]:
    """A dataset in memory with room for the chunks of the sample, and for one more: the only chunk
    of a dataset is a special case."""
    with h5py.File(_MEMORY, "w", driver="core", backing_store=False, rdcc_nbytes=0) as file:
        shape = (sample.chunk[0] * (len(sample.chunks) + 1), *sample.chunk[1:])
        yield file.create_dataset("x", shape, sample.dtype, chunks=sample.chunk, **options)


def by_codec(word: str, codec: Coder, sample: Sample, seconds: float, threads: int) -> Trial | str:
    """The trial of a filter that runs outside HDF5's lock; why not, if it declines."""
    share = seconds / 4
    with ThreadPoolExecutor(threads) as pool:
        done = [chunk for chunk in pool.map(codec.encode, sample.chunks) if chunk is not None]
        if len(done) < len(sample.chunks):
            return "declines such values"
        back = list(pool.map(codec.decode, done))
        encode, decode = _all(codec.encode, sample.chunks), _all(codec.decode, done)
        write, cpu = _timed(lambda: list(pool.map(codec.encode, sample.chunks)), sample, share)
        read, _ = _timed(lambda: list(pool.map(codec.decode, done)), sample, share)
        write_one, _ = _timed(encode, sample, share)
        read_one, _ = _timed(decode, sample, share)
    size = sum(_bytes(chunk) for chunk in done)
    is_exact = all(_is_same(one, two) for one, two in zip(sample.chunks, back, strict=True))
    return Trial(
        word, sample.taken / size, write, read, write_one, read_one, cpu, is_exact,
        in_parallel=threads > 1,
    )  # fmt: skip


def _all(work: Callable[[Any], object], items: Sequence[Any]) -> Callable[[], object]:
    return lambda: [work(item) for item in items]


def _bytes(chunk: StoredChunk) -> int:
    return memoryview(chunk.data).nbytes


def _is_same(values: Array, back: Array | None) -> bool:
    if back is None:
        return False
    part = back[tuple(slice(length) for length in values.shape)]
    return part.tobytes() == values.tobytes()


def _by_hdf5(word: str, dataset: h5py.Dataset, sample: Sample, seconds: float) -> Trial:
    """A filter that only HDF5 can run, chunk after chunk."""
    rows = sample.chunk[0]

    def write() -> None:
        for number, chunk in enumerate(sample.chunks):
            inner = (slice(length) for length in chunk.shape[1:])
            place = (slice(number * rows, number * rows + chunk.shape[0]), *inner)
            dataset[place] = chunk
        dataset.file.flush()
        dataset.id.refresh()

    def read() -> None:
        for number in range(len(sample.chunks)):
            dataset[number * rows : (number + 1) * rows]

    written, cpu = _timed(write, sample, seconds / 2)
    speed, _ = _timed(read, sample, seconds / 2)
    is_exact = all(
        _is_same(chunk, dataset[number * rows : (number + 1) * rows])
        for number, chunk in enumerate(sample.chunks)
    )
    ratio = sample.taken / max(1, dataset.id.get_storage_size())
    return Trial(word, ratio, written, speed, written, speed, cpu, is_exact, in_parallel=False)


def _timed(work: Callable[[], object], sample: Sample, seconds: float) -> tuple[Speed, float]:
    """How fast `work` goes over the sample, repeated for about `seconds`, and the seconds of
    processors for 10^12 bytes."""
    rounds: list[float] = []
    began, cpu = time.perf_counter(), time.process_time()
    while not rounds or (
        len(rounds) < _MOST_ROUNDS and time.perf_counter() - began + rounds[-1] < seconds
    ):
        start = time.perf_counter()
        work()
        rounds.append(time.perf_counter() - start)
    used = (time.process_time() - cpu) / len(rounds)
    speeds = [sample.taken / max(spent, 1e-9) / 1e9 for spent in rounds]
    low, _, high = quantiles(speeds, n=4) if len(speeds) > 1 else (speeds[0],) * 3
    return Speed(median(speeds), low, high), used / sample.taken * 1e12


def copy_speed(sample: Sample) -> float:
    """Gigabytes a second at which memory is copied here: no filter is faster."""
    speed, _ = _timed(lambda: [np.copy(chunk) for chunk in sample.chunks], sample, 0.2)
    return speed.median
