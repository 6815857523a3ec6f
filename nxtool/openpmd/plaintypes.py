"""The types of openPMD's text formats: names such as `VEC_DOUBLE` to element types and values.

The names are those of the `Datatype` enumeration of openPMD-api. Where a file gives none (the short
form of attributes), the value says what it is, and its width stays unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import numpy as np

from nxtool.nodeview import Attribute, ElementType, TypeKind

_INTEGERS: Final = {"CHAR": 1, "SHORT": 2, "INT": 4, "LONG": 8, "LONGLONG": 8}
_FLOATS: Final = {"FLOAT": 4, "DOUBLE": 8, "LONG_DOUBLE": 16}
_UNKNOWN: Final = ElementType("other", 0, "unknown type")
_BOOL: Final = ElementType("boolean", 1, "bool")
_TEXT: Final = ElementType("string", 0, "string")
Problem = str


@lru_cache(maxsize=256)
def element_type(name: str) -> ElementType:
    """The type `name`, a vector or not; of kind `other` where it is unknown.

    >>> element_type("VEC_UINT").text, element_type("ARR_DBL_7").text, element_type("X").kind
    ('uint32', 'float64', 'other')
    """
    word = "DOUBLE" if name == "ARR_DBL_7" else name.removeprefix("VEC_")
    if word == "STRING":
        return _TEXT
    if word == "BOOL":
        return _BOOL
    if word in _FLOATS:
        return _number("float", _FLOATS[word])
    if word.startswith("C") and word[1:] in _FLOATS:
        return _number("complex", 2 * _FLOATS[word[1:]])
    unsigned = word.startswith("U")
    bare = "CHAR" if word == "SCHAR" else word.removeprefix("U")
    if bare in _INTEGERS:
        return _number("integer", _INTEGERS[bare], signed=not unsigned)
    return _UNKNOWN


def _number(kind: TypeKind, size: int, *, signed: bool = True) -> ElementType:
    word = {"float": "float", "complex": "complex"}.get(kind, "int" if signed else "uint")
    return ElementType(kind, size, f"{word}{size * 8}", signed)


def attribute(name: str, stored: object) -> Attribute:
    """One attribute, in the long form (`{datatype, value}`) or the short one (the value)."""
    if isinstance(stored, Mapping) and "datatype" in stored and "value" in stored:
        word, value = stored["datatype"], stored["value"]
        element = element_type(word) if isinstance(word, str) else _UNKNOWN
        return _made(name, element, value)
    return _made(name, _type_of(stored), stored)


def _type_of(value: object) -> ElementType:
    """What an untyped value is, of unknown width."""
    first = value
    while isinstance(first, list) and first:
        first = first[0]
    if isinstance(first, str):
        return _TEXT
    if isinstance(first, bool):
        return _BOOL
    whole = isinstance(value, list) and any(isinstance(item, float) for item in value)
    if isinstance(first, int) and not whole:
        return ElementType("integer", 0, "integer")
    if isinstance(first, int | float):
        return ElementType("float", 0, "number")
    return _UNKNOWN


def _made(name: str, element: ElementType, value: object) -> Attribute:
    if element.kind == "string":
        return _text_attribute(name, element, value)
    if element is _UNKNOWN:
        return Attribute(name, element, (), None)
    try:
        values = numbers(value, element)
    except (ValueError, TypeError, OverflowError):
        return Attribute(name, element, (), None, f"is not {element.text}")
    return Attribute(name, element, values.shape, values[()] if values.shape == () else values)


def _text_attribute(name: str, element: ElementType, value: object) -> Attribute:
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) for item in items):
        return Attribute(name, element, (), None, "is not text")
    shape = (len(items),) if isinstance(value, list) else ()
    return Attribute(name, element, shape, value)


def numbers(value: object, element: ElementType) -> np.ndarray[Any, Any]:
    """Nested lists of numbers as an array; None stands for not-a-number, as JSON has none.

    Raises:
        ValueError, TypeError, OverflowError: they are no such numbers, or of uneven lengths.
    """
    if element.kind == "complex":
        pairs = np.asarray(value, dtype=np.float64)
        if pairs.ndim == 0 or pairs.shape[-1] != 2:
            raise ValueError("no pairs of real and imaginary parts")
        return np.asarray(pairs[..., 0] + 1j * pairs[..., 1])
    return np.asarray(value, dtype=_dtype(element))


def _dtype(element: ElementType) -> np.dtype[Any]:
    if element.kind == "boolean":
        return np.dtype(np.bool_)
    if element.kind == "float":
        return np.dtype(np.longdouble if element.size > 8 else f"f{element.size or 8}")
    return np.dtype(f"{'i' if element.signed else 'u'}{element.size or 8}")
