"""The types and values of HSDS, told in JSON, in our words.

The words are those of HDF5/JSON: `{"class": "H5T_INTEGER", "base": "H5T_STD_U16LE"}`. What a server
says is not trusted: a type that makes no sense is of kind `other`, a value that does not fit its
type or shape a `ValueError`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any, Final

import numpy as np

from nxtool.hdf5.types import decode
from nxtool.nodeview import ElementType, TypeKind

_NUMBER: Final = re.compile(r"H5T_(?:STD|IEEE)_([IUF])(8|16|32|64|128)(LE|BE)")
_WORDS: Final = {"I": "int", "U": "uint", "F": "float"}
_OTHERS: Final[dict[str, tuple[TypeKind, int]]] = {
    "H5T_BITFIELD": ("bitfield", 0),
    "H5T_OPAQUE": ("opaque", 0),
    "H5T_REFERENCE": ("reference", 8),
    "H5T_ARRAY": ("array", 0),
    "H5T_VLEN": ("vlen", 16),
}
"""Kinds whose values no rule looks at, and their size in a file."""
_UNKNOWN: Final = ElementType("other", 0, "unknown type")
_MEMBERS: Final = 256
_LENGTH_BYTES: Final = 4
"""Before each text of variable length stands its length."""


def element_type(told: object) -> ElementType:
    """The type that a server tells; of kind `other` where it makes no sense."""
    if isinstance(told, str):
        return _number(told)
    if not isinstance(told, Mapping):
        return _UNKNOWN
    word = str(told.get("class"))
    if word in ("H5T_INTEGER", "H5T_FLOAT"):
        return _number(told.get("base"))
    if word == "H5T_STRING":
        length = told.get("length")
        size = length if isinstance(length, int) and length > 0 else 0
        return ElementType("string", size, "string", utf8=told.get("charSet") == "H5T_CSET_UTF8")
    if word == "H5T_ENUM":
        return _enum(told)
    if word == "H5T_COMPOUND":
        return _compound(told.get("fields"))
    if word in _OTHERS:
        kind, size = _OTHERS[word]
        return ElementType(kind, size or _int(told.get("size")), kind)
    return _UNKNOWN


def _number(base: object) -> ElementType:
    match = _NUMBER.fullmatch(base) if isinstance(base, str) else None
    if match is None:
        return _UNKNOWN
    letter, bits, order = match.groups()
    text = f"{'>' if order == 'BE' and bits != '8' else ''}{_WORDS[letter]}{bits}"
    kind: TypeKind = "float" if letter == "F" else "integer"
    return ElementType(kind, int(bits) // 8, text, signed=letter != "U")


def _enum(told: Mapping[str, Any]) -> ElementType:
    mapping = told.get("mapping") or told.get("members")
    size = element_type(told.get("base")).size
    if isinstance(mapping, Mapping):
        members = tuple(map(str, mapping))[:_MEMBERS]
    elif isinstance(mapping, Sequence):
        members = tuple(str(_of(item, "name")) for item in mapping[:_MEMBERS])
    else:
        return _UNKNOWN
    if members == ("FALSE", "TRUE"):
        return ElementType("boolean", size, "bool", members=members)
    return ElementType("enum", size, "enum", members=members)


def _compound(fields: object) -> ElementType:
    if not isinstance(fields, list):
        return _UNKNOWN
    members = tuple(str(_of(item, "name")) for item in fields[:_MEMBERS])
    types = [element_type(_of(item, "type")) for item in fields[:_MEMBERS]]
    size = sum(one.size for one in types)
    if members == ("r", "i") and {one.kind for one in types} == {"float"}:
        return ElementType("complex", size, f"complex{size * 8}", members=members)
    return ElementType("compound", size, f"compound ({', '.join(members)})", members=members)


def _of(item: object, key: str) -> object:
    return item.get(key) if isinstance(item, Mapping) else None


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0


def shape_of(told: object) -> tuple[int, ...] | None:
    """The lengths that a server tells; None for a null dataspace.

    Raises:
        TypeError, ValueError: it makes no sense.
    """
    if not isinstance(told, Mapping):
        raise TypeError("no shape")
    if told.get("class") == "H5S_NULL":
        return None
    lengths = told.get("dims", [])
    if not isinstance(lengths, list) or not all(isinstance(n, int) and n >= 0 for n in lengths):
        raise ValueError("no shape")
    return tuple(lengths)


def dtype_of(told: object, element: ElementType) -> np.dtype[Any]:
    """What numpy calls the elements of a readable type, as bytes hold them."""
    if element.kind == "string":
        return np.dtype(f"S{element.size}") if element.size else np.dtype(object)
    if element.kind == "complex" and isinstance(told, Mapping):
        first = element_type(told["fields"][0]["type"])
        order = ">" if first.text.startswith(">") else "<"
        return np.dtype(f"{order}c{element.size}")
    if element.kind in ("enum", "boolean") and isinstance(told, Mapping):
        return np.dtype(bool) if element.kind == "boolean" else _plain(told.get("base"))
    return _plain(told)


def _plain(told: object) -> np.dtype[Any]:
    text = element_type(told).text
    dtype = np.dtype(text.removeprefix(">"))
    return dtype.newbyteorder(">") if text.startswith(">") else dtype


def from_json(value: object, told: object, element: ElementType, shape: tuple[int, ...]) -> Any:
    """A value as JSON gives it, decoded as `hdf5.types.decode` does. Raises `ValueError`."""
    dtype = dtype_of(told, element)
    if element.kind == "string":
        items = _flat(value) if shape else [value]
        texts = [item if isinstance(item, str) else "" for item in items]
        if len(texts) != prod(shape):
            raise ValueError(f"holds {len(texts)} texts, not {prod(shape)}")
        return texts if shape else texts[0]
    if element.kind == "complex":
        pairs = np.asarray(value, dtype=np.float64).reshape((*shape, 2))
        values = (pairs[..., 0] + 1j * pairs[..., 1]).astype(dtype)
    else:
        values = np.asarray(value).astype(dtype).reshape(shape)
    return decode(values, element)


def _flat(value: object) -> Iterator[object] | list[object]:
    if not isinstance(value, list):
        return [value]
    return [inner for item in value for inner in _flat(item)]


def from_bytes(
    raw: bytes, told: object, element: ElementType, shape: tuple[int, ...]
) -> np.ndarray[Any, Any]:
    """Values as bytes hold them, as an array: of `bytes` for text. Raises `ValueError`."""
    dtype = dtype_of(told, element)
    if dtype.kind != "O":
        plain: np.ndarray[Any, Any] = np.frombuffer(raw, dtype).reshape(shape).copy()
        return plain
    if prod(shape) * _LENGTH_BYTES > len(raw):
        raise ValueError("holds fewer texts than it claims")
    values = np.empty(prod(shape), dtype=object)
    at = 0
    for index in range(len(values)):
        start = at + _LENGTH_BYTES
        at = start + int.from_bytes(raw[at:start], "little")
        if start > len(raw) or at > len(raw):
            raise ValueError("ends inside a text")
        values[index] = raw[start:at]
    return values.reshape(shape)
