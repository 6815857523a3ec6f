"""Stored runs played to a callback, for demonstrations and tests."""

from __future__ import annotations

import time
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any

from nxtool.bluesky.documents import DocumentFile


def replay(
    path: str | PathLike[str], callback: Callable[[str, dict[str, Any]], object], rate: float = 0.0
) -> int:
    """Call `callback` with the name and the contents of every document in a file, in their order;
    at `rate` documents a second, or as fast as it takes them. How many these were.

    >>> replay("run.jsonl", NexusWriter(directory="out"), rate=100)  # doctest: +SKIP

    Raises:
        SourceError: the file cannot be read, or is damaged; with its place.
        MissingExtra: it is msgpack, and msgpack is not installed.
    """
    begin = time.monotonic()
    count = 0
    for document in DocumentFile(Path(path)):
        if rate > 0:
            time.sleep(max(0.0, begin + count / rate - time.monotonic()))
        callback(document.name, document.doc)
        count += 1
    return count
