"""From what the author asks for to an open source: which format, which files, which reader.

The modules of the formats, and with them h5py, fabio and tifffile, are imported only when a file
of theirs is opened.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from nxtool.errors import SourceError
from nxtool.sources.lookup import near_names
from nxtool.sources.memory import MEMORY, MemorySource
from nxtool.sources.naturalsort import check_series, find_files, is_pattern
from nxtool.sources.stack import FileSource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from nxtool.sources.model import OpenFile, Source, SourceSpec


@dataclass(frozen=True, slots=True)
class Format:
    """A format: the module that reads it, the function there that takes the options, suffixes,
    and the package that it calls for help."""

    module: str
    function: str = "opener"
    suffixes: tuple[str, ...] = ()
    package: str = ""


SOURCES: Final[Mapping[str, Format]] = MappingProxyType(
    {
        "hdf5": Format(
            "hdf5file",
            suffixes=(".h5", ".hdf5", ".hdf", ".he5", ".nxs", ".nx5"),
            package="h5py",
        ),
        "csv": Format("csvfile", suffixes=(".csv", ".tsv")),
        "matrix": Format("csvfile", "matrix_opener"),
        "tiff": Format("tiff", suffixes=(".tif", ".tiff"), package="tifffile"),
        "image": Format(
            "images",
            suffixes=(".cbf", ".edf", ".mccd", ".marccd", ".mar3450", ".mar2300", ".sfrm", ".ge"),
            package="fabio",
        ),
        "spec": Format("specfile", suffixes=(".spec", ".spc")),
        "npy": Format("npy", suffixes=(".npy",), package="numpy"),
        "npz": Format("npy", "archive_opener", (".npz",), "numpy"),
        "json": Format("jsonfile", suffixes=(".json",)),
        "raw": Format("raw", suffixes=(".raw", ".bin")),
    }
)
"""Every format by its name in a recipe."""

_TEXT: Final = (".dat", ".txt", ".asc", ".xy", ".xye")
"""Suffixes of text tables, many of which are SPEC files."""

_MAGIC: Final = (
    (re.compile(rb"\x89HDF\r\n\x1a\n"), "hdf5"),
    (re.compile(rb"II[*+]\0|MM\0[*+]"), "tiff"),
    (re.compile(rb"###CBF"), "image"),
    (re.compile(rb"\x93NUMPY"), "npy"),
    (re.compile(rb"#F \S|#S \d"), "spec"),
)
"""How files begin."""


def open_source(spec: SourceSpec, folder: Path) -> Source:
    """Open what `spec` asks for; relative paths start from `folder`.

    A path with a glob is a stack even if one file matches, so that its shape does not depend on
    how many there are.

    Raises:
        SourceError: there is no such file or format, files are missing from a series, or a file
            is damaged.
        MissingExtra: the format needs a package that is not installed.
    """
    if spec.format == MEMORY:
        return MemorySource(spec.arrays, spec.expect)
    name, inside = _split_dataset(spec, folder)
    files = find_files(name, folder)
    stacked = is_pattern(name, folder)
    if stacked and spec.missing != "skip":
        check_series(files)
    format_name = spec.format or format_of(files[0])
    options = {**spec.options, "dataset": inside} if inside else spec.options
    open_file = load_opener(format_name, options)
    return FileSource(format_name, files, open_file, stacked=stacked, expect=spec.expect)


def reader_of(format_name: str) -> str:
    """What reads files of a format here, with version: `nxtool.sources.images, fabio 2026.6.0`.

    A package counts once it is loaded, as it is when a file needs it.
    """
    known = SOURCES[format_name]
    module = f"nxtool.sources.{known.module}"
    package = sys.modules.get(known.package)
    version = getattr(package, "__version__", "") or getattr(package, "version", "")
    return f"{module}, {known.package} {version}" if package else module


def load_opener(format_name: str, options: Mapping[str, Any]) -> OpenFile:
    """The function that opens one file of a format.

    Raises:
        SourceError: there is no such format, or it has no such option.
    """
    if format_name not in SOURCES:
        hint = near_names(format_name, SOURCES)
        raise SourceError(f"no format {format_name!r}", hint=hint, about="format")
    entry = SOURCES[format_name]
    function: Callable[[Mapping[str, Any]], OpenFile] = getattr(
        import_module(f"nxtool.sources.{entry.module}"), entry.function
    )
    return function(options)


def format_of(file: Path) -> str:
    """The format of a file: by its suffix, else by its first bytes.

    Raises:
        SourceError: it is none that is known; the message lists those there are.
    """
    suffix = file.suffix.lower()
    for name, entry in SOURCES.items():
        if suffix in entry.suffixes:
            return name
    head = _head(file)
    for pattern, name in _MAGIC:
        if pattern.match(head):
            return name
    if suffix in _TEXT:
        return "csv"
    raise SourceError(
        f"{file}: of no known format", hint=f"set `format` to one of {', '.join(SOURCES)}"
    )


def _head(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(64)
    except OSError as error:
        raise SourceError(f"{file}: cannot be read: {error.strerror}") from error


def _split_dataset(spec: SourceSpec, folder: Path) -> tuple[str, str]:
    """`scan.h5:/entry/data` as file and dataset; a drive letter is not a file."""
    file, colon, inside = spec.path.rpartition(":/")
    if len(file) < 2 or not colon or (folder / spec.path).exists():
        return spec.path, ""
    if spec.format not in ("", "hdf5"):
        raise SourceError(f"{spec.path}: format {spec.format} has no datasets inside a file")
    return file, f"/{inside}"
