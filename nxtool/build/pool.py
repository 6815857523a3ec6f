"""Bytes of raw files to be kept as they are, one after the other, each content once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from nxtool.build.data import Array
from nxtool.errors import SourceError

READ_BYTES: Final = 1024 * 1024


class Stretch(NamedTuple):
    """`length` bytes of a file from `offset` on."""

    path: Path
    offset: int
    length: int

    def blocks(self) -> Iterator[bytes]:
        """The bytes, block by block.

        Raises:
            SourceError: the file cannot be read, or has fewer.
        """
        try:
            with self.path.open("rb", buffering=0) as stream:
                stream.seek(self.offset)
                left = self.length
                while left:
                    block = stream.read(min(left, READ_BYTES))
                    if not block:
                        raise SourceError(f"{self.path}: is truncated while it is read")
                    left -= len(block)
                    yield block
        except OSError as error:
            raise SourceError(f"{self.path}: cannot be read: {error.strerror}") from error


class Pool:
    """Stretches joined: a `FieldData` of unsigned bytes."""

    def __init__(self) -> None:
        self._stretches: list[Stretch] = []
        self._starts: list[int] = []
        self._known: dict[str, int] = {}
        self._size = 0

    @property
    def shape(self) -> tuple[int, ...]:
        return (self._size,)

    @property
    def dtype(self) -> np.dtype[np.uint8]:
        return np.dtype(np.uint8)

    @property
    def rows(self) -> int:
        return READ_BYTES

    def add(self, stretch: Stretch, checksum: str = "") -> int:
        """Where the bytes of `stretch` begin: where the same are already, else at the end.

        `checksum` is their SHA-256, if known.
        """
        key = checksum or _sha256(stretch)
        if key not in self._known:
            self._known[key] = self._size
            self._starts.append(self._size)
            self._stretches.append(stretch)
            self._size += stretch.length
        return self._known[key]

    def read(self, start: int, stop: int) -> Array:
        """Bytes `start` to `stop`."""
        stop = min(stop, self._size)
        parts = [np.frombuffer(block, np.uint8) for block in self._between(start, stop)]
        return np.concatenate(parts) if parts else np.empty(0, np.uint8)

    def _between(self, start: int, stop: int) -> Iterator[bytes]:
        index = bisect_right(self._starts, start) - 1
        while start < stop:
            path, offset, count = self._stretches[index]
            inner = start - self._starts[index]
            part = Stretch(path, offset + inner, min(count - inner, stop - start))
            yield from part.blocks()
            start += part.length
            index += 1


def _sha256(stretch: Stretch) -> str:
    digest = sha256()
    for block in stretch.blocks():
        digest.update(block)
    return digest.hexdigest()
