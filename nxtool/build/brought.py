"""Fields and attributes of an HDF5 file as values of a recipe."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from nxtool.findings import Mark
from nxtool.nodeview import Attribute, FieldView, Unreadable, one_string
from nxtool.recipe.forms import DTYPES, wrong_name
from nxtool.recipe.variables import escape
from nxtool.yamltree.nodes import ListNode, MapNode, Node, Scalar

LEFT_OUT: Final = "written by nxtool"
LONGEST: Final = 2000
"""Longer texts stay in the file and are referred to."""
MOST_VALUES: Final = 64
"""Attributes with more values are left out."""
_NOWHERE: Final = Mark("", 1, 1)
_KINDS: Final = {
    "string": "NX_CHAR",
    "integer": "NX_INT",
    "float": "NX_FLOAT",
    "boolean": "NX_BOOLEAN",
    "complex": "NX_COMPLEX",
}
_PLUMBING: Final = ("DIMENSION_LIST", "REFERENCE_LIST", "CLASS", "NAME", "_Netcdf4Dimid")
"""Attributes by which libraries tie datasets together inside one file."""
_LITERAL: Final[Mapping[str, str]] = {
    "NX_FLOAT": "float64",
    "NX_INT": "int64",
    "NX_UINT": "uint64",
    "NX_POSINT": "uint64",
}
"""The type a number gets that is written in a recipe."""


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A field as a recipe has it; `type` is its NX type where the definition knows none, and
    `problems` are attributes that could not be taken over."""

    node: Node
    type: str
    problems: tuple[str, ...]


def field_node(view: FieldView, nx_type: str, reference: str) -> FieldValue | str:
    """A field of type `nx_type` (empty if unknown): a single value as it is, an array as
    `{from: reference}`; a text says why it cannot be taken over."""
    kind = _KINDS.get(view.type.kind)
    if kind is None or view.shape is None:
        return f"is {view.type.text}" if kind is None else "has no value"
    attributes, problems = attribute_nodes(view.attributes, ("units", "target", *_PLUMBING))
    value = _single(view, nx_type or kind)
    units = view.attributes.get("units")
    unit = one_string(units.value) if units is not None else None
    form: dict[str, Node] = {"from": scalar(reference)} if value is None else value
    if value is not None and unit is not None:
        form = {**form, "units": scalar(unit)}
    if attributes:
        form = {**form, "attrs": attributes}
    node = form["value"] if list(form) == ["value"] else mapping(form)
    return FieldValue(node, kind, tuple(problems))


def _single(view: FieldView, nx_type: str) -> dict[str, Node] | None:
    """A value that a recipe can say, and its type where that is not the usual one."""
    if view.shape != ():
        return None
    try:
        value = view.read()
    except Unreadable:
        return None
    if isinstance(value, str):
        fits = len(value) <= LONGEST and value.isprintable() and not _is_number_due(nx_type)
        return {"value": scalar(value)} if fits else None
    node = _number(value)
    stored = "bool" if view.type.kind == "boolean" else view.type.text
    if node is None or stored not in DTYPES:
        return None
    usual = _LITERAL.get(nx_type, "bool" if nx_type == "NX_BOOLEAN" else "")
    return {"value": node} if stored == usual else {"value": node, "dtype": scalar(stored)}


def _is_number_due(nx_type: str) -> bool:
    return nx_type not in ("NX_CHAR", "NX_DATE_TIME", "ISO8601", "NX_CHAR_OR_NUMBER", "")


def attribute_nodes(
    attributes: Mapping[str, Attribute], without: Collection[str]
) -> tuple[MapNode, list[str]]:
    """The attributes as a mapping, and those that cannot be taken over with the reason."""
    nodes: dict[str, Node] = {}
    problems: list[str] = []
    for name, attribute in attributes.items():
        if name in without:
            continue
        node = _attribute(attribute)
        reason = wrong_name(name) or (f"is {attribute.type.text}" if node is None else "")
        if reason or node is None:
            problems.append(f"{name}: {reason}")
        else:
            nodes[name] = node
    return mapping(nodes), problems


def _attribute(attribute: Attribute) -> Node | None:
    value = attribute.value
    if isinstance(value, str):
        return scalar(value) if value.isprintable() else None
    if isinstance(value, list):
        return _list([scalar(str(item)) for item in value])
    array = np.asarray(value)
    if array.dtype.kind not in "biuf" or array.size > MOST_VALUES:
        return None
    return _number(array[()]) if array.shape == () else _numbers(array.tolist())


def _numbers(values: list[Any]) -> Node | None:
    """Numbers in lists; None where one of them cannot be said, so that none is missing."""
    items = [_numbers(item) if isinstance(item, list) else _number(item) for item in values]
    return None if None in items else _list(items)


def _list(items: list[Any]) -> Node | None:
    return ListNode(tuple(items), _NOWHERE) if len(items) <= MOST_VALUES else None


def _number(value: Any) -> Scalar | None:
    """A finite number, or a truth value."""
    plain = value.item() if isinstance(value, np.generic | np.ndarray) else value
    if isinstance(plain, bool):
        return Scalar(plain, str(plain).lower(), _NOWHERE)
    if not isinstance(plain, int | float) or not np.isfinite(plain):
        return None
    return Scalar(plain, repr(plain), _NOWHERE)


def scalar(text: str) -> Scalar:
    """Text as a value of a recipe."""
    safe = escape(text)
    return Scalar(safe, safe, _NOWHERE, "quoted")


def mapping(nodes: Mapping[str, Node]) -> MapNode:
    """Names with their values."""
    return MapNode(tuple((scalar(name), node) for name, node in nodes.items()), _NOWHERE)
