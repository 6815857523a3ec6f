"""Raw binary files, whose dtype, shape and offset the author states."""

from __future__ import annotations

from functools import partial
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from nxtool.errors import SourceError
from nxtool.sources.lookup import check_options, count_option
from nxtool.sources.npy import MappedArray

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from nxtool.sources.model import OpenFile, SourceArray


def opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open raw files: options `dtype` and `shape` (needed), `offset` in bytes (0)."""
    check_options("raw", options, ("dtype", "shape", "offset"))
    offset = count_option(options, "offset")
    return partial(RawFile, dtype=_dtype(options), shape=_shape(options), offset=offset)


def _dtype(options: Mapping[str, Any]) -> np.dtype[Any]:
    name = options.get("dtype")
    try:
        dtype: np.dtype[Any] | None = np.dtype(name) if isinstance(name, str) else None
    except (TypeError, ValueError, SyntaxError):
        dtype = None
    if dtype is None or dtype.kind not in "iufcb":
        raise SourceError(
            f"format raw needs a dtype, not {name!r}", hint="write uint16, or '>u2' for big endian"
        )
    return dtype


def _shape(options: Mapping[str, Any]) -> tuple[int, ...]:
    shape = options.get("shape")
    sides = shape if isinstance(shape, list | tuple) else [shape]
    if not all(isinstance(side, int) and not isinstance(side, bool) and side > 0 for side in sides):
        raise SourceError(f"format raw needs a shape, not {shape!r}", hint="write [512, 1024]")
    return tuple(sides)


class RawFile:
    """A `Reader` of one raw file: exactly `offset` bytes and the array, nothing behind."""

    def __init__(
        self, path: Path, dtype: np.dtype[Any], shape: tuple[int, ...], offset: int
    ) -> None:
        self._path = path
        self._offset = offset
        try:
            size = path.stat().st_size
            needed = offset + prod(shape) * dtype.itemsize
            if size != needed:
                raise SourceError(
                    f"{path}: has {size} bytes, but {shape} {dtype} from {offset} on are {needed}"
                )
            self._values = np.memmap(path, dtype, "r", offset, shape)
        except OSError as error:
            raise SourceError(f"{path}: cannot be read: {error.strerror}") from error

    def close(self) -> None:
        """Do nothing: the map goes with the last array that uses it."""

    def keys(self) -> Iterator[str]:
        """Nothing: there is only the array itself."""
        yield from ()

    def array(self, selector: str = "") -> SourceArray:
        """The array."""
        if selector:
            raise SourceError(f"{self._path}: there is no {selector!r}", hint="name none")
        return MappedArray(self._path, self._values, self._offset)
