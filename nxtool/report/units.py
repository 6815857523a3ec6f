"""Sizes and numbers as people read them."""

from __future__ import annotations


def bytes_text(count: float) -> str:
    """A number of bytes with a binary prefix.

    >>> bytes_text(512), bytes_text(1536), bytes_text(2**30)
    ('512 B', '1.5 KiB', '1.0 GiB')
    """
    if count < 1024:
        return f"{count:.0f} B"
    for unit in ("KiB", "MiB", "GiB", "TiB"):
        count /= 1024
        if count < 1024 or unit == "TiB":
            break
    return f"{count:.1f} {unit}"


def counted(number: int, word: str) -> str:
    """A number of things, named by the word for one.

    >>> counted(1, "row"), counted(2000, "row")
    ('1 row', '2,000 rows')
    """
    return f"{number:,} {word}{'' if number == 1 else 's'}"
