"""Parquet files through the package pyarrow (extra `tables`): a column by its name.

A unit in brackets behind the name (`energy [keV]`), or in the metadata of the column under
`units`, is the unit. Numbers keep their type, text is text, times become ISO dates (with `Z` where
the file knows the zone). Only floats may be missing; then they are not a number.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.errors import SourceError
from nxtool.sources.csvfile import split_units
from nxtool.sources.extras import load, reading
from nxtool.sources.lookup import check_options, unknown
from nxtool.sources.memory import MemoryArray, text_array

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from nxtool.sources.model import OpenFile, SourceArray

LIMIT: Final = 1 << 30
"""The largest column that is read, in bytes of 8 a value."""

_TEXTS: Final = ("string", "large_string")
"""Types that are read as numbers into a list of the texts there are."""


def opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open Parquet files; there are no options."""
    check_options("parquet", options, ())
    return ParquetTable


class ParquetTable:
    """A `Reader` of one Parquet file.

    Raises:
        MissingExtra: pyarrow is not installed.
        SourceError: the file is damaged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        module = load("pyarrow.parquet", f"reading the table {path.name}", "tables")
        self._reading = partial(reading, path, "pyarrow")
        self._columns: dict[str, SourceArray] = {}
        with self._reading():
            self._schema = module.read_schema(path)
            texts = [field.name for field in self._schema if str(field.type) in _TEXTS]
            self._file = module.ParquetFile(path, read_dictionary=texts)

    def close(self) -> None:
        """Close the file."""
        self._columns.clear()
        self._file.close()

    def keys(self) -> Iterator[str]:
        """The names of the columns, without their units."""
        yield from (split_units(name)[0] for name in self._schema.names)

    def array(self, selector: str = "") -> SourceArray:
        """The column with this name; the only column needs none."""
        name = self._name(selector)
        if name not in self._columns:
            self._columns[name] = self._read(name)
        return self._columns[name]

    def _name(self, selector: str) -> str:
        names = self._schema.names
        short = [split_units(name)[0] for name in names]
        if not selector and len(names) == 1:
            return str(names[0])
        for known in (names, short):
            if known.count(selector) > 1:
                raise SourceError(
                    f"{self._path}: there are {known.count(selector)} columns {selector!r}"
                )
            if selector in known:
                return str(names[known.index(selector)])
        raise unknown(self._path, "column", selector, self.keys())

    def _read(self, name: str) -> SourceArray:
        with self._reading():
            field = self._schema.field(name)
            self._check_size(name)
            column = self._file.read(columns=[name]).column(0)
            values = self._values(name, column)
            stated = (field.metadata or {}).get(b"units", b"").decode()
        return MemoryArray(values, stated or split_units(name)[1] or None)

    def _check_size(self, name: str) -> None:
        """Hold what the footer claims against the limit, before a byte is unpacked.

        Only totals are asked for: a damaged footer of a column ends the process within pyarrow.
        """
        if 8 * self._file.metadata.num_rows > LIMIT:
            raise SourceError(f"{self._path}: column {name} is larger than {LIMIT >> 20} MiB")

    def _values(self, name: str, column: Any) -> np.ndarray[Any, Any]:
        kind = str(column.type)
        if column.null_count and not kind.startswith(("float", "double", "halffloat")):
            raise SourceError(
                f"{self._path}: column {name} lacks {column.null_count} of {len(column)} values"
            )
        if kind.startswith("timestamp"):
            return _dates(column)
        if kind.startswith(("dictionary<values=string", "dictionary<values=large_string")):
            return text_array(list(_texts(column)))
        values: np.ndarray[Any, Any] = column.to_numpy()
        if values.dtype.kind not in "iufb" or values.ndim != 1:
            raise SourceError(f"{self._path}: column {name} holds {kind}, not numbers or text")
        return values


def _texts(column: Any) -> Iterator[str]:
    """Texts, of which each is in memory once however often it comes."""
    for chunk in column.chunks:
        words = chunk.dictionary.to_pylist()
        yield from (words[index] for index in chunk.indices.to_numpy().tolist())


def _dates(column: Any) -> np.ndarray[Any, Any]:
    """Times as ISO text; those with a zone are kept in UTC."""
    texts: list[str] = np.datetime_as_string(column.to_numpy()).tolist()
    zone = "Z" if column.type.tz else ""
    return text_array([text + zone for text in texts])
