"""By what files and wishes are known again: sizes, times, checksums."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from nxtool import __version__
from nxtool.batch.model import Print, Task
from nxtool.build.checksums import Hashes
from nxtool.build.plan import Plan
from nxtool.errors import SourceError
from nxtool.nxdl.sets import folders_of
from nxtool.sources.hashing import sha256, size_of


def print_of(path: Path, known: Mapping[Path, str] | None = None) -> Print:
    """How `path` is known again; of a folder the files in it count.

    What cannot be read has no checksum, and is never taken for the same as before. `known` are
    checksums that need not be computed.
    """
    try:
        stat = path.stat()
        digest = (known or {}).get(path) or sha256(path)
        return Print(str(path), size_of(path), stat.st_mtime_ns, digest)
    except (OSError, ValueError, SourceError):
        return Print(str(path), 0, 0, "")


def moment_of(path: Path) -> tuple[int, int]:
    """The bytes at `path`, or in the folder there, and when they were last changed; zeros where
    they cannot be looked at."""
    try:
        files = [path, *path.rglob("*")] if path.is_dir() else [path]
        stats = [file.stat() for file in files]
    except (OSError, ValueError):  # the latter for what is no name
        return 0, 0
    return sum(stat.st_size for stat in stats), max(stat.st_mtime_ns for stat in stats)


def same(path: Path, before: Print) -> bool:
    """Whether `path` is what it was: by size and time, or, where a time differs, by content."""
    if not before.sha256 or str(path) != before.path:
        return False
    try:
        stat = path.stat()
        if path.is_file() and stat.st_size != before.size:
            return False
        if path.is_file() and stat.st_mtime_ns == before.mtime_ns:
            return True
        return sha256(path) == before.sha256
    except (OSError, SourceError):
        return False


def print_since(moment: tuple[int, int], path: Path, known: Mapping[Path, str]) -> Print:
    """How `path`, that was read since `moment`, is known again.

    Has it changed meanwhile, it has no checksum: nobody knows what of it was read.
    """
    found = print_of(path, known)
    return found if moment_of(path) == moment else replace(found, sha256="")


def hashed(plan: Plan | None) -> dict[Path, str]:
    """The checksums of raw files that a conversion has computed on its way."""
    found: dict[Path, str] = {}
    for field in plan.fields if plan is not None else ():
        if isinstance(field.data, Hashes):
            found.update(field.data.finished())
    return found


def asked(task: Task, recipe: str) -> str:
    """A checksum of all that is asked for but the content of files; `recipe` is the merged one.

    Whether files may be replaced, and the time that is given, make no other file.
    """
    manner = {**asdict(task.manner), "overwrite": None, "timeout": None}
    sets = [_of_definitions(folder) for folder in folders_of(task.manner.definitions)]
    document = [task.action, str(task.input), str(task.output), task.settings, manner, recipe, sets]
    return digest(json.dumps(document, default=str))


@lru_cache(maxsize=16)
def _of_definitions(folder: Path) -> str:
    """The checksum of a folder of definitions, which a process reads once anyway."""
    return sha256(folder)


def digest(text: str) -> str:
    """The SHA-256 of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """What a result may depend on."""
    python = platform.python_version()
    return {"nxtool": __version__, "h5py": version("h5py"), "python": python}


def here() -> tuple[str, int]:
    """The name of this machine, and the number of this process."""
    return platform.node(), os.getpid()
