"""The axes of an openPMD mesh as numbers in SI units, slowest first, as the data lies in the file.

Source: openPMD standard, "Mesh Based Records": value = (gridGlobalOffset + (i + position) *
gridSpacing) * gridUnitSI. In openPMD 1.x these lists are reversed where dataOrder is F.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nxtool.bridge.additions import Ramp
from nxtool.openpmd import stated
from nxtool.openpmd.model import Component, Mesh
from nxtool.unitdimension import unit_name
from nxtool.units import UnitError

THETA: Final = "thetaMode"
MODE_AXIS: Final = "mode"
_LENGTH: Final = (1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
_POWERS: Final = 7


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: its label, and its values with their unit, or the texts at its places."""

    label: str
    values: Ramp | tuple[str, ...]
    units: str = ""


def axes_of(mesh: Mesh, component: Component) -> list[Axis] | None:
    """The axes of a component, one a dimension; None where the mesh does not describe them."""
    shape = component.shape
    if not shape:
        return None
    if mesh.geometry == THETA and len(shape) == len(mesh.axis_labels) + 1:
        below = _spatial(mesh, component, shape[1:])
        return None if below is None else [Axis(MODE_AXIS, mode_names(shape[0])), *below]
    return _spatial(mesh, component, shape)


def mode_names(count: int) -> tuple[str, ...]:
    """The parts of a field that is expanded in azimuthal modes, as they are stored.

    >>> mode_names(5)
    ('0r', '1r', '1i', '2r', '2i')
    """
    return tuple(
        f"{(part + 1) // 2}{'r' if part % 2 or not part else 'i'}" for part in range(count)
    )


def _spatial(mesh: Mesh, component: Component, shape: tuple[int, ...]) -> list[Axis] | None:
    """The axes that have a spacing."""
    labels, spacing, offset = mesh.axis_labels, mesh.grid_spacing, mesh.grid_global_offset
    rank = len(shape)
    if not len(labels) == len(spacing) == len(offset) == rank:
        return None
    order = range(rank - 1, -1, -1) if mesh.data_order == "F" else range(rank)
    position, unit = _position(component, rank), _units_si(mesh, rank)
    return [
        Axis(
            labels[place],
            Ramp(length, spacing[place], offset[place], position[place], unit[place]),
            _unit_text(mesh, place),
        )
        for length, place in zip(shape, order, strict=True)
    ]


def _position(component: Component, rank: int) -> tuple[float, ...]:
    """Where in a cell the values lie; files with modes may count the mode as an axis."""
    stored = component.position
    return stored[-rank:] if len(stored) >= rank else (0.0,) * rank


def _units_si(mesh: Mesh, rank: int) -> tuple[float, ...]:
    stored = mesh.grid_unit_si
    if len(stored) == rank:
        return stored
    return (stored[0] if len(stored) == 1 else 1.0,) * rank


def _unit_text(mesh: Mesh, place: int) -> str:
    """A length, unless the draft 2.0 says something else by `gridUnitDimension`."""
    powers = stated.numbers(mesh.view, "gridUnitDimension")
    own = powers[place * _POWERS : (place + 1) * _POWERS] or _LENGTH
    try:
        return unit_name(1.0, own).text
    except UnitError:
        return ""
