"""Addresses of things: on the web, within a document, of files from a folder; media types."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final
from urllib.parse import quote

from nxtool.export.licenses import is_web
from nxtool.export.record import DataFile
from nxtool.export.transforms import doi

HDF5: Final = "application/x-hdf5"
_HDF5_NAMES: Final = frozenset(
    {".nxs", ".nx", ".nx5", ".nexus", ".nxspe", ".h5", ".hdf5", ".hdf", ".he5", ".cxi"}
)
_FORMATS: Final = {
    ".tif": "image/tiff", ".tiff": "image/tiff", ".png": "image/png", ".jpg": "image/jpeg",
    ".csv": "text/csv", ".txt": "text/plain", ".json": "application/json",
    ".bin": "application/octet-stream", ".raw": "application/octet-stream",
}  # fmt: skip


def iri(text: str) -> str:
    """The address on the web that an identifier means, empty where it has none.

    >>> iri("10.5442/NI000001"), iri("igsn 12")
    ('https://doi.org/10.5442/NI000001', '')
    """
    try:
        return f"https://doi.org/{quote(doi(text), safe='/:;()._-')}"
    except ValueError:
        return text if is_web(text) else ""


def local(kind: str, text: str) -> str:
    """The name of a thing within its document.

    >>> local("person", "Jörg Ü")
    '#person-J%C3%B6rg%20%C3%9C'
    """
    return f"#{kind}-{quote(text, safe='', errors='replace')}"


def relative_uri(path: Path, root: Path) -> str:
    """The path of a file from `root` as a URI; empty where it lies elsewhere.

    >>> relative_uri(Path("/data/run 1/50%.nxs"), Path("/data"))
    'run%201/50%25.nxs'
    """
    for whole in (path.resolve(), path.absolute()):
        if whole.is_relative_to(root):
            return quote(os.fsencode(whole.relative_to(root).as_posix()), safe="/")
    return ""


def format_of(file: DataFile, *, first: bool = False) -> str:
    """The media type of a file by its name; the first file of a dataset is HDF5 in any case."""
    ending = file.path.suffix.lower()
    return HDF5 if first or ending in _HDF5_NAMES else _FORMATS.get(ending, "")
