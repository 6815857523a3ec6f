"""HDF5 and NeXus files: a dataset by its path, an attribute as `/path@name`.

Reading needs the filters of hdf5plugin, so they are loaded with the first file. Links to other
files and the sources of virtual datasets are followed by HDF5 itself; a virtual dataset whose
source file is missing is refused, as HDF5 would give fill values without a word.
"""

from __future__ import annotations

from functools import partial
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import h5py
import numpy as np

from nxtool.errors import FileUnreadable, SourceError
from nxtool.hdf5.opening import open_to_read
from nxtool.hdf5.otherfiles import SOURCES, external_file, folders_of, name_in
from nxtool.hdf5.view import load_filters
from nxtool.hdf5.visiting import visit_objects
from nxtool.nodeview import one_string
from nxtool.sources.lookup import check_options, unknown
from nxtool.sources.memory import MemoryArray
from nxtool.sources.model import ArrayInfo, Hdf5Location, OpenFile, RawChunk, SourceArray
from nxtool.storage.filterfacts import options_text
from nxtool.storage.filters import available, missing_message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_BLOCK: Final = 1 << 20
"""With it, twice the size of a chunk is more than any filter makes of one it cannot compress."""
_DAMAGE: Final = (OSError, RuntimeError, ValueError, TypeError, KeyError, MemoryError)
"""What h5py raises on damaged files."""

_ATTRIBUTE: Final = 16 << 20
"""The largest attribute that is read, in bytes."""

_TEXTS: Final = 10_000_000
_TEXT_BYTES: Final = 1 << 30
"""The most texts of one dataset, and their bytes as they are stored."""
_NAMES: Final = 10_000
"""How many names are gathered for a hint."""


def opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open HDF5 files; the option `dataset` is what selectors start from."""
    check_options("hdf5", options, ("dataset",))
    return partial(Hdf5File, inside=str(options.get("dataset", "")))


class Hdf5File:
    """A `Reader` of one HDF5 file.

    Raises:
        SourceError: it is not an HDF5 file, or a damaged one.
    """

    def __init__(self, path: Path, inside: str = "") -> None:
        load_filters()
        self._path = path
        self._inside = inside
        self._last: tuple[str, SourceArray] | None = None
        try:
            self._file = h5py.File(open_to_read(path))
        except FileUnreadable as error:
            raise SourceError(error.message, hint=error.hint) from error

    def close(self) -> None:
        """Close the file."""
        self._last = None
        self._file.close()

    def keys(self) -> Iterator[str]:
        """The paths of all datasets, in the file's order; links are not followed. Of a file named
        with a group or dataset inside (`scan.h5:/entry`) those that are there."""
        top = self._get(self._inside) if self._inside else self._file
        if top is None:
            raise unknown(self._path, "dataset or group", self._inside, self._near())
        yield from [top.name] if isinstance(top, h5py.Dataset) else self._below(top)

    def _below(self, top: h5py.Group) -> list[str]:
        found: list[str] = []

        def gather(name: str, node: h5py.Group | h5py.Dataset) -> None:
            if isinstance(node, h5py.Dataset):
                found.append(f"{top.name.rstrip('/')}/{name}")

        try:
            visit_objects(top, gather)
        except FileUnreadable as error:
            raise SourceError(error.message, hint=error.hint) from error
        except _DAMAGE as error:
            raise SourceError(f"{self._path}: is damaged: {error}") from error
        return found

    def array(self, selector: str = "") -> SourceArray:
        """The dataset or attribute behind `selector`.

        Without one it is the dataset named with the file (`scan.h5:/entry/data`), or else the
        only dataset of the file.
        """
        name = self._full_name(selector)
        if self._last is not None and self._last[0] == name:
            return self._last[1]  # a stack asks again for every frame
        try:
            found = self._find(name)
        except _DAMAGE as error:
            raise SourceError(f"{self._path}: {name} cannot be read: {error}") from error
        self._last = name, found
        return found

    def _find(self, name: str) -> SourceArray:
        node = self._get(name)
        if node is None and "@" in name:
            return self._attribute(*name.rsplit("@", 1))
        if isinstance(node, h5py.Dataset):
            return _DatasetArray(self._path, node)
        if node is None:
            raise unknown(self._path, "dataset", name, self._near())
        if not isinstance(node, h5py.Group):
            raise SourceError(f"{self._path}: {name} is a datatype, not a dataset")
        below = (f"{name.rstrip('/')}/{key}" for key in node)
        raise SourceError(f"{self._path}: {name} is a group", hint=_listed(below))

    def _full_name(self, selector: str) -> str:
        if selector.startswith("@"):
            return f"{self._inside or '/'}{selector}"
        if selector.startswith("/") or (selector and not self._inside):
            return selector if selector.startswith("/") else f"/{selector}"
        if selector:
            return f"{self._inside.rstrip('/')}/{selector}"
        return self._inside or self._only_dataset()

    def _only_dataset(self) -> str:
        names = tuple(self._below(self._file))
        if len(names) != 1:
            raise SourceError(
                f"{self._path}: holds {len(names)} datasets, so one must be named",
                hint=_listed(names),
            )
        return names[0]

    def _get(self, name: str) -> h5py.Group | h5py.Dataset | None:
        try:
            return self._file[name]
        except KeyError as error:
            if self._file.get(name, getlink=True) is None:
                return None
            raise SourceError(f"{self._path}: the link {name} leads nowhere: {error}") from error
        except _DAMAGE as error:
            raise SourceError(f"{self._path}: {name} cannot be opened: {error}") from error

    def _near(self) -> list[str]:
        return [name for name, _ in zip(self._below(self._file), range(_NAMES), strict=False)]

    def _attribute(self, name: str, attribute: str) -> SourceArray:
        node = self._get(name or "/")
        if node is None:
            raise unknown(self._path, "dataset or group", name, self._near())
        if attribute not in node.attrs:
            raise unknown(f"{self._path}: {name}", "attribute", attribute, node.attrs)
        return MemoryArray(_attribute_array(node, attribute, f"{self._path}: {name}@{attribute}"))


class _DatasetArray:
    """A dataset, read row by row."""

    def __init__(self, path: Path, dataset: h5py.Dataset) -> None:
        self._where = f"{path}: {dataset.name}"
        self._dataset = dataset
        self._text = h5py.check_string_dtype(dataset.dtype) is not None
        self._check_readable()
        self._copyable = not self._text and dataset.chunks is not None and _is_plain(dataset)
        self.info = self._describe()
        # h5py asks HDF5 for these at every access, which would cost as much as a chunk
        self._id = dataset.id
        self._largest = 2 * prod(self.info.chunks or ()) * dataset.dtype.itemsize + _BLOCK

    def _check_readable(self) -> None:
        if self._dataset.shape is None:
            raise SourceError(f"{self._where} is empty (a null dataspace)")
        if self._dataset.dtype.kind == "O" and not self._text:
            raise SourceError(
                f"{self._where} holds references or lists of varying length",
                hint="only numbers, text and compounds of them can be read",
            )
        for filter_id, options in _filters(self._dataset):
            if not available(filter_id):
                text = options_text(filter_id, options)
                message = missing_message(self._where, filter_id, "", text)
                raise SourceError(message)
        if self._dataset.is_virtual:
            self._check_sources()
        if self._text:
            self._check_texts()

    def _check_texts(self) -> None:
        """Texts become objects in memory, so there must not be too many, or too long ones."""
        count, size = prod(self._dataset.shape), self._dataset.dtype.itemsize
        if count > _TEXTS:
            raise SourceError(f"{self._where} holds {count} texts", hint=f"the most is {_TEXTS}")
        if count * size > _TEXT_BYTES:
            raise SourceError(
                f"{self._where} holds {count * size} bytes of text",
                hint=f"the most is {_TEXT_BYTES}",
            )

    def _check_sources(self) -> None:
        # not the file opened, behind an external link
        folders = folders_of(Path(self._dataset.file.filename))
        for source in self._dataset.virtual_sources():
            name = name_in(source.file_name)
            if name is None or name == ".":
                continue  # a pattern, of which any number may exist, and the file itself
            if external_file(name, folders, SOURCES) is None and not Path(name).exists():
                raise SourceError(f"{self._where} is virtual, and its file {name} is missing")

    def _describe(self) -> ArrayInfo:
        dataset = self._dataset
        file = Path(dataset.file.filename).absolute()
        attributes = _attributes(dataset)
        chunks = dataset.chunks
        return ArrayInfo(
            shape=dataset.shape,
            dtype=np.dtype(object) if self._text else dataset.dtype,
            units=_one_text(attributes.get("units")),
            rows=chunks[0] if chunks else _block_rows(dataset),
            chunks=chunks,
            filters=_filters(dataset),
            locations=(Hdf5Location(file, dataset.name, dataset.shape),),
            attributes=attributes,
        )

    def read(self, start: int, stop: int) -> np.ndarray[Any, Any]:
        """Rows `start` to `stop`; the 0-d array of a scalar."""
        where: Any = (
            slice(*slice(start, stop).indices(self.info.shape[0])) if self.info.shape else ()
        )
        try:
            values = self._dataset[where]
        except _DAMAGE as error:
            raise SourceError(
                f"{self._where} cannot be read: {error}{_spelled(self.info.filters)}"
            ) from error
        if self._text:
            return _decoded(values, self.info.shape != ())
        return np.asarray(values, dtype=self.info.dtype)

    def raw_chunk(self, offset: tuple[int, ...]) -> RawChunk | None:
        """The chunk that begins at `offset`, as it is stored."""
        if not self._copyable:
            return None
        try:
            stored = self._id.get_chunk_info_by_coord(offset)
            if stored.byte_offset is None or stored.size > self._largest:
                return None
            mask, data = self._id.read_direct_chunk(offset)
        except _DAMAGE as error:
            raise SourceError(f"{self._where} cannot be read: {error}") from error
        return RawChunk(data, mask)


def _is_plain(dataset: h5py.Dataset) -> bool:
    """True where the type is the one h5py itself gives to such values."""
    return bool(dataset.id.get_type() == h5py.h5t.py_create(dataset.dtype, logical=True))


def _filters(dataset: h5py.Dataset) -> tuple[tuple[int, tuple[int, ...]], ...]:
    plist = dataset.id.get_create_plist()
    steps = (plist.get_filter(index) for index in range(plist.get_nfilters()))
    return tuple((step[0], tuple(step[2])) for step in steps)


def _block_rows(dataset: h5py.Dataset) -> int:
    """The rows of a contiguous dataset in 1 MiB."""
    row: int = dataset.dtype.itemsize * prod(dataset.shape[1:])
    return max(1, _BLOCK // max(1, row))


def _spelled(filters: tuple[tuple[int, tuple[int, ...]], ...]) -> str:
    return f" (HDF5 filters {', '.join(str(number) for number, _ in filters)})" if filters else ""


def _attributes(node: h5py.Group | h5py.Dataset) -> dict[str, Any]:
    """The attributes that can be read: text as `str`, numbers as numpy has them."""
    result: dict[str, Any] = {}
    for name in node.attrs:
        try:
            value = _attribute_array(node, name, "")
        except SourceError:
            continue  # one exotic attribute is no reason to refuse the dataset
        result[name] = value[()]
    return result


def _one_text(value: object) -> str | None:
    """A text, also where it stands alone in an array; else None."""
    return one_string(value.reshape(-1).tolist() if isinstance(value, np.ndarray) else value)


def _attribute_array(
    node: h5py.Group | h5py.Dataset, name: str, where: str
) -> np.ndarray[Any, Any]:
    try:
        attribute = node.attrs.get_id(name)
        size = prod(attribute.shape or ()) * attribute.dtype.itemsize
        if size > _ATTRIBUTE:
            raise SourceError(f"{where} claims {size} bytes, too many for an attribute")
        value = node.attrs[name]
        text = h5py.check_string_dtype(attribute.dtype) is not None
    except _DAMAGE as error:
        raise SourceError(f"{where} cannot be read: {error}") from error
    if text:
        return _decoded(value, attribute.shape != ())
    array = np.asarray(value)
    if array.dtype.kind == "O":
        raise SourceError(f"{where} is neither a number nor text")
    return array


def _decoded(values: Any, several: bool) -> np.ndarray[Any, Any]:
    """HDF5 text as an object array of `str`: UTF-8, and Latin-1 where it is not."""
    array = np.asarray(values, dtype=object)
    texts = np.empty(array.shape, dtype=object)
    for index in np.ndindex(array.shape):
        texts[index] = _text(array[index])
    return texts if several else texts.reshape(())


def _text(value: object) -> str:
    raw = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _listed(names: Iterable[str]) -> str:
    """A hint with the first names."""
    first = [name for name, _ in zip(names, range(11), strict=False)]
    more = " ..." if len(first) > 10 else ""
    return f"there is {', '.join(first[:10])}{more}" if first else "there is nothing in it"
