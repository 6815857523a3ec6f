"""The list under `transformations`: how an object is placed and moved, step by step.

The first step is nearest the object. What is written here becomes an NXtransformations group
with a chain of `depends_on` (NeXus manual, "Coordinate systems").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nxtool.recipe.checks import check_keys, given, mistake, scalar_at, wrong_form
from nxtool.recipe.forms import SourceRef, source_at, wrong_name
from nxtool.recipe.quantity import quantity_of
from nxtool.yamltree.nodes import ListNode, MapNode, Node, Scalar

if TYPE_CHECKING:
    from nxtool.findings import Finding, Mark

TRANSFORMATION_KEYS: Final = (
    "name", "rotate", "translate", "by", "from", "units", "increment", "offset",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TransformationForm:
    """One step of NXtransformations, from the list an author writes.

    `by` is a literal or a quantity; `source` gives the positions instead. `increment` is the step
    from frame to frame, `offset` a vector.
    """

    name: Scalar
    kind: str
    vector: tuple[float, ...]
    mark: Mark
    by: Node | None = None
    source: SourceRef | None = None
    units: Scalar | None = None
    increment: Node | None = None
    offset: Node | None = None


def parse_transformations(node: Node, problems: list[Finding]) -> tuple[TransformationForm, ...]:
    """The steps of a `transformations` list, nearest the object first; wrong ones left out."""
    if not isinstance(node, ListNode):
        hint = "- {name: phi, rotate: [0, 1, 0], by: 0 deg}"
        problems.append(wrong_form(node, "transformations", "a list of steps", hint))
        return ()
    steps = [_step(item, problems) for item in node.items]
    found = tuple(step for step in steps if step is not None)
    seen: set[str] = set()
    for step in found:
        if step.name.text in seen:
            message = f"{step.name.text!r} is the name of two steps"
            problems.append(mistake("R02", step.name.mark, message, "give each its own name"))
        seen.add(step.name.text)
    return found


def _step(node: Node, problems: list[Finding]) -> TransformationForm | None:
    if not isinstance(node, MapNode):
        hint = "{name: phi, rotate: [0, 1, 0], by: 0 deg}"
        problems.append(wrong_form(node, "a step", "a mapping", hint))
        return None
    check_keys(node, TRANSFORMATION_KEYS, problems)
    name = _step_name(node, problems)
    kinds = [key for key, _ in node.items if key.text in ("rotate", "translate")]
    if len(kinds) != 1:
        hint = "give one direction: rotate: [0, 1, 0]"
        message = "a step either rotates or translates"
        problems.append(mistake("R02", kinds[1].mark if kinds else node.mark, message, hint))
        return None
    if "by" in node and "from" in node:
        message = "from cannot stand beside by"
        problems.append(mistake("R02", node.key_mark("from"), message, "keep one of the two"))
    vector = _vector(node, kinds[0].text, problems)
    if name is None or vector is None:
        return None
    return TransformationForm(
        name=name,
        kind="rotation" if kinds[0].text == "rotate" else "translation",
        vector=vector,
        mark=node.mark,
        by=given(node, "by"),
        source=source_at(node, "from", problems),
        units=scalar_at(node, "units", problems),
        increment=given(node, "increment"),
        offset=given(node, "offset"),
    )


def _step_name(node: MapNode, problems: list[Finding]) -> Scalar | None:
    name = scalar_at(node, "name", problems)
    if name is None:
        if given(node, "name") is None:
            problems.append(mistake("R02", node.mark, "a step needs a name", "name: phi"))
    elif reason := wrong_name(name.text):
        problems.append(mistake("R02", name.mark, reason, "use letters, digits, _ and . within"))
        return None
    return name


def _vector(node: MapNode, key: str, problems: list[Finding]) -> tuple[float, ...] | None:
    """The three numbers under `key`, not all zero."""
    found = node.get(key)
    quantity = quantity_of(found) if isinstance(found, ListNode) else None
    values = quantity.values if quantity else None
    if isinstance(values, tuple) and len(values) == 3:
        numbers = [float(one) for one in values if isinstance(one, int | float)]
        if len(numbers) == 3 and any(numbers):
            return tuple(numbers)
    if found is not None:
        due = "three numbers, not all zero"
        hint = "like [0, 1, 0]"
        problems.append(mistake("R02", found.mark, f"{key} must be {due}", hint))
    return None
