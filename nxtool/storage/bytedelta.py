"""Chunks for HDF5's Blosc2 filter with two steps before zstd: SHUFFLE, then BYTEDELTA.

The filter can be asked for one step alone, but decodes any frame of Blosc2 ("cframe"), which tells
itself what was done to it. So a chunk made here, by the library inside hdf5plugin, is read by every
reader whose Blosc2 knows filter 35: version 2.10.0 (2023) and later with its registered filters, in
hdf5plugin from 4.4 on. Others refuse it.
Only whole elements may come here: before 3.3.2 the filter lost what was left over of a block.

Source: blosc2.h and filters-registry.h of c-blosc2, whose `blosc2_cparams` begins alike in all
versions from 2.0 to 3.4; blosc2_filter.c of HDF5-Blosc2.
"""

from __future__ import annotations

import ctypes as c
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.storage.pluginlib import Bytes, c_memory, plugin_library

if TYPE_CHECKING:
    from collections.abc import Callable

BLOSC2: Final = 32026
SHUFFLE: Final = 1
ZSTD: Final = 5
BYTEDELTA: Final = 35

_STEPS: Final = 6
_DEFAULTS: Final = (0, 0, 5, 0, 8, 1, 0, 4, None, bytes((0, 0, 0, 0, 0, 1)), bytes(_STEPS))
"""What the library says of itself; anything else is a layout not known here."""
_SPARE: Final = 256
"""Room for members at the end that are not known here."""
_LARGEST: Final = 2**31 - 1024 * 1024
"""A chunk of Blosc2 takes less than 2 GiB."""


class _Parameters(c.Structure):
    """`blosc2_cparams`; the members after the filters stay as the library gives them."""

    _fields_ = (
        ("compcode", c.c_uint8),
        ("compcode_meta", c.c_uint8),
        ("clevel", c.c_uint8),
        ("use_dict", c.c_int),
        ("typesize", c.c_int32),
        ("nthreads", c.c_int16),
        ("blocksize", c.c_int32),
        ("splitmode", c.c_int32),
        ("schunk", c.c_void_p),
        ("filters", c.c_uint8 * _STEPS),
        ("filters_meta", c.c_uint8 * _STEPS),
        ("others", c.c_uint8 * _SPARE),
    )


class _Storage(c.Structure):
    """`blosc2_storage`: in memory, in pieces."""

    _fields_ = (
        ("contiguous", c.c_bool),
        ("urlpath", c.c_char_p),
        ("cparams", c.POINTER(_Parameters)),
        ("others", c.c_uint8 * _SPARE),
    )


class ByteDelta:
    """Frames of zstd behind SHUFFLE and BYTEDELTA, for elements of `itemsize` bytes."""

    def __init__(
        self, library: Any, itemsize: int, level: int, decode: Callable[[Bytes], Bytes | None]
    ) -> None:
        self.decode = decode
        self._library = library
        self._itemsize = itemsize
        self._parameters = library.blosc2_get_blosc2_cparams_defaults()
        self._parameters.compcode = ZSTD
        self._parameters.clevel = level
        self._parameters.typesize = itemsize
        self._parameters.filters[:] = (0, 0, 0, 0, SHUFFLE, BYTEDELTA)
        self._parameters.filters_meta[:] = (0, 0, 0, 0, 0, itemsize)

    def encode(self, data: Bytes) -> Bytes | None:
        """The frame to store; None where it is not smaller, or the library declines."""
        if data.nbytes % self._itemsize or data.nbytes > _LARGEST:
            return None
        self._library.blosc2_init()
        storage = _Storage(cparams=c.pointer(self._parameters))
        frame = self._library.blosc2_schunk_new(c.byref(storage))
        if not frame:
            return None
        try:
            count = self._library.blosc2_schunk_append_buffer(
                frame, data.ctypes.data, data.nbytes
            )  # fmt: skip
            return self._bytes_of(frame, data.nbytes) if count == 1 else None
        finally:
            self._library.blosc2_schunk_free(frame)

    def _bytes_of(self, frame: int, limit: int) -> Bytes | None:
        """The frame as it is stored; None if it has `limit` bytes or more."""
        place, is_ours = c.c_void_p(), c.c_bool()
        size = self._library.blosc2_schunk_to_buffer(frame, c.byref(place), c.byref(is_ours))
        try:
            if size <= 0 or size >= limit:
                return None
            result = np.empty(size, dtype=np.uint8)
            c.memmove(result.ctypes.data, place, size)
            return result
        finally:
            if is_ours.value:
                c_memory().free(place)


def byte_delta(
    options: tuple[int, ...], decode: Callable[[Bytes], Bytes | None]
) -> ByteDelta | None:
    """What encodes chunks for the Blosc2 filter with these options as stored, which `decode` does;
    None where they do not ask for zstd after SHUFFLE, or the library is not one known here.
    """
    if len(options) < 7 or options[5:7] != (SHUFFLE, ZSTD):
        return None
    library = _known_library()
    return ByteDelta(library, options[2], options[4], decode) if library is not None else None


@cache
def _known_library() -> Any:
    """The functions of c-blosc2; None where they are missing, or take something else."""
    library = plugin_library(BLOSC2)
    if library is None:
        return None
    try:
        _declare(library)
    except AttributeError:
        return None
    library.blosc2_init()
    given = library.blosc2_get_blosc2_cparams_defaults()
    told = tuple(getattr(given, name) for name, _ in _Parameters._fields_[:-1])
    plain = tuple(bytes(one) if isinstance(one, c.Array) else one for one in told)
    return library if plain == _DEFAULTS else None


def _declare(library: Any) -> None:
    """Tell ctypes what the functions take and give."""
    library.blosc2_init.restype, library.blosc2_init.argtypes = None, []
    library.blosc2_get_blosc2_cparams_defaults.restype = _Parameters
    library.blosc2_get_blosc2_cparams_defaults.argtypes = []
    library.blosc2_schunk_new.restype = c.c_void_p
    library.blosc2_schunk_new.argtypes = [c.POINTER(_Storage)]
    library.blosc2_schunk_append_buffer.restype = c.c_int64
    library.blosc2_schunk_append_buffer.argtypes = [c.c_void_p, c.c_void_p, c.c_int32]
    library.blosc2_schunk_to_buffer.restype = c.c_int64
    library.blosc2_schunk_to_buffer.argtypes = [
        c.c_void_p, c.POINTER(c.c_void_p), c.POINTER(c.c_bool)
    ]  # fmt: skip
    library.blosc2_schunk_free.restype, library.blosc2_schunk_free.argtypes = c.c_int, [c.c_void_p]
