"""Sets of definitions from a folder, a ZIP archive or a URL, taken in with suspicion.

Only NXDL files and the file that names the release (`NXDL_VERSION`) are looked at; everything
else is passed over. Where a source has the folders of the official repository, only those count.
Nothing is written here, names of an archive are never used as paths as they are, and what may be
read is bounded before it is read.
"""

from __future__ import annotations

import io
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final

from nxtool.errors import DefinitionError
from nxtool.nxdl.catalogue import SUFFIX, VERSION_FILE
from nxtool.nxdl.fetch import fetch
from nxtool.nxdl.reader import MAX_BYTES, parse_definition

FOLDERS: Final = ("base_classes", "applications", "contributed_definitions")
"""Where the official repository and its releases keep definitions."""
MAX_FILES: Final = 5_000
MAX_NAMES: Final = 200_000
"""How many names of any kind a source may list."""
MAX_TOTAL: Final = 128 * 1024 * 1024
MAX_ARCHIVE: Final = 32 * 1024 * 1024
"""The list of names in an archive is read at once, so the archive itself is bounded."""
_MAX_VERSION: Final = 200
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, slots=True)
class Intake:
    """What a source holds: bytes by the place they shall get (`base_classes/NXdata.nxdl.xml`).

    `version` is the release the source names, empty where it names none.
    """

    files: Mapping[str, bytes]
    version: str


@dataclass(frozen=True, slots=True)
class _Entry:
    """One file of a source; `read` gives at most so many bytes."""

    name: str
    is_link: bool
    read: Callable[[int], bytes]


def take_in(source: str) -> Intake:
    """The definitions of `source`: a folder, a ZIP file, or a URL of one (http, https).

    Every definition has been parsed, and is called as its file.

    Raises:
        DefinitionError: the source cannot be read, is hostile, holds no NXDL file, or one of
            them is not NXDL.
    """
    if "://" in source:
        return from_zip(io.BytesIO(fetch(source, MAX_ARCHIVE)), source)
    path = Path(source).expanduser()
    if path.is_dir():
        return _collect(_folder_entries(path), source)
    if not path.is_file():
        raise DefinitionError(f"{source}: no such file or folder", hint="check the path")
    try:
        with path.open("rb") as stream:
            if path.stat().st_size > MAX_ARCHIVE:
                text = f"{source}: is larger than {MAX_ARCHIVE // 2**20} MiB"
                raise DefinitionError(text, hint="this is no archive of definitions")
            return from_zip(stream, source)
    except OSError as error:
        raise DefinitionError(f"{source}: {error.strerror}", hint="check the file") from error


def from_zip(stream: IO[bytes], source: str) -> Intake:
    """As `take_in`, from an open ZIP archive that errors call `source`."""
    try:
        with zipfile.ZipFile(stream) as archive:
            return _collect(_zip_entries(archive), source)
    except (
        zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, IndexError
    ) as error:  # fmt: skip
        text = f"{source}: is no ZIP archive that can be read: {error}"
        raise DefinitionError(text, hint="give a folder or a ZIP archive of NXDL files") from error


def _zip_entries(archive: zipfile.ZipFile) -> Iterator[_Entry]:
    for info in archive.infolist():
        if not info.is_dir():
            is_link = stat.S_ISLNK(info.external_attr >> 16)
            yield _Entry(info.filename, is_link, _zip_reader(archive, info))


def _zip_reader(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        if info.flag_bits & 1:
            raise DefinitionError(f"{info.filename}: is encrypted", hint="unpack it first")
        if info.compress_type not in _METHODS:  # the others expand without a bound
            text = f"{info.filename}: is compressed in an unusual way"
            raise DefinitionError(text, hint="unpack it first")
        with archive.open(info) as stream:
            return stream.read(limit)

    return read


def _folder_entries(folder: Path) -> Iterator[_Entry]:
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(place, name)
            inside = path.relative_to(folder).as_posix()
            yield _Entry(inside, path.is_symlink(), _file_reader(path))


def _file_reader(path: Path) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        try:
            with path.open("rb") as stream:
                return stream.read(limit)
        except OSError as error:
            raise DefinitionError(f"{path}: {error.strerror}", hint="check the file") from error

    return read


def _collect(entries: Iterable[_Entry], source: str) -> Intake:
    wanted = _official_part(_wanted(entries, source))
    files: dict[str, bytes] = {}
    names: set[str] = set()
    total = 0
    for entry in wanted:
        path = _safe(entry, source)
        if path.name == VERSION_FILE:
            continue
        content = entry.read(MAX_BYTES + 1)
        total += len(content)
        _check_size(len(content), total, entry.name, source)
        _check_definition(content, entry.name, source)
        if path.name in names:
            raise DefinitionError(f"{source}: holds {path.name} twice", hint="remove one of them")
        names.add(path.name)
        files[_place(path)] = content
    if not files:
        hint = f"NXDL files are called NAME{SUFFIX}"
        raise DefinitionError(f"{source}: holds no NXDL file", hint=hint)
    return Intake(files, _stated_version(wanted))


def _stated_version(entries: Iterable[_Entry]) -> str:
    """What the outermost NXDL_VERSION says."""
    found = [entry for entry in entries if PurePosixPath(entry.name).name == VERSION_FILE]
    if not found:
        return ""
    outermost = min(found, key=lambda entry: entry.name.count("/"))
    text = outermost.read(_MAX_VERSION).decode("utf-8", "replace").strip()
    return text if text.isprintable() else ""


def _wanted(entries: Iterable[_Entry], source: str) -> list[_Entry]:
    """The entries that may be kept, by their names; how many there are is bounded."""
    found: list[_Entry] = []
    for number, entry in enumerate(entries):
        if number >= MAX_NAMES or len(found) > MAX_FILES:
            raise DefinitionError(f"{source}: holds too many files", hint="give a smaller part")
        if entry.name.endswith((SUFFIX, f"/{VERSION_FILE}")) or entry.name == VERSION_FILE:
            found.append(entry)
    return found


def _official_part(entries: list[_Entry]) -> list[_Entry]:
    """Only what stands in the official folders, if there are such: a checkout of the repository
    also holds NXDL files of its manual and its tests."""
    official = [
        entry for entry in entries if PurePosixPath(entry.name).parent.name in FOLDERS
    ]  # fmt: skip
    if not official:
        return entries
    return [*official, *(e for e in entries if e.name.endswith(VERSION_FILE))]


def _safe(entry: _Entry, source: str) -> PurePosixPath:
    """The name as a path, refused where it would lead out of its folder."""
    name = entry.name
    path = PurePosixPath(name)
    escapes = path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name
    if escapes or "\0" in name or not name.isprintable():
        raise DefinitionError(f"{source}: unsafe name {name!r}", hint="do not trust this archive")
    if entry.is_link:
        raise DefinitionError(f"{source}: {name} is a link", hint="put the file itself there")
    return path


def _place(path: PurePosixPath) -> str:
    parent = path.parent.name
    return f"{parent}/{path.name}" if parent in FOLDERS else path.name


def _check_size(size: int, total: int, name: str, source: str) -> None:
    if size > MAX_BYTES:
        text = f"{source}: {name} is larger than {MAX_BYTES // 2**20} MiB"
        raise DefinitionError(text, hint="this is no NXDL file")
    if total > MAX_TOTAL:
        text = f"{source}: holds more than {MAX_TOTAL // 2**20} MiB of NXDL files"
        raise DefinitionError(text, hint="give a smaller part")


def _check_definition(content: bytes, name: str, source: str) -> None:
    definition = parse_definition(content, Path(source) / name)
    if f"{definition.name}{SUFFIX}" != PurePosixPath(name).name:
        raise DefinitionError(
            f"{source}: {name} defines {definition.name}",
            hint="an NXDL file is named after its definition",
        )
