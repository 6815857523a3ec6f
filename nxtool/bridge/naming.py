"""Names for what is added to a group: allowed by the standard, and none of them twice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Final

_FOREIGN: Final = re.compile(r"\W", re.ASCII)
LONGEST: Final = 63
"""NeXus names have at most so many characters."""


class Names:
    """The names in one group."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def claim(self, wanted: str, kind: str) -> str:
        """`wanted`, or if that is taken, the nearest free name, which says the `kind`.

        >>> names = Names(["x"])
        >>> names.claim("x", "axis"), names.claim("x", "axis"), names.claim("θ", "axis")
        ('x_axis', 'x_axis_2', '_')
        """
        found = next(name for name in _candidates(plain(wanted), kind) if name not in self._taken)
        self._taken.add(found)
        return found


def _candidates(name: str, kind: str) -> Iterator[str]:
    yield name
    yield f"{name}_{kind}"
    for number in count(2):
        yield f"{name}_{kind}_{number}"


def plain(name: str) -> str:
    """`name` with an underscore for every character that names of both standards lack.

    >>> plain("E-field.x"), plain("")
    ('E_field_x', '_')
    """
    return _FOREIGN.sub("_", name)[:LONGEST] or "_"
