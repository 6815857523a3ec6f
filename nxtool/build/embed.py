"""Raw files into a file just written: whole, or only what its datasets do not hold already.

This is done after everything else is written, since what is left out must be proven to be there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from nxtool import nxpath
from nxtool.archive.layout import (
    BYTES,
    DATA,
    EMBEDDED,
    HOW_TO,
    MOST_FILES,
    MOST_PIECES,
    POOL,
    Piece,
)
from nxtool.build.checksums import Hashes
from nxtool.build.data import Array, FieldData, Literal, text, texts
from nxtool.build.plan import Plan, PlannedField, PlannedGroup
from nxtool.build.pool import Pool, Stretch
from nxtool.build.rawfiles import Embedding, Form, RawFile, normal
from nxtool.build.residual import Prover, Span, covered, spans_of
from nxtool.build.write import Progress, append
from nxtool.errors import SourceError
from nxtool.hdf5.opening import Hdf5File
from nxtool.storage.chunks import chunk_shape
from nxtool.storage.spec import parse_filter

FILTER: Final = "gzip:4"
"""Every HDF5 reads it, now and later."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What was kept of the raw files: how many there are, the names of those kept whole, and the
    bytes for all of them together, before compression."""

    form: Form
    files: int
    whole: tuple[str, ...]
    size: int


def embed(plan: Plan, path: Path, progress: Progress) -> Kept | None:
    """Put the raw files of `plan` into `path`, which holds everything else; None if none shall.

    Raises:
        SourceError: a raw file has changed since the plan was made.
        OutputError: the disk is full.
    """
    embedding = plan.embedding
    if embedding is None:
        return None
    work = _Work(embedding, _checksums(plan))
    if embedding.form == "residual":
        work.keep_residuals(plan, path, progress)
    else:
        work.keep_whole()
    append(path, [work.group()], progress)
    for file in embedding.files:
        if not file.is_unchanged:
            raise SourceError(f"{file.path}: changed while it was read")
    whole = tuple(kept.file.name for kept in work.files if kept.is_whole)
    return Kept(embedding.form, len(work.files), whole, work.pool.shape[0])


def _checksums(plan: Plan) -> dict[Path, str]:
    """Those the record has, by file."""
    found: dict[Path, str] = {}
    for field in plan.fields:
        if isinstance(field.data, Hashes):
            sums = field.data.read(0, len(field.data.files))
            found |= zip(map(normal, field.data.files), sums, strict=True)
    return found


class _Embedded(NamedTuple):
    """A file with its checksum and its pieces."""

    file: RawFile
    sha256: str
    pieces: tuple[Piece, ...]

    @property
    def is_whole(self) -> bool:
        """True where it does not need the values of other datasets."""
        return all(piece.origin == POOL for piece in self.pieces)


class _Work:
    """The files on their way into the result."""

    def __init__(self, embedding: Embedding, checksums: dict[Path, str]) -> None:
        self._embedding = embedding
        self._checksums = checksums
        self._datasets: dict[str, int] = {}
        """The origins of pieces, by path."""
        self.pool = Pool()
        self.files: list[_Embedded] = []
        self._rows = 0

    def keep_whole(self) -> None:
        """Every file, byte by byte."""
        for file in self._embedding.files:
            self._keep(file, covered((), file.size))

    def keep_residuals(self, plan: Plan, path: Path, progress: Progress) -> None:
        """Every file without what `path` holds of it; whole where that cannot be proven."""
        spans = spans_of(plan)
        with Hdf5File(path) as written:
            prover = Prover(written)
            for file in self._embedding.files:
                parts = covered(spans.get(file.path, ()), file.size)
                few = self._rows + len(parts) < MOST_PIECES - MOST_FILES
                proven = few and prover.is_proven(file, parts, self._checksums[file.path])
                self._keep(file, parts if proven else covered((), file.size))
                progress(file.name, 0)

    def _keep(self, file: RawFile, spans: list[Span]) -> None:
        pieces = tuple(self._piece(file, span) for span in spans)
        self._rows += len(pieces)
        self.files.append(_Embedded(file, self._checksums[file.path], pieces))

    def _piece(self, file: RawFile, span: Span) -> Piece:
        if span.dataset:
            origin = self._datasets.setdefault(span.dataset, len(self._datasets) + 1)
            return Piece(origin, span.start, span.length)
        known = self._checksums[file.path] if span.length == file.size else ""
        start = self.pool.add(Stretch(file.path, span.offset, span.length), known)
        return Piece(POOL, start, span.length)

    def group(self) -> PlannedGroup:
        """All of it, to be written."""
        group = PlannedGroup(nxpath.join(self._embedding.group, EMBEDDED), "NXcollection")
        _put(group, "description", text(HOW_TO))
        _put(group, "name", texts([kept.file.name for kept in self.files]))
        _put(group, "size", _whole_numbers(kept.file.size for kept in self.files))
        _put(group, "modified_ns", _whole_numbers(kept.file.modified_ns for kept in self.files))
        _put(group, "sha256", texts([kept.sha256 for kept in self.files]))
        if self._datasets:
            _put(group, "dataset", texts(list(self._datasets)))
        _put(group, "pieces", Literal(self._table()))
        note = PlannedGroup(nxpath.join(group.path, BYTES), "NXnote")
        _put(note, "type", text("application/octet-stream"))
        _put(note, DATA, self.pool)
        group.children[BYTES] = note
        return group

    def _table(self) -> Array:
        numbered = enumerate(self.files)
        rows = [(number, *piece) for number, kept in numbered for piece in kept.pieces]
        return np.array(rows, np.int64).reshape(-1, 4)


def _whole_numbers(values: Iterable[int]) -> Literal:
    return Literal(np.array(list(values), np.int64))


def _put(group: PlannedGroup, name: str, data: FieldData) -> None:
    field = PlannedField(nxpath.join(group.path, name), data, fixed_strings=True)
    if data.shape and 0 not in data.shape:
        field.compression = parse_filter(FILTER)
        if not data.dtype.hasobject:
            field.chunks = chunk_shape(data.shape, data.dtype.itemsize, 0, filtered=True)
    group.children[name] = field
