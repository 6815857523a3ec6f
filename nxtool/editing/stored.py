"""What a file holds now, as JSON for the record; bulk data is refused."""

from __future__ import annotations

import json
from math import prod
from typing import Any, Final

import numpy as np

from nxtool.nodeview import Attribute, FieldView, Unreadable

LIMIT: Final = 64 * 1024
"""Values of more bytes are data, not metadata."""
_LEAST: Final = 4
"""The bytes that a text of variable length counts for before it is read."""


def as_json(value: Any) -> str:
    """A value as the record keeps it: exact, and ASCII alone."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    return json.dumps(_plain(value))


def _plain(value: Any) -> Any:
    if isinstance(value, complex):
        return [value.real, value.imag]
    return [_plain(item) for item in value] if isinstance(value, list) else value


def field_json(view: FieldView) -> tuple[str, str]:
    """The values of a field as JSON, and why they cannot be replaced, if they cannot."""
    size = prod(view.shape or (0,)) * (view.type.size or _LEAST)
    if size > LIMIT:
        return "", f"holds {size} bytes, which is data and no metadata"
    if view.storage.layout in ("virtual", "external"):
        return "", "has its values in other files"
    try:
        value = view.read()
    except Unreadable as error:
        return "", f"cannot be read: {error}"
    if value is None and view.shape is not None:
        return "", f"holds {view.type.text}, which is neither text nor numbers"
    text = as_json(value)
    if len(text) > 2 * LIMIT:
        return "", f"holds {len(text)} characters, which is data and no metadata"
    return text, ""


def attribute_json(attribute: Attribute) -> str:
    """The value of an attribute as JSON; null for what is neither text nor numbers."""
    return as_json(attribute.value)


def is_same(old: str, new: str) -> bool:
    """True where two values are equal, whatever their types: 5 and 5.0."""
    return bool(old) and bool(json.loads(old) == json.loads(new))


def type_of(view: FieldView) -> str:
    """The NX type of a field that no definition knows, by what it holds."""
    kinds = {"string": "NX_CHAR", "float": "NX_FLOAT", "boolean": "NX_BOOLEAN"}
    if view.type.kind == "integer":
        return "NX_INT" if view.type.signed else "NX_UINT"
    return kinds.get(view.type.kind, "NX_CHAR_OR_NUMBER")
