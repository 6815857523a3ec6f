"""Executing a plan: a file written beside its target, block by block, and renamed when complete.

Memory is bounded by a block of rows (whole chunks of about a few MiB) and a few chunks on their
way through the threads that encode them, whatever the size of the data. An error, a full disk or
an interruption removes what was written; the target is never touched before everything is there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from math import prod
from pathlib import Path
from typing import Final, NamedTuple

import h5py
import numpy as np
from h5py import h5d, h5g

from nxtool import nxpath
from nxtool.build.checksums import begun as checksums_begun
from nxtool.build.chunkwriter import (
    SMALLEST,
    ChunkWriter,
    Encoder,
    chunks_to_copy,
    chunks_to_recode,
)
from nxtool.build.data import Array, FieldData, Referred
from nxtool.build.disk import OBJECT_BYTES, Reserve, open_for_writing
from nxtool.build.lossy import Coded, Lossy
from nxtool.build.partfile import told_as_output_error
from nxtool.build.pieces import offsets_of, pieces_of
from nxtool.build.plan import Plan, Planned, PlannedField, PlannedGroup, PlannedLink
from nxtool.build.smallobjects import PLAIN, make_field, make_group, make_text, set_attributes
from nxtool.build.sparse import write_sparse
from nxtool.hdf5.filteruse import count_chunks
from nxtool.hdf5.otherfiles import as_pattern
from nxtool.sources.model import Hdf5Location
from nxtool.storage.chunks import TINY
from nxtool.storage.codecs import ChunkCodec, chunk_codec
from nxtool.storage.spec import create_options

BLOCK_BYTES: Final = 8 * 1024 * 1024
SMALL: Final = 64 * 1024
"""A field without chunks of up to so many bytes is written in one go."""
PIECE_BYTES: Final = 512 * 1024
"""What is read at once where chunks go to threads: soon, and without another copy."""
Progress = Callable[[str, int], None]
"""Called with the path of a field and the bytes just written."""


class RawChunks(NamedTuple):
    """Of `chunks` in a field, `raw` are stored without a filter: it made them no smaller."""

    raw: int
    chunks: int


def write_plan(plan: Plan, path: Path, progress: Progress | None = None) -> Mapping[str, RawChunks]:
    """Write the plan to the new file `path`; the fields with chunks that a filter was left out at.

    Raises:
        OutputError: the folder is missing or read-only, or the disk is full.
        SourceError: a source turned out to be damaged while it was read.
    """
    with told_as_output_error(path), open_for_writing(path, "x") as file:
        reserve = Reserve(file)
        with ChunkWriter(reserve.values) as chunks, checksums_begun(plan):
            writer = _Writer(file, path, progress or no_progress, reserve, chunks)
            writer.write(plan)
            return writer.raw


def append(path: Path, nodes: Sequence[Planned], progress: Progress) -> None:
    """Add groups and fields to a file that is not yet at its place.

    Raises:
        OutputError: the disk is full.
        SourceError: a source turned out to be damaged while it was read.
    """
    with told_as_output_error(path), open_for_writing(path, "r+") as file:
        reserve = Reserve(file)
        reserve.objects(sum(_count(node) for node in nodes))
        with ChunkWriter(reserve.values) as chunks:
            writer = _Writer(file, path, progress, reserve, chunks)
            for node in nodes:
                writer.add(node)


def _count(node: Planned) -> int:
    return sum(1 for _ in node.walk()) if isinstance(node, PlannedGroup) else 1


def no_progress(path: str, count: int) -> None:
    """Tell nobody."""


class _Writer:
    def __init__(
        self,
        file: h5py.File,
        path: Path,
        progress: Progress,
        reserve: Reserve,
        chunks: ChunkWriter,
    ) -> None:
        self.file = file
        self.reserve = reserve
        self.chunks = chunks
        self.folder = path.resolve().parent
        self.progress = progress
        self.links: list[PlannedLink] = []
        self.raw: dict[str, RawChunks] = {}

    def write(self, plan: Plan) -> None:
        self.reserve.objects(sum(1 for _ in plan.root.walk()))
        root = h5g.open(self.file.id, b"/")
        set_attributes(root, {**plan.root.attributes, "NX_class": plan.root.nx_class})
        for child in plan.root.children.values():
            self._add(root, child)
        for link in self.links:
            self._link(link)

    def add(self, node: Planned) -> None:
        """Write a node into its group, which is there; links inside the file wait for the end."""
        self._add(h5g.open(self.file.id, nxpath.parent(node.path).encode()), node)

    def _add(self, parent: h5g.GroupID, node: Planned) -> None:
        if isinstance(node, PlannedLink):
            self.links.append(node)  # its target may come later
        elif isinstance(node, PlannedField):
            self._field(parent, node)
        else:
            self._group(parent, node)

    def _group(self, parent: h5g.GroupID, node: PlannedGroup) -> None:
        group = make_group(parent, node.name)
        set_attributes(group, {"NX_class": node.nx_class, **node.attributes})
        for child in node.children.values():
            self._add(group, child)
        if node.sparse is not None:
            ranges = row_blocks(node.sparse.data, None, PIECE_BYTES)
            done = partial(self.progress, node.path)
            write_sparse(self.file[node.path], node.sparse, ranges, self.reserve.values, done)

    def _link(self, node: PlannedLink) -> None:
        if node.file:
            self.file[node.path] = h5py.ExternalLink(self._relative(Path(node.file)), node.target)
        else:
            self.file[node.path] = self.file[node.target]

    def _relative(self, file: Path) -> str:
        """Names of other files relative to the result, so that both can move together."""
        return os.path.relpath(file.resolve(), self.folder) if file.is_absolute() else str(file)

    def _field(self, parent: h5g.GroupID, node: PlannedField) -> None:
        data = node.data
        if isinstance(data, Referred):
            dataset = self._referred(node, data).id
        elif data.dtype.hasobject:
            dataset = self._texts(parent, node)
        elif node.chunks is None and _is_small(data):
            dataset = self._small(parent, node)
        elif not data.shape:
            dataset = self.file.create_dataset(node.path, data=_all_of(data)).id
        else:
            dataset = self._array(node).id
        set_attributes(dataset, node.attributes)
        if isinstance(data, Lossy):
            set_attributes(dataset, data.record())

    def _texts(self, parent: h5g.GroupID, node: PlannedField) -> h5d.DatasetID:
        values = _all_of(node.data)
        if node.fixed_strings and values.size:
            stored = _encoded(values)
            options = _text_options(node, stored)
            if options:
                return self.file.create_dataset(node.path, data=stored, **options).id
        return make_text(parent, node.name, values, fixed=node.fixed_strings)

    def _small(self, parent: h5g.GroupID, node: PlannedField) -> h5d.DatasetID:
        values = _all_of(node.data)
        size = values.nbytes
        if size > OBJECT_BYTES // 2:
            self.reserve.values(size)
        self.progress(node.path, size)
        return make_field(parent, node.name, values)

    def _array(self, node: PlannedField) -> h5py.Dataset:
        data = node.data
        options = _filter_options(node)
        dataset = self.file.create_dataset(
            node.path,
            shape=data.shape,
            dtype=data.dtype,
            chunks=node.chunks,
            **options,
        )
        self._values(dataset, node)
        if options and not isinstance(data, Coded):  # whose record tells of raw chunks
            self._look_for_raw(dataset, node)
        return dataset

    def _look_for_raw(self, dataset: h5py.Dataset, node: PlannedField) -> None:
        count, raw, fault = count_chunks(dataset)
        if fault:
            raise OSError(fault)
        if raw:
            self.raw[node.path] = RawChunks(raw, count)

    def _values(self, dataset: h5py.Dataset, node: PlannedField) -> None:
        """The fastest way there is: stored chunks, chunks encoded in threads, HDF5's own."""
        if isinstance(node.data, Coded):
            self._encode_bounded(dataset, node.data.codec(dataset), node)
            return
        source = chunks_to_copy(dataset, node.data)
        codec = chunk_codec(dataset, node.compression) if source is None else None
        if source is not None:
            self.chunks.copy(dataset, source, node.data, partial(self.progress, node.path))
        elif codec is not None and codec.chunk_bytes >= SMALLEST:
            self._encode(dataset, codec, node)
        else:
            for start, values in self._blocks(node, BLOCK_BYTES):
                self.reserve.values(values.nbytes)
                dataset[start : start + len(values)] = values
                self.progress(node.path, values.nbytes)

    def _encode(self, dataset: h5py.Dataset, codec: ChunkCodec, node: PlannedField) -> None:
        """Let threads encode chunks, and decode them where they come behind another filter."""
        done = partial(self.progress, node.path)
        recoding = chunks_to_recode(dataset, node.data)
        if recoding is not None:
            offsets = offsets_of(node.data.shape, codec.chunks)
            self.chunks.recode(dataset, codec, recoding, offsets, done)
        else:
            pieces = pieces_of(self._blocks(node, PIECE_BYTES), codec.chunks)
            self.chunks.write(dataset, codec, pieces, done)

    def _encode_bounded(self, dataset: h5py.Dataset, codec: Encoder, node: PlannedField) -> None:
        pieces = pieces_of(self._blocks(node, PIECE_BYTES), dataset.chunks)
        self.chunks.write(dataset, codec, pieces, partial(self.progress, node.path))

    def _blocks(self, node: PlannedField, size: int) -> Iterator[tuple[int, Array]]:
        for start, stop in row_blocks(node.data, node.chunks, size):
            yield start, node.data.read(start, stop)

    def _referred(self, node: PlannedField, data: Referred) -> h5py.Dataset:
        """A virtual dataset, or raw bytes of other files."""
        if data.locations:
            return self._virtual(node, data)
        extents = [(str(item.file.resolve()), item.offset, item.size) for item in data.extents]
        return self.file.create_dataset(
            node.path, shape=data.shape, dtype=data.dtype, external=extents
        )  # fmt: skip

    def _virtual(self, node: PlannedField, data: Referred) -> h5py.Dataset:
        layout = h5py.VirtualLayout(shape=data.shape, dtype=data.dtype)
        start = 0
        for place in data.locations:
            single = len(place.shape) < len(data.shape) and place.is_whole
            rows = 1 if single else place.rows or place.count or place.shape[0]
            if place.dataset:
                file = as_pattern(self._relative(place.file.resolve()))
                source = h5py.VirtualSource(
                    file, as_pattern(place.dataset), shape=place.shape, dtype=data.dtype
                )
                if place.count is not None:
                    source = source[place.first : place.first + place.count]
                layout[_target(place, start, rows, single=single)] = source
            start += rows
        return self.file.create_virtual_dataset(node.path, layout)


def _target(
    place: Hdf5Location, start: int, rows: int, *, single: bool
) -> int | slice | tuple[int | slice, ...]:
    """Where a piece of a virtual dataset belongs: behind the one before, or at its own place."""
    if place.place:
        *above, first = place.place
        return (*above, slice(first, first + rows))
    return start if single else slice(start, start + rows)


def row_blocks(
    data: FieldData, chunks: tuple[int, ...] | None, size: int
) -> Iterator[tuple[int, int]]:
    """Ranges of rows to move at once: whole chunks, several of them while that stays below `size`
    bytes, and what the source reads at once while that stays below `BLOCK_BYTES`."""
    length = data.shape[0]
    row_bytes = max(1, prod(data.shape[1:]) * data.dtype.itemsize)
    unit = chunks[0] if chunks is not None else data.rows
    rows = max(size // row_bytes, min(data.rows, BLOCK_BYTES // row_bytes))
    step = unit * max(1, rows // unit)
    return ((start, min(start + step, length)) for start in range(0, length, step))


def _text_options(node: PlannedField, stored: Array) -> Mapping[str, object]:
    """How a list of texts of one length is compressed, where that was asked for and pays."""
    if node.compression is None or stored.ndim != 1 or stored.nbytes < TINY:
        return {}
    chunks = (min(len(stored), max(1, PIECE_BYTES // stored.itemsize)),)
    return {"chunks": chunks, **create_options(node.compression, stored.dtype)}


def _filter_options(node: PlannedField) -> Mapping[str, object]:
    """What h5py is told of the filter; nothing where there are no chunks."""
    if node.chunks is None:
        return {}
    if isinstance(node.data, Coded):
        return node.data.bounded.create_options()
    return create_options(node.compression, node.data.dtype) if node.compression else {}


def _encoded(values: Array) -> Array:
    """Texts as bytes of one length, with the type that says they are UTF-8."""
    found = np.array([str(item).encode() for item in values.flat]).reshape(values.shape)
    return found.astype(h5py.string_dtype(length=max(1, found.dtype.itemsize)))


def _all_of(data: FieldData) -> Array:
    shape = data.shape
    return data.read(0, shape[0] if shape else 1)


def _is_small(data: FieldData) -> bool:
    """True where all values may be read and written at once, without more ado."""
    dtype = data.dtype
    return dtype.kind in PLAIN and prod(data.shape) * dtype.itemsize <= SMALL


def set_text(path: Path, dataset: str, value: str) -> None:
    """Replace the text of a scalar string dataset in a file just written."""
    with told_as_output_error(path), open_for_writing(path, "r+") as file:
        Reserve(file).objects(4)
        attributes = dict(file[dataset].attrs)
        del file[dataset]
        file[dataset] = value
        for name, item in attributes.items():
            file[dataset].attrs[name] = item
