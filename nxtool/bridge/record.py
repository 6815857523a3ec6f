"""The record of what a bridge added to a file, kept in the file, and the way back.

It is one text, JSON: `{"nxtool": version, "direction", "form", "groups": [path…], "attributes":
{name: [path…]}, "moves": [[from, to]…], "kept": [[place, name]…]}`. Groups are ours as a whole;
attributes were given to objects that had been there before; objects were moved in this order;
attributes of the root are kept at a place. So what was done can be undone exactly.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import h5py

from nxtool import __version__
from nxtool.bridge.additions import Addition, Group, Mark
from nxtool.build.inplace import TEXT
from nxtool.errors import FileUnreadable

Direction = Literal["to-nexus", "from-nexus"]
Form = Literal["overlay", "sidecar", "copy"]
NAME: Final = "added_by_nxtool"
"""The dataset with the record; it lies in a group that was added."""
_LARGEST: Final = 256 * 2**20


@dataclass(slots=True)
class Record:
    """What was added to one file."""

    direction: Direction
    form: Form
    groups: list[str] = field(default_factory=list)
    attributes: dict[str, list[str]] = field(default_factory=dict)
    moves: list[tuple[str, str]] = field(default_factory=list)
    kept: list[tuple[str, str]] = field(default_factory=list)


def recorded(direction: Direction, form: Form, made: Iterable[Addition]) -> Record:
    """The record of additions that were made: of groups only those that hold the others."""
    record = Record(direction, form)
    for addition in made:
        if isinstance(addition, Mark):
            record.attributes.setdefault(addition.name, []).append(addition.path)
        elif isinstance(addition, Group) and not _is_inside(addition.path, record.groups):
            record.groups.append(addition.path)
    return record


def _is_inside(path: str, groups: list[str]) -> bool:
    """Groups come before what is in them, so only the last one can hold the next."""
    return bool(groups) and path.startswith(f"{groups[-1]}/")


def store(group: h5py.Group, record: Record) -> None:
    """Write the record into a group that it names."""
    content = {
        "nxtool": __version__,
        "direction": record.direction,
        "form": record.form,
        "groups": record.groups,
        "attributes": record.attributes,
        "moves": record.moves,
        "kept": record.kept,
    }
    group.create_dataset(NAME, data=json.dumps(content, separators=(",", ":")), dtype=TEXT)


def find_record(file: h5py.File) -> Record | None:
    """The record in a file; None where there is none.

    Raises:
        FileUnreadable: there is one that makes no sense.
    """
    for place in _places(file):
        found = file.get(f"{place}/{NAME}")
        if isinstance(found, h5py.Dataset):
            return _parsed(found, file.filename)
    return None


def _places(file: h5py.File) -> Iterable[str]:
    """Where a record may lie: in the collection of an entry, or in an iteration. Names that are not
    UTF-8, which h5py gives as bytes, are none of ours."""
    for name in file:
        is_hard = isinstance(file.get(name, getlink=True), h5py.HardLink)
        if not isinstance(name, str) or not is_hard:
            continue
        yield f"/{name}/openpmd"
        if name == "data" and isinstance(file[name], h5py.Group):
            numbers = (number for number in file[name] if isinstance(number, str))
            yield from (f"/{name}/{number}" for number in numbers if number.isdecimal())


def _parsed(found: h5py.Dataset, filename: str) -> Record:
    fault = FileUnreadable(
        f"{filename}: {found.name} is no record of nxtool", hint="restore the file"
    )
    is_text = h5py.check_string_dtype(found.dtype) is not None and found.shape == ()
    if not is_text or found.id.get_storage_size() > _LARGEST:
        raise fault
    try:
        content = json.loads(found.asstr()[()])
        return _checked(content)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise fault from error


def _checked(content: Any) -> Record:
    """The record, every part of the kind it must be; raises `ValueError`, `KeyError`,
    `TypeError`."""
    direction, form = content["direction"], content["form"]
    if direction not in ("to-nexus", "from-nexus") or form not in ("overlay", "sidecar", "copy"):
        raise ValueError(direction)
    marks = {str(name): _paths(paths) for name, paths in dict(content["attributes"]).items()}
    moves = [(before, after) for before, after in map(_paths, content["moves"])]
    kept = [(str(place), str(name)) for place, name in content["kept"]]
    return Record(direction, form, _paths(content["groups"]), marks, moves, kept)


def _paths(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(
        isinstance(path, str) and path.startswith("/") for path in value
    ):
        raise ValueError(value)
    return value
