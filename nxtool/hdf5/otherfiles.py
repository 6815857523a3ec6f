"""Where HDF5 finds the other files that a file names: by external links, or as virtual sources.

Of the places where HDF5 looks, the working directory does not count here: what a file says would
depend on where somebody stands.

Source: HDF5 Reference Manual, H5Lcreate_external and H5Pset_virtual_prefix; H5Fint.c of HDF5,
H5F_prefix_open_file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeAlias

Folders: TypeAlias = tuple[Path, ...]
"""Where a file lies."""
LINKS: Final = "HDF5_EXT_PREFIX"
SOURCES: Final = "HDF5_VDS_PREFIX"
"""The variables that name further places for files of either kind."""


_NUMBERED: Final = re.compile(r"(?<!%)(?:%%)*%b")


def as_pattern(name: str) -> str:
    """The name of a file or an object as virtual datasets have it: there `%b` stands for a number.

    >>> as_pattern("50%beam.h5"), name_in("50%%beam.h5"), name_in("run%b.h5")
    ('50%%beam.h5', '50%beam.h5', None)
    """
    return name.replace("%", "%%")


def name_in(pattern: str) -> str | None:
    """The reverse of `as_pattern`; None for a pattern that stands for many names."""
    return None if _NUMBERED.search(pattern) else pattern.replace("%%", "%")


def folders_of(path: Path) -> Folders:
    """Where the file at `path` lies: by this name, then by its own, if this is a symbolic link."""
    return tuple(dict.fromkeys((path.absolute().parent, path.resolve().parent)))


def external_file(name: str, folders: Folders, variable: str = LINKS) -> Path | None:
    """The regular file that `name` means in a file that lies in `folders`; None where there is
    none, or something else is found first: to open a pipe or a device could take for ever.

    Of an absolute name that leads nowhere its last part counts, so that files can move together.
    """
    first = next(filter(_is_openable, _candidates(name, folders, variable)), None)
    return first if first is not None and first.is_file() else None


def _is_openable(path: Path) -> bool:
    try:
        return path.exists() and not path.is_dir()
    except (OSError, ValueError):  # too long, say, or with a zero in it
        return False


def _candidates(name: str, folders: Folders, variable: str) -> Iterator[Path]:
    if Path(name).is_absolute():
        yield Path(name)
        name = name.rpartition("/")[2]
        if not name:
            return
    prefixes = filter(None, os.environ.get(variable, "").split(":"))
    yield from (Path(prefix.replace("${ORIGIN}", str(folders[0]))) / name for prefix in prefixes)
    yield from (folder / name for folder in folders)
