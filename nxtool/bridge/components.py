"""A component of an openPMD record as a field of NeXus: a link to it, its unit, or one value.

Units go to the attribute `units` of the dataset itself, which both standards then see. Where the
file with the data is not to be changed, and where no name says the unit with its factor,
`NAME_scaling_factor` of NXdata does.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from nxtool.bridge.additions import Field, Filled, Link, Mark, Note, Step
from nxtool.build.fixedtext import Value
from nxtool.openpmd.model import Component, Record
from nxtool.unitdimension import NO_POWERS, UnitName, unit_name
from nxtool.units import UnitError

CONSTANT: Final = "openpmd_constant"
"""Marks a dataset that stands for a constant component."""
UNIT_SI: Final = "openpmd_unitSI"
"""The factor as the openPMD file has it, beside a field that cannot have it itself."""
_NUMERIC: Final = frozenset({"integer", "float", "complex", "boolean"})
_MOST_AXES: Final = 32


@dataclass(frozen=True, slots=True)
class Source:
    """Where an openPMD file is, seen from the file being written: `file` is empty if it is the
    same one. `home` is what identities of its own objects begin with."""

    home: Hashable
    file: str = ""


def problem_of(component: Component) -> str:
    """Why a component cannot be a field of numbers; empty where it can."""
    kind = component.type.kind if component.type is not None else ""
    if kind not in _NUMERIC:
        return "holds no numbers, and is not mapped"
    if component.shape is None or len(component.shape) > _MOST_AXES:
        return "has no shape, and is not mapped"
    if component.constant and np.size(component.value) != 1:
        return "is constant without one value, and is not mapped"
    return ""


def field_name(component: Component, wanted: str) -> str:
    """The name for the field of a component. Complex numbers are no NX_NUMBER: NXopenpmd has
    fields for them, told by their names."""
    is_complex = component.type is not None and component.type.kind == "complex"
    return f"{wanted}_complex" if is_complex else wanted


def field_steps(component: Component, record: Record, path: str, source: Source) -> Iterator[Step]:
    """What makes `component` a field at `path`."""
    name, problem = _unit_of(component, record)
    if problem:
        yield Note(component.path, problem)
    if component.constant:
        yield _filled(component, path, name)
    else:
        yield Link(path, component.path, source.file)
        yield from _marks(component, name, source)
    yield from _scaling(component, record, path, name, source)


def _unit_of(component: Component, record: Record) -> tuple[UnitName, str]:
    """The name of the unit, without a text where there is none, and then why."""
    factor = component.unit_si
    try:
        return unit_name(1.0 if factor is None else factor, record.unit_dimension or NO_POWERS), ""
    except UnitError as error:
        return UnitName(""), f"has a unit without a name: {error.message}"


def _filled(component: Component, path: str, name: UnitName) -> Filled:
    attributes: dict[str, Value] = {CONSTANT: np.uint8(1)}
    if component.unit_si is not None:
        attributes[UNIT_SI] = np.float64(component.unit_si)
    if name.text:
        attributes["units"] = name.text
    return Filled(path, component.shape or (), scalar_of(component.value), attributes)


def scalar_of(value: Any) -> np.generic:
    """The one number that an attribute holds, in its own type."""
    found: np.generic = np.asarray(value).reshape(-1)[0]
    return found


def _marks(component: Component, name: UnitName, source: Source) -> Iterator[Step]:
    """The unit on the dataset itself, if it may be changed and says none yet."""
    if source.file or not name.text or "units" in component.view.attributes:
        return
    identity = component.view.identity
    if isinstance(identity, tuple) and identity[0] == source.home:
        yield Mark(component.path, "units", name.text)
    else:
        yield Note(component.path, "is in another file, where its unit is not written")


def _scaling(
    component: Component, record: Record, path: str, name: UnitName, source: Source
) -> Iterator[Field]:
    """The factor beside the field. On data in another file no unit can be written, so the factor
    has it."""
    beside = f"{path}_scaling_factor"
    factor = 1.0 if component.unit_si is None else component.unit_si
    if source.file and not component.constant:
        unit, problem = _unit_of_factor(record)
        if not problem and (unit or factor != 1):
            yield Field(beside, np.float64(factor), {"units": unit} if unit else {})
    elif name.scale != 1:
        yield Field(beside, np.float64(name.scale))


def _unit_of_factor(record: Record) -> tuple[str, str]:
    try:
        return unit_name(1.0, record.unit_dimension or NO_POWERS).text, ""
    except UnitError as error:
        return "", error.message
