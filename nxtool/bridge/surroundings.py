"""What a file shares with others: whether it may be changed, and names that do not come along."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from nxtool.bridge.additions import Note
from nxtool.errors import OutputError
from nxtool.hdf5.opening import open_to_read
from nxtool.repack.apply import moved_names
from nxtool.repack.survey import survey


def check_writable(path: Path, out: Path | None) -> None:
    """Refuse to change a file that is protected. Raises `OutputError`."""
    if out is None and path.is_file() and not path.stat().st_mode & 0o222:
        hint = "--sidecar -o OUT writes a file of links, and -o OUT alone a copy"
        raise OutputError(f"{path}: is read-only", hint=hint)


def left_behind(path: Path, out: Path | None) -> Iterator[Note]:
    """Relative names of other files that a copy in another folder leads to in vain.

    Raises:
        FileUnreadable: `path` is damaged.
    """
    if out is None or out.resolve().parent == path.resolve().parent:
        return
    with closing(open_to_read(path)) as source:
        found = survey(source, path)
    for place, message in moved_names(found, path, out):
        yield Note(place, message)
