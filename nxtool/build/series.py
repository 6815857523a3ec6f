"""A series of files that differ in numbers alone, each made by patching the image of the first.

The first file, the template, is made in any way: by a recipe, or by h5py. Of the numbers that
change it is known where they lie, so each further file takes a copy of the template's bytes and
new ones at these places: a hundred times quicker than to create the same datasets again. All else,
attributes too, is as in the template.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from os import PathLike
from pathlib import Path
from typing import Any, Final, NamedTuple

import h5py
import numpy as np
from h5py import h5d, h5s

from nxtool.build.data import Array, cast
from nxtool.build.partfile import part_file
from nxtool.errors import OutputError, SourceError
from nxtool.hdf5.opening import open_to_read

LARGEST: Final = 256 * 1024 * 1024
"""The largest template, in bytes: it is held in memory, twice while a file is written."""
EVERY: Final = 37
"""Every so many fields one is read back through HDF5 and compared."""
_TAKES: Final[Mapping[str, str]] = {"b": "b", "i": "biu", "u": "biu", "f": "biuf", "c": "biufc"}
"""Kinds of numpy types that a field of a kind takes."""


class _Place(NamedTuple):
    """Where the values of a field lie in the file."""

    path: str
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    offset: int


class _Column(NamedTuple):
    """Single values of one type, patched together."""

    places: Sequence[_Place]
    bytes_at: Array
    """The places of their bytes: a row for each."""


class Series:
    """Writes files like `template` in which the fields `names` (paths) have other values.

    >>> series = Series("scan_1.nxs", ["/entry/sample/temperature"])    # doctest: +SKIP
    >>> series.write("scan_2.nxs", {"/entry/sample/temperature": 281})  # doctest: +SKIP
    """

    def __init__(self, template: str | PathLike[str], names: Iterable[str]) -> None:
        """Look for the fields.

        Raises:
            FileUnreadable: `template` is no HDF5 file.
            SourceError: it is too large; a field is missing, or is not of numbers in one piece.
        """
        self._template = Path(template)
        with closing(open_to_read(self._template)) as opened:
            file = h5py.File(opened)
            places = [self._place(file, name) for name in dict.fromkeys(names)]
        self._places = {place.path: place for place in places}
        self._columns = tuple(_columns([place for place in places if not place.shape]))
        self._arrays = tuple(place for place in places if place.shape)
        if self._template.stat().st_size > LARGEST:
            hint = "leave the large fields out, or convert each file"
            raise SourceError(f"{template}: is larger than {LARGEST >> 20} MiB", hint=hint)
        self._image = np.fromfile(self._template, dtype=np.uint8)

    def _place(self, file: h5py.File, name: str) -> _Place:
        where = f"{self._template}: {name}"
        found = file.get(name)
        if not isinstance(found, h5py.Dataset):
            raise SourceError(f"{where}: there is no such field")
        plist = found.id.get_create_plist()
        if found.dtype.kind not in _TAKES or found.shape is None:
            raise SourceError(f"{where}: is not of numbers", hint="only numbers can change")
        if plist.get_layout() != h5d.CONTIGUOUS or plist.get_external_count():
            hint = "store it without chunks and filters, in the file itself"
            raise SourceError(f"{where}: is not stored in one piece", hint=hint)
        offset = found.id.get_offset()
        if offset is None:
            raise SourceError(f"{where}: has no values yet", hint="write some into the template")
        return _Place(name, found.dtype, found.shape, offset)

    def write(
        self,
        path: str | PathLike[str],
        values: Mapping[str, Any],
        *,
        overwrite: bool = False,
        compare_every: int = EVERY,
    ) -> None:
        """Write a file with `values`, by path: all that the series was made for.

        Raises:
            SourceError: a value is missing, or does not fit type and shape of its field.
            OutputError: `path` exists or cannot be written, or a field compared differs.
        """
        target = Path(path)
        self._check(values)
        if target.exists() and (not overwrite or target.samefile(self._template)):
            raise OutputError(f"{target}: exists already", hint="choose another name")
        image = self._image.copy()
        wanted = self._patch(image, values, max(1, compare_every))
        with part_file(target) as part:
            image.tofile(part)
            _compare(part, target, wanted)
            part.replace(target)

    def _check(self, values: Mapping[str, Any]) -> None:
        if values.keys() == self._places.keys():
            return
        missing, unknown = self._places.keys() - values.keys(), values.keys() - self._places.keys()
        for name in sorted(missing):
            raise SourceError(f"{name}: has no value", hint="give one to every field of the series")
        for name in sorted(unknown):
            raise SourceError(f"{name}: is no field of the series", hint="name it when making it")

    def _patch(
        self, image: Array, values: Mapping[str, Any], every: int
    ) -> list[tuple[_Place, Array]]:
        """Put the values into the image; some of what was put, to be compared."""
        wanted: list[tuple[_Place, Array]] = []
        for column in self._columns:
            given = [values[place.path] for place in column.places]
            fitted = _fitted_column(column.places, given)
            image[column.bytes_at] = fitted.view(np.uint8).reshape(column.bytes_at.shape)
            some = np.split(fitted[::every], len(fitted[::every]))
            wanted.extend(zip(column.places[::every], some, strict=True))
        for index, place in enumerate(self._arrays):
            fitted = _fitted(place, values[place.path])
            image[place.offset : place.offset + fitted.nbytes] = fitted.reshape(-1).view(np.uint8)
            if index % every == 0:
                wanted.append((place, fitted))
        return wanted


def _columns(places: Sequence[_Place]) -> Iterable[_Column]:
    for dtype in dict.fromkeys(place.dtype for place in places):
        alike = [place for place in places if place.dtype == dtype]
        offsets = np.array([place.offset for place in alike])
        yield _Column(alike, offsets[:, np.newaxis] + np.arange(dtype.itemsize))


def _fitted_column(places: Sequence[_Place], values: Sequence[Any]) -> Array:
    """Values of one type at once; one by one where that does not go."""
    dtype = places[0].dtype
    try:
        array = np.array(values)
        if array.ndim == 1 and array.dtype.kind in _TAKES[dtype.kind]:
            return np.ascontiguousarray(cast(array, dtype))
    except (ValueError, OverflowError, SourceError):
        pass  # found again below, with the name of the field
    return np.array([_fitted(*pair) for pair in zip(places, values, strict=True)], dtype=dtype)


def _fitted(place: _Place, value: Any) -> Array:
    """The values as the field stores them. Raises `SourceError` where they do not fit."""
    try:
        array = np.asarray(value)
    except (ValueError, OverflowError) as error:
        raise SourceError(f"{place.path}: {error}") from error
    if array.shape != place.shape:
        raise SourceError(f"{place.path}: the shape is {array.shape}, and should be {place.shape}")
    if array.dtype.kind not in _TAKES[place.dtype.kind]:
        raise SourceError(f"{place.path}: {place.dtype} takes no {array.dtype}")
    try:
        return np.ascontiguousarray(cast(array, place.dtype)).reshape(place.shape)
    except SourceError as error:
        raise SourceError(f"{place.path}: {error.message}", hint=error.hint) from error


def _compare(part: Path, target: Path, wanted: Sequence[tuple[_Place, Array]]) -> None:
    """Read fields back through HDF5. Raises `OutputError` where one differs."""
    with closing(open_to_read(part)) as opened:
        for place, values in wanted:
            found = np.empty(place.shape, dtype=place.dtype)
            h5d.open(opened, place.path.encode()).read(h5s.ALL, h5s.ALL, found)
            if found.tobytes() != values.tobytes():
                hint = "was the template changed meanwhile?"
                raise OutputError(f"{target}: {place.path} does not read as written", hint=hint)
