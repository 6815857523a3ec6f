"""The record of edits in the file itself: who changed what, when, with which program, and why.

In `/ENTRY/nxtool/edits`, an NXcollection, `edit_1` and so on hold one row a change in the columns
`action`, `path`, `old` and `new`; values are JSON. An entry that nxtool did not write gets the
group `nxtool` for it, an NXprocess where its definition has no rules of its own for one. A change
outside all entries is told in the first.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import nxtool
from nxtool import nxpath
from nxtool.archive.layout import GROUP
from nxtool.archive.tables import inside
from nxtool.build.plan import PlannedGroup
from nxtool.build.provenance import NOT_YET, VALIDATION, class_in, now, put
from nxtool.editing.model import Change
from nxtool.editing.places import Places
from nxtool.nodeview import is_group
from nxtool.schema.compile import ENTRY_CLASSES
from nxtool.validate.visit import GroupVisit

EDITS: Final = "edits"
_OWN: Final = f"{GROUP}_{EDITS}"
"""The name of our group where another program has a group called `nxtool`."""


@dataclass(frozen=True, slots=True)
class Record:
    """A group to be added, and where the verdict on the file stands in it."""

    group: PlannedGroup
    verdict: str


def plan_records(places: Places, changes: Sequence[Change], reason: str) -> list[Record]:
    """The records of `changes`, one for each entry they touch; none if the file has no entry."""
    by_entry: dict[str, list[Change]] = {}
    entries = list(_entries(places))
    for change in changes if entries else ():
        within = (
            path for path in entries if f"{change.path}/".startswith((f"{path}/", f"{path}@"))
        )
        by_entry.setdefault(next(within, entries[0]), []).append(change)
    return [_record(places, path, told, reason) for path, told in by_entry.items()]


def _entries(places: Places) -> Iterable[str]:
    root = places.group("/")
    for child in root.children.values() if root is not None else ():
        if child.nx_class in ENTRY_CLASSES and child.link.kind == "hard":
            yield child.path


def _record(places: Places, entry: str, changes: list[Change], reason: str) -> Record:
    visit = places.group(entry)
    assert visit is not None  # noqa: S101 - it was listed
    keeper = nxpath.join(entry, _keeper_name(places, visit))
    edits = nxpath.join(keeper, EDITS)
    known = inside(visit.view, f"{nxpath.base(keeper)}/{EDITS}")
    number = 1
    while is_group(known) and f"edit_{number}" in known.links:
        number += 1
    path = nxpath.join(edits, f"edit_{number}")
    group = _edit(path, changes, reason)
    if not is_group(known):
        group = _around(group, edits, "NXcollection")
    if keeper not in places.records:
        group = _around(group, keeper, class_in(visit.concept, nxpath.base(keeper)))
        _sign(group)
    return Record(group, nxpath.join(path, VALIDATION))


def _keeper_name(places: Places, entry: GroupVisit) -> str:
    """`nxtool`, unless another program has a group of that name."""
    ours = nxpath.join(entry.path, GROUP) in places.records
    return GROUP if ours or GROUP not in entry.view.links else _OWN


def _around(child: PlannedGroup, path: str, nx_class: str) -> PlannedGroup:
    """A new group that holds `child`."""
    group = PlannedGroup(path, nx_class, origin="nxtool")
    group.children[child.name] = child
    return group


def _sign(group: PlannedGroup) -> None:
    """Say who made a group, and when."""
    put(group, "program", GROUP)
    put(group, "version", nxtool.__version__)
    put(group, "date", now())


def _edit(path: str, changes: list[Change], reason: str) -> PlannedGroup:
    group = PlannedGroup(path, "NXcollection", origin="nxtool")
    _sign(group)
    put(group, "user", _user())
    if reason:
        put(group, "reason", reason)
    for column in ("action", "path", "old", "new"):
        put(group, column, [getattr(change, column) for change in changes])
    put(group, VALIDATION, NOT_YET)
    return group


def _user() -> str:
    """The name of who runs this; `unknown` where the system has none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"
