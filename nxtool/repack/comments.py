"""Comments of objects: few files have any, and h5py writes but cannot read them."""

from __future__ import annotations

import ctypes
from functools import lru_cache
from typing import Any, Final

from h5py import h5o
from h5py._objects import phil

from nxtool.hdf5.library import loaded_library
from nxtool.repack.objects import ObjectID

_PRESENT: Final = 1 << 0x0D
"""The bit for comments among the kinds of messages in a header."""


def copy_comment(source: ObjectID, target: ObjectID) -> bool:
    """Give `target` the comment of `source`; False where there is one that cannot be read."""
    if not h5o.get_info(source).hdr.mesg.present & _PRESENT:
        return True
    get = _reader()
    if get is None:
        return False
    with phil:
        length = get(source.id, None, 0)
        text = ctypes.create_string_buffer(max(0, length) + 1)
        get(source.id, text, len(text))
    h5o.set_comment(target, text.value)
    return True


@lru_cache(maxsize=1)
def _reader() -> Any:
    """`H5Oget_comment` of the library that h5py has loaded; None where that cannot be found."""
    library = loaded_library()
    if library is None:
        return None
    get = library.H5Oget_comment
    get.restype = ctypes.c_ssize_t
    get.argtypes = (ctypes.c_int64, ctypes.c_char_p, ctypes.c_size_t)
    return get
