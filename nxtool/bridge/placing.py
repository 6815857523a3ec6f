"""How a field of NeXus stands in the openPMD tree: by a link, a window, or its values."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from nxtool.bridge.additions import Brought, Group, Link, Mark, Note, Step, Window
from nxtool.bridge.components import CONSTANT, UNIT_SI, scalar_of
from nxtool.bridge.regular import units_of
from nxtool.build.fixedtext import Value
from nxtool.nodeview import Attribute, FieldView, Unreadable
from nxtool.unitdimension import NO_POWERS, SiUnit, si_unit
from nxtool.units import UnitError


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a NeXus file is, seen from the file being written: `file` is empty if it is the same
    one, where everything lies below `prefix`. `brings` says that values of other files are to be
    copied; `home` is what identities of its own objects begin with."""

    home: Hashable
    file: str = ""
    prefix: str = ""
    brings: bool = False


_LOST: Final = {
    "angle": "is an angle", "count": "counts things", "pixel": "counts pixels",
    "ratio": "is a ratio", "arbitrary": "is arbitrary", "data": "is an amount of data",
}  # fmt: skip


def unit_of(view: FieldView) -> tuple[SiUnit, str]:
    """The unit of a field for openPMD, and a clause where that is not all of it."""
    text = units_of(view)
    stored = view.attributes.get(UNIT_SI)
    try:
        unit = si_unit(text)
    except UnitError as error:
        return SiUnit(1.0, NO_POWERS), f"has a unit that openPMD cannot say: {error}"
    if stored is not None and stored.type.kind == "float" and stored.shape == ():
        unit = SiUnit(float(stored.value), unit.powers, unit.lost)
    if unit.lost and text:
        clause = _LOST.get(unit.lost, unit.lost)
        return unit, f"has the unit {text!r}, which {clause}; the exponents do not say so"
    return unit, ""


def placed(
    view: FieldView,
    path: str,
    attributes: Mapping[str, Value],
    origin: Origin,
    frame: int | None = None,
) -> Iterator[Step]:
    """What puts `view` at `path` with the attributes that openPMD wants."""
    if CONSTANT in view.attributes and view.storage.stored_bytes == 0:
        constant = _constant(view, path, attributes)
        if constant is not None:
            yield constant
            return
    if origin.file:
        yield Window(path, origin.file, view.path, attributes)
    elif frame is not None or (origin.brings and not _is_own(view, origin)):
        yield Brought(path, view.path, frame, attributes)
    elif not _is_at_home(view, origin):
        yield Note(view.path, "lies in another file, which is not changed; --copy brings it")
    else:
        yield from _linked(view, path, attributes, origin)


def _linked(
    view: FieldView, path: str, attributes: Mapping[str, Value], origin: Origin
) -> Iterator[Step]:
    taken = sorted(set(attributes) & set(view.attributes))
    if taken:
        yield Note(view.path, f"has an attribute {taken[0]} of its own, and is not linked")
        return
    empty = [one.name for one in view.attributes.values() if _is_empty(one)]
    if empty:
        yield Note(
            view.path,
            f"has an empty attribute {empty[0]}, which stops openPMD-api; --sidecar has none",
        )
    place = origin.prefix + view.path
    yield Link(path, place, hard=bool(origin.prefix))
    for name, value in attributes.items():
        yield Mark(place, name, value)


def _is_empty(attribute: Attribute) -> bool:
    return attribute.shape is None or 0 in attribute.shape


def _is_at_home(view: FieldView, origin: Origin) -> bool:
    identity = view.identity
    return isinstance(identity, tuple) and identity[0] == origin.home


def _is_own(view: FieldView, origin: Origin) -> bool:
    """Whether the values lie in the file itself."""
    return _is_at_home(view, origin) and view.storage.layout not in ("virtual", "external")


def _constant(view: FieldView, path: str, attributes: Mapping[str, Value]) -> Group | None:
    """The constant component that a dataset stands for; None where it holds nothing."""
    shape = view.shape or ()
    if 0 in shape:
        return None
    try:
        value = view.read_block(tuple(slice(0, 1) for _ in shape))
    except Unreadable:
        return None
    lengths = np.array(shape, dtype=np.uint64)
    return Group(path, {"value": scalar_of(value), "shape": lengths, **attributes})
