"""From the path an author writes to files in the order in which they were taken.

Numbers in names count as numbers (`scan_2` comes before `scan_10`), and a number that is missing
from a series is an error: a lost frame must not go unseen.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nxtool.errors import SourceError
from nxtool.sources.lookup import near_names

if TYPE_CHECKING:
    from collections.abc import Sequence

_NUMBER: Final = re.compile(r"(\d+)", re.ASCII)
_MAGIC: Final = re.compile(r"[*?\[]")
_NAMED: Final = 5
"""How many missing numbers a message names."""


def natural_key(name: str) -> tuple[tuple[str | int, ...], str]:
    """Sorts names with their numbers taken as numbers.

    >>> sorted(["a10.tif", "a9.tif", "a1.tif"], key=natural_key)
    ['a1.tif', 'a9.tif', 'a10.tif']
    """
    parts = _NUMBER.split(name)
    key = tuple(int(part) if index % 2 else part for index, part in enumerate(parts))
    return key, name


def is_pattern(path: str, folder: Path) -> bool:
    """True when the path stands for any number of files.

    A file whose very name is `path` is that file, brackets and all.
    """
    return bool(_MAGIC.search(path)) and not (folder / path).exists()


def find_files(path: str, folder: Path) -> tuple[Path, ...]:
    """The files that `path` (relative to `folder`, globs allowed) means, in natural order.

    Raises:
        SourceError: there is none; the message names the path as resolved and near names.
    """
    try:
        return _found(path, folder)
    except OSError as error:
        reason = (error.strerror or "cannot be looked at").lower()
        raise SourceError(f"{folder / path}: {reason}", hint="check the name") from error
    except ValueError as error:
        raise SourceError(f"{path!r} is not a file name", hint="check the name") from error


def _found(path: str, folder: Path) -> tuple[Path, ...]:
    if is_pattern(path, folder):
        return _matches(path, folder)
    file = folder / path
    if file.is_dir() and not _is_source(file):
        raise SourceError(f"{file}: is a folder", hint=f"name its files: {path}/*{_usual(file)}")
    if file.exists() and not _is_source(file):
        raise SourceError(f"{file}: is a device or a pipe", hint="name a file")
    if not _is_source(file):
        raise SourceError(f"{file}: no such file", hint=_neighbours(file))
    return (file,)


def _usual(folder: Path) -> str:
    """The suffix that most files in a folder have, by the first thousand of them."""
    suffixes = Counter(entry.suffix for entry in islice(folder.iterdir(), 1000) if entry.is_file())
    return suffixes.most_common(1)[0][0] if suffixes else ".tif"


def _is_source(file: Path) -> bool:
    """True for a file, and for a folder that is a Zarr store."""
    return file.is_file() or (file.suffix.lower() == ".zarr" and file.is_dir())


def _matches(path: str, folder: Path) -> tuple[Path, ...]:
    parts = Path(path).parts
    fixed = next(index for index, part in enumerate(parts) if _MAGIC.search(part))
    root = folder.joinpath(*parts[:fixed])
    pattern = "/".join(parts[fixed:])
    if any("**" in part and part != "**" for part in parts):
        hint = "write * for any part of a name, /**/ for any folders"
        raise SourceError(f"{root / pattern}: ** stands beside other letters", hint=hint)
    if parts.count("**") > 1:  # each would walk all folders again below every one
        raise SourceError(f"{root / pattern}: ** stands there twice", hint="one means any folders")
    files = [file for file in root.glob(pattern) if _is_source(file)]
    if not files:
        hint = _neighbours(root / parts[fixed])
        raise SourceError(f"{root / pattern}: no file matches", hint=hint)
    return tuple(sorted(files, key=lambda file: natural_key(str(file))))


def _neighbours(file: Path) -> str:
    """A hint with the files like `file` in its folder."""
    if not file.parent.is_dir():
        return f"there is no folder {file.parent}"
    names = sorted(entry.name for entry in file.parent.iterdir())
    return near_names(file.name, names)


def check_series(files: Sequence[Path]) -> None:
    """Refuse a series of files with a gap or a twin in its numbers.

    The names must be alike but for one run of digits; others are no series and pass.

    Raises:
        SourceError: names the missing numbers, or the two files with the same number.
    """
    numbers = _series(files)
    for (one, first), (two, second) in pairwise(zip(numbers, files, strict=False)):
        if one == two:
            raise SourceError(f"{second}: has the same number as {first.name}")
    missing = [(one + 1, two) for one, two in pairwise(numbers) if two > one + 1]
    if missing:
        raise SourceError(
            f"{files[0].parent}: the series {files[0].name} to {files[-1].name} lacks"
            f" {_spell_out(missing)}",
            hint="write `missing: skip` if that is meant",
        )


def _series(files: Sequence[Path]) -> tuple[int, ...]:
    """The one number that varies between the names, a file each; empty if there is no such."""
    names = [_NUMBER.split(str(file)) for file in files]
    if len({tuple(name[::2]) for name in names}) != 1:
        return ()
    columns = list(zip(*(name[1::2] for name in names), strict=True))
    varying = [column for column in columns if len(set(column)) > 1]
    return tuple(int(run) for run in varying[0]) if len(varying) == 1 else ()


def _spell_out(gaps: Sequence[tuple[int, int]]) -> str:
    """`number 3`, `numbers 3, 7 and 12 more`."""
    total = sum(stop - start for start, stop in gaps)
    named: list[str] = []
    for start, stop in gaps:
        named += [str(number) for number in range(start, min(stop, start + _NAMED))]
    more = f" and {total - _NAMED} more" if total > _NAMED else ""
    return f"number{'s' if total > 1 else ''} {', '.join(named[:_NAMED])}{more}"
