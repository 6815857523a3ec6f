"""Toy files for nxtool: a line `TOY <u2 512 1024 exposure=0.5`, then the pixels of one frame."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from nxtool.errors import SourceError
from nxtool.sources.lookup import check_options, unknown
from nxtool.sources.memory import MemoryArray
from nxtool.sources.model import ArrayInfo, Extent, SourceArray


class ToyFormat:
    """What the entry point leads to."""

    name = "toy"
    suffixes = (".toy",)

    def sniff(self, head: bytes, path: Path) -> int:
        """100 for a file that begins as toy files do, else 0."""
        return 100 if head.startswith(b"TOY ") else 0

    def open(self, path: Path, options: Mapping[str, Any]) -> ToyFile:
        """Open one file; there are no options."""
        check_options(self.name, options, ())
        return ToyFile(path)


class ToyFile:
    """A reader of one file: the frame, and `#exposure`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open("rb") as stream:
            line = stream.readline(1000)
        _, dtype, *sides, exposure = line.decode("ascii").split()
        self._exposure = float(exposure.removeprefix("exposure="))
        self._frame = ToyFrame(path, len(line), np.dtype(dtype), tuple(map(int, sides)))

    def keys(self) -> Iterator[str]:
        """The header key."""
        yield "#exposure"

    def array(self, selector: str = "") -> SourceArray:
        """The frame, or the exposure."""
        if not selector:
            return self._frame
        if selector == "#exposure":
            return MemoryArray(np.array(self._exposure), units="s")
        raise unknown(self._path, "header key", selector, self.keys())

    def close(self) -> None:
        """Do nothing: the file is opened for every read."""


class ToyFrame:
    """The pixels, whose place is told so that they can stay where they are."""

    def __init__(
        self, path: Path, offset: int, dtype: np.dtype[Any], shape: tuple[int, ...]
    ) -> None:
        size = prod(shape) * dtype.itemsize
        if path.stat().st_size != offset + size:
            raise SourceError(f"{path}: is truncated", hint=f"{offset + size} bytes are due")
        self._path = path
        self._offset = offset
        extent = Extent(path.absolute(), offset, size)
        self.info = ArrayInfo(shape=shape, dtype=dtype, rows=shape[0], extents=(extent,))

    def read(self, start: int, stop: int) -> np.ndarray[Any, Any]:
        """Rows `start` to `stop`."""
        values = np.memmap(self._path, self.info.dtype, "r", self._offset, self.info.shape)
        return np.array(values[start:stop])
