"""What the names in an openPMD file are: iterations, meshes, species, records, components."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from nxtool.nodeview import Child, FieldView, GroupView, is_field, is_group, node_at
from nxtool.openpmd.header import Header
from nxtool.openpmd.model import (
    PATCHES,
    Component,
    Iteration,
    Mesh,
    Record,
    Species,
    is_constant,
    iterations_of,
)
from nxtool.openpmd.summary import unit_text
from nxtool.show import attribute_texts

OUTSIDE = "not part of openPMD"


@dataclass(eq=False)
class Roles:
    """What objects of one file are; groups on the way to them are opened once."""

    root: GroupView
    header: Header
    _iterations: dict[str, Iteration | None] = field(default_factory=dict)

    def of(self, path: str) -> str:
        """What the object at `path` is, in a few words."""
        top = self.header.iterations_path
        if path == "/":
            return "root"
        if path == top and self.header.holds_many:
            return "iterations"
        if not _is_below(path, top):
            return "" if _is_below(top, path) else OUTSIDE
        rest = path.removeprefix(top).strip("/")
        number, _, below = rest.partition("/") if self.header.holds_many else ("", "", rest)
        if number not in self._iterations:
            self._iterations[number] = self._iteration(number)
        iteration = self._iterations[number]
        if iteration is None:
            return OUTSIDE
        return _in_iteration(iteration, below) if below else _iteration(iteration)

    @cached_property
    def _top(self) -> Child:
        return node_at(self.root, self.header.iterations_path)

    def _iteration(self, number: str) -> Iteration | None:
        place = node_at(self._top, number) if is_group(self._top) else self._top
        return Iteration(None, place, self.header) if is_group(place) else None


def first_places(root: GroupView, header: Header) -> Iterator[str]:
    """The groups that are worth opening at once: down to the meshes and species of the first
    iteration."""
    if header.holds_many and is_group(node_at(root, header.iterations_path)):
        yield header.iterations_path
    first = next(iterations_of(root, header), None)
    if first is not None:
        yield first.path
        for group in filter(None, (first.meshes_group, first.particles_group)):
            yield group.path


def _is_below(path: str, group: str) -> bool:
    return path == group or path.startswith(f"{group.rstrip('/')}/")


def _iteration(iteration: Iteration) -> str:
    time, factor = iteration.time, iteration.time_unit_si
    told = f", time {time * factor:g} s" if time is not None and factor is not None else ""
    return f"iteration{told}"


def _in_iteration(iteration: Iteration, below: str) -> str:
    meshes, particles = iteration.header.meshes_path, iteration.header.particles_path
    for path, what in ((meshes, "meshes"), (particles, "species")):
        bare = path.strip("/")
        if bare and below == bare:
            return what
        if bare and below.startswith(f"{bare}/"):
            group = iteration.meshes_group if what == "meshes" else iteration.particles_group
            names = below.removeprefix(f"{bare}/").split("/")
            return "" if group is None else _named(group, what, names)
    return OUTSIDE


def _named(group: GroupView, what: str, names: list[str]) -> str:
    """A mesh or species, or what is in one."""
    node = node_at(group, names[0])
    if not (is_group(node) or is_field(node)):
        return ""
    if what == "meshes":
        return _record(Mesh(names[0], node), names[1:])
    if not is_group(node):
        return ""
    if len(names) == 1:
        return f"particles, {Species(names[0], node).length or 0} of them"
    if names[1] == PATCHES:
        return "patches" if names[2:] == [] else "record of patches"
    inner = node_at(node, names[1])
    if is_group(inner) or is_field(inner):
        return _record(Record(names[1], inner), names[2:])
    return ""


def _record(record: Record, names: list[str]) -> str:
    """A record, or one of its components."""
    if names:
        component = record.components.get(names[0])
        return _component(record, component, "component") if component is not None else ""
    if record.is_scalar:
        component = next(iter(record.components.values()))
        return _component(record, component, "mesh" if isinstance(record, Mesh) else "record")
    if isinstance(record, Mesh):
        return ", ".join(filter(None, ("mesh", record.geometry, " × ".join(record.axis_labels))))
    return "record"


def _component(record: Record, component: Component, what: str) -> str:
    unit = unit_text(component.unit_si, record.unit_dimension)
    value = _constant(component.view)
    told = f" = {value}" if value else ""
    return f"{what}{told} {unit}".rstrip()


def _constant(view: GroupView | FieldView) -> str:
    """The value of a constant component."""
    if not is_group(view) or not is_constant(view) or "value" not in view.attributes:
        return ""
    return attribute_texts({"value": view.attributes["value"]})["value"]
