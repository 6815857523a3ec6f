"""YAML files as data: numbers, text and lists of them, by JSON pointer (RFC 6901).

They are read by the same rules as recipes: YAML 1.2, no tags, no merge keys, bounded in size,
depth and number of values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nxtool.errors import RecipeError, SourceError
from nxtool.sources.lookup import check_options
from nxtool.sources.pointers import TreeFile
from nxtool.yamltree.yamlfile import parse, read_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nxtool.sources.model import OpenFile


def opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open YAML files; there are no options."""
    check_options("yaml", options, ())
    return _open


def _open(path: Path) -> TreeFile:
    """Read one file.

    Raises:
        SourceError: it is too large, or with its place, not YAML as it is read here.
    """
    try:
        return TreeFile(path, parse(read_text(path), str(path)).to_python())
    except RecipeError as error:
        raise SourceError(error.message, mark=error.mark) from error
