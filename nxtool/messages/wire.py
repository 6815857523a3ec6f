"""Tables read from the bytes of a FlatBuffers message, none of which is trusted.

Every offset and length is checked against the message before it is followed; what is wrong is
`Undecodable` with the reason. Vectors are views of the message. A message that refers to the same
bytes again and again is refused before the work it makes exceeds its size by `MOST_WORK`.

Where the fields of a table stand is worked out once for each vtable met and kept (`layout_of`):
vtables differ with the fields a producer leaves out, so they are the key.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.errors import NxtoolError
from nxtool.messages.tables import Field, Table, nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

MOST_WORK: Final = 8
"""How often all bytes of a message may be visited; producers share strings, but not that much."""
COST_OF_TABLE: Final = 64
COST_OF_TEXT: Final = 8
"""What reading a table or string counts beside its bytes, as it takes that much longer."""
HEAD: Final = 8
"""Bytes before any table: where the root is, and four letters."""

_SIZES: Final = struct.Struct("<HH")
_U32: Final = struct.Struct("<I")
_I32: Final = struct.Struct("<i")


class Undecodable(NxtoolError):
    """Bytes that are no message of a known schema, or a damaged one.

    >>> print(Undecodable("offset 9 lies outside of 8 bytes", schema="f144"))
    f144 message: offset 9 lies outside of 8 bytes
    """

    def __init__(self, reason: str, *, schema: str = "") -> None:
        super().__init__(f"{schema} message: {reason}" if schema else reason)
        self.reason = reason
        self.schema = schema


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Where the fields of a table stand, seen from its start, for all tables with one vtable."""

    unpacker: struct.Struct
    order: tuple[int, ...]
    """For every slot its place among the unpacked values followed by the absent ones."""
    pointers: tuple[tuple[int, int, Field], ...]
    """(slot, place, field) of the offsets present."""
    times: tuple[int, ...]
    places: Mapping[int, int]
    """Slots present and their places."""


@lru_cache(maxsize=4096)
def layout_of(table: Table, vtable: bytes) -> Layout:
    """The layout that a vtable says; `vtable` ends where the slots known here end.

    Raises Undecodable when a field lies outside of the table or on another one.
    """
    size: int = _SIZES.unpack_from(vtable)[1]
    named = struct.unpack_from(f"<{len(vtable) // 2 - 2}H", vtable, 4)
    places = {slot: place for slot, place in enumerate(named) if place}
    inside = sorted(places, key=places.__getitem__)
    letters, end = ["<4x"], 4
    for slot in inside:
        place, code = places[slot], table.fields[slot].code
        if place < end:
            raise Undecodable(f"two fields of a table share its byte {place}")
        letters.append(f"{place - end}x{code}")
        end = place + struct.calcsize(f"<{code}")
    if end > size:
        raise Undecodable(f"a field lies outside of its table of {size} bytes")
    found = {slot: at for at, slot in enumerate(inside)}
    return Layout(
        struct.Struct("".join(letters)),
        tuple(found.get(slot, len(inside) + slot) for slot in range(len(table.fields))),
        tuple(
            (slot, places[slot], field)
            for slot, field in enumerate(table.fields)
            if slot in places and field.kind != "number"
        ),
        tuple(sorted(table.times & places.keys())),
        places,
    )


class Reader:
    """The reader of one message."""

    __slots__ = ("_left", "buffer")

    def __init__(self, buffer: bytes) -> None:
        self.buffer = buffer
        self._left = MOST_WORK * len(buffer)

    def root(self, table: Table) -> dict[str, Any]:
        """The values of the outermost table by name."""
        return self.table(self.root_place(), table)

    def root_place(self) -> int:
        """Where the outermost table starts."""
        if len(self.buffer) < HEAD:
            raise Undecodable(f"{len(self.buffer)} bytes are no message")
        return int(_U32.unpack_from(self.buffer)[0])

    def vtable(self, at: int, table: Table) -> tuple[int, bytes]:
        """Where the vtable of the table at `at` is, and its part for the slots known here."""
        buffer = self.buffer
        try:
            place = at - _I32.unpack_from(buffer, at)[0]
            size, inline = _SIZES.unpack_from(buffer, max(place, 0))
        except struct.error:
            raise self._outside(at) from None
        if place < 0 or max(place + size, at + inline) > len(buffer):
            raise self._outside(at)
        if size < 4 or size % 2:
            raise Undecodable(f"a vtable cannot have {size} bytes")
        return place, buffer[place : place + min(size, table.reach)]

    def table(self, at: int, table: Table) -> dict[str, Any]:
        """The values of a table by name, all it refers to included."""
        _, vtable = self.vtable(at, table)
        self._charge(COST_OF_TABLE)
        layout = layout_of(table, vtable)
        found = layout.unpacker.unpack_from(self.buffer, at) + table.absent
        values = [found[n] for n in layout.order]
        for slot in layout.times:
            if values[slot] >> 63:
                raise Undecodable(f"{values[slot]} ns is no time before the year 2262")
        for slot, place, field in layout.pointers:
            target = at + place + values[slot]
            values[slot] = _FOLLOW[field.kind](self, target, field.detail, values[slot - 1])
        return {name: values[slot] for name, slot in table.shown}

    def extent(self, at: int, item: int) -> tuple[int, int]:
        """Where the items of a vector start and where they end; `item` is the size of one."""
        try:
            end: int = at + 4 + item * _U32.unpack_from(self.buffer, at)[0]
        except struct.error:
            raise self._outside(at) from None
        if end > len(self.buffer):
            raise self._outside(end)
        return at + 4, end

    def text(self, at: int, _detail: object = None, _before: object = None) -> str:
        """A string."""
        start, end = self.extent(at, 1)
        self._charge(COST_OF_TEXT + end - start)
        try:
            return self.buffer[start:end].decode()
        except UnicodeDecodeError:
            raise Undecodable(f"the string at byte {start} is not UTF-8") from None

    def vector(self, at: int, dtype: np.dtype[Any], _before: object = None) -> NDArray[Any]:
        """The numbers of a vector, a view of the message."""
        size = dtype.itemsize
        start, end = self.extent(at, size)
        if start == end:
            return nothing(dtype)
        return np.frombuffer(self.buffer, dtype, (end - start) // size, start)

    def times(self, at: int, dtype: np.dtype[Any], before: object = None) -> NDArray[np.int64]:
        """The times of a vector; unsigned ones must fit int64."""
        found = self.vector(at, dtype).view("<i8")
        if dtype.kind == "u" and found.size and found.min() < 0:
            raise Undecodable("times after the year 2262")
        return found

    def each(self, at: int) -> list[int]:
        """The places that a vector of offsets refers to."""
        start, end = self.extent(at, 4)
        self._charge(end - start)
        offsets = struct.unpack_from(f"<{(end - start) // 4}I", self.buffer, start)
        return [start + 4 * n + offset for n, offset in enumerate(offsets)]

    def texts(self, at: int, _detail: object = None, _before: object = None) -> tuple[str, ...]:
        """The strings of a vector."""
        return tuple(self.text(place) for place in self.each(at))

    def one(self, at: int, table: Table, _before: object = None) -> dict[str, Any]:
        """Another table."""
        return self.table(at, table)

    def tables(self, at: int, table: Table, _before: object = None) -> list[dict[str, Any]]:
        """The tables of a vector."""
        return [self.table(place, table) for place in self.each(at)]

    def union(self, at: int, options: Mapping[int, Table], which: int) -> Any:
        """The value of a union, or the values of an option with several slots.

        Numbers become arrays without dimensions, so their type stays.
        """
        if not which:
            return None
        table = option_of(options, which)
        values = self.table(at, table)
        if len(table.fields) != 1:
            return values or None
        kind = table.fields[0]
        return np.array(values["value"], kind.detail) if kind.kind == "number" else values["value"]

    def _outside(self, place: int) -> Undecodable:
        return Undecodable(f"byte {place} lies outside of {len(self.buffer)} bytes")

    def _charge(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise Undecodable(f"{len(self.buffer)} bytes refer to themselves too often")


def option_of(options: Mapping[int, Table], which: int) -> Table:
    """The table of a union's option."""
    try:
        return options[which]
    except KeyError:
        raise Undecodable(f"values of type {which} are not known") from None


_FOLLOW: Final[Mapping[str, Callable[[Reader, int, Any, Any], Any]]] = {
    "text": Reader.text,
    "texts": Reader.texts,
    "vector": Reader.vector,
    "times": Reader.times,
    "table": Reader.one,
    "tables": Reader.tables,
    "union": Reader.union,
}
