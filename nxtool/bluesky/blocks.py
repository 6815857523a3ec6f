"""Rows of one type in blocks: in memory while there are few, beyond that in a file without a name.

Blocks that nobody wrote to take no room, and read as the fill value.
"""

from __future__ import annotations

import mmap
import os
import tempfile
from dataclasses import dataclass, field
from math import prod
from typing import Any, Final

import numpy as np

from nxtool.errors import SourceError

Values = np.ndarray[Any, Any]

BLOCK_ROWS: Final = 8192
BLOCK_BYTES: Final = 16 << 20
"""Blocks of larger rows have fewer of them."""
IN_MEMORY: Final = 256 << 20
"""How many bytes the columns of a file may take before more goes to disk."""


@dataclass(slots=True)
class Room:
    """Gives memory for blocks; what is more than `left` bytes lies in a temporary file."""

    left: int = IN_MEMORY

    def block(self, shape: tuple[int, ...], dtype: np.dtype[Any], fill: Any) -> Values:
        """A new block full of `fill`."""
        size = prod(shape) * dtype.itemsize
        if dtype.hasobject or size <= self.left:
            self.left -= size
            return np.full(shape, fill, dtype=dtype)
        values = np.frombuffer(_on_disk(size), dtype=dtype).reshape(shape)
        if fill != 0:  # a new file reads as zeros
            values[:] = fill
        return values


def _on_disk(size: int) -> mmap.mmap:
    """Memory that lies in a file without a name, full of zeros.

    Raises:
        SourceError: there is no space left for it.
    """
    try:
        with tempfile.TemporaryFile() as file:
            if hasattr(os, "posix_fallocate"):  # or a full disk would kill us when it is written to
                os.posix_fallocate(file.fileno(), 0, size)
            else:
                os.truncate(file.fileno(), size)
            return mmap.mmap(file.fileno(), size)
    except OSError as error:
        message = f"{tempfile.gettempdir()}: no space for {size >> 20} MiB: {error.strerror}"
        raise SourceError(message, hint="let TMPDIR name a folder with more") from error


@dataclass(slots=True)
class Blocks:
    """Rows of `shape` and `dtype`, of which any may be written."""

    room: Room
    dtype: np.dtype[Any]
    shape: tuple[int, ...] = ()
    _blocks: dict[int, Values] = field(default_factory=dict)
    _rows: int = 0

    def __post_init__(self) -> None:
        row = max(1, prod(self.shape) * self.dtype.itemsize)
        self._rows = max(1, min(BLOCK_ROWS, BLOCK_BYTES // row))

    @property
    def fill(self) -> Any:
        """What rows hold that nobody wrote: NaN, zero, False or an empty text."""
        return "" if self.dtype.hasobject else np.nan if self.dtype.kind in "fc" else 0

    @property
    def step(self) -> int:
        """How many rows a block has."""
        return self._rows

    def put(self, rows: Values, values: Values) -> None:
        """Write `values` to `rows`; where a row comes twice the last value counts."""
        numbers = rows // self._rows
        first, last = int(numbers.min()), int(numbers.max())
        for number in [first] if first == last else np.unique(numbers).tolist():
            if number not in self._blocks:
                shape = (self._rows, *self.shape)
                self._blocks[number] = self.room.block(shape, self.dtype, self.fill)
            if first == last:
                self._blocks[number][rows - number * self._rows] = values
            else:
                here = numbers == number
                self._blocks[number][rows[here] - number * self._rows] = values[here]

    def read(self, start: int, stop: int) -> Values:
        """The rows from `start` to `stop`."""
        result = np.full((max(0, stop - start), *self.shape), self.fill, dtype=self.dtype)
        for number in range(start // self._rows, -(-stop // self._rows)):
            block = self._blocks.get(number)
            if block is not None:
                before = number * self._rows
                begin, end = max(start, before), min(stop, before + self._rows)
                result[begin - start : end - start] = block[begin - before : end - before]
        return result
