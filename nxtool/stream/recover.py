"""Files that a killed writer left: opened again, cut to what is whole, and labelled.

A run of Bluesky is made anew of its documents where they lie beside the file, so nothing is
missing. A file with a checkpoint is cut to it. Of any other only the superblock is mended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import h5py

from nxtool.build.fromrun import is_run
from nxtool.build.partfile import told_as_output_error
from nxtool.errors import FileUnreadable
from nxtool.hdf5.visiting import visit_objects
from nxtool.stream import session
from nxtool.stream.finishing import FinishedRun, finish_run
from nxtool.stream.livefile import LiveFile, checkpoint_home
from nxtool.stream.lock import WriterLock
from nxtool.stream.overlay import finish_change
from nxtool.stream.superblock import mend_superblock

if TYPE_CHECKING:
    from nxtool.schema.compile import Schema

STATUS: Final = "/entry/run_status"
INCOMPLETE: Final = "incomplete"


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was done to a file: `run` where it was made of documents; `rows` are those cut off by
    dataset; `positions` where the sources are to be read on; `was_open` is True where the
    superblock was mended."""

    path: Path
    was_open: bool = False
    run: FinishedRun | None = None
    has_checkpoint: bool = False
    rows: Mapping[str, int] = field(default_factory=dict)
    positions: Mapping[str, int] = field(default_factory=dict)


def recover(path: Path, schema: Schema) -> Recovered:
    """Mend a file that no writer has open any more.

    Raises:
        FileUnreadable: it is missing, no HDF5 file, or damaged beyond what a killed writer does.
        OutputError: a writer has it open, or it cannot be written.
    """
    if path.is_dir():
        raise FileUnreadable(f"{path}: is a folder", hint="name the files in it")
    if path.is_file() and is_run(path):
        hint = f"nxtool convert {path} -o FILE.nxs makes a file of it"
        raise FileUnreadable(f"{path}: is a file of documents, and whole", hint=hint)
    lock = WriterLock(path)
    try:
        with told_as_output_error(path):
            # first, for it knows the file by its first bytes, which are mended next
            finish_change(path)
        was_open = mend_superblock(path)
        before = _rows(path)
        documents = path.with_suffix(".jsonl")
        if before is not None and documents.is_file():
            done = finish_run("", documents, path, schema)
            if done.error is not None:
                raise done.error
            return Recovered(path, was_open, done)
    finally:
        lock.release()
    return Recovered(path, was_open) if before is None else _cut(path, was_open, before)


def _cut(path: Path, was_open: bool, before: Mapping[str, int]) -> Recovered:
    """Cut a file to its checkpoint."""
    live, noted = LiveFile.resume(path)
    live.close()
    with told_as_output_error(path), h5py.File(path, "r+", locking=False) as file:
        _label(file)
    rows = {name: before[name] - max(0, kept) for name, kept in noted.items() if name in before}
    positions = {name: kept for name, kept in noted.items() if name[0] not in "/#"}
    return Recovered(path, was_open, None, True, {n: r for n, r in rows.items() if r}, positions)


def _rows(path: Path) -> dict[str, int] | None:
    """How many rows the datasets of a file have; None where there is no checkpoint."""
    rows: dict[str, int] = {}
    try:
        with h5py.File(path, "r", locking=False) as file:
            if checkpoint_home(file) not in file:
                return None
            visit_objects(file, lambda name, node: _count(rows, name, node))
    except (OSError, RuntimeError) as error:
        message = f"{path}: cannot be opened: {' '.join(str(error).split())}"
        raise FileUnreadable(message, hint="it is damaged beyond what nxtool mends") from error
    return rows


def _count(rows: dict[str, int], name: str, node: h5py.HLObject) -> None:
    if isinstance(node, h5py.Dataset) and node.shape and not node.is_virtual:
        rows[f"/{name}"] = node.shape[0]


def _label(file: h5py.File) -> None:
    """Say in the file that the run did not end, unless it says that it did."""
    recorded = f"{checkpoint_home(file)}/{session.STATUS}"
    name = recorded if recorded in file else STATUS
    if name == recorded and file[name].asstr()[()] != session.RUNNING:
        return
    if name in file:
        del file[name]
    if name == recorded or "/entry" in file:
        file.create_dataset(name, data=INCOMPLETE)
