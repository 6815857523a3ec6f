"""What a source of raw data offers: named arrays that are read piece by piece.

A `Source` is one data file or one ordered set of alike files (a stack). It gives `SourceArray`s
by selector; nothing is read before it is asked for, and nothing is converted: dtype, byte
order, shape and frame order are those of the files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from types import TracebackType

    import numpy as np

Mode = Literal["copy", "link", "virtual", "external"]


@dataclass(frozen=True, slots=True)
class Hdf5Location:
    """Where an array lies in an HDF5 file: what links and virtual datasets need.

    `shape` is that of the dataset. Of it `count` rows from `first` on are meant, all of them where
    `count` is None; they are `rows` rows of the array, where that is another number. Without a
    dataset it is a gap of `rows` rows, which read as the fill value. `place` is where the first of
    them stands in an array whose rows have several axes, empty where pieces follow each other.
    """

    file: Path
    dataset: str
    shape: tuple[int, ...]
    first: int = 0
    count: int | None = None
    rows: int | None = None
    place: tuple[int, ...] = ()

    @property
    def is_whole(self) -> bool:
        """True where all of the dataset is meant, as it is."""
        return bool(self.dataset) and self.count is None


@dataclass(frozen=True, slots=True)
class Extent:
    """`size` uncompressed bytes at `offset` of a file: what HDF5 external storage refers to."""

    file: Path
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class ArrayInfo:
    """What is known of an array without reading it.

    `units` is the unit the source states, None if it states none. `rows` is how many leading
    rows are cheap to read at once: 1 for a stack with one frame a file. `chunks` and `filters`
    (id, options) are those of an HDF5 source, for raw chunk copies. `locations` are the pieces
    in HDF5 files that, joined along axis 0 or each at its place, are the array (a piece with one
    dimension less is one row); `extents` are the bytes that, one after the other, are the array in
    C order and in the byte order of `dtype`. Both are empty where they cannot be had.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    units: str | None = None
    rows: int = 1
    chunks: tuple[int, ...] | None = None
    filters: tuple[tuple[int, tuple[int, ...]], ...] = ()
    locations: tuple[Hdf5Location, ...] = ()
    extents: tuple[Extent, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)


class SourceArray(Protocol):
    """One array of a source."""

    @property
    def info(self) -> ArrayInfo: ...
    def read(self, start: int, stop: int) -> np.ndarray[Any, Any]:
        """Rows `start` to `stop` of axis 0; of a scalar (shape `()`) the 0-d array.

        The bounds are clipped like those of a slice, and only the rows asked for are read.
        Strings come as an object array of `str`.

        Raises:
            SourceError: a file is damaged, shorter than its header says, or has changed shape.
        """


class RawChunk(NamedTuple):
    """A chunk as it is stored; bit `i` of `mask` says that filter `i` was left out."""

    data: bytes
    mask: int


@runtime_checkable
class ChunkSource(Protocol):
    """An array whose stored chunks can be had without decoding them.

    Their shape and filters are those of its `info`, where that tells them.
    """

    def raw_chunk(self, offset: tuple[int, ...]) -> RawChunk | None:
        """The chunk that begins at `offset`; None where none is stored, or values lie in it
        otherwise than numpy has them in memory.

        Raises:
            SourceError: the file is damaged.
        """


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """How the author asks for a source, after variables are filled in.

    `path` may hold a glob, and for HDF5 a dataset behind a colon: `scan_*.h5:/entry/data`.
    `format` overrules the suffix. `expect` is the number of rows along axis 0 (frames) that must
    come together; `missing` says what a gap in the file numbers means. `options` belong to the
    format (`skip_rows`, `delimiter`, `header`, `dtype`, `shape`, `offset`). The format `memory`
    has no path but `arrays`, by selector. `opened` is the source itself where it is open already.
    """

    path: str
    format: str = ""
    expect: int | None = None
    missing: Literal["error", "skip"] = "error"
    mode: Mode = "copy"
    options: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, SourceArray] = field(default_factory=dict)
    opened: Source | None = None


class Reader(Protocol):
    """One open file of a source: what a module for a format implements.

    Selectors here have no slices; those are cut off and applied by the `Source`. A reader may have
    `notes` too, a tuple of sentences about the file.
    """

    def keys(self) -> Iterator[str]: ...
    def array(self, selector: str = "") -> SourceArray: ...
    def close(self) -> None: ...


OpenFile = Callable[[Path], Reader]
"""Opens one file; what the `opener(options)` of a format module returns."""


class Source(Protocol):
    """One raw data file or one ordered stack of them."""

    @property
    def format(self) -> str:
        """The name of the format, as a recipe writes it: `hdf5`, `csv`, `tiff`."""

    @property
    def files(self) -> Sequence[Path]:
        """The files behind the source, in the order they are read."""

    @property
    def notes(self) -> Sequence[str]:
        """What is worth telling of the source though it can be read, a sentence each."""

    def keys(self) -> Iterator[str]:
        """The selectors the source offers, in file order."""

    def array(self, selector: str = "") -> SourceArray:
        """The array behind a selector; empty means the data of the file.

        Raises:
            SourceError: there is no such thing; the message names near matches.
        """

    def close(self) -> None: ...
    def __enter__(self) -> Source: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
