"""What a NeXus file keeps of the raw data: files as streams of bytes, the recipe, the record.

A file may come from anywhere: memory is bounded whatever sizes it claims, links to elsewhere are
not followed, and no name leads out of the folder one restores to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nxtool import nxpath
from nxtool.archive.layout import (
    BYTES,
    DATA,
    EMBEDDED,
    GROUP,
    POOL,
    RECIPE,
    RECORD,
    SOURCE,
    KeptFile,
    wrong_name,
)
from nxtool.archive.tables import (
    datasets_in,
    entries_of,
    files_in,
    inside,
    pieces_in,
    rows_in,
    text_in,
)
from nxtool.errors import FileUnreadable, FilterError
from nxtool.hdf5.flat import Block, FlatBytes
from nxtool.hdf5.opening import Hdf5File
from nxtool.nodeview import GroupView, Unreadable, is_group

RECIPE_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class RecordedSource:
    """What is known of a source whether its files are kept or not; `path` is as the recipe has it,
    from the folder of the recipe."""

    name: str
    path: str
    format: str
    files: int

    @property
    def text(self) -> str:
        """For people: `frames: img_*.tif (20 files, tiff)`."""
        count = "1 file" if self.files == 1 else f"{self.files} files"
        return f"{self.name}: {self.path} ({count}, {self.format})"


@dataclass(frozen=True, slots=True)
class KeptRecipe:
    """The recipe in a file; `sha256` is empty where none is stored."""

    name: str
    content: bytes
    sha256: str


class Archive:
    """What an open NeXus file keeps of the raw data; use it in a `with` block.

    `files` and `sources` are empty, and `recipe` is None, where the file says nothing of them.

    Raises:
        FileUnreadable: it is no HDF5 file, or what it says of the raw files cannot be true.
        FilterError: raw files need values behind a filter that is not here.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = Hdf5File(path)
        self._origins: tuple[str, ...] = ()
        self._open: dict[int, FlatBytes] = {}
        try:
            self._read()
        except Unreadable as error:
            self.close()
            hint = "was it damaged, or changed by another program?"
            raise FileUnreadable(f"{path}: {error}", hint=hint) from error
        except FilterError as error:
            self.close()
            raise FilterError(f"{path}: {error.message}") from error
        except BaseException:
            self.close()
            raise

    def _read(self) -> None:
        keeper = _keeper(self._file.root)
        embedded = inside(keeper, EMBEDDED) if keeper is not None else None
        self.files = self._files(embedded) if is_group(embedded) else ()
        self.recipe = self._recipe(keeper) if keeper is not None else None
        self.sources = tuple(_sources(keeper)) if keeper is not None else ()

    def _files(self, embedded: GroupView) -> tuple[KeptFile, ...]:
        pool = nxpath.join(nxpath.join(embedded.path, BYTES), DATA)
        self._origins = (pool, *datasets_in(embedded))
        for path in self._origins:
            if inside(self._file.root, path) is None:
                raise Unreadable(f"{path}: is not in the file")
        sizes = [self._file.flat(path).size for path in self._origins]
        self._pieces = pieces_in(embedded, sizes)
        return files_in(embedded, self._pieces)

    def _recipe(self, keeper: GroupView) -> KeptRecipe | None:
        note = inside(keeper, RECIPE)
        if not is_group(note) or inside(note, DATA) is None:
            return None
        name = text_in(note, "file_name")
        if reason := wrong_name(name):
            raise Unreadable(f"{note.path}: refuses the name {name!r}: {reason}")
        flat = self._file.flat(nxpath.join(note.path, DATA))
        if flat.size > RECIPE_BYTES:
            raise Unreadable(f"{flat.path}: is too large for a recipe")
        content = b"".join(block.tobytes() for block in flat.blocks(0, flat.size))
        return KeptRecipe(name, content, text_in(note, "checksum"))

    def blocks(self, file: KeptFile) -> Iterator[Block]:
        """The bytes of a file of this archive, block by block; raises `Unreadable`."""
        for row in file.rows:
            _, origin, start, length = self._pieces[row].tolist()
            yield from self._flat(origin).blocks(start, length)

    def _flat(self, origin: int) -> FlatBytes:
        """The bytes of an origin; few stay open, as each may hold many chunks in memory."""
        if origin not in self._open:
            for other in [key for key in self._open if key != POOL]:
                del self._open[other]
            self._open[origin] = self._file.flat(self._origins[origin])
        return self._open[origin]

    def close(self) -> None:
        """Close the file."""
        self._open.clear()
        self._file.close()

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def _keeper(root: GroupView) -> GroupView | None:
    """The group nxtool wrote: the first with raw files, else the first there is."""
    found = [inside(entry, GROUP) for entry in entries_of(root)]
    ours = [group for group in found if is_group(group) and text_in(group, "program") == GROUP]
    full = [group for group in ours if EMBEDDED in group.links]
    return next(iter([*full, *ours]), None)


def _sources(keeper: GroupView) -> Iterator[RecordedSource]:
    record = inside(keeper, RECORD)
    for name in record.links if is_group(record) else ():
        group = inside(record, name) if is_group(record) and name.startswith(SOURCE) else None
        if is_group(group):
            path, form = text_in(group, "path"), text_in(group, "format")
            files = rows_in(group, "file_name")
            yield RecordedSource(name.removeprefix(SOURCE), path, form, files)
