"""Records and their components, of meshes and of particles alike (STANDARD.md, "Scalar, vector and
tensor records", "Unit systems and dimensionality", "Constant record components")."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import Final

import numpy as np

from nxtool.findings import Finding
from nxtool.nodeview import FieldView, GroupView, Unreadable, is_field, is_group
from nxtool.openpmd import stated
from nxtool.openpmd.model import Component, Record, is_constant
from nxtool.openpmd.rules import reach
from nxtool.openpmd.rules.asking import Asking
from nxtool.openpmd.rules.forms import FLOAT, FLOAT64, FLOAT64S, NUMBER, UINT64S, wanted

DIMENSIONS: Final = 7
_NUMBERS: Final = frozenset({"integer", "float", "complex"})
BLOCK_BYTES: Final = 4 * 1024 * 1024


def record(asking: Asking, record: Record) -> Iterator[Finding]:
    """A record and all its components."""
    yield from reach.name(asking, record.path)
    if not record.components:
        yield asking.tell("RC001", record.path, "is a group without components", "empty")
        return
    yield from dimension(asking, record)
    found = yield from wanted(asking, record.view, "timeOffset", "RC005", FLOAT)
    if found is not None and not math.isfinite(record.time_offset or 0.0):
        yield asking.of_attribute("RC005", record.view, "timeOffset", "is not finite", "value")
    yield from reach.comment(asking, record.view)
    if is_group(record.view) and not record.is_scalar:
        yield from _group(asking, record.view, record)
    for component in record.components.values():
        yield from _component(asking, component)
    yield from _shapes(asking, record)


def dimension(asking: Asking, record: Record) -> Iterator[Finding]:
    """The powers of the seven base units."""
    name = "unitDimension"
    if name not in record.view.attributes and record.unit_dimension:
        message = "stands with the components, not with the record"
        yield asking.of_attribute("RC004", record.view, name, message, "components")
        return
    found = yield from wanted(
        asking, record.view, "unitDimension", "RC004", FLOAT64S, length=DIMENSIONS
    )
    if found is not None and not all(map(math.isfinite, record.unit_dimension)):
        yield asking.of_attribute("RC004", record.view, "unitDimension", "is not finite", "value")


def _group(asking: Asking, group: GroupView, record: Record) -> Iterator[Finding]:
    """A group of components has some, with names of one system."""
    yield from reach.broken(asking, group, record.components)
    for component in record.components.values():
        yield from reach.name(asking, component.path)
    yield from reach.vector(asking, group.path, record.components)


def is_component(component: Component) -> bool:
    """Whether it is a dataset or a constant, though perhaps a wrong one."""
    return is_field(component.view) or is_constant(component.view)


def _component(asking: Asking, component: Component) -> Iterator[Finding]:
    view = component.view
    if not is_component(component):
        message = "is neither a dataset nor a constant with value and shape"
        yield asking.tell("RC001", view.path, message, "component")
        return
    yield from unit(asking, component)
    if is_group(view):
        yield from constant(asking, view)
    elif is_field(view):
        yield from _dataset(asking, view)


def unit(asking: Asking, component: Component, code: str = "RC003") -> Iterator[Finding]:
    """The factor of a component to SI units."""
    view = component.view
    found = yield from wanted(
        asking, view, "unitSI", code, FLOAT64,
        severity=asking.milder_in_draft() if code == "RC003" else None,
    )  # fmt: skip
    factor = stated.number(view, "unitSI") if found is not None else None
    if factor is not None and not math.isfinite(factor):
        yield asking.of_attribute(code, view, "unitSI", f"is {factor}", "value")
    elif factor == 0:
        yield asking.of_attribute(code, view, "unitSI", "is 0", "zero", severity="warning")


def constant(asking: Asking, group: GroupView) -> Iterator[Finding]:
    """A constant component says one value and the shape it stands for."""
    found = yield from wanted(asking, group, "value", "RC007", NUMBER)
    value = found.value if found is not None else None
    if value is not None and not np.all(np.isfinite(value)):
        yield asking.of_attribute(
            "RC007", group, "value", "is not finite", "finite", severity="info"
        )
    shape = yield from wanted(asking, group, "shape", "RC007", UINT64S)
    if shape is not None and stated.lengths(group, "shape") is None:
        yield asking.of_attribute("RC007", group, "shape", "has a length below zero", "value")
    if group.links:
        message = f"is constant, but holds {next(iter(group.links))!r}"
        yield asking.tell("RC007", group.path, message, "full", severity="warning")


def _dataset(asking: Asking, view: FieldView) -> Iterator[Finding]:
    """The values of a component are arrays of numbers."""
    kind = view.type.kind
    if kind == "boolean":
        yield asking.tell("RC002", view.path, "holds true and false", "bool", severity="warning")
    elif kind not in _NUMBERS:
        yield asking.tell("RC002", view.path, f"holds {view.type.text}, no numbers", "type")
    if not view.shape:
        told = "has no value" if view.shape is None else "is one value, not an array"
        yield asking.tell("RC002", view.path, told, "scalar", severity="warning")
    for name in ("value", "shape"):
        if name in view.attributes:
            message = "is of constants, but there is a dataset"
            yield asking.of_attribute("RC008", view, name, message)
    if view.storage.missing_files if asking.backend == "HDF5" and asking.values else ():
        message = f"its values lie in {view.storage.missing_files[0]!r}, which is missing"
        yield asking.tell("OP023", view.path, message)
    if asking.values and kind in _NUMBERS:
        yield from _equal_values(asking, view)


def _equal_values(asking: Asking, view: FieldView) -> Iterator[Finding]:
    """A dataset of more than one value that are all the same could be a constant."""
    shape = view.shape or ()
    if math.prod(shape) < 2 or math.prod(shape) * view.type.size > asking.max_read:
        return
    first = None
    try:
        for block in view.blocks(BLOCK_BYTES):
            values = view.read_block(block)
            first = values.flat[0] if first is None else first
            if not np.all(values == first):
                return
    except Unreadable as error:
        message = f"cannot be read: {error}"
        yield asking.tell("RC002", view.path, message, "unreadable", severity="warning")
        return
    message = f"is {first} everywhere, and could be a constant"
    yield asking.tell("RC008", view.path, message, "equal", severity="info")


def _shapes(asking: Asking, record: Record) -> Iterator[Finding]:
    """All components have one shape; that of most of them counts."""
    shapes = {component.path: component.shape for component in record.components.values()}
    counts = Counter(shape for shape in shapes.values() if shape is not None)
    if len(counts) <= 1:
        return
    usual = counts.most_common(1)[0][0]
    for path, shape in shapes.items():
        if shape is not None and shape != usual:
            message = f"has the shape {_told(shape)}, other components {_told(usual)}"
            yield asking.tell("RC006", path, message, expected=_told(usual), found=_told(shape))


def _told(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape)) or "of one value"
