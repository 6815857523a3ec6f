"""Looking at the values of a field: only where a rule needs them, block by block, within bounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from nxtool.nodeview import FieldView, Unreadable
from nxtool.validate.visit import FieldVisit

BLOCK_BYTES: Final = 4 * 1024 * 1024
TEXT_BYTES: Final = 64
"""What a string counts for: the size of variable-length ones is not known before reading."""


def blocks(visit: FieldVisit) -> Iterator[Any]:
    """The values of the field, block by block, as far as the options allow.

    A value that cannot be read ends the iteration: `types.readable` tells about it.
    """
    limit = visit.walk.options.max_read
    if field_bytes(visit.view) > limit:
        return
    try:
        for block in visit.view.blocks(BLOCK_BYTES):
            yield visit.view.read_block(block)
    except Unreadable:
        return


def field_bytes(view: FieldView) -> int:
    """The size of all values in memory, in bytes."""
    size = view.type.size or TEXT_BYTES
    for length in view.shape or ():
        size *= length
    return size


def texts(visit: FieldVisit) -> Iterator[str]:
    """The strings of a string field, one by one."""
    if visit.view.type.kind != "string":
        return
    for block in blocks(visit):
        if isinstance(block, str):
            yield block
        elif isinstance(block, list):
            yield from block


def has_bad_bytes(text: str) -> bool:
    """True where bytes that are not UTF-8 were read (as surrogates, PEP 383)."""
    return not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text)


def shown(text: str, length: int = 60) -> str:
    """`text` for a message: printable and short."""
    clean = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return repr(clean if len(clean) <= length else clean[: length - 1] + "…")
