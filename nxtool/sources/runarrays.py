"""Arrays of a Bluesky run: columns, values of documents, and the documents themselves."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.bluesky.columns import Column, json_text, plain, storable
from nxtool.bluesky.documents import Document
from nxtool.errors import SourceError
from nxtool.sources.memory import MemoryArray, text_array
from nxtool.sources.model import ArrayInfo, Hdf5Location
from nxtool.sources.pointers import as_array

if TYPE_CHECKING:
    from nxtool.bluesky.blocks import Values
    from nxtool.sources.model import SourceArray

READ_ROWS: Final = 65536
"""How many rows of a column are cheap to read at once."""
_IN_MEMORY: Final = 1 << 24
"""Documents that are written anew stay in memory up to so many bytes."""


class ColumnArray:
    """A `SourceArray` of the rows of a column; `shift` is taken from every value."""

    def __init__(
        self, column: Column, rows: int, units: str | None = None, shift: float = 0.0
    ) -> None:
        self._column = column
        self._shift = shift
        shape = (rows, *column.shape)
        step = column.step if column.shape else READ_ROWS
        self.info = ArrayInfo(shape=shape, dtype=column.dtype, units=units, rows=step)

    def read(self, start: int, stop: int) -> Values:
        """Rows `start` to `stop`."""
        rows = range(self.info.shape[0])[start:stop]
        values = self._column.read(rows.start, max(rows.start, rows.stop))
        return values - self._shift if self._shift else values


MOST_PLACES: Final = 20_000
"""Grids of more points are copied: a virtual dataset of so many pieces is slow to open."""


class GridArray:
    """A `SourceArray` of rows put in the order of a grid; `order` has a row for each point."""

    def __init__(self, column: SourceArray, order: Values, shape: tuple[int, ...]) -> None:
        self._column = column
        self._order = order.reshape(shape)
        info = column.info
        self.info = ArrayInfo(
            shape=(*shape, *info.shape[1:]),
            dtype=info.dtype,
            units=info.units,
            rows=1,
            locations=tuple(_in_grid(info.locations, self._order)),
        )

    def read(self, start: int, stop: int) -> Values:
        """Lines `start` to `stop` of the first axis."""
        order = self._order[start:stop]
        result = np.empty((*order.shape, *self._column.info.shape[1:]), dtype=self.info.dtype)
        if order.size:
            first, last = int(order.min()), int(order.max())
            result[...] = self._column.read(first, last + 1)[order - first]
        return result


def _in_grid(pieces: Sequence[Hdf5Location], order: Values) -> Iterator[Hdf5Location]:
    """The pieces of an array of rows, each at its place in a grid; nothing where there are too
    many. Rows that follow each other in both are one piece."""
    rows = [piece.rows or piece.count or piece.shape[0] for piece in pieces]
    if not pieces or order.size > MOST_PLACES:
        return
    ends = np.cumsum(rows)
    owners = np.searchsorted(ends, order, side="right")
    for line in np.ndindex(order.shape[:-1]):
        steps = (np.diff(order[line]) != 1) | (np.diff(owners[line]) != 0)
        starts = [0, *(np.flatnonzero(steps) + 1).tolist()]
        for first, stop in zip(starts, [*starts[1:], order.shape[-1]], strict=True):
            owner = int(owners[line][first])
            piece, begins = pieces[owner], int(ends[owner]) - rows[owner]
            if piece.dataset:
                each = (piece.shape[0] if piece.count is None else piece.count) // rows[owner]
                start = piece.first + (int(order[line][first]) - begins) * each
                count = (stop - first) * each
                at = (*line, first)
                yield replace(piece, first=start, count=count, rows=stop - first, place=at)


def value_array(value: Any, units: str | None = None) -> MemoryArray | None:
    """A value of a document as an array; None for null, and for mappings and empty lists.

    Lists of several kinds of values are text, as JSON.
    """
    if value is None or isinstance(value, dict) or (isinstance(value, list) and not value):
        return None
    if isinstance(value, str):
        return MemoryArray(text_array([storable(value)]).reshape(()), units)
    try:
        array = np.asarray(value) if isinstance(value, np.ndarray) else as_array(value)
    except (RecursionError, OverflowError):
        array = None
    if array is not None and not array.size:
        return None
    if array is None or array.dtype.kind not in "biufcO":
        array = text_array([storable(json_text(value))]).reshape(())
    elif array.dtype.hasobject:
        array = text_array([storable(text) for text in array.tolist()])
    return MemoryArray(array, units)


def joined(values: Sequence[Any], units: str | None = None) -> MemoryArray:
    """One value a row as an array; values that do not fit together become text, as JSON."""
    array = as_array(list(values))
    if array is None or (array.dtype.kind not in "biufcO" and array.dtype.kind != "U"):
        texts = [one if isinstance(one, str) else json_text(one) for one in values]
        array = text_array([storable(text) for text in texts])
    return MemoryArray(array, units)


class FileBytes:
    """A `SourceArray` of parts of a file, one after the other, as bytes."""

    def __init__(self, path: Path, ranges: Sequence[Sequence[int]]) -> None:
        self._path = path
        self._starts = np.array([start for start, _ in ranges], dtype=np.int64)
        self._ends = np.cumsum([stop - start for start, stop in ranges], dtype=np.int64)
        self.info = ArrayInfo(
            shape=(int(self._ends[-1]),),
            dtype=np.dtype("uint8"),
            rows=1 << 20,
        )

    def read(self, start: int, stop: int) -> Values:
        """The bytes from `start` to `stop`."""
        rows = range(self.info.shape[0])[start:stop]
        result = np.empty(len(rows), dtype=np.uint8)
        done = 0
        with self._path.open("rb") as stream:
            while done < len(rows):
                place = rows.start + done
                part = int(np.searchsorted(self._ends, place, side="right"))
                size = min(len(rows) - done, int(self._ends[part]) - place)
                before = int(self._ends[part - 1]) if part else 0
                stream.seek(int(self._starts[part]) + place - before)
                if stream.readinto(result.data[done : done + size]) != size:
                    raise SourceError(f"{self._path}: is truncated while it is read")
                done += size
        return result


class SpooledBytes:
    """A `SourceArray` of the bytes of a temporary file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        size = file.seek(0, 2)
        self.info = ArrayInfo(shape=(size,), dtype=np.dtype("uint8"), rows=1 << 20)

    def read(self, start: int, stop: int) -> Values:
        """The bytes from `start` to `stop`."""
        rows = range(self.info.shape[0])[start:stop]
        self._file.seek(rows.start)
        return np.frombuffer(self._file.read(len(rows)), dtype=np.uint8)

    def close(self) -> None:
        """Remove the file."""
        self._file.close()


def written_anew(documents: Iterable[Document]) -> SpooledBytes:
    """Documents as a line of JSON each, in a temporary file.

    Raises:
        SourceError: a document has names that are no text, as msgpack allows.
    """
    spool = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed with the reader
    try:
        for document in documents:
            spool.write(_in_json(document).encode() + b"\n")
    except BaseException:
        spool.close()
        raise
    return SpooledBytes(spool)


def _in_json(document: Document) -> str:
    try:
        return json.dumps({"name": document.name, "doc": document.doc}, default=plain)
    except TypeError as error:
        raise SourceError(f"the {document.name} document is not JSON: {error}") from error
