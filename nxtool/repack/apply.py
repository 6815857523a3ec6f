"""A file stored anew: beside its target, compared if asked for, and renamed when it is complete."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import h5py
from h5py import h5d, h5f, h5g, h5o, h5p

from nxtool.build.chunkwriter import ChunkWriter
from nxtool.build.disk import Reserve, flushed
from nxtool.build.partfile import check_no_folder, part_file
from nxtool.errors import NxtoolError, OutputError
from nxtool.hdf5.opening import open_to_read
from nxtool.hdf5.view import load_filters
from nxtool.repack.attributes import copy_attributes
from nxtool.repack.choice import Request, is_meant, treatment
from nxtool.repack.comments import copy_comment
from nxtool.repack.compare import compare_values
from nxtool.repack.objects import ObjectID, address_of, reading, shown
from nxtool.repack.record import record_loss
from nxtool.repack.references import Pointers
from nxtool.repack.survey import Held, Survey, check_filters, survey
from nxtool.repack.times import Times, put_back, times_of
from nxtool.repack.tree import TreeMaker, like_group
from nxtool.repack.values import Box, Mover, read_raw

if TYPE_CHECKING:
    import numpy as np

Progress: TypeAlias = "Callable[[str, int], None]"
"""Called with the path of a dataset and the bytes of values just moved or compared."""

SAMPLE: Final = 256 * 1024
"""How many bytes tell of what kind an image is."""


@dataclass(frozen=True, slots=True)
class Work:
    """How much there is to do, for a progress bar."""

    bulk_bytes: int


@dataclass(slots=True)
class Outcome:
    """What was done: sizes of the files in bytes, how many datasets were stored anew and how many
    as they were, and by path what should be known.
    """

    source: Path
    target: Path
    before: int
    after: int = 0
    renewed: int = 0
    kept: int = 0
    verified: bool = False
    notes: list[tuple[str, str]] = field(default_factory=list)


def repack_file(
    path: Path,
    out: Path | None,
    request: Request,
    *,
    overwrite: bool = False,
    verify: bool = False,
    begin: Callable[[Work], Progress] | None = None,
) -> Outcome:
    """Store the datasets of `path` as `request` says in `out`; None means in its own place.

    Everything else is kept. The file appears whole or not at all.

    Raises:
        FileUnreadable: `path` cannot be read to the end.
        FilterError: a filter of `path` is missing here.
        OutputError: `out` exists, is `path`, cannot be written, or did not stand the comparison.
    """
    target = path.resolve() if out is None else out
    load_filters()
    with closing(open_to_read(path)) as source:
        if out is not None:
            _check_target(path, out, overwrite=overwrite)
        found = _looked_over(source, path, request)
        outcome = Outcome(path, target, path.stat().st_size)
        work = Work(sum(held.size for held in found.datasets.values()) * (2 if verify else 1))
        progress = begin(work) if begin is not None else _no_progress
        with part_file(target) as part:
            repacking = _Repacking(source, path, found, request, progress)
            repacking.write(part, outcome)
            if verify:
                repacking.compare(part)
                outcome.verified = True
            if out is None:
                shutil.copymode(path, part)
            outcome.after = part.stat().st_size
            part.replace(target)
    return outcome


def _looked_over(source: h5f.FileID, path: Path, request: Request) -> Survey:
    """What the file holds, after making sure that the request can be met."""
    found = survey(source, path)
    if not request.keep_unreadable:
        check_filters(found, source, path)
    _check_patterns(path, found, request.only)
    return found


def _no_progress(path: str, count: int) -> None:
    pass


def _check_target(path: Path, out: Path, *, overwrite: bool) -> None:
    if not out.exists():
        return
    check_no_folder(out)
    if out.samefile(path):
        raise OutputError(f"{out}: is the input", hint="--in-place repacks the file itself")
    if not overwrite:
        raise OutputError(
            f"{out}: exists already", hint="name another file with -o, or add --overwrite"
        )


def _check_patterns(path: Path, found: Survey, patterns: tuple[str, ...]) -> None:
    for one in patterns:
        if not any(is_meant(held, (one,)) for held in found.datasets.values()):
            raise NxtoolError(
                f"{path}: no dataset fits {one!r}",
                hint="* stands for any part of a path: '/entry/*/data'",
            )


class _Repacking:
    """One file on its way to another."""

    def __init__(
        self, source: h5f.FileID, file: Path, found: Survey, request: Request, progress: Progress
    ) -> None:
        self._source = source
        self._file = file
        self._found = found
        self._progress = progress
        self._treatments = {
            address: treatment(held, request, partial(self._sample, held))
            for address, held in found.datasets.items()
        }
        self._ways: dict[int, bytes] = {}
        self._times: dict[int, Times] = {}
        self._silent: list[str] = []

    def write(self, part: Path, outcome: Outcome) -> None:
        """Write the file `part`, and what happened to `outcome`."""
        with _created_like(self._source, part) as target:
            reserve = Reserve(target)
            reserve.objects(self._found.objects)
            maker = TreeMaker(
                self._source, target.id, self._file, self._found, self._treatments
            )  # fmt: skip
            maker.make(reserve.values, self._progress)
            self._ways = maker.ways
            pointers = Pointers(self._source, target.id, maker.ways)
            with ChunkWriter(reserve.values) as writer:
                mover = Mover(self._file, writer, reserve.values, pointers)
                self._fill(target, maker, mover, pointers, outcome)
        block = self._source.get_create_plist().get_userblock()
        put_back(part, block, self._times)
        _copy_user_block(block, self._file, part)
        outcome.notes += self._notes(outcome, pointers)

    def _fill(
        self,
        target: h5py.File,
        maker: TreeMaker,
        mover: Mover,
        pointers: Pointers,
        outcome: Outcome,
    ) -> None:
        """Give all objects their attributes and values."""
        for address, way in maker.ways.items():
            mine, its = h5o.open(self._source, way), h5o.open(target.id, way)
            self._copy_about(mine, its, way, maker, pointers)
            if not isinstance(mine, h5d.DatasetID):
                self._progress(shown(way), 0)  # a moment to be interrupted
                continue
            held, chosen = self._found.datasets[address], self._treatments[address]
            if address not in maker.finished and mover.move(
                mine, its, held, chosen.filter, self._done(held)
            ):
                outcome.renewed += 1
                record_loss(its, held, chosen)
            else:
                outcome.kept += 1

    def _copy_about(
        self, mine: ObjectID, its: ObjectID, way: bytes, maker: TreeMaker, pointers: Pointers
    ) -> None:
        """Copy attributes and comment of an object, and keep its times for later."""
        with reading(self._file, shown(way)):
            copy_attributes(mine, its, maker.types, pointers)
            if not copy_comment(mine, its):
                self._silent.append(shown(way))
            times = times_of(mine)
        if times is not None:
            self._times[address_of(its)] = times

    def _done(self, held: Held) -> Callable[[int], None]:
        return partial(self._progress, shown(held.way))

    def compare(self, part: Path) -> None:
        """Read everything back. Raises `OutputError` where something differs."""
        with closing(open_to_read(part)) as target:
            compare_values(
                self._source, target, self._found, self._ways, self._file, self._progress
            )  # fmt: skip

    def _sample(self, held: Held) -> np.ndarray[Any, Any] | None:
        """Values from the middle; None where there are none to be had."""
        shape = held.shape or ()
        if not held.stored or 0 in shape:
            return None
        rows = max(1, SAMPLE // held.dtype.itemsize // shape[-1])
        middle = tuple(length // 2 for length in shape[:-2])
        start = max(0, (shape[-2] - rows) // 2)
        box = Box((*middle, start, 0), (*(1 for _ in middle), min(rows, shape[-2]), shape[-1]))
        with reading(self._file, shown(held.way)):
            return read_raw(h5o.open(self._source, held.way), box).view(held.dtype)

    def _notes(self, outcome: Outcome, pointers: Pointers) -> Iterator[tuple[str, str]]:
        for address, held in self._found.datasets.items():
            if self._treatments[address].why:
                yield shown(held.way), self._treatments[address].why
            if held.layout == "external":
                yield shown(held.way), f"its values stay in {', '.join(held.outside)}"
        for way in self._silent:
            yield way, "its comment is lost: h5py cannot read it"
        if pointers.lost:
            yield "/", f"{pointers.lost} references led to objects without a name: they are null"
        yield from moved_names(self._found, self._file, outcome.target)


def moved_names(found: Survey, file: Path, target: Path) -> Iterator[tuple[str, str]]:
    """Relative names of other files that hold from the old folder and not from the new, each with
    what to say of it."""
    before, after = file.resolve().parent, target.resolve().parent
    named = {name: shown(way) for name, way in found.linked.items()}
    for held in found.datasets.values():
        if held.layout == "virtual":
            named |= {name: shown(held.way) for name in held.outside}
    for name, way in named.items():
        if before != after and _is_file(before / name) and not _is_file(after / name):
            yield way, f"leads to {name}, which lies beside the old file and not the new"


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


@contextmanager
def _created_like(source: h5f.FileID, path: Path) -> Iterator[h5py.File]:
    """A new file with the creation properties of `source`."""
    access = h5p.create(h5p.FILE_ACCESS)
    access.set_fclose_degree(h5f.CLOSE_STRONG)
    access.set_libver_bounds(h5f.LIBVER_V18, h5f.LIBVER_LATEST)
    properties = like_group(h5g.open(source, b"/"), source.get_create_plist())
    made = h5f.create(os.fsencode(path), h5f.ACC_EXCL, properties, access)
    with flushed(h5py.File(made), path) as file:
        yield file


def _copy_user_block(size: int, file: Path, part: Path) -> None:
    """Copy what stands in front of the HDF5 file."""
    if size:
        with file.open("rb") as before, part.open("r+b") as after:
            after.write(before.read(size))
