"""Documents of Bluesky from a file, one after the other, in any form they are stored in.

The form is told from the first bytes: JSON a line (`{"name":…, "doc":…}` as bluesky's
JSONLinesWriter has it, or `["name", doc]` as suitcase has it), a JSON array whose end may be
missing, JSON text sequences (RFC 7464), or msgpack. NaN and Infinity may stand in JSON. A record
that is cut off at the end of the file is left out, and told in `notes`; one that is damaged before
is an error with its place. Memory is bounded by the largest record.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from nxtool.bluesky import jsonrecords, packed
from nxtool.bluesky.columns import plain
from nxtool.bluesky.sniff import NAMES, Form, form_of
from nxtool.errors import SourceError
from nxtool.findings import Mark

HEAD: Final = 4096
"""How many bytes are looked at to tell the form."""

_NAMES: Final = frozenset(NAMES)


class Document(NamedTuple):
    """A document with its name; `start` and `stop` are the bytes of its record in the file, both 0
    where it does not stand on a line of its own. `line` is 0 where there are no lines."""

    name: str
    doc: dict[str, Any]
    start: int
    stop: int
    line: int


@dataclass(slots=True)
class DocumentFile:
    """The documents of one file; each iteration reads it anew.

    Raises:
        SourceError: it cannot be read, or is empty.
    """

    path: Path
    form: Form = "lines"
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        try:
            with self.path.open("rb") as stream:
                head = stream.read(HEAD)
        except OSError as error:
            raise SourceError(f"{self.path}: cannot be read: {error.strerror}") from error
        if not head.strip():
            raise SourceError(f"{self.path}: is empty")
        self.form = form_of(head)

    def __iter__(self) -> Iterator[Document]:
        """The documents in the order of the file.

        Raises:
            SourceError: with its place, a record that is damaged or no document.
            MissingExtra: the file is msgpack, and msgpack is not installed.
        """
        self.notes.clear()
        try:
            for record in self._records():
                yield self._document(record)
        except OSError as error:
            raise SourceError(f"{self.path}: cannot be read: {error.strerror}") from error

    def _records(self) -> Iterator[jsonrecords.Record]:
        if self.form == "msgpack":
            return packed.records(self.path, self.notes)
        return jsonrecords.records(self.path, self.form, self.notes)

    def _document(self, record: jsonrecords.Record) -> Document:
        name, doc = _parts(record.value)
        if not isinstance(name, str) or name not in _NAMES or not isinstance(doc, dict):
            what = f"{name!r} is no document" if isinstance(name, str) else "is no document"
            raise self.error(f"{what} of Bluesky", record.line, record.start)
        return Document(name, doc, record.start, record.stop, record.line)

    def error(self, what: str, line: int, offset: int = 0) -> SourceError:
        """An error at a line, or where there are none at an offset."""
        if line:
            return SourceError(what, mark=Mark(str(self.path), line, 1))
        return SourceError(f"{self.path}: byte {offset}: {what}")


def document_lines(path: Path) -> Iterator[bytes]:
    """The documents of a file, in any form, as a line of JSON each."""
    for document in DocumentFile(path):
        record = {"name": document.name, "doc": document.doc}
        yield json.dumps(record, default=plain).encode() + b"\n"


def _parts(value: Any) -> tuple[Any, Any]:
    """Name and document of a record of either shape; None where it has neither."""
    if isinstance(value, dict):
        return value.get("name"), value.get("doc")
    if isinstance(value, list | tuple) and len(value) == 2:
        return value[0], value[1]
    return None, None
