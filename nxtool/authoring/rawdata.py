"""Raw data as sources of a recipe: which files of a folder there are, and what to call them."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nxtool.authoring.offers import free_name
from nxtool.authoring.starting import RECIPES
from nxtool.errors import NxtoolError, SourceError
from nxtool.sources.formats import format_of
from nxtool.sources.model import SourceSpec
from nxtool.sources.naturalsort import natural_key
from nxtool.sources.opener import open_source

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_FILES: Final = 5000
MAX_SOURCES: Final = 20
"""How many files of a folder are looked at, and how many become sources."""
_FRAMES: Final = ("tiff", "edf", "image", "mrc")
"""Formats whose files are frames of one array."""
_NUMBER: Final = re.compile(r"\d+", re.ASCII)


def sources_at(path: Path) -> dict[str, Path]:
    """The raw data at a path by names for a recipe: of a file that file, of a folder those of its
    files that can be opened, frames with numbers as one pattern."""
    found: dict[str, Path] = {}
    files = [path] if path.is_file() or path.suffix == ".zarr" else _files(path)
    for file in files:
        if len(found) < MAX_SOURCES and _opens(file):
            found[free_name(file, found)] = file
    return found


def _files(folder: Path) -> Iterator[Path]:
    """The files of a folder, recipes apart; frames as patterns."""
    with os.scandir(folder) as entries:
        names = [one.name for _, one in zip(range(MAX_FILES), entries, strict=False)]
    shown = [name for name in names if not name.startswith(".") and _is_data(name)]
    series: dict[str, list[str]] = {}
    for name in sorted(shown, key=natural_key):
        series.setdefault(_NUMBER.sub("*", name), []).append(name)
    for pattern, alike in series.items():
        if len(alike) > 1 and _are_frames(folder / alike[0]):
            yield folder / pattern
        else:
            yield from (folder / name for name in alike)


def _is_data(name: str) -> bool:
    return Path(name).suffix not in RECIPES


def _are_frames(file: Path) -> bool:
    try:
        return format_of(file) in _FRAMES
    except SourceError:
        return False


def _opens(file: Path) -> bool:
    """Whether a file, or a pattern, is data that can be read."""
    try:
        with open_source(SourceSpec(str(file)), file.parent) as source:
            keys = source.keys()
            return next(keys, None) is not None or bool(source.array())
    except NxtoolError:
        return False
