"""The axes of a picture in SVG: where the drawing is, ticks, labels.

Colours and fonts are those of the page, by the classes `grid`, `edge`, `tick` and `label`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

import numpy as np

from nxtool.plotting.axes import decades, labelled, readings
from nxtool.plotting.extent import Array

DIGIT: Final = 9.0
"""The width of a character of a tick, and the height of a line, in units of the picture."""
LINE: Final = 18
_LETTER: Final = 8.4
"""The width of a character of a label, on average."""
_EVEN: Final = 0.25
"""So far from its place, in steps, a coordinate may be that is evenly spaced, as motors are never
quite where they ought to be."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: its upper left corner, width and height."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Of the right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Of the lower edge."""
        return self.top + self.height


Ticks = list[tuple[float, str]]
"""Shares of an axis, from 0 to 1, and what is written there."""


def share(value: float, start: float, end: float) -> float:
    """Where `value` lies between `start` (0) and `end` (1); halves, as a range may exceed a
    float."""
    return (value / 2 - start / 2) / ((end / 2 - start / 2) or 1.0)


def value_ticks(low: float, high: float, count: int, *, log: bool = False) -> Ticks:
    """Round numbers between two; with `log` between two logarithms to base ten."""
    start, end = min(low, high), max(low, high)
    found, words = (decades if log else labelled)(start, end, count)
    return [(share(value, low, high), word) for value, word in zip(found, words, strict=True)]


def across_ticks(low: float, high: float, width: float) -> Ticks:
    """Round numbers along the floor of a picture, as many as have room."""
    for count in range(max(1, int(width / 64)), 0, -1):
        found = value_ticks(low, high, count)
        widest = max(len(word) for _, word in found) * DIGIT + 12
        if len(found) == 1 or widest * len(found) <= width:
            break
    return found


def placed_ticks(coordinates: Array, count: int) -> Ticks:
    """Ticks at the centres of some pixels, evenly spread, with their coordinates."""
    size = coordinates.size
    count = max(1, min(count, size))
    at = sorted({round(i * (size - 1) / max(1, count - 1)) for i in range(count)})
    words = readings([float(coordinates[place]) for place in at])
    return [((place + 0.5) / size, word) for place, word in zip(at, words, strict=True)]


def inset(found: Ticks, length: float, room: float) -> Ticks:
    """Ticks of a range that is drawn with some room at both ends of its axis."""
    return [((room + place * (length - 2 * room)) / length, word) for place, word in found]


def gutter(up: Ticks) -> float:
    """The room that labels beside an axis need."""
    return max((len(word) for _, word in up), default=0) * DIGIT + 12


def grid(box: Box, across: Ticks, up: Ticks) -> str:
    """Faint lines through the drawing; shares of `up` count from the bottom."""
    lines = [f"M{box.left + x * box.width:.1f} {box.top:.1f}v{box.height:.1f}" for x, _ in across]
    lines += [f"M{box.left:.1f} {box.bottom - y * box.height:.1f}h{box.width:.1f}" for y, _ in up]
    return f'<path class="grid" d="{"".join(lines)}"/>\n'


def edges(box: Box, across: Ticks, up: Ticks) -> str:
    """The frame, and ticks with their numbers below and on the left."""
    return (
        f'<rect class="edge" x="{box.left:.1f}" y="{box.top:.1f}" width="{box.width:.1f}" '
        f'height="{box.height:.1f}"/>\n{"".join(_below(box, across))}{"".join(_beside(box, up))}'
    )


def _below(box: Box, across: Ticks) -> Iterator[str]:
    for place, word in across:
        x = box.left + place * box.width
        yield f'<path class="edge" d="M{x:.1f} {box.bottom:.1f}v5"/>'
        yield text(x, box.bottom + LINE, word, "tick", "middle")


def _beside(box: Box, up: Ticks) -> Iterator[str]:
    for place, word in up:
        y = box.bottom - place * box.height
        yield f'<path class="edge" d="M{box.left:.1f} {y:.1f}h-5"/>'
        yield text(box.left - 8, y + 4, word, "tick", "end")


def text(x: float, y: float, words: str, kind: str, anchor: str) -> str:
    """Words at a place."""
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">'
        f"{escape(words)}</text>\n"
    )


def upright(x: float, y: float, words: str) -> str:
    """A label that runs upwards, its middle at a place."""
    turned = f'transform="rotate(-90 {x:.1f} {y:.1f})"'
    return (
        f'<text class="label" x="{x:.1f}" y="{y:.1f}" {turned} text-anchor="middle">'
        f"{escape(words)}</text>\n"
    )


def letters(length: float) -> int:
    """So many characters of a label have room in a length."""
    return int(length / _LETTER)


def drawing(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    """The whole picture; `title` is what is read aloud."""
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{escape(title)}" '
        f'xmlns="http://www.w3.org/2000/svg">\n{"".join(parts)}</svg>\n'
    )


def outer_edges(coordinates: Array) -> tuple[float, float] | None:
    """The edges of the first and the last pixel where coordinates are evenly spaced; else None."""
    first, last = float(coordinates[0]), float(coordinates[-1])
    if coordinates.size < 2 or first == last:
        return None
    step = last / (coordinates.size - 1) - first / (coordinates.size - 1)
    with np.errstate(all="ignore"):
        uneven = np.abs(coordinates - (first + step * np.arange(coordinates.size)))
        if not (uneven <= abs(step) * _EVEN).all():  # what is not a number is not even either
            return None
    return first - step / 2, last + step / 2
