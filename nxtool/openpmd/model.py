"""An openPMD file as iterations, meshes, particle species, records and components.

The model takes a file as it is: what cannot be made sense of is left out or empty, and nothing is
read before it is asked for. Whether all of it is right is a matter of the rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from nxtool.nodeview import (
    ElementType,
    FieldView,
    GroupView,
    Unreadable,
    is_field,
    is_group,
    node_at,
)
from nxtool.openpmd import stated
from nxtool.openpmd.header import Header, read_header

PATCHES: Final = "particlePatches"
SCALAR: Final = ""
"""The name of the only component of a scalar record."""
_NUMBER: Final = re.compile(r"[0-9]{1,20}")
LARGEST_NUMBER: Final = 2**64
"""Numbers of iterations are below it."""


@dataclass(eq=False)
class Component:
    """One component of a record: a dataset, or a group whose attributes say one value for all."""

    name: str
    view: GroupView | FieldView

    @property
    def path(self) -> str:
        return self.view.path

    @property
    def constant(self) -> bool:
        return is_group(self.view)

    @property
    def shape(self) -> tuple[int, ...] | None:
        """The lengths; None for a null dataspace, and for a constant that does not say them."""
        return self.view.shape if is_field(self.view) else stated.lengths(self.view, "shape")

    @property
    def type(self) -> ElementType | None:
        """The type of the values; None for a constant without one."""
        if is_field(self.view):
            return self.view.type
        value = self.view.attributes.get("value")
        return value.type if value is not None else None

    @property
    def value(self) -> Any:
        """The value of a constant; None for others."""
        found = self.view.attributes.get("value") if self.constant else None
        return found.value if found is not None else None

    @property
    def unit_si(self) -> float | None:
        return stated.number(self.view, "unitSI")

    @property
    def position(self) -> tuple[float, ...]:
        """Where in a cell the values of a mesh lie, in parts of the cell."""
        return stated.numbers(self.view, "position")

    def read(self) -> Any:
        """All values as an array, in the unit of the file; a constant one takes no memory.

        Raises:
            Unreadable: they cannot be read, or a constant lacks its value or shape.
        """
        if is_field(self.view):
            return self.view.read()
        if self.value is None or self.shape is None:
            raise Unreadable("has no value or no shape")
        try:
            return np.broadcast_to(self.value, self.shape)
        except ValueError as error:
            raise Unreadable("has a value that is not one for all") from error

    def blocks(self, max_bytes: int) -> Sequence[tuple[slice, ...]]:
        """Selections of at most about `max_bytes` that cover the values, in order."""
        if is_field(self.view):
            return self.view.blocks(max_bytes)
        return [tuple(slice(0, length) for length in self.shape or ())]

    def read_block(self, block: tuple[slice, ...]) -> Any:
        """One selection; raises `Unreadable`."""
        return self.view.read_block(block) if is_field(self.view) else self.read()[block]


@dataclass(eq=False)
class Record:
    """A physical quantity: one component, or several with names."""

    name: str
    view: GroupView | FieldView

    @property
    def path(self) -> str:
        return self.view.path

    @cached_property
    def components(self) -> Mapping[str, Component]:
        """By name; the one of a scalar record is called `SCALAR`."""
        if is_field(self.view) or is_constant(self.view):
            return {SCALAR: Component(SCALAR, self.view)}
        return {name: Component(name, node) for name, node in nodes_in(self.view)}

    @property
    def is_scalar(self) -> bool:
        return SCALAR in self.components

    @property
    def unit_dimension(self) -> tuple[float, ...]:
        """Seven exponents (length, mass, time, current, temperature, amount, luminosity); those of
        the first component where the record has none, as openpmd-beamphysics writes them."""
        own = stated.numbers(self.view, "unitDimension")
        first = next(iter(self.components.values()), None)
        return own or (stated.numbers(first.view, "unitDimension") if first is not None else ())

    @property
    def time_offset(self) -> float | None:
        return stated.number(self.view, "timeOffset")

    @property
    def shape(self) -> tuple[int, ...] | None:
        """That of the first component that has one."""
        shapes = (component.shape for component in self.components.values())
        return next((shape for shape in shapes if shape is not None), None)


class Mesh(Record):
    """A record on a grid."""

    @property
    def geometry(self) -> str:
        return stated.text(self.view, "geometry")

    @property
    def geometry_parameters(self) -> str:
        return stated.text(self.view, "geometryParameters")

    @property
    def data_order(self) -> str:
        return stated.text(self.view, "dataOrder")

    @property
    def axis_labels(self) -> tuple[str, ...]:
        """As stored; see `data_order` for what the order means in openPMD 1.x."""
        return stated.texts(self.view, "axisLabels")

    @property
    def grid_spacing(self) -> tuple[float, ...]:
        return stated.numbers(self.view, "gridSpacing")

    @property
    def grid_global_offset(self) -> tuple[float, ...]:
        return stated.numbers(self.view, "gridGlobalOffset")

    @property
    def grid_unit_si(self) -> tuple[float, ...]:
        """One number in openPMD 1.x, one an axis in the draft 2.0."""
        return stated.numbers(self.view, "gridUnitSI")


@dataclass(eq=False)
class Species:
    """Particles of one kind."""

    name: str
    view: GroupView

    @property
    def path(self) -> str:
        return self.view.path

    @cached_property
    def records(self) -> Mapping[str, Record]:
        """By name, without the patches."""
        found = nodes_in(self.view)
        return {name: Record(name, node) for name, node in found if name != PATCHES}

    @property
    def patches(self) -> GroupView | None:
        node = self.view.child(PATCHES) if PATCHES in self.view.links else None
        return node if is_group(node) else None

    @property
    def length(self) -> int | None:
        """How many particles there are, as the first record with a shape says."""
        shapes = (record.shape for record in self.records.values())
        return next((shape[0] for shape in shapes if shape), None)


@dataclass(eq=False)
class Iteration:
    """What holds at one time. `number` is None where the place in the file does not say it."""

    number: int | None
    view: GroupView
    header: Header

    @property
    def path(self) -> str:
        return self.view.path

    @property
    def time(self) -> float | None:
        """In units of `time_unit_si` seconds, as `dt` is."""
        return stated.number(self.view, "time")

    @property
    def dt(self) -> float | None:
        return stated.number(self.view, "dt")

    @property
    def time_unit_si(self) -> float | None:
        return stated.number(self.view, "timeUnitSI")

    @cached_property
    def meshes_group(self) -> GroupView | None:
        return _group_at(self.view, self.header.meshes_path)

    @cached_property
    def particles_group(self) -> GroupView | None:
        return _group_at(self.view, self.header.particles_path)

    @cached_property
    def meshes(self) -> Mapping[str, Mesh]:
        """By name."""
        group = self.meshes_group
        return {name: Mesh(name, node) for name, node in nodes_in(group)} if group else {}

    @cached_property
    def species(self) -> Mapping[str, Species]:
        """By name."""
        group = self.particles_group
        found = nodes_in(group) if group else ()
        return {name: Species(name, node) for name, node in found if is_group(node)}


def iterations_of(root: GroupView, header: Header | None = None) -> Iterator[Iteration]:
    """The iterations in one file by their numbers, of which one is made at a time."""
    header = header or read_header(root)
    place = node_at(root, header.iterations_path)
    if not is_group(place):
        return
    if not header.holds_many:
        yield Iteration(_snapshot(place), place, header)
        return
    for number, name in sorted(iteration_names(place)):
        node = place.child(name)
        if is_group(node):
            yield Iteration(number, node, header)


def iteration_names(place: GroupView) -> Iterator[tuple[int, str]]:
    """The names in a group that are numbers of iterations, and those numbers."""
    for name in place.links:
        if _NUMBER.fullmatch(name) and int(name) < LARGEST_NUMBER:
            yield int(name), name


def is_constant(group: GroupView) -> bool:
    """Whether a group is a constant component: it has a value or a shape."""
    return "value" in group.attributes or "shape" in group.attributes


def nodes_in(group: GroupView) -> Iterator[tuple[str, GroupView | FieldView]]:
    """The groups and fields in a group; links that lead nowhere are left out."""
    for name in group.links:
        node = group.child(name)
        if is_group(node) or is_field(node):
            yield name, node


def _group_at(view: GroupView, path: str) -> GroupView | None:
    if not path.strip("/"):
        return None
    node = node_at(view, path)
    return node if is_group(node) else None


def _snapshot(place: GroupView) -> int | None:
    """The iteration that variable-based files state beside the data."""
    found = stated.lengths(place, "snapshot")
    return found[0] if found else None
