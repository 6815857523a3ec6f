"""Chunk shapes for new datasets, by the way they will be read.

`frame`, one image after the other, is the rule. By size of one frame (the last `frame_axes` axes):

- up to 8 MiB: one frame a chunk, so that writing and reading frame by frame touch one chunk;
- above 8 MiB: one frame split by rows into equal chunks of at most 8 MiB;
- images below 4 KiB, spectra below 0.5 MiB, streams of single values: as many whole frames as
  make 1 MiB;
- a dataset below 64 KiB is contiguous: a chunk index and a filter cost more than they save.

`pixel` (one pixel or spectral channel through all frames) and `balanced` (both ways alike) make
chunks of about 0.5 MiB. A balanced chunk is cut such that one frame and one pixel through all
frames lie in equally many chunks; a pixel chunk spans as many frames as it can. Neither spans more
rows of the first axis than fit in 128 MiB, since who writes row by row must hold them all. In two
dimensions the first counts as that of frames.
"""

from __future__ import annotations

import math
from typing import Final, Literal, TypeAlias

Access: TypeAlias = Literal["frame", "pixel", "balanced"]
"""How a dataset will be read."""

KIB: Final = 1024
MIB: Final = 1024 * KIB
SMALL_SPECTRUM: Final = MIB // 2
LARGE_FRAME: Final = 8 * MIB
STREAM_CHUNK: Final = MIB
CONTIGUOUS: Final = 64 * KIB
TINY: Final = 4 * KIB
CROSS_CHUNK: Final = MIB // 2
"""A chunk for reading across frames."""
SLAB: Final = 128 * MIB
"""The most that the whole rows of the first axis may take through which a chunk goes."""
SMALLEST_TILE: Final = 64
"""The least elements of one frame in a chunk for reading across frames."""


def chunk_shape(
    shape: tuple[int, ...],
    itemsize: int,
    frame_axes: int,
    *,
    filtered: bool = False,
    access: Access = "frame",
) -> tuple[int, ...] | None:
    """The chunk shape for a dataset of this final shape; None where it should be contiguous.

    `frame_axes` is how many trailing axes make one frame: 2 for images, 1 for spectra, 0 for a
    stream of values. `filtered` says that the author asked for a filter on this dataset: then
    only below 4 KiB is it left contiguous. A chunk never exceeds the dataset.

    >>> chunk_shape((1000, 1062, 1028), 2, 2), chunk_shape((10, 4000, 4000), 2, 2)
    ((1, 1062, 1028), (1, 1000, 4000))
    >>> chunk_shape((48, 1062, 1028), 2, 2, access="balanced")
    (4, 266, 206)
    """
    if math.prod(shape) * itemsize < (TINY if filtered else CONTIGUOUS):
        return None
    if access != "frame" and len(shape) > 1:
        return _across(shape, itemsize, min(frame_axes, len(shape) - 1), access)
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


def _across(
    shape: tuple[int, ...], itemsize: int, frame_axes: int, access: Access
) -> tuple[int, ...]:
    """The chunk shape for reading across frames."""
    first = len(shape) - max(1, frame_axes)
    leading, frame = shape[:first], shape[first:]
    frames, pixels = math.prod(leading), math.prod(frame)
    elements = max(1, CROSS_CHUNK // itemsize)
    wanted = math.sqrt(elements * frames / pixels) if access == "balanced" else float(frames)
    taken = max(1.0, min(wanted, elements / min(SMALLEST_TILE, pixels), frames), elements / pixels)
    rows = max(1, SLAB * shape[0] // (frames * pixels * itemsize))
    deep = _cut(leading, taken)
    if deep[0] > rows:
        deep = (rows, *_cut(leading[1:], taken / rows))
    return deep + _cut(frame, elements / math.prod(deep))


def _cut(axes: tuple[int, ...], elements: float) -> tuple[int, ...]:
    """Extents along `axes`, in the proportions of `axes`, that hold about `elements` at most.

    Short axes are kept whole, and what they leave goes to the others.
    """
    extents: dict[int, int] = {}
    for place in sorted(range(len(axes)), key=lambda index: axes[index]):
        left = [index for index in range(len(axes)) if index not in extents]
        share = min(1.0, elements / math.prod(axes[index] for index in left))
        part = share ** (1 / len(left))
        parts = max(1, math.ceil(1 / part - 1e-9))
        extents[place] = math.ceil(axes[place] / parts)
        elements /= extents[place]
    return tuple(extents[index] for index in range(len(axes)))
