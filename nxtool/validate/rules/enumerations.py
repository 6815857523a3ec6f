"""Enumerations (E01 to E04)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nxtool import values
from nxtool.findings import Finding, Severity
from nxtool.nxdl.elements import Enumeration
from nxtool.validate import reading
from nxtool.validate.visit import FieldVisit, finding


def of_field(visit: FieldVisit) -> Iterator[Finding]:
    """The values of a field that has an enumeration; the first that does not fit is told."""
    if visit.concept is None or visit.concept.enumeration is None:
        return
    enumeration = visit.concept.enumeration
    custom = visit.view.attributes.get("custom")
    for block in reading.blocks(visit):
        found = list(
            check(
                visit.path, block, enumeration, visit.concept.anchor, custom and custom.value
            )
        )  # fmt: skip
        yield from found
        if found:
            return


def check(
    path: str, value: Any, enumeration: Enumeration, anchor: str, custom: object = None
) -> Iterator[Finding]:
    """`value`, or the first of its elements, that is not in the enumeration.

    `custom` is the value of the attribute by which a file declares a value of its own.
    """
    stray = stray_value(value, enumeration.items)
    if stray is None:
        return
    text = reading.shown(str(stray))
    listed = ", ".join(enumeration.items[:12]) + (", …" if len(enumeration.items) > 12 else "")
    near = values.nearest(str(stray), enumeration.items)
    severity: Severity = "info" if custom is not None and bool(custom) else "warning"
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


def stray_value(value: Any, items: tuple[str, ...]) -> Any:
    """The first element of `value` that is not in `items`; None if all are."""
    if values.enum_matches(items, value):
        return None
    elements = value if isinstance(value, list) else getattr(value, "flat", [value])
    for element in elements:
        if not values.enum_matches(items, element):
            return element
    return None
