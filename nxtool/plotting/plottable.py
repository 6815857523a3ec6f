"""What a plot screen draws: data behind a title, labels, a shape, and slices read on demand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

import numpy as np

from nxtool.plotting.extent import Array
from nxtool.plotting.flags import Flag, flag_of_array

MAX_POINTS: Final = 1 << 19
"""Values of a line that are read; of a longer one, pieces."""
RUNS: Final = 256
"""Pieces that a longer line is read in, evenly spread, each without a gap."""
MAX_SIDE: Final = 512
"""Rows, and columns, of an image that are read; of a larger one, every n-th."""

Cancelled = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Label:
    """A name and its units, empty where there are none."""

    name: str
    units: str = ""

    @property
    def text(self) -> str:
        """As an axis is labelled; many names have their units in brackets already."""
        return f"{self.name}{self._behind}"

    def within(self, count: int, more: str = "") -> str:
        """The same, and `more` behind it, in about `count` characters: the name is cut first."""
        behind = _cut(f"{self._behind}{more}", max(count // 2, count - len(self.name)))
        return f"{_cut(self.name, count - len(behind))}{behind}"

    @property
    def _behind(self) -> str:
        told = any(f"{left}{self.units}{right}" in self.name for left, right in ("()", "[]"))
        return "" if told or not self.units else f" ({self.units})"


def _cut(words: str, count: int) -> str:
    return words if len(words) <= count else f"{words[: max(0, count - 1)]}…"


@dataclass(frozen=True, slots=True)
class Slice:
    """What is drawn: float64 values of one or two dimensions.

    `coordinates` are along each of these dimensions; `positions` those of the leading dimensions.
    `note` says which values were left out, empty where all were read; `blank` which pixels are NaN
    as their integers or a mask tell of none. `errors` are those of a line, if it has any.
    """

    values: Array
    coordinates: tuple[Array, ...]
    positions: tuple[float, ...] = ()
    note: str = ""
    blank: str = ""
    errors: Array | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing is drawn: a sentence, and the next step."""

    reason: str
    hint: str


class Plottable(Protocol):
    """Data to draw. `axes` has one label a dimension of `shape`, `drawn` of which (the last) are
    seen at once."""

    @property
    def title(self) -> str: ...
    @property
    def place(self) -> str:
        """Where the signal is, to be copied: a path, empty where it has none."""

    @property
    def signal(self) -> Label: ...
    @property
    def axes(self) -> Sequence[Label]: ...
    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def drawn(self) -> Literal[1, 2]: ...
    def read(self, index: tuple[int, ...], cancelled: Cancelled) -> Slice:
        """The slice at `index` of the leading dimensions; called in a thread. May return early
        with anything once `cancelled()`. May raise `NxtoolError` and `Unreadable`."""


class Block(Protocol):
    """A function that gives a selection of an array, its dimensions kept."""

    def __call__(self, block: tuple[slice, ...], /) -> Any: ...


@dataclass(frozen=True, slots=True)
class ArrayPlot:
    """An array to draw, or anything that is indexed as one. `along` are coordinates by
    dimension; where there are none, the index is."""

    title: str
    signal: Label
    axes: tuple[Label, ...]
    values: Any
    along: Mapping[int, Array] = field(default_factory=dict)
    place: str = ""

    @property
    def shape(self) -> tuple[int, ...]:
        """That of the array."""
        return tuple(self.values.shape)

    @property
    def drawn(self) -> Literal[1, 2]:
        """An image where there are two dimensions or more."""
        return drawn_dimensions(self.shape)

    def read(self, index: tuple[int, ...], cancelled: Cancelled) -> Slice:
        """The slice at `index`."""
        picked = pick(self.shape, self.drawn)
        flag = flag_of_array(self.values) if self.drawn == 2 else None
        values = read_picked(self.values.__getitem__, index, picked, (), cancelled, flag)
        first = len(index)
        along = tuple(self._along(first + i, pieces) for i, pieces in enumerate(picked))
        at = tuple(float(self._along(i, (slice(n, n + 1),))[0]) for i, n in enumerate(index))
        blank = flag.told(values) if flag is not None else ""
        return Slice(values, along, at, note(picked, self.shape), blank)

    def _along(self, dimension: int, pieces: Pieces) -> Array:
        if dimension not in self.along:
            return indices(pieces)
        return np.concatenate([real(self.along[dimension][piece]) for piece in pieces])


def drawn_dimensions(shape: tuple[int, ...], interpretation: str = "") -> Literal[1, 2]:
    """How many of the last dimensions are seen at once; `interpretation` is that of NXdata."""
    line = interpretation in ("spectrum", "scalar") or len(shape) < 2 or shape[-2] == 1
    return 1 if line else 2


Pieces = tuple[slice, ...]
"""Selections along one dimension, in order."""
Picked = tuple[Pieces, ...]
"""What is read of each dimension that is drawn."""


def pick(shape: tuple[int, ...], drawn: Literal[1, 2], chunk: int = 1) -> Picked:
    """What to read of the last dimensions of `shape`: all, or so much that memory stays bounded.
    Pieces of a long line begin at multiples of `chunk`, the length that is decoded at once."""
    if drawn == 1:
        return (_pieces(shape[-1], chunk),)
    return tuple((slice(0, size, -(-size // MAX_SIDE) or 1),) for size in shape[-2:])


def _pieces(size: int, chunk: int) -> Pieces:
    if size <= MAX_POINTS:
        return (slice(0, size),)
    length = MAX_POINTS // RUNS
    grid = chunk if length <= chunk <= size // RUNS else 1
    starts = (i * (size - length) // (RUNS - 1) // grid * grid for i in range(RUNS))
    return tuple(slice(start, start + length) for start in starts)


def indices(pieces: Pieces) -> Array:
    """The indices in `pieces`, as float64."""
    return np.concatenate([np.r_[piece] for piece in pieces]).astype(np.float64)


def note(picked: Picked, shape: tuple[int, ...]) -> str:
    """Which values were left out, for people; empty where all are read."""
    if len(picked) == 1:
        pieces = picked[0]
        share = sum(len(range(p.start, p.stop)) for p in pieces)
        return f"{share:,} of {shape[-1]:,} values, in pieces" if len(pieces) > 1 else ""
    steps = [pieces[0].step for pieces in picked]
    words = [f"every {_ordinal(s)} {what}" for s, what in zip(steps, _SIDES, strict=True) if s > 1]
    return ", ".join(words)


_SIDES: Final = ("row", "column")
BAND: Final = 64


def _ordinal(count: int) -> str:
    last = {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")
    return f"{count}{'th' if count % 100 in (11, 12, 13) else last}"


def read_picked(
    block: Block,
    index: tuple[int, ...],
    picked: Picked,
    chunks: tuple[int, ...],
    cancelled: Cancelled,
    flag: Flag | None = None,
) -> Array:
    """The picked values at `index`, as float64, read piece by piece until `cancelled()`.

    Rows of an image are read in bands of whole `chunks`, so that none is decoded twice. What has
    the value of `flag` is NaN.
    """
    leading = tuple(slice(n, n + 1) for n in index)
    rows = picked[0]
    if len(picked) == 2:
        rows = tuple(_bands(picked[0][0], chunks[-2] if len(chunks) > 1 else 1))
    rest = tuple(pieces[0] for pieces in picked[1:])
    parts: list[Array] = []
    for piece in rows:
        if cancelled():
            break
        values = np.asarray(block((*leading, piece, *rest)))
        numbers = real(values) if flag is None else flag.blanked(values, real(values))
        parts.append(numbers.reshape(values.shape[len(index) :]))
    empty = np.zeros((0,) * len(picked))
    return np.concatenate(parts) if parts else empty


def _bands(rows: slice, chunk: int) -> list[slice]:
    """`rows` cut into bands of about `BAND` rows each, at multiples of `chunk`."""
    band = -(-BAND * rows.step // chunk) * chunk
    cuts = range(0, rows.stop, band)
    starts = (-(-cut // rows.step) * rows.step for cut in cuts)
    found = (
        slice(s, min(cut + band, rows.stop), rows.step) for s, cut in zip(starts, cuts, strict=True)
    )
    return [part for part in found if part.start < part.stop]


def real(values: Array) -> Array:
    """`values` as float64; of complex numbers the magnitude."""
    with np.errstate(all="ignore"):
        plain = np.abs(values) if np.iscomplexobj(values) else values
        return plain.astype(np.float64)
