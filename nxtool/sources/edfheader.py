"""Where the frames of an EDF file lie, and what their headers say.

A file is a row of blocks: a header `{ key = value ; ... }` as text, a newline, then the pixels.
What the headers claim is held against the size of the file. Source: the ESRF data format, as
SaxsKeywords.pdf (P. Boesecke) and the files of the ESRF have it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import prod
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np

from nxtool.errors import SourceError
from nxtool.sources.textlines import decoded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_LONGEST: Final = 1 << 20
"""The longest header, in bytes."""

_STEP: Final = 4096
_END: Final = re.compile(rb"\}\r?\n")
_ENTRY_END: Final = re.compile(r";[ \t]*(?:\r?\n|\Z)")
_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("signedbyte", "signed8"), "i1"),
        **dict.fromkeys(("unsignedbyte", "unsigned8"), "u1"),
        **dict.fromkeys(("signedshort", "signed16"), "i2"),
        **dict.fromkeys(("unsignedshort", "unsigned16", "unsignedshortinteger"), "u2"),
        **dict.fromkeys(("signedinteger", "signedlong", "signed32"), "i4"),
        **dict.fromkeys(("unsignedinteger", "unsignedlong", "unsigned32"), "u4"),
        "signed64": "i8",
        "unsigned64": "u8",
        **dict.fromkeys(("floatvalue", "float", "floatieee32", "float32"), "f4"),
        **dict.fromkeys(("doublevalue", "double", "floatieee64", "doubleieee64", "float64"), "f8"),
    }
)
_ORDERS: Final = {"lowbytefirst": "<", "highbytefirst": ">"}


class Packed(Exception):
    """The frames are compressed; the text says how."""


@dataclass(frozen=True, slots=True)
class EdfLayout:
    """Where everything lies: the header (offset, size) and the pixels (offset) of each frame."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    headers: Sequence[tuple[int, int]]
    pixels: Sequence[int]


def read_layout(path: Path) -> EdfLayout:
    """Read where the frames of a file lie.

    Raises:
        SourceError: the file is no EDF file, truncated, or contradicts itself.
        Packed: its frames are compressed.
    """
    try:
        with path.open("rb") as stream:
            frames = list(_frames(path, stream, path.stat().st_size))
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from error
    if not frames:
        raise SourceError(f"{path}: there is no frame in it")
    first = frames[0]
    for number, frame in enumerate(frames, start=1):
        if (frame.shape, frame.dtype) != (first.shape, first.dtype):
            raise SourceError(
                f"{path}: frame {number} is {frame.shape} {frame.dtype},"
                f" but frame 1 is {first.shape} {first.dtype}"
            )
    headers = tuple(frame.header for frame in frames)
    return EdfLayout(first.shape, first.dtype, headers, tuple(frame.pixels for frame in frames))


def read_header(path: Path, place: tuple[int, int]) -> Mapping[str, str]:
    """The keys and values of the header at `place` (offset, size)."""
    try:
        with path.open("rb") as stream:
            stream.seek(place[0])
            return _entries(stream.read(place[1]))
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from error


@dataclass(frozen=True, slots=True)
class _Frame:
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    header: tuple[int, int]
    pixels: int


def _frames(path: Path, stream: BinaryIO, end: int) -> Iterator[_Frame]:
    """The frames one after the other, up to the end of the file or padding."""
    offset = 0
    number = 1
    while offset < end:
        raw = _header(path, stream, offset)
        if raw is None:
            return
        block = _Block(f"{path}: frame {number}", _entries(raw), len(raw))
        pixels = offset + len(raw)
        offset = pixels + block.size
        if offset > end:
            raise SourceError(
                f"{path}: frame {number} should end at byte {offset}, the file ends at {end}",
                hint="the file is truncated or damaged",
            )
        if block.has_pixels:
            yield _Frame(block.shape, block.dtype, (pixels - len(raw), len(raw)), pixels)
            number += 1


def _header(path: Path, stream: BinaryIO, offset: int) -> bytes | None:
    """The header at `offset`; None where only padding follows.

    Raises:
        SourceError: something else is there, or its end is not.
    """
    stream.seek(offset)
    raw = stream.read(_STEP)
    text = raw.lstrip()
    if not text.startswith(b"{"):
        if offset and not text.strip(b"\0") and len(raw) < _STEP:
            return None
        what = f"no header at byte {offset}" if offset else "is not an EDF file"
        raise SourceError(f"{path}: {what}")
    searched = 0
    while (found := _END.search(raw, searched)) is None:
        searched = max(0, len(raw) - 3)
        more = stream.read(_STEP)
        raw += more
        if not more or len(raw) > _LONGEST:
            raise SourceError(
                f"{path}: the header at byte {offset} has no end",
                hint="the file is truncated or damaged",
            )
    return raw[: found.end()]


def _entries(raw: bytes) -> dict[str, str]:
    text = decoded(raw).strip().removeprefix("{").removesuffix("}")
    pairs = (entry.partition("=") for entry in _ENTRY_END.split(text))
    return {name.strip(): value.strip() for name, equals, value in pairs if equals}


class _Block:
    """What one header says of the bytes behind it."""

    def __init__(self, where: str, entries: Mapping[str, str], length: int) -> None:
        self._where = where
        self._entries = {name.lower(): value for name, value in entries.items()}
        self.has_pixels = "dim_1" in self._entries
        if self._entries.get("edf_headersize", str(length)) != str(length):
            claimed = self._entries["edf_headersize"]
            raise SourceError(f"{where}: its header has {length} bytes, but claims {claimed}")
        if {"edf_binaryfilename", "edf_binaryfileposition"} & self._entries.keys():
            raise SourceError(f"{where}: its pixels are in another file", hint="join the two")
        packing = self._entries.get("compression", "none")
        if packing.lower() not in ("", "none", "nocompression"):
            raise Packed(f"EDF image ({packing})")

    @property
    def shape(self) -> tuple[int, ...]:
        """The sides, slowest first."""
        names = [name for name in ("dim_3", "dim_2", "dim_1") if name in self._entries]
        sides = tuple(self._whole(name) for name in names)
        if 0 in sides or len(sides) < 2:
            raise SourceError(f"{self._where}: an image of {sides} pixels")
        return sides

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of a pixel, with its byte order."""
        kind = _TYPES.get(self._entries.get("datatype", "").lower())
        if kind is None:
            raise SourceError(f"{self._where}: pixels of type {self._entries.get('datatype')!r}")
        order = _ORDERS.get(self._entries.get("byteorder", "").lower())
        if order is None and not kind.endswith("1"):
            raise SourceError(f"{self._where}: byte order {self._entries.get('byteorder')!r}")
        return np.dtype(f"{order or '|'}{kind}")

    @property
    def size(self) -> int:
        """The bytes behind the header: the pixels, and padding if it says so.

        Raises:
            SourceError: it claims less than the pixels take.
        """
        claims = [name for name in ("edf_binarysize", "size") if name in self._entries]
        claimed = self._whole(claims[0]) if claims else 0
        needed = prod(self.shape) * self.dtype.itemsize if self.has_pixels else 0
        if claims and claimed < needed:
            raise SourceError(
                f"{self._where}: has {claimed} bytes, but {self.shape} {self.dtype} are {needed}"
            )
        return max(claimed, needed)

    def _whole(self, name: str) -> int:
        text = self._entries[name]
        if not re.fullmatch(r"\d{1,15}", text, re.ASCII):
            raise SourceError(f"{self._where}: {name} is {text!r}, not a whole number")
        return int(text)
