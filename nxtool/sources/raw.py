"""Raw binary files, whose dtype, shape and offset the author states."""

from __future__ import annotations

from functools import partial
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from nxtool.errors import SourceError
from nxtool.sources.lookup import check_options, count_option
from nxtool.sources.mapped import MappedFile

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nxtool.sources.model import OpenFile


def opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open raw files: options `dtype` and `shape` (needed), `offset` in bytes (0)."""
    check_options("raw", options, ("dtype", "shape", "offset"))
    offset = count_option(options, "offset")
    return partial(_open, dtype=_dtype(options), shape=_shape(options), offset=offset)


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


def _open(path: Path, dtype: np.dtype[Any], shape: tuple[int, ...], offset: int) -> MappedFile:
    """A file of exactly `offset` bytes and the array, nothing behind."""
    try:
        size = path.stat().st_size
        needed = offset + prod(shape) * dtype.itemsize
        if size != needed:
            raise SourceError(
                f"{path}: has {size} bytes, but {shape} {dtype} from {offset} on are {needed}"
            )
        return MappedFile(path, np.memmap(path, dtype, "r", offset, shape), offset)
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from error
