"""An HDF5 file that grows while others read it, and can be continued however its writer ended.

Rows first, then the checkpoint that counts them: a reader, and a writer that comes back, see whole
rows alone. Names can be added while it is written; then it is closed for a moment, and readers see
them when they open it anew. HDF5 takes no lock on it, as a reader's lock would keep the writer out.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

import h5py

from nxtool.build.partfile import check_folder, told_as_output_error
from nxtool.errors import FileUnreadable, OutputError
from nxtool.stream.checkpoint import Checkpoint, lay_out, read_checkpoint
from nxtool.stream.growing import Growing
from nxtool.stream.lock import WriterLock
from nxtool.stream.overlay import changed, finish_change
from nxtool.stream.superblock import mend_superblock

HOME: Final = "/entry/nxtool_stream"
"""The group with the checkpoint."""
_WAY: Final[Mapping[str, Any]] = {"libver": "latest", "locking": False, "rdcc_nbytes": 1 << 20}
"""How files are opened. Rows are added at their end alone, so a large cache holds what nobody asks
for again, for every dataset."""
MUCH: Final = 1 << 21
"""More bytes than this a column should not hold in memory."""
SPARE: Final = 1 << 16
"""So many bytes of the disk are left for what HDF5 writes beside rows."""


class LiveFile:
    """A file open for writing. `create` makes one, `resume` goes on with one; `change` adds names,
    `flush` makes rows visible, `close` ends it. Not for several threads at once.

    `columns` are its growing datasets by path.
    """

    def __init__(self, path: Path, file: h5py.File | None, lock: WriterLock, home: str) -> None:
        self.path = path
        self.columns: dict[str, Growing] = {}
        self._file = file
        self._lock = lock
        self._home = home
        self._checkpoint: Checkpoint | None = None

    @classmethod
    def create(cls, path: Path, home: str = HOME) -> LiveFile:
        """A new file; it appears with what it holds when `change` has said that first.

        Raises:
            OutputError: it exists, is being written, or cannot be.
        """
        check_folder(path)
        lock = WriterLock(path)
        if path.exists():
            lock.release()
            hint = "continue it with --resume, or choose another name"
            raise OutputError(f"{path}: exists already", hint=hint)
        return cls(path, None, lock, home)

    @classmethod
    def resume(cls, path: Path, home: str = "") -> tuple[LiveFile, dict[str, int]]:
        """The file as it was at its last checkpoint, and the numbers noted there. Without `home`
        the group with the checkpoint is looked for in all entries.

        Raises:
            FileUnreadable: it is damaged beyond what a killed writer does, or has no checkpoint.
            OutputError: another process is writing it, or it cannot be written.
        """
        lock = WriterLock(path)
        try:
            with told_as_output_error(path):
                finish_change(path)
            mend_superblock(path)
            live, noted = cls._opened(path, lock, home)
        except BaseException:
            lock.release()
            raise
        try:
            live._cut(noted)
        except BaseException:
            live.abandon()
            raise
        return live, noted

    @classmethod
    def _opened(cls, path: Path, lock: WriterLock, home: str) -> tuple[LiveFile, dict[str, int]]:
        """The file as it is, and the numbers noted in it."""
        file = _opened(path, "r")
        try:
            live = cls(path, file, lock, home or checkpoint_home(file))
            noted = read_checkpoint(file, live._home)
            for name in noted:
                if name.startswith("/"):
                    live._column(name)
        except BaseException:
            file.close()
            raise
        return live, noted

    def _cut(self, noted: Mapping[str, int]) -> None:
        """Forget the rows that are not noted."""
        rows = {name: max(0, count) for name, count in noted.items() if name.startswith("/")}
        if all(self.columns[name].rows == count for name, count in rows.items()):
            return
        self.file.close()
        with told_as_output_error(self.path):
            with changed(self.path) as file:
                for name, count in rows.items():
                    self.columns[name].attach(file[name])
                    self.columns[name].cut(count)
            self._file = _opened(self.path, "r")
            for name in rows:
                self.columns[name].attach(self._file[name])

    def _column(self, name: str) -> Growing:
        dataset = self.file.get(name)
        if not isinstance(dataset, h5py.Dataset) or dataset.maxshape[:1] != (None,):
            message = f"{self.path}: {name} is no dataset that grows"
            raise FileUnreadable(message, hint="the file was changed; recover a copy")
        self.columns[name] = Growing(dataset)
        return self.columns[name]

    @contextmanager
    def change(self, positions: Mapping[str, int]) -> Iterator[h5py.File]:
        """The file, to add groups, datasets and attributes to. Afterwards it is visible to readers;
        every dataset that can grow is in `columns`, and all names in `positions` are noted."""
        if self._checkpoint is not None:
            self.flush(positions)
        if self._file is not None:
            self._file.close()
        with told_as_output_error(self.path):
            with changed(self.path) as file:
                self._file = file
                yield file
                self._find_columns(file)
                home = file.require_group(self._home)
                home.attrs.setdefault("NX_class", "NXcollection")
                lay_out(home, [*self.columns, *positions])
            self._file = _opened(self.path, "r+")
            self._find_columns(self._file)
            self._checkpoint = Checkpoint(self._file[self._home])
            self._file.swmr_mode = True
            self.flush(positions)

    def _find_columns(self, file: h5py.File) -> None:
        """All datasets that grow."""

        def take(name: str, node: h5py.HLObject) -> None:
            path = f"/{name}"
            if not isinstance(node, h5py.Dataset) or node.is_virtual:
                return  # to ask a virtual one for its shape opens the files of others
            if node.maxshape[:1] != (None,):
                return
            if path in self.columns:
                self.columns[path].attach(node)
            else:
                self.columns[path] = Growing(node)

        file.visititems(take)

    @property
    def file(self) -> h5py.File:
        """The file, to look at; another one after each `change`. There is none before the first."""
        assert self._file is not None, "change() comes first"  # noqa: S101
        return self._file

    @property
    def waiting(self) -> int:
        """How many bytes wait in memory."""
        return sum(column.waiting for column in self.columns.values())

    def relieve(self) -> None:
        """Write the rows of columns that hold many in memory, while they are in the processor's
        cache; they are noted by the next flush.

        Raises:
            OutputError: the disk is full, or fails.
        """
        with told_as_output_error(self.path):
            full = [column for column in self.columns.values() if column.waiting > MUCH]
            self.check_room(sum(column.room for column in full))
            for column in full:
                column.write()

    def flush(self, positions: Mapping[str, int], *, to_disk: bool = False) -> None:
        """Make all rows visible, and note them with the positions of the sources; with `to_disk`
        wait until they would outlast a loss of power.

        Raises:
            OutputError: the disk is full, or fails; the file is as at the checkpoint before.
        """
        assert self._checkpoint is not None, "change() comes first"  # noqa: S101
        with told_as_output_error(self.path):
            self.check_room(sum(column.room for column in self.columns.values()))
            for column in self.columns.values():
                column.write()
            self.file.flush()
            rows = {name: column.rows for name, column in self.columns.items()}
            self._checkpoint.write(rows | dict(positions))
            if to_disk:
                os.fsync(self.file.id.get_vfd_handle())

    def check_room(self, needed: int) -> None:
        """Make sure that the disk has room for so many bytes of rows: HDF5 does not recover from a
        write that fails, and may crash. Raises `OSError`."""
        if needed and shutil.disk_usage(self.path.parent).free < needed + SPARE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def close(self) -> None:
        """End the writing; everything must be flushed."""
        try:
            with told_as_output_error(self.path):
                self.file.close()
        finally:
            self._lock.release()

    def abandon(self) -> None:
        """Let go of the file as it is, after an error."""
        try:
            if self._file is not None:
                self._file.close()
        except (OSError, RuntimeError):
            pass  # told already by what failed before
        finally:
            self._lock.release()


def checkpoint_home(file: h5py.File) -> str:
    """The group with the checkpoint of a file; the usual one where none is found."""
    own = HOME.rpartition("/")[2]
    groups = [name for name, node in file.items() if isinstance(node, h5py.Group) and own in node]
    return f"/{groups[0]}/{own}" if groups else HOME


def _opened(path: Path, mode: Literal["r", "r+"]) -> h5py.File:
    """The file, to read or to write to.

    Raises:
        FileUnreadable: it is damaged.
        OutputError: it may not be written.
    """
    if not os.access(path, os.W_OK):
        raise OutputError(f"{path}: no permission to write", hint="change that, or copy the file")
    try:
        return h5py.File(path, mode, **_WAY)
    except (OSError, RuntimeError, ValueError) as error:
        message = f"{path}: cannot be opened: {' '.join(str(error).split())}"
        raise FileUnreadable(message, hint="it is damaged: record anew") from error
