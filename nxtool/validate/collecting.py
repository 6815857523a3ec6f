"""Which files below a folder are meant when a folder is named."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

SUFFIXES: Final = frozenset({".nxs", ".nx", ".nx5", ".nexus", ".h5", ".hdf5", ".hdf", ".he5"})
"""Names with one of these, in any case, are taken for HDF5, whatever is inside: a damaged file
must be told, not passed over."""
_SIGNATURE: Final = b"\x89HDF\r\n\x1a\n"


def files_below(folder: Path) -> Iterator[Path]:
    """The HDF5 files below `folder`, sorted folder by folder: by suffix, or, where the suffix is
    another, by the signature they begin with. Hidden folders and links to folders are left out.
    """
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(place, name)
            if path.suffix.lower() in SUFFIXES or _has_signature(path):
                yield path


def _has_signature(path: Path) -> bool:
    try:
        if not path.is_file():
            return False
        with path.open("rb") as stream:
            return stream.read(len(_SIGNATURE)) == _SIGNATURE
    except OSError:
        return False
