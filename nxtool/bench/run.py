"""All filters of a bench on one sample, within a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from nxtool.bench import lossytrial
from nxtool.bench.ranking import Advice, Ranked, advise, ranked
from nxtool.bench.sample import LARGEST, Sample, take_sample
from nxtool.bench.trial import Trial, copy_speed, try_filter

CANDIDATES: Final = (
    "none", "gzip:1", "gzip:4", "lzf", "szip", "bitshuffle-lz4", "bitshuffle-zstd:1",
    "bitshuffle-zstd:3", "blosc-lz4:5", "blosc-zstd:5", "blosc2-lz4:5", "blosc2-zstd:1",
    "blosc2-zstd:5", "blosc2-bytedelta:1", "lz4", "zstd:1", "zstd:3", "zstd:7", "zfp-reversible",
)  # fmt: skip
"""What is tried: every filter that has been best for some data."""
SECONDS: Final = 30.0
BYTES_PER_SECOND: Final = 512 * 1024
"""The size of the sample for each second of a bench."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What came of trying filters: `refused` says of others why they could not be tried;
    `copy` is how fast memory is copied here, in GB/s, which no filter exceeds."""

    sample: Sample
    order: tuple[Ranked, ...]
    refused: dict[str, str]
    inexact: tuple[str, ...]
    copy: float
    threads: int
    advice: Advice | None


def run(
    text: str,
    *,
    threads: int,
    seconds: float = SECONDS,
    weight: float = 0.5,
    bandwidth: float | None = None,
    candidates: Sequence[str] = CANDIDATES,
    lossy: float | None = None,
    progress: Callable[[str], None] | None = None,
) -> Bench:
    """Try `candidates` on a sample of `text`; see `take_sample` and `nxtool.bench.ranking`.

    Lossy filters are tried only where `lossy` says how far values may move.

    Raises:
        SourceError: there are no such data.
    """
    sample = take_sample(text, largest=min(LARGEST, int(max(1.0, seconds) * BYTES_PER_SECOND)))
    trials: list[Trial] = []
    refused: dict[str, str] = {}
    more = list(lossytrial.candidates(sample, lossy)) if lossy is not None else []
    for one in (*candidates, *more):
        word = one if isinstance(one, str) else lossytrial.name_of(one)
        if progress is not None:
            progress(word)
        share = seconds / (len(candidates) + len(more))
        if isinstance(one, str):
            found = try_filter(word, sample, share, threads)
        else:
            found = lossytrial.try_lossy(one, sample, share, threads)
        if isinstance(found, str):
            refused[word] = found
        else:
            trials.append(found)
    order = ranked(trials, weight=weight, bandwidth=bandwidth)
    return Bench(
        sample,
        tuple(order),
        refused,
        tuple(trial.filter for trial in trials if not trial.is_as_asked),
        copy_speed(sample),
        threads,
        advise(order, weight=weight, bandwidth=bandwidth),
    )
