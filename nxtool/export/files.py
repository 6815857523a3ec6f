"""The files of a dataset: the NeXus file, and those that hold values for it."""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

from nxtool.errors import FileUnreadable
from nxtool.export.notes import note
from nxtool.export.record import DataFile
from nxtool.findings import Finding
from nxtool.hdf5.otherfiles import name_in
from nxtool.nodeview import GroupView, is_field, is_group
from nxtool.sources.hashing import sha256

MAX_OBJECTS: Final = 200_000
"""How many groups and fields are looked at for other files."""
MAX_DEPTH: Final = 100
"""How far down; validation tells of files that are deeper."""


def describe(path: Path, *, checksum: bool) -> DataFile:
    """Size and time of a file, and its SHA-256 where that is asked for.

    Raises:
        FileUnreadable: it cannot be read.
    """
    try:
        status = path.stat()
        digest = sha256(path) if checksum else ""
    except OSError as error:
        raise FileUnreadable(f"{path}: {error.strerror}", hint="check the path") from error
    moment = datetime.fromtimestamp(status.st_mtime, timezone.utc)
    return DataFile(path, status.st_size, moment.isoformat(timespec="seconds"), digest)


def files_of(
    path: Path, root: GroupView, *, checksum: bool
) -> tuple[list[DataFile], list[Finding]]:
    """The NeXus file at `path` and the files its links and virtual fields lead to.

    Only files in the folder of `path` and below it belong to the dataset; the others, and those
    that are missing, are noted.
    """
    folder = path.resolve().parent
    found = [describe(path, checksum=checksum)]
    notes: list[Finding] = []
    seen = {path.resolve()}
    for place, name in linked_files(root):
        if name is None:
            message = "its sources are numbered, and stand for many files, which are not listed"
            notes.append(note("X14", place, message))
            continue
        target = Path(os.path.realpath(folder / name))
        if target in seen:
            continue
        seen.add(target)
        if not target.is_relative_to(folder):
            notes.append(note("X14", place, f"{name} lies outside the folder of the file"))
        elif not _is_file(target):
            notes.append(note("X14", place, f"{name} is missing"))
        else:
            inside = path.parent / target.relative_to(folder)
            found.append(describe(inside, checksum=checksum))
    return found, notes


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name longer than any file may have
        return False


def linked_files(root: GroupView) -> Iterator[tuple[str, str | None]]:
    """The other files that external links, virtual and external fields below `root` name, each
    with the path that names it; None for a pattern that stands for many of them."""
    waiting, seen = [root], {root.identity}
    while waiting and len(seen) < MAX_OBJECTS:
        group = waiting.pop()
        for name, link in group.links.items():
            if link.kind == "external":
                yield f"{group.path.rstrip('/')}/{name}", link.file
            elif link.kind == "hard":
                yield from _of_child(group, name, waiting, seen)
        group.rest()


def _of_child(
    group: GroupView, name: str, waiting: list[GroupView], seen: set[Hashable]
) -> Iterator[tuple[str, str | None]]:
    node = group.child(name)
    if is_group(node) and node.identity not in seen and node.path.count("/") <= MAX_DEPTH:
        seen.add(node.identity)
        waiting.append(node)
    elif is_field(node):
        is_virtual = node.storage.layout == "virtual"  # the others name files as they are called
        for file in node.storage.files:
            yield node.path, name_in(file) if is_virtual else file
