"""One export: datasets one after the other into a writer, and the file when nothing is refused."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Protocol

from nxtool.build.partfile import part_file, told_as_output_error
from nxtool.errors import OutputError
from nxtool.export.datasets import Exported, Manner, datasets
from nxtool.export.record import Record
from nxtool.findings import Finding
from nxtool.hdf5.opening import is_hdf5


class Writer(Protocol):
    """Puts datasets into the words of one catalogue."""

    def add(self, record: Record) -> list[Finding]:
        """One more dataset; notes on what is lost. Raises `MissingValue`."""

    def finish(self, target: IO[bytes]) -> None:
        """Write the whole file."""

    def close(self) -> None:
        """Give back temporary files."""


def run(
    paths: Iterable[Path],
    manner: Manner,
    writer: Writer,
    tell: Callable[[Exported], None],
    step: Callable[[Path], None] = lambda path: None,
) -> bool:
    """Give the datasets of `paths` to `writer`, and each with its notes to `tell`; whether a
    catalogue would take all of them.

    Raises:
        NxtoolError: a file cannot be read, or a value is missing.
    """
    fine = True
    for exported in datasets(paths, manner, step):
        exported.notes.extend(writer.add(exported.record))
        tell(exported)
        fine = fine and not any(item.severity == "error" for item in exported.notes)
    return fine


def write_file(writer: Writer, target: Path, *, overwrite: bool) -> None:
    """What `writer` holds as the file `target`, whole or not at all.

    Raises:
        OutputError: it exists, or cannot be written.
    """
    check_target(target, overwrite=overwrite)
    if target.exists() and not target.is_file():  # a device, a pipe
        with told_as_output_error(target), target.open("wb") as stream:
            writer.finish(stream)
        return
    with part_file(target) as part:
        with part.open("wb") as stream:
            writer.finish(stream)
        part.replace(target)


def check_target(target: Path, *, overwrite: bool) -> None:
    """Refuse, before any work, a target that could not be written, or that holds measured data,
    which no export may replace. Raises `OutputError`."""
    if target.is_dir():
        raise OutputError(f"{target}: is a folder", hint="name a file with -o")
    if target.is_file() and not overwrite:
        raise OutputError(f"{target}: exists", hint="give --overwrite, or another name with -o")
    if target.is_file() and is_hdf5(target):
        raise OutputError(f"{target}: is an HDF5 file, and is kept", hint="name another with -o")
    if not Path(os.path.realpath(target)).parent.is_dir():
        raise OutputError(f"{target.parent}: no such folder", hint="create it")
