"""The default plot of a NeXus file as something to draw.

The file is opened for each slice and closed again: it may be one that is being written. Everything
here reads HDF5, so it belongs in the thread that does.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, Literal

import numpy as np

from nxtool import nxpath
from nxtool.defaultplot import DefaultPlot, NoPlot, default_plot, follow
from nxtool.errors import NxtoolError
from nxtool.hdf5.opening import Hdf5File
from nxtool.nodeview import FieldView, GroupView, Unreadable, is_field, is_group
from nxtool.plotting.extent import Array
from nxtool.plotting.flags import flag_of
from nxtool.plotting.pixelmask import mask_of, without_masked
from nxtool.plotting.plottable import (
    Cancelled,
    Label,
    Picked,
    Pieces,
    Refusal,
    Slice,
    drawn_dimensions,
    indices,
    note,
    pick,
    read_picked,
    real,
)
from nxtool.plotting.uncertainty import errors_of
from nxtool.plotting.undrawn import Drawn, are_colours, undrawn
from nxtool.report.printable import printable

MAX_CHUNK: Final = 512 * 1024 * 1024
"""Bytes of a chunk: to see one value of it, all of it is decoded."""
MAX_SOURCES: Final = 1000
"""So many parts of a virtual dataset are looked for."""
_KINDS: Final = frozenset({"integer", "float", "boolean", "complex", "enum"})
_MEND: Final = "nxtool validate tells what is missing; `$plot` in a recipe writes it"


@dataclass(frozen=True, slots=True)
class FilePlot:
    """The default plot of the file at `path`: `paths` are those of the axes, by dimension, None
    where the index stands in, as it does for an axis without a number for each place.
    `shape` is without the `rest`, the lengths of the last dimensions that are not drawn. `errors`
    is the path of those of a line, `mask` that of the mask of images; empty where there is none.
    """

    path: Path
    title: str
    signal: Label
    axes: tuple[Label, ...]
    shape: tuple[int, ...]
    drawn: Literal[1, 2]
    place: str
    paths: tuple[str | None, ...]
    rest: tuple[int, ...] = ()
    errors: str = ""
    mask: str = ""

    @property
    def usual(self) -> tuple[int, ...]:
        """The slice in the middle."""
        return tuple(size // 2 for size in self.shape[: len(self.shape) - self.drawn])

    def read(self, index: tuple[int, ...], cancelled: Cancelled) -> Slice:
        """The slice at `index`; raises `NxtoolError`, also where the file has changed, and
        `Unreadable`."""
        with Hdf5File(self.path) as opened:
            field = self._unchanged(opened.root)
            chunks = chunks_of(field)[: len(self.shape)]
            picked = pick(self.shape, self.drawn, chunks[-1] if chunks else 1)
            image = self.drawn == 2 and not are_colours(self.rest)
            flag = flag_of(field.type) if image else None
            block = Drawn(field.read_block, self.rest)
            values = read_picked(block, index, picked, chunks, cancelled, flag)
            flagged = flag.told(values) if flag is not None else ""
            values, masked = self._without_masked(opened.root, values, picked, cancelled)
            return Slice(
                values,
                self._coordinates(opened.root, len(index), picked),
                self._positions(opened.root, index),
                _joined(note(picked, self.shape), gaps(field, opened.root)),
                _joined(flagged, masked),
                self._errors(opened.root, index, picked, cancelled),
            )

    def _unchanged(self, root: GroupView) -> FieldView:
        field = _field(root, self.place)
        if field is None or field.shape != (*self.shape, *self.rest):
            hint = "go back, and open the plot again"
            raise NxtoolError(f"{self.place} is no longer what it was", hint=hint)
        return field

    def _without_masked(
        self, root: GroupView, values: Array, picked: Picked, cancelled: Cancelled
    ) -> tuple[Array, str]:
        mask = _at(root, self.mask)
        if mask is None or mask.shape != self.shape[-2:]:
            return values, ""
        return without_masked(values, mask, picked, cancelled)

    def _errors(
        self, root: GroupView, index: tuple[int, ...], picked: Picked, cancelled: Cancelled
    ) -> Array | None:
        errors = _at(root, self.errors)
        if errors is None or errors.shape != (*self.shape, *self.rest):
            return None
        block = Drawn(errors.read_block, self.rest)
        with suppress(Unreadable):
            return read_picked(block, index, picked, chunks_of(errors), cancelled)
        return None

    def _coordinates(self, root: GroupView, first: int, picked: Picked) -> tuple[Array, ...]:
        return tuple(self._along(root, first + i, pieces) for i, pieces in enumerate(picked))

    def _positions(self, root: GroupView, index: tuple[int, ...]) -> tuple[float, ...]:
        at = (self._along(root, i, (slice(n, n + 1),))[0] for i, n in enumerate(index))
        return tuple(float(value) for value in at)

    def _along(self, root: GroupView, dimension: int, pieces: Pieces) -> Array:
        """The coordinates in `pieces`; the indices where the axis cannot give them."""
        path = self.paths[dimension]
        found = _coordinates(_at(root, path), self.shape[dimension], pieces)
        return indices(pieces) if found is None else found


def file_plot(path: Path) -> FilePlot | Refusal:
    """The default plot of a file, or why there is none. Raises `FileUnreadable`."""
    with Hdf5File(path) as opened:
        found = default_plot(opened.root)
        if isinstance(found, NoPlot):
            return Refusal(f"{printable(found.path)} {printable(found.reason)}.", _MEND)
        field = _field(opened.root, found.signal)
        reason = fault(field)
        if field is None or reason:
            return Refusal(f"{printable(found.signal)} {reason}.", next_step(reason))
        return _plot(path, opened.root, found, field)


def _plot(path: Path, root: GroupView, found: DefaultPlot, field: FieldView) -> FilePlot:
    data = follow(root, found.data)
    meant = _text(field, "interpretation") or _text(data, "interpretation")
    stored = field.shape or ()
    rest = undrawn(stored, meant)
    shape = stored[: len(stored) - len(rest)]
    named = (*found.axes, *(None for _ in shape))[: len(shape)]
    drawn = drawn_dimensions(shape, meant)
    errors = errors_of(root, found.data, field) if drawn == 1 else None
    mask = mask_of(root, found.data, field) if drawn == 2 and not rest else None
    fitting = zip(named, shape, strict=True)
    paths = tuple(axis if _fits(_at(root, axis), size) else None for axis, size in fitting)
    return FilePlot(
        path,
        _title(root, found.data) or printable(found.data.strip("/")),
        _signal_label(field, rest),
        tuple(_axis_label(root, axis, i) for i, axis in enumerate(paths)),
        shape,
        drawn,
        found.signal,
        paths,
        rest,
        _if_read(errors),
        _if_read(mask),
    )


def _if_read(field: FieldView | None) -> str:
    """The path of a field that can be read; else empty."""
    return "" if field is None or fault(field) else field.path


def _joined(*clauses: str) -> str:
    return "; ".join(filter(None, clauses))


def fault(field: FieldView | None) -> str:
    """Why a signal cannot be drawn, as a clause about it; empty where it can."""
    if field is None:
        return "is no field"
    if field.type.kind not in _KINDS:
        return f"holds {field.type.text}, not numbers"
    if not field.shape:
        return "is a single value" if field.shape == () else "has no value"
    if 0 in field.shape:
        return "is empty"
    lacking = [_filter(number, name) for number, name, there in field.storage.filters if not there]
    if lacking:
        return f"was compressed by {', '.join(lacking)}, which is not available here"
    if math.prod(chunks_of(field)) * field.type.size > MAX_CHUNK:
        return f"has chunks of more than {MAX_CHUNK >> 20} MiB"
    return ""


def gaps(field: FieldView, root: GroupView) -> str:
    """That files are missing whose values HDF5 replaces without a word; else empty."""
    missing = [*field.storage.missing_files, *_behind_links(field, root)]
    if not missing:
        return ""
    count = f"{len(missing)} files" if len(missing) > 1 else "a file"
    return f"fill values for {count} not found: {printable(missing[0])}"


def _behind_links(field: FieldView, root: GroupView) -> Iterator[str]:
    """The missing files that virtual values in the same file are only links to."""
    for path in islice(field.storage.inside, MAX_SOURCES):
        node = follow(root, path)
        if not is_group(node) and not is_field(node) and node.missing_file:
            yield node.missing_file


def _filter(number: int, name: str) -> str:
    return f"filter {number}" if name == str(number) else f"filter {number} ({name})"


def next_step(reason: str) -> str:
    if "compressed" in reason:
        return "`nxtool filters` lists those that are here"
    if "chunks" in reason:
        return "`nxtool repack` stores it in smaller ones"
    return "name another field in the attribute signal, or `$plot` in a recipe"


def _field(root: GroupView, path: str) -> FieldView | None:
    node = follow(root, path)
    return node if is_field(node) else None


def _at(root: GroupView, path: str | None) -> FieldView | None:
    return _field(root, path) if path else None


def chunks_of(field: FieldView) -> tuple[int, ...]:
    return field.storage.chunks or ()


def _title(root: GroupView, path: str) -> str:
    """The title of an NXdata, else of the entry around it, on one line."""
    for group in _upwards(root, path):
        title = follow(group, "title")
        if is_field(title) and title.type.kind == "string" and math.prod(title.shape or ()) == 1:
            value = title.read()
            text = " ".join(str(value[0] if isinstance(value, list) else value).split())
            if text:
                return printable(text)
    return ""


def _upwards(root: GroupView, path: str) -> Iterator[GroupView]:
    while path != "/":
        node = follow(root, path)
        if is_group(node):
            yield node
        path = nxpath.parent(path)


def _label(field: FieldView) -> Label:
    name = _text(field, "long_name") or field.name
    return Label(printable(name), printable(_text(field, "units").strip()))


def _signal_label(field: FieldView, rest: tuple[int, ...]) -> Label:
    found = _label(field)
    if are_colours(rest):
        return Label(f"{found.name}, mean of red, green and blue", found.units)
    return Label(f"|{found.name}|", found.units) if field.type.kind == "complex" else found


def _axis_label(root: GroupView, path: str | None, dimension: int) -> Label:
    field = _at(root, path)
    return _label(field) if field is not None else Label(f"dimension {dimension + 1}")


def _text(node: object, name: str) -> str:
    """An attribute as text; empty where it is none."""
    attributes = node.attributes if is_field(node) or is_group(node) else {}
    attribute = attributes.get(name)
    return (attribute.text or "") if attribute is not None else ""


def _fits(axis: FieldView | None, size: int) -> bool:
    """Whether an axis has a number for each of `size` places, or for each edge of them."""
    if axis is None or axis.type.kind not in _KINDS:
        return False
    return axis.shape in ((size,), (size + 1,))


def _coordinates(axis: FieldView | None, size: int, pieces: Pieces) -> Array | None:
    """The values of an axis in `pieces`; between edges where it has one more than `size`. None
    where it does not fit."""
    if axis is None or not _fits(axis, size):
        return None
    values = _values(axis, pieces, 0)
    edges = axis.shape == (size + 1,)
    return values / 2 + _values(axis, pieces, 1) / 2 if edges else values


def _values(axis: FieldView, pieces: Pieces, shift: int) -> Array:
    moved = (slice(p.start + shift, p.stop + shift, p.step) for p in pieces)
    return np.concatenate([real(np.asarray(axis.read_block((piece,)))) for piece in moved])
