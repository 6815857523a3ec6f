"""Values on their way into a file that are changed there, and hashed as they were before."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from nxtool.build.data import Array, FieldData


class Wrapped:
    """Another `FieldData`, whose values are hashed as they are read.

    Whoever writes reads the rows in their order, each once, so that `sha256` is that of all values
    since the first row was read.
    """

    def __init__(self, data: FieldData, path: str) -> None:
        self.data = data
        self.path = path
        self.begin()

    def begin(self) -> None:
        """Forget what was read."""
        self._hash = hashlib.sha256()

    @property
    def shape(self) -> tuple[int, ...]:
        return self.data.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.data.dtype

    @property
    def rows(self) -> int:
        return self.data.rows

    @property
    def sha256(self) -> str:
        """Of the values that were read, in hexadecimal."""
        return self._hash.hexdigest()

    def hashed_rows(self, start: int, stop: int) -> Array:
        """Rows as they were before."""
        values = self.data.read(start, stop)
        if start == 0:
            self.begin()
        self._hash.update(np.ascontiguousarray(values).tobytes())
        return values
