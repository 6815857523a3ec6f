"""Frames of which only the pixels above a number are kept: where they are, and what they counted.

The layout is that of ImageD11's segmenter: for all frames after each other `row`, `col` and
`intensity` of each pixel, in `nnz` how many each frame has. `indptr` tells where each begins. How
many pixels there will be is known only when all frames were read, so the arrays grow as they are
written.

Source: ImageD11, sinograms/lima_segmenter.py (arrays and attributes of a group).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from nxtool import __version__
from nxtool.build.data import Array, FieldData
from nxtool.build.reduced import earlier
from nxtool.build.smallobjects import set_attributes
from nxtool.build.wrapped import Wrapped
from nxtool.errors import FilterError
from nxtool.storage.lossrecord import RECORD
from nxtool.storage.spec import FilterSpec, create_options

if TYPE_CHECKING:
    import h5py

PLACE: Final = np.dtype("uint16")
"""The type of rows and columns."""
LARGEST_SIDE: Final = (1 << 16) - 2
"""What ImageD11 takes."""
CHUNK: Final = 1 << 16
"""Pixels in a chunk, and how many are held back before they are written."""
COLUMNS: Final = ("row", "col", "intensity")


class Pixels(NamedTuple):
    """The pixels of one frame that are kept, row by row."""

    row: Array
    col: Array
    intensity: Array


class SparseFrames(Wrapped):
    """The pixels above `above` in a stack of frames of whole numbers, compressed by `compression`.

    Frames are read in their order, each once; `record` tells of all that were.
    """

    def __init__(self, data: FieldData, path: str, above: int, compression: FilterSpec) -> None:
        self.above = above
        self.compression = compression
        super().__init__(data, path)

    def begin(self) -> None:
        super().begin()
        self._nnz: list[int] = []
        self._counts_lost = 0

    @property
    def size(self) -> int:
        """The bytes of all frames as they come."""
        return int(np.prod(self.shape, dtype=np.int64)) * self.dtype.itemsize

    @property
    def columns(self) -> Mapping[str, np.dtype[Any]]:
        """The arrays with a value for each pixel that is kept, and their types."""
        return dict(zip(COLUMNS, (PLACE, PLACE, self.dtype), strict=True))

    @property
    def attributes(self) -> dict[str, Any]:
        """What readers of this layout ask the group, but for the number of pixels."""
        sizes = zip(("nframes", "shape0", "shape1"), self.shape, strict=True)
        return {"itype": PLACE.name, **{name: np.int64(length) for name, length in sizes}}

    def check(self) -> None:
        """Raises `FilterError` where the frames do not fit this layout."""
        if self.dtype.kind not in "iu":
            message = f"sparse frames are of whole numbers, not {self.dtype}"
            raise FilterError(message, hint="give dtype: uint16 or the like, or leave sparse out")
        if len(self.shape) != 3:
            message = f"sparse frames need data of three axes, not {len(self.shape)}"
            raise FilterError(message, hint="leave sparse out, or give a stack of frames")
        if max(self.shape[1:]) > LARGEST_SIDE:
            message = f"a side of the frames is longer than {LARGEST_SIDE} pixels"
            raise FilterError(message, hint="leave sparse out, or take a part")
        for dtype in self.columns.values():
            create_options(self.compression, dtype)

    def pixels(self, frame: Array) -> Pixels:
        """What is kept of one frame."""
        is_kept = frame > self.above
        places = np.flatnonzero(is_kept)
        row, col = np.divmod(places, frame.shape[1])
        kept = frame.reshape(-1)[places]
        wide = np.uint64 if frame.dtype.kind == "u" else np.int64
        self._counts_lost += int(np.where(is_kept, 0, frame).sum(dtype=wide))
        self._nnz.append(len(kept))
        return Pixels(row.astype(PLACE), col.astype(PLACE), kept)

    @property
    def nnz(self) -> Array:
        """How many pixels each frame kept, of those read so far."""
        return np.array(self._nnz, dtype=np.uint32)

    def record(self) -> dict[str, Any]:
        """The attribute that tells of the loss."""
        told = {
            "method": "reduce",
            "above": self.above,
            "done": f"only pixels above {self.above}",
            "pixels_kept": sum(self._nnz),
            "counts_lost": self._counts_lost,
            "shape_before": list(self.shape),
            "sha256_before": self.sha256,
            "nxtool": __version__,
            **earlier(self.data),
        }
        return {RECORD: json.dumps(told)}


def write_sparse(
    group: h5py.Group,
    frames: SparseFrames,
    ranges: Iterable[tuple[int, int]],
    room: Callable[[int], None],
    done: Callable[[int], None],
) -> None:
    """Write the frames, read in `ranges` of their number, into the arrays of `group`.

    `room` is called with the bytes about to be stored, `done` with the bytes of frames that were.
    """
    columns = [
        _Column(group, name, dtype, frames.compression, room)
        for name, dtype in frames.columns.items()
    ]
    for start, stop in ranges:
        values = frames.hashed_rows(start, stop)
        for frame in values:
            for column, part in zip(columns, frames.pixels(frame), strict=True):
                column.add(part)
        done(values.nbytes)
    for column in columns:
        column.finish()
    nnz = frames.nnz
    group["nnz"] = nnz
    group["indptr"] = np.concatenate([[0], np.cumsum(nnz, dtype=np.uint64)]).astype(np.uint64)
    set_attributes(group.id, {"npx": np.int64(nnz.sum(dtype=np.int64))})
    set_attributes(group["intensity"].id, frames.record())


class _Column:
    """An array that grows by whole chunks."""

    def __init__(
        self,
        group: h5py.Group,
        name: str,
        dtype: np.dtype[Any],
        compression: FilterSpec,
        room: Callable[[int], None],
    ) -> None:
        options = create_options(compression, dtype)
        self._dataset = group.create_dataset(
            name, (0,), dtype, maxshape=(None,), chunks=(CHUNK,), **options
        )
        self._room = room
        self._waiting: list[Array] = []
        self._count = 0

    def add(self, values: Array) -> None:
        self._waiting.append(values)
        self._count += len(values)
        if self._count >= CHUNK:
            self._store(self._count // CHUNK * CHUNK)

    def finish(self) -> None:
        """Write what waits."""
        if self._count:
            self._store(self._count)

    def _store(self, count: int) -> None:
        values = np.concatenate(self._waiting)
        stored, left = values[:count], values[count:]
        self._room(stored.nbytes)
        start = len(self._dataset)
        self._dataset.resize((start + count,))
        self._dataset[start:] = stored
        self._waiting, self._count = [left.copy()], len(left)
