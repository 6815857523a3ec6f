"""HDF5's own shuffle and deflate (gzip), done outside HDF5 and in any thread.

Deflate is written by ISA-L where it is installed, 5 to 15 times as fast as zlib and read by
everybody; levels above 4 ask for size, and get zlib. ISA-L also decodes, 3 times as fast.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from nxtool.storage.pluginlib import Bytes

FAST_LEVELS: Final = range(1, 5)


@dataclass(frozen=True, slots=True)
class Shuffle:
    """First bytes of all elements, then second bytes, and so on."""

    itemsize: int

    def encode(self, data: Bytes) -> Bytes | None:
        return np.ascontiguousarray(data.reshape(-1, self.itemsize).T).reshape(-1)

    def decode(self, data: Bytes) -> Bytes | None:
        if data.nbytes % self.itemsize:
            return None
        values = np.empty((data.nbytes // self.itemsize, self.itemsize), dtype=np.uint8)
        for place, column in enumerate(data.reshape(self.itemsize, -1)):
            values[:, place] = column  # several times as fast as a copy of the transposed array
        return values.reshape(-1)


@dataclass(frozen=True, slots=True)
class Deflate:
    """A zlib stream; `size` is what a chunk may decode to."""

    level: int
    size: int

    def encode(self, data: Bytes) -> Bytes | None:
        return np.frombuffer(_compressor(self.level)(data), dtype=np.uint8)

    def decode(self, data: Bytes) -> Bytes | None:
        begin, fault = _decompressor()
        try:
            decoded = begin().decompress(data.data, self.size)
        except fault:
            return None
        return np.frombuffer(decoded, dtype=np.uint8)


@lru_cache
def _decompressor() -> tuple[Callable[[], Any], Any]:
    """What begins to decode a zlib stream, and the error it raises where that is damaged."""
    try:
        from isal import igzip_lib, isal_zlib
    except ImportError:
        return zlib.decompressobj, zlib.error
    return isal_zlib.decompressobj, igzip_lib.IsalError


@lru_cache
def _compressor(level: int) -> Callable[[Bytes], bytes]:
    """What makes a zlib stream for this level."""
    try:
        from isal import isal_zlib
    except ImportError:
        fast = None
    else:
        fast = isal_zlib.compress
    if fast is not None and level in FAST_LEVELS:
        return lambda data: fast(data.data, 1)
    return lambda data: zlib.compress(data.data, level)
