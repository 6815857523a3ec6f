"""HDF5 types as `ElementType`, and how the values of each are read and decoded."""

from __future__ import annotations

from typing import Any, Final

import h5py
import numpy as np
from h5py import h5t

from nxtool.nodeview import ElementType, TypeKind

_KINDS: Final[dict[int, TypeKind]] = {
    h5t.INTEGER: "integer",
    h5t.FLOAT: "float",
    h5t.STRING: "string",
    h5t.BITFIELD: "bitfield",
    h5t.OPAQUE: "opaque",
    h5t.COMPOUND: "compound",
    h5t.REFERENCE: "reference",
    h5t.ENUM: "enum",
    h5t.VLEN: "vlen",
    h5t.ARRAY: "array",
}
_READABLE: Final = frozenset({"integer", "float", "string", "boolean", "enum", "complex"})
_VLEN_STRING: Final = {
    cset: h5t.py_create(h5py.string_dtype(name))
    for cset, name in ((h5t.CSET_ASCII, "ascii"), (h5t.CSET_UTF8, "utf-8"))
}
"""Memory types for variable-length strings. Reading with the type of the file instead stores raw
pointers where Python expects objects."""


def element_type(tid: h5t.TypeID) -> ElementType:
    """The type `tid` in our words."""
    kind = _KINDS.get(tid.get_class(), "other")
    size = tid.get_size()
    if kind == "integer":
        signed = tid.get_sign() != h5t.SGN_NONE
        text = f"{_order(tid)}{'' if signed else 'u'}int{size * 8}"
        return ElementType(kind, size, text, signed)
    if kind == "float":
        return ElementType(kind, size, f"{_order(tid)}float{size * 8}")
    if kind == "string":
        variable = tid.is_variable_str()
        utf8 = tid.get_cset() == h5t.CSET_UTF8
        return ElementType(kind, 0 if variable else size, "string", utf8=utf8)
    if kind == "enum":
        return _enum_type(tid, size)
    if kind == "compound":
        return _compound_type(tid, size)
    return ElementType(kind, size, kind)


def _order(tid: h5t.TypeID) -> str:
    return ">" if tid.get_size() > 1 and tid.get_order() == h5t.ORDER_BE else ""


def _enum_type(tid: h5t.TypeEnumID, size: int) -> ElementType:
    count = min(tid.get_nmembers(), 256)
    members = tuple(_text(tid.get_member_name(i)) for i in range(count))
    if members == ("FALSE", "TRUE"):
        return ElementType("boolean", size, "bool", members=members)
    return ElementType("enum", size, "enum", members=members)


def _compound_type(tid: h5t.TypeCompoundID, size: int) -> ElementType:
    count = min(tid.get_nmembers(), 256)
    members = tuple(_text(tid.get_member_name(i)) for i in range(count))
    classes = {tid.get_member_class(i) for i in range(count)}
    if members == ("r", "i") and classes == {h5t.FLOAT}:
        return ElementType("complex", size, f"complex{size * 8}", members=members)
    return ElementType("compound", size, f"compound ({', '.join(members)})", members=members)


def is_readable(element: ElementType) -> bool:
    """True for kinds whose values rules look at: numbers, strings, booleans, complex."""
    return element.kind in _READABLE


def memory_plan(
    tid: h5t.TypeID, element: ElementType, shape: tuple[int, ...]
) -> tuple[np.ndarray[Any, Any], h5t.TypeID | None]:
    """An array to read `shape` elements into, and the memory type to name when reading."""
    if element.kind == "string" and element.size == 0:
        return np.empty(shape, dtype=object), _VLEN_STRING[tid.get_cset()]
    if element.kind == "string":
        return np.empty(shape, dtype=f"S{element.size}"), _padded_with_zeros(tid)
    return np.empty(shape, dtype=tid.dtype), None


def _padded_with_zeros(tid: h5t.TypeStringID) -> h5t.TypeStringID:
    """A type of text with the padding that numpy knows: HDF5 then leaves out the spaces of
    Fortran, and what stands behind the zero of C."""
    if tid.get_strpad() == h5t.STR_NULLPAD:
        return tid
    padded = tid.copy()
    padded.set_strpad(h5t.STR_NULLPAD)
    return padded


def decode(values: np.ndarray[Any, Any], element: ElementType) -> Any:
    """`values` as a plain value: a scalar string as `str`, a string array as a flat list of `str`,
    numbers as numpy. Bytes that are not UTF-8 become surrogates (PEP 383), so none is lost."""
    if element.kind != "string":
        return values[()] if values.shape == () else values
    texts = [_decode_one(raw) for raw in values.reshape(-1).tolist()]
    return texts[0] if values.shape == () else texts


def _decode_one(raw: object) -> str:
    if isinstance(raw, str):
        return raw
    return _text(raw.rstrip(b"\0")) if isinstance(raw, bytes) else ""


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
