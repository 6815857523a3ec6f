"""A sample of the data to try filters on: whole chunks from the beginning, middle and end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import prod
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np

from nxtool.errors import SourceError
from nxtool.sources.model import ArrayInfo, Source, SourceArray, SourceSpec
from nxtool.sources.opener import open_source
from nxtool.storage.chunks import chunk_shape

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"

LARGEST: Final = 64 * 1024 * 1024
"""The bytes of a sample; more would cost time and tell little."""
SMALLEST: Final = 4096
"""Below this no filter pays."""
MOST_NAMES: Final = 5000
"""How many datasets of a file are looked at for the largest one."""
_SEPARATOR: Final = "::"


@dataclass(frozen=True, slots=True)
class Sample:
    """Chunks of one array; `shape` and `size` (in bytes) are those of the whole array."""

    name: str
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    chunk: tuple[int, ...]
    chunks: tuple[Array, ...]

    @property
    def size(self) -> int:
        """The bytes of the whole array."""
        return prod(self.shape) * self.dtype.itemsize

    @property
    def taken(self) -> int:
        """The bytes of the sample."""
        return sum(chunk.nbytes for chunk in self.chunks)


def take_sample(text: str, *, largest: int = LARGEST) -> Sample:
    """A sample of what `text` means: `FILE`, `FILE::/path`, or a pattern of files.

    Without a path it is the largest array of numbers in the file.

    Raises:
        SourceError: there is no such file or array, or no numbers worth a filter in it.
    """
    name, _, selector = text.partition(_SEPARATOR)
    with open_source(SourceSpec(name), Path.cwd()) as source:
        selector = selector or _largest(source, name)
        whole = f"{name}{_SEPARATOR}{selector}" if selector else name
        return sample_of(source.array(selector), whole, largest)


def sample_of(array: SourceArray, name: str, largest: int = LARGEST) -> Sample:
    """A sample of an array that is called `name`.

    Raises:
        SourceError: it has no numbers, or too few to be worth a filter.
    """
    info = array.info
    _check(name, info)
    axes = 2 if len(info.shape) > 1 else 0
    chunk = chunk_shape(info.shape, info.dtype.itemsize, axes, filtered=True) or info.shape
    return Sample(name, info.dtype, info.shape, chunk, tuple(_chunks(array, chunk, largest)))


def _largest(source: Source, name: str) -> str:
    """The selector of the largest array of numbers."""
    best, most = "", 0
    names = [key for key, _ in zip(source.keys(), range(MOST_NAMES), strict=False)]
    for key in ("", *names):  # of images the data has no name, only what stands in their heads
        try:
            info = source.array(key).info
        except SourceError:
            continue
        size = prod(info.shape) * info.dtype.itemsize if info.dtype.kind in "biufc" else 0
        if size > most:
            best, most = key, size
    if not most:
        raise SourceError(f"{name}: holds no array of numbers", hint="name one: FILE::/path")
    return best


def _check(text: str, info: ArrayInfo) -> None:
    if info.dtype.kind not in "biufc":
        raise SourceError(f"{text}: holds {info.dtype}, not numbers", hint="name another array")
    if prod(info.shape) * info.dtype.itemsize < SMALLEST:
        hint = "so small an array is best stored without a filter"
        raise SourceError(f"{text}: holds less than {SMALLEST} bytes", hint=hint)


def _chunks(array: SourceArray, chunk: tuple[int, ...], largest: int) -> Iterator[Array]:
    """Chunks of rows at the beginning, in the middle and at the end, `largest` bytes together."""
    shape, itemsize = array.info.shape, array.info.dtype.itemsize
    rows = chunk[0] if chunk else 1
    row_bytes = prod(shape[1:]) * itemsize * rows
    count = -(-shape[0] // rows) if shape else 1
    wanted = max(1, min(count, largest // max(1, row_bytes)))
    room = largest
    for start in _spread(count, wanted):
        values = np.atleast_1d(array.read(start * rows, (start + 1) * rows))
        for place in _places(values.shape, chunk):
            piece = np.ascontiguousarray(values[place])
            if piece.nbytes > room and room < largest:
                return
            room -= piece.nbytes
            yield piece


def _spread(count: int, wanted: int) -> list[int]:
    """`wanted` of `count` numbers, in three runs."""
    if wanted >= count:
        return list(range(count))
    part = wanted // 3
    first = range(wanted - 2 * part)
    middle = range((count - part) // 2, (count - part) // 2 + part)
    return sorted({*first, *middle, *range(count - part, count)})


def _places(shape: tuple[int, ...], chunk: tuple[int, ...]) -> Iterator[tuple[slice, ...]]:
    starts = (range(0, length, step) for length, step in zip(shape, chunk, strict=True))
    for place in product(*starts):
        yield tuple(slice(at, at + step) for at, step in zip(place, chunk, strict=True))
