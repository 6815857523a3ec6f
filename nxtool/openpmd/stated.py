"""What attributes state, in plain values: empty or None where they are missing or unsuitable."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from nxtool.nodeview import Attribute, NodeView

_NUMBERS: Final = ("integer", "float")
MOST: Final = 4096
"""More numbers than this in one attribute are no dimensions, spacings or offsets."""


def text(node: NodeView, name: str) -> str:
    """An attribute that is one string."""
    found = node.attributes.get(name)
    return (found.text or "") if found is not None else ""


def texts(node: NodeView, name: str) -> tuple[str, ...]:
    """An attribute of strings; one string counts as a list of one."""
    found = node.attributes.get(name)
    value = found.value if found is not None else None
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else ()


def number(node: NodeView, name: str) -> float | None:
    """An attribute that is one real number, or an array of just one."""
    found = numbers(node, name)
    return found[0] if len(found) == 1 else None


def numbers(node: NodeView, name: str) -> tuple[float, ...]:
    """An attribute of real numbers; one number counts as a list of one."""
    found = node.attributes.get(name)
    return real_numbers(found) if found is not None else ()


def real_numbers(attribute: Attribute) -> tuple[float, ...]:
    """The value of an attribute as real numbers."""
    if attribute.type.kind not in _NUMBERS or attribute.value is None:
        return ()
    if math.prod(attribute.shape or ()) > MOST:
        return ()
    return tuple(float(item) for item in np.ravel(attribute.value))


def lengths(node: NodeView, name: str) -> tuple[int, ...] | None:
    """An attribute of whole numbers from 0 on; None where it is anything else."""
    found = node.attributes.get(name)
    if found is None or found.value is None or found.type.kind != "integer":
        return None
    if math.prod(found.shape or ()) > MOST:
        return None
    values = tuple(int(item) for item in np.ravel(found.value))
    return values if all(value >= 0 for value in values) else None
