"""openPMD files as openPMD-api, the reference implementation, reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

openpmd_api = pytest.importorskip("openpmd_api")

OURS = frozenset({"units"})
"""Attributes that an overlay gives to data, which openPMD allows."""


def read_series(path: Path) -> dict[str, Any]:
    """Everything that can be read, by its place: attributes, types, shapes, and values."""
    series = openpmd_api.Series(str(path), openpmd_api.Access.read_only)
    found: dict[str, Any] = {}
    for number in series.iterations:
        iteration = series.iterations[number]
        _attributes(iteration, f"{number}", found)
        for name in iteration.meshes:
            _record(series, iteration.meshes[name], f"{number}/meshes/{name}", found)
        for name in iteration.particles:
            species = iteration.particles[name]
            _attributes(species, f"{number}/particles/{name}", found)
            for record in species:
                place = f"{number}/particles/{name}/{record}"
                _record(series, species[record], place, found)
    series.close()
    return found


def _record(series: Any, record: Any, place: str, found: dict[str, Any]) -> None:
    _attributes(record, place, found)
    for name in record:
        component = record[name]
        values = component.load_chunk()
        series.flush()
        found[f"{place}/{name}"] = (str(component.dtype), tuple(component.shape), values.tobytes())
        _attributes(component, f"{place}/{name}", found)


def _attributes(node: Any, place: str, found: dict[str, Any]) -> None:
    for name in node.attributes:
        if name not in OURS:
            value = node.get_attribute(name)
            found[f"{place}@{name}"] = np.asarray(value).tolist()
