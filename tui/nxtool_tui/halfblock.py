"""An image as text: half blocks of two pixels a cell in colour, or letters by brightness.

Where a value is not finite the background of the screen is seen.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from nxtool.plotting.colours import MISSING, colour_map, levels_of, resampled
from nxtool.plotting.extent import Array

LETTERS: Final = ".:-=+*#%@"
"""From dark to bright; a blank is no value."""


class Cells(NamedTuple):
    """Characters of one colour; an empty colour is that of the screen."""

    text: str
    fore: str = ""
    back: str = ""


def coloured(
    values: Array, *, width: int, height: int, limits: tuple[float, float], log: bool = False
) -> list[list[Cells]]:
    """`height` rows of cells, `width` characters each; the first row of `values` is on top."""
    pixels = levels_of(resampled(values, 2 * height, width), limits, 256, log=log)
    return [_row(pixels[2 * i].tolist(), pixels[2 * i + 1].tolist()) for i in range(height)]


def lettered(
    values: Array, *, width: int, height: int, limits: tuple[float, float], log: bool = False
) -> list[str]:
    """`height` lines of `width` letters, for terminals without colours or half blocks."""
    pixels = levels_of(resampled(values, height, width), limits, len(LETTERS), log=log)
    return ["".join(" " if p == MISSING else LETTERS[p] for p in row) for row in pixels.tolist()]


def _row(upper: list[int], lower: list[int]) -> list[Cells]:
    """The cells of two rows of pixels, neighbours of one colour joined."""
    cells: list[Cells] = []
    for pair in zip(upper, lower, strict=True):
        cell = _cell(*pair)
        if cells and cells[-1][1:] == cell[1:] and cells[-1].text[0] == cell.text:
            cells[-1] = Cells(cells[-1].text + cell.text, *cell[1:])
        else:
            cells.append(cell)
    return cells


def _cell(upper: int, lower: int) -> Cells:
    colours = colour_map()
    if upper == lower == MISSING:
        return Cells(" ")
    if upper == MISSING:
        return Cells("▄", colours[lower])
    return Cells("▀", colours[upper], "" if lower == MISSING else colours[lower])
