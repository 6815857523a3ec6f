"""An openPMD file turned into a NeXus file that needs no other: its groups move into the entries.

Nothing is lost: below the collection of an entry stands the group of the iteration as it was, and
what the root said. So the way back restores the file exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import h5py

from nxtool.bridge.additions import Addition, Link
from nxtool.bridge.entries import COLLECTION, ITERATION
from nxtool.bridge.moving import copy_attribute, move_all, move_attributes, move_back
from nxtool.bridge.record import Record, recorded, store
from nxtool.bridge.strip import strip
from nxtool.bridge.write import make
from nxtool.errors import NxtoolError

SERIES = "series"
"""In the collection: the attributes of the root."""
BASE = "base"
"""In the collection of the first entry: the group that held the iterations."""


def turn_into_nexus(file: h5py.File, additions: Sequence[Addition], base: str) -> Record:
    """Add the entries, and move into them what openPMD says; `base` is the group of iterations.

    Raises:
        NxtoolError: the iteration is the root itself, which cannot move.
    """
    places = _places(additions)
    if any(before == "/" for before, _ in places):
        message = f"{file.filename}: the data lies in the root, not in {base}"
        raise NxtoolError(message, hint="leave out --copy: links are added where it is")
    names = list(file.attrs)
    made = make(file, [_hard(one) for one in additions if not _is_place(one)])
    record = recorded("to-nexus", "copy", made)
    collection = file[record.groups[0]][COLLECTION]
    _keep_attributes(file, collection, names, record)
    moves = list(places)
    if all(before != base for before, _ in moves):
        moves.append((base, f"{collection.name}/{BASE}"))
    move_all(file, moves)
    record.moves = moves
    store(collection, record)
    return record


def _is_place(addition: Addition) -> bool:
    """Whether it is the link from a collection to the group of its iteration."""
    return isinstance(addition, Link) and addition.path.endswith(f"/{COLLECTION}/{ITERATION}")


def _places(additions: Sequence[Addition]) -> list[tuple[str, str]]:
    """Where the groups of iterations are, and where they go."""
    return [(one.target, one.path) for one in additions if isinstance(one, Link) and _is_place(one)]


def _hard(addition: Addition) -> Addition:
    """A link that holds wherever the object goes."""
    return replace(addition, hard=True) if isinstance(addition, Link) else addition


def _keep_attributes(
    file: h5py.File, collection: h5py.Group, names: Sequence[str], record: Record
) -> None:
    """Take what the root said to a group of its own; NeXus attributes stay as well."""
    series = collection.create_group(SERIES)
    ours = record.attributes
    own = [name for name in names if name not in ("NX_class", "default", *ours)]
    move_attributes(file, series, own)
    record.kept = [(series.name, name) for name in own]


def restore(file: h5py.File, record: Record) -> None:
    """Undo `turn_into_nexus`."""
    move_back(file, record.moves)
    for place, name in record.kept:
        copy_attribute(file[place], file, name)
    strip(file, record)
