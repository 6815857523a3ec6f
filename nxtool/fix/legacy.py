"""Marks of signal and axes on fields to attributes of the group (NXdata, NIAC2014).

`signal=1` on one field, its `axes`, and `axis=N` on others say what `@signal` and `@axes` of the
group say today. The old marks go only when every NXdata that uses them could be translated, since
linked fields share their attributes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from nxtool.findings import Finding
from nxtool.fix.model import Fix, RemoveAttribute, SetAttribute
from nxtool.nodeview import Attribute, FieldView, GroupView, is_field, is_group, one_string
from nxtool.validate.visit import Walk, class_of, strings

MARKS: Final = ("signal", "axes", "axis", "primary")
_Fields = Mapping[str, FieldView]


def modernise(walk: Walk, findings: list[Finding]) -> list[Fix]:
    """The fixes for every NXdata with old marks (P11); none at all where one is not clear."""
    paths = dict.fromkeys(
        item.path.rpartition("/")[0] for item in findings if item.code == "P11"
    )  # fmt: skip
    fixes: list[Fix] = []
    marks: list[Fix] = []
    for path in paths:
        group = walk.lookup(path)
        if not is_group(group) or class_of(group) != "NXdata":
            continue
        fields = _fields(group)
        if not any(mark in view.attributes for view in fields.values() for mark in MARKS):
            continue
        found = _translate(group, fields)
        if found is None:
            return []
        signal, axes, new = found
        fixes += new
        marks += _removals(fields, signal, axes)
    return [*fixes, *marks]


def _fields(group: GroupView) -> _Fields:
    found = {}
    for name, link in group.links.items():
        child = group.child(name) if link.kind != "external" else None
        if is_field(child):
            found[name] = child
    return found


def _removals(fields: _Fields, signal: str, axes: list[str]) -> Iterator[Fix]:
    """Marks that the group repeats; those of other fields say something of their own."""
    for name, view in fields.items():
        told = ("signal", "axes") if name == signal else ()
        for mark in (*told, *(("axis", "primary") if name in axes else ())):
            if mark in view.attributes:
                message = "taken away: the group says it now"
                yield Fix("P11", RemoveAttribute(view.path, mark), message)


def _translate(group: GroupView, fields: _Fields) -> tuple[str, list[str], list[Fix]] | None:
    """Signal, axes, and what the group must say; None where the marks can be read in two ways."""
    signal = _signal(group, fields)
    if signal is None or fields[signal].shape is None:
        return None
    fixes: list[Fix] = []
    if "signal" not in group.attributes:
        fixes.append(Fix("P01", SetAttribute(group.path, "signal", signal), f"set to {signal}"))
    stated = group.attributes.get("axes")
    if stated is not None:
        return signal, strings(stated.value) or [], fixes
    axes = _axes(fields, signal)
    if axes is None:
        return None
    if any(name != "." for name in axes):
        message = f"set to {', '.join(axes)}"
        fixes.append(Fix("P11", SetAttribute(group.path, "axes", axes), message))
    return signal, list(axes), fixes


def _signal(group: GroupView, fields: _Fields) -> str | None:
    """The one field that is the signal."""
    marked = [name for name, view in fields.items() if "signal" in view.attributes]
    stated = group.attributes.get("signal")
    if stated is not None:
        name = one_string(stated.value)
        return name if name in fields and set(marked) <= {name} else None
    only = marked[0] if len(marked) == 1 else None
    return only if only and _number(fields[only].attributes["signal"]) == 1 else None


def _axes(fields: _Fields, signal: str) -> tuple[str, ...] | None:
    """The axes of the signal by dimension, `.` for none; None where it is not clear."""
    shape = fields[signal].shape or ()
    listed = fields[signal].attributes.get("axes")
    if listed is not None:
        text = one_string(listed.value)
        names = strings(listed.value) if text is None else re.split(r"[:,]", text.strip("[]"))
        if names is None or len(names) != len(shape):
            return None
        axes = [name.strip() for name in names]
    else:
        numbered = _numbered(fields, len(shape))
        if numbered is None:
            return None
        axes = numbered
    fits = (_fits(fields, name, length) for name, length in zip(axes, shape, strict=True))
    return tuple(axes) if all(fits) else None


def _numbered(fields: _Fields, rank: int) -> list[str] | None:
    """Axes by their `axis=N`, of several the one with `primary=1`."""
    axes = ["."] * rank
    for dimension in range(1, rank + 1):
        names = [
            name
            for name, view in fields.items()
            if "axis" in view.attributes and _number(view.attributes["axis"]) == dimension
        ]
        if len(names) > 1:
            names = [name for name in names if _is_primary(fields[name])]
            if len(names) != 1:
                return None
        axes[dimension - 1] = names[0] if names else "."
    known = set(range(1, rank + 1))
    stated = {_number(v.attributes["axis"]) for v in fields.values() if "axis" in v.attributes}
    return axes if stated <= known else None


def _is_primary(view: FieldView) -> bool:
    return "primary" in view.attributes and _number(view.attributes["primary"]) == 1


def _fits(fields: _Fields, name: str, length: int) -> bool:
    """A named axis is there and as long as the signal, or one longer."""
    if name == ".":
        return True
    return name in fields and fields[name].shape in ((length,), (length + 1,))


def _number(attribute: Attribute) -> int | None:
    """A mark as a number; old files also hold it as text."""
    text = one_string(attribute.value)
    if text is not None:
        return int(text) if text.strip().isdecimal() else None
    if attribute.type.kind != "integer" or np.size(attribute.value) != 1:
        return None
    return int(np.ravel(attribute.value)[0])
