"""An HDF5 file that grows while others read it, and can be continued however its writer ended.

Rows first, then the checkpoint that counts them: a reader, and a writer that comes back, see whole
rows alone. Names can be added while it is written; then it is closed for a moment, and readers see
them when they open it anew. HDF5 takes no lock on it, as a reader's lock would keep the writer out.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import h5py

from nxtool.build.partfile import check_folder, told_as_output_error
from nxtool.errors import FileUnreadable, OutputError
from nxtool.stream.checkpoint import VALUES, Checkpoint, lay_out, read_checkpoint
from nxtool.stream.growing import Growing
from nxtool.stream.lock import WriterLock
from nxtool.stream.superblock import mend_superblock

HOME: Final = "/entry/nxtool_stream"
"""The group with the checkpoint."""
_WAY: Final[Mapping[str, Any]] = {"libver": "latest", "locking": False, "rdcc_nbytes": 1 << 20}
"""How files are opened. Rows are added at their end alone, so a large cache holds what nobody asks
for again, for every dataset."""


class LiveFile:
    """A file open for writing. `create` makes one, `resume` goes on with one; `change` adds names,
    `flush` makes rows visible, `close` ends it. Not for several threads at once.

    `columns` are its growing datasets by path.
    """

    def __init__(self, path: Path, file: h5py.File, lock: WriterLock, home: str) -> None:
        self.path = path
        self.columns: dict[str, Growing] = {}
        self._file = file
        self._lock = lock
        self._home = home
        self._checkpoint: Checkpoint | None = None

    @classmethod
    def create(cls, path: Path, home: str = HOME) -> LiveFile:
        """A new file; what it shall hold is said by `change`.

        Raises:
            OutputError: it exists, is being written, or cannot be.
        """
        check_folder(path)
        lock = WriterLock(path)
        try:
            with told_as_output_error(path):
                file = h5py.File(path, "x", **_WAY)
        except OutputError:
            lock.release()
            if path.exists():
                hint = "continue it with --resume, or choose another name"
                raise OutputError(f"{path}: exists already", hint=hint) from None
            raise
        return cls(path, file, lock, home)

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
            mend_superblock(path)
            file = _opened(path)
            live = cls(path, file, lock, home or checkpoint_home(file))
        except BaseException:
            lock.release()
            raise
        try:
            noted = read_checkpoint(live._file, live._home)
            for name, rows in noted.items():
                if name.startswith("/"):
                    live._column(name).cut(max(0, rows))
        except BaseException:
            live.abandon()
            raise
        return live, noted

    def _column(self, name: str) -> Growing:
        dataset = self._file.get(name)
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
            self._file.close()
            self._file = _opened(self.path)
        with told_as_output_error(self.path):
            yield self._file
            self._find_columns()
            home = self._file.require_group(self._home)
            home.attrs.setdefault("NX_class", "NXcollection")
            self._checkpoint = lay_out(home, [*self.columns, *positions])
            self._file.swmr_mode = True
            self.flush(positions)

    def _find_columns(self) -> None:
        """All datasets that grow, and are not part of the checkpoint."""

        def take(name: str, node: h5py.HLObject) -> None:
            path = f"/{name}"
            if not isinstance(node, h5py.Dataset) or node.is_virtual:
                return  # to ask a virtual one for its shape opens the files of others
            if node.maxshape[:1] != (None,) or path == f"{self._home}/{VALUES}":
                return
            if path in self.columns:
                self.columns[path].attach(node)
            else:
                self.columns[path] = Growing(node)

        self._file.visititems(take)

    @property
    def file(self) -> h5py.File:
        """The file, to look at; another one after each `change`."""
        return self._file

    @property
    def waiting(self) -> int:
        """How many bytes wait in memory."""
        return sum(column.waiting for column in self.columns.values())

    def flush(self, positions: Mapping[str, int], *, to_disk: bool = False) -> None:
        """Make all rows visible, and note them with the positions of the sources; with `to_disk`
        wait until they would outlast a loss of power.

        Raises:
            OutputError: the disk is full, or fails; the file is as at the checkpoint before.
        """
        assert self._checkpoint is not None, "change() comes first"  # noqa: S101
        with told_as_output_error(self.path):
            for column in self.columns.values():
                column.write()
            self._file.flush()
            rows = {name: column.rows for name, column in self.columns.items()}
            self._checkpoint.write(rows | dict(positions))
            if to_disk:
                os.fsync(self._file.id.get_vfd_handle())

    def close(self) -> None:
        """End the writing; everything must be flushed."""
        try:
            with told_as_output_error(self.path):
                self._file.close()
        finally:
            self._lock.release()

    def abandon(self) -> None:
        """Let go of the file as it is, after an error."""
        try:
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


def _opened(path: Path) -> h5py.File:
    """The file to write to.

    Raises:
        FileUnreadable: it is damaged.
        OutputError: it may not be written.
    """
    if not os.access(path, os.W_OK):
        raise OutputError(f"{path}: no permission to write", hint="change that, or copy the file")
    try:
        return h5py.File(path, "r+", **_WAY)
    except (OSError, RuntimeError, ValueError) as error:
        message = f"{path}: cannot be opened: {' '.join(str(error).split())}"
        raise FileUnreadable(message, hint="it is damaged: record anew") from error
