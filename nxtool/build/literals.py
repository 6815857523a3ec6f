"""Values written in a recipe, as arrays of the type the definition asks for.

Numbers become int64, uint64 or float64 by their NX type, text stays text, dates get their zone.
Each function gives None where the value is not of the kind that is due; the caller says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from nxtool.build.data import Array
from nxtool.recipe.quantity import Linspace, Quantity, Values, quantity_of
from nxtool.yamltree.nodes import ListNode, Node, Scalar

TEXT_TYPES: Final = frozenset({"NX_CHAR", "NX_DATE_TIME", "ISO8601"})
_INTEGERS: Final = {"NX_INT": "int64", "NX_UINT": "uint64", "NX_POSINT": "uint64"}


@dataclass(frozen=True, slots=True)
class Value:
    """An array, and the unit written with it."""

    array: Array
    unit: str = ""

    @property
    def is_ragged(self) -> bool:
        """True for lists of lists that differ in length: no array."""
        items = self.array.reshape(-1) if self.array.dtype == object else ()
        return not all(isinstance(item, str) for item in items)


def literal(node: Node, nx_type: str) -> Value | None:
    """The value of `node` as `nx_type`; with no type, as what it looks like."""
    if nx_type in TEXT_TYPES:
        return text_value(node)
    if nx_type == "NX_BOOLEAN":
        return _boolean(node)
    if nx_type in ("", "NX_CHAR_OR_NUMBER"):
        return _by_looks(node)
    if nx_type in ("NX_COMPLEX", "NX_CCOMPLEX", "NX_PCOMPLEX"):
        return _complex(node)
    quantity = quantity_of(node)
    return None if quantity is None else _numbers(quantity, nx_type)


def text_value(node: Node) -> Value | None:
    """A text or a list of texts; numbers and booleans as they are written."""
    if isinstance(node, Scalar):
        return None if node.is_null else Value(np.array(node.text, dtype=object))
    if isinstance(node, ListNode) and all(isinstance(item, Scalar) for item in node.items):
        array = np.empty(len(node), dtype=object)
        array[:] = [item.text for item in node.items if isinstance(item, Scalar)]
        return Value(array)
    return None


def _by_looks(node: Node) -> Value | None:
    """Booleans, then numbers with their unit, else text."""
    if isinstance(node, Scalar) and isinstance(node.value, bool):
        return Value(np.array(node.value))
    if isinstance(node, Scalar) and node.style != "plain":
        return text_value(node)
    quantity = quantity_of(node)
    return _numbers(quantity, "NX_NUMBER") if quantity is not None else text_value(node)


def _boolean(node: Node) -> Value | None:
    items = node.items if isinstance(node, ListNode) else (node,)
    found: list[bool] = []
    for item in items:
        if not isinstance(item, Scalar) or item.value not in (0, 1):
            return None
        found.append(bool(item.value))
    return Value(np.array(found if isinstance(node, ListNode) else found[0]))


def _complex(node: Node) -> Value | None:
    quantity = quantity_of(node)
    if quantity is not None:
        return Value(as_array(quantity.values).astype(np.complex128), quantity.unit)
    if not isinstance(node, Scalar):
        return None
    try:
        return Value(np.array(complex(node.text.replace(" ", ""))))
    except ValueError:
        return None


def _numbers(quantity: Quantity, nx_type: str) -> Value | None:
    array = as_array(quantity.values)
    if array.dtype == object:
        return Value(array)  # ragged: the caller says so
    if nx_type == "NX_FLOAT":
        return Value(array.astype(np.float64), quantity.unit)
    if nx_type in _INTEGERS:
        if array.dtype.kind == "f":
            return None
        fits = nx_type == "NX_INT" or not array.size or array.min() >= 0
        return Value(array.astype(_INTEGERS[nx_type]) if fits else array, quantity.unit)
    if nx_type == "NX_BINARY":
        inside = array.dtype.kind in "iu" and (
            not array.size or (array.min() >= 0 and array.max() < 256)
        )
        return Value(array.astype(np.uint8)) if inside else None
    return Value(array, quantity.unit)


def as_array(values: Values) -> Array:
    """The numbers as int64, else float64; ragged lists give an object array of rank 1."""
    if isinstance(values, Linspace):
        return values.array()
    try:
        array = np.array(values)
    except (ValueError, OverflowError):
        return np.array(values, dtype=object)
    return array.astype(np.float64) if array.dtype.kind not in "iuf" else array
