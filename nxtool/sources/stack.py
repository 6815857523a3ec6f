"""One file, or an ordered stack of alike files, as one `Source`.

In a stack the pieces are joined: a scalar and a 2-D array (one value, one frame a file) get a new
axis 0; everything else is joined along the axis 0 it has. All pieces must agree in dtype and
trailing shape. Few files are open at a time.
"""

from __future__ import annotations

from bisect import bisect_right
from contextlib import contextmanager
from dataclasses import replace
from itertools import accumulate
from threading import RLock
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np

from nxtool.errors import SourceError
from nxtool.sources.model import ChunkSource
from nxtool.sources.slicing import SlicedArray, split_slices

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from nxtool.sources.model import ArrayInfo, OpenFile, RawChunk, Reader, SourceArray

_OPEN_FILES: Final = 4


class ReaderPool:
    """Readers for the files of a source, of which the last few stay open.

    A reader is used by one thread at a time.
    """

    def __init__(self, files: Sequence[Path], open_file: OpenFile) -> None:
        self.files = files
        self._open_file = open_file
        self._readers: dict[int, Reader] = {}
        self._lock = RLock()

    @contextmanager
    def reader(self, index: int) -> Iterator[Reader]:
        """The reader of file `index`, for the time of the block."""
        with self._lock:
            reader = self._readers.pop(index, None) or self._open_file(self.files[index])
            self._readers[index] = reader
            while len(self._readers) > _OPEN_FILES:
                self._readers.pop(next(iter(self._readers))).close()
            yield reader

    def close(self) -> None:
        """Close what is open."""
        with self._lock:
            while self._readers:
                self._readers.popitem()[1].close()


class FileSource:
    """A `Source` over files of one format; `stacked` joins them, also a single one.

    Raises:
        SourceError: a file cannot be opened, or the arrays do not fit together.
    """

    def __init__(
        self,
        format_name: str,
        files: Sequence[Path],
        open_file: OpenFile,
        *,
        stacked: bool = False,
        expect: int | None = None,
    ) -> None:
        self.format = format_name
        self.files = files
        self._pool = ReaderPool(files, open_file)
        self._stacked = stacked
        self._expect = expect
        with self._pool.reader(0) as reader:  # one that cannot be read shows right here
            notes = getattr(reader, "notes", ())
            self.notes: tuple[str, ...] = notes if isinstance(notes, tuple) else ()

    def keys(self) -> Iterator[str]:
        """The selectors of the first file."""
        with self._pool.reader(0) as reader:
            names = tuple(reader.keys())
        yield from names

    def array(self, selector: str = "") -> SourceArray:
        """The array behind `selector`; slices count in the joined array.

        Raises:
            SourceError: there is no such thing, the files differ, or there are not `expect` rows.
        """
        name, cuts = split_slices(selector)
        array = _JoinedArray(self._pool, name, stacked=self._stacked)
        self._check_rows(array.info.shape)
        return SlicedArray(array, cuts, f"{self.files[0]}: {selector}") if cuts else array

    def _check_rows(self, shape: tuple[int, ...]) -> None:
        if self._expect is not None and shape and shape[0] != self._expect:
            where = self.files[0] if len(self.files) == 1 else self.files[0].parent
            raise SourceError(
                f"{where}: {shape[0]} rows in {_count(len(self.files))}, expected {self._expect}",
                hint="look for files that are missing or too many, or correct expect",
                about="expect",
            )

    def close(self) -> None:
        """Close every file."""
        self._pool.close()

    def __enter__(self) -> FileSource:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


class _JoinedArray:
    """The arrays of one name in all files, as one."""

    def __init__(self, pool: ReaderPool, name: str, *, stacked: bool) -> None:
        self._pool = pool
        self._name = name
        self._gives_chunks = False
        self._pieces = [self._piece(index) for index in range(len(pool.files))]
        first = self._pieces[0]
        self._new_axis = stacked and len(first.shape) in (0, 2)
        self._check_alike()
        lengths = [1 if self._new_axis or not one.shape else one.shape[0] for one in self._pieces]
        self._ends = tuple(accumulate(lengths))
        self.info = self._describe(first) if stacked else first

    def _piece(self, index: int) -> ArrayInfo:
        with self._pool.reader(index) as reader:
            array = reader.array(self._name)
            if not index:  # asked once, as the answer takes longer than to read a chunk
                self._gives_chunks = isinstance(array, ChunkSource)
            return array.info

    def _check_alike(self) -> None:
        first = self._pieces[0]
        skipped = 0 if self._new_axis else 1
        for file, piece in zip(self._pool.files, self._pieces, strict=True):
            named = self._pool.files[0].name
            if piece.dtype != first.dtype:
                raise SourceError(
                    f"{file}: holds {_type(piece)}, but {named} holds {_type(first)}",
                    hint="the files of a stack must be alike",
                )
            same_rank = len(piece.shape) == len(first.shape)
            if not same_rank or piece.shape[skipped:] != first.shape[skipped:]:
                raise SourceError(
                    f"{file}: the shape is {piece.shape}, but that of {named} is {first.shape}",
                    hint="the files of a stack must be alike",
                )
            if piece.units != first.units:
                raise SourceError(
                    f"{file}: the unit is {piece.units}, but that of {named} is {first.units}"
                )

    def _describe(self, first: ArrayInfo) -> ArrayInfo:
        tail = first.shape if self._new_axis else first.shape[1:]
        whole = all(piece.extents for piece in self._pieces)
        chunks = self._joined_chunks(first)
        return replace(
            first,
            shape=(self._ends[-1], *tail),
            rows=1 if self._new_axis else first.rows,
            chunks=chunks,
            filters=first.filters if chunks is not None else (),
            locations=tuple(place for piece in self._pieces for place in piece.locations),
            extents=tuple(part for piece in self._pieces for part in piece.extents if whole),
        )

    def _joined_chunks(self, first: ArrayInfo) -> tuple[int, ...] | None:
        """The chunk shape of all pieces, if no chunk would hold parts of two."""
        alike = all(
            (one.chunks, one.filters) == (first.chunks, first.filters) for one in self._pieces
        )
        if first.chunks is None or not alike:
            return None
        if self._new_axis:
            return (1, *first.chunks)
        fits = all(one.shape[0] % first.chunks[0] == 0 for one in self._pieces[:-1])
        return first.chunks if fits else None

    def raw_chunk(self, offset: tuple[int, ...]) -> RawChunk | None:
        """The chunk that begins at `offset`, from the file it lies in."""
        if not self._gives_chunks:
            return None
        index = bisect_right(self._ends, offset[0])
        before = self._ends[index - 1] if index else 0
        inner = offset[1:] if self._new_axis else (offset[0] - before, *offset[1:])
        with self._pool.reader(index) as reader:
            array = reader.array(self._name)
            self._check_unchanged(index, array.info)
            return cast("ChunkSource", array).raw_chunk(inner)

    def read(self, start: int, stop: int) -> np.ndarray[Any, Any]:
        """Rows `start` to `stop`, from as many files as they lie in."""
        if not self.info.shape:
            return self._read_piece(0, 0, 1)
        rows = range(self._ends[-1])[start:stop]
        shape = (len(rows), *self.info.shape[1:])
        first = bisect_right(self._ends, rows.start)
        if rows and rows.stop <= self._ends[first]:
            return self._read_rows(rows, first).reshape(shape)
        result = np.empty(shape, dtype=self.info.dtype)
        done = 0
        while done < len(rows):
            index = bisect_right(self._ends, rows[done])
            part = range(rows[done], min(rows.stop, self._ends[index]))
            result[done : done + len(part)] = self._read_rows(part, index)
            done += len(part)
        return result

    def _read_rows(self, rows: range, index: int) -> np.ndarray[Any, Any]:
        """Rows of the whole that lie in file `index`."""
        before = self._ends[index - 1] if index else 0
        return self._read_piece(index, rows.start - before, rows.stop - before)

    def _read_piece(self, index: int, start: int, stop: int) -> np.ndarray[Any, Any]:
        with self._pool.reader(index) as reader:
            array = reader.array(self._name)
            self._check_unchanged(index, array.info)
            if self._new_axis:
                return array.read(0, array.info.shape[0] if array.info.shape else 1)
            return array.read(start, stop)

    def _check_unchanged(self, index: int, now: ArrayInfo) -> None:
        then = self._pieces[index]
        if _layout(now) != _layout(then):
            raise SourceError(f"{self._pool.files[index]}: changed while it was read")


def _layout(info: ArrayInfo) -> tuple[object, ...]:
    return info.shape, info.dtype, info.chunks, info.filters


def _type(info: ArrayInfo) -> str:
    return "text" if info.dtype == object else str(info.dtype)


def _count(files: int) -> str:
    return "1 file" if files == 1 else f"{files} files"
