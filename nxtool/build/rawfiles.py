"""The raw files behind a plan, and the names under which they are kept and restored.

A file below the folder of the recipe keeps its place, so that a restored recipe finds it; any
other gets a place in a folder named after its source.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

Form: TypeAlias = Literal["residual", "raw"]


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file of a source, as it was when the plan was made; `name` is relative, with `/`."""

    name: str
    path: Path
    size: int
    modified_ns: int

    @property
    def is_unchanged(self) -> bool:
        """False where size or time of change are others now, or it is gone."""
        try:
            now = self.path.stat()
        except OSError:
            return False
        return (now.st_size, now.st_mtime_ns) == (self.size, self.modified_ns)


@dataclass(frozen=True, slots=True)
class Embedding:
    """What of the raw data goes into the result: the files, and the group they go to."""

    form: Form
    group: str
    files: tuple[RawFile, ...]

    @property
    def bulk_bytes(self) -> int:
        """The bytes to be written, before compression, as far as they are known."""
        return sum(file.size for file in self.files) if self.form == "raw" else 0


def raw_files(sources: Mapping[str, Sequence[Path]], folder: Path) -> tuple[RawFile, ...]:
    """The files of all sources, each once; those below `folder` keep their names."""
    names: dict[Path, str] = {}
    for source, files in sources.items():
        plain = [normal(file) for file in files]
        outside = [file for file in plain if not file.is_relative_to(folder)]
        names |= {file: _below(file, folder) for file in plain if file.is_relative_to(folder)}
        names |= _elsewhere([file for file in outside if file not in names], source, names)
    found = ((name, path, path.stat()) for path, name in names.items())
    return tuple(RawFile(name, path, stat.st_size, stat.st_mtime_ns) for name, path, stat in found)


def normal(path: Path) -> Path:
    """`path` from the root, without `..`: what tells files apart here."""
    return Path(os.path.normpath(path.absolute()))


def _below(file: Path, folder: Path) -> str:
    return file.relative_to(folder).as_posix()


def _elsewhere(files: Sequence[Path], source: str, names: Mapping[Path, str]) -> dict[Path, str]:
    """Names for files that lie elsewhere, in a folder that no other name begins with."""
    if not files:
        return {}
    common = Path(os.path.commonpath([file.parent for file in files]))
    taken = {name.partition("/")[0] for name in names.values()}
    tries = (f"{source}_{number}" if number else source for number in range(len(taken) + 1))
    home = next(name for name in tries if name not in taken)
    return {file: f"{home}/{_below(file, common)}" for file in files}
