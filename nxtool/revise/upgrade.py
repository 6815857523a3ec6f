"""openPMD 1.x to the draft of 2.0.

The draft has no `dataOrder`: axes are listed slowest first. `gridUnitSI` says a unit for each axis,
beside `gridUnitDimension`. Extensions are called by their names. Boundaries of particles (ED-PIC)
belong to the species. Source: openPMD-standard, branch upcoming-2.0.0.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from nxtool.nodeview import Attribute, GroupView, NodeView
from nxtool.openpmd.header import Header
from nxtool.openpmd.model import Iteration, Mesh
from nxtool.revise.model import Drop, Remark, Revision, Set, Step
from nxtool.revise.tree import iterations

DRAFT: Final = "2.0.0"
_LENGTH: Final = (1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
PER_AXIS: Final = ("axisLabels", "gridSpacing", "gridGlobalOffset")
"""Attributes of a mesh with a value for each axis."""
BOUNDARIES: Final = ("particleBoundary", "particleBoundaryParameters")


def upgrade_steps(root: GroupView) -> Iterator[Step]:
    """What brings a file of openPMD 1.x to the draft; nothing for a file that is there."""
    header, found = iterations(root)
    if header.is_draft:
        return
    message = f"{header.version or 'nothing'} → {DRAFT}"
    yield Revision("OP002", Set("/", "openPMD", DRAFT), message)
    yield from _extension(root, header)
    for iteration in found:
        for mesh in iteration.meshes.values():
            yield from _mesh(mesh)
        yield from _boundaries(iteration)
    yield Remark("/", "is a file of the draft now, which openPMD-api 0.17 does not open")


def _extension(root: GroupView, header: Header) -> Iterator[Step]:
    if header.extensions:
        names = ";".join(header.extensions)
        yield Revision("OP005", Set("/", "openPMDextension", names), f"set to {names}")
    elif "openPMDextension" in root.attributes:
        yield Revision("OP005", Drop("/", "openPMDextension"), "taken away: none is used")


def _mesh(mesh: Mesh) -> Iterator[Step]:
    if mesh.data_order == "F":
        yield from _reversed(mesh)
    if "dataOrder" in mesh.view.attributes:
        yield Revision("ME004", Drop(mesh.path, "dataOrder"), "taken away: axes are slowest first")
    count = len(mesh.grid_spacing)
    if len(mesh.grid_unit_si) == 1 and count:
        units = np.full(count, mesh.grid_unit_si[0])
        yield Revision("ME008", Set(mesh.path, "gridUnitSI", units), "given for each axis")
    if "gridUnitDimension" not in mesh.view.attributes and count:
        powers = np.array(_LENGTH * count)
        yield Revision("ME009", Set(mesh.path, "gridUnitDimension", powers), "set to lengths")


def _reversed(mesh: Mesh) -> Iterator[Step]:
    """Lists of a mesh in Fortran order, and of its components, turned round."""
    for name in PER_AXIS:
        yield from _turned(mesh.view, name, "ME005")
    for component in mesh.components.values():
        yield from _turned(component.view, "position", "ME010")


def _turned(node: NodeView, name: str, code: str) -> Iterator[Step]:
    found = node.attributes.get(name)
    if found is None or found.value is None or not found.shape:
        return
    value = stored(found)[::-1]
    yield Revision(code, Set(node.path, name, value), "turned round: axes are slowest first")


def _boundaries(iteration: Iteration) -> Iterator[Step]:
    """What ED-PIC says of particles on the group of meshes goes to every species."""
    group = iteration.meshes_group
    for name in BOUNDARIES if group is not None else ():
        found = group.attributes.get(name) if group is not None else None
        if group is None or found is None or not iteration.species:
            continue
        for species in iteration.species.values():
            yield Revision("ED101", Set(species.path, name, stored(found)), "moved from the meshes")
        yield Revision("ED101", Drop(group.path, name), "moved to the species")


def stored(attribute: Attribute) -> Any:
    """The value of an attribute as it is to be set again."""
    value = attribute.value
    return tuple(value) if isinstance(value, list) else value
