"""Records on a grid (STANDARD.md, "Mesh based records")."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Final

from nxtool.findings import Finding
from nxtool.openpmd import stated
from nxtool.openpmd.model import Component, Mesh
from nxtool.openpmd.rules import records
from nxtool.openpmd.rules.asking import Asking
from nxtool.openpmd.rules.forms import (
    FLOAT64,
    FLOAT64S,
    FLOATS,
    TEXT,
    TEXTS,
    one_of,
    optional,
    unknown_word,
    wanted,
)
from nxtool.openpmd.rules.iterations import Seen

GEOMETRIES: Final = ("cartesian", "thetaMode", "cylindrical", "spherical", "other")
_RESERVED: Final = ("cylindrical", "spherical")
_PARAMETERS: Final = re.compile(r"\s*m\s*=\s*(\d{1,6})\s*;\s*imag\s*=\s*[+-]\s*;?\s*")
_RZ: Final = 2
"""The axes of thetaMode; its data have one dimension more, the modes."""
_LARGE: Final = 8
_REALS: Final = "position is a number for each axis"


def mesh(asking: Asking, mesh: Mesh, seen: Seen) -> Iterator[Finding]:
    """One mesh: what all records have, its grid, and where in a cell values lie."""
    yield from records.record(asking, mesh)
    yield from _geometry(asking, mesh)
    axes = axes_of(mesh)
    yield from _order(asking, mesh)
    yield from _labels(asking, mesh, axes)
    yield from _grid(asking, mesh, axes)
    yield from _grid_unit(asking, mesh, axes)
    for component in filter(records.is_component, mesh.components.values()):
        yield from _position(asking, mesh, component, axes)
    if asking.is_draft:
        for name in stated.text(mesh.view, "particleList").split(";"):
            if name.strip():
                seen.lists.append((seen.prefix + mesh.path, "particleList", name.strip()))


def axes_of(mesh: Mesh) -> int | None:
    """How many axes the grid has; None where its data do not say it."""
    if mesh.geometry == "thetaMode":
        return _RZ
    return len(mesh.shape) if mesh.shape else None


def _geometry(asking: Asking, mesh: Mesh) -> Iterator[Finding]:
    found = yield from wanted(asking, mesh.view, "geometry", "ME001", TEXT)
    word = found.text if found is not None else None
    if word is None:
        return
    if word.startswith("other:"):
        message = f"is {word!r}; releases of the standard know 'other'"
        yield asking.of_attribute(
            "ME001", mesh.view, "geometry", message, "other", severity="warning"
        )
    elif word not in GEOMETRIES:
        yield unknown_word(asking, mesh.view, "geometry", "ME001", word, GEOMETRIES)
    elif word in _RESERVED:
        message = f"is {word!r}, which is reserved and not described yet"
        yield asking.of_attribute(
            "ME001", mesh.view, "geometry", message, "reserved", severity="warning"
        )
    elif word == "thetaMode":
        yield from _theta_mode(asking, mesh)


def _theta_mode(asking: Asking, mesh: Mesh) -> Iterator[Finding]:
    """Modes of an azimuthal decomposition: real and imaginary parts along the first dimension."""
    found = yield from wanted(asking, mesh.view, "geometryParameters", "ME002", TEXT)
    text = found.text if found is not None else None
    match = _PARAMETERS.fullmatch(text or "")
    if text is not None and match is None:
        message = f"is {text!r}, not of the form m=3;imag=+"
        yield asking.of_attribute("ME002", mesh.view, "geometryParameters", message, "value")
    labels = mesh.axis_labels
    if labels and set(labels) != {"r", "z"}:
        message = f"are {', '.join(labels)}, not r and z"
        yield asking.of_attribute("ME003", mesh.view, "axisLabels", message, "labels")
    for component in mesh.components.values():
        shape = component.shape
        if shape is None:
            continue
        if len(shape) != _RZ + 1:
            message = f"has {len(shape)} dimensions, not modes, r and z"
            yield asking.tell("ME003", component.path, message, "rank")
        elif match is not None:
            yield from _modes(asking, component, int(match[1]), shape[0])


def _modes(asking: Asking, component: Component, modes: int, length: int) -> Iterator[Finding]:
    """The text of 1.x says 2 m + 1, files in the world and the draft 2.0 have 2 m - 1."""
    if length == 2 * modes + 1:
        message = f"has 2 m + 1 = {length} parts of {modes} modes, where readers expect 2 m - 1"
        yield asking.tell("ME003", component.path, message, "modes", severity="warning")
    elif length != 2 * modes - 1:
        message = f"has {length} parts of {modes} modes, not {2 * modes - 1}"
        yield asking.tell("ME003", component.path, message, expected=2 * modes - 1, found=length)


def _order(asking: Asking, mesh: Mesh) -> Iterator[Finding]:
    """How arrays lie in memory; of no meaning for one dimension."""
    view, name = mesh.view, "dataOrder"
    if asking.is_draft:
        if name in view.attributes:
            message = "is no more in the draft 2.0"
            yield asking.of_attribute("ME004", view, name, message, "draft", severity="warning")
    elif name in view.attributes or mesh.shape is None or len(mesh.shape) > 1:
        yield from one_of(asking, view, name, "ME004", ("C", "F"))


def _labels(asking: Asking, mesh: Mesh, axes: int | None) -> Iterator[Finding]:
    found = yield from wanted(asking, mesh.view, "axisLabels", "ME005", TEXTS)
    if found is None:
        return
    labels = mesh.axis_labels
    if len(set(labels)) < len(labels):
        message = f"are {', '.join(labels)}: one stands for two axes"
        yield asking.of_attribute("ME005", mesh.view, "axisLabels", message, "unique")
    if axes is not None and len(labels) != axes and mesh.geometry != "thetaMode":
        message = f"are {len(labels)}, for a grid of {axes} axes"
        yield asking.of_attribute(
            "ME005", mesh.view, "axisLabels", message, "length", expected=axes, found=len(labels)
        )


def _grid(asking: Asking, mesh: Mesh, axes: int | None) -> Iterator[Finding]:
    """Spacing and origin of the grid."""
    view = mesh.view
    if (yield from wanted(asking, view, "gridSpacing", "ME006", FLOATS, length=axes)) is not None:
        for value in dict.fromkeys(mesh.grid_spacing):
            if value == 0 or not math.isfinite(value):
                yield asking.of_attribute("ME006", view, "gridSpacing", f"is {value:g}", "value")
            elif value < 0:
                message = f"is {value:g}, below zero"
                yield asking.of_attribute(
                    "ME006", view, "gridSpacing", message, "negative", severity="warning"
                )
    name = "gridGlobalOffset"
    found = yield from wanted(asking, view, name, "ME007", FLOATS, length=axes)
    if found is None:
        return
    if not FLOAT64S.fits_width(found.type):
        message = f"is {found.type.text}, not float64"
        yield asking.of_attribute("ME007", view, name, message, "width", severity="warning")
    if not all(map(math.isfinite, mesh.grid_global_offset)):
        yield asking.of_attribute("ME007", view, name, "is not finite", "value")


def _grid_unit(asking: Asking, mesh: Mesh, axes: int | None) -> Iterator[Finding]:
    """The factor of the grid to metres; one for each axis in the draft 2.0, and its dimension."""
    view, name = mesh.view, "gridUnitSI"
    if not asking.is_draft:
        found = yield from wanted(asking, view, name, "ME008", FLOAT64)
    else:
        attribute = view.attributes.get(name)
        if attribute is not None and attribute.shape == ():
            message = "is one value, not one for each axis"
            yield asking.of_attribute("ME008", view, name, message, "one", severity="warning")
            found = attribute
        else:
            found = yield from wanted(
                asking, view, name, "ME008", FLOAT64S, length=axes, severity="warning"
            )
        yield from _grid_dimension(asking, mesh, axes)
    if found is None:
        return
    for value in mesh.grid_unit_si:
        if value == 0 or not math.isfinite(value):
            yield asking.of_attribute("ME008", view, name, f"is {value:g}", "value")


def _grid_dimension(asking: Asking, mesh: Mesh, axes: int | None) -> Iterator[Finding]:
    name = "gridUnitDimension"
    if name in mesh.view.attributes:
        due = axes * records.DIMENSIONS if axes is not None else None
        yield from optional(asking, mesh.view, name, "ME009", FLOAT64S, length=due)


def _position(
    asking: Asking, mesh: Mesh, component: Component, axes: int | None
) -> Iterator[Finding]:
    """Where in a cell the values of a component lie, in parts of the cell."""
    view, name = component.view, "position"
    found = yield from wanted(asking, view, name, "ME010", FLOATS)
    if found is None:
        return
    if found.type.size > _LARGE:
        yield asking.of_attribute("ME011", view, name, f"is {found.type.text}")
    values = component.position
    due = axes if axes is not None else len(mesh.grid_spacing) or None
    if due is not None and len(values) != due:
        yield _wrong_count(asking, mesh, component, due)
    for value in dict.fromkeys(values):
        if not 0 <= value < 1:
            message = f"is {value:g}, not from 0 to below 1"
            yield asking.of_attribute("ME010", view, name, message, "value")


def _wrong_count(asking: Asking, mesh: Mesh, component: Component, due: int) -> Finding:
    """Two writers are known for other counts: one gives thetaMode three, the other a single zero
    where nobody set a position."""
    count = len(component.position)
    aspect = "length"
    if mesh.geometry == "thetaMode" and count == _RZ + 1:
        aspect = "modes"
    elif component.position == (0.0,):
        aspect = "default"
    message = f"has {count} values for {due} axes" if count > 1 else f"has 1 value for {due} axes"
    return asking.of_attribute(
        "ME010", component.view, "position", message, aspect,
        severity="error" if aspect == "length" else "warning", expected=due, found=count,
    )  # fmt: skip
