"""Axes of NeXus as openPMD describes them: a spacing and an offset, in SI units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from nxtool import units
from nxtool.nodeview import FieldView, Unreadable
from nxtool.unitdimension import NO_POWERS, Powers, si_unit
from nxtool.units import UnitError

_TIME: Final = (0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0)
LONGEST: Final = 2**24
"""Longer axes are not read."""


@dataclass(frozen=True, slots=True)
class GridAxis:
    """One axis of a mesh. `position` is where in a cell the values lie. `problem` is a clause that
    says why the numbers are not the whole truth, `exact` whether they are."""

    label: str
    spacing: float = 1.0
    offset: float = 0.0
    position: float = 0.0
    powers: Powers = NO_POWERS
    exact: bool = True
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """What NXdata applies to the values of a field: (value + offset) * scaling."""

    scaling: float = 1.0
    offset: float = 0.0


NO_CORRECTION: Final = Correction()


def grid_axis(
    view: FieldView | None,
    label: str,
    length: int,
    tolerance: float,
    correction: Correction = NO_CORRECTION,
) -> GridAxis:
    """The axis `view` of so many places; without one, the places are counted.

    Steps that differ by more than `tolerance`, relative to their mean, are not regular.
    """
    if view is None:
        return GridAxis(label)
    values, problem = _values(view, correction)
    if values is None:
        return GridAxis(label, exact=False, problem=problem)
    scale, zero, powers, problem = _unit(view)
    position = 0.5 if len(values) == length + 1 else 0.0
    if len(values) == 1:
        return GridAxis(label, 1.0, float(values[0]) * scale + zero, position, powers)
    spacing = (float(values[-1]) - float(values[0])) / (len(values) - 1)
    regular = is_regular(values, spacing, tolerance)
    if not regular:
        problem = "is not regular: its spacing is the mean one"
    offset = float(values[0]) * scale + zero
    return GridAxis(label, (spacing or 1.0) * scale, offset, position, powers, regular, problem)


def seconds(view: FieldView, correction: Correction = NO_CORRECTION) -> list[float] | None:
    """The values of an axis of time in seconds; None where it is another one, or cannot be read."""
    scale, zero, powers, _ = _unit(view)
    if powers != _TIME:
        return None
    values, _ = _values(view, correction)
    return None if values is None else [float(value) for value in values * scale + zero]


def is_regular(values: np.ndarray[Any, Any], spacing: float, tolerance: float) -> bool:
    """Whether all steps are the same."""
    if not spacing:
        return False
    return bool(np.max(np.abs(np.diff(values) - spacing)) <= tolerance * abs(spacing))


def _values(view: FieldView, correction: Correction) -> tuple[np.ndarray[Any, Any] | None, str]:
    """The values as float64 and corrected, or None and why."""
    if not view.shape or not 0 < view.shape[0] <= LONGEST:
        return None, "is empty or too long to be read"
    try:
        values = np.asarray(view.read(), dtype=np.float64).reshape(-1)
    except (Unreadable, ValueError) as error:
        return None, f"cannot be read: {error}"
    values = (values + correction.offset) * correction.scaling
    if not np.isfinite(values).all():
        return None, "holds what is no number"
    return values, ""


def _unit(view: FieldView) -> tuple[float, float, Powers, str]:
    """Factor and zero that lead to SI, the exponents, and what is wrong with the unit."""
    text = units_of(view)
    try:
        unit = si_unit(text, difference=True)
        return unit.factor, units.parse(units.spelling(text) or text).offset, unit.powers, ""
    except UnitError as error:
        return 1.0, 0.0, NO_POWERS, f"has a unit that SI lacks: {error}"


def units_of(view: FieldView) -> str:
    """The attribute `units`; empty where there is none."""
    found = view.attributes.get("units")
    return (found.text or "").strip() if found is not None else ""
