"""Series of openPMD files: one file, a pattern such as `data_%06T.h5`, or a folder of them.

A series is a name and the files it stands for; files are opened one at a time.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nxtool.errors import FileUnreadable
from nxtool.nodeview import GroupView
from nxtool.openpmd.header import PLACEHOLDER, Header, read_header
from nxtool.openpmd.model import Iteration, iterations_of
from nxtool.openpmd.opening import ADIOS_SUFFIXES, SUFFIXES, open_tree
from nxtool.remote.address import address_of, named

_DIGITS: Final = 20
"""What the largest number of an iteration, an uint64, takes."""


@dataclass(frozen=True, slots=True)
class SeriesFile:
    """One file of a series, and the iteration that its name says, None where it says none."""

    path: Path
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Files that belong together, by the numbers of their iterations."""

    name: str
    files: tuple[SeriesFile, ...]

    def iterations(self) -> Iterator[Iteration]:
        """All iterations of all files. Each can be looked at until the next one is asked for.

        Raises:
            FileUnreadable: a file cannot be opened.
            MissingExtra: its format needs a library that is not installed.
        """
        for file in self.files:
            with open_tree(file.path) as root:
                for iteration in iterations_of(root):
                    if iteration.number is None:
                        iteration.number = file.number
                    yield iteration

    @contextmanager
    def opened(self) -> Iterator[tuple[GroupView, Header]]:
        """The root of the first file and what it declares; raises as `iterations`."""
        with open_tree(self.files[0].path) as root:
            yield root, read_header(root)


def find_series(path: Path) -> Series:
    """The series that `path` means: a file, a pattern with `%T` or `%06T`, or a folder.

    Raises:
        FileUnreadable: nothing is there, or no file of openPMD's formats.
    """
    if is_pattern(path):
        return Series(str(path), _matching(path))
    if path.is_dir() and path.suffix.lower() not in ADIOS_SUFFIXES:
        return Series(str(path), _inside(path))
    return Series(named(path), (SeriesFile(path, last_number(path)),))


def is_pattern(path: Path) -> bool:
    """Whether the name of `path` stands for files of many iterations."""
    return bool(PLACEHOLDER.search(path.name)) and not path.exists() and not address_of(path)


def pattern_of(name: str) -> re.Pattern[str] | None:
    """What the names of files match that the pattern `name` means; None where it is no pattern.

    >>> bool(pattern_of("data_%06T.h5").fullmatch("data_000100.h5"))
    True
    """
    parts = PLACEHOLDER.split(name)
    if len(parts) != _PARTS:
        return None
    before, width, after = parts
    least = int(width or 1)
    digits = rf"\d{{{least}}}|[1-9]\d{{{least},{_DIGITS}}}"
    return re.compile(f"{re.escape(before)}({digits}){re.escape(after)}", re.ASCII)


_PARTS: Final = 3
"""Of a name with one placeholder: what is before it, its width, what is after it."""


def last_number(path: Path) -> int | None:
    """The last number in a file's name, before the suffix."""
    found = re.findall(r"\d+", path.stem, re.ASCII)
    return int(found[-1]) if found and len(found[-1]) <= _DIGITS else None


def _matching(path: Path) -> tuple[SeriesFile, ...]:
    pattern = pattern_of(path.name)
    if pattern is None:
        hint = "%T stands for the number of an iteration, once"
        raise FileUnreadable(f"{path}: is no pattern of file names", hint=hint)
    found = [
        SeriesFile(file, int(match[1]))
        for file in _listed(path.parent)
        if (match := pattern.fullmatch(file.name))
    ]
    if not found:
        raise FileUnreadable(f"{path}: no file has such a name", hint="check the path")
    return tuple(sorted(found, key=lambda file: (file.number, str(file.path))))


def _inside(folder: Path) -> tuple[SeriesFile, ...]:
    """The files of the format that most have: settings may lie beside them in another."""
    found = [file for file in _listed(folder) if file.suffix.lower() in SUFFIXES]
    if not found:
        raise FileUnreadable(f"{folder}: holds no openPMD file", hint="check the path")
    counts = Counter(file.suffix.lower() for file in sorted(found))
    usual = counts.most_common(1)[0][0]
    files = (SeriesFile(file, last_number(file)) for file in found if file.suffix.lower() == usual)
    return tuple(sorted(files, key=lambda file: (file.number or 0, str(file.path))))


def _listed(folder: Path) -> list[Path]:
    try:
        return [file for file in folder.iterdir() if not file.name.startswith(".")]
    except OSError as error:
        raise FileUnreadable(f"{folder}: {error.strerror}", hint="check the path") from error
