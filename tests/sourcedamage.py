"""Damaged raw files, read whole: what comes back is as the reader said, or a `SourceError`."""

from __future__ import annotations

from contextlib import closing, suppress
from pathlib import Path

from nxtool.errors import SourceError
from nxtool.sources.model import OpenFile, SourceArray

ROWS = 9
"""How many rows are read of each array."""


def read_damaged(open_file: OpenFile, file: Path, content: bytes) -> None:
    """Write `content` to `file`, and read every array that a reader finds in it.

    Whatever is raised besides `SourceError` comes through; one array that cannot be read does not
    keep the others from it. The reader is closed in any case.
    """
    file.write_bytes(content)
    with suppress(SourceError), closing(open_file(file)) as reader:
        for selector in ("", *reader.keys()):
            with suppress(SourceError):
                _read(reader.array(selector))


def _read(array: SourceArray) -> None:
    values = array.read(0, ROWS)
    shape = array.info.shape
    rows = (min(shape[0], ROWS),) if shape else ()
    assert values.shape == (*rows, *shape[1:])
    assert values.dtype == array.info.dtype
