"""Definitions read before, kept on disk, so that the next process need not parse XML.

One file holds one set of definitions (the folders of a catalogue): a line of JSON that lists the
definitions, then each definition as JSON. It lies in `$XDG_CACHE_HOME/nxtool` (default
`~/.cache/nxtool`); NXTOOL_NO_CACHE=1 turns it off. It is only ever a copy: what is stale, damaged
or not ours is made anew, and where nothing can be written the XML is read. Like every file it is
untrusted: it is JSON, with a checksum and a check of every value.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

from nxtool import __version__
from nxtool.errors import DefinitionError
from nxtool.nxdl import packing
from nxtool.nxdl.elements import Definition

VARIABLE: Final = "NXTOOL_NO_CACHE"
LAYOUT: Final = 1
"""Of the cache file; another number means another way to write it."""
_MAX_HEADER: Final = 4 * 1024 * 1024
_MAX_NUMBER: Final = 2**32


class Place(NamedTuple):
    """Where a definition lies in the cache file, and what it extends."""

    extends: str | None
    start: int
    length: int
    checksum: int


@dataclass(frozen=True, slots=True)
class Store:
    """A kept set of definitions: the file at `path`, and where it holds each."""

    path: Path
    places: Mapping[str, Place]

    def get(self, name: str, path: Path) -> Definition | None:
        """The definition called `name`, as if it were read from `path`; None where it is not kept.
        A damaged store is thrown away."""
        place = self.places.get(name)
        if place is None:
            return None
        try:
            return packing.unpack(json.loads(self._read(place)), path)
        except (OSError, ValueError, RecursionError):
            with suppress(OSError):
                self.path.unlink()
            return None

    def _read(self, place: Place) -> bytes:
        with self.path.open("rb") as stream:
            stream.seek(place.start)
            data = stream.read(place.length)
        if zlib.crc32(data) != place.checksum:
            raise ValueError("damaged")
        return data


def open_store(files: Mapping[str, Path], folders: Iterable[Path]) -> Store | None:
    """The kept copies of `files`, made now where they are missing or stale; None where there can
    be none."""
    if os.environ.get(VARIABLE):
        return None
    path = _place(folders)
    sign = _sign(files)
    if sign is None:
        return None
    return _opened(path, sign) or (_opened(path, sign) if _write(path, sign, files) else None)


def _place(folders: Iterable[Path]) -> Path:
    """One file for one list of folders, so that a new state of the set replaces the old one."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    names = "\0".join(str(folder.resolve()) for folder in folders)
    return base / "nxtool" / f"nxdl-{zlib.crc32(os.fsencode(names)):08x}.json"


def _sign(files: Mapping[str, Path]) -> str | None:
    """What must not have changed: our version, and path, size and time of every file."""
    try:
        states = [(path, path.stat()) for path in files.values()]
    except OSError:
        return None
    told = [f"{path} {state.st_size} {state.st_mtime_ns}" for path, state in states]
    return "\n".join([f"{LAYOUT} {__version__}", *told])


def _opened(path: Path, sign: str) -> Store | None:
    """The store in the file at `path`, None where it is not the one meant by `sign`."""
    try:
        with path.open("rb") as stream:
            places = _read_header(stream, sign)
    except (OSError, ValueError, RecursionError):
        return None
    return None if places is None else Store(path, places)


def _read_header(stream: IO[bytes], sign: str) -> dict[str, Place] | None:
    checksum, _, text = stream.readline(_MAX_HEADER).partition(b" ")
    if checksum != b"%d" % zlib.crc32(text):
        return None
    found = json.loads(text)
    if not isinstance(found, dict) or found.get("sign") != sign:
        return None
    return _places(found.get("places"), stream.tell())


def _places(raw: Any, start: int) -> dict[str, Place] | None:
    """The table of a header whose definitions begin at `start`; None where it is none."""
    if not isinstance(raw, dict) or not all(_is_place(entry) for entry in raw.values()):
        return None
    return {
        name: Place(extends, start + offset, length, checksum)
        for name, (extends, offset, length, checksum) in raw.items()
    }


def _is_place(entry: Any) -> bool:
    if not isinstance(entry, list) or len(entry) != 4:
        return False
    extends, *numbers = entry
    whole = all(type(number) is int and 0 <= number <= _MAX_NUMBER for number in numbers)
    return whole and (extends is None or type(extends) is str)


def _write(path: Path, sign: str, files: Mapping[str, Path]) -> bool:
    """Make the store; False where it cannot be written."""
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with part.open("xb") as stream:
            _fill(stream, sign, files)
        part.replace(path)
    except OSError:
        with suppress(OSError):
            part.unlink()
        return False
    return True


def _fill(stream: IO[bytes], sign: str, files: Mapping[str, Path]) -> None:
    from nxtool.nxdl.reader import read_definition

    places: dict[str, Place] = {}
    parts: list[bytes] = []
    start = 0
    for name, path in files.items():
        try:
            definition = read_definition(path)
        except DefinitionError:
            continue  # told when it is asked for
        if definition.name != name:
            continue
        data = json.dumps(packing.pack(definition), separators=(",", ":")).encode()
        places[name] = Place(definition.extends, start, len(data), zlib.crc32(data))
        parts.append(data)
        start += len(data)
    header = json.dumps({"sign": sign, "places": places}, separators=(",", ":")).encode() + b"\n"
    stream.write(b"%d %b" % (zlib.crc32(header), header))
    stream.writelines(parts)
