"""The HDF5 library that h5py has loaded, for what h5py does not offer."""

from __future__ import annotations

import ctypes
from pathlib import Path


def loaded_library() -> ctypes.CDLL | None:
    """The library, with functions of its own to be told their types; None where it cannot be
    found, or there are several.
    """
    try:
        with Path("/proc/self/maps").open(encoding="utf-8", errors="surrogateescape") as maps:
            paths = {line.split(maxsplit=5)[-1].strip() for line in maps if "/libhdf5" in line}
        plain = [path for path in paths if not Path(path).name.startswith("libhdf5_")]
        return ctypes.CDLL(plain[0]) if len(plain) == 1 else None
    except OSError:
        return None
