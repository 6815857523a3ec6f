"""openPMD particle species as NXdata: a scatter of points, each with all it carries.

All components of one length become fields with one dimension; those of the position are axes of
that dimension, for NXdata allows several.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from nxtool.bridge.additions import Group, Note, Step
from nxtool.bridge.components import Source, field_name, field_steps, problem_of
from nxtool.bridge.naming import Names
from nxtool.build.fixedtext import Value
from nxtool.openpmd.model import Component, Record, Species

POSITION: Final = "position"
_SIGNALS: Final = ("weighting", "charge", "energy", "momentum")
"""Records to be plotted first, where a species has them."""


@dataclass(frozen=True, slots=True)
class _Column:
    """A component, and the field it becomes."""

    field: str
    record: Record
    component: Component


def species_steps(species: Species, entry: str, names: Names, source: Source) -> Iterator[Step]:
    """The NXdata of `species` in the NXentry at `entry`."""
    length = species.length
    path = f"{entry}/{names.claim(species.name, 'species')}"
    columns: list[_Column] = []
    inner = Names()
    for record in species.records.values():
        for component in record.components.values():
            problem = problem_of(component) or _misfit(component, length)
            if problem:
                yield Note(component.path, problem)
                continue
            wanted = f"{record.name}_{component.name}" if component.name else record.name
            field = inner.claim(field_name(component, wanted), "record")
            columns.append(_Column(field, record, component))
    yield Group(path, _attributes(columns))
    for column in columns:
        yield from field_steps(column.component, column.record, f"{path}/{column.field}", source)
    if species.patches is not None:
        yield Note(species.patches.path, "patches have no place in NXdata")


def _misfit(component: Component, length: int | None) -> str:
    shape = component.shape
    return "" if length is not None and shape == (length,) else "has not one value for a particle"


def _attributes(columns: list[_Column]) -> dict[str, Value]:
    found: dict[str, Value] = {"NX_class": "NXdata"}
    signal = _signal(columns)
    if signal is None:
        return found
    axes = [one.field for one in columns if one.record.name == POSITION and one.field != signal]
    found["signal"] = signal
    found["axes"] = (axes[0] if axes else ".",)
    for axis in axes:
        found[f"{axis}_indices"] = np.int64(0)
    return found


def _signal(columns: list[_Column]) -> str | None:
    """What to plot over the position."""
    ranked = [one for name in _SIGNALS for one in columns if one.record.name == name]
    others = [one for one in columns if one.record.name != POSITION]
    return next((one.field for one in (*ranked, *others, *columns)), None)
