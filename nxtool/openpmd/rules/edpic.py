"""The extension ED-PIC: electrodynamic particle-in-cell codes (EXT_ED-PIC.md)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from nxtool.findings import Finding
from nxtool.nodeview import NodeView
from nxtool.openpmd import stated
from nxtool.openpmd.model import Iteration, Mesh, Species
from nxtool.openpmd.rules.asking import Asking
from nxtool.openpmd.rules.forms import FLOAT, TEXT, TEXTS, one_of, unknown_word, wanted
from nxtool.openpmd.rules.meshes import axes_of
from nxtool.openpmd.rules.weighting import weightings

_SOLVERS: Final = ("Yee", "CK", "Lehe", "DS", "PSTD", "PSATD", "GPSTD", "other", "none")
_SAYING_MORE: Final = ("other", "GPSTD")
_FIELDS: Final = ("periodic", "open", "reflecting", "other")
_PARTICLES: Final = ("periodic", "absorbing", "reflecting", "reinjecting", "other")
_SMOOTHINGS: Final = ("Binomial", "other", "none")
_CORRECTIONS: Final = ("Marder", "Langdon", "Boris", "hyperbolic", "spectral", "other", "none")
_DEPOSITIONS: Final = (
    "VillaBune", "Esirkepov", "ZigZag", "directBoris", "directMorseNielson", "other", "none",
)  # fmt: skip
_PUSHES: Final = ("Boris", "Vay", "free-streaming", "LLRK4", "none", "other")
_INTERPOLATIONS: Final = ("uniform", "energyConserving", "momentumConserving", "other")
_USUAL: Final = ("momentum", "charge", "mass", "weighting")
_THETA_MODE: Final = (4, 6)
"""Two for each of r and z, and for the angle if a writer gives it."""
_SIDES: Final = 2
_FIELD_DIMENSIONS: Final = {
    "E": (1.0, 1.0, -3.0, -1.0, 0.0, 0.0, 0.0),
    "B": (0.0, 1.0, -2.0, -1.0, 0.0, 0.0, 0.0),
}


def fields(asking: Asking, iteration: Iteration) -> Iterator[Finding]:
    """What the group of meshes says of the simulation."""
    group = iteration.meshes_group
    if group is None or not iteration.meshes:
        return
    solver = yield from one_of(asking, group, "fieldSolver", "ED101", _SOLVERS)
    if solver in _SAYING_MORE:
        yield from wanted(asking, group, "fieldSolverParameters", "ED101", TEXT)
    first = next(iter(iteration.meshes.values()))
    due = _boundaries(first)
    yield from _boundary(asking, group, "fieldBoundary", "ED102", _FIELDS, due)
    if not asking.is_draft:
        yield from _boundary(asking, group, "particleBoundary", "ED103", _PARTICLES, due)
    yield from _with_parameters(asking, group, "currentSmoothing", "ED104", _SMOOTHINGS)
    yield from _with_parameters(asking, group, "chargeCorrection", "ED104", _CORRECTIONS)


def mesh(asking: Asking, mesh: Mesh) -> Iterator[Finding]:
    """How a field is smoothed."""
    yield from _with_parameters(asking, mesh.view, "fieldSmoothing", "ED105", _SMOOTHINGS)
    yield from _dimension(asking, mesh)


def _dimension(asking: Asking, mesh: Mesh) -> Iterator[Finding]:
    """Fields with well-known names have the units the extension fixes."""
    due = _FIELD_DIMENSIONS.get(mesh.name)
    if due is not None and len(mesh.unit_dimension) == len(due) and mesh.unit_dimension != due:
        message = f"is not that of the field {mesh.name}"
        yield asking.of_attribute("ED108", mesh.view, "unitDimension", message, "dimension")


def species(asking: Asking, species: Species, iteration: Iteration) -> Iterator[Finding]:
    """How particles of one kind are treated, and how their records are weighted."""
    view = species.view
    shape = yield from wanted(asking, view, "particleShape", "ED106", FLOAT)
    order = stated.number(view, "particleShape") if shape is not None else None
    if order is not None and not order >= 0:
        yield asking.of_attribute("ED106", view, "particleShape", f"is {order:g}", "value")
    yield from one_of(asking, view, "currentDeposition", "ED106", _DEPOSITIONS)
    yield from one_of(asking, view, "particlePush", "ED106", _PUSHES)
    yield from one_of(asking, view, "particleInterpolation", "ED106", _INTERPOLATIONS)
    yield from _with_parameters(asking, view, "particleSmoothing", "ED106", _SMOOTHINGS)
    if asking.is_draft:
        first = next(iter(iteration.meshes.values()), None)
        due = _boundaries(first) if first is not None else ()
        yield from _boundary(asking, view, "particleBoundary", "ED103", _PARTICLES, due)
    yield from weightings(asking, species)
    for name in _USUAL:
        if name not in species.records:
            yield asking.tell("ED110", species.path, f"has no record {name!r}")


def _with_parameters(
    asking: Asking, node: NodeView, name: str, code: str, words: tuple[str, ...]
) -> Iterator[Finding]:
    """A method by name, and its parameters unless it is `none`."""
    word = yield from one_of(asking, node, name, code, words)
    if word is not None and word in words and word != "none":
        yield from wanted(asking, node, f"{name}Parameters", code, TEXT)


def _boundaries(mesh: Mesh) -> tuple[int, ...]:
    """How many boundaries there may be: two for each axis; empty where nobody knows."""
    if mesh.geometry == "thetaMode":
        return _THETA_MODE
    axes = axes_of(mesh)
    return (_SIDES * axes,) if axes is not None else ()


def _boundary(
    asking: Asking,
    node: NodeView,
    name: str,
    code: str,
    words: tuple[str, ...],
    due: tuple[int, ...],
) -> Iterator[Finding]:
    """What happens at each side of the grid."""
    found = yield from wanted(asking, node, name, code, TEXTS)
    if found is None:
        return
    told = stated.texts(node, name)
    for word in dict.fromkeys(told):
        if word not in words:
            yield unknown_word(asking, node, name, code, word, words)
    if due and len(told) not in due:
        message = f"names {len(told)} sides of a grid with {due[0]}"
        yield asking.of_attribute(code, node, name, message, "length", expected=due[0])
    if "other" in told:
        more = yield from wanted(asking, node, f"{name}Parameters", code, TEXTS)
        if more is not None and len(stated.texts(node, f"{name}Parameters")) != len(told):
            message = f"has another number of texts than {name}"
            yield asking.of_attribute(code, node, f"{name}Parameters", message, "length")
