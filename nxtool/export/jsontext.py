"""JSON documents written one after the other, so that a thousand need no more memory than one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final

from nxtool.export.spool import IN_MEMORY

Json = dict[str, Any]
_EMPTY: Final[tuple[object, ...]] = (None, "", [], {}, ())


class JsonSpool:
    """Documents on their way to a file; `count` is how many."""

    def __init__(self) -> None:
        self.count = 0
        self._file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115

    def close(self) -> None:
        """Give back what the documents hold."""
        self._file.close()

    def add(self, document: Mapping[str, Any]) -> None:
        """One more document."""
        self._file.write(b",\n" if self.count else b"")
        self._file.write(to_bytes(document))
        self.count += 1

    def pour(self, target: IO[bytes], start: int = 0) -> None:
        """Write the documents to `target`, with commas between them, from the byte `start` on."""
        self._file.seek(start)
        shutil.copyfileobj(self._file, target)

    def pour_all(self, target: IO[bytes]) -> None:
        """Write a whole file to `target`: one document as it is, several as a list."""
        alone = self.count == 1
        target.write(b"" if alone else b"[\n")
        self.pour(target)
        target.write(b"\n" if alone else b"\n]\n")


def to_bytes(document: Mapping[str, Any]) -> bytes:
    """`document` as JSON. Characters that UTF-8 does not have become question marks; NaN and
    infinity, which JSON does not have, are refused with `ValueError`.

    `<` is escaped, for web pages carry JSON in a script, which a text of the file could end.
    """
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2)
    return text.replace("<", "\\u003c").encode("utf-8", "replace")


def filled(document: Mapping[str, Any]) -> Json:
    """`document` without what is empty.

    >>> filled({"name": "a", "unit": "", "files": [], "size": 0})
    {'name': 'a', 'size': 0}
    """
    return {key: value for key, value in document.items() if value not in _EMPTY}
