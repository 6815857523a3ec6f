"""The documents of a run on disk while it lasts: a line of JSON each, whole after every flush."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from nxtool.bluesky.columns import plain
from nxtool.build.partfile import told_as_output_error
from nxtool.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Journal:
    """A file that documents are added to. While the disk is full they wait in memory; `waiting`
    are their bytes.

    Raises:
        OutputError: it exists, or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.waiting = 0
        self._lines: list[bytes] = []
        self._size = 0
        if path.exists():
            hint = f"it is of a run that was not finished: nxtool convert {path} -o FILE.nxs"
            raise OutputError(f"{path}: exists already", hint=hint)
        with told_as_output_error(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)

    def add(self, name: str, doc: Mapping[str, Any]) -> None:
        """Add a document, which is on disk after the next flush."""
        line = json.dumps({"name": name, "doc": doc}, default=plain, separators=(",", ":"))
        self._lines.append(line.encode() + b"\n")
        self.waiting += len(self._lines[-1])

    def flush(self) -> None:
        """Write what was added.

        Raises:
            OutputError: that failed; what was added waits for the next flush.
        """
        if not self._lines:
            return
        text = b"".join(self._lines)
        self._lines = [text]
        with told_as_output_error(self.path):
            done = 0
            while done < len(text):
                done += os.pwrite(self._file, text[done:], self._size + done)
        self._size += len(text)
        self._lines, self.waiting = [], 0

    def close(self) -> None:
        """Write what was added, see it on disk, and let go of the file.

        Raises:
            OutputError: not all could be written.
        """
        try:
            self.flush()
            with told_as_output_error(self.path):
                os.fsync(self._file)
        finally:
            os.close(self._file)
