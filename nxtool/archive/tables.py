"""The tables of an archive as values: each read up to a size, every number checked.

Only what hard links lead to counts as part of the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import prod
from typing import Any, Final, TypeAlias

import numpy as np

from nxtool.archive.layout import MOST_FILES, MOST_PIECES, POOL, KeptFile, wrong_name
from nxtool.nodeview import Child, FieldView, GroupView, Unreadable, is_field, is_group, one_string

Table: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"

COLUMN_BYTES: Final = 128 * 1024 * 1024
"""What one column of a table may take."""
TEXT_BYTES: Final = 1024 * 1024
LARGEST: Final = 2**62
"""What a dataset may claim beyond this is not believed: numbers of pieces have 64 bits."""


def inside(group: GroupView, path: str) -> Child | None:
    """What `path` leads to by hard links; None where it is not there or elsewhere."""
    node: Child = group
    for name in (part for part in path.split("/") if part):
        if not is_group(node) or name not in node.links or node.links[name].kind != "hard":
            return None
        node = node.child(name)
    return node


def text_in(group: GroupView, name: str) -> str:
    """The single text called `name`; empty where there is none."""
    node = inside(group, name)
    if not is_field(node) or node.type.kind != "string" or node.shape != ():
        return ""
    return one_string(node.read()) or "" if node.type.size <= TEXT_BYTES else ""


def rows_in(group: GroupView, name: str) -> int:
    """How many rows the column `name` claims; 0 where there is none."""
    node = inside(group, name)
    return node.shape[0] if is_field(node) and node.shape else 0


def files_in(embedded: GroupView, table: Table) -> tuple[KeptFile, ...]:
    """The files in `embedded`, whose pieces are in `table`.

    Raises:
        Unreadable: a column is missing or too large, or the columns contradict each other.
    """
    names, sums = _texts(embedded, "name"), _texts(embedded, "sha256")
    sizes, times = _numbers(embedded, "size", 1), _numbers(embedded, "modified_ns", 1)
    if not len(names) == len(sums) == len(sizes) == len(times):
        raise Unreadable(f"{embedded.path}: its columns differ in length")
    _check_names(embedded.path, names)
    if len(table) and table[-1, 0] >= len(names):
        raise Unreadable(f"{embedded.path}/pieces: names files that do not exist")
    bounds = np.searchsorted(table[:, 0], np.arange(len(names) + 1))
    wrong = np.flatnonzero((_sums(table[:, 3], bounds) != sizes) | (sizes < 0))
    if len(wrong):
        name = names[wrong[0]]
        raise Unreadable(f"{embedded.path}: the pieces of {name!r} do not make its size")
    whole = _sums(table[:, 1] != POOL, bounds) == 0
    rows = (range(first, last) for first, last in pairwise(bounds.tolist()))
    columns = (names, sizes.tolist(), times.tolist(), sums, rows, whole.tolist())
    return tuple(KeptFile(*values) for values in zip(*columns, strict=True))


def _sums(values: Table, bounds: Table) -> Table:
    """The sum of the values between each two bounds."""
    return np.diff(np.concatenate(([0], np.cumsum(values, dtype=np.int64)))[bounds])


def datasets_in(embedded: GroupView) -> tuple[str, ...]:
    """The paths of the datasets that files need; raises `Unreadable`."""
    return tuple(_texts(embedded, "dataset")) if "dataset" in embedded.links else ()


def _check_names(path: str, names: Sequence[str]) -> None:
    for name in names:
        reason = wrong_name(name)
        if reason:
            raise Unreadable(f"{path}: refuses the name {name!r}: {reason}")
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise Unreadable(f"{path}: the name {twice!r} stands there twice")


def pieces_in(embedded: GroupView, sizes: Sequence[int]) -> Table:
    """The rows file, origin, start, length; `sizes` are the bytes of each origin.

    Raises:
        Unreadable: the table is missing or too large, or names bytes that do not exist.
    """
    table = _numbers(embedded, "pieces", 2)
    if table.shape[1] != 4:
        raise Unreadable(f"{embedded.path}/pieces: has {table.shape[1]} columns, not 4")
    if not _is_sound(table, np.array([min(size, LARGEST) for size in sizes], dtype=np.int64)):
        raise Unreadable(f"{embedded.path}/pieces: names bytes that do not exist")
    return table


def _is_sound(table: Table, sizes: Table) -> bool:
    """True where rows are ordered by file, and their bytes exist."""
    file, origin, start, length = table.T
    if not ((file >= 0) & (origin >= 0) & (origin < len(sizes))).all():
        return False
    there = sizes[origin]
    inside_it = (start >= 0) & (start <= there) & (length >= 0)
    ordered = (np.diff(file) >= 0).all()
    return bool(ordered and inside_it.all() and (length <= there - start).all())


def _texts(group: GroupView, name: str) -> list[str]:
    field = _column(group, name, 1)
    if field.type.kind != "string" or not field.type.size:
        raise Unreadable(f"{field.path}: is no column of texts of one length")
    return list(field.read())


def _numbers(group: GroupView, name: str, axes: int) -> Table:
    field = _column(group, name, axes)
    if field.type.text != "int64":
        raise Unreadable(f"{field.path}: is not of type int64")
    return np.asarray(field.read())


def _column(group: GroupView, name: str, axes: int) -> FieldView:
    field = inside(group, name)
    if not is_field(field):
        raise Unreadable(f"{group.path}: has no table {name!r}")
    shape = field.shape
    if shape is None or len(shape) != axes:
        raise Unreadable(f"{field.path}: has no {axes} axes")
    if field.storage.layout in ("virtual", "external"):
        raise Unreadable(f"{field.path}: its values lie in other files")
    most = MOST_PIECES if axes > 1 else MOST_FILES
    values = max(prod(shape), prod(field.storage.chunks or ()))
    if shape[0] > most or values * max(1, field.type.size) > COLUMN_BYTES:
        raise Unreadable(f"{field.path}: is too large for a table")
    return field


def entries_of(root: GroupView) -> Iterator[GroupView]:
    """The groups at the top of a file."""
    for name, link in root.links.items():
        child = root.child(name) if link.kind == "hard" else None
        if is_group(child):
            yield child
