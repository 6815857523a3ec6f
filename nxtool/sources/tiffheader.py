"""What the header of a TIFF file says: where its pages lie, and its tags.

Offsets and counts are those of a stranger: every one is held against the size of the file, so a
damaged header can neither be read past the end nor ask for memory the file does not account for.
"""

from __future__ import annotations

import json
import re
import struct
from dataclasses import dataclass
from functools import cached_property
from math import prod
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np

from nxtool.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_WIDTH: Final = 256
_LENGTH: Final = 257
_BITS: Final = 258
_COMPRESSION: Final = 259
_PHOTOMETRIC: Final = 262
_FILL_ORDER: Final = 266
_DESCRIPTION: Final = 270
_OFFSETS: Final = 273
_SAMPLES: Final = 277
_STRIP_ROWS: Final = 278
_COUNTS: Final = 279
_TILE_WIDTH: Final = 322
_FORMAT: Final = 339

TAG_NAMES: Final[Mapping[int, str]] = MappingProxyType(
    {
        _WIDTH: "ImageWidth",
        _LENGTH: "ImageLength",
        _BITS: "BitsPerSample",
        269: "DocumentName",
        _DESCRIPTION: "ImageDescription",
        271: "Make",
        272: "Model",
        282: "XResolution",
        283: "YResolution",
        285: "PageName",
        305: "Software",
        306: "DateTime",
        315: "Artist",
        316: "HostComputer",
        33432: "Copyright",
        33434: "ExposureTime",
        36867: "DateTimeOriginal",
    }
)
"""Tags that are known by name; every other one is reached by its number."""

_KINDS: Final[Mapping[int, tuple[str, int]]] = MappingProxyType(
    {
        1: ("B", 1),
        2: ("s", 1),
        3: ("H", 2),
        4: ("I", 4),
        5: ("II", 8),
        6: ("b", 1),
        7: ("s", 1),
        8: ("h", 2),
        9: ("i", 4),
        10: ("ii", 8),
        11: ("f", 4),
        12: ("d", 8),
        13: ("I", 4),
        16: ("Q", 8),
        17: ("q", 8),
        18: ("Q", 8),
    }
)
"""Field type: struct code of one value, and its size."""

_PIXELS: Final[Mapping[tuple[int, int], str]] = MappingProxyType(
    {
        **{(kind, 8 * size): f"u{size}" for kind in (1, 4) for size in (1, 2, 4, 8)},
        **{(2, 8 * size): f"i{size}" for size in (1, 2, 4, 8)},
        **{(3, 8 * size): f"f{size}" for size in (2, 4, 8)},
    }
)
"""Sample format and bits: numpy type without its byte order."""

Strips = tuple[tuple[int, int], ...]
"""Offset and size in bytes of the pieces of a page, in order."""


class Untold(Exception):
    """The file is a TIFF, but not of the plain kind; the text says what it is instead."""


@dataclass(frozen=True, slots=True)
class Tag:
    """Where the value of a tag lies: `count` values of type `kind` from `offset` on."""

    kind: int
    count: int
    offset: int


@dataclass(frozen=True)
class TiffLayout:
    """Where everything lies in a file. All pages have one shape and dtype."""

    size: int
    order: str
    shape: tuple[int, int]
    dtype: np.dtype[Any]
    pages: tuple[Strips, ...]
    tags: tuple[Mapping[int, Tag], ...]
    parsed: tuple[tuple[int, bytes], ...]
    """The bytes the layout was read from: a file of this size with the same bytes there is laid
    out in the same way."""

    def tag_code(self, selector: str) -> int | None:
        """The number of the tag that `#Name` or `#number` means, None if the file has it not."""
        return self._codes.get(selector)

    @cached_property
    def _codes(self) -> Mapping[str, int]:
        named = {f"#{TAG_NAMES[code]}": code for code in self.tags[0] if code in TAG_NAMES}
        return {**{f"#{code}": code for code in self.tags[0]}, **named}


class _Bytes:
    """The bytes of a file by offset, with a record of what was read."""

    def __init__(self, path: Path, stream: BinaryIO) -> None:
        self.path = path
        self._stream = stream
        self.size = stream.seek(0, 2)
        self.read: list[tuple[int, bytes]] = []

    def at(self, offset: int, size: int, what: str, *, record: bool = True) -> bytes:
        """`size` bytes from `offset`, which are `what`."""
        if offset + size > self.size:
            raise SourceError(
                f"{self.path}: {what} should be at bytes {offset} to {offset + size},"
                f" but the file ends at {self.size}",
                hint="the file is truncated or damaged",
            )
        self._stream.seek(offset)
        found = self._stream.read(size)
        if record:
            self.read.append((offset, found))
        return found


def matches(path: Path, layout: TiffLayout) -> bool:
    """True when a file is laid out like the one `layout` was read from."""
    try:
        with path.open("rb") as stream:
            if stream.seek(0, 2) != layout.size:
                return False
            return all(
                stream.seek(offset) == offset and stream.read(len(expected)) == expected
                for offset, expected in layout.parsed
            )
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from error


def read_layout(path: Path) -> TiffLayout:
    """Read where the pages of a file lie.

    Raises:
        SourceError: the file is no TIFF, truncated or contradicts itself.
        Untold: it is compressed, tiled, in colour or of another kind not read here.
    """
    try:
        with path.open("rb") as stream:
            return _parse(_Bytes(path, stream))
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from error


def _parse(source: _Bytes) -> TiffLayout:
    order, big, first = _start(source)
    directories = list(_directories(source, order, big, first))
    if not directories:
        raise SourceError(f"{source.path}: a TIFF file without a page")
    pages = [_Page(source, order, tags) for tags in directories]
    for number, page in enumerate(pages[1:], start=2):
        if (page.shape, page.dtype) != (pages[0].shape, pages[0].dtype):
            raise SourceError(
                f"{source.path}: page {number} is {page.shape} {page.dtype},"
                f" but page 1 is {pages[0].shape} {pages[0].dtype}"
            )
    pages[0].check_hidden_frames(len(pages))
    strips = tuple(page.strips() for page in pages)
    return TiffLayout(
        size=source.size,
        order=order,
        shape=pages[0].shape,
        dtype=pages[0].dtype,
        pages=strips,
        tags=tuple(directories),
        parsed=tuple(source.read),
    )


def _start(source: _Bytes) -> tuple[str, bool, int]:
    """Byte order, whether it is a BigTIFF, and the offset of the first directory."""
    head = source.at(0, 8, "the TIFF header")
    orders = {b"II": "<", b"MM": ">"}
    order = orders.get(head[:2], "")
    version = struct.unpack(f"{order or '<'}H", head[2:4])[0]
    if not order or version not in (42, 43):
        raise SourceError(f"{source.path}: is not a TIFF file")
    if version == 42:
        return order, False, struct.unpack(f"{order}I", head[4:])[0]
    return order, True, struct.unpack(f"{order}Q", source.at(8, 8, "the TIFF header"))[0]


def _directories(source: _Bytes, order: str, big: bool, offset: int) -> Iterator[Mapping[int, Tag]]:
    """The tags of every page."""
    seen: set[int] = set()
    head, entry, follow = ("Q", "HHQ8s", "Q") if big else ("H", "HHI4s", "I")
    while offset:
        what = f"the directory of page {len(seen) + 1}"
        if offset in seen:
            raise SourceError(f"{source.path}: {what} is that of an earlier page")
        seen.add(offset)
        head_size, entry_size = struct.calcsize(order + head), struct.calcsize(order + entry)
        (count,) = struct.unpack(order + head, source.at(offset, head_size, what))
        offset += head_size
        table = source.at(offset, count * entry_size, what)
        yield {
            code: _tag(order, big, kind, number, value, offset + index * entry_size)
            for index, (code, kind, number, value) in enumerate(
                struct.iter_unpack(order + entry, table)
            )
            if kind in _KINDS
        }
        offset += count * entry_size
        follow_size = struct.calcsize(order + follow)
        (offset,) = struct.unpack(order + follow, source.at(offset, follow_size, what))


def _tag(order: str, big: bool, kind: int, count: int, value: bytes, place: int) -> Tag:
    """A tag; a value that fits lies in the entry itself, at `place`."""
    inline = 8 if big else 4
    if count * _KINDS[kind][1] <= inline:
        return Tag(kind, count, place + (12 if big else 8))
    return Tag(kind, count, struct.unpack(order + ("Q" if big else "I"), value)[0])


class _Page:
    """One page, checked to be of the plain kind."""

    def __init__(self, source: _Bytes, order: str, tags: Mapping[int, Tag]) -> None:
        self._source = source
        self._order = order
        self._tags = tags
        self._check_plain()
        self.shape = (self._one(_LENGTH), self._one(_WIDTH))
        if 0 in self.shape:
            raise SourceError(f"{source.path}: an image of {self.shape} pixels")
        kind = (self._one(_FORMAT, 1), self._one(_BITS, 1))
        if kind not in _PIXELS:
            raise Untold(f"TIFF of {kind[1]} bits with sample format {kind[0]}")
        self.dtype = np.dtype(order + _PIXELS[kind])

    def _check_plain(self) -> None:
        if self._one(_COMPRESSION, 1) != 1:
            raise Untold("compressed TIFF")
        if _TILE_WIDTH in self._tags:
            raise Untold("tiled TIFF")
        if self._one(_SAMPLES, 1) != 1 or self._one(_PHOTOMETRIC, 1) not in (0, 1):
            raise Untold("colour TIFF")
        if self._one(_FILL_ORDER, 1) != 1:
            raise Untold("TIFF with reversed bits")

    def check_hidden_frames(self, pages: int) -> None:
        """ImageJ and tifffile may name one page only and let the others follow unnamed."""
        tag = self._tags.get(_DESCRIPTION)
        if tag is None or tag.kind != 2:
            return
        text = self._source.at(tag.offset, tag.count, "ImageDescription").decode("latin-1")
        if _frames_told(text, self.shape) > pages:
            raise Untold("TIFF with unnamed frames")

    def strips(self) -> Strips:
        """The pieces of the page, neighbours joined."""
        row = self.shape[1] * self.dtype.itemsize
        total = self.shape[0] * row
        each = min(self._one(_STRIP_ROWS, self.shape[0]) or self.shape[0], self.shape[0]) * row
        number = -(-total // each)
        if number * self.dtype.itemsize > self._source.size:
            raise SourceError(
                f"{self._source.path}: {total} bytes of pixels in a file of {self._source.size}",
                hint="the file is truncated or damaged",
            )
        offsets = self._many(_OFFSETS)
        sizes = [min(each, total - index * each) for index in range(number)]
        counts = self._many(_COUNTS) if _COUNTS in self._tags else tuple(sizes)
        if len(offsets) != number or len(counts) != number:
            raise SourceError(
                f"{self._source.path}: {len(offsets)} strips with {len(counts)} sizes,"
                f" but the image has {number}"
            )
        self._check_strips(offsets, counts, sizes)
        return _joined(offsets, sizes)

    def _check_strips(
        self, offsets: tuple[int, ...], counts: tuple[int, ...], sizes: list[int]
    ) -> None:
        path, end = self._source.path, self._source.size
        for offset, count, size in zip(offsets, counts, sizes, strict=True):
            if count < size:
                raise SourceError(f"{path}: a strip has {count} of its {size} bytes")
            if offset + size > end:
                raise SourceError(
                    f"{path}: pixels should end at byte {offset + size}, the file ends at {end}",
                    hint="the file is truncated or damaged",
                )

    def _one(self, code: int, default: int | None = None) -> int:
        if code not in self._tags and default is not None:
            return default
        values = self._many(code)
        if not values:
            raise SourceError(f"{self._source.path}: tag {code} is empty")
        return values[0]

    def _many(self, code: int) -> tuple[int, ...]:
        tag = self._tags.get(code)
        if tag is None or _KINDS[tag.kind][0] not in "BHIQ":
            raise SourceError(f"{self._source.path}: tag {code} is missing or no whole number")
        letter, size = _KINDS[tag.kind]
        raw = self._source.at(tag.offset, tag.count * size, f"tag {code}")
        return struct.unpack(f"{self._order}{tag.count}{letter}", raw)


def _joined(offsets: tuple[int, ...], sizes: list[int]) -> Strips:
    result: list[tuple[int, int]] = []
    for offset, size in zip(offsets, sizes, strict=True):
        if result and sum(result[-1]) == offset:
            result[-1] = (result[-1][0], result[-1][1] + size)
        else:
            result.append((offset, size))
    return tuple(result)


def _frames_told(description: str, shape: tuple[int, int]) -> int:
    """How many frames the description of the first page speaks of."""
    if description.startswith("ImageJ="):
        told = re.search(r"^images=(\d{1,12})", description, re.MULTILINE)
        return int(told[1]) if told else 1
    try:
        told_shape = json.loads(description.rstrip("\0 "))["shape"]  # written by tifffile
        return int(prod(told_shape)) // prod(shape)
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
        return 1


def read_tag(path: Path, layout: TiffLayout, page: int, code: int) -> int | float | str:
    """The value of a tag: text without its end mark, a number, or several as text.

    Raises:
        SourceError: the page lacks the tag, or the value lies outside the file.
    """
    tag = layout.tags[page].get(code)
    name = TAG_NAMES.get(code, str(code))
    if tag is None:
        raise SourceError(f"{path}: page {page + 1} has no header key #{name}")
    letters, size = _KINDS[tag.kind]
    try:
        with path.open("rb") as stream:
            raw = _Bytes(path, stream).at(tag.offset, tag.count * size, f"tag {name}")
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from error
    if letters == "s":
        return raw.split(b"\0", 1)[0].decode("utf-8", "replace").strip()
    numbers = [_value(part) for part in struct.iter_unpack(layout.order + letters, raw)]
    return numbers[0] if len(numbers) == 1 else " ".join(str(number) for number in numbers)


def _value(part: tuple[Any, ...]) -> int | float:
    """A number; a rational is its quotient, not a number where the divisor is 0."""
    if len(part) == 1:
        return part[0]  # type: ignore[no-any-return]
    return part[0] / part[1] if part[1] else float("nan")
