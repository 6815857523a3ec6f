"""What was typed is on disk before it is saved: a journal of every edit, and recovery from it.

A journal is a file of JSON lines in `$XDG_STATE_HOME/nxtool/journal` (default `~/.local/state`),
named after the path of its recipe. Its head holds the text that is in the file of the recipe and
the process that writes; each line is a change, or what stands in a field whose editor is still
open. Played again, they give the text. Who writes holds a lock on it, which ends with the process.
A journal whose text is in the file of the recipe goes when it is closed; one that holds more when
the recipe is opened again is put aside, until someone recovers or discards it.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import platform
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import count
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TextIO

from nxtool.authoring.document import Change, Document, Names
from nxtool.errors import RecipeError
from nxtool.yamltree.splice import Splice
from nxtool.yamltree.yamlfile import MAX_BYTES, read_text

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION: Final = 1
SUFFIX: Final = ".jsonl"
_NO_LOCKS: Final = (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL)
"""What file systems without locks say; recipes there are not guarded against a second writer."""


def state_folder() -> Path:
    """Where nxtool keeps what it must remember; it may not exist yet."""
    base = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(base).expanduser() / "nxtool"


def journal_folder() -> Path:
    """Where journals are; it may not exist yet."""
    return state_folder() / "journal"


@dataclass(frozen=True, slots=True)
class Writer:
    """The process that writes a journal; `pid` is 0 where it has not said yet."""

    pid: int = 0
    host: str = ""

    def __str__(self) -> str:
        if not self.pid:
            return "another process"
        here = self.host == platform.node()
        return f"process {self.pid}" + ("" if here else f" on {self.host}")

    @property
    def is_gone(self) -> bool:
        """True where it ran on this machine and does no longer."""
        if not self.pid or self.host != platform.node():
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return False


class Taken(Exception):
    """Someone else writes the journal: `writer`."""

    def __init__(self, writer: Writer) -> None:
        super().__init__(str(writer))
        self.writer = writer


class Journal:
    """The journal of one document, open for writing.

    A line is with the operating system when a call returns, so it outlives this process; `sync`
    lets it outlive the machine.

    Raises:
        Taken: another process, or another journal of this one, writes it.
        OSError: the folder of journals, or the journal, cannot be written.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._typed: tuple[Names, str] | None = None
        self._lock = Lock()
        self.path = _place(document.path)
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._stream = _claimed(self.path)
        _put_aside(self.path)
        self._begin(document.text)

    def record(self, change: Change) -> None:
        """Write down what was done to the document, undone or done again."""
        self._typed = None
        self._add({"splices": [[one.start, one.old, one.new] for one in change.splices]})

    def typing(self, path: Names, text: str) -> None:
        """Write down what stands in the editor of the value under `path`."""
        self._typed = path, text
        self._add({"typing": text, "path": path})

    def left(self) -> None:
        """Write down that the editor was left, and nothing of it shall stay."""
        if self._typed is not None:
            self._typed = None
            self._add({"left": True})

    def saved(self) -> None:
        """Begin anew, as the file of the recipe has the text now."""
        self._begin(self._document.text)
        if self._typed is not None:
            self.typing(*self._typed)

    def sync(self) -> None:
        """Return when all lines are on the disk; any thread may call it, also when it is closed."""
        with self._lock:
            if not self._stream.closed:
                os.fsync(self._stream.fileno())

    def close(self) -> None:
        """End the journal; it stays where the document is not saved, or something was typed."""
        if self._document.is_saved and self._typed is None:
            self.path.unlink(missing_ok=True)
        with self._lock:
            self._stream.close()

    def _begin(self, text: str) -> None:
        head = {
            "nxtool-journal": VERSION,
            "path": str(self._document.path.resolve()),
            "text": text,
            "pid": os.getpid(),
            "host": platform.node(),
            "began": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        }
        self._stream.truncate(0)
        self._add(head)

    def _add(self, entry: dict[str, Any]) -> None:
        self._stream.write(json.dumps(entry) + "\n")
        self._stream.flush()


def _claimed(path: Path) -> TextIO:
    """The journal at `path`, opened to append, with the lock on it."""
    while True:
        stream = path.open("a", encoding="utf-8")
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stream.close()
            writer = _writer(path)
            if not writer.is_gone:
                raise Taken(writer) from None
            # a child of that process still has the lock: the name gets another file
            _put_aside(path)
            path.unlink(missing_ok=True)
            continue
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
        if path.exists() and os.path.samestat(os.fstat(stream.fileno()), path.stat()):
            return stream
        stream.close()  # it was taken away while it was opened


def _put_aside(path: Path) -> None:
    """Copy a journal to a name of its own, if it holds what no file does."""
    if _read(path) is None:
        return
    data = path.read_bytes()
    for number in count(1):
        other = path.with_name(f"{path.stem}-{number}{SUFFIX}")
        try:
            with other.open("xb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
        except FileExistsError:
            if other.read_bytes() != data:
                continue
        else:
            stamp = path.stat()
            os.utime(other, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
        return


@dataclass(frozen=True, slots=True)
class Unsaved:
    """What a journal holds: the text of the recipe `path`, and `typed`, which its last editor held
    and which is in no change yet, as the names of the value and the text.

    `before` is the text that was in the file last, as far as the journal knows; `is_outdated` is
    true where the file holds another now. `when` is the time of the last line (local). `is_open`
    is true while the journal is being written.
    """

    journal: Path
    path: Path
    before: str
    text: str
    typed: tuple[Names, str] | None
    when: datetime
    is_open: bool
    is_outdated: bool

    def is_like(self, other: Unsaved) -> bool:
        """True where both hold the same, in whatever journals."""
        return (self.path, self.text, self.typed) == (other.path, other.text, other.typed)

    def discard(self) -> None:
        """Forget it for good."""
        self.journal.unlink(missing_ok=True)


def unsaved(path: Path | None = None) -> list[Unsaved]:
    """What journals hold that no file does, latest first: all, or those of the recipe `path`.

    What cannot be read of a journal, and what follows it, is left out.
    """
    pattern = f"{_place(path).stem}*{SUFFIX}" if path is not None else f"*{SUFFIX}"
    found = [one for file in journal_folder().glob(pattern) if (one := _read(file)) is not None]
    return sorted(found, key=lambda one: one.when, reverse=True)


def _place(path: Path) -> Path:
    name = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:32]
    return journal_folder() / (name + SUFFIX)


def _read(file: Path) -> Unsaved | None:
    """What a journal holds; None where its head is damaged, or where it holds nothing that its
    recipe does not."""
    try:
        when = datetime.fromtimestamp(file.stat().st_mtime).astimezone()
        entries = _entries(file)
        head = next(entries, {})
        before, path = str(head["text"]), Path(head["path"])
        text, typed = _replayed(before, entries)
        now = read_text(path) if path.is_file() else None
    except (OSError, ValueError, KeyError, TypeError, RecipeError):
        return None
    if typed is None and now == text:
        return None
    is_outdated = now is not None and now != before
    return Unsaved(file, path, before, text, typed, when, _is_held(file), is_outdated)


def _entries(file: Path) -> Iterator[dict[str, Any]]:
    """The lines of a journal, up to the first that is damaged or was not written to its end."""
    with file.open(encoding="utf-8") as stream:
        for line in stream.read(8 * MAX_BYTES).split("\n")[:-1]:
            try:
                entry = json.loads(line)
            except ValueError:
                return
            if not isinstance(entry, dict):
                return
            yield entry


def _replayed(text: str, entries: Iterator[dict[str, Any]]) -> tuple[str, tuple[Names, str] | None]:
    """The text after all changes, and what was typed last, up to the first that does not fit."""
    typed: tuple[Names, str] | None = None
    with suppress(ValueError, KeyError, TypeError):
        for entry in entries:
            if "splices" in entry:
                text, typed = _changed(text, entry["splices"]), None
            elif "typing" in entry:
                typed = tuple(map(str, entry["path"])), str(entry["typing"])
            else:
                typed = None
    return text, typed


def _changed(text: str, splices: list[tuple[int, str, str]]) -> str:
    for start, old, new in splices:
        text = Splice(start, old, new).apply(text)
    return text


def _writer(file: Path) -> Writer:
    """The process that the head of a journal names."""
    try:
        head = next(_entries(file), {})
        return Writer(int(head["pid"]), str(head["host"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Writer()


def _is_held(file: Path) -> bool:
    """Whether someone who is still there has the lock on a journal."""
    try:
        with file.open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return not _writer(file).is_gone
    except OSError:
        return False
    return False
