"""A changed copy of a file, or a new file: beside its place, and renamed when it is complete."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nxtool.build.disk import Reserve, open_for_writing
from nxtool.build.partfile import check_no_folder, part_file
from nxtool.editing.copying import (
    check_replaceable,
    copy_whole,
    held,
    put_in_place,
    take_after,
)
from nxtool.errors import FileUnreadable, OutputError

if TYPE_CHECKING:
    import h5py

IN_PLACE: Final = "--in-place changes the file itself"


@contextmanager
def changed_copy(
    path: Path, out: Path | None, *, overwrite: bool, objects: int
) -> Iterator[h5py.File]:
    """A copy of `path` to be changed in the block, with room for so many new objects. It appears
    at `out`, or, without one, in the place of `path`, when the block ends well.

    Raises:
        FileUnreadable: `path` is missing, or damaged where it is changed.
        OutputError: `out` exists, is `path`, or cannot be written.
    """
    target = target_of(path, out, overwrite=overwrite)
    with held(path, exclusively=out is None), part_file(target) as part:
        copy_whole(path, part)
        try:
            with open_for_writing(part, "r+") as file:
                Reserve(file).objects(objects)
                yield file
        except (KeyError, ValueError, TypeError) as error:
            raise FileUnreadable(f"{path}: is damaged: {error}", hint="restore the file") from error
        if out is None:
            take_after(part, path)
        put_in_place(part, target)


def target_of(path: Path, out: Path | None, *, overwrite: bool, hint: str = IN_PLACE) -> Path:
    """The file to write for `path`: `out`, or without it the file itself; it may be written.

    Raises:
        FileUnreadable: there is no such file.
        OutputError: it may not be written; `hint` says how to change the file itself.
    """
    if not path.exists():
        raise FileUnreadable(f"{path}: No such file or directory", hint="check the path")
    if out is None:
        if path.is_file():
            check_replaceable(path)
        return path.resolve()
    check_free(out, (path,), overwrite=overwrite, hint=hint)
    return out


def check_free(
    out: Path, sources: tuple[Path, ...], *, overwrite: bool, hint: str = IN_PLACE
) -> None:
    """Make sure that `out` may be written. Raises `OutputError`."""
    if not out.exists():
        return
    check_no_folder(out)
    if any(path.exists() and out.samefile(path) for path in sources):
        raise OutputError(f"{out}: is the input", hint=hint)
    if not overwrite:
        raise OutputError(f"{out}: exists already", hint="--overwrite replaces it")


@contextmanager
def new_file(
    out: Path, sources: tuple[Path, ...], *, overwrite: bool, objects: int
) -> Iterator[h5py.File]:
    """A new file, to be filled in the block, which appears at `out` when that ends well.

    Raises:
        OutputError: `out` exists, is a source, or cannot be written.
    """
    check_free(out, sources, overwrite=overwrite)
    with part_file(out) as part:
        with open_for_writing(part, "x") as file:
            Reserve(file).objects(objects)
            yield file
        put_in_place(part, out)


def relative(path: Path, out: Path) -> str:
    """How a file at `out` names the one at `path`."""
    return os.path.relpath(path.resolve(), out.resolve().parent)
