"""What the children of a group are, asked of libhdf5 itself.

h5py makes three Python objects for every attribute it reads. In a file of 100,000 datasets that
is most of the work, so here the library that h5py has loaded is called through ctypes: open,
look, close. This is done only for what is common and simple (numbers and strings as fields; single
strings, numbers, and short lists of both as attributes); for all else there is None, and h5py is
asked instead.
"""

from __future__ import annotations

import ctypes
import math
from ctypes import (
    POINTER,
    byref,
    c_char_p,
    c_int,
    c_int64,
    c_size_t,
    c_ssize_t,
    c_uint,
    c_uint64,
    c_void_p,
)
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from h5py import h5g, h5i, h5o, h5s, h5t
from h5py._objects import phil

from nxtool.hdf5.library import loaded_library
from nxtool.hdf5.view import MANY_ATTRIBUTES
from nxtool.nodeview import Attribute, ElementType

MAX_TEXT: Final = 4096
"""Longer strings of fixed length are left to h5py, in bytes."""
_MAX_NAME: Final = 256
_MAX_RANK: Final = 32
"""H5S_MAX_RANK."""
_INFO_WORDS: Final = 64
"""More than H5O_info1_t takes; it begins with file number and address."""
_INFO_BASIC: Final = 1
"""H5O_INFO_BASIC."""
_HID: Final = c_int64
_LETTERS: Final = {"int": "I", "uint": "U", "float": "F"}
_PLAIN: Final = {
    f"{order if size > 1 else ''}{word}{size * 8}": (
        getattr(h5t, f"{'IEEE' if letter == 'F' else 'STD'}_{letter}{size * 8}{place}"),
        np.dtype(f"{order or '<'}{letter.lower()}{size}"),
    )
    for word, letter in _LETTERS.items()
    for size in (1, 2, 4, 8)
    for order, place in (("", "LE"), (">", "BE"))
    if (letter, size) != ("F", 1) and (size > 1 or not order)
}
"""Types of numbers by the words of `ElementType.text`: that of HDF5, and that of numpy."""
_SIGNATURES: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {
    "H5Oopen": (_HID, (_HID, c_char_p, _HID)),
    "H5Oclose": (c_int, (_HID,)),
    "H5Iget_type": (c_int, (_HID,)),
    "H5Oget_info2": (c_int, (_HID, c_void_p, c_uint)),
    "H5Dget_type": (_HID, (_HID,)),
    "H5Dget_space": (_HID, (_HID,)),
    "H5Dread": (c_int, (_HID, _HID, _HID, _HID, _HID, c_void_p)),
    "H5Aget_num_attrs": (c_int, (_HID,)),
    "H5Aopen_by_idx": (_HID, (_HID, c_char_p, c_int, c_int, c_uint64, _HID, _HID)),
    "H5Aget_name": (c_ssize_t, (_HID, c_size_t, c_char_p)),
    "H5Aget_type": (_HID, (_HID,)),
    "H5Aget_space": (_HID, (_HID,)),
    "H5Aread": (c_int, (_HID, _HID, c_void_p)),
    "H5Aclose": (c_int, (_HID,)),
    "H5Tget_class": (c_int, (_HID,)),
    "H5Tget_size": (c_size_t, (_HID,)),
    "H5Tget_sign": (c_int, (_HID,)),
    "H5Tget_order": (c_int, (_HID,)),
    "H5Tis_variable_str": (c_int, (_HID,)),
    "H5Tget_strpad": (c_int, (_HID,)),
    "H5Tget_cset": (c_int, (_HID,)),
    "H5Tequal": (c_int, (_HID, _HID)),
    "H5Tclose": (c_int, (_HID,)),
    "H5Sget_simple_extent_type": (c_int, (_HID,)),
    "H5Sget_simple_extent_dims": (c_int, (_HID, POINTER(c_uint64), c_void_p)),
    "H5Sclose": (c_int, (_HID,)),
    "H5free_memory": (c_int, (c_void_p,)),
}


@dataclass(slots=True)
class Look:
    """What an object is. `type`, `attributes` and `text` (the value of a field that is one
    string) are None where h5py must be asked; then `shape` says nothing either."""

    is_group: bool
    identity: tuple[int, int]
    """As `h5o.get_info` gives it: file number and address."""
    type: ElementType | None = None
    shape: tuple[int, ...] | None = None
    attributes: dict[str, Attribute] | None = None
    text: str | None = None


class _Odd(Exception):
    """Only h5py can tell."""


class Scanner:
    """Looks at objects through the functions of a library."""

    def __init__(self, library: Any) -> None:
        """Raises `AttributeError` where the library lacks a function."""
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
        self._h5 = library
        self._name = ctypes.create_string_buffer(_MAX_NAME)
        self._text = ctypes.create_string_buffer(MAX_TEXT)
        self._pointer = c_void_p()
        self._sizes = (c_uint64 * _MAX_RANK)()
        self._info = (c_uint64 * _INFO_WORDS)()

    def look(self, anchor: h5g.GroupID, way: bytes) -> Look | None:
        """The group or field at the path `way` from `anchor`; None where only h5py can tell."""
        with phil:
            oid = self._h5.H5Oopen(anchor.id, way, 0)
            if oid < 0:
                return None
            try:
                return self._look(oid)
            finally:
                self._h5.H5Oclose(oid)

    def _look(self, oid: int) -> Look | None:
        kind = self._h5.H5Iget_type(oid)
        if kind not in (h5i.GROUP, h5i.DATASET):
            return None
        if self._h5.H5Oget_info2(oid, self._info, _INFO_BASIC) < 0:
            return None
        found = Look(kind == h5i.GROUP, (self._info[0], self._info[1]))
        if found.is_group:
            found.attributes = self._attributes(oid)
            return found
        tid = self._h5.H5Dget_type(oid)
        try:
            shape = self._shape(self._h5.H5Dget_space(oid))
            found.type, found.shape = self._type(tid), shape
            if found.type.kind == "string" and shape == ():
                found.text = self._string(self._read_field, oid, tid, found.type.size)
        except _Odd:
            if found.type is None:
                return None
        finally:
            self._h5.H5Tclose(tid)
        found.attributes = self._attributes(oid)
        return found

    def _attributes(self, oid: int) -> dict[str, Attribute] | None:
        count = self._h5.H5Aget_num_attrs(oid)
        if count > MANY_ATTRIBUTES:
            return None
        try:
            parts = [self._attribute(oid, i) for i in range(count)]
        except _Odd:
            return None
        return {part.name: part for part in parts}

    def _attribute(self, oid: int, index: int) -> Attribute:
        aid = self._h5.H5Aopen_by_idx(oid, b".", 0, 0, index, 0, 0)
        if aid < 0:
            raise _Odd
        tid = -1
        try:
            length = self._h5.H5Aget_name(aid, _MAX_NAME, self._name)
            tid = self._h5.H5Aget_type(aid)
            element = self._type(tid)
            if not 0 <= length < _MAX_NAME:
                raise _Odd
            name = _decode(self._name.value)
            shape = self._shape(self._h5.H5Aget_space(aid))
            value = self._value(aid, tid, element, shape)
        finally:
            if tid >= 0:
                self._h5.H5Tclose(tid)
            self._h5.H5Aclose(aid)
        return Attribute(name, element, shape, value)

    def _value(self, aid: int, tid: int, element: ElementType, shape: tuple[int, ...]) -> Any:
        """The value of an attribute: one, or a short list, of strings or numbers."""
        if element.kind == "string" and not shape:
            return self._string(self._h5.H5Aread, aid, tid, element.size)
        size = element.size * math.prod(shape)
        if len(shape) > 1 or not 0 < size <= MAX_TEXT:
            raise _Odd
        dtype = None if element.kind == "string" else self._dtype(tid, element)
        if self._h5.H5Aread(aid, tid, self._text) < 0:
            raise _Odd
        raw = self._text.raw[:size]
        if dtype is None:
            padding = self._h5.H5Tget_strpad(tid)
            parts = range(0, size, element.size)
            return [_unpadded(raw[at : at + element.size], padding) for at in parts]
        values = np.frombuffer(raw, dtype)
        return values if shape else values[0]

    def _dtype(self, tid: int, element: ElementType) -> np.dtype[Any]:
        """What numpy calls a type of numbers, whose bytes are as those in the file."""
        plain = _PLAIN.get(element.text)
        if plain is None or self._h5.H5Tequal(tid, plain[0].id) <= 0:
            raise _Odd
        return plain[1]

    def _type(self, tid: int) -> ElementType:
        """The type `tid` of a number or a string, as `types.element_type` gives it."""
        h5 = self._h5
        kind = h5.H5Tget_class(tid)
        size = h5.H5Tget_size(tid)
        if not size or kind not in (h5t.STRING, h5t.INTEGER, h5t.FLOAT):
            raise _Odd
        if kind == h5t.STRING:
            variable = h5.H5Tis_variable_str(tid)
            if variable < 0:
                raise _Odd
            return _string_type(0 if variable else size, h5.H5Tget_cset(tid) == h5t.CSET_UTF8)
        swapped = size > 1 and h5.H5Tget_order(tid) == h5t.ORDER_BE
        signed = kind == h5t.FLOAT or h5.H5Tget_sign(tid) != h5t.SGN_NONE
        return _number_type(kind, size, swapped, signed)

    def _shape(self, sid: int) -> tuple[int, ...]:
        """The lengths of the dataspace `sid`, which is closed."""
        if sid < 0:
            raise _Odd
        try:
            kind = self._h5.H5Sget_simple_extent_type(sid)
            if kind == h5s.SCALAR:
                return ()
            rank = self._h5.H5Sget_simple_extent_dims(sid, self._sizes, None)
            if kind != h5s.SIMPLE or rank < 0:
                raise _Odd
            return tuple(self._sizes[:rank])
        finally:
            self._h5.H5Sclose(sid)

    def _read_field(self, did: int, tid: int, buffer: Any) -> int:
        status: int = self._h5.H5Dread(did, tid, 0, 0, 0, buffer)
        return status

    def _string(self, read: Any, oid: int, tid: int, size: int) -> str:
        """One string, with the type of the file as that of the memory."""
        if size > MAX_TEXT:
            raise _Odd
        if size:
            if read(oid, tid, self._text) < 0:
                raise _Odd
            return _unpadded(self._text.raw[:size], self._h5.H5Tget_strpad(tid))
        pointer = self._pointer
        pointer.value = None
        if read(oid, tid, byref(pointer)) < 0:
            raise _Odd
        return _decode(self._taken(pointer))

    def _taken(self, pointer: c_void_p) -> bytes:
        """The C string at `pointer`, whose memory is given back."""
        if not pointer.value:
            return b""
        text = ctypes.string_at(pointer.value)
        self._h5.H5free_memory(pointer)
        return text


def scanner_for(root: h5g.GroupID) -> Scanner | None:
    """A scanner for the file of an open group; None where there is none, or where it does not
    see that group as h5py does."""
    found = _scanner()
    look = found.look(root, b".") if found is not None else None
    info = h5o.get_info(root)
    seen = look is not None and look.is_group and look.identity == (info.fileno, info.addr)
    return found if seen else None


@lru_cache(maxsize=1)
def _scanner() -> Scanner | None:
    """A scanner on the library that h5py has loaded; None where that cannot be found."""
    library = loaded_library()
    try:
        return Scanner(library) if library is not None else None
    except AttributeError:
        return None


@lru_cache(maxsize=256)
def _string_type(size: int, utf8: bool) -> ElementType:
    return ElementType("string", size, "string", utf8=utf8)


@lru_cache(maxsize=256)
def _number_type(kind: int, size: int, swapped: bool, signed: bool) -> ElementType:
    order = ">" if swapped else ""
    if kind == h5t.FLOAT:
        return ElementType("float", size, f"{order}float{size * 8}")
    return ElementType("integer", size, f"{order}{'' if signed else 'u'}int{size * 8}", signed)


def _unpadded(raw: bytes, padding: int) -> str:
    """A string of fixed length without its padding, as HDF5 gives it to numpy."""
    if padding == h5t.STR_NULLTERM:
        raw = raw.partition(b"\0")[0]
    elif padding == h5t.STR_SPACEPAD:
        raw = raw.rstrip(b" ")
    return _decode(raw.rstrip(b"\0"))


def _decode(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
