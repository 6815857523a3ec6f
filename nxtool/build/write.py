"""Executing a plan: a file written beside its target, block by block, and renamed when complete.

Memory is bounded by a block of rows (whole chunks of about a few MiB) and a few chunks on their
way through the threads that encode them, whatever the size of the data. An error, a full disk or
an interruption removes what was written; the target is never touched before everything is there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import h5py
import numpy as np

from nxtool.build.checksums import begun as checksums_begun
from nxtool.build.chunkwriter import SMALLEST, ChunkWriter, Encoder, chunks_to_copy, pieces_of
from nxtool.build.data import Array, FieldData, Referred
from nxtool.build.disk import Reserve, open_for_writing
from nxtool.build.lossy import Coded, Lossy
from nxtool.build.plan import Plan, Planned, PlannedField, PlannedGroup, PlannedLink
from nxtool.errors import OutputError, output_error
from nxtool.storage.codecs import chunk_codec
from nxtool.storage.spec import create_options

BLOCK_BYTES: Final = 8 * 1024 * 1024
PIECE_BYTES: Final = 512 * 1024
"""What is read at once where chunks go to threads: soon, and without another copy."""
Progress = Callable[[str, int], None]
"""Called with the path of a field and the bytes just written."""


def write_plan(plan: Plan, path: Path, progress: Progress | None = None) -> None:
    """Write the plan to the new file `path`.

    Raises:
        OutputError: the folder is missing or read-only, or the disk is full.
        SourceError: a source turned out to be damaged while it was read.
    """
    with _told_as_output_error(path), open_for_writing(path, "x") as file:
        reserve = Reserve(file)
        with ChunkWriter(reserve.values) as chunks, checksums_begun(plan):
            _Writer(file, path, progress or no_progress, reserve, chunks).write(plan)


def append_group(path: Path, group: PlannedGroup, progress: Progress) -> None:
    """Add a group to a file just written.

    Raises:
        OutputError: the disk is full.
        SourceError: a source turned out to be damaged while it was read.
    """
    with _told_as_output_error(path), open_for_writing(path, "r+") as file:
        reserve = Reserve(file)
        reserve.objects(sum(1 for _ in group.walk()))
        with ChunkWriter(reserve.values) as chunks:
            _Writer(file, path, progress, reserve, chunks).add(group)


def no_progress(path: str, count: int) -> None:
    """Tell nobody."""


@contextmanager
def part_file(target: Path) -> Iterator[Path]:
    """A name beside `target` to write to, for the caller to rename; gone at the end.

    Raises:
        OutputError: the folder is missing or read-only, or renaming is refused.
    """
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    _check_folder(target)
    try:
        with _told_as_output_error(target):
            part.unlink(missing_ok=True)
            yield part
    finally:
        part.unlink(missing_ok=True)


def _check_folder(target: Path) -> None:
    folder = target.resolve().parent
    if not folder.is_dir():
        raise OutputError(f"{folder}: no such folder", hint="create it, or choose another with -o")
    if not os.access(folder, os.W_OK):
        raise OutputError(f"{folder}: no permission to write", hint="choose another with -o")


@contextmanager
def _told_as_output_error(path: Path) -> Iterator[None]:
    """Errors of the operating system in our words, also those HDF5 wraps."""
    try:
        yield
    except OSError as error:
        raise output_error(path, error) from error
    except RuntimeError as error:  # HDF5, when closing a file cannot write what is left
        raise output_error(path, error) from error


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

    def write(self, plan: Plan) -> None:
        self.reserve.objects(sum(1 for _ in plan.root.walk()))
        self._attributes(self.file, plan.root.attributes)
        self.file.attrs["NX_class"] = plan.root.nx_class
        for child in plan.root.children.values():
            self.add(child)
        for link in self.links:
            self._link(link)

    def add(self, node: Planned) -> None:
        """Write a node and all below it; links inside the file wait for the end."""
        if isinstance(node, PlannedLink):
            self.links.append(node)  # its target may come later
        elif isinstance(node, PlannedField):
            self._field(node)
        else:
            self._group(node)

    def _group(self, node: PlannedGroup) -> None:
        group = self.file.create_group(node.path)
        group.attrs["NX_class"] = node.nx_class
        self._attributes(group, node.attributes)
        for child in node.children.values():
            self.add(child)

    def _link(self, node: PlannedLink) -> None:
        if node.file:
            self.file[node.path] = h5py.ExternalLink(self._relative(Path(node.file)), node.target)
        else:
            self.file[node.path] = self.file[node.target]

    def _relative(self, file: Path) -> str:
        """Names of other files relative to the result, so that both can move together."""
        return os.path.relpath(file.resolve(), self.folder) if file.is_absolute() else str(file)

    def _attributes(self, item: h5py.Group | h5py.Dataset, values: dict[str, Any]) -> None:
        for name, value in values.items():
            if isinstance(value, list):
                item.attrs.create(name, value, dtype=h5py.string_dtype())
            else:
                item.attrs[name] = value

    def _field(self, node: PlannedField) -> None:
        if isinstance(node.data, Referred):
            dataset = self._referred(node, node.data)
        elif not node.data.shape:
            dataset = self._scalar(node)
        else:
            dataset = self._array(node)
        self._attributes(dataset, node.attributes)
        if isinstance(node.data, Lossy):
            self._attributes(dataset, node.data.record())

    def _scalar(self, node: PlannedField) -> h5py.Dataset:
        value = node.data.read(0, 1)
        if value.dtype.hasobject:
            dtype = _string_dtype([str(value[()])], fixed=node.fixed_strings)
            return self.file.create_dataset(node.path, data=str(value[()]), dtype=dtype)
        self.progress(node.path, value.nbytes)
        return self.file.create_dataset(node.path, data=value)

    def _array(self, node: PlannedField) -> h5py.Dataset:
        data = node.data
        if data.dtype.hasobject:
            values = data.read(0, data.shape[0])
            dtype = _string_dtype([str(item) for item in values.flat], fixed=node.fixed_strings)
            stored = _encoded(values).astype(dtype) if node.fixed_strings else values
            return self.file.create_dataset(node.path, data=stored, dtype=dtype)
        dataset = self.file.create_dataset(
            node.path,
            shape=data.shape,
            dtype=data.dtype,
            chunks=node.chunks,
            **_filter_options(node),
        )
        self._values(dataset, node)
        return dataset

    def _values(self, dataset: h5py.Dataset, node: PlannedField) -> None:
        """The fastest way there is: stored chunks, chunks encoded in threads, HDF5's own."""
        if isinstance(node.data, Coded):
            self._encoded(dataset, node, node.data.codec(dataset))
            return
        source = chunks_to_copy(dataset, node.data)
        codec = chunk_codec(dataset) if source is None else None
        if source is not None:
            self.chunks.copy(dataset, source, node.data, partial(self.progress, node.path))
        elif codec is not None and codec.chunk_bytes >= SMALLEST:
            self._encoded(dataset, node, codec)
        else:
            for start, values in self._blocks(node, BLOCK_BYTES):
                self.reserve.values(values.nbytes)
                dataset[start : start + len(values)] = values
                self.progress(node.path, values.nbytes)

    def _encoded(self, dataset: h5py.Dataset, node: PlannedField, codec: Encoder) -> None:
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
            file = self._relative(place.file.resolve())
            source = h5py.VirtualSource(file, place.dataset, shape=place.shape, dtype=data.dtype)
            single = len(place.shape) < len(data.shape)
            rows = 1 if single else place.shape[0]
            layout[start if single else slice(start, start + rows)] = source
            start += rows
        return self.file.create_virtual_dataset(node.path, layout)


def row_blocks(
    data: FieldData, chunks: tuple[int, ...] | None, size: int
) -> Iterator[tuple[int, int]]:
    """Ranges of rows to move at once: whole chunks, several of them while that stays below `size`
    bytes, and what the source reads at once while that stays below `BLOCK_BYTES`."""
    length = data.shape[0]
    row_bytes = max(1, int(np.prod(data.shape[1:], dtype=np.float64)) * data.dtype.itemsize)
    unit = chunks[0] if chunks is not None else data.rows
    rows = max(size // row_bytes, min(data.rows, BLOCK_BYTES // row_bytes))
    step = unit * max(1, rows // unit)
    return ((start, min(start + step, length)) for start in range(0, length, step))


def _filter_options(node: PlannedField) -> Mapping[str, object]:
    """What h5py is told of the filter; nothing where there are no chunks."""
    if node.chunks is None:
        return {}
    if isinstance(node.data, Coded):
        return node.data.bounded.create_options()
    return create_options(node.compression, node.data.dtype) if node.compression else {}


def _string_dtype(values: list[str], *, fixed: bool) -> Any:
    """UTF-8 of variable length, or as long as the longest."""
    if not fixed:
        return h5py.string_dtype()
    return h5py.string_dtype(length=max((len(value.encode()) for value in values), default=1) or 1)


def _encoded(values: Array) -> Array:
    """Texts as bytes, which is what HDF5 converts to texts of one length."""
    return np.array([str(item).encode() for item in values.flat]).reshape(values.shape)


def set_text(path: Path, dataset: str, value: str) -> None:
    """Replace the text of a scalar string dataset in a file just written."""
    with _told_as_output_error(path), open_for_writing(path, "r+") as file:
        Reserve(file).objects(4)
        attributes = dict(file[dataset].attrs)
        del file[dataset]
        file[dataset] = value
        for name, item in attributes.items():
            file[dataset].attrs[name] = item
