"""openPMD meshes as NXdata: one for each component, and one for all components of a vector."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from nxtool.bridge.additions import Field, Group, Link, Note, Ramp, Step
from nxtool.bridge.components import Source, field_name, field_steps, problem_of
from nxtool.bridge.gridaxes import Axis, axes_of
from nxtool.bridge.naming import Names
from nxtool.build.fixedtext import Value
from nxtool.openpmd.model import Component, Mesh

LONGEST_AXIS: Final = 2**22
"""Axes of more values are not written out; the mesh still says them by spacing and offset."""
_KIND: Final = "mesh"


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A component that has become an NXdata with the name of its signal."""

    component: Component
    name: str
    axes: tuple[Axis, ...]

    @property
    def signal(self) -> str:
        return field_name(self.component, self.name)

    @property
    def fields(self) -> tuple[str, str]:
        """The names that the axes must leave alone."""
        return self.signal, f"{self.signal}_scaling_factor"


def mesh_steps(mesh: Mesh, entry: str, names: Names, source: Source) -> Iterator[Step]:
    """The NXdata groups of `mesh` in the NXentry at `entry`."""
    drawn: list[_Drawn] = []
    for component in mesh.components.values():
        problem = problem_of(component)
        if problem:
            yield Note(component.path, problem)
            continue
        wanted = f"{mesh.name}_{component.name}" if component.name else mesh.name
        one = _Drawn(component, names.claim(wanted, _KIND), tuple(axes_of(mesh, component) or ()))
        drawn.append(one)
        yield from _alone(mesh, one, f"{entry}/{one.name}", source)
    if len(drawn) > 1 and _alike(drawn):
        yield from _together(drawn, entry, names.claim(mesh.name, _KIND))


def _alone(mesh: Mesh, drawn: _Drawn, path: str, source: Source) -> Iterator[Step]:
    """The NXdata of one component."""
    fields = _named_axes(drawn.axes, drawn.fields)
    yield Group(path, _attributes(drawn.signal, fields))
    yield from field_steps(drawn.component, mesh, f"{path}/{drawn.signal}", source)
    for name, axis in fields:
        if _is_written(axis):
            units: dict[str, Value] = {"units": axis.units} if axis.units else {}
            yield Field(f"{path}/{name}", axis.values, units)
        else:
            yield Note(mesh.path, f"axis {axis.label!r} is too long to be written out")
    if not drawn.axes and drawn.component.shape:
        yield Note(mesh.path, "does not describe its axes by labels, spacing and offset")


def _named_axes(axes: Iterable[Axis], taken: Iterable[str]) -> list[tuple[str, Axis]]:
    names = Names(taken)
    return [(names.claim(axis.label, "axis"), axis) for axis in axes]


def _attributes(signal: str, fields: list[tuple[str, Axis]]) -> dict[str, Value]:
    found: dict[str, Value] = {"NX_class": "NXdata", "signal": signal}
    if fields:
        found["axes"] = tuple(name if _is_written(axis) else "." for name, axis in fields)
    for place, (name, axis) in enumerate(fields):
        if _is_written(axis):
            found[f"{name}_indices"] = np.int64(place)
    return found


def _is_written(axis: Axis) -> bool:
    return not isinstance(axis.values, Ramp) or axis.values.count <= LONGEST_AXIS


def _alike(drawn: list[_Drawn]) -> bool:
    """Whether all components lie on the same points; those of a staggered grid do not."""
    first = drawn[0]
    return all(
        one.axes == first.axes and one.component.shape == first.component.shape for one in drawn
    )


def _together(drawn: list[_Drawn], entry: str, name: str) -> Iterator[Step]:
    """An NXdata that shows a vector as a whole, by links to the NXdata of its components."""
    path, first = f"{entry}/{name}", drawn[0]
    fields = _named_axes(first.axes, [text for one in drawn for text in one.fields])
    attributes = _attributes(first.signal, fields)
    attributes["auxiliary_signals"] = tuple(one.signal for one in drawn[1:])
    yield Group(path, attributes)
    for one in drawn:
        yield Link(f"{path}/{one.signal}", f"{entry}/{one.name}/{one.signal}")
    for (field, axis), (there, _) in zip(
        fields, _named_axes(first.axes, first.fields), strict=True
    ):
        if _is_written(axis):
            yield Link(f"{path}/{field}", f"{entry}/{first.name}/{there}")
