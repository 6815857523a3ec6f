"""Enumerations (E01 to E04)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nxtool import values
from nxtool.findings import Finding, Severity
from nxtool.nodeview import Attribute, one_string
from nxtool.nxdl.elements import Enumeration
from nxtool.validate import reading
from nxtool.validate.visit import FieldVisit, finding


def of_field(visit: FieldVisit) -> Iterator[Finding]:
    """The values of a field that has an enumeration; the first that does not fit is told."""
    if visit.concept is None or visit.concept.enumeration is None:
        return
    enumeration = visit.concept.enumeration
    if values.matches_type(visit.concept.type, visit.view.type, visit.view.shape).verdict == "no":
        return  # told by the rule for the type
    custom = visit.view.attributes.get("custom")
    for block in reading.blocks(visit):
        found = list(check(visit.path, block, enumeration, visit.concept.anchor, custom))
        yield from found
        if found:
            return


def check(
    path: str,
    value: Any,
    enumeration: Enumeration,
    anchor: str,
    custom: Attribute | None = None,
) -> Iterator[Finding]:
    """`value`, or the first of its elements, that is not in the enumeration.

    `custom` is the attribute by which a file declares a value of its own.
    """
    stray = stray_value(value, enumeration.items)
    declared = custom is not None and _is_true(custom.value)
    if stray is None:
        if declared and enumeration.open:
            yield finding("E04", path, "is a listed value, though custom is true", anchor=anchor)
        return
    text = reading.shown(str(stray))
    listed = ", ".join(enumeration.items[:12]) + (", …" if len(enumeration.items) > 12 else "")
    near = values.nearest(str(stray), enumeration.items)
    severity: Severity = "info" if declared else "warning"
    yield finding(
        "E03" if enumeration.open else "E01",
        path,
        f"{text} is not one of: {listed}" if not enumeration.open else f"{text} is not listed",
        severity=severity if enumeration.open else "error",
        expected=" | ".join(enumeration.items),
        found=str(stray),
        hint=f"did you mean {near!r}?" if near else "",
        anchor=anchor,
    )


def _is_true(value: object) -> bool:
    text = one_string(value)
    if text is not None:
        return text.strip().lower() in ("true", "1")
    return bool(np.all(np.asarray(value) == 1)) if value is not None else False


def stray_value(value: Any, items: tuple[str, ...]) -> Any:
    """The first element of `value` that is not in `items`; None if all are. The whole of `value`
    where the items are lists."""
    if values.enum_matches(items, value):
        return None
    if all(isinstance(values.parse_enum_item(item), tuple) for item in items):
        return value.tolist() if hasattr(value, "tolist") else value
    elements = value if isinstance(value, list) else getattr(value, "flat", [value])
    for element in elements:
        if not values.enum_matches(items, element):
            return element
    return None
