"""How records of macro-particles are weighted: part of ED-PIC in openPMD 1.x, of the extension
ParticleWeighting in the draft 2.0 (which ED-PIC implies)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from nxtool.findings import Finding
from nxtool.openpmd import stated
from nxtool.openpmd.model import Record, Species
from nxtool.openpmd.rules.asking import Asking
from nxtool.openpmd.rules.forms import FLOAT64, UINT32, wanted

_NONE: Final = (0.0,) * 7
_LENGTH: Final = (1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
DIMENSIONS: Final = {
    "boundElectrons": _NONE,
    "charge": (0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0),
    "mass": (0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    "momentum": (1.0, 1.0, -1.0, 0.0, 0.0, 0.0, 0.0),
    "neutronNumber": _NONE,
    "position": _LENGTH,
    "positionOffset": _LENGTH,
    "protonNumber": _NONE,
}
"""What the extension fixes for records with these names; `weighting` has a rule of its own."""
POWERS: Final = {
    "boundElectrons": 1.0, "charge": 1.0, "mass": 1.0, "momentum": 1.0, "neutronNumber": 1.0,
    "position": 0.0, "positionOffset": 0.0, "protonNumber": 1.0, "weighting": 1.0,
}  # fmt: skip
_LOW_DIMENSIONS: Final = (-1.0, -2.0)
"""Powers of the length that a weighting may have in the draft: particles for each m or m²."""


def weightings(asking: Asking, species: Species) -> Iterator[Finding]:
    """Every record says how it is weighted, well-known ones as is fixed."""
    for record in filter(lambda one: one.components, species.records.values()):
        yield from _stated(asking, record)
        yield from _fixed(asking, record)
    weighting = species.records.get("weighting")
    if weighting is not None:
        yield from _weighting(asking, weighting)


def _stated(asking: Asking, record: Record) -> Iterator[Finding]:
    found = yield from wanted(asking, record.view, "macroWeighted", "ED107", UINT32)
    value = stated.number(record.view, "macroWeighted") if found is not None else None
    if value is not None and value not in (0, 1):
        yield asking.of_attribute(
            "ED107", record.view, "macroWeighted", f"is {value:g}, neither 0 nor 1", "value"
        )
    yield from wanted(asking, record.view, "weightingPower", "ED107", FLOAT64)


def _fixed(asking: Asking, record: Record) -> Iterator[Finding]:
    dimension = DIMENSIONS.get(record.name)
    is_whole = len(record.unit_dimension) == len(_NONE)
    if dimension is not None and is_whole and record.unit_dimension != dimension:
        message = f"is not that of {record.name}"
        yield asking.of_attribute("ED108", record.view, "unitDimension", message, "dimension")
    due = POWERS.get(record.name)
    power = stated.number(record.view, "weightingPower")
    if due is not None and power is not None and power != due:
        message = f"is {power:g}, not {due:g} as fixed for {record.name}"
        yield asking.of_attribute("ED108", record.view, "weightingPower", message, "power")


def _weighting(asking: Asking, record: Record) -> Iterator[Finding]:
    """The number of real particles that a macro-particle stands for."""
    if stated.number(record.view, "macroWeighted") == 0:
        yield asking.of_attribute("ED109", record.view, "macroWeighted", "is 0, not 1", "value")
    if stated.number(record.view, "weightingPower") not in (None, 1.0):
        yield asking.of_attribute("ED109", record.view, "weightingPower", "is not 1", "value")
    for component in record.components.values():
        if component.unit_si not in (None, 1.0):
            message = f"is {component.unit_si:g}, not 1"
            yield asking.of_attribute("ED109", component.view, "unitSI", message, "value")
    dimension = record.unit_dimension
    low = asking.is_draft and dimension[:1] and dimension[0] in _LOW_DIMENSIONS
    if dimension and dimension != _NONE and not (low and dimension[1:] == _NONE[1:]):
        message = "is not that of a number"
        yield asking.of_attribute("ED109", record.view, "unitDimension", message, "dimension")
