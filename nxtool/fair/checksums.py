"""Checksums in a file and beside it, compared with what they are about.

What nxtool writes: `checksum` and `algorithm` of the NXnote with the recipe, SHA-256 of the raw
files by source, and of those kept in the file. Beside a file there may be `FILE.sha256`, as
`sha256sum` writes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from nxtool import nxpath
from nxtool.archive.layout import EMBEDDED, KeptFile, wrong_name
from nxtool.archive.reading import Archive
from nxtool.archive.unpack import proven_blocks
from nxtool.defaultplot import follow
from nxtool.errors import FilterError, NxtoolError
from nxtool.fair.facts import Facts
from nxtool.fair.smalltexts import text_of
from nxtool.fair.wording import quoted, short
from nxtool.hdf5.flat import FlatBytes
from nxtool.hdf5.opening import Hdf5File
from nxtool.nodeview import GroupView, Unreadable, is_field, is_group
from nxtool.sources.hashing import sha256

MOST_ROWS: Final = 100_000
"""How many raw files of one source are compared."""
MOST_BYTES: Final = 64 * 1024 * 1024
"""A table that takes more is not read."""
_SIDECAR_BYTES: Final = 64 * 1024
_ALGORITHMS: Final = frozenset(("md5", "sha1", "sha224", "sha256", "sha384", "sha512"))

Outcome = Literal["agrees", "fails", "absent"]
"""`fails` also where one side cannot be read, `absent` where the raw file is not here."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came out for one checksum; `path` is in the file, or the name of the sidecar.

    `text` is a clause about it.
    """

    path: str
    outcome: Outcome
    text: str


def sidecar_of(path: Path) -> Path | None:
    """The file with the checksum of `path` beside it; None where there is none."""
    beside = path.with_name(f"{path.name}.sha256")
    return beside if beside.is_file() else None


def compared(file: Hdf5File, facts: Facts) -> list[Comparison]:
    """Every checksum of an open file, read anew and compared."""
    found = (_beside(file.path), _notes(file, facts), _raw(file, facts), _kept(file.path))
    return [comparison for part in found for comparison in part]


def _beside(path: Path) -> Iterator[Comparison]:
    sidecar = sidecar_of(path)
    if sidecar is None:
        return
    try:
        with sidecar.open("rb") as stream:
            text = stream.read(_SIDECAR_BYTES).decode("utf-8", "replace")
        due = _sum_in(text, path.name)
        same = due != "" and sha256(path) == due
    except (OSError, NxtoolError) as error:
        yield Comparison(sidecar.name, "fails", f"cannot be read: {error}")
        return
    if not due:
        yield Comparison(sidecar.name, "fails", "names no SHA-256 of this file")
    else:
        yield _told(sidecar.name, same, "the file")


def _sum_in(text: str, name: str) -> str:
    """The SHA-256 that lines of `sha256sum` give for a file, or a line with nothing else."""
    for line in text.splitlines():
        found, _, rest = line.strip().partition(" ")
        # the folder is that where sha256sum ran
        if len(found) == 64 and rest.strip().lstrip("*").rpartition("/")[2] in ("", name):
            return found.lower()
    return ""


def _told(path: str, same: bool, what: str) -> Comparison:
    return Comparison(
        path, "agrees" if same else "fails", f"{'fits' if same else 'does not fit'} {what}"
    )


def _notes(file: Hdf5File, facts: Facts) -> Iterator[Comparison]:
    """NXnotes with data, checksum and algorithm."""
    for path in facts.noted:
        group = follow(file.root, path)
        if is_group(group):
            yield _note(file, group)


def _note(file: Hdf5File, group: GroupView) -> Comparison:
    path = nxpath.join(group.path, "checksum")
    due, algorithm = _text(group, "checksum"), _text(group, "algorithm")
    name = algorithm.lower().replace("-", "")
    if name not in _ALGORITHMS:
        return Comparison(path, "fails", f"algorithm {quoted(algorithm)} is not known")
    try:
        digest = _digest(file.flat(nxpath.join(group.path, "data")), name)
    except (Unreadable, FilterError) as error:
        return Comparison(path, "fails", f"cannot be compared: {error}")
    return _told(path, digest == due.lower(), "the data of the note")


def _text(group: GroupView, name: str) -> str:
    field = group.child(name)
    return text_of(field) if is_field(field) else ""


def _digest(data: FlatBytes, algorithm: str) -> str:
    digest = hashlib.new(algorithm, usedforsecurity=False)
    for block in data.blocks(0, data.size):
        digest.update(block.data)
    return digest.hexdigest()


def _raw(file: Hdf5File, facts: Facts) -> Iterator[Comparison]:
    """Raw files that lie beside this one, by the tables of their sources."""
    for place in facts.sums:
        group = follow(file.root, nxpath.parent(place))
        if nxpath.base(place) == "sha256" and is_group(group) and "file_name" in group.links:
            yield from _source(file.path.resolve().parent, group)


def _source(folder: Path, group: GroupView) -> Iterator[Comparison]:
    path = nxpath.join(group.path, "sha256")
    try:
        names, sums = _column(group, "file_name"), _column(group, "sha256")
    except Unreadable as error:
        yield Comparison(path, "fails", f"cannot be read: {error}")
        return
    for name, due in zip(names, sums, strict=False):
        raw = folder / name
        if wrong_name(name) or not raw.is_file():
            yield Comparison(path, "absent", f"{short(name)} is not here")
            continue
        try:
            yield _told(path, sha256(raw) == due, name)
        except NxtoolError as error:
            yield Comparison(path, "fails", error.message)


def _column(group: GroupView, name: str) -> list[str]:
    field = group.child(name)
    if not is_field(field) or field.type.kind != "string" or len(field.shape or ()) != 1:
        return []
    rows = max(*(field.shape or (0,)), *(field.storage.chunks or (0,)))
    if rows > MOST_ROWS or rows * field.type.size > MOST_BYTES:
        raise Unreadable("it is too large a table")
    value = field.read()
    return list(value) if isinstance(value, list) else []


def _kept(path: Path) -> Iterator[Comparison]:
    """Raw files kept in the file itself."""
    try:
        with Archive(path) as archive:
            for file in archive.files:
                yield _told(EMBEDDED, _comes_out(archive, file), file.name)
    except NxtoolError as error:
        yield Comparison(EMBEDDED, "fails", error.message)


def _comes_out(archive: Archive, file: KeptFile) -> bool:
    try:
        for _ in proven_blocks(archive, file):
            pass
    except Unreadable:
        return False
    return True
