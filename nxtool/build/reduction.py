"""What was lost on purpose, kept as steps of processing: `reduction_1` and so on in an entry.

Each is an NXprocess with the program and its version, the date, its place among the others, and an
NXparameters with method, measure and the paths of all that was changed in this way. What was
measured while writing is in the attribute `nxtool_lossy` of each dataset.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import numpy as np

import nxtool
from nxtool import nxpath
from nxtool.build.desk import Desk
from nxtool.build.lossy import Coded, Quantized
from nxtool.build.plan import PlannedField, PlannedGroup
from nxtool.build.provenance import class_in, now, put
from nxtool.build.step import Step
from nxtool.storage.lossrecord import RECORD

NAME: Final = "reduction_"
PARAMETERS: Final = "parameters"


def plan_reductions(desk: Desk, entry: PlannedGroup) -> None:
    """Add the steps by which values of an entry are changed."""
    for index, step in enumerate(_steps(desk, entry), 1):
        _add(desk, entry, step, index)


def _steps(desk: Desk, entry: PlannedGroup) -> Iterator[Step]:
    """The steps in their order; equal ones of several fields are one."""
    inside = f"{entry.path}/"
    yield from (step for step in desk.plan.steps if "".join(step.paths[:1]).startswith(inside))
    found: dict[tuple[object, ...], Step] = {}
    fields = (node for node in entry.walk() if isinstance(node, PlannedField))
    for one in _of_fields(fields):
        key = (one.method, *one.parameters.items())
        before = found[key].paths if key in found else ()
        found[key] = Step(one.method, one.parameters, (*before, *one.paths))
    yield from found.values()


def _of_fields(fields: Iterable[PlannedField]) -> Iterator[Step]:
    for field in fields:
        data = field.data
        if isinstance(data, Quantized):
            rounding = data.quantizer
            yield _step(rounding.method, rounding.parameters, rounding.bound_text, field)
        elif isinstance(data, Coded):
            coder = data.bounded
            yield _step(coder.method, coder.parameters, coder.text, field)


def _step(method: str, measures: Mapping[str, float], bound: str, field: PlannedField) -> Step:
    return Step(method, {**measures, "bound": bound}, (field.path,))


def _add(desk: Desk, entry: PlannedGroup, step: Step, index: int) -> None:
    name = _free_name(entry)
    nx_class = class_in(entry.concept, name)
    path = nxpath.join(entry.path, name)
    process = PlannedGroup(path, nx_class, concept=desk.schema.base_class(nx_class))
    process.origin = "nxtool"
    put(process, "program", "nxtool")
    put(process, "version", nxtool.__version__)
    put(process, "date", now())
    put(process, "sequence_index", np.array(index, dtype=np.int64))
    process.children[PARAMETERS] = _parameters(desk, nxpath.join(path, PARAMETERS), step)
    entry.children[name] = process


def _parameters(desk: Desk, path: str, step: Step) -> PlannedGroup:
    concept = desk.schema.base_class("NXparameters")
    group = PlannedGroup(path, "NXparameters", concept=concept, origin="nxtool")
    put(group, "method", step.method)
    for name, value in step.parameters.items():
        put(group, name, value if isinstance(value, str) else np.array(value))
    put(group, "path", list(step.paths))
    put(group, "measured", f"attribute {RECORD} of each")
    return group


def _free_name(entry: PlannedGroup) -> str:
    number = 1
    while f"{NAME}{number}" in entry.children:
        number += 1
    return f"{NAME}{number}"
