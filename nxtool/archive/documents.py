"""The documents of Bluesky runs that a NeXus file keeps, as they came: one a line, as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from nxtool import nxpath
from nxtool.archive.layout import DATA, DOCUMENTS, GROUP
from nxtool.archive.tables import entries_of, inside
from nxtool.errors import FileUnreadable, FilterError
from nxtool.hdf5.opening import Hdf5File
from nxtool.nodeview import GroupView, Unreadable, is_group

PLACE: Final = "bluesky/documents/data"
"""Where they are in the entry of a run that was converted without a recipe."""


def kept_documents(path: Path) -> Iterator[bytes]:
    """The lines of all documents in the file, block by block.

    Raises:
        FileUnreadable: it is no HDF5 file, keeps no documents, or they are damaged.
        FilterError: they are behind a filter that is not here.
    """
    with Hdf5File(path) as file:
        try:
            places = [place for entry in entries_of(file.root) for place in _places(entry)]
            for place in places:
                flat = file.flat(place)
                for block in flat.blocks(0, flat.size):
                    yield block.tobytes()
        except Unreadable as error:
            raise FileUnreadable(f"{path}: {error}", hint="was it damaged?") from error
        except FilterError as error:
            raise FilterError(f"{path}: {error.message}") from error
    if not places:
        message = f"{path}: keeps no documents of Bluesky"
        raise FileUnreadable(message, hint="files that nxtool made of a run do")


def has_documents(path: Path) -> bool:
    """True where `kept_documents` gives something back.

    Raises:
        FileUnreadable: it is no HDF5 file.
    """
    with Hdf5File(path) as file:
        return any(True for entry in entries_of(file.root) for _ in _places(entry))


def _places(entry: GroupView) -> Iterator[str]:
    """Where an entry has documents: on its own, and with its provenance."""
    own = inside(entry, GROUP)
    names = own.links if is_group(own) else ()
    kept = (f"{GROUP}/{name}/{DATA}" for name in names if name.startswith(DOCUMENTS))
    for place in (PLACE, *kept):
        if inside(entry, place) is not None:
            yield nxpath.join(entry.path, place)
