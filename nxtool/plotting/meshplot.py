"""A mesh of an openPMD file as something to draw: of the last iteration, the first one with data.

The file is opened for each slice and closed again, as that of a NeXus plot.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nxtool.bridge.additions import Ramp
from nxtool.bridge.gridaxes import THETA, Axis, axes_of
from nxtool.errors import NxtoolError
from nxtool.nodeview import FieldView, GroupView, is_field, node_at
from nxtool.openpmd.model import Component, Iteration, Mesh, iterations_of
from nxtool.openpmd.opening import open_tree
from nxtool.openpmd.summary import unit_text
from nxtool.plotting.extent import Array
from nxtool.plotting.fileplot import chunks_of, fault, gaps
from nxtool.plotting.plottable import (
    Cancelled,
    Label,
    Pieces,
    Refusal,
    Slice,
    drawn_dimensions,
    indices,
    note,
    pick,
    read_picked,
)
from nxtool.report.printable import printable


@dataclass(frozen=True, slots=True)
class MeshPlot:
    """One component of a mesh. `ramps` are the coordinates of the dimensions that have
    some; `usual` is the slice to begin with."""

    path: Path
    title: str
    signal: Label
    axes: tuple[Label, ...]
    shape: tuple[int, ...]
    drawn: Literal[1, 2]
    place: str
    ramps: tuple[Ramp | None, ...]
    usual: tuple[int, ...]

    def read(self, index: tuple[int, ...], cancelled: Cancelled) -> Slice:
        """The slice at `index`; raises `NxtoolError`, also where the file has changed, and
        `Unreadable`."""
        with open_tree(self.path) as root:
            field = node_at(root, self.place)
            if not is_field(field) or field.shape != self.shape:
                raise NxtoolError(f"{self.place} is no longer what it was", hint="open it again")
            chunks = chunks_of(field)
            picked = pick(self.shape, self.drawn, chunks[-1] if chunks else 1)
            values = read_picked(field.read_block, index, picked, chunks, cancelled)
            told = "; ".join(filter(None, [note(picked, self.shape), gaps(field, root)]))
        along = tuple(self._along(len(index) + i, pieces) for i, pieces in enumerate(picked))
        at = tuple(float(self._along(i, (slice(n, n + 1),))[0]) for i, n in enumerate(index))
        return Slice(values, along, at, told)

    def _along(self, dimension: int, pieces: Pieces) -> Array:
        ramp, found = self.ramps[dimension], indices(pieces)
        if ramp is None:
            return found
        return (ramp.offset + (found + ramp.shift) * ramp.spacing) * ramp.unit


def mesh_plot(path: Path) -> MeshPlot | Refusal:
    """A mesh of the file at `path`, or why there is none. Raises `FileUnreadable`."""
    with open_tree(path) as root:
        iteration = _last(root)
        found = next(_drawable(iteration), None) if iteration is not None else None
        if iteration is None or found is None:
            return Refusal("No mesh of this file holds values to draw.", "its particles are listed")
        return _plot(path, iteration, *found)


def _last(root: GroupView) -> Iteration | None:
    last = None
    for iteration in iterations_of(root):
        last = iteration
    return last


def _drawable(iteration: Iteration) -> Iterator[tuple[Mesh, Component, FieldView]]:
    """The components with values of their own: a constant is no picture."""
    for mesh in iteration.meshes.values():
        for component in mesh.components.values():
            if is_field(component.view) and not fault(component.view):
                yield mesh, component, component.view


def _plot(
    path: Path, iteration: Iteration, mesh: Mesh, component: Component, field: FieldView
) -> MeshPlot:
    shape = field.shape or ()
    axes = axes_of(mesh, component) or [Axis(f"dimension {i + 1}", ()) for i in range(len(shape))]
    drawn = drawn_dimensions(shape)
    name = printable("/".join(filter(None, (mesh.name, component.name))))
    return MeshPlot(
        path,
        f"{name}{_time(iteration)}",
        Label(name, unit_text(component.unit_si, mesh.unit_dimension)),
        tuple(Label(printable(axis.label), axis.units) for axis in axes),
        shape,
        drawn,
        field.path,
        tuple(axis.values if isinstance(axis.values, Ramp) else None for axis in axes),
        _usual(mesh, shape, drawn),
    )


def _time(iteration: Iteration) -> str:
    number = "" if iteration.number is None else f", iteration {iteration.number}"
    time, factor = iteration.time, iteration.time_unit_si
    return f"{number}, {time * factor:g} s" if time is not None and factor is not None else number


def _usual(mesh: Mesh, shape: tuple[int, ...], drawn: int) -> tuple[int, ...]:
    """In the middle; of azimuthal modes the first, which tells most."""
    leading = shape[: len(shape) - drawn]
    middle = tuple(size // 2 for size in leading)
    return (0, *middle[1:]) if mesh.geometry == THETA and middle else middle
