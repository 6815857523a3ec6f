"""Messages written: a file writer's answers (answ), signs of life (x5f2) and last word (wrdn).

A message is its head, the vtable, the table with its numbers, the strings. All values are written,
those that equal their defaults too; None leaves a string out.
(FlatBuffers, "Internals": offsets count from where they stand, numbers are aligned to their size.)
"""

from __future__ import annotations

import struct
from typing import Final

from nxtool.messages.model import Answer, FinishedWriting, Status
from nxtool.messages.schemas import SCHEMAS
from nxtool.messages.tables import OFFSET, Field

Encodable = Answer | Status | FinishedWriting

_HEAD: Final = 8


def encode(message: Encodable) -> bytes:
    """The bytes of a message. Raises ValueError for a number that its slot cannot hold."""
    fields = SCHEMAS[message.schema].fields
    values = [getattr(message, field.name) for field in fields]
    present = [slot for slot, value in enumerate(values) if value is not None]
    vtable_size = 4 + 2 * len(fields)
    start = _HEAD + vtable_size
    start += (4 - start) % 8  # so that the first field, four bytes later, is aligned
    places, size = _places(fields, present)
    written = bytearray(_aligned(start + size))
    struct.pack_into("<I4s", written, 0, start, message.schema.encode())
    slots = (places.get(slot, 0) for slot in range(len(fields)))
    struct.pack_into(f"<HH{len(fields)}H", written, _HEAD, vtable_size, size, *slots)
    struct.pack_into("<i", written, start, start - _HEAD)
    for slot in present:
        place, value = start + places[slot], values[slot]
        if fields[slot].kind == "text":
            text = _text(value)
            value = len(written) - place
            written += text
        _put(written, place, fields[slot], value)
    return bytes(written)


def _places(fields: tuple[Field, ...], present: list[int]) -> tuple[dict[int, int], int]:
    """Where the fields of a table stand, the largest first so all are aligned, and its size."""
    places, size = {}, 4
    for slot in sorted(present, key=lambda slot: -struct.calcsize("<" + fields[slot].code)):
        places[slot] = size
        size += struct.calcsize("<" + fields[slot].code)
    return places, size


def _put(written: bytearray, place: int, field: Field, value: int) -> None:
    code = OFFSET if field.kind == "text" else field.code
    try:
        struct.pack_into(f"<{code}", written, place, value)
    except struct.error as error:
        raise ValueError(f"{field.name} cannot be {value}: {error}") from None


def _text(value: str) -> bytes:
    """A string: its length, its bytes, and zeros up to a whole number of words."""
    text = value.encode()
    return struct.pack(f"<I{_aligned(len(text) + 1)}s", len(text), text)


def _aligned(size: int) -> int:
    """The next multiple of four."""
    return (size + 3) // 4 * 4
