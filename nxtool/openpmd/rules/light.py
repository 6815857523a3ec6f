"""Wavefront and LaserEnvelope, extensions of the draft 2.0 (EXT_Wavefront, EXT_LaserEnvelope)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from nxtool.findings import Finding
from nxtool.openpmd.model import Iteration, Mesh
from nxtool.openpmd.rules.asking import Asking
from nxtool.openpmd.rules.forms import COMPLEXES, FLOAT, one_of, wanted

_FIELD: Final = "electricField"
_ENVELOPE_SIGNS: Final = ("envelopeField", "angularFrequency", "polarization")
_IN_TIME: Final = (1.0, 1.0, -3.0, -1.0, 0.0, 0.0, 0.0)
_IN_FREQUENCY: Final = (-1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
_NORM_ALLOWANCE: Final = 1e-6


def wavefront(asking: Asking, iteration: Iteration) -> Iterator[Finding]:
    """A wavefront is a complex electric field, and says in which domain it is given."""
    mesh = iteration.meshes.get(_FIELD)
    if mesh is None:
        yield asking.tell("WF401", iteration.path, f"has no mesh {_FIELD!r}", "missing")
        return
    if not {"x", "y"} <= set(mesh.components):
        yield asking.tell("WF401", mesh.path, "has not the components x and y", "components")
    yield from _complex(asking, mesh, "WF401")
    for name in ("photonEnergy", "zCoordinate"):
        yield from wanted(asking, mesh.view, name, "WF401", FLOAT)
    domain = yield from one_of(asking, mesh.view, "temporalDomain", "WF401", ("time", "frequency"))
    yield from one_of(asking, mesh.view, "spatialDomain", "WF401", ("r", "k"))
    due = {"time": _IN_TIME, "frequency": _IN_FREQUENCY}.get(domain or "")
    if due is not None and mesh.unit_dimension and mesh.unit_dimension != due:
        message = f"is not that of a field by {domain}"
        yield asking.of_attribute("WF401", mesh.view, "unitDimension", message, "dimension")


def envelope(asking: Asking, iteration: Iteration) -> Iterator[Finding]:
    """A laser envelope is one complex number a place, and says of which field."""
    found = [
        mesh
        for mesh in iteration.meshes.values()
        if any(sign in mesh.view.attributes for sign in _ENVELOPE_SIGNS)
    ]
    if not found:
        yield asking.tell("LE501", iteration.path, "has no mesh that is an envelope", "missing")
    for mesh in found:
        if not mesh.is_scalar:
            yield asking.tell("LE501", mesh.path, "has components, but is one value each", "scalar")
        yield from _complex(asking, mesh, "LE501")
        yield from one_of(
            asking, mesh.view, "envelopeField", "LE501",
            ("electric_field", "normalized_vector_potential"),
        )  # fmt: skip
        yield from wanted(asking, mesh.view, "angularFrequency", "LE501", FLOAT)
        yield from _polarization(asking, mesh)


def _polarization(asking: Asking, mesh: Mesh) -> Iterator[Finding]:
    name = "polarization"
    attribute = yield from wanted(asking, mesh.view, name, "LE501", COMPLEXES, length=2)
    if attribute is None:
        return
    norm = float(np.linalg.norm(np.asarray(attribute.value)))
    if not abs(norm - 1) <= _NORM_ALLOWANCE:
        message = f"has the length {norm:g}, not 1"
        yield asking.of_attribute("LE501", mesh.view, name, message, "norm", severity="warning")


def _complex(asking: Asking, mesh: Mesh, code: str) -> Iterator[Finding]:
    for component in mesh.components.values():
        element = component.type
        if element is not None and element.kind != "complex":
            yield asking.tell(
                code, component.path, f"holds {element.text}, no complex numbers", "type"
            )
