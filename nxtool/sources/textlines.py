"""The lines of a text file, with the place of the one read last for messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nxtool.errors import SourceError
from nxtool.findings import Mark

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LIMIT: Final = 512 * 2**20
"""The largest text file that is read line by line, in bytes."""

_LONGEST: Final = 16 * 2**20
"""The longest line, in bytes."""


class TextLines:
    """Gives the lines of one file without their ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        """The lines from the first on; UTF-8, and Latin-1 where a line is not.

        Raises:
            SourceError: the file cannot be read, is too large, or is no text.
        """
        try:
            if self.path.stat().st_size > LIMIT:
                raise SourceError(f"{self.path}: is larger than {LIMIT >> 20} MiB")
            with self.path.open("rb") as stream:
                self.number = 0
                while raw := stream.readline(_LONGEST + 1):
                    self.number += 1
                    yield self._text(raw)
        except OSError as error:
            raise SourceError(f"{self.path}: cannot be read: {error.strerror}") from error

    def _text(self, raw: bytes) -> str:
        if len(raw) > _LONGEST:
            raise self.error(f"a line of more than {_LONGEST >> 20} MiB")
        if b"\0" in raw:
            raise self.error("is not text")
        raw = raw.removeprefix(b"\xef\xbb\xbf") if self.number == 1 else raw
        return decoded(raw).rstrip("\r\n")

    def error(self, what: str, hint: str = "", column: int = 1) -> SourceError:
        """An error at the line read last."""
        return SourceError(what, hint=hint, mark=Mark(str(self.path), self.number, column))


def decoded(raw: bytes) -> str:
    """Text as UTF-8, and as Latin-1 where it is not."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
