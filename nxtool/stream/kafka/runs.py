"""Runs of Bluesky from Kafka: a NeXus file of each, once, whatever ends the program.

Kafka itself is the memory: a small file in the folder notes where the oldest open run begins, which
runs after it are done, and which were begun. Who comes back reads from there, makes the open runs
anew and leaves out those that are done.
"""

from __future__ import annotations

import glob
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nxtool.bluesky.packed import document_of
from nxtool.build.partfile import told_as_output_error
from nxtool.errors import FileUnreadable, NxtoolError, SourceError
from nxtool.stream.finishing import FinishedRun, finish_run
from nxtool.stream.lock import WriterLock
from nxtool.stream.offsets import Arrived, fresh
from nxtool.stream.openruns import OpenRun, OpenRuns

if TYPE_CHECKING:
    from nxtool.schema.compile import Schema

NOTED: Final = "nxtool-runs.json"
_BEGIN: Final = b'{"name":"start"'


@dataclass(slots=True)
class Noted:
    """What the folder remembers: `begun` are the first offsets of open runs by uid, with their
    partition; `files` what these become, noted before it is made; `ended` the files of runs that
    ended and are perhaps not made yet; `done` the first offsets of runs that are made; `positions`
    the next offsets by `topic/partition`."""

    positions: dict[str, int] = field(default_factory=dict)
    begun: dict[str, tuple[str, int]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)
    done: dict[str, tuple[str, int]] = field(default_factory=dict)

    def restart(self) -> dict[str, int]:
        """The offsets to read from: those of the oldest open run."""
        found = dict(self.positions)
        for name, offset in self.begun.values():
            found[name] = min(found.get(name, offset), offset)
        return found

    def prune(self) -> None:
        """Forget runs that will not be read again."""
        start = self.restart()
        self.done = {
            uid: (name, offset) for uid, (name, offset) in self.done.items()
            if offset >= start.get(name, 0)
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Making:
    """How runs become files: see `finish_run` and `OpenRuns`; `tell` is given each result."""

    folder: Path
    filename: str
    schema: Schema
    tell: Callable[[FinishedRun], None]
    warn: Callable[[str], None]
    recipe: Path | None = None
    settings: Sequence[str] = ()


class RunKeeper:
    """Keeps what comes of runs; a `Keeper` for a listener.

    Raises:
        FileUnreadable: the notes in the folder are damaged.
        OutputError: another process works in the folder, or it cannot be written to.
    """

    def __init__(self, making: Making) -> None:
        self._making = making
        self._file = making.folder / NOTED
        self._lock = WriterLock(self._file)
        self.counts: Counter[str] = Counter()
        self.last: dict[str, int] = {}
        try:
            self._noted = _read(self._file)
            self._tidy()
        except BaseException:
            self._lock.release()
            raise
        self.positions = self._noted.restart()
        self._open = OpenRuns(
            making.folder, making.filename, making.warn, is_live=True, announce=self._announce
        )

    def _tidy(self) -> None:
        """Make the files of runs that ended, and remove what is left of those that will come
        again."""
        for uid, name in list(self._noted.ended.items()):
            path = self._making.folder / name
            for beside in path.parent.glob(f".{glob.escape(path.name)}.*"):
                beside.unlink()
            if path.with_suffix(".jsonl").exists():
                self._finish(uid, path.with_suffix(".jsonl"), path)
            else:
                self._done(uid)
        for uid, name in self._noted.files.items():
            documents = (self._making.folder / name).with_suffix(".jsonl")
            if documents.exists() and _uid_in(documents) in (None, uid):
                _remove(documents)
        self._noted.files.clear()

    def _announce(self, uid: str, path: Path) -> None:
        """Note which file a run becomes: what is left of it may be removed, and nothing else."""
        self._noted.files[uid] = str(path.relative_to(self._making.folder))
        self._write()

    def follow(self, partitions: dict[str, int]) -> None:
        """Note partitions by `topic/partition`, with the offset to begin at."""
        self.positions = {**partitions, **self.positions}
        self._noted.positions = {**partitions, **self._noted.positions}

    def take(self, arrived: Arrived) -> None:
        """Keep the documents in messages.

        Raises:
            OutputError: the disk is full, or fails.
        """
        new, gaps, positions = fresh(arrived, self.positions)
        for value, partition, offset in zip(new.values, new.partitions, new.offsets, strict=True):
            try:
                name, doc = document_of(value)
            except SourceError as error:
                self._reject(f"{new.topic}/{partition}", offset, error.message)
                continue
            self._take(name, doc, f"{new.topic}/{partition}", offset)
        self.counts["#gaps"] += len(gaps)
        self.counts["#messages"] += len(new.values)
        self.positions |= positions

    def _take(self, name: str, doc: Mapping[str, Any], where: str, offset: int) -> None:
        uid = str(doc.get("uid", ""))
        if name == "start":
            if not uid:
                self._reject(where, offset, "the start of a run has no uid")
                return
            if uid in self._noted.done or uid in self._open.uids:
                return
            self._noted.begun[uid] = (where, offset)
        try:
            ended = self._open.take(name, doc)
        except (NxtoolError, KeyError):  # of a run that is done, or that began before we listened
            if name == "start":  # it cannot be written now: who comes back reads it again
                raise
            self.counts["#unknown"] += 1
            return
        except (TypeError, ValueError, AttributeError) as error:
            self._reject(where, offset, f"the {name} is malformed: {error}")
            return
        self.counts["#rows"] += 1
        if ended is not None:
            self._end(ended)

    def _reject(self, where: str, offset: int, reason: str) -> None:
        self.counts["#rejected"] += 1
        self._making.warn(f"{where} offset {offset}: {reason}")

    def _end(self, run: OpenRun) -> None:
        run.close()
        self._noted.ended[run.uid] = self._noted.files.pop(run.uid)
        self._write()
        self._finish(run.uid, run.documents, run.path)

    def _finish(self, uid: str, documents: Path, path: Path) -> None:
        making = self._making
        done = finish_run(
            uid, documents, path, making.schema, recipe=making.recipe, settings=making.settings
        )
        making.tell(done)
        self._done(uid)

    def _done(self, uid: str) -> None:
        self._noted.ended.pop(uid, None)
        place = self._noted.begun.pop(uid, None)
        if place is not None:
            self._noted.done[uid] = place
        self._write()

    def flush(self, *, to_disk: bool = False) -> None:
        """Show what came, and note how far all was read.

        Raises:
            OutputError: the disk is full, or fails.
        """
        self._open.flush()
        self._noted.positions |= self.positions
        self._noted.prune()
        self._write()

    def end_at(self, stop: int) -> None:
        """Runs end when they end."""

    def close(self) -> list[str]:
        """Let go of all files; the uids of runs that are open still, and come again."""
        runs = self._open.end_all()
        for run in runs:
            run.close()
        self._lock.release()
        return [run.uid for run in runs]

    def _write(self) -> None:
        part = self._file.with_name(f".{NOTED}.part")
        with told_as_output_error(self._file):
            part.write_text(json.dumps(asdict(self._noted)), encoding="utf-8")
            part.replace(self._file)


def _read(path: Path) -> Noted:
    if not path.exists():
        return Noted()
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return Noted(
            {str(name): int(offset) for name, offset in told["positions"].items()},
            {str(uid): (str(name), int(at)) for uid, (name, at) in told["begun"].items()},
            {str(uid): str(name) for uid, name in told["files"].items()},
            {str(uid): str(name) for uid, name in told["ended"].items()},
            {str(uid): (str(name), int(at)) for uid, (name, at) in told["done"].items()},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"{path}: does not say which runs are done"
        raise FileUnreadable(message, hint="remove it to read all runs anew") from error


def _remove(documents: Path) -> None:
    """Remove what is left of a run: documents, its file, and what stands beside that."""
    path = documents.with_suffix(".nxs")
    for one in (*path.parent.glob(f".{glob.escape(path.name)}.*"), path, documents):
        one.unlink(missing_ok=True)


def _uid_in(documents: Path) -> str | None:
    """The run in a file of documents, empty where it is something else; None where the writer was
    killed before it wrote a line."""
    try:
        with documents.open("rb") as stream:
            line = stream.readline(1 << 20)
        if not line or (line.startswith(_BEGIN) and not line.endswith(b"\n")):
            return None
        return str(json.loads(line)["doc"]["uid"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
