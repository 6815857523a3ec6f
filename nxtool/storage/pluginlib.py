"""The filters of hdf5plugin as plain C functions, callable from any thread.

HDF5 runs a filter while it holds its one lock. The function behind it needs no HDF5: it is in the
`H5Z_class2_t` that `H5PLget_plugin_info` of the plug-in's library returns, and takes the option
values stored with a dataset. ctypes releases Python's lock while it runs.

Source: H5Zdevelop.h and H5PLextern.h of HDF5; HDF5 Reference Manual, "Filter Behavior in HDF5".
"""

from __future__ import annotations

import ctypes as c
import sys
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

Bytes: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]"
"""Bytes in one dimension."""

THREAD_SAFE: Final = frozenset((307, 32001, 32004, 32008, 32015, 32026))
"""Lossless filters that gave in many threads what they give in one. SZ (32017) does not."""
BOUNDED: Final = frozenset((32013, 32024, 32028))
"""Lossy filters of which the same is true."""

_REVERSE: Final = 0x100
_FUNCTION: Final = c.CFUNCTYPE(
    c.c_size_t, c.c_uint, c.c_size_t, c.POINTER(c.c_uint), c.c_size_t,
    c.POINTER(c.c_size_t), c.POINTER(c.c_void_p),
)  # fmt: skip


class _FilterClass(c.Structure):
    """`H5Z_class2_t`."""

    _fields_ = (
        ("version", c.c_int),
        ("id", c.c_int),
        ("encoder_present", c.c_uint),
        ("decoder_present", c.c_uint),
        ("name", c.c_char_p),
        ("can_apply", c.c_void_p),
        ("set_local", c.c_void_p),
        ("filter", _FUNCTION),
    )


class _Function(Protocol):
    def __call__(self, *arguments: object) -> int: ...


class PluginFilter:
    """One filter with the option values of one dataset."""

    def __init__(self, function: _Function, options: Sequence[int]) -> None:
        self._function = function
        self._options = (c.c_uint * len(options))(*options)

    def encode(self, data: Bytes) -> Bytes | None:
        """The bytes to store; None where the filter declines."""
        return self._run(0, data)

    def decode(self, data: Bytes) -> Bytes | None:
        """What was encoded; None where the bytes are damaged."""
        return self._run(_REVERSE, data)

    def _run(self, flags: int, data: Bytes) -> Bytes | None:
        # the filter may free its buffer and give another, so both are of the C library
        memory = c_memory()
        size = data.nbytes
        buffer = c.c_void_p(memory.malloc(max(1, size)))
        if buffer.value is None:
            raise MemoryError
        try:
            c.memmove(buffer, data.ctypes.data, size)
            capacity = c.c_size_t(size)
            produced = self._function(
                flags, len(self._options), self._options, size, c.byref(capacity), c.byref(buffer)
            )
            if not produced:
                return None
            result = np.empty(produced, dtype=np.uint8)
            c.memmove(result.ctypes.data, buffer, produced)
            return result
        finally:
            memory.free(buffer)


def plugin_filter(
    filter_id: int, options: Sequence[int], known: frozenset[int] = THREAD_SAFE
) -> PluginFilter | None:
    """The filter `filter_id` of hdf5plugin with the option values `options` as stored; None
    where it is not in this installation or not `known` to work in threads.
    """
    function = _function(filter_id) if filter_id in known else None
    return PluginFilter(function, options) if function is not None else None


@cache
def _function(filter_id: int) -> _Function | None:
    """What the library says, after asking it who it is; the library stays loaded."""
    library = plugin_library(filter_id)
    if library is None:
        return None
    try:
        tell = library.H5PLget_plugin_info
    except AttributeError:
        return None
    tell.restype = c.c_void_p
    address = tell()
    if not address:
        return None
    found = c.cast(address, c.POINTER(_FilterClass)).contents
    function: _Function = found.filter
    return function if found.id == filter_id else None


def plugin_library(filter_id: int) -> c.CDLL | None:
    """The library hdf5plugin loaded for a filter; none where HDF5 had the filter already."""
    from hdf5plugin import FILTERS, _utils

    names = [name for name, number in FILTERS.items() if number == filter_id]
    loaded = getattr(_utils, "registered_filters", {})
    for name in names:
        if name in loaded:
            library: c.CDLL | None = loaded[name][1]
            return library
    return None


@cache
def c_memory() -> Any:
    """malloc and free of the C library that the plug-ins use."""
    library = c.CDLL("ucrtbase" if sys.platform == "win32" else None)
    library.malloc.restype, library.malloc.argtypes = c.c_void_p, [c.c_size_t]
    library.free.restype, library.free.argtypes = None, [c.c_void_p]
    return library
