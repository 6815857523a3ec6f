"""The shorthand for NXtransformations: a list of steps to a chain of `depends_on`.

The first step is nearest the object, whose `depends_on` names it; the last ends with `.`
(NeXus manual, "Coordinate systems", and NXtransformations).
"""

from __future__ import annotations

import numpy as np

from nxtool import nxpath, units
from nxtool.build.data import FieldData, Literal, Sourced, text
from nxtool.build.desk import Desk
from nxtool.build.fields import unknown
from nxtool.build.later import Later
from nxtool.build.literals import as_array
from nxtool.build.plan import PlannedField, PlannedGroup
from nxtool.errors import RecipeError
from nxtool.findings import Mark
from nxtool.recipe.quantity import quantity_of
from nxtool.recipe.transformations import TransformationForm, parse_transformations
from nxtool.yamltree.nodes import Node, Scalar


def plan_transformations(
    desk: Desk, later: Later, owner: PlannedGroup, key: Scalar, node: Node
) -> None:
    """Add the group `transformations` and `depends_on` to `owner`."""
    steps = parse_transformations(node, desk.problems)
    path = nxpath.join(owner.path, "transformations")
    desk.plan.marks[path] = key.mark
    if not steps:
        return
    concept = desk.schema.base_class("NXtransformations")
    group = PlannedGroup(path, "NXtransformations", concept=concept)
    owner.children["transformations"] = group
    if "depends_on" not in owner.children:
        _point(owner, nxpath.join(path, steps[0].name.text))
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        end = nxpath.join(path, following.name.text) if following is not None else "."
        _step(desk, later, group, step, end)


def _point(owner: PlannedGroup, target: str) -> None:
    path = nxpath.join(owner.path, "depends_on")
    concept = owner.concept.match_field("depends_on") if owner.concept is not None else None
    owner.children["depends_on"] = PlannedField(path, text(target), concept=concept)


def _step(
    desk: Desk, later: Later, group: PlannedGroup, step: TransformationForm, following: str
) -> None:
    path = nxpath.join(group.path, step.name.text)
    desk.plan.marks[path] = step.mark
    data, unit = _positions(desk, step)
    if data is None:
        stand_in = unknown(desk, step.source, path) if step.source is not None else None
        desk.failed.add(path)
        if stand_in is not None:
            group.children[step.name.text] = stand_in
        return
    field = PlannedField(path, data)
    field.concept = group.concept.match_field(step.name.text) if group.concept else None
    field.attributes = {
        "units": unit,
        "transformation_type": step.kind,
        "vector": np.array(step.vector, dtype=np.float64),
        "depends_on": following,
    }
    origin = step.units or step.by
    if origin is not None:
        desk.plan.marks[nxpath.attribute(path, "units")] = origin.mark
    _offset(desk, field, step)
    group.children[step.name.text] = field
    if step.increment is not None:
        later.moving.append((group, step))


def _positions(desk: Desk, step: TransformationForm) -> tuple[FieldData | None, str]:
    """The values of a step and their unit; a step without values stands at 0."""
    stated = step.units.text if step.units is not None else ""
    if step.source is not None:
        array = desk.array(step.source)
        if array is None:
            return None, ""
        dtype = array.info.dtype
        return Sourced(array, dtype), stated or array.info.units or ""
    if step.by is None:
        return Literal(np.array(0.0)), stated or _own_unit(step)
    return _quantity(desk, step.by, "by", stated)


def _own_unit(step: TransformationForm) -> str:
    """The unit of a step that states none for its positions: that of its increment."""
    increment = quantity_of(step.increment) if step.increment is not None else None
    if increment is not None and increment.unit:
        return increment.unit
    return "deg" if step.kind == "rotation" else "m"


def _quantity(desk: Desk, node: Node, word: str, stated: str) -> tuple[Literal | None, str]:
    quantity = quantity_of(node)
    if quantity is None:
        desk.problem("R04", node.mark, f"{word} is not a number", "like 200 mm or 0.1 deg")
        return None, ""
    array = as_array(quantity.values)
    if array.dtype == object:
        hint = "make them equally long"
        desk.problem("R04", node.mark, f"{word}: the rows of the list differ in length", hint)
        return None, ""
    if quantity.unit and stated and quantity.unit != stated:
        message = f"{word} has two units, {quantity.unit!r} and {stated!r}"
        desk.problem("R02", node.mark, message, "keep one of the two")
    return Literal(array.astype(np.float64)), quantity.unit or stated


def _offset(desk: Desk, field: PlannedField, step: TransformationForm) -> None:
    """The offset vector; NeXus readers expect one even where it is zero."""
    if step.offset is None:
        field.attributes["offset"] = np.zeros(3)
        field.attributes["offset_units"] = "m"
        return
    data, unit = _quantity(desk, step.offset, "offset", "")
    if data is not None:
        if data.shape != (3,):
            desk.problem("R04", step.offset.mark, "offset is not three numbers", "[0, 0, 10] mm")
        field.attributes["offset"] = data.values
        field.attributes["offset_units"] = unit or "m"


def set_in_motion(desk: Desk, later: Later, frames: int | None) -> None:
    """Steps with an increment: position 0 + i · increment for each of the frames."""
    for group, step in later.moving:
        field = group.children.get(step.name.text)
        assert step.increment is not None  # noqa: S101 - that is why it was put off
        if not isinstance(field, PlannedField):
            continue
        if frames is None:
            hint = "name a stack of frames as signal of $plot"
            message = "increment: the number of frames is not known"
            desk.problem("R04", step.increment.mark, message, hint)
            continue
        with desk.telling(step.increment.mark, field.path):
            _move(desk, field, step.increment, frames)


def _move(desk: Desk, field: PlannedField, increment: Node, frames: int) -> None:
    """Let a field be a position for each frame, in its own unit."""
    data, unit = _quantity(desk, increment, "increment", "")
    if data is None:
        return
    if data.shape:
        desk.problem("R04", increment.mark, "increment is not one number", "like 0.1 deg")
        return
    own = field.attributes["units"] = field.attributes["units"] or unit
    step = float(data.values) * _factor(unit, own, increment.mark)
    field.data = Literal(_start(field) + np.arange(frames) * step)
    desk.plan.marks[nxpath.attribute(field.path, "units")] = increment.mark


def _start(field: PlannedField) -> float:
    """The first position. Raises `RecipeError` where there is none."""
    if field.data.dtype.kind not in "iuf" or 0 in field.data.shape:
        message = f"{field.name} has no number to begin with"
        raise RecipeError(message, hint="give by, or leave increment out")
    return float(np.asarray(field.data.read(0, 1)).reshape(-1)[0])


def _factor(unit: str, own: str, mark: Mark) -> float:
    """What a number in `unit` is multiplied by to be one in the unit of the step."""
    if unit in ("", own):
        return 1.0
    try:
        return units.convert_factor(unit, own)[0]
    except units.UnitError as error:
        message = f"increment: {error.message}"
        raise RecipeError(message, hint=error.hint or f"give it in {own}", mark=mark) from None
