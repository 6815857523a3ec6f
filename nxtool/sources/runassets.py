"""Arrays of a Bluesky run whose values lie in other files: HDF5, tables, TIFF, JPEG and NumPy.

How many frames an event has is told from the files, and compared with what was declared. Files
that are missing are an error that says how to name another place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.bluesky.assets import Asset, AssetColumn, Segment
from nxtool.bluesky.columns import can_be, declared_dtype
from nxtool.errors import SourceError
from nxtool.sources.model import ArrayInfo, Hdf5Location, Reader, SourceArray

if TYPE_CHECKING:
    from nxtool.bluesky.blocks import Values

_OPEN: Final = 4
_MOST_SEGMENTS: Final = 100_000


@dataclass(slots=True)
class AssetFiles:
    """Opens the files of assets; `roots` says where folders are now that were elsewhere.

    `beside` is the folder of the documents.
    """

    roots: Mapping[str, str]
    beside: Path
    _open: dict[tuple[str, Path], Reader] = field(default_factory=dict)

    def path(self, name: str) -> Path:
        """Where a file is now.

        Raises:
            SourceError: it is missing.
        """
        path = Path(self._moved(name))
        if _exists(path):
            return path
        hint = 'if it was moved, say so: options: {roots: {"/old/folder": /new/folder}}'
        near = [self.beside / Path(*path.parts[-count:]) for count in range(1, len(path.parts))]
        found = next(filter(_exists, near), None)
        if found is not None:
            hint = f"there is {found}: if it is that, say so with the option roots"
        raise SourceError(f"{path}: is missing, where data of the run lie", hint=hint)

    def _moved(self, name: str) -> str:
        for old, new in self.roots.items():
            if name == old or name.startswith(old.rstrip("/") + "/"):
                return new.rstrip("/") + name[len(old.rstrip("/")) :]
        return name

    def array(self, asset: Asset, frame: int = 0) -> SourceArray:
        """The dataset of an asset, or the file of one frame of a series."""
        if asset.kind == "hdf5":
            return self._reader("hdf5", self.path(asset.path)).array(asset.dataset)
        if asset.kind == "csv":
            return self._reader("csv", self.path(asset.path), asset).array()
        if asset.kind == "other":
            message = f"{asset.path}: data of the kind {asset.what!r} cannot be read"
            raise SourceError(message, hint="HDF5, CSV, TIFF, JPEG and NumPy files can")
        return self._reader(asset.kind, self.path(asset.file_of(frame))).array()

    def _reader(self, kind: str, path: Path, asset: Asset | None = None) -> Reader:
        key = kind, path
        reader = self._open.pop(key, None) or _open(kind, path, asset)
        self._open[key] = reader
        while len(self._open) > _OPEN:
            self._open.pop(next(iter(self._open))).close()
        return reader

    def close(self) -> None:
        """Close what is open."""
        while self._open:
            self._open.popitem()[1].close()


def _exists(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name too long, or with a zero
        return False


def _open(kind: str, path: Path, asset: Asset | None) -> Reader:
    if kind == "hdf5":
        from nxtool.sources.hdf5file import Hdf5File

        return Hdf5File(path)
    if kind == "csv" and asset is not None:
        from nxtool.sources import csvfile

        options = {"delimiter": asset.delimiter} if asset.delimiter else {}
        return csvfile.matrix_opener({"skip_rows": asset.skipped, **options})(path)
    if kind == "jpeg":
        from nxtool.sources.jpegfile import JpegFile

        return JpegFile(path)
    if kind == "tiff":
        from nxtool.sources import tiff

        return tiff.opener({})(path)
    from nxtool.sources import npy

    return npy.opener({})(path)


class AssetArray:
    """A `SourceArray` over the frames of one key.

    Raises:
        SourceError: a file is missing, damaged, shorter than the run says, or unlike the others.
    """

    def __init__(
        self,
        column: AssetColumn,
        rows: int,
        declared: Mapping[str, Any],
        files: AssetFiles,
        units: str | None,
    ) -> None:
        self._files = files
        self._segments = list(column.segments(rows))
        first = next(one for one in self._segments if one.asset is not None)
        assert first.asset is not None  # noqa: S101 - chosen so
        info = files.array(first.asset, first.index).info
        self._dtype = info.dtype
        tail = info.shape if first.asset.is_series else info.shape[1:]
        if not first.asset.is_series and not info.shape:
            raise SourceError(f"{first.asset.path}: {first.asset.dataset} has no rows")
        if first.asset.kind == "csv":
            tail, self._dtype = _of_table(tail, declared)
        self._frames = first.asset.frames or _frames(declared, len(tail))
        self._tail = tail
        if not first.asset.is_series:
            self._fit(info.shape[0])
        locations = self._locations()
        self.info = ArrayInfo(
            shape=(rows, *self._row),
            dtype=self._dtype,
            units=units,
            rows=1 if first.asset.is_series else max(1, info.rows // self._frames),
            locations=locations,
        )

    @property
    def _row(self) -> tuple[int, ...]:
        return self._tail if self._frames == 1 else (self._frames, *self._tail)

    def _fit(self, length: int) -> None:
        """Take one frame an event, where the file has no more than that."""
        most = max(one.index + one.count for one in self._segments if one.asset is not None)
        if most * self._frames > length >= most:
            self._frames = 1

    def _locations(self) -> tuple[Hdf5Location, ...]:
        """The pieces in HDF5 files; nothing where there are others, or too many."""
        if len(self._segments) > _MOST_SEGMENTS:
            return ()
        found = []
        for one in self._segments:
            if one.asset is None:
                found.append(Hdf5Location(Path(), "", (one.count, *self._row), rows=one.count))
            elif one.asset.kind == "hdf5":
                found.append(self._location(one, one.asset))
            else:
                return ()
        return tuple(found)

    def _location(self, one: Segment, asset: Asset) -> Hdf5Location:
        info = self._checked(one, asset).info
        place = info.locations[0]
        first, count = one.index * self._frames, one.count * self._frames
        if first == 0 and count == info.shape[0] and self._frames == 1:
            return place
        return Hdf5Location(place.file, place.dataset, place.shape, first, count, one.count)

    def _checked(self, one: Segment, asset: Asset) -> SourceArray:
        array = self._files.array(asset)
        shape, wanted = array.info.shape, (one.index + one.count) * self._frames
        if shape[1:] != self._tail or array.info.dtype != self._dtype:
            message = f"{asset.path}: {asset.dataset} is {array.info.dtype} {list(shape)}"
            raise SourceError(f"{message}, unlike the files before")
        if shape[0] < wanted:
            message = (
                f"{asset.path}: {asset.dataset} has {shape[0]} frames, the run tells of {wanted}"
            )
            raise SourceError(message, hint="was the file copied before it was complete?")
        return array

    def read(self, start: int, stop: int) -> Values:
        """Rows `start` to `stop`, from the files they lie in; gaps are 0 or NaN."""
        rows = range(self.info.shape[0])[start:stop]
        fill = np.nan if self._dtype.kind in "fc" else 0
        result = np.full((len(rows), *self._row), fill, dtype=self._dtype)
        for one in self._segments:
            first, last = max(rows.start, one.row), min(rows.stop, one.row + one.count)
            if first < last and one.asset is not None:
                index = one.index + first - one.row
                part = self._part(one.asset, index, last - first)
                result[first - rows.start : last - rows.start] = part.reshape(-1, *self._row)
        return result

    def _part(self, asset: Asset, index: int, count: int) -> Values:
        first, last = index * self._frames, (index + count) * self._frames
        if not asset.is_series:
            return self._whole(self._files.array(asset).read(first, last), last - first, asset)
        frames = []
        for number in range(first, last):
            array = self._files.array(asset, number)
            if array.info.shape != self._tail or array.info.dtype != self._dtype:
                message = f"{asset.file_of(number)}: is unlike the files before"
                raise SourceError(message)
            frames.append(array.read(0, self._tail[0] if self._tail else 1))
        return np.stack(frames)

    def _whole(self, values: Values, count: int, asset: Asset) -> Values:
        if len(values) != count:
            name = f"{asset.path}: {asset.dataset}".rstrip(": ")
            raise SourceError(f"{name} is shorter than the run says")
        return values if asset.kind == "hdf5" else self._of_type(values, asset)

    def _of_type(self, values: Values, asset: Asset) -> Values:
        """The numbers of a table, which are of the type that was declared."""
        if values.shape[1:] not in (self._tail, (1,)) or not can_be(values, self._dtype):
            raise SourceError(f"{asset.path}: its rows are not {self._dtype} {list(self._tail)}")
        return values.astype(self._dtype).reshape(-1, *self._tail)


def _of_table(
    tail: tuple[int, ...], declared: Mapping[str, Any]
) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Shape and type of a row of a table: of one number where a number is declared."""
    dtype, shape = declared_dtype(declared), declared.get("shape")
    single = tail == (1,) and not (isinstance(shape, list | tuple) and len(shape) > 1)
    return () if single else tail, dtype if dtype.kind in "iuf" else np.dtype("float64")


def _frames(declared: Mapping[str, Any], rank: int) -> int:
    """How many frames of `rank` axes an event has, by its declared shape."""
    shape = declared.get("shape")
    if not isinstance(shape, list | tuple):
        return 1
    if len(shape) == rank + 1 and isinstance(shape[0], int) and shape[0] > 1 and rank:
        return shape[0]
    return 1
