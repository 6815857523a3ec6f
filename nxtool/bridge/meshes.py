"""Signals of NeXus as openPMD meshes. Source: openPMD 1.1, "Mesh Based Records"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any, Final

import numpy as np

from nxtool.bridge.additions import Note, Step
from nxtool.bridge.naming import Names
from nxtool.bridge.placing import Origin, placed, unit_of
from nxtool.bridge.regular import Correction, GridAxis, grid_axis, seconds, units_of
from nxtool.bridge.signals import Signal, corrections
from nxtool.build.fixedtext import Value
from nxtool.defaultplot import nx_class
from nxtool.nodeview import FieldView, Unreadable, is_field
from nxtool.openpmd import stated
from nxtool.unitdimension import si_unit
from nxtool.units import UnitError

_LENGTH: Final = (1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
_PIXELS: Final = ("y_pixel_size", "x_pixel_size")
"""What says the spacing of the last two axes of a detector."""


def mesh_steps(
    signal: Signal, path: str, origin: Origin, tolerance: float, frame: int | None = None
) -> Iterator[Step]:
    """What makes `signal`, or one `frame` of it, the mesh at `path`."""
    axes = _axes(signal, tolerance)[0 if frame is None else 1 :]
    if signal.group.name and not any(signal.axes):
        axes = _with_pixels(signal, axes)
    for axis, view in zip(axes, signal.axes[len(signal.axes) - len(axes) :], strict=True):
        yield from _axis_notes(axis, view)
    unit, problem = unit_of(signal.view)
    if problem:
        yield Note(signal.view.path, problem)
    factor = unit.factor * _number(signal.scaling, 1.0)
    if _number(signal.offset, 0.0):
        yield Note(signal.view.path, "has an offset, which openPMD cannot say")
    yield from _uneven(signal)
    attributes = {
        **_grid(axes, signal),
        "unitDimension": np.array(unit.powers),
        "timeOffset": np.float64(0.0),
        "unitSI": np.float64(factor if "openpmd_unitSI" not in signal.view.attributes
                             else unit.factor),
        "position": np.array([axis.position for axis in axes]),
    }  # fmt: skip
    yield from placed(signal.view, path, attributes, origin, frame)


def _axes(signal: Signal, tolerance: float) -> list[GridAxis]:
    names = Names()
    found = []
    for place, (view, length) in enumerate(zip(signal.axes, signal.view.shape or (), strict=True)):
        label = names.claim(view.name if view is not None else f"axis_{place}", "axis")
        found.append(grid_axis(view, label, length, tolerance, _correction(signal, view)))
    return found


def frame_times(signal: Signal, count: int) -> list[float] | None:
    """When its frames were, by its first axis; None where that is no axis of time."""
    view = signal.axes[0] if signal.axes else None
    found = seconds(view, _correction(signal, view)) if view is not None else None
    return found[:count] if found is not None and len(found) >= count else None


def _uneven(signal: Signal) -> Iterator[Note]:
    """Corrections that differ from place to place, of the signal or of an axis."""
    for view in (signal.view, *(axis for axis in signal.axes if axis is not None)):
        for taken, ending in zip(
            corrections(signal.group, view.name), ("_scaling_factor", "_offset"), strict=True
        ):
            if taken is None and f"{view.name}{ending}" in signal.group.links:
                message = f"has {view.name}{ending}, which is not one number, and is not applied"
                yield Note(view.path, message)


def _correction(signal: Signal, view: FieldView | None) -> Correction:
    """The factor and the offset that the group has for one of its axes; the time of NXlog has its
    factor as an attribute."""
    if view is None:
        return Correction()
    if nx_class(signal.group) == "NXlog":
        ticks = stated.number(view, "scaling_factor")
        return Correction(1.0 if ticks is None else ticks)
    scaling, offset = corrections(signal.group, view.name)
    return Correction(_number(scaling, 1.0), _number(offset, 0.0))


def _with_pixels(signal: Signal, axes: list[GridAxis]) -> list[GridAxis]:
    """The last two axes with the sizes of pixels as spacing, where the group has them."""
    sizes = [_pixel_size(signal, name) for name in _PIXELS]
    if None in sizes or len(axes) < len(sizes):
        return axes
    pixels = [
        GridAxis(name[0], size or 1.0, 0.0, 0.5, _LENGTH)
        for name, size in zip(_PIXELS, sizes, strict=True)
    ]
    return [*axes[: -len(pixels)], *pixels]


def _pixel_size(signal: Signal, name: str) -> float | None:
    view = signal.group.child(name) if name in signal.group.links else None
    if not is_field(view) or view.shape not in ((), (1,)):
        return None
    try:
        factor = si_unit(units_of(view)).factor
    except UnitError:
        return None
    return _number(view, 0.0) * factor or None


def _axis_notes(axis: GridAxis, view: FieldView | None) -> Iterator[Note]:
    if view is None:
        return
    if axis.problem:
        yield Note(view.path, axis.problem)
    elif axis.powers != _LENGTH:
        yield Note(view.path, "is no length, but openPMD 1.1 takes every axis for one")


def _grid(axes: Sequence[GridAxis], signal: Signal) -> dict[str, Value]:
    """The attributes of the grid, all numbers in SI units."""
    inexact = [view.path for axis, view in zip(axes, signal.axes[-len(axes) :], strict=True)
               if view is not None and not axis.exact]  # fmt: skip
    found: dict[str, Value] = {
        "geometry": "other" if inexact else "cartesian",
        "dataOrder": "C",
        "axisLabels": tuple(axis.label for axis in axes),
        "gridSpacing": np.array([axis.spacing for axis in axes]),
        "gridGlobalOffset": np.array([axis.offset for axis in axes]),
        "gridUnitSI": np.float64(1.0),
        "gridUnitDimension": np.array([power for axis in axes for power in axis.powers]),
    }
    if inexact:
        found["geometryParameters"] = "axes=" + ",".join(inexact)
    return found


def _number(view: FieldView | None, otherwise: float) -> float:
    """The one number of a field; `otherwise` where there is none."""
    if view is None or view.type.kind not in ("integer", "float"):
        return otherwise
    try:
        value: Any = view.read()
    except Unreadable:
        return otherwise
    number = float(np.asarray(value).reshape(-1)[0])
    return number if isfinite(number) else otherwise
