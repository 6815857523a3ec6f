"""Lossy filters tried on a sample, all with the same bound on the absolute error.

zfp, SZ3 and SPERR are told the bound; rounding (`bitround`, `sigbits`) keeps as many bits as the
largest value of the sample needs for it. What is timed is what nxtool does when it writes, so for
the former the check of every chunk is part of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, TypeAlias

import numpy as np

from nxtool.bench.comparison import Comparison, span_of
from nxtool.bench.sample import Array, Sample
from nxtool.bench.trial import FAULTS, Coder, Trial, by_codec, memory_dataset
from nxtool.errors import FilterError
from nxtool.storage.bounded import CODERS, Bounded, bounded_codec
from nxtool.storage.codecs import ChunkCodec, StoredChunk, chunk_codec
from nxtool.storage.quantize import MANTISSA, Quantizer
from nxtool.storage.spec import create_options, parse_filter

Candidate: TypeAlias = "Bounded | Quantizer"
BEHIND: Final = "zstd:3"
"""The filter that compresses rounded values."""


def candidates(sample: Sample, bound: float) -> Iterator[Candidate]:
    """What can be tried on such values with this bound."""
    yield from (Bounded(method, bound) for method in CODERS)
    bits = math.ceil(math.log2(max(_largest(sample), bound) / bound))
    if sample.dtype.kind == "f" and sample.dtype.itemsize in MANTISSA:
        yield Quantizer("bitround", min(max(1, bits - 1), MANTISSA[sample.dtype.itemsize]))
    elif sample.dtype.kind in "iu":
        yield Quantizer("sigbits", min(max(1, bits), sample.dtype.itemsize * 8 - 1))


def _largest(sample: Sample) -> float:
    """The largest size among the finite values."""
    found = 0.0
    for chunk in sample.chunks if sample.dtype.kind in "iuf" else ():
        size = np.abs(chunk.astype(np.float64))
        found = max(found, float(size.max(initial=0, where=np.isfinite(size))))
    return found


def name_of(candidate: Candidate) -> str:
    """A word for the candidate: `sz3 0.01`, `bitround 9`."""
    return f"{candidate.method} {candidate.text.split()[0]}"


def try_lossy(candidate: Candidate, sample: Sample, seconds: float, threads: int) -> Trial | str:
    """The candidate on the sample, for about `seconds`; why not, if it refuses."""
    try:
        candidate.check(sample.dtype)
        if isinstance(candidate, Bounded):
            return _coded(candidate, sample, seconds, threads)
        return _rounded(candidate, sample, seconds, threads)
    except FilterError as error:
        return error.message
    except FAULTS as error:
        return str(error)


def _coded(one: Bounded, sample: Sample, seconds: float, threads: int) -> Trial | str:
    if any(not np.isfinite(chunk).all() for chunk in sample.chunks):
        return "the values are not all finite"
    one.check_chunks(sample.chunk)
    recipe = f"lossy: {{method: {one.method}, bound: {one.text}, i_accept_loss: true}}"
    with memory_dataset(sample, one.create_options()) as dataset:
        codec = bounded_codec(dataset, one)
        trial = by_codec(name_of(one), codec, sample, seconds, threads)
        return _with_errors(trial, codec, sample, recipe, one.filter_id)


def _rounded(one: Quantizer, sample: Sample, seconds: float, threads: int) -> Trial | str:
    behind = parse_filter(BEHIND)
    (counted, keep), *_ = one.parameters.items()
    recipe = (
        f"compression: {BEHIND}, "
        f"lossy: {{method: {one.method}, {counted}: {keep}, i_accept_loss: true}}"
    )
    with memory_dataset(sample, create_options(behind, sample.dtype)) as dataset:
        inner = chunk_codec(dataset)
        if inner is None:
            return "cannot be tried here"
        codec = _Rounding(inner, one)
        trial = by_codec(name_of(one), codec, sample, seconds, threads)
        filter_id = dataset.id.get_create_plist().get_filter(1)[0] if inner.does_work else 0
        return _with_errors(trial, codec, sample, recipe, filter_id)


class _Rounding:
    """Chunks that are rounded before they are encoded."""

    def __init__(self, inner: ChunkCodec, quantizer: Quantizer) -> None:
        self._inner = inner
        self._quantizer = quantizer

    def encode(self, values: Array) -> StoredChunk | None:
        return self._inner.encode(self._quantizer.quantized(values))

    def decode(self, chunk: StoredChunk) -> Array | None:
        return self._inner.decode(chunk)


def _with_errors(
    trial: Trial | str, codec: Coder, sample: Sample, recipe: str, filter_id: int
) -> Trial | str:
    """The trial with the errors that are measured on the sample."""
    if isinstance(trial, str):
        return trial
    comparison = Comparison(span_of(sample))
    for values in sample.chunks:
        chunk = codec.encode(values)
        back = codec.decode(chunk) if chunk is not None else None
        if back is None:
            return "does not give back its values"
        comparison.add(values, back[tuple(slice(length) for length in values.shape)])
    return replace(trial, errors=comparison.errors(recipe, filter_id))
