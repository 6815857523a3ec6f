"""Objects of a file moved to another place in it, with their attributes as they are stored.

Data stays where it is: only names move. Soft links that lead to what moved are written anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import h5py
from h5py import h5a

from nxtool.hdf5.stored import copy_as_stored
from nxtool.repack.objects import shown

Move = tuple[str, str]


def move_all(file: h5py.File, moves: Sequence[Move]) -> None:
    """Make the moves in their order; groups on the way to the new places are made."""
    for before, after in moves:
        file.move(before, after)
    _relink(file, moves)


def move_back(file: h5py.File, moves: Sequence[Move]) -> None:
    """Undo `move_all`."""
    back = [(after, before) for before, after in reversed(moves)]
    for before, after in back:
        file.move(before, after)
    _relink(file, back)


def _relink(file: h5py.File, moves: Sequence[Move]) -> None:
    """Let the soft links in what was moved lead to the new places."""
    for _, after in moves:
        node = file.get(after, getlink=True)
        if isinstance(node, h5py.SoftLink):
            _renew(file, after, node.path, moves)
        elif isinstance(node, h5py.HardLink) and isinstance(file[after], h5py.Group):
            for path, target in list(_soft_links(file[after])):
                _renew(file, path, target, moves)


def _soft_links(top: h5py.Group) -> Iterator[tuple[str, str]]:
    """The soft links below a group, each with its target; every group is entered once."""
    seen = {_address(top)}
    pending = [top]
    while pending:
        group = pending.pop()
        for name in group:
            link = group.get(name, getlink=True)
            if isinstance(link, h5py.SoftLink):
                yield f"{group.name.rstrip('/')}/{name}", link.path
            elif isinstance(link, h5py.HardLink):
                child = group[name]
                if isinstance(child, h5py.Group) and _address(child) not in seen:
                    seen.add(_address(child))
                    pending.append(child)


def _address(group: h5py.Group) -> int:
    address: int = h5py.h5o.get_info(group.id).addr
    return address


def _renew(file: h5py.File, path: str, target: str, moves: Sequence[Move]) -> None:
    for before, after in moves:
        if target == before or target.startswith(f"{before}/"):
            del file[path]
            file[path] = h5py.SoftLink(after + target[len(before) :])
            return


def move_attributes(source: Any, target: Any, names: Iterable[str]) -> None:
    """Take attributes from one object to another of the same file, their types unchanged."""
    for name in names:
        copy_attribute(source, target, name)
        h5a.delete(source.id, _stored(name))


def names_of(node: Any) -> list[str]:
    """The names of the attributes of an object; bytes that are not UTF-8 become surrogates."""
    return [name if isinstance(name, str) else shown(name) for name in node.attrs]


def _stored(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def copy_attribute(source: Any, target: Any, name: str) -> None:
    """Give `target` an attribute of `source`, in the type it is stored in. References hold only
    within one file."""
    copy_as_stored(source.id, target.id, _stored(name))
