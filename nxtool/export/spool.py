"""Text that is written in parts whose order is not the order they come in.

A file that lists all data sets before the first parameter is written without keeping either in
memory: each part goes to a temporary file of its own until the whole is put together.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from tempfile import SpooledTemporaryFile
from typing import IO, Final

IN_MEMORY: Final = 2**20
"""How many bytes of a part are kept before it goes to the disk."""


class Spool:
    """Parts of a text by name; close it, or use it in a `with` block."""

    def __init__(self, names: Sequence[str]) -> None:
        self._parts = {name: SpooledTemporaryFile(IN_MEMORY) for name in names}  # noqa: SIM115

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back what the parts hold."""
        for part in self._parts.values():
            part.close()

    def add(self, name: str, text: str) -> None:
        """Append to the part `name`."""
        self._parts[name].write(text.encode())

    def pour(self, target: IO[bytes]) -> None:
        """Write all parts to `target`, in the order of their names."""
        for part in self._parts.values():
            part.seek(0)
            shutil.copyfileobj(part, target)
