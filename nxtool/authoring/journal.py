"""What was typed is on disk before it is saved: a journal of every edit, and recovery from it.

A journal is a file of JSON lines in `$XDG_STATE_HOME/nxtool/journal` (default `~/.local/state`),
named after the path of its recipe. Its head holds the text that editing began with and the process
that writes; each line is a change, or what stands in a field whose editor is still open. Played
again, they give the text. A journal whose text is in the file of the recipe goes when it is closed.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nxtool.authoring.document import Change, Document, Names
from nxtool.yamltree.splice import Splice
from nxtool.yamltree.yamlfile import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION: Final = 1
SUFFIX: Final = ".jsonl"


def journal_folder() -> Path:
    """Where journals are; it may not exist yet."""
    base = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(base).expanduser() / "nxtool" / "journal"


class Journal:
    """The journal of one document, open for writing. Every line is on disk when a call returns.

    Raises:
        OSError: the folder of journals, or the journal, cannot be written.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self.path = _place(document.path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._stream = self.path.open("w", encoding="utf-8")
        self._add(
            {
                "nxtool-journal": VERSION,
                "path": str(document.path.resolve()),
                "text": document.text,
                "pid": os.getpid(),
                "host": platform.node(),
                "began": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            }
        )

    def record(self, change: Change) -> None:
        """Write down what was done to the document, undone or done again."""
        self._add({"splices": [[one.start, one.old, one.new] for one in change.splices]})

    def typing(self, path: Names, text: str) -> None:
        """Write down what stands in the editor of the value under `path`."""
        self._add({"typing": text, "path": path})

    def close(self) -> None:
        """End the journal; it stays where the document is not saved."""
        self._stream.close()
        if self._document.is_saved:
            self.path.unlink(missing_ok=True)

    def _add(self, entry: dict[str, Any]) -> None:
        self._stream.write(json.dumps(entry) + "\n")
        self._stream.flush()
        os.fsync(self._stream.fileno())


@dataclass(frozen=True, slots=True)
class Unsaved:
    """What a journal holds: the text of the recipe `path`, and `typed`, which its last editor held
    and which is in no change yet, as the names of the value and the text.

    `when` is the time of the last line (local). `is_open` is true where the process that writes
    the journal is still there.
    """

    journal: Path
    path: Path
    text: str
    typed: tuple[Names, str] | None
    when: datetime
    is_open: bool

    def discard(self) -> None:
        """Forget it for good."""
        self.journal.unlink(missing_ok=True)


def unsaved(path: Path | None = None) -> list[Unsaved]:
    """What journals hold that no file does, latest first: all, or those of the recipe `path`.

    Journals that cannot be read are passed over.
    """
    files = [_place(path)] if path is not None else list(journal_folder().glob(f"*{SUFFIX}"))
    found = [one for file in files if (one := _read(file)) is not None]
    return sorted(found, key=lambda one: one.when, reverse=True)


def _place(path: Path) -> Path:
    name = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:32]
    return journal_folder() / (name + SUFFIX)


def _read(file: Path) -> Unsaved | None:
    """What a journal holds; None where it is damaged, or holds nothing that its recipe does not."""
    try:
        when = datetime.fromtimestamp(file.stat().st_mtime).astimezone()
        head, *entries = _entries(file)
        text, typed = str(head["text"]), None
        for entry in entries:
            if "splices" in entry:
                text, typed = _replayed(text, entry["splices"]), None
            else:
                typed = tuple(map(str, entry["path"])), str(entry["typing"])
        path = Path(head["path"])
        is_open = _is_running(int(head["pid"]), str(head["host"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if typed is None and _is_in(text, path):
        return None
    return Unsaved(file, path, text, typed, when, is_open)


def _entries(file: Path) -> Iterator[dict[str, Any]]:
    """The lines of a journal; a last line that was not written to its end is left out."""
    with file.open(encoding="utf-8") as stream:
        for line in stream.read(8 * MAX_BYTES).split("\n")[:-1]:
            yield json.loads(line)


def _replayed(text: str, splices: list[tuple[int, str, str]]) -> str:
    for start, old, new in splices:
        text = Splice(start, old, new).apply(text)
    return text


def _is_in(text: str, path: Path) -> bool:
    return path.is_file() and path.read_bytes() == text.encode()


def _is_running(pid: int, host: str) -> bool:
    """Whether that process of this machine is still there; one of another machine may be."""
    if host != platform.node() or pid == os.getpid():
        return host != platform.node()
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
