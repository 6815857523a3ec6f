"""The rules of openPMD, one file a family, and the order in which they are asked.

A rule is a function from what holds for the file (`Asking`) and a part of the model to findings.
The rules in `nxtool.validate.rulebook` name the codes; everything here only decides.
"""

from __future__ import annotations

from collections.abc import Iterator

from nxtool.findings import Finding
from nxtool.nodeview import GroupView
from nxtool.openpmd.header import ED_PIC
from nxtool.openpmd.model import Iteration, iterations_of
from nxtool.openpmd.rules import (
    beamphysics,
    edpic,
    iterations,
    light,
    meshes,
    patches,
    root,
    species,
    weighting,
)
from nxtool.openpmd.rules.asking import Asking
from nxtool.openpmd.rules.iterations import Seen

ROOT_RULES = (
    root.version,
    root.extensions,
    root.base_path,
    root.encoding,
    root.data_paths,
    root.provenance,
    beamphysics.declared,
    beamphysics.external_fields,
    iterations.place,
)


def check_file(asking: Asking, top: GroupView, seen: Seen) -> Iterator[Finding]:
    """Everything about one file; `seen` is filled for `check_series`."""
    if not root.is_supported(asking):
        yield from root.version(asking, top)
        return
    for rule in ROOT_RULES:
        yield from rule(asking, top)
    for iteration in iterations_of(top, asking.header):
        yield from check_iteration(asking, iteration, seen)


def check_series(asking: Asking, seen: Seen) -> Iterator[Finding]:
    """What only a look at all iterations of all files can judge."""
    yield from iterations.missing_groups(asking, seen)
    yield from iterations.lists(asking, seen)


def check_iteration(asking: Asking, iteration: Iteration, seen: Seen) -> Iterator[Finding]:
    """One iteration and all below it."""
    yield from iterations.times(asking, iteration, seen)
    yield from iterations.groups(asking, iteration, seen)
    seen.meshes.update(iteration.meshes)
    seen.species.update(iteration.species)
    has_edpic = asking.declares(ED_PIC)
    for mesh in iteration.meshes.values():
        yield from meshes.mesh(asking, mesh, seen)
        if has_edpic:
            yield from edpic.mesh(asking, mesh)
    if has_edpic:
        yield from edpic.fields(asking, iteration)
    if asking.header.mixes_groups:
        return  # OP016 told; what are meshes there would be judged as particles
    yield from species.strangers(asking, iteration.particles_group)
    for one in iteration.species.values():
        yield from species.species(asking, one, seen)
        yield from patches.patches(asking, one)
        if has_edpic:
            yield from edpic.species(asking, one, iteration)
    yield from _draft(asking, iteration)


def _draft(asking: Asking, iteration: Iteration) -> Iterator[Finding]:
    """Extensions that only the draft 2.0 has."""
    if not asking.is_draft:
        return
    for one in iteration.species.values():
        if asking.declares("ParticleWeighting") and not asking.declares(ED_PIC):
            yield from weighting.weightings(asking, one)
        if asking.declares("SpeciesType") or asking.declares("BeamPhysics"):
            yield from beamphysics.kind(asking, one)
        if asking.declares("BeamPhysics"):
            yield from beamphysics.beam(asking, one)
    if asking.declares("Wavefront"):
        yield from light.wavefront(asking, iteration)
    if asking.declares("LaserEnvelope"):
        yield from light.envelope(asking, iteration)


__all__ = ["Asking", "Seen", "check_file", "check_series"]
