"""Text in the cells there are: a wide character takes two. What is cut ends, or begins, with an
ellipsis."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size


def shortened(text: str, width: int, ellipsis: str) -> str:
    """Text of at most so many cells; what is too long loses its end."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(0, width - cell_len(ellipsis))) + ellipsis


def start_of(text: str, width: int, ellipsis: str) -> str:
    """Text of exactly so many cells; what is too long loses its end."""
    return set_cell_size(shortened(text, width, ellipsis), width)


def end_of(text: str, width: int, ellipsis: str) -> str:
    """Text of at most so many cells; what is too long loses its beginning."""
    if cell_len(text) <= width:
        return text
    left = text[-width:]  # a character takes one cell at least
    while left and cell_len(left) > width - cell_len(ellipsis):
        left = left[1:]
    return ellipsis + left


def at_the_end(text: str, width: int) -> str:
    """Text behind the blanks that make it so many cells."""
    return " " * (width - cell_len(text)) + text
