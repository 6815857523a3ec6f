"""SpeciesType and BeamPhysics, extensions of the draft 2.0 (EXT_SpeciesType, EXT_BeamPhysics)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from nxtool.findings import Finding
from nxtool.nodeview import GroupView, is_group, node_at
from nxtool.openpmd import stated
from nxtool.openpmd.model import Species, nodes_in
from nxtool.openpmd.rules.asking import Asking
from nxtool.openpmd.rules.forms import FLOAT, FLOATS, INTEGER, INTEGERS, TEXT, one_of, wanted

_PARTICLES: Final = frozenset({
    "electron", "positron", "muon", "antimuon", "tau", "antitau", "proton", "antiproton",
    "neutron", "antineutron", "photon", "deuteron", "triton", "alpha", "pion+", "pion-", "pion0",
    "anti-electron", "anti-muon", "anti-proton", "anti-neutron", "anti-deuteron", "He3", "helion",
    "electron-neutrino", "muon-neutrino", "tau-neutrino", "kaon+", "kaon-", "up", "down", "strange",
    "charm", "bottom", "top", "gluon", "Z", "W+", "W-", "H0", "Higgs",
})  # fmt: skip
_FORMULA: Final = re.compile(r"(?:#\d{1,3})?(?:[A-Z][a-z]?\d*)+(?:[+-]\d*|\d*[+-]+)?")
_SCALARS: Final = frozenset({
    "time", "timeOffset", "particleStatus", "weight", "sPosition", "totalMomentum",
    "totalMomentumOffset", "branchIndex", "elementIndex", "locationInElement", "chargeState",
    "pathLength", "id", "charge", "mass", "weighting", "photonPolarizationAmplitude",
    "photonPolarizationPhase",
})  # fmt: skip
_VECTORS: Final = frozenset({
    "momentum", "momentumOffset", "position", "positionOffset", "spin", "velocity",
    "electricField", "magneticField",
})  # fmt: skip
_AXES: Final = frozenset("xyzr") | {"t", "theta"}
_ANCHORS: Final = ("beginning", "center", "end")
_GRIDS: Final = ("rectangular", "cylindrical")


def kind(asking: Asking, species: Species) -> Iterator[Finding]:
    """What particles a group holds (SpeciesType)."""
    for word in stated.text(species.view, "speciesType").split(";"):
        bare = word.strip()
        known = bare in _PARTICLES or _FORMULA.fullmatch(bare) or bare.split(":")[0] == "other"
        if bare and not known:
            message = f"names {bare!r}, which is no particle"
            yield asking.of_attribute("ST201", species.view, "speciesType", message)


def beam(asking: Asking, species: Species) -> Iterator[Finding]:
    """What a group of particles of a beam says, and its records (BeamPhysics)."""
    view = species.view
    yield from wanted(asking, view, "speciesType", "BE301", TEXT)
    yield from wanted(asking, view, "numParticles", "BE301", INTEGER)
    if "chargeLive" in view.attributes or "totalCharge" in view.attributes:
        yield from wanted(asking, view, "chargeUnitSI", "BE301", FLOAT)
    for record in species.records.values():
        components = set(record.components)
        is_vector = bool(components & _AXES)
        if record.name in _SCALARS:
            if not record.is_scalar:
                yield asking.tell("BE302", record.path, "has components, but is one value each")
        elif record.name in _VECTORS or record.name.startswith("photonPolarization"):
            if not is_vector:
                yield asking.tell("BE302", record.path, "has none of the components x, y and z")
        else:
            yield asking.tell("BE302", record.path, f"{record.name!r} is no record of BeamPhysics")


def declared(asking: Asking, root: GroupView) -> Iterator[Finding]:
    """BeamPhysics goes with SpeciesType."""
    if asking.declares("BeamPhysics") and not asking.declares("SpeciesType"):
        message = "names BeamPhysics without SpeciesType, which it needs"
        yield asking.of_attribute(
            "BE301", root, "openPMDextension", message, "extension", severity="warning"
        )


def external_fields(asking: Asking, root: GroupView) -> Iterator[Finding]:
    """Fields of elements along the beam, where `externalFieldPath` says they are."""
    path = stated.text(root, "externalFieldPath").replace("%T", "")
    if not asking.declares("BeamPhysics") or not path.strip("/"):
        return
    place = node_at(root, path)
    for _name, node in nodes_in(place) if is_group(place) else ():
        if not is_group(node):
            continue
        yield from one_of(asking, node, "eleAnchorPt", "BE303", _ANCHORS)
        yield from one_of(asking, node, "gridGeometry", "BE303", _GRIDS)
        for name in ("gridSpacing", "gridOriginOffset"):
            yield from wanted(asking, node, name, "BE303", FLOATS, length=3)
        for name in ("gridSize", "gridLowerBound"):
            yield from wanted(asking, node, name, "BE303", INTEGERS, length=3)
        yield from wanted(asking, node, "harmonic", "BE303", INTEGER)
