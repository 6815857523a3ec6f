"""JSON files: numbers, text and lists of them, by JSON pointer (RFC 6901)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from nxtool.errors import SourceError
from nxtool.findings import Mark
from nxtool.sources.lookup import check_options
from nxtool.sources.pointers import TreeFile

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nxtool.sources.model import OpenFile

LIMIT: Final = 64 * 2**20
"""The largest JSON file that is read, in bytes."""


def opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open JSON files; there are no options."""
    check_options("json", options, ())
    return _open


def _open(path: Path) -> TreeFile:
    """Read one file.

    Raises:
        SourceError: it is too large, no JSON (with the place), or nested too deeply.
    """
    try:
        if path.stat().st_size > LIMIT:
            raise SourceError(f"{path}: is larger than {LIMIT >> 20} MiB")
        raw = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from error
    return TreeFile(path, parsed_json(raw, str(path)))


def parsed_json(raw: bytes | str, name: str, line: int = 0) -> Any:
    """The value in JSON text, which begins below line `line` of the file `name`.

    Raises:
        SourceError: it is no JSON (with the place), or nested too deeply.
    """
    try:
        return json.loads(raw)
    except json.JSONDecodeError as error:
        mark = Mark(name, line + error.lineno, error.colno)
        raise SourceError(f"is no JSON: {error.msg}", mark=mark) from error
    except (RecursionError, ValueError) as error:
        where = f"{name}:{line + 1}" if line else name
        raise SourceError(f"{where}: is no JSON: {error}") from error
