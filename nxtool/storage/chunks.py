"""Chunk shapes for new datasets.

The rule, by size of one frame (the last `frame_axes` axes):

- up to 8 MiB: one frame a chunk, so that writing and reading frame by frame touch one chunk;
- above 8 MiB: one frame split by rows into equal chunks of at most 8 MiB;
- images below 4 KiB, spectra below 0.5 MiB, streams of single values: as many whole frames as
  make 1 MiB;
- a dataset below 64 KiB is contiguous: a chunk index and a filter cost more than they save.
"""

from __future__ import annotations

import math
from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB
SMALL_SPECTRUM: Final = MIB // 2
LARGE_FRAME: Final = 8 * MIB
STREAM_CHUNK: Final = MIB
CONTIGUOUS: Final = 64 * KIB
TINY: Final = 4 * KIB


def chunk_shape(
    shape: tuple[int, ...], itemsize: int, frame_axes: int, *, filtered: bool = False
) -> tuple[int, ...] | None:
    """The chunk shape for a dataset of this final shape; None where it should be contiguous.

    `frame_axes` is how many trailing axes make one frame: 2 for images, 1 for spectra, 0 for a
    stream of values. `filtered` says that the author asked for a filter on this dataset: then
    only below 4 KiB is it left contiguous. A chunk never exceeds the dataset.

    >>> chunk_shape((1000, 1062, 1028), 2, 2), chunk_shape((10, 4000, 4000), 2, 2)
    ((1, 1062, 1028), (1, 1000, 4000))
    """
    if math.prod(shape) * itemsize < (TINY if filtered else CONTIGUOUS):
        return None
    first = max(0, len(shape) - max(0, frame_axes))
    leading, frame = shape[:first], shape[first:]
    frame_bytes = math.prod(frame) * itemsize
    if frame_bytes < (TINY if frame_axes >= 2 else SMALL_SPECTRUM):
        return _fill(leading, frame_bytes, STREAM_CHUNK) + frame
    return (1,) * len(leading) + _fill(frame, itemsize, LARGE_FRAME)


def _fill(axes: tuple[int, ...], inner_bytes: int, limit: int) -> tuple[int, ...]:
    """Extents along `axes`, filled from the last, such that a chunk keeps to `limit` bytes.

    The axis that has to be cut is cut into equal parts, so that no thin chunk is left over.
    """
    extents: list[int] = []
    for length in reversed(axes):
        parts = math.ceil(length / max(1, limit // inner_bytes))
        extents.append(math.ceil(length / parts))
        inner_bytes *= extents[-1]
        if parts > 1:
            break
    return (1,) * (len(axes) - len(extents)) + tuple(reversed(extents))
