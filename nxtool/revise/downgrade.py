"""The draft of openPMD 2.0 to openPMD 1.1: what `upgrade` does, turned round.

What 1.1 has no words for is kept as it is, and told.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from nxtool.nodeview import GroupView, is_group
from nxtool.openpmd import stated
from nxtool.openpmd.header import ED_PIC, ED_PIC_BIT, Header
from nxtool.openpmd.model import Iteration, Mesh, Record
from nxtool.revise.model import Drop, Remark, Revision, Set, Step
from nxtool.revise.tree import iterations
from nxtool.revise.upgrade import BOUNDARIES, stored

STANDARD: Final = "1.1.0"
_METRE: Final = 1.0


def downgrade_steps(root: GroupView) -> Iterator[Step]:
    """What brings a file of the draft to 1.1; nothing for a file that is there."""
    header, found = iterations(root)
    if not header.is_draft:
        return
    yield Revision("OP002", Set("/", "openPMD", STANDARD), f"{header.version} → {STANDARD}")
    yield from _extension(root, header)
    for iteration in found:
        if iteration.time_unit_si is None:
            yield _one(iteration.path, "timeUnitSI", "IT003")
        for mesh in iteration.meshes.values():
            yield from _mesh(mesh)
            yield from _units(mesh)
        for species in iteration.species.values():
            for record in species.records.values():
                yield from _units(record)
        yield from _boundaries(iteration)


def _one(path: str, name: str, code: str) -> Revision:
    return Revision(code, Set(path, name, np.float64(1.0)), "set to 1, as readers take it")


def _extension(root: GroupView, header: Header) -> Iterator[Step]:
    bits = ED_PIC_BIT if ED_PIC in header.extensions else 0
    found = root.attributes.get("openPMDextension")
    if found is None or found.type.kind != "integer":
        message = f"set to {bits}"
        yield Revision("OP003", Set("/", "openPMDextension", np.uint32(bits)), message)
    lost = [name for name in header.extensions if name != ED_PIC]
    if lost:
        yield Remark("/", f"used {', '.join(lost)}, which openPMD 1.1 does not know")


def _mesh(mesh: Mesh) -> Iterator[Step]:
    if "dataOrder" not in mesh.view.attributes:
        yield Revision("ME004", Set(mesh.path, "dataOrder", "C"), "set to C: slowest axis first")
    yield from _grid_unit(mesh)
    powers = stated.numbers(mesh.view, "gridUnitDimension")
    if powers and all(_is_length(powers[i : i + 7]) for i in range(0, len(powers), 7)):
        yield Revision("ME009", Drop(mesh.path, "gridUnitDimension"), "taken away: all are lengths")
    elif powers:
        yield Remark(mesh.path, "has axes that are no lengths, which openPMD 1.1 takes for such")


def _is_length(powers: tuple[float, ...]) -> bool:
    return powers == (_METRE, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def _grid_unit(mesh: Mesh) -> Iterator[Step]:
    """One unit for all axes; where they differ, spacing and offset are told in SI units."""
    units = mesh.grid_unit_si
    if len(units) > 1 and len(set(units)) > 1:
        for name in ("gridSpacing", "gridGlobalOffset"):
            values = stated.numbers(mesh.view, name)
            if len(values) == len(units):
                scaled = np.array(values) * np.array(units)
                yield Revision("ME006", Set(mesh.path, name, scaled), "told in SI units")
        units = (1.0,)
    if "gridUnitSI" not in mesh.view.attributes:
        yield _one(mesh.path, "gridUnitSI", "ME008")
    elif units and _rank(mesh):
        value = np.float64(units[0])
        yield Revision("ME008", Set(mesh.path, "gridUnitSI", value), "given once for all axes")


def _rank(mesh: Mesh) -> int:
    found = mesh.view.attributes["gridUnitSI"]
    return len(found.shape or ())


def _units(record: Record) -> Iterator[Step]:
    for component in record.components.values():
        is_data = not is_group(component.view) or component.constant
        if is_data and component.unit_si is None:
            yield _one(component.path, "unitSI", "RC003")


def _boundaries(iteration: Iteration) -> Iterator[Step]:
    """What all species say alike of their boundaries goes to the group of meshes."""
    group, everyone = iteration.meshes_group, list(iteration.species.values())
    if group is None or not everyone:
        return
    for name in BOUNDARIES:
        found = [species.view.attributes.get(name) for species in everyone]
        first = found[0]
        if first is None:
            continue
        told = {repr(one.value) if one is not None else "" for one in found}
        if len(told) > 1:
            yield Remark(group.path, f"has species that differ in {name}: it stays with them")
            continue
        yield Revision("ED101", Set(group.path, name, stored(first)), "moved from the species")
        for species in everyone:
            yield Revision("ED101", Drop(species.path, name), "moved to the meshes")
