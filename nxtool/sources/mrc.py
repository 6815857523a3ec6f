"""MRC files of electron microscopy through the package mrcfile (extra `em`).

The data are one image, a stack or a volume, mapped where they lie, so that they can stay in place.
Numbers of the header are `#nx`, `#dmax` …; `#voxel_size` holds x, y, z; `#label` is its text.
Source: the MRC2014 format (Cheng et al., J. Struct. Biol. 192, 2015).
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.errors import SourceError
from nxtool.sources.extras import load, reading
from nxtool.sources.lookup import check_options
from nxtool.sources.mapped import MappedArray
from nxtool.sources.memory import MemoryArray, per_frame
from nxtool.sources.namedarrays import NamedArrays

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from nxtool.sources.model import OpenFile, SourceArray

_HEADER: Final = 1024


def opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open MRC files; there are no options."""
    check_options("mrc", options, ())
    return _open


def _open(path: Path) -> NamedArrays:
    """Open one file.

    Raises:
        MissingExtra: mrcfile is not installed.
        SourceError: the file is damaged, or not as long as its header says.
    """
    library = load("mrcfile", f"reading the image {path.name}", "em")
    with reading(path, "mrcfile"):
        with library.mrcfile.MrcFile(str(path), mode="r", header_only=True) as file:
            header, labels = file.header.copy(), file.get_labels()
        dtype: np.dtype[Any] = library.utils.data_dtype_from_header(header)
        shape = tuple(int(side) for side in library.utils.data_shape_from_header(header))
        offset = _HEADER + int(header.nsymbt)
        kept = dict(_header_arrays(header, labels))
    return NamedArrays(path, {"": _pixels(path, dtype, shape, offset), **kept}, "header key")


def _pixels(path: Path, dtype: np.dtype[Any], shape: tuple[int, ...], offset: int) -> SourceArray:
    """The data, where the file is exactly as long as it must be."""
    needed = offset + prod(shape) * dtype.itemsize
    try:
        size = path.stat().st_size
        if min(shape, default=0) < 1 or offset < _HEADER or needed != size:
            message = f"{path}: {shape} {dtype} from {offset} on should end at byte {needed}"
            raise SourceError(
                f"{message}, the file ends at {size}", hint="the file is truncated or damaged"
            )
        return MappedArray(path, np.memmap(path, dtype, "r", offset, shape), offset)
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from error


def _header_arrays(header: Any, labels: list[str]) -> Iterator[tuple[str, SourceArray]]:
    for name in header.dtype.names:
        if header[name].dtype.kind in "iuf" and not header[name].shape:
            yield f"#{name}", MemoryArray(np.array(header[name]))
    cells = np.array([header.cella[axis] for axis in "xyz"], dtype=np.float64)
    counts = np.array([header.mx, header.my, header.mz], dtype=np.float64)
    if counts.all():
        yield "#voxel_size", MemoryArray(cells / counts, units="angstrom")
    yield "#label", MemoryArray(per_frame(["\n".join(text.strip() for text in labels)]))
