"""From what the author asks for to an open source: which format, which files, which reader.

The modules of the formats, and with them h5py and all optional packages, are imported only when a
file of theirs is opened.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from nxtool.errors import SourceError
from nxtool.remote.address import address_of
from nxtool.sources.formats import SOURCES, format_names, format_of
from nxtool.sources.lookup import SELECT, near_names
from nxtool.sources.memory import MEMORY, MemorySource
from nxtool.sources.naturalsort import check_series, find_files, is_pattern
from nxtool.sources.plugins import load_plugin, plugin_names
from nxtool.sources.stack import FileSource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from nxtool.sources.model import OpenFile, Source, SourceSpec

_WITH_DATASETS: Final = ("hdf5", "zarr")
"""Formats whose files can be named together with a dataset in them."""


def open_source(spec: SourceSpec, folder: Path) -> Source:
    """Open what `spec` asks for; relative paths start from `folder`. It may be an address.

    A path with a glob is a stack even if one file matches, so that its shape does not depend on
    how many there are.

    Raises:
        SourceError: there is no such file or format, files are missing from a series, or a file
            is damaged.
        MissingExtra: the format needs a package that is not installed.
    """
    if spec.opened is not None:
        return spec.opened
    if spec.format == MEMORY:
        return MemorySource(spec.arrays, spec.expect)
    if address_of(spec.path):
        return _open_elsewhere(spec)
    name, inside = _split_dataset(spec, folder)
    files = find_files(name, folder)
    stacked = is_pattern(name, folder)
    if stacked and spec.missing != "skip":
        check_series(files)
    format_name = spec.format or format_of(files[0])
    if inside and format_name not in _WITH_DATASETS:
        message = f"{spec.path}: format {format_name} has no datasets inside a file"
        raise SourceError(message, hint=SELECT)
    options = {**spec.options, "dataset": inside} if inside else spec.options
    open_file = load_opener(format_name, options)
    return FileSource(format_name, files, open_file, stacked=stacked, expect=spec.expect)


def files_of(spec: SourceSpec, folder: Path) -> tuple[Path, ...]:
    """The files that `spec` asks for, none of which is opened; none for arrays in memory
    and what lies elsewhere.

    Raises:
        SourceError: there is no such file.
    """
    if spec.opened is not None:
        return tuple(spec.opened.files)
    if spec.format == MEMORY or address_of(spec.path):
        return ()
    return find_files(_split_dataset(spec, folder)[0], folder)


def load_opener(format_name: str, options: Mapping[str, Any]) -> OpenFile:
    """The function that opens one file of a format.

    Raises:
        SourceError: there is no such format, or it has no such option.
    """
    if format_name not in SOURCES and format_name in plugin_names():
        return load_plugin(format_name, SOURCES).opener(options)
    if format_name not in SOURCES:
        hint = near_names(format_name, format_names())
        raise SourceError(f"no format {format_name!r}", hint=hint, about="format")
    entry = SOURCES[format_name]
    function: Callable[[Mapping[str, Any]], OpenFile] = getattr(
        import_module(f"nxtool.sources.{entry.module}"), entry.function
    )
    return function(options)


def _open_elsewhere(spec: SourceSpec) -> Source:
    from nxtool.sources.elsewhere import ElsewhereSource

    scheme, _, rest = address_of(spec.path).partition("://")
    place, colon, inside = rest.rpartition(":/")
    address = f"{scheme}://{place if colon else rest}"
    return ElsewhereSource(address, spec, f"/{inside}" if colon else "")


def _split_dataset(spec: SourceSpec, folder: Path) -> tuple[str, str]:
    """`scan.h5:/entry/data` as file and dataset; a drive letter is not a file."""
    file, colon, inside = spec.path.rpartition(":/")
    if len(file) < 2 or not colon or (folder / spec.path).exists():
        return spec.path, ""
    return file, f"/{inside}"
