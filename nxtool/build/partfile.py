"""Files that appear under their names only when they are complete."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nxtool.errors import OutputError, output_error


@contextmanager
def part_file(target: Path) -> Iterator[Path]:
    """A name beside `target` to write to, for the caller to rename; gone at the end.

    Raises:
        OutputError: `target` is a folder, its own is missing or read-only, or renaming is refused.
    """
    check_no_folder(target)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    check_folder(target)
    try:
        with told_as_output_error(target):
            part.unlink(missing_ok=True)
            yield part
    finally:
        part.unlink(missing_ok=True)


def check_no_folder(target: Path) -> None:
    """Raise OutputError where `target` is a folder, which no file can replace."""
    if target.is_dir():
        hint = f"name a file in it, like {target / 'NAME.nxs'}"
        raise OutputError(f"{target}: is a folder", hint=hint)


def check_folder(target: Path) -> None:
    """Raise OutputError where the folder of `target` is missing or may not be written to."""
    folder = Path(os.path.realpath(target)).parent
    if not folder.is_dir():
        raise OutputError(f"{folder}: no such folder", hint="create it, or choose another with -o")
    if not os.access(folder, os.W_OK):
        raise OutputError(f"{folder}: no permission to write", hint="choose another with -o")


@contextmanager
def told_as_output_error(path: Path) -> Iterator[None]:
    """Errors of the operating system in our words, also those HDF5 wraps."""
    try:
        yield
    except OSError as error:
        raise output_error(path, error) from error
    except RuntimeError as error:  # HDF5, when closing a file cannot write what is left
        raise output_error(path, error) from error
