"""What a file shares with others: whether it may be changed, and names that do not come along."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from nxtool.bridge.additions import Note
from nxtool.errors import OutputError
from nxtool.hdf5.opening import open_to_read
from nxtool.repack.apply import moved_names
from nxtool.repack.objects import shown
from nxtool.repack.survey import survey


def check_writable(path: Path, out: Path | None) -> None:
    """Refuse to change a file that is protected. Raises `OutputError`."""
    if out is None and path.is_file() and not path.stat().st_mode & 0o222:
        hint = "--sidecar -o OUT writes a file of links, and -o OUT alone a copy"
        raise OutputError(f"{path}: is read-only", hint=hint)


def left_behind(path: Path, out: Path | None, *, moves: bool = False) -> Iterator[Note]:
    """Names that lead nowhere from the new file: relative ones of other files, if it is in another
    folder; those of its own datasets that virtual ones are made of, if all `moves`.

    Raises:
        FileUnreadable: `path` is damaged.
    """
    target = path if out is None else out
    with closing(open_to_read(path)) as source:
        found = survey(source, path)
    for place, message in moved_names(found, path, target):
        yield Note(place, message)
    for held in found.datasets.values():
        if moves and held.layout == "virtual" and "." in held.outside:
            yield Note(shown(held.way), "is made of datasets of this file, which are elsewhere now")
