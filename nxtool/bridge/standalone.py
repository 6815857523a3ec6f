"""A file of one standard turned into one of the other, that needs no file beside it.

What was there only moves. Below the collection of an entry stands the group of its openPMD
iteration as it was; beside an openPMD tree stands all of NeXus. So nothing is lost, and the way
back restores the file exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from nxtool.bridge.additions import Addition, Link
from nxtool.bridge.entries import COLLECTION, ITERATION
from nxtool.bridge.moving import copy_attribute, move_all, move_attributes, move_back, names_of
from nxtool.bridge.record import Record, recorded, store
from nxtool.bridge.strip import take_attributes, take_groups
from nxtool.bridge.write import make
from nxtool.errors import NxtoolError

if TYPE_CHECKING:
    import h5py

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
    names = names_of(file)
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
    own = [name for name in names if name not in ("NX_class", "default")]
    move_attributes(file, series, own)
    record.kept = [(series.name, name) for name in own]


def turn_into_openpmd(
    file: h5py.File, additions: Sequence[Addition], place: str, source: h5py.File
) -> Record:
    """Move all there is to the group `place`, and add the openPMD tree beside it. Values of other
    files come from `source`."""
    names, links = names_of(file), list(file)
    file.create_group(place)
    moves = [(f"/{name}", f"{place}/{name}") for name in links]
    move_all(file, moves)
    move_attributes(file, file[place], names)
    made = make(file, additions, source)
    record = recorded("from-nexus", "copy", made)
    record.moves, record.kept = moves, [(place, name) for name in names]
    record.groups.append(place)
    store(first_iteration(file), record)
    return record


def first_iteration(file: h5py.File) -> h5py.Group:
    """An iteration of the tree that was added; the record lies in it."""
    return next(iter(file["/data"].values()))


def restore(file: h5py.File, record: Record) -> None:
    """Undo either of them. The tree that was added makes room before all of NeXus comes back to
    the root; what openPMD moved into entries must leave them before they go."""
    if record.direction == "from-nexus":
        take_attributes(file, record)
        tree, place = record.groups
        take_groups(file, replace(record, groups=[tree]))
        move_back(file, record.moves)
        _bring_back(file, record)
        take_groups(file, replace(record, groups=[place]))
    else:
        move_back(file, record.moves)
        take_attributes(file, record)
        _bring_back(file, record)
        take_groups(file, record)


def _bring_back(file: h5py.File, record: Record) -> None:
    """Give the root the attributes that were kept for it."""
    for place, name in record.kept:
        copy_attribute(file[place], file, name)
