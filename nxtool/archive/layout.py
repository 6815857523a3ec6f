"""How raw files are kept in a NeXus file: the names, and the table of pieces.

`/ENTRY/nxtool/embedded` is an NXcollection with one row a file in `name` (relative, with `/`),
`size`, `modified_ns` (nanoseconds since 1970) and `sha256`. `bytes/data` (an NXnote) holds what is
kept byte by byte. A file is its rows of `pieces`, in their order: file, origin, start, length. The
origin 0 is `bytes/data`, the origin k the k-th path in `dataset`, whose values count as bytes in C
order as they are stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Final, NamedTuple

GROUP: Final = "nxtool"
RECIPE: Final = "recipe"
RECORD: Final = "record"
SOURCE: Final = "source_"
"""How the groups of sources in `record` begin."""
DOCUMENTS: Final = "documents"
"""How the notes with the documents of Bluesky runs begin."""
EMBEDDED: Final = "embedded"
BYTES: Final = "bytes"
DATA: Final = "data"
POOL: Final = 0
"""The origin of bytes that are kept as they are."""
MOST_FILES: Final = 1_000_000
MOST_PIECES: Final = 4_000_000
"""No archive has more, so that a table nobody should trust takes little memory."""

HOW_TO: Final = (
    "Raw files, bit for bit; `nxtool restore` writes them. A file is its rows of pieces, in their "
    "order: file, origin, start, length. Origin 0 is bytes/data; origin k is the k-th dataset, its "
    "values taken as bytes in C order."
)


class Piece(NamedTuple):
    """Bytes of a file: `length` from `start` on in the origin of this number."""

    origin: int
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A raw file in a NeXus file; `name` is relative to where it is restored.

    `modified_ns` is when it was changed, in nanoseconds since 1970; `sha256` is in hexadecimal;
    `rows` are those of its pieces. `is_whole` says that it needs no values of other datasets.
    """

    name: str
    size: int
    modified_ns: int
    sha256: str
    rows: range
    is_whole: bool


def wrong_name(name: str) -> str:
    """Why a file must not be written under `name` below a folder; empty if it may.

    >>> wrong_name("run_1/a.tif"), wrong_name("../a.tif")
    ('', 'it leads out of the folder')
    """
    if not name or "\0" in name:
        return "it is no file name"
    parts = name.split("/")
    if name.startswith("/") or ".." in parts:
        return "it leads out of the folder"
    if any(part in ("", ".") or PurePath(part).name != part for part in parts):
        return "it is no plain path"
    return ""
