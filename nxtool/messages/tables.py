"""How a table of a FlatBuffers message is described: its its slots in order, by name and kind.

A description serves reading (`wire`), reading in columns (`pattern`) and writing (`encode`).
Numbers stand in the table itself; of all else an offset stands there.
(FlatBuffers, "Internals": tables, vtables, unions, vectors, strings.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np

Kind = Literal["number", "text", "texts", "vector", "times", "table", "tables", "union"]

CODES: Final[Mapping[str, str]] = {
    "i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I", "i8": "q", "u8": "Q",
    "f4": "f", "f8": "d", "?": "?",
}  # fmt: skip
"""struct's letters for numpy's types of numbers."""
OFFSET: Final = "I"


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """What stands in one slot; `absent` is its value in a message that leaves it out."""

    name: str
    kind: Kind
    code: str
    """struct's letter for what stands in the table."""
    absent: Any
    detail: Any = None
    """By kind: the numpy type of numbers, vectors and times; the Table; the options of a union."""
    is_time: bool = False
    """A time in ns as an unsigned number, which must fit the signed one it becomes."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The slots of a table in order. `shown` are those that have a name, `times` those to check;
    `reach` is the size of a vtable that names them all."""

    fields: tuple[Field, ...]
    reach: int = field(init=False)
    absent: tuple[Any, ...] = field(init=False)
    shown: tuple[tuple[str, int], ...] = field(init=False)
    times: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        slots = tuple(enumerate(self.fields))
        object.__setattr__(self, "reach", 4 + 2 * len(slots))
        object.__setattr__(self, "absent", tuple(one.absent for one in self.fields))
        object.__setattr__(self, "shown", tuple((one.name, n) for n, one in slots if one.name))
        object.__setattr__(self, "times", frozenset(n for n, one in slots if one.is_time))


def number(name: str, dtype: str, absent: float = 0) -> Field:
    """A number in the table itself."""
    kind = np.dtype(dtype).newbyteorder("<")
    return Field(name, "number", CODES[dtype], kind.type(absent).item(), kind)


def time(name: str, dtype: str) -> Field:
    """A time; unsigned ones above the highest int64 (the year 2262) cannot be decoded."""
    return Field(name, "number", CODES[dtype], 0, np.dtype(dtype), is_time=dtype == "u8")


def text(name: str, absent: str | None = "") -> Field:
    """A string in UTF-8."""
    return Field(name, "text", OFFSET, absent)


def texts(name: str) -> Field:
    """A vector of strings."""
    return Field(name, "texts", OFFSET, ())


def vector(name: str, dtype: str) -> Field:
    """A vector of numbers; empty when left out."""
    kind = np.dtype(dtype).newbyteorder("<")
    return Field(name, "vector", OFFSET, nothing(kind), kind)


def times(name: str, dtype: str) -> Field:
    """A vector of times, int64 once read; None when left out."""
    return Field(name, "times", OFFSET, None, np.dtype(dtype).newbyteorder("<"))


def table(name: str, of: Table) -> Field:
    """Another table; None when left out."""
    return Field(name, "table", OFFSET, None, of)


def tables(name: str, of: Table) -> Field:
    """A vector of tables."""
    return Field(name, "tables", OFFSET, (), of)


def union(name: str, options: Mapping[int, Table]) -> tuple[Field, Field]:
    """The two slots of a union: which of the options, and a table with the value in its slot
    "value"; an option with several slots gives all by name, one with none gives None.

    None when left out; options that are not listed cannot be decoded.
    """
    return (number("", "u1"), Field(name, "union", OFFSET, None, options))


def nothing(dtype: np.dtype[Any]) -> np.ndarray[Any, np.dtype[Any]]:
    """No values of a type, not to be written to."""
    return np.frombuffer(b"", dtype)
