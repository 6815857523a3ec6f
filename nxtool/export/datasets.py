"""Files to datasets: one for each file, entry or folder.

Files are read one after the other and forgotten, so a thousand need no more memory than one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from nxtool.defaultplot import nx_class
from nxtool.errors import FileUnreadable, NxtoolError
from nxtool.export.collect import Wishes, gather
from nxtool.export.files import describe, files_of
from nxtool.export.mapping import CatalogueMapping
from nxtool.export.merge import Merger
from nxtool.export.notes import note
from nxtool.export.record import Record, Value
from nxtool.findings import Finding
from nxtool.hdf5.opening import Hdf5File
from nxtool.nodeview import GroupView, is_group
from nxtool.validate.collecting import files_below

Per = Literal["file", "entry", "folder"]
PER: Final[tuple[Per, ...]] = ("file", "entry", "folder")


@dataclass(frozen=True, slots=True)
class Manner:
    """How files become datasets.

    `entry` is the name of the entry to take where a file has several; `with_files` asks for the
    files of a dataset, `checksums` for their SHA-256. With `gaps` a dataset that lacks a required
    value is not refused, but says so. With `unique_names` two datasets of one name in an
    investigation are noted.
    """

    mapping: CatalogueMapping
    wishes: Wishes = field(default_factory=Wishes)
    per: Per = "file"
    entry: str = ""
    with_files: bool = True
    checksums: bool = False
    gaps: bool = False
    unique_names: bool = True


@dataclass(frozen=True, slots=True)
class Exported:
    """A dataset, and what is to be told of the values that were left out or changed.

    `missing` are required values that are not there, by target with the places looked at; empty
    unless gaps are wanted.
    """

    record: Record
    notes: list[Finding]
    missing: Mapping[str, str] = field(default_factory=dict)


class NoEntry(NxtoolError):
    """A file holds no NXentry, or not the one that is asked for."""


def datasets(
    paths: Iterable[Path], manner: Manner, step: Callable[[Path], None] = lambda path: None
) -> Iterator[Exported]:
    """The datasets in the files `paths`, and in the HDF5 files of folders among them, in order.

    `step` is called before each file.

    Raises:
        FileUnreadable: a file cannot be opened.
        NoEntry: it holds no NXentry; or several, and none was chosen.
        MissingValue: a value is missing that the mapping requires.
    """
    names = _Names()
    checked = names.check if manner.unique_names else _nothing
    made = _of_folders if manner.per == "folder" else _of_files
    for exported in made(_files(paths), manner, step):
        exported.notes.extend(checked(exported.record))
        yield exported


def _of_files(
    files: Iterable[tuple[Path, bool]], manner: Manner, step: Callable[[Path], None]
) -> Iterator[Exported]:
    for path, sought in files:
        yield from _of_file(path, manner, step, sought=sought)


def count_files(paths: Iterable[Path]) -> int:
    """How many files `datasets` would read."""
    return sum(1 for _ in _files(paths))


def _of_folders(
    files: Iterable[tuple[Path, bool]], manner: Manner, step: Callable[[Path], None]
) -> Iterator[Exported]:
    folders: dict[Path, list[Path]] = {}
    for path, _ in files:
        folders.setdefault(Path(os.path.realpath(path)).parent, []).append(path)
    for folder, members in folders.items():
        yield from _of_folder(folder, members, manner, step)


def _files(paths: Iterable[Path]) -> Iterator[tuple[Path, bool]]:
    """The files meant, each once; the second says that one was found in a folder, not named."""
    seen: set[str] = set()
    for path, sought in _all_files(paths):
        whole = os.path.realpath(path)
        if whole not in seen:
            seen.add(whole)
            yield path, sought


def _all_files(paths: Iterable[Path]) -> Iterator[tuple[Path, bool]]:
    for path in paths:
        if not path.is_dir():
            yield path, False
            continue
        below = list(files_below(path))
        if not below:
            raise FileUnreadable(f"{path}: there is no HDF5 file in it", hint="check the path")
        yield from ((file, True) for file in below)


def _of_file(
    path: Path, manner: Manner, step: Callable[[Path], None], *, sought: bool
) -> Iterator[Exported]:
    step(path)
    with Hdf5File(path) as file:
        entries = entries_of(file.root)
        if not entries and sought:
            return
        for entry in _chosen(path, entries, manner):
            found = gather(entry, path, manner.mapping, manner.wishes)
            if found.missing and not manner.gaps:
                raise found.error()
            record, notes = found.record, found.notes
            if manner.per == "entry" and len(entries) > 1:
                _name_by_entry(record, entry)
            if manner.with_files:
                files, more = files_of(path, file.root, checksum=manner.checksums)
                record.files = tuple(files)
                notes += more
            yield Exported(record, notes, found.missing)


def _of_folder(
    folder: Path,
    files: Iterable[Path],
    manner: Manner,
    step: Callable[[Path], None],
) -> Iterator[Exported]:
    """All files of a folder as one dataset; those without an entry only as its files."""
    merger = Merger()
    for path in files:
        found = list(_of_file(path, manner, step, sought=True))
        for one in found:
            merger.add(one.record, one.notes)
        if not found and manner.with_files:
            merger.add_file(describe(path, checksum=manner.checksums))
    if not merger.count:
        raise NoEntry(f"{folder}: no file in it holds an NXentry", hint="check the path")
    record, notes = merger.merged()
    if "dataset.name" not in manner.wishes.given:
        record.values["dataset.name"] = Value(folder.name or "dataset")
    yield Exported(record, notes)


def entries_of(root: GroupView) -> list[GroupView]:
    """The NXentry groups of a file."""
    children = (root.child(name) for name in root.links)
    return [node for node in children if is_group(node) and nx_class(node) == "NXentry"]


def _chosen(path: Path, entries: list[GroupView], manner: Manner) -> list[GroupView]:
    names = ", ".join(entry.name for entry in entries)
    if not entries:
        hint = "is it a NeXus file? `nxtool show` tells what is in it"
        raise NoEntry(f"{path}: / holds no NXentry", hint=hint)
    if manner.entry:
        found = [entry for entry in entries if entry.name == manner.entry.strip("/")]
        if not found:
            raise NoEntry(f"{path}: there is no NXentry /{manner.entry.strip('/')}", hint=names)
        return found
    if len(entries) > 1 and manner.per != "entry":
        hint = "choose one with --entry NAME, or take all with --dataset-per entry"
        raise NoEntry(f"{path}: / holds several NXentry: {names}", hint=hint)
    return entries


def _name_by_entry(record: Record, entry: GroupView) -> None:
    """Entries of one file must not get one name."""
    value = record.values.get("dataset.name")
    if value is not None and not value.path:
        record.values["dataset.name"] = Value(f"{value.text}_{entry.name}")


def _nothing(_record: Record) -> Iterator[Finding]:
    """For catalogues that do not mind what datasets are called."""
    yield from ()


class _Names:
    """The datasets seen, for ICAT refuses two of one name in an investigation."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str, str], str] = {}

    def check(self, record: Record) -> Iterator[Finding]:
        keys = ("investigation.name", "investigation.visitId", "dataset.name")
        if not record.text("dataset.name"):
            return
        key = (record.text(keys[0]), record.text(keys[1]), record.text(keys[2]))
        first = self._seen.setdefault(key, record.source)
        if first != record.source:
            hint = "give entries identifiers that differ, or choose --dataset-per folder"
            path = record.values["dataset.name"].path or "/"
            yield note("X13", path, f"{key[2]!r} is the name of the dataset in {first} too", hint)
